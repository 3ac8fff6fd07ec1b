"""Who is in the class: from a CSV of ours, a Canvas gradebook export or a Moodle grading worksheet.

nbgrader's own columns are id, first_name, last_name, email and lms_user_id, and its own command
`nbgrader db student import FILE` reads them too.

Source: the columns are those that Canvas (lib/gradebook_exporter.rb) and Moodle
(mod/assign/gradingtable.php) write. That a Moodle download's folders bear the participant's number
of the worksheet was seen in public repositories, not in Moodle's source.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook

FITTING = re.compile(r"[\w][\w.@+-]{0,100}", re.ASCII)  # an id that is a folder's name everywhere
MOODLE_TIME = "%A, %d %B %Y, %I:%M %p"


class NoRoster(Exception):
    """A file that is no roster; the message says why in one line."""


@dataclass(frozen=True)
class Student:
    """One student.

    Args:
        id: nbgrader's, and the name of the student's folders.
        first_name, last_name, email: as far as they are known.
        lms_user_id: the number that Canvas has for the student.
        participant: the number that Moodle has for the student in one assignment.
        handed_in: when Moodle got the submission, in the local time of its server; None if unknown.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    participant: str = ""
    handed_in: datetime | None = None


def read_roster(path: Path) -> list[Student]:
    """Read a roster.

    Args:
        path: a CSV, in UTF-8, with the columns of nbgrader, Canvas or Moodle.

    Raises:
        NoRoster: it is none, or an id is missing, unfit for a folder's name, or there twice.
    """
    try:
        rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
        columns = {(name or "").strip() for name in rows.fieldnames or ()}
        reader = next((made for needed, made in KINDS if needed <= columns), None)
        if reader is None:
            raise NoRoster(
                f"{path}: no roster; expected the columns id, first_name, last_name, email, or "
                "those of a Canvas gradebook export or a Moodle grading worksheet"
            )
        students = []
        for line, row in enumerate(rows, start=2):
            row = {(k or "").strip(): v.strip() for k, v in row.items() if isinstance(v, str)}
            if any(row.values()) and (student := reader(row)):
                if not FITTING.fullmatch(student.id):
                    raise NoRoster(f"{path}, line {line}: {student.id!r} is no id for a student")
                students.append(student)
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise NoRoster(f"{path}: {error}") from None
    ids = [student.id.casefold() for student in students]
    if twice := sorted({student_id for student_id in ids if ids.count(student_id) > 1}):
        raise NoRoster(f"{path}: {', '.join(twice)} there twice")
    return students


def _of_nbgrader(row):
    fields = ("first_name", "last_name", "email", "lms_user_id")
    return Student(row["id"], **{name: row.get(name, "") for name in fields})


def _of_canvas(row):
    if "Points Possible" in row["Student"] or not row["ID"]:  # no student's row
        return None
    last, _, first = row["Student"].partition(", ")
    login = row.get("SIS Login ID", "")
    return Student(
        id=login or row["ID"],
        first_name=first,
        last_name=last,
        email=login if "@" in login else "",
        lms_user_id=row["ID"],
    )


def _of_moodle(row):
    first, _, last = row.get("Full name", "").partition(" ")
    try:
        when = datetime.strptime(row.get("Last modified (submission)", ""), MOODLE_TIME)
    except ValueError:
        when = None
    return Student(
        id=row.get("ID number") or row["Email address"],
        first_name=first,
        last_name=last,
        email=row["Email address"],
        participant=re.sub(r"\D", "", row["Identifier"]),
        handed_in=when,
    )


KINDS: tuple[tuple[set[str], Callable], ...] = (
    ({"id"}, _of_nbgrader),
    ({"Student", "ID"}, _of_canvas),
    ({"Identifier", "Email address"}, _of_moodle),
)


def students_in(course: Path) -> list[Student]:
    """Return the students whom a course's gradebook knows by more than their id.

    Args:
        course: the course's folder.
    """
    if not (course / "gradebook.db").exists():
        return []
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return [
            Student(s.id, s.first_name or "", s.last_name or "", s.email or "", s.lms_user_id or "")
            for s in gradebook.students
            if s.last_name or s.lms_user_id
        ]


def register(students: list[Student], course: Path) -> None:
    """Put students into a course's gradebook, or bring what it has of them up to date.

    Args:
        students: from `read_roster`.
        course: the course's folder, which has been made.
    """
    fields = ("first_name", "last_name", "email", "lms_user_id")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for student in students:
            known = {name: getattr(student, name) for name in fields if getattr(student, name)}
            gradebook.update_or_create_student(student.id, **known)


def plain(name: str) -> str:
    """Return a name as it compares: letters and digits only, in lower case."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name)).casefold()


class Roster:
    """Finds a student by what a platform says of one.

    Args:
        students: the class.
    """

    def __init__(self, students: list[Student]):
        self.students = students

    def find(self, number: str = "", names: tuple[str, ...] = (), student_id: str = "") -> list:
        """Return the students who may be meant: one, if all is well.

        Args:
            number: Canvas's of the student, or Moodle's of the participant.
            names: ways in which the student's name may be written.
            student_id: an id of nbgrader's.
        """
        for matches in (
            lambda s: bool(number) and number in (s.lms_user_id, s.participant),
            lambda s: bool(student_id) and s.id == student_id,
            lambda s: any(plain(name) in _ways(s) for name in names if plain(name)),
        ):
            if found := [student for student in self.students if matches(student)]:
                return found
        return []


def _ways(student):
    first, last = student.first_name, student.last_name
    return {plain(f"{first}{last}"), plain(f"{last}{first}"), plain(student.id)}
