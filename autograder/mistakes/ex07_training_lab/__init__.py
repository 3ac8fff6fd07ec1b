"""The catalogue of ex07_training_lab."""

from autograder.mistakes.ex07_training_lab import (
    conclude,
    cross_entropy,
    linear_backward,
    predict,
    records,
    steps_to_target,
    sweep,
    train_step,
)
from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue.joined(
    linear_backward.CATALOGUE,
    cross_entropy.CATALOGUE,
    train_step.CATALOGUE,
    predict.CATALOGUE,
    steps_to_target.CATALOGUE,
    sweep.CATALOGUE,
    conclude.CATALOGUE,
    records.CATALOGUE,
)
