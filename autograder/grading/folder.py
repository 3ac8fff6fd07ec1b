"""A folder of submissions: through nbgrader into the gradebook, one after another."""

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from autograder.checks import EXERCISES, exercise
from autograder.course import nbgrader_config
from autograder.grading.preprocessors import VERDICTS
from autograder.grading.submission import CannotJudge, read
from autograder.judge import course_secret
from autograder.paths import BUILD, course_dir
from autograder.release import release


class NothingToGrade(Exception):
    """A folder without submissions; the message says what was looked for."""


@dataclass
class Graded:
    """What became of one submission.

    Args:
        student: the student's id.
        exercise: its name.
        verdicts: one for each check; empty where there is none.
        problem: why there is none, in one line; "" otherwise.
    """

    student: str
    exercise: str
    verdicts: list[dict]
    problem: str = ""

    @property
    def earned(self) -> int:
        """Points earned."""
        return sum(verdict["earned"] for verdict in self.verdicts)


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
    folder: Path, course: Path | None = None, progress: Callable[[str], None] = lambda line: None
) -> Iterator[Graded]:
    """Grade a folder of submissions with nbgrader.

    Args:
        folder: STUDENT/EXERCISE/EXERCISE.ipynb.
        course: the course's folder; None for the usual one.
        progress: called with a line when something that takes a while begins.

    Yields:
        What became of each submission, as soon as it is known.

    Raises:
        NothingToGrade: see `find`.
    """
    found = find(folder)
    course = (course or course_dir()).resolve()
    config = nbgrader_config(course)
    course_secret(course, create=True)
    names = tuple(name for name in EXERCISES if name in {name for _, name in found})
    progress(f"registering {', '.join(names)}")
    release(names, target=BUILD / "released", course=course)
    api = NbGraderAPI(config=config)
    api.log.addHandler(logging.NullHandler())
    api.log.propagate = False
    for student, name in found:
        yield _grade_one(api, folder, course, student, name)


def _grade_one(api, folder, course, student, name):
    handed_in = folder / student / name
    submitted = course / "submitted" / student / name
    if handed_in.resolve() != submitted.resolve():
        shutil.rmtree(submitted, ignore_errors=True)
        shutil.copytree(handed_in, submitted)
    try:
        read(submitted / f"{name}.ipynb", exercise(name))
    except CannotJudge as error:
        reason = str(error).removeprefix(f"{submitted}/")
        return Graded(student, name, [], reason)
    result = api.autograde(name, student, force=True, create=True)
    record = course / "autograded" / student / name / VERDICTS
    if not result["success"] or not record.exists():
        lines = [line for line in result.get("log", "").splitlines() if "[ERROR]" in line]
        reason = lines[0].removeprefix("[ERROR] ") if lines else "nbgrader gave no reason"
        return Graded(student, name, [], f"nbgrader could not grade it: {reason}")
    return Graded(student, name, json.loads(record.read_text()))
