"""From solutions/*.py and the checks to exercises/, by nbgrader's own generate step."""

import shutil
from collections.abc import Callable
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from autograder.checks import EXERCISES, exercise
from autograder.course import nbgrader_config
from autograder.paths import BUILD, DATA, SOURCE
from autograder.paths import EXERCISES as RELEASED
from autograder.release.checkfile import check_file
from autograder.release.source import write_source

UNFINISHED = BUILD / "releasing"


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
    result = api.generate_assignment(name, force=True, create=True)
    if not result["success"]:
        raise ReleaseError(f"nbgrader could not release {name}: {result.get('log')}")
