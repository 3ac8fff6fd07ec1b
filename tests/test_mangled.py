"""A right submission with bytes and structure changed at random: always a verdict, nothing left."""

import copy
import json

import numpy as np
import pytest
from conftest import NO_SANDBOX
from hostile.classroom import NAME, RIGHT, World, notebook

from autograder.checks import exercise

FULL = exercise(NAME).points
FEW, MANY, AT_A_TIME = 50, 1000, 100
BLANK = {"metadata", "outputs", "id", "execution_count", "nbformat_minor"}  # what holds no answer
VALUES = [None, True, -1, 2**70, 1.5, "", "text", "\x00\u202e\udcff", [], [None], {}, {"a": [1]}]

pytestmark = pytest.mark.skipif(bool(NO_SANDBOX), reason=f"no sandbox: {NO_SANDBOX}")


def mangled(number):
    """Return the bytes of a mangled notebook, and whether its answer must be as right as before.

    Args:
        number: of the notebook; another one gives other changes.
    """
    rng = np.random.default_rng([7, number])
    found = notebook(RIGHT)
    if number % 5 == 0:
        return in_bytes(rng, json.dumps(found, indent=1).encode()), False
    blank = number % 5 in (1, 2)
    for _ in range(rng.integers(1, 6)):
        in_structure(rng, found, blank)
    return json.dumps(found).encode(), blank


def in_bytes(rng, data):
    """Return bytes with some of them changed, taken out, doubled, or cut off."""
    data = bytearray(data)
    for _ in range(rng.integers(1, 4)):
        start = int(rng.integers(len(data) + 1))
        end = start + int(rng.choice([1, 1, 2, 30, 1000]))
        match rng.integers(5):
            case 0:
                data[start:end] = rng.bytes(end - start)
            case 1:
                del data[start:end]
            case 2:
                data[start:start] = data[start:end]
            case 3:
                data[start:start] = rng.choice([b"\x00", b"\xff", b"{", b"]", b'"', b",", b"\\"])
            case _:
                del data[start + len(data) // 2 :]
    return bytes(data)


def in_structure(rng, found, blank):
    """Change one place of a notebook: take it out, double it, or put another value there.

    Args:
        rng: the source of chance.
        found: the notebook, changed in place.
        blank: change only what holds no answer.
    """
    places = [place for place in places_of(found) if not blank or BLANK & set(place)]
    *way, last = places[rng.integers(len(places))]
    holder = found
    for step in way:
        holder = holder[step]
    match rng.integers(4):
        case 0 if not (blank and last == "id"):
            del holder[last]
        case 1 if isinstance(holder, list):
            holder.insert(int(rng.integers(len(holder) + 1)), copy.deepcopy(holder[last]))
        case 2 if isinstance(holder, list):
            rng.shuffle(holder)
        case _:
            holder[last] = copy.deepcopy(VALUES[rng.integers(len(VALUES))])


def places_of(thing, way=()):
    """Return the ways to everything within nested dictionaries and lists."""
    if isinstance(thing, dict):
        inner = list(thing.items())
    elif isinstance(thing, list):
        inner = list(enumerate(thing))
    else:
        return []
    return [
        place for step, value in inner for place in [(*way, step), *places_of(value, (*way, step))]
    ]


def batches():
    few = [range(FEW)]
    rest = [range(start, start + AT_A_TIME) for start in range(FEW, MANY, AT_A_TIME)]
    return [*few, *[pytest.param(batch, marks=pytest.mark.full) for batch in rest]]


@pytest.mark.parametrize("numbers", batches(), ids=lambda numbers: f"from {numbers[0]}")
def test_each_ends_in_a_verdict(numbers):
    world = World()
    try:
        made = {f"m{number:04}": mangled(number) for number in numbers}
        for student, (data, _) in made.items():
            world.add(student, data)
        world.add("zz_honest", notebook(RIGHT))
        done = world.grade()
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        results, scores = world.results(), world.scores()
        assert results.keys() == scores.keys() == {*made, "zz_honest"}
        assert scores["zz_honest"] == FULL
        for student, result in results.items():
            assert len(result.verdicts) == len(exercise(NAME).checks), student
            assert scores[student] == result.earned <= FULL, student
            if result.earned < FULL:
                assert world.said(student).strip(), student
        right = [student for student, (_, blank) in made.items() if blank]
        assert {student: world.said(student) for student in right if scores[student] < FULL} == {}
        if len(made) >= FEW:  # the changes are neither all harmless nor all fatal
            assert {bool(result.problem) for result in results.values()} == {True, False}
        assert world.processes() == []
        assert list(world.temporary.iterdir()) == []
    finally:
        world.close()
