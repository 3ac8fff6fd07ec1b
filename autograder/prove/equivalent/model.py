"""What an entry of the table is, how it is matched, and reasons that several exercises share."""

import re
from dataclasses import dataclass
from functools import cache

from autograder.prove.mutate import Mutant

SIDES = "\0"  # stands between the lines before and after, and in no code


@dataclass(frozen=True)
class Equivalent:
    """One or more mutants of one exercise's function that are right.

    Args:
        exercise, function: whose mutants.
        before, after: the lines as `Mutant` has them; "..." stands for any text, and
            "<1>", "<2>" for any text that is the same in both.
        reason: why the change makes no difference for any input that the exercise allows.
        origin: in whose code, where the same change of the same lines is wrong in another's.
        text: the whole function after the change, where it is wrong in another place of the same.
    """

    exercise: str
    function: str
    before: str
    after: str
    reason: str
    origin: str = "..."
    text: str = "..."

    def matches(self, exercise: str, mutant: Mutant) -> bool:
        """Return whether a mutant of that exercise is meant."""
        return (
            (exercise, mutant.source.name) == (self.exercise, self.function)
            and fits(self.origin, mutant.source.origin)
            and fits(self.text, mutant.text)
            and fits(self.before + SIDES + self.after, mutant.before + SIDES + mutant.after)
        )


def fits(pattern: str, text: str) -> bool:
    """Return whether a text is as a pattern says; see `Equivalent` for "..." and "<1>"."""
    return expression(pattern).fullmatch(text) is not None


@cache
def expression(pattern: str) -> re.Pattern:
    """Return a pattern as a regular expression."""
    known, parts = set(), []
    for part in re.split(r"(\.\.\.|<\d>)", pattern):
        if part == "...":
            parts.append(f"[^{SIDES}]*")
        elif re.fullmatch(r"<\d>", part):
            name = "t" + part[1]
            parts.append(f"(?P={name})" if name in known else f"(?P<{name}>[^{SIDES}]*)")
            known.add(name)
        else:
            parts.append(re.escape(part))
    return re.compile("".join(parts))


def same(exercise, function, *changes):
    """Make entries for one function from (before, after, reason), or with origin and text."""
    return tuple(Equivalent(exercise, function, *change) for change in changes)


OWN = "the array that is changed is the function's own, and is not read again"
REPLACED = "the first sample replaces whatever the mean starts from"
LIKE = "only its shape and dtype are used, and these are the same"
SAME_AXIS = "of two axes, -1 is axis 1"
NARROW = "computing in float32 is as right as float32 allows, which is what is asked"
BROADCAST = "an axis of length 1 is broadcast where it is used"
SQUARED = "only its square is used, so its sign does not matter"
COMMUTES = "a product is the same whichever factor comes first"
TWICE = "its sign is in both factors of a product, or in an even number of places, and is lost"
WRITTEN = "every entry is written before it is read"
SAME_SHAPE = "both have the same shape"
SAME_LENGTH = "all have the same length"
BACKWARDS = "-i runs over all samples too, in another order"
ONE_COLUMN = "there is one column"
LISTS = "a list of numbers is read as the array of these numbers, here and everywhere"
CENTRED = "one factor adds up to 0, so the mean of the other makes no difference"
