"""From a download to course/submitted/STUDENT/EXERCISE/, with nothing lost on the way unseen."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from autograder.checks import EXERCISES
from autograder.grading import intake
from autograder.scratch import scratch
from autograder.transfer.layouts import LAYOUTS, Unplaced, parts_of
from autograder.transfer.roster import FITTING, Roster, Student
from autograder.transfer.source import BROKEN, Entry, entries

BY_PROGRAMS = re.compile(
    r"(^|/)(__MACOSX/|\.DS_Store$|\.ipynb_checkpoints/|__pycache__/|Thumbs\.db$|desktop\.ini$)"
)
LARGEST_SAID = 1 << 40  # bytes; a zip can claim any size


@dataclass
class Collected:
    """What became of a download.

    Args:
        students: ids whose submission is in the course now.
        late: ids whose submission the platform calls late.
        left_out: path and reason of each file that is in no submission.
        without: ids of the roster of whom nothing is there.
        notes: what else is to be known.
    """

    students: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def collect(
    path: Path,
    layout: str,
    exercise: str,
    course: Path,
    roster: list[Student] | None = None,
    timestamps: bool = False,
) -> Collected:
    """Bring a download into a course.

    Args:
        path: a folder or a zip; it is left as it is.
        layout: "canvas", "moodle" or "folder".
        exercise: its name.
        course: the course's folder. A student's submission there is replaced as a whole.
        roster: the class; nobody else's submission is taken. Without one, ids are made of what the
            platform says.
        timestamps: of a folder, take the times of handing in that its files tell; a student who
            made them can write any.

    Raises:
        NoDownload: there is nothing to read.
    """
    done, theirs = Collected(), defaultdict(list)
    class_ = Roster(roster) if roster else None
    found = entries(path)
    top = _top(found, exercise) if layout == "folder" else 0
    for entry in found:
        try:
            place, student = _place(entry, layout, exercise, class_, top)
        except Unplaced as reason:
            done.left_out.append((entry.name, str(reason)))
        else:
            theirs[student].append((place, entry))
    if class_ is None:
        _refuse_namesakes(theirs, done)
    due = _due(course, exercise)
    for student, files in sorted(theirs.items()):
        member = next((s for s in roster or () if s.id == student), None)
        when = _when(layout, files, member, due) if layout != "folder" or timestamps else None
        if any(place.late for place, _ in files):
            done.late.append(student)
        with scratch() as folder:
            _write(files, folder, layout == "folder" and timestamps, done)
            stamp = folder / intake.TIMESTAMP
            if when is not None and not stamp.exists():
                stamp.write_text(f"{when:%Y-%m-%d %H:%M:%S} UTC\n")
            target = course / "submitted" / student / exercise
            target.parent.mkdir(parents=True, exist_ok=True)
            intake.collect(folder, target, exercise, timestamp=True)
        done.students.append(student)
    if done.late:
        done.notes.append(
            "Canvas does not say how late: one second after the due date is noted, which is what "
            "nbgrader's penalties need; where hours count, correct timestamp.txt"
            if due
            else "the gradebook has no due date, so that being late costs nothing; set one with "
            f"`nbgrader db assignment add {exercise} --duedate=...` and collect again"
        )
    done.without = sorted({student.id for student in roster or ()} - set(done.students))
    return done


def _top(found, exercise):
    """Return 1 where all students' folders lie in one, as when a folder was zipped; else 0."""
    paths = [e.name.replace("\\", "/").split("/") for e in found if not BY_PROGRAMS.search(e.name)]
    tops = {parts[0] for parts in paths}
    if len(tops) != 1 or any(len(parts) > 2 and parts[1] in EXERCISES for parts in paths):
        return 0
    inside = {parts[1] for parts in paths if len(parts) > 2 and parts[-1].endswith(".ipynb")}
    return int(len(inside) > 1 or any(exercise in parts[2:-1] for parts in paths))


