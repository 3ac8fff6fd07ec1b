"""The commands of `python -m autograder` that are not in `cli`: one module for each kind."""
