"""The catalogue of ex03_backward."""

from autograder.mistakes.ex03_backward import (
    dx,
    dx_hat,
    numerical,
    parameters,
    several,
    statistics,
    variants,
)
from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue.joined(
    numerical.CATALOGUE,
    parameters.CATALOGUE,
    dx_hat.CATALOGUE,
    statistics.CATALOGUE,
    dx.CATALOGUE,
    several.CATALOGUE,
    variants.CATALOGUE,
)
