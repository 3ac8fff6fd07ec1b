"""What the commands share: exit codes, complaints, and the options that several have."""

import argparse
import sys
from pathlib import Path

from autograder.checks import why_not
from autograder.paths import course_dir
from autograder.text import escaped

OK, FAILED, CANNOT = 0, 1, 2


def add_course(command: argparse.ArgumentParser) -> None:
    """Give a command the option to name the course's folder."""
    command.add_argument(
        "--course",
        metavar="DIR",
        type=Path,
        help="the course's folder; default: $COURSE_DIR, or course/",
    )


def course_of(options) -> Path:
    """Return the course's folder that a command was given, or the usual one."""
    return course_dir(options.course)


def add_unprotected(command: argparse.ArgumentParser) -> None:
    """Give a command the option to run code with no sandbox."""
    command.add_argument(
        "--unprotected",
        action="store_true",
        help="run the code with no sandbox, with all your rights: only for code you trust",
    )


def complain(line: object) -> int:
    """Say in one line why a command could not be done, and return its exit code."""
    print(f"autograder: {line}", file=sys.stderr)
    return CANNOT


def note(line: str) -> None:
    """Report progress, apart from the command's output."""
    print(escaped(line), file=sys.stderr, flush=True)


def unknown(names: list[str]) -> str | None:
    """Return a complaint about the first name that is no exercise, or None."""
    return next(filter(None, map(why_not, names)), None)


def unsafe(options) -> str | None:
    """Return a complaint if code can be run neither safely nor, in so many words, unsafely."""
    from autograder.kernels.sandbox import SandboxUnavailable, require

    if options.unprotected:
        note("unprotected: the code runs with no sandbox, with all your rights")
        return None
    try:
        require()
    except SandboxUnavailable as error:
        return f"no sandbox: {error}; or, only for code you trust, add --unprotected"
    return None
