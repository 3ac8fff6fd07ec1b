"""Marks out: nbgrader's own CSV, and the columns that Canvas and Moodle import.

A file that the platform exported names its students and its assignments as it wants to have them
back, so it is filled in where there is one.

Source: Canvas looks a student up by ID, SIS User ID, SIS Login ID, then name, and an assignment by
the number in its title (lib/gradebook_importer.rb). Moodle needs Identifier, Grade and "Last
modified (grade)" (mod/assign/feedback/offline/importgradeslib.php); its gradebook goes by e-mail.
"""

import csv
import io
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

from autograder.grading.record import records
from autograder.report.figures import scores
from autograder.report.page import harmless, number
from autograder.transfer.roster import Roster, Student

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
OF_STUDENTS = {*CANVAS, "Integration ID", "Root Account", "LastName", "FirstName"}
MOODLE = ("Email address", "Grade", "Feedback comments")


class NoMarks(Exception):
    """Marks cannot be written as they were asked for; the message says why in one line."""


@dataclass
class Marks:
    """A file of marks.

    Args:
        text: the CSV.
        notes: what is to be known of it.
    """

    text: str
    notes: list[str] = field(default_factory=list)


def nbgraders(course: Path, path: Path) -> None:
    """Write nbgrader's own export.

    Args:
        course: the course's folder.
        path: the file to write.
    """
    with _gradebook(course) as gradebook:
        CsvExportPlugin(to=str(path)).export(gradebook)


def canvas(course: Path, exercises: list[str], exported: Path | None = None) -> Marks:
    """Write what Canvas's gradebook imports.

    Args:
        course: the course's folder.
        exercises: their names.
        exported: a file that Canvas's gradebook exported, to be filled in; None makes one from the
            gradebook's students.

    Raises:
        NoMarks: the exported file is none of Canvas's.
    """
    known, points, possible = _students(course), scores(course), _possible(course)
    if exported is None:
        marks = Marks("")
        rows = [[*CANVAS, *exercises]]
        rows.append(["    Points Possible", "", "", "", "", *(possible[n] for n in exercises)])
        for student in known:
            login = "" if student.id == student.lms_user_id else student.id
            name = f"{student.last_name}, {student.first_name}".strip(", ") or student.id
            about = [harmless(name), student.lms_user_id, "", login, ""]
            rows.append(about + [_points(points, student.id, name) for name in exercises])
        if not any(student.lms_user_id for student in known):
            marks.notes.append(
                "no student has Canvas's number: Canvas looks them up by login, then by name; "
                "better fill in a file that it exported (--fill)"
            )
    else:
        marks, rows = _fill_canvas(exported, exercises, Roster(known), points, possible)
    marks.text = _written(rows)
    return marks


def _fill_canvas(exported, exercises, class_, points, possible):
    head, *lines = _read(exported)
    if not {"Student", "ID"} <= set(head):
        raise NoMarks(f"{exported}: no export of Canvas's gradebook (no columns Student, ID)")
    about = [i for i, title in enumerate(head) if title in OF_STUDENTS]
    columns = [_column(head, name) for name in exercises]
    titles = [head[at] if at is not None else n for at, n in zip(columns, exercises, strict=True)]
    marks, rows = Marks(""), [[*(head[i] for i in about), *titles]]
    marks.notes += [
        f"Canvas has no assignment {name}; importing the file makes one"
        for name, at in zip(exercises, columns, strict=True)
        if at is None
    ]
    for line in lines:
        row = dict(zip(head, line, strict=False))
        if "Points Possible" in row["Student"]:
            values = [possible[name] for name in exercises]
        elif not row["ID"]:  # the row that says which assignments are hidden
            continue
        else:
            found = class_.find(row["ID"], (row["Student"],), row.get("SIS Login ID", ""))
            if len(found) != 1:
                marks.notes.append(
                    f"no marks for {row['Student']} ({row['ID']}): not in the course"
                )
                continue
            values = [_points(points, found[0].id, name) for name in exercises]
        rows.append([*(line[i] for i in about), *values])
    return marks, rows


