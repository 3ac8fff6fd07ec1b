"""The committed record of the full proof is of the checks as they stand, and without a failure."""

import json

from autograder.checks import EXERCISES, MISSING, exercise
from autograder.mistakes import mistakes_of
from autograder.paths import ROOT

RECORDS = [json.loads(path.read_text()) for path in sorted((ROOT / "proof").glob("*.json"))]
KNOWN = [record for record in RECORDS if record["exercise"] in EXERCISES]  # others need a library


def test_it_covers_every_exercise():
    assert [record["exercise"] for record in KNOWN] == list(EXERCISES)
    assert [record["exercise"] for record in RECORDS] == sorted([*EXERCISES, *MISSING])


def test_it_is_of_these_checks_and_mistakes():
    for result in KNOWN:
        this = exercise(result["exercise"])
        tolerances = {check.id: check.tolerance for check in this.checks}
        assert {row["check"]: row["tolerance"] for row in result["margins"]} == tolerances
        wrong = {mistake.id: list(mistake.fails) for mistake in mistakes_of(this.name)}
        assert {row["id"]: row["fails"] for row in result["mistakes"]} == wrong


def test_it_found_nothing():
    for result in RECORDS:
        assert result["failures"] == [], result["exercise"]
        assert result["mutants"]["complete"] and result["mutants"]["holes"] == []
        assert result["solution_seeds"] >= 1000
