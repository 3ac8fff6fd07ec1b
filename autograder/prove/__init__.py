"""The proof of the checks: mistakes, right variants and automatic mutants against every check.

`prove(exercise)` fills the matrix and measures the tolerances' margins; `run` does it for several
exercises and prints the report, for the command line.
"""

from autograder.prove.matrix import prove
from autograder.prove.output import run

__all__ = ["prove", "run"]
