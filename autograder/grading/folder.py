"""A folder of submissions: through nbgrader into the gradebook, one after another."""

import json
import logging
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from autograder.checks import EXERCISES
from autograder.course import nbgrader_config
from autograder.grading.changed import is_current
from autograder.grading.intake import RECORD, collect, tidy
from autograder.grading.record import Graded, record_of, reset
from autograder.judge import course_secret
from autograder.paths import BUILD, course_dir
from autograder.release import release


class NothingToGrade(Exception):
    """A folder without submissions; the message says what was looked for."""


def find(folder: Path) -> list[tuple[str, str]]:
    """Find the submissions in a folder laid out as nbgrader has it, STUDENT/EXERCISE/.

    Args:
        folder: the folder of all students.

    Returns:
        Pairs of student and exercise, sorted.

    Raises:
        NothingToGrade: there is no such folder, or no submission in it.
    """
    if not folder.is_dir():
        raise NothingToGrade(f"{folder}: no such folder")
    found = sorted(
        (student.name, name)
        for student in folder.iterdir()
        for name in EXERCISES
        if (student / name).is_dir()
    )
    if not found:
        raise NothingToGrade(
            f"{folder}: no submissions; expected STUDENT/EXERCISE/EXERCISE.ipynb, where EXERCISE "
            f"is one of {', '.join(EXERCISES)}"
        )
    return found


def grade(
    folder: Path,
    course: Path | None = None,
    progress: Callable[[str], None] = lambda line: None,
    sandbox: bool = True,
    only_changed: bool = False,
    timestamps: bool = False,
) -> Iterator[Graded]:
    """Grade a folder of submissions with nbgrader.

    Args:
        folder: STUDENT/EXERCISE/EXERCISE.ipynb.
        course: the course's folder; None for the usual one.
        progress: called with a line when something that takes a while begins.
        sandbox: False runs the code of submissions with no protection at all.
        only_changed: leave out what was judged as it is, against the exercise as it is, and keep
            the verdicts of questions that have not changed.
        timestamps: take the time of handing in that lies beside a notebook, where a student could
            have written it; in the course's own folder it is nbgrader's.

    Yields:
        What became of each submission that was graded, as soon as it is known.

    Raises:
        NothingToGrade: see `find`.
    """
    found = find(folder)
    course = course_dir(course)
    config = nbgrader_config(course, sandbox=sandbox)
    config.JudgedExecute.only_changed = only_changed
    course_secret(course, create=True)
    names = tuple(name for name in EXERCISES if name in {name for _, name in found})
    progress(f"registering {', '.join(names)}")
    release(names, target=BUILD / "released", course=course)
    api = NbGraderAPI(config=config)
    api.log.addHandler(logging.NullHandler())
    api.log.propagate = False
    for student, name in found:
        if only_changed and is_current(
            record_of(config.CourseDirectory.db_url, student, name), folder / student / name, name
        ):
            continue
        yield _grade_one(api, folder, course, student, name, timestamps)


def _unfit(student):
    """Return why a folder's name can be no student's id, or ""."""
    if set(student) & set("*?[]"):
        return "nbgrader takes its folder's name for a pattern of names; rename it"
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in student):
        return "its folder's name holds what is no text, or more than one line; rename it"
    return ""


def _grade_one(api, folder, course, student, name, timestamps):
    if reason := _unfit(student):
        return Graded(student, name, [], reason)
    handed_in = folder / student / name
    submitted = course / "submitted" / student / name
    record = course / "autograded" / student / name / RECORD
    try:
        if handed_in.resolve() == submitted.resolve():
            tidy(submitted, name)
        else:
            collect(handed_in, submitted, name, timestamps)
        result = api.autograde(name, student, force=True, create=True)
        if result["success"]:
            return Graded.from_record(student, json.loads(record.read_text()))
        lines = [line for line in result.get("log", "").splitlines() if "[ERROR]" in line]
        reason = lines[0].removeprefix("[ERROR] ") if lines else "nbgrader gave no reason"
    except Exception as error:  # one submission, whatever it is, does not stop the class
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
    # What was here before was of another submission, whatever it was given.
    return reset(course, student, name, f"it could not be graded: {reason}")
