"""Prove the checks of an exercise: mistakes, right variants and empty notebooks against each check.

1. The reference, the solution and every right variant get full marks, and never a hint.
2. Every mistake fails exactly the checks that its entry names, on every set of inputs.
3. Nearly every mistake is called by its own name wherever it fails, and none by another's.
4. A notebook with nothing written, or nothing defined, gets no mark, and a hint that says so.
5. Each tolerance lies ten times above the worst right answer and ten times below the nearest wrong.
"""

import inspect
import math
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from autograder.checks import Exercise
from autograder.checks.asking import pack
from autograder.mistakes import mistakes_of, variants_of
from autograder.release.source import solution_names

MARGIN = 10  # between a tolerance and the errors on either side of it
DIAGNOSED = 0.95  # the share of mistakes that must be called by their own name wherever they fail


def prove(
    exercise: Exercise, seeds: int = 20, progress: Callable[[str], None] = lambda text: None
) -> dict[str, Any]:
    """Put all that the catalogue knows to all checks of an exercise.

    Args:
        exercise: whose checks to prove.
        seeds: how many sets of inputs to try, an int >= 1.
        progress: called with a short text now and then.

    Returns:
        A dict of plain values: "exercise", "seeds", "points", "checks", "right", "mistakes" (a row
        for each, see `mistake_row`), "diagnosed", "margins" (see `margin`), and "failures", a list
        of lines that is empty when everything is as it should be.

    Raises:
        ValueError: a mistake names a check that the exercise does not have.
    """
    ids = [check.id for check in exercise.checks]
    for mistake in mistakes_of(exercise.name):
        if strangers := set(mistake.fails) - set(ids):
            raise ValueError(f"{exercise.name}: {mistake.id} names no check: {sorted(strangers)}")
    keys = []
    for seed in range(seeds):
        progress(f"{exercise.name}: inputs {seed + 1} of {seeds}")
        keys.append(exercise.key(seed))

    def marked(names):
        progress(f"{exercise.name}: {len(right) + len(wrong)} implementations")
        return [exercise.decide(exercise.answers(names, key), key) for key in keys]

    right, wrong = {}, {}
    for origin, names in right_answers(exercise).items():
        right[origin] = marked(names)
    for mistake in mistakes_of(exercise.name):
        wrong[mistake.id] = marked(exercise.reference | mistake.names)
    rows = [mistake_row(mistake, wrong[mistake.id]) for mistake in mistakes_of(exercise.name)]
    margins = [margin(check, rows, right, wrong) for check in exercise.checks]
    own = sum(row["diagnosed"] for row in rows)
    result = {
        "exercise": exercise.name,
        "seeds": seeds,
        "points": exercise.points,
        "checks": [{"id": check.id, "points": check.points} for check in exercise.checks],
        "right": list(right),
        "mistakes": rows,
        "diagnosed": {"own": own, "of": len(rows)},
        "margins": margins,
    }
    failures = right_failures(right, exercise.points)
    failures += [line for row in rows for line in mistake_failures(row, seeds, ids)]
    failures += hint_failures(right | wrong)
    failures += empty_failures(exercise, keys)
    failures += [line for row in margins for line in margin_failures(row)]
    if own < DIAGNOSED * len(rows):
        names = ", ".join(row["id"] for row in rows if not row["diagnosed"])
        failures.append(f"only {own} of {len(rows)} mistakes are named wherever they fail: {names}")
    return result | {"failures": failures}


def solution_failures(exercise: Exercise, seeds: int) -> list[str]:
    """Put the solution alone to many sets of inputs.

    Args:
        exercise: whose.
        seeds: how many, an int.

    Returns:
        A line for each check that it failed on some of them.
    """
    names = right_answers(exercise)["solution"]
    failed, asked, answers = Counter(), {}, {}
    for seed in range(seeds):
        key = exercise.key(seed, mistakes=False)
        for probe, cases in key.items():
            inputs = pack([case["inputs"] for case in cases])
            if asked.get(probe) != inputs:  # some questions have the same inputs for everybody
                answers |= exercise.answers(names, {probe: cases})
                asked[probe] = inputs
        marked = exercise.decide(answers, key)
        failed.update(verdict["id"] for verdict in marked if not verdict["passed"])
    return [f"the solution fails {check} on {n} of {seeds} inputs" for check, n in failed.items()]


