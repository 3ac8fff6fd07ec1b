"""An exercise that changed in mid-term: which questions are still the same, and keep their verdict.

A record says against which exercise a submission was judged: its version, and a digest of each
question. A question is the same as long as what it asks, with which inputs, how the answer is
compared, and the reference that answers it are written as they were: then its marks stand. Where
the hints or the catalogue have changed, what was lost is judged again for its diagnosis alone.
"""

import hashlib
import inspect
import json
from functools import cache
from pathlib import Path
from types import CodeType

import nbformat

from autograder.checks import Check, Exercise, exercise
from autograder.grading.cells import restored
from autograder.grading.intake import CannotJudge, files_digest, read
from autograder.mistakes import mistakes_of
from autograder.paths import EXERCISES as RELEASED
from autograder.release.source import version

OURS = "autograder."


def stamp(notebook, this: Exercise, files: str) -> dict:
    """Return what a record says of the exercise and the submission it is about.

    Args:
        notebook: the submission, with the exercise's cells put back.
        this: the exercise.
        files: digest of the submission's other files; see `intake.files_digest`.

    Returns:
        A dict of "against" (the version), "questions" and "catalogue" (check id to digest),
        "submission" (a digest of what the student wrote).
    """
    return {
        "against": version(this),
        "questions": question_digests(this),
        "catalogue": catalogue_digests(this),
        "submission": submission_digest(notebook, files),
    }


def submission_digest(notebook, files: str) -> str:
    """Return a digest of what is the student's own; the exercise's cells may be reworded."""
    own = [
        cell.source
        for cell in notebook.cells
        if not (nbgrader := cell.metadata.get("nbgrader", {})).get("locked")
        or nbgrader.get("solution")
    ]
    return _digest([own, files])


@cache
def question_digests(this: Exercise) -> dict[str, str]:
    """Return a digest of each question of an exercise, by check id."""
    return {check.id: _of_check(this, check) for check in this.checks}


@cache
def catalogue_digests(this: Exercise) -> dict[str, str]:
    """Return a digest of all that can name what is wrong with an answer, by check id."""
    by_probe = {name: [] for name in this.probes}
    probe_of = {check.id: check.probe.name for check in this.checks}
    for mistake in mistakes_of(this.name):  # those that `Exercise.key` has answer a question
        entry = [mistake.id, mistake.source(), mistake.hint, mistake.whole]
        for probe in {probe_of[check_id] for check_id in mistake.fails}:
            by_probe[probe].append(entry)
    return {
        check.id: _digest([check.hint, sorted(by_probe[check.probe.name])]) for check in this.checks
    }


def _of_check(this: Exercise, check: Check):
    data = {name: value for name, value in check.as_data().items() if name != "hint"}
    sources: dict[str, str] = {}
    for function in (check.probe.ask, check.probe.cases, *this.reference.values()):
        _sources(function, sources)
    return _digest([data, sorted(sources.items())])


def _sources(thing, found):
    """Gather the sources of a function or class of ours, and of all of ours that it uses."""
    module = getattr(thing, "__module__", None) or ""
    name = f"{module}.{getattr(thing, '__qualname__', '')}"
    if name in found or not module.startswith(OURS) or not callable(thing):
        return
    found[name] = inspect.getsource(thing)
    functions = [thing] if inspect.isfunction(thing) else vars(thing).values()
    for function in functions:
        if inspect.isfunction(function):
            for used in _names(function.__code__):
                value = function.__globals__.get(used)
                if isinstance(value, bool | int | float | str | tuple):
                    found[f"{module}.{used}"] = repr(value)
                else:
                    _sources(value, found)


def _names(code):
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return {*code.co_names, *(name for each in inner for name in _names(each))}


def _digest(thing):
    return hashlib.sha256(json.dumps(thing).encode()).hexdigest()[:16]


def settled(record: dict | None, now: dict) -> dict[str, dict]:
    """Return the verdicts whose marks a submission keeps, by check id.

    Args:
        record: of its last grading, which may have been taken back.
        now: the submission and the exercise as they are; see `stamp`.
    """
    record = (record or {}).get("last", record)
    if not record or record["problem"] or record.get("submission") != now["submission"]:
        return {}
    before = record.get("questions", {})
    return {
        verdict["id"]: verdict
        for verdict in record["verdicts"]
        if now["questions"].get(verdict["id"], "") == before.get(verdict["id"])
    }


def unnamed(record: dict | None, now: dict) -> set[str]:
    """Return the ids of lost questions that the catalogue may name otherwise by now.

    Args:
        record, now: as for `settled`.
    """
    before = ((record or {}).get("last", record) or {}).get("catalogue", {})
    return {
        check_id
        for check_id, verdict in settled(record, now).items()
        if not verdict["passed"] and before.get(check_id) != now["catalogue"].get(check_id)
    }


def is_current(record: dict | None, handed_in: Path, name: str) -> bool:
    """Say whether a submission was judged as it is, against the exercise as it is.

    Args:
        record: of its last grading.
        handed_in: the folder of its files.
        name: the exercise's.
    """
    this = exercise(name)
    try:
        notebook = read(handed_in / f"{name}.ipynb", this)
    except CannotJudge:
        return False
    released = nbformat.read(RELEASED / name / f"{name}.ipynb", as_version=4)
    notebook.cells = restored(notebook.cells, released.cells)
    now = stamp(notebook, this, files_digest(handed_in, name))
    same = record is not None and all(
        record.get(key) == value for key, value in now.items() if key != "catalogue"
    )
    return same and not unnamed(record, now)
