"""What is read after grading: report, feedback; and what is removed: forget."""

from pathlib import Path

from autograder.commands.shared import (
    FAILED,
    OK,
    add_course,
    complain,
    course_of,
    note,
)


def add(commands) -> None:
    """Add the commands of this module.

    Args:
        commands: argparse's subparsers.
    """
    report = commands.add_parser(
        "report",
        help="write the class report: scores, questions, misconceptions, what to look at",
        description="Write the class report as one HTML page that needs no network and no script: "
        "scores, how hard each question was and how well it tells students apart, which "
        "misconceptions the class has, and which submissions a person should look at.",
    )
    add_course(report)
    report.add_argument(
        "--out", metavar="FILE", type=Path, help="the page; default: report.html in the course"
    )
    report.add_argument("--csv", metavar="FILE", type=Path, help="write the scores as CSV too")
    report.add_argument(
        "--pseudonyms",
        action="store_true",
        help="no name anywhere: pseudonyms, the same in every report of the course",
    )
    report.set_defaults(run=run_report)

    feedback = commands.add_parser(
        "feedback",
        help="write each student's feedback, with nbgrader's own step",
        description="Write each student's feedback as HTML, in the course's feedback/, as "
        "`nbgrader generate_feedback` does. Set $BOOK_URL to the website's address, and each page "
        "links to its chapter.",
    )
    feedback.add_argument("students", metavar="STUDENT", nargs="*", help="all of them by default")
    add_course(feedback)
    feedback.set_defaults(run=run_feedback)

    forget = commands.add_parser(
        "forget",
        help="remove everything that a course has of one student",
        description="Remove one student from the gradebook, with grades, comments and records, and "
        "what was handed in, graded and given back. Lists what there is, and removes it with --yes "
        "only. Tables (.csv) in the course's folder that name the student are listed and left; "
        "reports and exports elsewhere are not found: remove them yourself.",
    )
    forget.add_argument("student", metavar="STUDENT", help="the student's id")
    add_course(forget)
    forget.add_argument("--yes", action="store_true", help="do it; there is no way back")
    forget.set_defaults(run=run_forget)


def run_report(options) -> int:
    """`report`."""
    from autograder.report import as_csv, as_html, class_report

    course = course_of(options)
    if not (course / "gradebook.db").is_file():
        return complain(f"{course}: no gradebook there; grade something first")
    out = options.out or course / "report.html"
    for path in [out, options.csv]:
        if path and (path.is_dir() or not path.resolve().parent.is_dir()):
            return complain(f"{path}: a folder, or in a folder that is not there")
    try:
        report = class_report(course, options.pseudonyms)
    except ValueError as error:
        return complain(error)
    out.write_text(as_html(report), encoding="utf-8")
    note(f"report: {out}")
    if options.csv:
        options.csv.write_text(as_csv(report), encoding="utf-8")
        note(f"scores: {options.csv}")
    return OK


def run_feedback(options) -> int:
    """`feedback [STUDENT ...]`."""
    from autograder.report.generate import generate

    course = course_of(options)
    known = {path.name for path in (course / "autograded").glob("*") if path.is_dir()}
    if not known:
        return complain(f"{course}: nothing is graded there yet")
    if missing := sorted(set(options.students) - known):
        return complain(f"{course}: nothing of {', '.join(missing)} is graded")
    failed = 0
    for path, reason in generate(course, options.students or sorted(known)):
        failed += bool(reason)
        note(f"{path}: {reason}" if reason else str(path))
    return FAILED if failed else OK


def run_forget(options) -> int:
    """`forget STUDENT`."""
    from autograder.transfer.forget import forget, mentions, traces

    course = course_of(options)
    found, tables = traces(course, options.student), mentions(course, options.student)
    if not found and not tables:
        return complain(f"{course}: nothing of a student {options.student!r} there")
    for trace in found:
        print(trace)
    for name in tables:
        print(f"{name}: names the student, and is not changed: remove it, or write it anew")
    if not options.yes:
        note("nothing was removed; add --yes to remove all of this")
        return FAILED
    forget(course, options.student)
    if left := traces(course, options.student):
        return complain(f"could not be removed: {', '.join(left)}")
    but = f", but for what you remove yourself: {', '.join(tables)}" if tables else ""
    print(f"removed all of this; {options.student} is forgotten{but}")
    return OK