def right_answers(exercise: Exercise) -> dict[str, dict[str, Any]]:
    """Return the names that each right notebook defines, by its origin.

    Args:
        exercise: whose.

    Returns:
        "reference", "solution" where there is one, and the id of each variant, to a dict of names.
    """
    answers = {"reference": exercise.reference}
    try:
        solution = solution_names(exercise)
        answers["solution"] = {name: solution[name] for name in exercise.reference}
    except FileNotFoundError:
        pass
    for variant in variants_of(exercise.name):
        answers[variant.id] = exercise.reference | variant.names
    return answers


def mistake_row(mistake, verdicts) -> dict[str, Any]:
    """Sum up one mistake over all seeds.

    Args:
        mistake: from the catalogue.
        verdicts: for each seed the verdicts of all checks.

    Returns:
        A dict: "id", "of", "fails" (what it should), "failed" (check id to the number of seeds),
        "named" (check id to the names it was given there, each with the number of seeds),
        "diagnosed" (whether each of its failures got its own name).
    """
    failed, named = Counter(), {}
    for verdict in (v for each in verdicts for v in each if not v["passed"]):
        failed[verdict["id"]] += 1
        name = verdict["diagnosis"] or "nothing"
        named.setdefault(verdict["id"], Counter())[name] += 1
    return {
        "id": mistake.id,
        "of": mistake.of,
        "fails": list(mistake.fails),
        "failed": dict(failed),
        "named": {check: dict(names) for check, names in named.items()},
        "diagnosed": bool(named) and all(set(names) == {mistake.id} for names in named.values()),
    }


def margin(check, rows, right, wrong) -> dict[str, Any]:
    """Measure the room on both sides of a check's tolerance.

    Args:
        check: the check.
        rows: the mistakes' rows.
        right, wrong: origin or mistake's id to its verdicts, for each seed.

    Returns:
        A dict: "check", "tolerance", "worst_right", "nearest_wrong" and "worst_passing" (errors,
        with "_of" for whose they are; None where there is none; the last is that of a mistake
        that should pass), "mistakes" (how many should fail), and "facts", how many of these are
        told by a fact, a shape or the lack of a number, and have no error to measure.
    """

    def errors(verdicts):
        return [v["error"] for each in verdicts for v in each if v["id"] == check.id]

    worst = max((max(errors(verdicts)), origin) for origin, verdicts in right.items())
    must_fail = [row["id"] for row in rows if check.id in row["fails"]]
    smallest = {mistake: min(errors(wrong[mistake])) for mistake in must_fail}
    finite = {mistake: error for mistake, error in smallest.items() if math.isfinite(error)}
    nearest = min(finite, key=finite.get, default=None)
    passing = {
        row["id"]: max(errors(wrong[row["id"]])) for row in rows if row["id"] not in must_fail
    }
    closest = max(passing, key=passing.get, default=None)
    return {
        "check": check.id,
        "tolerance": check.tolerance,
        "worst_right": worst[0],
        "worst_right_of": worst[1] if worst[0] else None,
        "nearest_wrong": finite.get(nearest),
        "nearest_wrong_of": nearest,
        "worst_passing": passing.get(closest),
        "worst_passing_of": closest if passing.get(closest) else None,
        "mistakes": len(must_fail),
        "facts": len(must_fail) - len(finite),
    }


def right_failures(right, points) -> list[str]:
    """Say which right answers lost points."""
    lines = []
    for origin, verdicts in right.items():
        lost = Counter(v["id"] for each in verdicts for v in each if not v["passed"])
        short = sum(sum(v["earned"] for v in each) != points for each in verdicts)
        if lost or short:
            where = ", ".join(f"{check} ({n} of {len(verdicts)})" for check, n in lost.items())
            lines.append(f"{origin} is right, and fails {where or 'nothing, and loses points'}")
    return lines


