"""The command line: check, grade, release, prove; `commands` has the others."""

import argparse
import json
import os
import sys
from pathlib import Path

from autograder.checks import EXERCISES, exercise
from autograder.commands import reading, replay, transfer
from autograder.commands.shared import FAILED, OK, add_unprotected, complain, note, unknown, unsafe
from autograder.paths import EXERCISES as RELEASED
from autograder.paths import course_dir
from autograder.scratch import in_scratch


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the words after `python -m autograder`; None for those of this process.

    Returns:
        The exit code: 0 all is well, 1 something failed, 2 it could not be done.
    """
    options = parser().parse_args(arguments)
    try:
        with in_scratch():
            return options.run(options)
    except KeyboardInterrupt:
        print("stopped; what was graded so far is kept", file=sys.stderr)
        return 130
    except OSError as error:  # a folder that is a file, a full disk: nothing a traceback explains
        return complain(f"{error.filename}: {error.strerror}" if error.filename else error)


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="python -m autograder",
        description="The autograder of the course on batch normalization.",
        epilog="`python -m autograder COMMAND --help` says more about a command.",
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    check = commands.add_parser(
        "check",
        help="judge one file: a notebook, or a .py file with the student's definitions",
        description="Judge one file, with fresh inputs, as grading does. Exit code: 0 everything "
        "passed, 1 something failed, 2 it could not be judged.",
    )
    check.add_argument("exercise", metavar="EXERCISE", help=f"one of {', '.join(EXERCISES)}")
    check.add_argument("file", metavar="FILE", type=Path, help="a notebook or a .py file")
    check.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    add_unprotected(check)
    check.set_defaults(run=run_check)

    grade = commands.add_parser(
        "grade",
        help="grade a folder of submissions with nbgrader",
        description="Grade a folder of submissions with nbgrader, into the gradebook of the course "
        "($COURSE_DIR, or course/), and print who lost which points and why.",
    )
    grade.add_argument(
        "folder", metavar="DIR", type=Path, help="holds STUDENT/EXERCISE/EXERCISE.ipynb"
    )
    grade.add_argument(
        "--changed",
        action="store_true",
        help="after an exercise or its catalogue has changed: grade again only what that concerns; "
        "questions that are what they were keep their marks",
    )
    grade.add_argument(
        "--trust-timestamps",
        action="store_true",
        help="take the time of handing in from a timestamp.txt beside the notebook; only where "
        "students could not write it themselves",
    )
    add_unprotected(grade)
    grade.set_defaults(run=run_grade)

    release = commands.add_parser(
        "release",
        help="make exercises/ from solutions/ and the checks",
        description="Make source notebooks from solutions/ and the checks, register them in the "
        "course's gradebook, and release them with nbgrader's own generate step.",
    )
    release.add_argument("names", metavar="EXERCISE", nargs="*", help="all of them by default")
    release.add_argument(
        "--to", metavar="DIR", type=Path, default=RELEASED, help="default: exercises/"
    )
    release.set_defaults(run=run_release)

    prove = commands.add_parser(
        "prove",
        help="put every known mistake, variant and mutant to the checks",
        description="Prove the checks: each known mistake must fail exactly the checks that it "
        "names, each right variant must get full marks. Prints the matrix and the margins of the "
        "tolerances.",
    )
    prove.add_argument("names", metavar="EXERCISE", nargs="*", help="all of them by default")
    prove.add_argument(
        "--seeds", type=int, default=20, metavar="N", help="inputs to try; default 20"
    )
    prove.add_argument(
        "--solution-seeds", type=int, default=0, metavar="N", help="inputs to try the solution on"
    )
    prove.add_argument(
        "--mutants",
        nargs="?",
        const=True,
        default=0,
        type=int,
        metavar="N",
        help="also try every automatic mutant, or N of them for each exercise",
    )
    prove.add_argument(
        "--out", type=Path, metavar="DIR", help="write the results as DIR/EXERCISE.json too"
    )
    prove.set_defaults(run=run_prove)

    sample = commands.add_parser(
        "sample",
        help="write the bundled sample class",
        description="Write a class of made-up students to a folder, to try grading on.",
    )
    sample.add_argument("folder", metavar="DIR", type=Path, help="a new folder, or an empty one")
    sample.set_defaults(run=run_sample)

    reading.add(commands)
    transfer.add(commands)
    replay.add(commands)
    return top


def run_check(options) -> int:
    """`check EXERCISE FILE`."""
    from autograder.grading.submission import CannotJudge, judge_file

    if complaint := unknown([options.exercise]) or unsafe(options):
        return complain(complaint)
    try:
        verdicts = judge_file(options.file, exercise(options.exercise), not options.unprotected)
    except CannotJudge as error:
        return complain(error)
    if options.json:
        print(json.dumps(verdicts, indent=1))
    else:
        print_verdicts(verdicts)
    return OK if all(verdict["passed"] for verdict in verdicts) else FAILED


def print_verdicts(verdicts: list[dict]) -> None:
    """Print one submission's verdicts, a line or two for each."""
    for verdict in verdicts:
        state = "passed" if verdict["passed"] else "FAILED"
        print(f"{state}  {verdict['earned']}/{verdict['points']}  {verdict['id']}")
        if verdict["hint"]:
            named = f" [{verdict['diagnosis']}]" if verdict["diagnosis"] else ""
            print(f"             {verdict['hint']}{named}")
    earned, points = (sum(v[name] for v in verdicts) for name in ("earned", "points"))
    print(f"{earned} of {points} points")


