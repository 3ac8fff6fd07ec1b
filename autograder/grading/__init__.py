"""nbgrader's side of grading: the preprocessor that judges, and the class as a folder of submissions."""