def hint_failures(marked) -> list[str]:
    """Say which answers passed, and got a hint or a mistake's name all the same."""
    return [
        f"{origin} passes {verdict['id']} and is told: {verdict['hint'] or verdict['diagnosis']}"
        for origin, verdicts in marked.items()
        for each in verdicts
        for verdict in each
        if verdict["passed"] and (verdict["hint"] or verdict["diagnosis"])
    ]


def mistake_failures(row, seeds, ids) -> list[str]:
    """Say in what a mistake's row departs from its entry."""
    lines = []
    for check in ids:
        times, due = row["failed"].get(check, 0), check in row["fails"]
        if due and times < seeds:
            lines.append(f"{row['id']} should fail {check} and passes it {seeds - times} times")
        if not due and times:
            lines.append(f"{row['id']} should pass {check} and fails it {times} of {seeds} times")
    if not row["fails"]:
        lines.append(f"{row['id']} names no check that it fails")
    for check, names in row["named"].items():
        for other in names.keys() - {row["id"], "nothing"}:
            lines.append(f"{row['id']} is called {other} in {check}, {names[other]} times")
    return lines


def margin_failures(row) -> list[str]:
    """Say which side of a tolerance has too little room."""
    lines, tolerance = [], row["tolerance"]
    if MARGIN * row["worst_right"] > tolerance:
        lines.append(
            f"{row['check']}: tolerance {tolerance:g} is less than {MARGIN} times the error "
            f"{row['worst_right']:.2g} of {row['worst_right_of']}, which is right"
        )
    if row["nearest_wrong"] is not None and tolerance > row["nearest_wrong"] / MARGIN:
        lines.append(
            f"{row['check']}: tolerance {tolerance:g} is more than a tenth of the error "
            f"{row['nearest_wrong']:.2g} of {row['nearest_wrong_of']}, which is wrong"
        )
    return lines


def empty_failures(exercise: Exercise, keys: list[dict]) -> list[str]:
    """Say where a notebook with nothing written, or nothing defined, gets marks or a poor hint.

    Args:
        exercise: whose.
        keys: the inputs, one for each seed.
    """
    written = {name: blank(thing) for name, thing in exercise.reference.items()}
    notebooks = {"blank": (written, "not written yet"), "empty": ({}, "is not defined")}
    for name in exercise.reference:
        rest = {other: thing for other, thing in exercise.reference.items() if other != name}
        notebooks[f"without {name}"] = (rest, f"{name} is not defined")
    lines = set()
    for notebook, (names, words) in notebooks.items():
        for key in keys:
            for verdict in exercise.decide(exercise.answers(names, key), key):
                check = exercise.check(verdict["id"])
                about = {f"without {name}" for name in re.findall(r"\w+", check.function)}
                if verdict["passed"] and notebook in {"blank", "empty", *about}:
                    lines.add(f"{notebook} notebook passes {check.id}")
                hint = verdict["hint"] or ""
                said = words in hint and any(name in hint for name in exercise.reference)
                if not verdict["passed"] and (verdict["earned"] or not said):
                    lines.add(f"{notebook} notebook is told in {check.id}: {hint}")
    return sorted(lines)


def blank(thing: Any) -> Any:
    """Return a function or class as the stub leaves it: whatever is called is not written yet.

    Args:
        thing: what the reference defines; what is neither function nor class is returned as it is.
    """

    def not_written(*args, **kwargs):
        raise NotImplementedError

    if inspect.isclass(thing):
        methods = {
            name: staticmethod(not_written) if isinstance(value, staticmethod) else not_written
            for name, value in vars(thing).items()
            if inspect.isfunction(value) or isinstance(value, staticmethod)
        }
        return type(thing)(thing.__name__, thing.__bases__, methods)
    return not_written if callable(thing) else thing
