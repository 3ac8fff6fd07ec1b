"""Mutants that pass every check because they are right: each with the reason.

A mutant that survives and stands here is no hole in the checks; one that survives and does not is.
An entry that no survivor matches any more is stale, and is reported, so that the table stays true.
"""

from autograder.prove.equivalent import (
    ex01_statistics,
    ex02_forward,
    ex03_backward,
    ex04_closed_form,
    ex05_running_averages,
    ex06_conv,
    ex07_training_lab,
    ex08_module,
    ex09_autograd_function,
    ex10_gpu,
    ex11_triton,
)
from autograder.prove.equivalent.model import Equivalent, fits

__all__ = ["EQUIVALENT", "Equivalent", "entries", "fits"]

EQUIVALENT = (
    *ex01_statistics.TABLE,
    *ex02_forward.TABLE,
    *ex03_backward.TABLE,
    *ex04_closed_form.TABLE,
    *ex05_running_averages.TABLE,
    *ex06_conv.TABLE,
    *ex07_training_lab.TABLE,
    *ex08_module.TABLE,
    *ex09_autograd_function.TABLE,
    *ex10_gpu.TABLE,
    *ex11_triton.TABLE,
)


def entries(exercise: str) -> list[Equivalent]:
    """Return the table's entries for an exercise."""
    return [entry for entry in EQUIVALENT if entry.exercise == exercise]
