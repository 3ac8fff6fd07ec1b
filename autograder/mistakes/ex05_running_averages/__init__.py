"""The catalogue of ex05_running_averages."""

from autograder.mistakes.ex05_running_averages import (
    averages,
    backward,
    counter,
    evaluation,
    fold,
    initial,
    variants,
)
from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue.joined(
    initial.CATALOGUE,
    averages.CATALOGUE,
    counter.CATALOGUE,
    evaluation.CATALOGUE,
    backward.CATALOGUE,
    variants.CATALOGUE,
    fold.CATALOGUE,
)
