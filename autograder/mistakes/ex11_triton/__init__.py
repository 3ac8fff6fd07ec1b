"""The catalogue of ex11_triton."""

from autograder.mistakes.ex11_triton import (
    backward_blocks,
    backward_memory,
    blocks,
    gradient,
    launch_backward,
    launch_forward,
    masks,
    output,
    precision,
    statistics,
    sums,
    variants,
    variants_backward,
)
from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue.joined(
    statistics.CATALOGUE,
    output.CATALOGUE,
    blocks.CATALOGUE,
    masks.CATALOGUE,
    precision.CATALOGUE,
    sums.CATALOGUE,
    gradient.CATALOGUE,
    backward_blocks.CATALOGUE,
    backward_memory.CATALOGUE,
    launch_forward.CATALOGUE,
    launch_backward.CATALOGUE,
    variants.CATALOGUE,
    variants_backward.CATALOGUE,
)
