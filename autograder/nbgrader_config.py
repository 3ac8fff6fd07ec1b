"""nbgrader's commands read this file when they are run in this folder; see `course.py`."""

from autograder.course import nbgrader_config

c = get_config()  # noqa: F821  (nbgrader provides it)
c.merge(nbgrader_config())
