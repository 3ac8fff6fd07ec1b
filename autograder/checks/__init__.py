"""The only home of tests: for each question its inputs, its comparison, its tolerance, its hints.

`exercise(name)` is the way in. A check has two halves: `asking` runs beside the student's code,
`deciding` is a pure function of the answers; both are copied into each exercise's check file.
"""

from importlib import import_module

from autograder.checks.model import Case, Check, Exercise, Probe

__all__ = ["EXERCISES", "Case", "Check", "Exercise", "Probe", "exercise"]

EXERCISES = (
    "ex01_statistics",
    "ex02_forward",
    "ex03_backward",
    "ex04_closed_form",
    "ex05_running_averages",
    "ex06_conv",
    "ex07_training_lab",
)


def exercise(name: str) -> Exercise:
    """Return the exercise of that name.

    Args:
        name: such as "ex01_statistics".

    Raises:
        ValueError: there is none; the message lists those there are.
    """
    if name not in EXERCISES:
        raise ValueError(f"no exercise {name!r}; there are {', '.join(EXERCISES)}")
    this = import_module(f"autograder.checks.{name}").EXERCISE
    if this.uses_torch:
        # The cases are small; and `prove` forks, which a pool of torch's threads does not survive.
        import_module("torch").set_num_threads(1)
    return this
