"""An appeal: what was asked of a submission, and what it answered."""

import argparse
import json
from pathlib import Path

from autograder.checks import EXERCISES, exercise
from autograder.commands.shared import (
    CANNOT,
    FAILED,
    OK,
    add_course,
    add_unprotected,
    complain,
    course_of,
    unknown,
    unsafe,
)


def add(commands) -> None:
    """Add the command of this module.

    Args:
        commands: argparse's subparsers.
    """
    replay = commands.add_parser(
        "replay",
        help="show what a question asked of a submission, and what it answered",
        description="Grade one submission once more, with the inputs that it had, and show one "
        "question of it: inputs, expected answers, answers, verdict, and whether the verdict is "
        "the recorded one. Nothing in the course changes. Exit code: 0 the same verdict, 1 "
        "another, 2 it could not be done. What it shows is for instructors: it has hidden inputs.",
    )
    replay.add_argument(
        "submission", metavar="SUBMISSION", help="STUDENT/EXERCISE, or STUDENT with --exercise"
    )
    replay.add_argument("check", metavar="CHECK", help="the question's id, as reports name it")
    replay.add_argument("--exercise", metavar="NAME", help=f"one of {', '.join(EXERCISES)}")
    replay.add_argument("--json", action="store_true", help="print it as JSON, arrays in full")
    add_course(replay)
    add_unprotected(replay)
    replay.set_defaults(run=run_replay)


def run_replay(options: argparse.Namespace) -> int:
    """`replay SUBMISSION CHECK`."""
    from autograder.grading.replay import CannotReplay, as_data, as_text, replay

    student, _, name = options.submission.partition("/")
    name = options.exercise or name
    if not name:
        return complain("which exercise? Give STUDENT/EXERCISE, or --exercise")
    if complaint := unknown([name]):
        return complain(complaint)
    ids = [check.id for check in exercise(name).checks]
    if options.check not in ids:
        return complain(f"{name} has no question {options.check!r}; there are {', '.join(ids)}")
    course: Path = course_of(options)
    if not (course / "secret").is_file():
        return complain(f"{course}: nothing was graded there")
    if complaint := unsafe(options):
        return complain(complaint)
    try:
        found = replay(course, student, name, options.check, not options.unprotected)
    except CannotReplay as error:
        return complain(error)
    print(json.dumps(as_data(found), indent=1) if options.json else as_text(found))
    return OK if found.same else FAILED if found.recorded else CANNOT
