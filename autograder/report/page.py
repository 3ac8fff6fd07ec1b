"""The class report: one HTML page that stands alone, and the same scores as CSV."""

import csv
import io
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from statistics import median

import jinja2
from markupsafe import Markup

from autograder.checks import EXERCISES, exercise
from autograder.grading.record import Graded, records
from autograder.judge import course_secret
from autograder.report.attention import Prompt, prompts
from autograder.report.figures import (
    Misconception,
    Question,
    Score,
    misconceptions,
    names_of,
    questions,
    scores,
)
from autograder.report.pseudonyms import pseudonyms

TEMPLATES = Path(__file__).parent / "templates"
COLUMNS = ("student", "exercise", "score", "possible", "late_penalty", "by_hand", "state")
COLUMNS += ("sandbox", "misconceptions")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for one


@dataclass(frozen=True)
class ClassReport:
    """What there is to say of a class.

    Args:
        results: what became of each submission.
        scores: what counts, by student and exercise.
        prompts: reasons to look at submissions.
        questions: the figures of each question.
        misconceptions: the mistakes that were diagnosed.
        anonymous: whether names are pseudonyms.
    """

    results: list[Graded]
    scores: dict[tuple[str, str], Score]
    prompts: list[Prompt]
    questions: list[Question]
    misconceptions: list[Misconception]
    anonymous: bool = False

    @property
    def students(self) -> list[str]:
        """Everybody of whom something is known, sorted."""
        of_prompts = {prompt.student for prompt in self.prompts}
        of_results = {result.student for result in self.results}
        return sorted({student for student, _ in self.scores} | of_prompts | of_results)

    @property
    def exercises(self) -> list[str]:
        """The exercises, in order."""
        return names_of({n for _, n in self.scores} | {r.exercise for r in self.results})


def class_report(course: Path, anonymous: bool = False) -> ClassReport:
    """Read a course and say what there is to say of its class.

    Args:
        course: the course's folder; nothing in it is changed.
        anonymous: replace every name by a pseudonym.

    Raises:
        ValueError: pseudonyms were asked for, and the course has no secret to make them from.
    """
    results = records(course)
    report = ClassReport(
        results=results,
        scores=scores(course),
        prompts=prompts(results, course),
        questions=questions(results),
        misconceptions=misconceptions(results),
    )
    return renamed(report, course_secret(course)) if anonymous else report


def renamed(report: ClassReport, secret: bytes) -> ClassReport:
    """Return a report with pseudonyms for names, and without anything in students' own words.

    Args:
        report: with names.
        secret: the course's.

    Raises:
        ValueError: there is no secret.
    """
    code = pseudonyms(report.students, secret)
    return ClassReport(
        results=sorted(
            (replace(result, student=code[result.student]) for result in report.results),
            key=lambda result: (result.student, result.exercise),
        ),
        scores={(code[student], name): s for (student, name), s in report.scores.items()},
        prompts=sorted(
            (
                replace(p, student=code[p.student], partner=code.get(p.partner, ""), said="")
                for p in report.prompts
            ),
            key=lambda prompt: (prompt.exercise, prompt.student),
        ),
        questions=report.questions,
        misconceptions=[
            replace(entry, students=tuple(sorted(code[s] for s in entry.students)))
            for entry in report.misconceptions
        ],
        anonymous=True,
    )


def as_html(report: ClassReport) -> str:
    """Write the page.

    Args:
        report: from `class_report`.

    Returns:
        HTML that asks no host for anything and runs no script.
    """
    names, students = report.exercises, report.students
    unprotected = [result for result in report.results if not result.sandbox]
    shown = report.prompts
    if unprotected and len(unprotected) == len(report.results):  # said once, at the top
        shown = [prompt for prompt in shown if "unprotected" not in prompt.why]
    problems = {(result.student, result.exercise) for result in report.results if result.problem}
    columns = [[report.scores.get((student, name)) for student in students] for name in names]
    return (
        environment()
        .get_template("class.html.j2")
        .render(
            css=stylesheet(),
            submissions=counted(len(report.results), "submission"),
            students=counted(len(students), "student"),
            pseudonyms=report.anonymous,
            unprotected="all" if unprotected and shown is not report.prompts else "",
            exercises=[(name, _possible(report, name)) for name in names],
            rows=[
                (student, [_cell(report, problems, student, name) for name in names])
                for student in students
            ],
            medians=[
                number(median([s.earned for s in column if s])) if any(column) else "–"
                for column in columns
            ],
            notes=list(_notes(report)),
            prompts=shown,
            misconceptions=_by_exercise(report.misconceptions),
            questions=_by_exercise(report.questions),
            percent=lambda share: f"{share:.0%}",
        )
    )


def as_csv(report: ClassReport) -> str:
    """Write the scores, one line for each student and exercise.

    Args:
        report: from `class_report`.
    """
    judged = {(result.student, result.exercise): result for result in report.results}
    named = {
        (student, entry.exercise, entry.id)
        for entry in report.misconceptions
        for student in entry.students
    }
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for student, name in sorted(report.scores.keys() | judged.keys()):
        score, result = report.scores.get((student, name)), judged.get((student, name))
        points = ("", "", "", "")
        if score:
            fields = (score.earned, score.possible, score.penalty, score.given)
            points = tuple(number(value) for value in fields)
        state = "no record" if result is None else "not judged" if result.problem else "judged"
        sandbox = "" if result is None else "yes" if result.sandbox else "no"
        mistakes = sorted(i for s, n, i in named if (s, n) == (student, name))
        writer.writerow([harmless(student), name, *points, state, sandbox, " ".join(mistakes)])
    return out.getvalue()


def harmless(text: str) -> str:
    """Return a cell of a CSV that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def environment() -> jinja2.Environment:
    """Return the templates of this room; they escape whatever they are given."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined
    )


def stylesheet() -> Markup:
    """Return the style that the pages share, to stand inside a page."""
    return Markup((TEMPLATES / "page.css").read_text(encoding="utf-8"))


def number(value: float) -> str:
    """Write points without needless digits."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def counted(count: int, thing: str) -> str:
    """Return a number of things in words."""
    return f"{count} {thing}" + ("" if count == 1 else "s")


def _possible(report, name):
    if name in EXERCISES:
        return exercise(name).points
    return number(max(s.possible for (_, n), s in report.scores.items() if n == name))


def _cell(report, problems, student, name):
    if (student, name) in problems:
        return "not judged"
    score = report.scores.get((student, name))
    if score is None:
        return "–"
    marks = ("*" if score.penalty else "") + ("†" if abs(score.given) > 1e-9 else "")
    return number(score.earned) + marks


def _notes(report):
    if any(score.penalty for score in report.scores.values()):
        yield "* Points were taken off because it was late."
    if any(abs(score.given) > 1e-9 for score in report.scores.values()):
        yield "† A person changed points."


def _by_exercise(entries):
    return [(name, list(group)) for name, group in groupby(entries, lambda e: e.exercise)]
