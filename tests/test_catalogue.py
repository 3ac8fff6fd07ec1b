"""The catalogue proves the checks: each mistake is noticed and named, each right answer passes."""

import re

import pytest

from autograder.checks import EXERCISES, exercise
from autograder.mistakes import mistakes_of, variants_of
from autograder.prove import prove
from autograder.prove.matrix import DIAGNOSED, MARGIN, blank, right_answers

FEW, MANY = 2, 20  # inputs that each entry is tried on
AT_LEAST = {"ex02_forward": 23}  # forward mistakes of which fingerprints were known at the start


@pytest.fixture(scope="module", params=EXERCISES)
def this(request):
    return exercise(request.param)


@pytest.fixture(scope="module")
def seeds(request):
    return MANY if request.config.getoption("--full") else FEW


@pytest.fixture(scope="module")
def proof(this, seeds):
    return prove(this, seeds)


@pytest.fixture(scope="module")
def keys(this, request):
    others = (100, 101, 102) if request.config.getoption("--full") else (100,)
    return [this.key(seed) for seed in others]  # inputs that the proof has not seen


def verdicts(this, names, keys):
    return [verdict for key in keys for verdict in this.decide(this.answers(names, key), key)]


def test_the_proof_finds_nothing(proof):
    assert proof["failures"] == []


def test_each_mistake_fails_exactly_its_checks(proof, seeds):
    failed = {row["id"]: row["failed"] for row in proof["mistakes"]}
    assert failed == {row["id"]: dict.fromkeys(row["fails"], seeds) for row in proof["mistakes"]}


def test_mistakes_fail_so_on_other_inputs(this, keys):
    for mistake in mistakes_of(this.name):
        for key in keys:
            marked = verdicts(this, this.reference | mistake.names, [key])
            assert {v["id"] for v in marked if not v["passed"]} == set(mistake.fails), mistake.id


def test_mistakes_are_named(proof):
    assert proof["diagnosed"]["own"] >= DIAGNOSED * proof["diagnosed"]["of"]
    for row in proof["mistakes"]:
        for names in row["named"].values():
            assert names.keys() <= {row["id"], "nothing"}, row


def test_each_check_is_failed_by_a_mistake(this):
    failed = {check for mistake in mistakes_of(this.name) for check in mistake.fails}
    assert failed == {check.id for check in this.checks}


def test_each_name_has_mistakes_and_variants(this):
    for entries in (mistakes_of(this.name), variants_of(this.name)):
        assert {entry.of for entry in entries} == set(this.reference)


def test_hints_are_all_different(this):
    hints = [mistake.hint for mistake in mistakes_of(this.name)]
    assert len(set(hints)) == len(hints)


def test_right_answers_get_full_marks_and_no_hint(this, keys):
    right = right_answers(this)
    assert right.keys() >= {"reference", "solution", *(v.id for v in variants_of(this.name))}
    for origin, names in right.items():
        for verdict in verdicts(this, names, keys):
            assert verdict["earned"] == verdict["points"], (origin, verdict)
            assert (verdict["hint"], verdict["diagnosis"]) == (None, None), (origin, verdict)


def test_nothing_written_gets_nothing(this, keys):
    names = {name: blank(thing) for name, thing in this.reference.items()}
    for verdict in verdicts(this, names, keys):
        function = this.check(verdict["id"]).function
        assert verdict["earned"] == 0
        assert verdict["hint"] == f"{function} is not written yet."


def test_nothing_defined_gets_nothing(this, keys):
    for verdict in verdicts(this, {}, keys):
        # Of several functions ("a, b or c") the first is missed first; of a class its name.
        name = re.match(r"\w+", this.check(verdict["id"]).function)[0]
        assert verdict["earned"] == 0
        assert verdict["hint"].startswith(f"{name} is not defined")


def test_tolerances_have_room_on_both_sides(proof):
    for row in proof["margins"]:
        assert row["tolerance"] >= MARGIN * row["worst_right"], row
        if row["nearest_wrong"] is not None:
            assert row["tolerance"] <= row["nearest_wrong"] / MARGIN, row


def test_there_are_enough_mistakes(this):
    assert len(mistakes_of(this.name)) >= AT_LEAST.get(this.name, len(this.checks))