def _column(head, name):
    """Find the column of an exercise: its name, or an assignment whose title holds it."""
    exact = [i for i, title in enumerate(head) if re.fullmatch(rf"{name}( \(\d+\))?", title)]
    near = [i for i, title in enumerate(head) if name in title]
    return (exact or near or [None])[0]


def moodle(course: Path, exercise: str, exported: Path | None = None) -> Marks:
    """Write what Moodle imports: its grading worksheet, or a file for its gradebook, by e-mail.

    Args:
        course: the course's folder.
        exercise: its name; Moodle has a worksheet for each.
        exported: the assignment's grading worksheet, to be filled in; None for the other.

    Raises:
        NoMarks: the exported file is no worksheet, or no student has an e-mail address.
    """
    known, points = _students(course), scores(course)
    said = {
        r.student: _comment(r, points.get((r.student, exercise)))
        for r in records(course)
        if r.exercise == exercise
    }
    if exported is None:
        marks, rows = Marks(""), [list(MOODLE)]
        for student in known:
            if student.email:
                score = _points(points, student.id, exercise)
                rows.append([harmless(student.email), score, said.get(student.id, "")])
            else:
                marks.notes.append(f"no marks for {student.id}: no e-mail address in the gradebook")
        if len(rows) == 1:
            raise NoMarks("no student has an e-mail address; import a roster, or use --fill")
    else:
        marks, rows = _fill_moodle(exported, exercise, Roster(known), points, said, course)
    marks.text = _written(rows)
    return marks


def _fill_moodle(exported, exercise, class_, points, said, course):
    rows = _read(exported)
    head, marks = rows[0], Marks("")
    if not {"Identifier", "Grade", "Last modified (grade)"} <= set(head):
        raise NoMarks(f"{exported}: no grading worksheet of Moodle's (no Identifier, Grade, ...)")
    possible = float(_possible(course)[exercise])
    for line in rows[1:]:
        row = dict(zip(head, line, strict=False))
        email, name = row.get("Email address", ""), row.get("Full name", "")
        found = [s for s in class_.students if email and s.email.casefold() == email.casefold()]
        found = found or class_.find("", (name,), row.get("ID number") or email)
        if len(found) != 1:
            marks.notes.append(f"no marks for {row['Identifier']} {name}: not in the course")
            continue
        line[head.index("Grade")] = _points(points, found[0].id, exercise)
        if "Feedback comments" in head:
            line[head.index("Feedback comments")] = said.get(found[0].id, "")
        most = row.get("Maximum Grade", "")
        if most and float(most.replace(",", ".")) != possible:
            note = f"Moodle's maximum is {most}, and {exercise} has {number(possible)} points"
            marks.notes += [note] if note not in marks.notes else []
    return marks, rows


def _comment(graded, score):
    """Say in Moodle's field for HTML what was lost, and why."""
    if graded.problem:
        return escape(f"Not judged: {graded.problem}")
    lost = [
        f"{v['id']} (0 of {v['points']}): {v['hint']}" for v in graded.verdicts if not v["passed"]
    ]
    lines = lost or ["All right."]
    if score and score.penalty:
        lines = [f"Points taken off because it was late: {number(score.penalty)}.", *lines]
    return "<br>".join(escape(line) for line in lines)


def _students(course):
    with _gradebook(course) as gradebook:
        return [
            Student(s.id, s.first_name or "", s.last_name or "", s.email or "", s.lms_user_id or "")
            for s in gradebook.students
        ]


def _possible(course):
    with _gradebook(course) as gradebook:
        return {each.name: number(each.max_score) for each in gradebook.assignments}


def _points(points, student, exercise):
    """Return a mark; nothing where nothing was handed in, which leaves it to the platform."""
    score = points.get((student, exercise))
    return number(score.earned) if score else ""


def _read(path):
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NoMarks(f"{path}: {error}") from None
    rows = [row for row in rows if row]
    if not rows:
        raise NoMarks(f"{path}: the file is empty")
    width = len(rows[0])
    return [(row + [""] * width)[:width] for row in rows]


def _written(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _gradebook(course):
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")