def _place(entry: Entry, layout, exercise, class_, top):
    """Say whose a file is: its place and the student's id."""
    if BY_PROGRAMS.search(entry.name):
        raise Unplaced("made by a program, not handed in")
    if entry.why_not:
        raise Unplaced(entry.why_not)
    place = LAYOUTS[layout](parts_of(entry.name)[top:], exercise)
    said = " or ".join(filter(None, [place.number, *place.names]))
    if class_ is None:
        return place, _made_id(place, layout)
    found = class_.find(place.number, place.names, place.student_id)
    if len(found) != 1:
        how_many = "several students" if found else "nobody"
        raise Unplaced(f"{how_many} of the roster may be {said}")
    return place, found[0].id


def _made_id(place, layout):
    """Make an id where no roster gives one: Canvas's number stays the same, Moodle's does not."""
    if place.student_id:
        wanted = place.student_id
    elif layout == "canvas":
        wanted = place.number
    else:
        wanted = re.sub(r"\W+", "-", place.names[0].strip().casefold()).strip("-")
    if not FITTING.fullmatch(wanted):
        raise Unplaced(f"{wanted!r} can be no student's id; give a roster")
    return wanted


def _refuse_namesakes(theirs, done):
    """Leave out two people who would be one."""
    for student, files in list(theirs.items()):
        numbers = {place.number for place, _ in files}
        if len(numbers) > 1:
            done.left_out += [
                (e.name, f"two are called {student}; give a roster") for _, e in files
            ]
            del theirs[student]


def _when(layout, files, member, due):
    """Say when a submission was handed in, as far as the platform tells; in UTC."""
    if layout == "canvas":  # the times in its zip are those of the download
        late = any(place.late for place, _ in files)
        return due + timedelta(seconds=1) if late and due else None
    if member and member.handed_in:
        return member.handed_in.astimezone(UTC)
    return max((entry.when for _, entry in files if entry.when), default=None)


def _write(files, scratch, timestamps, done):
    """Write one student's files into a folder, the latest of each name."""
    latest = {}
    for place, entry in sorted(files, key=lambda pair: (pair[0].attempt, pair[1].name)):
        own = tuple(_safe(part) for part in place.own)
        if own == (intake.TIMESTAMP,) and not (timestamps and _is_time(entry)):
            done.left_out.append((entry.name, "a time of handing in that anybody can write"))
            continue
        if own in latest:
            done.left_out.append((latest[own].name, "an earlier attempt"))
        latest[own] = entry
    left = intake.LARGEST_FOLDER
    for own, entry in latest.items():
        target = scratch.joinpath(*own)
        notebook = target.suffix == ".ipynb"
        try:
            content = entry.read(intake.LARGEST if notebook else left)
            target.parent.mkdir(parents=True, exist_ok=True)
            if content is not None:
                target.write_bytes(content)
                left -= 0 if notebook else len(content)
            elif notebook:  # an empty file of that size, for `intake` to say so to the student
                with target.open("wb") as file:
                    file.truncate(min(max(entry.size, intake.LARGEST + 1), LARGEST_SAID))
            else:
                done.left_out.append((entry.name, "too large"))
        except BROKEN as error:
            done.left_out.append((entry.name, f"cannot be read ({error})"))


def _safe(part):
    part = re.sub(r"[^\w .@+()-]", "_", part).lstrip(".")
    stem, dot, suffix = part.rpartition(".")
    return f"{stem[:100]}{dot}{suffix[:20]}" if stem else part[:120] or "_"


def _is_time(entry):
    try:
        return intake.timestamp_of(entry.read(1000) or b"") is not None
    except BROKEN:
        return False


def _due(course, exercise):
    """Return an assignment's due date, which nbgrader keeps in UTC."""
    if not (course / "gradebook.db").exists():
        return None
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        try:
            return gradebook.find_assignment(exercise).duedate
        except MissingEntry:
            return None


def extend(course: Path, student: str, exercise: str, hours: float) -> datetime | None:
    """Give a student more time, by nbgrader's own means; it counts from the next grading on.

    Args:
        course: the course's folder.
        student, exercise: whose, and of what.
        hours: beyond the due date, in place of any extension before; 0 takes it back.

    Returns:
        The student's due date; None where the exercise has none.

    Raises:
        MissingEntry: the gradebook does not know the exercise.
    """
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.find_assignment(exercise)
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(exercise, student)
        gradebook.grant_extension(exercise, student, minutes=round(hours * 60))
        submission = gradebook.find_submission(exercise, student)
        return submission.duedate if submission.assignment.duedate else None
