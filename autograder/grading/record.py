"""How each submission was graded, kept in the gradebook beside nbgrader's own tables.

nbgrader knows points only. The verdicts with their diagnoses, and whether a sandbox was around the
code, stand in one more table of the same file, so that whoever holds the gradebook has them too.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import NbGraderPreprocessor
from sqlalchemy import text

MAKE = """
CREATE TABLE IF NOT EXISTS batchnorm_record (
    student TEXT NOT NULL, exercise TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (student, exercise)
)
"""
PUT = "INSERT OR REPLACE INTO batchnorm_record VALUES (:student, :exercise, :record)"
GET_ONE = "SELECT record FROM batchnorm_record WHERE student = :student AND exercise = :exercise"
GET = "SELECT student, exercise, record FROM batchnorm_record ORDER BY student, exercise"


@dataclass
class Graded:
    """What became of one submission.

    Args:
        student: the student's id.
        exercise: its name.
        verdicts: one for each check; empty where there is none.
        problem: why it could not be judged, in one line; "" where it was.
        version: of the exercise, as the notebook has it.
        sandbox: whether its code ran in one.
    """

    student: str
    exercise: str
    verdicts: list[dict]
    problem: str = ""
    version: str = ""
    sandbox: bool = True

    @property
    def earned(self) -> int:
        """Points earned."""
        return sum(verdict["earned"] for verdict in self.verdicts)

    @classmethod
    def from_record(cls, student: str, record: dict) -> "Graded":
        """Return what a record says.

        Args:
            student: whose it is.
            record: as `JudgedExecute` writes it.
        """
        fields = ("exercise", "verdicts", "problem", "version", "sandbox")
        return cls(student, **{name: record[name] for name in fields})


class KeepRecord(NbGraderPreprocessor):
    """Write a submission's record to the gradebook, once its points are there."""

    def preprocess(self, nb, resources):
        """Keep the record, and pass the notebook on as it is.

        Args:
            nb: the graded notebook.
            resources: nbconvert's, with the "record" of `JudgedExecute`, if it was ours to grade.
        """
        if record := resources.get("record"):
            about = resources["nbgrader"]
            with Gradebook(about["db_url"]) as gradebook:
                _put(gradebook, about["student"], about["assignment"], record)
                gradebook.db.commit()
        return nb, resources


def reset(course: Path, student: str, name: str, problem: str) -> Graded:
    """Take back the judge's marks of a submission; what a person gave stays.

    Args:
        course: the course's folder.
        student, name: whose, and of which exercise.
        problem: why there are none, in one line.

    Returns:
        What the gradebook's record says from now on.
    """
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        try:
            gradebook.find_assignment(name)
        except MissingEntry:
            return Graded(student, name, [], problem)
        gradebook.update_or_create_student(student)
        for notebook in gradebook.update_or_create_submission(name, student).notebooks:
            for grade in notebook.grades:
                grade.auto_score = 0
                grade.needs_manual_grade = grade.manual_score is not None
        last = _get(gradebook, student, name) or {}
        record = {
            "exercise": name,
            "version": "",
            "sandbox": True,
            "problem": problem,
            "verdicts": [],
            "last": last.get("last", last),  # `--changed` may find that much of it still holds
        }
        _put(gradebook, student, name, record)
        gradebook.db.commit()
    return Graded.from_record(student, record)


def record_of(db_url: str, student: str, name: str) -> dict | None:
    """Return the record of a submission as the gradebook has it, or None.

    Args:
        db_url: of the gradebook.
        student, name: whose, and of which exercise.
    """
    with Gradebook(db_url) as gradebook:
        return _get(gradebook, student, name)


def _get(gradebook, student, name):
    gradebook.db.execute(text(MAKE))
    found = gradebook.db.execute(text(GET_ONE), {"student": student, "exercise": name}).scalar()
    return json.loads(found) if found else None


def _put(gradebook, student, name, record):
    row = {"student": student, "exercise": name, "record": json.dumps(record)}
    gradebook.db.execute(text(MAKE))
    gradebook.db.execute(text(PUT), row)


def records(course: Path) -> list[Graded]:
    """Return what became of every submission in a course's gradebook, by student and exercise.

    Args:
        course: the course's folder.
    """
    if not (course / "gradebook.db").exists():
        return []
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.db.execute(text(MAKE))
        rows = gradebook.db.execute(text(GET)).all()
    return [Graded.from_record(student, json.loads(record)) for student, _, record in rows]
