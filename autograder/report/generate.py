"""Feedback for a class, by nbgrader's own step."""

import logging
from collections.abc import Iterator
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from autograder.course import nbgrader_config


def generate(course: Path, students: list[str]) -> Iterator[tuple[Path, str]]:
    """Write feedback for students, whatever they handed in.

    Args:
        course: the course's folder.
        students: their ids.

    Yields:
        Each folder of feedback, and why it could not be written, or "".
    """
    api = NbGraderAPI(config=nbgrader_config(course))
    api.log.addHandler(logging.NullHandler())
    api.log.propagate = False
    for student in students:
        for graded in sorted((course / "autograded" / student).glob("*/*.ipynb")):
            name = graded.parent.name
            result = api.generate_feedback(name, student, force=True)
            lines = [line for line in result.get("log", "").splitlines() if "[ERROR]" in line]
            reason = lines[0].removeprefix("[ERROR] ") if lines else "nbgrader gave no reason"
            folder = course / "feedback" / student / name
            yield folder, "" if result["success"] else reason