def run_grade(options) -> int:
    """`grade DIR`."""
    from autograder.grading.folder import NothingToGrade, find, grade
    from autograder.release import ReleaseError
    from autograder.report import class_table

    results = []
    try:
        total = len(find(options.folder))
        if complaint := unsafe(options):
            return complain(complaint)
        for result in grade(
            options.folder,
            progress=note,
            sandbox=not options.unprotected,
            only_changed=options.changed,
            timestamps=options.trust_timestamps,
        ):
            results.append(result)
            note(f"[{len(results)}/{total}] {result.student} {result.exercise}")
    except (NothingToGrade, ReleaseError) as error:
        return complain(error)
    if options.changed and not results:
        print(f"nothing to grade: {total} submissions are as they were judged")
        return OK
    if options.changed:
        note(f"{total - len(results)} submissions are as they were judged")
    print(class_table(results))
    print(f"\nGradebook: {course_dir() / 'gradebook.db'}")
    return OK


def run_release(options) -> int:
    """`release [EXERCISE ...]`."""
    from autograder.release import ReleaseError, release

    if complaint := unknown(options.names):
        return complain(complaint)
    if options.to.exists() and not options.to.is_dir():
        return complain(f"{options.to}: not a folder")
    try:
        release(tuple(options.names) or EXERCISES, options.to.resolve(), progress=note)
    except (ReleaseError, ValueError) as error:
        return complain(error)
    return OK


def run_prove(options) -> int:
    """`prove [EXERCISE ...]`."""
    if not hasattr(os, "fork"):  # mutants are tried in copies of the process
        return complain(f"prove needs Linux or macOS, and this is {sys.platform}")
    from autograder.prove import run

    if complaint := unknown(options.names):
        return complain(complaint)
    if options.seeds < 1:
        return complain("--seeds must be at least 1")
    if options.mutants < 0:
        return complain("--mutants must be at least 1")
    if options.out and (options.out.is_file() or not options.out.resolve().parent.is_dir()):
        return complain(f"{options.out}: a file, or in a folder that is not there")
    names = tuple(options.names) or EXERCISES
    return run(names, options.seeds, options.mutants, options.out, options.solution_seeds)


def run_sample(options) -> int:
    """`sample DIR`."""
    from autograder.sample_class import write

    if options.folder.exists() and (not options.folder.is_dir() or any(options.folder.iterdir())):
        return complain(f"{options.folder} is not empty; name a new folder")
    print(f"{write(options.folder)} submissions in {options.folder}")
    return OK
