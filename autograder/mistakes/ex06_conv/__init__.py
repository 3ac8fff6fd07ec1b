"""The catalogue of ex06_conv."""

from autograder.mistakes.ex06_conv import (
    backward_dx,
    backward_parameters,
    forward_axes,
    forward_cache,
    forward_formula,
    group_norm,
    normalize,
    variants,
)
from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue.joined(
    forward_axes.CATALOGUE,
    forward_formula.CATALOGUE,
    forward_cache.CATALOGUE,
    backward_parameters.CATALOGUE,
    backward_dx.CATALOGUE,
    normalize.CATALOGUE,
    group_norm.CATALOGUE,
    variants.CATALOGUE,
)
