"""Submissions that a person should look at, and why: prompts, never verdicts."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.checks import EXERCISES, exercise
from autograder.grading.record import Graded
from autograder.report.similarity import nearly_same, usual

UNWRITTEN = re.compile(r" is not written yet\.$")
UNKNOWN = re.compile(r" is not defined: run the cell that defines it\.$")
ENDED = {  # how a verdict's hint says that a question ended otherwise than with an answer
    "ran out of time": re.compile(r"did not finish within|could not be stopped"),
    "killed its kernel": re.compile(r"killed its kernel|the kernel died on the way"),
    "gave no answer that could be read": re.compile(r" gave no answer\.$|what no kernel sends"),
}


@dataclass(frozen=True)
class Prompt:
    """A reason to look at a submission.

    Args:
        student, exercise: whose, and which.
        why: the reason, in words of ours.
        said: what else is known, which may hold the student's own words; "" for nothing.
        partner: the other student, where two submissions are alike; else "".
    """

    student: str
    exercise: str
    why: str
    said: str = ""
    partner: str = ""


def prompts(results: list[Graded], course: Path) -> list[Prompt]:
    """Return the reasons to look at submissions, by exercise and student.

    Args:
        results: what became of each submission.
        course: the course's folder, with what was handed in.
    """
    found = [prompt for result in results for prompt in _of_one(result)]
    found += _not_graded(results, course)
    found += _alike(results, course)
    order = {name: number for number, name in enumerate(EXERCISES)}
    return sorted(found, key=lambda p: (order.get(p.exercise, 99), p.student))


def _of_one(result):
    def prompt(why, said=""):
        return Prompt(result.student, result.exercise, why, said)

    if result.problem:
        yield prompt("Was not judged.", result.problem)
        return
    by_function = defaultdict(list)
    checks = {check.id: check for check in exercise(result.exercise).checks}
    for verdict in result.verdicts:
        if verdict["id"] in checks:
            by_function[checks[verdict["id"]].function].append(verdict)
    for function, verdicts in by_function.items():
        hints = [verdict["hint"] or "" for verdict in verdicts]
        if any(verdict["earned"] for verdict in verdicts):
            continue
        if all(UNKNOWN.search(hint) for hint in hints):
            yield prompt(f"{function} is not there: deleted, renamed, or never written.")
        elif not any(UNWRITTEN.search(hint) for hint in hints):
            yield prompt(
                f"Wrote something for {function} and got 0 of its "
                f"{sum(verdict['points'] for verdict in verdicts)} points.",
                hints[0] if len(set(hints)) == 1 else "",
            )
    for how, pattern in ENDED.items():
        lost = [v["id"] for v in result.verdicts if pattern.search(v["hint"] or "")]
        if lost:
            yield prompt(f"Its code {how} ({', '.join(lost)}).")
    if not result.sandbox:
        yield prompt("Was run unprotected, with no sandbox.")


def _not_graded(results, course):
    graded = {(result.student, result.exercise) for result in results}
    for folder in sorted((course / "submitted").glob("*/*")):
        pair = folder.parent.name, folder.name
        if folder.is_dir() and folder.name in EXERCISES and pair not in graded:
            yield Prompt(*pair, "Was handed in and is not graded.")


def _alike(results, course):
    written = defaultdict(dict)
    for result in results:
        if not result.problem:
            path = course / "autograded" / result.student / result.exercise
            if sources := answers(path / f"{result.exercise}.ipynb"):
                written[result.exercise][result.student] = sources
    for name, class_ in written.items():
        if len(class_) < 2:
            continue
        for pair in nearly_same(class_, usual(exercise(name))):
            why = (
                f"Shares {pair.alike:.0%} of its own runs of code, {pair.shared} in all, with "
                f"another submission, and at most {pair.others:.0%} with the middle of the class."
            )
            yield Prompt(pair.first, name, why, partner=pair.second)
            yield Prompt(pair.second, name, why, partner=pair.first)


def answers(path: Path) -> list[str]:
    """Return the sources of the cells in which a student was to write.

    Args:
        path: an autograded notebook; [] where there is none that can be read.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception:  # it is only looked at; what cannot be read has a prompt of its own
        return []
    return [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    ]
