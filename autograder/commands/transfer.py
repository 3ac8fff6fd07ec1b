"""What comes in and goes out: roster, collect, extend, marks."""

from pathlib import Path

from autograder.checks import EXERCISES
from autograder.commands.shared import (
    FAILED,
    OK,
    add_course,
    complain,
    course_of,
    note,
    unknown,
)


def add(commands) -> None:
    """Add the commands of this module.

    Args:
        commands: argparse's subparsers.
    """
    roster = commands.add_parser(
        "roster",
        help="put the class into the gradebook",
        description="Put the class into the gradebook, from a CSV with the columns id, first_name, "
        "last_name, email (and lms_user_id), a Canvas gradebook export or a Moodle grading "
        "worksheet. `nbgrader db student import` reads the first of these too.",
    )
    roster.add_argument("file", metavar="FILE", type=Path, help="the CSV")
    add_course(roster)
    roster.set_defaults(run=run_roster)

    collect = commands.add_parser(
        "collect",
        help="bring submissions from Canvas, Moodle or a folder into the course",
        description="Bring the submissions of one exercise into the course, with the times of "
        "handing in as far as the platform tells them, and list every file that is left out, and "
        "why. Exit code: 0 all was placed, 1 something was left out.",
    )
    collect.add_argument("path", metavar="PATH", type=Path, help="a zip or a folder")
    collect.add_argument(
        "--from",
        dest="layout",
        required=True,
        choices=("canvas", "moodle", "folder"),
        help="who made it: Canvas's 'Download submissions', Moodle's 'Download all submissions', "
        "or STUDENT/EXERCISE/FILE, STUDENT/FILE, STUDENT.ipynb",
    )
    collect.add_argument(
        "--exercise", required=True, metavar="NAME", help=f"one of {', '.join(EXERCISES)}"
    )
    collect.add_argument(
        "--roster",
        metavar="FILE",
        type=Path,
        help="the class, as for `roster`; default: those whom the gradebook knows by name",
    )
    collect.add_argument(
        "--trust-timestamps",
        action="store_true",
        help="of a folder: take the time of handing in from timestamp.txt, or else from the files' "
        "own times; only where students could not write them themselves",
    )
    add_course(collect)
    collect.set_defaults(run=run_collect)

    extend = commands.add_parser(
        "extend",
        help="give one student more time",
        description="Give one student more time for one exercise, by nbgrader's own means. It "
        "counts from the next grading on. The due date itself is set with `nbgrader db assignment "
        "add EXERCISE --duedate=...`.",
    )
    extend.add_argument("student", metavar="STUDENT", help="the student's id")
    extend.add_argument("exercise", metavar="EXERCISE", help=f"one of {', '.join(EXERCISES)}")
    extend.add_argument(
        "--hours", type=float, required=True, help="beyond the due date, in all; 0 takes it back"
    )
    add_course(extend)
    extend.set_defaults(run=run_extend)

    marks = commands.add_parser(
        "marks",
        help="write marks for Canvas, for Moodle, or as nbgrader's CSV",
        description="Write marks as Canvas's or Moodle's gradebook imports them, or as nbgrader "
        "exports them. Who handed in nothing gets no mark in the first two, and 0 in the third.",
    )
    marks.add_argument(
        "--to", required=True, choices=("canvas", "moodle", "csv"), help="who is to read them"
    )
    marks.add_argument("--out", metavar="FILE", type=Path, help="default: marks.csv in the course")
    marks.add_argument(
        "--exercise", metavar="NAME", action="append", help="all by default; Moodle wants one"
    )
    marks.add_argument(
        "--fill",
        metavar="FILE",
        type=Path,
        help="what the platform exported: Canvas's gradebook, or Moodle's grading worksheet",
    )
    add_course(marks)
    marks.set_defaults(run=run_marks)


def run_roster(options) -> int:
    """`roster FILE`."""
    from autograder.course import nbgrader_config
    from autograder.transfer.roster import NoRoster, read_roster, register

    course = course_of(options)
    try:
        students = read_roster(options.file)
    except NoRoster as error:
        return complain(error)
    nbgrader_config(course)  # makes the folder, and lets nbgrader make a gradebook
    register(students, course)
    print(f"{len(students)} students in {course / 'gradebook.db'}")
    return OK


def run_collect(options) -> int:
    """`collect PATH`."""
    from autograder.transfer.collect import collect
    from autograder.transfer.roster import NoRoster, read_roster, students_in
    from autograder.transfer.source import NoDownload

    if complaint := unknown([options.exercise]):
        return complain(complaint)
    course = course_of(options)
    try:
        roster = read_roster(options.roster) if options.roster else students_in(course)
        done = collect(
            options.path,
            options.layout,
            options.exercise,
            course,
            roster,
            options.trust_timestamps,
        )
    except (NoRoster, NoDownload) as error:
        return complain(error)
    print(f"{len(done.students)} submissions of {options.exercise} in {course / 'submitted'}")
    for title, names in (("late", done.late), ("nothing from", done.without)):
        if names:
            print(f"{title}: {', '.join(names)}")
    for line in done.notes:
        note(line)
    for name, reason in done.left_out:
        print(f"left out: {name!a}: {reason}")
    return FAILED if done.left_out or not done.students else OK


def run_extend(options) -> int:
    """`extend STUDENT EXERCISE`."""
    from nbgrader.api import MissingEntry

    from autograder.course import nbgrader_config
    from autograder.transfer.collect import extend

    course = course_of(options)
    if complaint := unknown([options.exercise]):
        return complain(complaint)
    if not options.hours >= 0:
        return complain("--hours must be 0 or more")
    if not (course / "gradebook.db").is_file():
        return complain(f"{course}: no gradebook there")
    nbgrader_config(course)  # keeps nbgrader from warning about itself
    try:
        due = extend(course, options.student, options.exercise, options.hours)
    except MissingEntry:
        return complain(f"{options.exercise} is not in the gradebook: grade or release it once")
    if due is None:
        note(f"{options.exercise} has no due date, so that nothing is late")
    else:
        print(f"{options.exercise} is due from {options.student} at {due:%Y-%m-%d %H:%M} UTC")
    return OK


def run_marks(options) -> int:
    """`marks --to WHERE`."""
    from autograder.report.figures import names_of, scores
    from autograder.transfer.marks import NoMarks, canvas, moodle, nbgraders

    course, names = course_of(options), options.exercise or []
    out = options.out or course / "marks.csv"
    if complaint := unknown(names):
        return complain(complaint)
    if not (course / "gradebook.db").is_file():
        return complain(f"{course}: no gradebook there; grade something first")
    if out.is_dir() or not out.resolve().parent.is_dir():
        return complain(f"{out}: a folder, or in a folder that is not there")
    graded = names_of({name for _, name in scores(course)})
    if missing := [name for name in names if name not in graded]:
        return complain(f"nothing of {', '.join(missing)} is graded")
    if options.to == "moodle" and len(names) != 1:
        return complain("Moodle takes the marks of one exercise: name it with --exercise")
    if options.to == "csv":
        nbgraders(course, out)
    else:
        try:
            if options.to == "canvas":
                marks = canvas(course, names or graded, options.fill)
            else:
                marks = moodle(course, names[0], options.fill)
        except NoMarks as error:
            return complain(error)
        for line in marks.notes:
            note(line)
        out.write_text(marks.text, encoding="utf-8")
    print(out)
    return OK
