"""Remove one student from a course."""

import csv
import shutil
from contextlib import suppress
from html import escape
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import text

from autograder.grading.record import MAKE
from autograder.report.page import harmless

FOLDERS = ("submitted", "autograded", "feedback")
COUNT = "SELECT count(*) FROM batchnorm_record WHERE student = :student"
DROP = "DELETE FROM batchnorm_record WHERE student = :student"


def traces(course: Path, student: str) -> list[str]:
    """List what a course has of a student, a line for each place.

    Args:
        course: the course's folder.
        student: the student's id.
    """
    found = []
    if (course / "gradebook.db").exists():
        with _gradebook(course) as gradebook:
            try:
                submissions = gradebook.find_student(student).submissions
                names = ", ".join(sorted(s.assignment.name for s in submissions)) or "no submission"
                found.append(f"gradebook.db: the student, with {names}")
            except MissingEntry:
                pass
            gradebook.db.execute(text(MAKE))
            if kept := gradebook.db.execute(text(COUNT), {"student": student}).scalar():
                found.append(f"gradebook.db: {kept} of the judge's records")
    for path in _folders(course, student):
        files = sum(1 for each in path.rglob("*") if each.is_file() or each.is_symlink())
        found.append(f"{path.relative_to(course)}: {files} files")
    if _report(course, student):
        found.append("report.html: written before; `report` writes it again without the student")
    return found


def mentions(course: Path, student: str) -> list[str]:
    """List the tables in a course's folder that name a student; `forget` leaves them as they are.

    They may be an instructor's own, such as a roster, or what a platform was sent.

    Args:
        course: the course's folder.
        student: the student's id, who is still in the gradebook as far as names are to be found.
    """
    names = {student}
    if (course / "gradebook.db").exists():
        with _gradebook(course) as gradebook, suppress(MissingEntry):
            known = gradebook.find_student(student)
            first, last = known.first_name or "", known.last_name or ""
            names |= {known.email, f"{last}, {first}".strip(", "), f"{first} {last}".strip()}
    names |= {harmless(name) for name in names if name}
    tables = (path for path in sorted(course.glob("*.csv")) if path.is_file())
    return [path.name for path in tables if not names.isdisjoint(_cells(path))]


def _cells(path):
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        try:
            return {cell for row in csv.reader(file) for cell in row if cell}
        except csv.Error:  # no table
            return set()


def forget(course: Path, student: str) -> None:
    """Remove all that `traces` lists.

    Args:
        course: the course's folder.
        student: the student's id.
    """
    for path in _folders(course, student):
        shutil.rmtree(path)
    if _report(course, student):
        (course / "report.html").unlink()
    if not (course / "gradebook.db").exists():
        return
    with _gradebook(course) as gradebook:
        gradebook.db.execute(text(MAKE))
        gradebook.db.execute(text(DROP), {"student": student})
        gradebook.db.commit()
        try:
            gradebook.remove_student(student)
        except MissingEntry:
            pass
        # What is deleted stays in the file's free pages until it is written anew.
        gradebook.db.commit()
        gradebook.db.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(
            text("VACUUM")
        )


def _folders(course, student):
    """Find a student's folders by their exact names, so that no pattern or path can match more."""
    for name in FOLDERS:
        if (course / name).is_dir():
            yield from (p for p in (course / name).iterdir() if p.name == student and p.is_dir())


def _report(course, student):
    page = course / "report.html"
    return page.is_file() and escape(student) in page.read_text(encoding="utf-8")


def _gradebook(course):
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")
