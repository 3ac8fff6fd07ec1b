"""The catalogue of ex10_gpu; G numbers are those of the course's list of students' mistakes."""

from autograder.mistakes.ex10_gpu import (
    backward_input,
    backward_sums,
    merge,
    precision,
    statistics,
    train,
    train_device,
    variants,
)
from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue.joined(
    train.CATALOGUE,
    statistics.CATALOGUE,
    precision.CATALOGUE,
    train_device.CATALOGUE,
    backward_sums.CATALOGUE,
    backward_input.CATALOGUE,
    merge.CATALOGUE,
    variants.CATALOGUE,
)
