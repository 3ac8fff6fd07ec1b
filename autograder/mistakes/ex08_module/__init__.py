"""The catalogue of ex08_module."""

from autograder.mistakes.ex08_module import (
    carrying,
    evaluation,
    gradients,
    inputs,
    replacing,
    replacing_variants,
    running,
    state,
    statistics,
    variants,
)
from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue.joined(
    state.CATALOGUE,
    statistics.CATALOGUE,
    running.CATALOGUE,
    evaluation.CATALOGUE,
    inputs.CATALOGUE,
    gradients.CATALOGUE,
    variants.CATALOGUE,
    replacing.CATALOGUE,
    carrying.CATALOGUE,
    replacing_variants.CATALOGUE,
)
