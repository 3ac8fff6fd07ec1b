"""From solutions/*.py and the checks to exercises/, by nbgrader's own generate step."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.apps.api import NbGraderAPI

from autograder.checks import EXERCISES, exercise
from autograder.course import nbgrader_config
from autograder.paths import BUILD, DATA, SOURCE
from autograder.paths import EXERCISES as RELEASED
from autograder.release.checkfile import check_file
from autograder.release.source import write_source

UNFINISHED = BUILD / "releasing"
RAISED = re.compile(r"^\s*[\w.]+(?:Error|Exception): (.+)$", re.MULTILINE)  # ends a traceback


class ReleaseError(Exception):
    """An exercise could not be released; the message says which, and why."""


def release(
    names: tuple[str, ...] = EXERCISES,
    target: Path = RELEASED,
    course: Path | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> None:
    """Write source notebooks, register them with nbgrader and release them.

    Args:
        names: the exercises.
        target: folder that gets one folder for each exercise; a folder is replaced as a whole, and
            only once its successor is complete.
        course: the course's folder, whose gradebook learns of the exercises; None for the usual.
        progress: called with a line for each exercise.

    Raises:
        ReleaseError: nbgrader refused an exercise.
    """
    for name in names:
        this = exercise(name)
        # What a killed release leaves in these two is gone with the next one.
        for folder in (SOURCE, UNFINISHED):
            shutil.rmtree(folder / name, ignore_errors=True)
        files = {file: (DATA / file).read_bytes() for file in this.data}
        write_source(this, SOURCE, files | {f"check_{name}.py": check_file(this)})
        _generate(name, UNFINISHED, course)
        progress(f"{name}: {len(this.checks)} questions, {this.points} points")
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.rmtree(target / name, ignore_errors=True)
        shutil.move(UNFINISHED / name, target / name)


def _generate(name, folder, course):
    config = nbgrader_config(course, folder)
    api = NbGraderAPI(config=config)
    with Gradebook(config.CourseDirectory.db_url) as gradebook:
        _admit(gradebook, name)
    result = api.generate_assignment(name, force=True, create=True)
    if not result["success"]:
        raised = RAISED.findall(result.get("log", "")) or ["it gave no reason"]
        raise ReleaseError(f"nbgrader could not release {name}: {raised[-1]}")
    with Gradebook(config.CourseDirectory.db_url) as gradebook:
        _complete(gradebook, name)


def _admit(gradebook, name):
    """Name an exercise's notebook, without which nbgrader registers none that has submissions.

    It has some before it is registered where a student was given an extension of its due date.
    """
    try:
        assignment = gradebook.find_assignment(name)
    except MissingEntry:
        return
    if not assignment.notebooks and assignment.submissions:
        gradebook.add_notebook(name, name)


def _complete(gradebook, name):
    """Make submissions from before the exercise was registered anew, with all that they hold."""
    early = gradebook.db.query(SubmittedAssignment).filter(
        SubmittedAssignment.assignment == gradebook.find_assignment(name),
        ~SubmittedAssignment.notebooks.any(),
    )
    for submission in early.all():
        student = submission.student.id
        kept = {"extension": submission.extension}
        if submission.timestamp:
            kept["timestamp"] = submission.timestamp
        gradebook.db.delete(submission)  # not for good before `add_submission` commits
        gradebook.add_submission(name, student, **kept)
