"""The only home of tests: for each question its inputs, its comparison, its tolerance, its hints.

`exercise(name)` is the way in. A check has two halves: `asking` runs beside the student's code,
`deciding` is a pure function of the answers; both are copied into each exercise's check file.
"""

from importlib import import_module
from importlib.util import find_spec

from autograder.checks.model import Case, Check, Exercise, Probe

__all__ = ["EXERCISES", "Case", "Check", "Exercise", "Probe", "exercise", "why_not"]

EXERCISES = (
    "ex01_statistics",
    "ex02_forward",
    "ex03_backward",
    "ex04_closed_form",
    "ex05_running_averages",
    "ex06_conv",
    "ex07_training_lab",
    "ex08_module",
    "ex09_autograd_function",
    "ex10_gpu",
)
OPTIONAL = {"ex11_triton": "triton"}  # to the library that it needs and `make` does not install
MISSING = {name: library for name, library in OPTIONAL.items() if find_spec(library) is None}
EXERCISES += tuple(name for name in OPTIONAL if name not in MISSING)


def why_not(name: str) -> str | None:
    """Say why there is no exercise of that name here; return None where there is one."""
    if name in MISSING:
        return f"{name} needs {MISSING[name]}, which is not installed: make {MISSING[name]}"
    if name not in EXERCISES:
        return f"no exercise {name!r}; there are {', '.join(EXERCISES)}"
    return None


def exercise(name: str) -> Exercise:
    """Return the exercise of that name.

    Args:
        name: such as "ex01_statistics".

    Raises:
        ValueError: there is none here; the message says why.
    """
    if reason := why_not(name):
        raise ValueError(reason)
    this = import_module(f"autograder.checks.{name}").EXERCISE
    if this.uses_torch:
        # The cases are small; and `prove` forks, which a pool of torch's threads does not survive.
        import_module("torch").set_num_threads(1)
    return this
