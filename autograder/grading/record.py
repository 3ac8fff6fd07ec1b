"""How each submission was graded, kept in the gradebook beside nbgrader's own tables.

nbgrader knows points only. The verdicts with their diagnoses, and whether a sandbox was around the
code, stand in one more table of the same file, so that whoever holds the gradebook has them too.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from sqlalchemy import text

MAKE = """
CREATE TABLE IF NOT EXISTS batchnorm_record (
    student TEXT NOT NULL, exercise TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (student, exercise)
)
"""
PUT = "INSERT OR REPLACE INTO batchnorm_record VALUES (:student, :exercise, :record)"
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
            row = {
                "student": resources["nbgrader"]["student"],
                "exercise": resources["nbgrader"]["assignment"],
                "record": json.dumps(record),
            }
            with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
                gradebook.db.execute(text(MAKE))
                gradebook.db.execute(text(PUT), row)
                gradebook.db.commit()
        return nb, resources


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
