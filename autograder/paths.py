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


def course_dir() -> Path:
    """Return the folder of the instructor's state: $COURSE_DIR, or course/ in the checkout."""
    return Path(os.environ.get("COURSE_DIR") or ROOT / "course").resolve()
