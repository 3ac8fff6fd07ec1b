"""The committed record of the full proof is of the checks as they stand, and without a failure."""

import json

from autograder.checks import EXERCISES, exercise
from autograder.mistakes import mistakes_of
from autograder.paths import ROOT

RECORD = json.loads((ROOT / "proof" / "full.json").read_text())


def test_it_covers_every_exercise():
    assert [result["exercise"] for result in RECORD["exercises"]] == list(EXERCISES)


def test_it_is_of_these_checks_and_mistakes():
    for result in RECORD["exercises"]:
        this = exercise(result["exercise"])
        tolerances = {check.id: check.tolerance for check in this.checks}
        assert {row["check"]: row["tolerance"] for row in result["margins"]} == tolerances
        wrong = {mistake.id: list(mistake.fails) for mistake in mistakes_of(this.name)}
        assert {row["id"]: row["fails"] for row in result["mistakes"]} == wrong


def test_it_found_nothing():
    for result in RECORD["exercises"]:
        assert result["failures"] == [], result["exercise"]
        assert result["mutants"]["complete"] and result["mutants"]["holes"] == []
        assert result["solution_seeds"] >= 1000
