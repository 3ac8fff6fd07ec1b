"""Submissions that are nearly the same, though nothing that was given to students explains it.

Two right answers to a small question are naturally alike. So what many would write on their own is
taken out first: the stub, the solution and everything in the catalogue. What is left of two
submissions is compared in runs of tokens, without comments and without the student's own names. A
pair is reported if much is left, most of it is shared, and neither shares nearly as much with the
rest of the class. It is a reason to look, not a finding.
"""

import builtins
import io
import keyword
import token
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from autograder.checks import Exercise
from autograder.mistakes import mistakes_of, variants_of
from autograder.release.source import BEGIN, END, source_notebook

SPAN = 8  # tokens in a run: most of a line of code
LEAST = 15  # runs that two must share; fewer say nothing
ALIKE = 0.5  # of their runs; between two variants of the catalogue it is below 0.1
APART = 0.3  # by how much that is more than what either has in common with the others

KEPT = set(dir(builtins)) | {"np", "torch"}
IGNORED = {
    token.ENCODING,
    token.ENDMARKER,
    token.NEWLINE,
    token.INDENT,
    token.DEDENT,
    tokenize.COMMENT,
    tokenize.NL,
}


@dataclass(frozen=True)
class Pair:
    """Two submissions that are alike.

    Args:
        first, second: the students' ids, in order.
        alike: the share of runs that both have, of those that either has, from 0 to 1.
        shared: how many runs both have.
        others: the largest such share that either has with the middle one of the others.
    """

    first: str
    second: str
    alike: float
    shared: int
    others: float


def tokens(source: str) -> list[str]:
    """Return a program's tokens, as they would be whatever its author called things.

    Args:
        source: Python; of what is none, the part before it stops being any.
    """
    found, last = [], None
    try:
        for kind, text, *_ in tokenize.generate_tokens(io.StringIO(source).readline):
            statement = last in (None, token.NEWLINE, token.INDENT, token.DEDENT, tokenize.NL)
            if kind not in IGNORED and not (kind == token.STRING and statement):
                found.append(_plain(kind, text, found))
            if kind not in (tokenize.COMMENT, tokenize.NL) or last is None:
                last = kind
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def _plain(kind, text, before):
    attribute = before and before[-1] == "."
    if kind != token.NAME or attribute or keyword.iskeyword(text) or text in KEPT:
        return text
    return "name"


def runs(sources: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """Return the runs of tokens in some pieces of code.

    Args:
        sources: Python, one piece each.
    """
    found = set()
    for source in sources:
        words = tokens(source)
        found |= {tuple(words[i : i + SPAN]) for i in range(len(words) - SPAN + 1)}
    return frozenset(found)


def usual(exercise: Exercise) -> frozenset[tuple[str, ...]]:
    """Return the runs that students write on their own: stub, solution, catalogue.

    Args:
        exercise: the exercise.
    """
    given = [cell.source for cell in source_notebook(exercise).cells if BEGIN in cell.source]
    given = [source.replace(BEGIN, "").replace(END, "") for source in given]
    known = mistakes_of(exercise.name) + variants_of(exercise.name)
    return runs(given + [entry.source() for entry in known])


def nearly_same(class_: dict[str, list[str]], known: frozenset = frozenset()) -> list[Pair]:
    """Return the pairs that are far more alike than the class is.

    Args:
        class_: student to the sources of the cells that the student was to write.
        known: from `usual`.

    Returns:
        The pairs, most alike first.
    """
    own = {student: runs(sources) - known for student, sources in class_.items()}
    own = {student: found for student, found in sorted(own.items()) if len(found) >= LEAST}
    alike = {student: {} for student in own}
    for a, b in combinations(own, 2):
        alike[a][b] = alike[b][a] = _alike(own[a], own[b])
    pairs = []
    for a, b in combinations(own, 2):
        share, shared = alike[a][b], len(own[a] & own[b])
        if share < ALIKE or shared < LEAST:
            continue
        others = max(_middle(alike[a], b), _middle(alike[b], a))
        if share - others >= APART:
            pairs.append(Pair(a, b, share, shared, others))
    return sorted(pairs, key=lambda pair: (-pair.alike, pair.first, pair.second))


def _alike(a, b):
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)


def _middle(shares, partner):
    """Return what a student has in common with the middle one of those who are not the partner."""
    others = [share for student, share in shares.items() if student != partner]
    return median(others) if others else 0.0
