"""The catalogue of ex09_autograd_function."""

from autograder.mistakes.ex09_autograd_function import (
    backward,
    forward,
    keeping,
    penalty,
    second,
    shortcuts,
    variants,
)
from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue.joined(
    forward.CATALOGUE,
    backward.CATALOGUE,
    keeping.CATALOGUE,
    shortcuts.CATALOGUE,
    second.CATALOGUE,
    variants.CATALOGUE,
    penalty.CATALOGUE,
)
