"""nbgrader's side: the preprocessor that judges, and a class as a folder of submissions."""
