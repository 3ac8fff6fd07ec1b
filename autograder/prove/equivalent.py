"""Mutants that pass every check because they are right: each with the reason.

A mutant that survives and stands here is no hole in the checks; one that survives and does not is.
An entry that no survivor matches any more is stale, and is reported, so that the table stays true.
"""

import re
from dataclasses import dataclass

from autograder.prove.mutate import Mutant


@dataclass(frozen=True)
class Equivalent:
    """One or more mutants of one exercise's function that are right.

    Args:
        exercise, function: whose mutants.
        before, after: the lines as `Mutant` has them; "..." stands for any text.
        reason: why the change makes no difference for any input that the exercise allows.
    """

    exercise: str
    function: str
    before: str
    after: str
    reason: str

    def matches(self, exercise: str, mutant: Mutant) -> bool:
        """Return whether a mutant of that exercise is meant."""
        return (
            (exercise, mutant.source.name) == (self.exercise, self.function)
            and fits(self.before, mutant.before)
            and fits(self.after, mutant.after)
        )


def fits(pattern: str, text: str) -> bool:
    """Return whether a text is as a pattern says, "..." standing for any text."""
    parts = (re.escape(part) for part in pattern.split("..."))
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None


def entries(exercise: str) -> list[Equivalent]:
    """Return the table's entries for an exercise."""
    return [entry for entry in EQUIVALENT if entry.exercise == exercise]


EQUIVALENT = ()
