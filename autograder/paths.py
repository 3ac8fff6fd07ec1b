"""Where things stand in a checkout, and where the instructor's state is kept."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOLUTIONS = ROOT / "solutions"
EXERCISES = ROOT / "exercises"
DATA = ROOT / "data"
BUILD = ROOT / "build"
SOURCE = (
    BUILD / "source"
)  # never beside solutions/: nbgrader copies a source folder's files into the release


SAMPLE_COURSE = BUILD / "sample_course"  # of `make grade`; every run makes it anew


if os.environ.get("COURSE_DIR"):  # as it is here and now: nbgrader changes the current folder
    os.environ["COURSE_DIR"] = os.path.abspath(os.environ["COURSE_DIR"])


class BadCourse(OSError):
    """A folder that can be no course's; the message says why."""


def course_dir(course: Path | None = None) -> Path:
    """Return the folder of the instructor's state.

    Args:
        course: a folder that was asked for; None for $COURSE_DIR, or course/ in the checkout.

    Raises:
        BadCourse: `make clean` would remove it.
    """
    place = Path(course or os.environ.get("COURSE_DIR") or ROOT / "course").resolve()
    removed = any(place.is_relative_to(folder) for folder in (BUILD, ROOT / "_build"))
    if removed and place != SAMPLE_COURSE:
        raise BadCourse(0, "`make clean` would remove this folder; name another", str(place))
    return place
