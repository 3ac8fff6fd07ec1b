"""Which file of a download is whose: Canvas, Moodle, and plain folders.

Source: Canvas names files in lib/content_zipper.rb, `add_upload_submission` and `get_filename`:
the student's sortable name in lower case, letters and digits only; LATE where it was; the student's
number, or "anon_" and a code; the file's number; the file's name, in which a resubmission has "-1",
"-2" and so on. Moodle, as downloads in public repositories have it (its source was not at hand):
"FULL NAME_PARTICIPANT_assignsubmission_file", with or without "_", as a folder or before the name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.checks import EXERCISES

CANVAS = re.compile(
    r"(?:(?P<name>\w+?)_)?(?:(?P<late>LATE)_)?(?P<number>\d+|anon_[A-Za-z0-9]+)_(?P<file>\d+)_(?P<own>.+)"
)
CANVAS_TEXT = re.compile(r"\w*?_?(?:\d+|anon_[A-Za-z0-9]+)_(?:text|link)\.html")
AGAIN = re.compile(r"-(\d{1,3})(?=\.\w+$)")
MOODLE = re.compile(
    r"(?P<name>.*?)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)_?(?P<own>.*)", re.DOTALL
)


class Unplaced(Exception):
    """A file that is nobody's; the message says why in one line."""


@dataclass(frozen=True)
class Place:
    """Whose a file is.

    Args:
        number: the platform's of the student; "" where it has none.
        names: ways in which the student's name may be written there.
        student_id: nbgrader's, where the layout is by id.
        own: the file's path as the student had it, in parts.
        attempt: of two files of one name the larger counts.
        late: whether the platform says that it was late.
    """

    number: str
    names: tuple[str, ...]
    student_id: str
    own: tuple[str, ...]
    attempt: tuple[int, ...] = ()
    late: bool = False


def parts_of(path: str) -> tuple[str, ...]:
    """Split a path of a download, and refuse one that leads out of it.

    Args:
        path: with "/" or, as some programs write it, a backslash.

    Raises:
        Unplaced: it is absolute, or goes up.
    """
    path = path.replace("\\", "/")
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", parts[0]):
        raise Unplaced("its path leads out of the download")
    return parts


def canvas(parts: tuple[str, ...], exercise: str) -> Place:
    """Place a file of Canvas's "Download submissions".

    Args:
        parts: of its path.
        exercise: what was to be handed in.

    Raises:
        Unplaced: it is named otherwise.
    """
    found = CANVAS.fullmatch(parts[-1])
    if not found:
        if CANVAS_TEXT.fullmatch(parts[-1]):
            raise Unplaced("text or a link typed into Canvas, no file")
        raise Unplaced("not named as Canvas names files (NAME_NUMBER_NUMBER_FILE)")
    again = AGAIN.search(found["own"])
    return Place(
        number=found["number"],
        names=(found["name"],) if found["name"] else (),
        student_id="",
        own=(AGAIN.sub("", found["own"]),),
        attempt=(int(again[1]) if again else 0, int(found["file"])),
        late=bool(found["late"]),
    )


def moodle(parts: tuple[str, ...], exercise: str) -> Place:
    """Place a file of Moodle's "Download all submissions".

    Args:
        parts: of its path.
        exercise: what was to be handed in.

    Raises:
        Unplaced: it is named otherwise.
    """
    matches = [(depth, found) for depth, p in enumerate(parts) if (found := MOODLE.fullmatch(p))]
    if not matches:
        raise Unplaced("not in a folder as Moodle names them (NAME_NUMBER_assignsubmission_file)")
    depth, found = matches[0]
    if found["kind"] != "file":
        raise Unplaced(f"Moodle's {found['kind']}, no file that was handed in")
    own = tuple(filter(None, (found["own"], *parts[depth + 1 :])))
    if not own:
        raise Unplaced("a file where Moodle has a folder")
    return Place(number=found["number"], names=(found["name"],), student_id="", own=own)


def folder(parts: tuple[str, ...], exercise: str) -> Place:
    """Place a file of STUDENT/EXERCISE/FILE, of STUDENT/FILE, or STUDENT.ipynb.

    Args:
        parts: of its path.
        exercise: what was to be handed in.

    Raises:
        Unplaced: it belongs to another exercise.
    """
    if not parts:
        raise Unplaced("in no student's folder")
    student, *own = parts
    if not own:
        if not student.endswith(".ipynb"):
            raise Unplaced("in no student's folder")
        return Place("", (student[:-6],), student[:-6], (f"{exercise}.ipynb",))
    if len(own) > 1 and own[0] in EXERCISES:
        if own[0] != exercise:
            raise Unplaced(f"of {own[0]}")
        own = own[1:]
    return Place("", (student,), student, tuple(own))


LAYOUTS: dict[str, Callable[[tuple[str, ...], str], Place]] = {
    "canvas": canvas,
    "moodle": moodle,
    "folder": folder,
}
