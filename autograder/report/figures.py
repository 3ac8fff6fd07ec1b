"""A class in figures: how hard each question was, and which misconceptions the class has."""

import math
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import (
    Assignment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)

from autograder.checks import EXERCISES, exercise
from autograder.grading.record import Graded
from autograder.mistakes import mistakes_of
from autograder.report.attention import UNWRITTEN

FEWEST = 3  # submissions from which a correlation is more than a line through two points


@dataclass(frozen=True)
class Score:
    """What the gradebook has for one submission.

    Args:
        earned: points, with those that a person gave, less the penalty.
        possible: points of the exercise.
        penalty: points taken off because it was late.
        given: points that a person gave or took, beside what the judge decided.
    """

    earned: float
    possible: float
    penalty: float = 0.0
    given: float = 0.0


@dataclass(frozen=True)
class Question:
    """How a class did on one question.

    Args:
        exercise, id: which one.
        text: the question, in one sentence; "" where the exercise no longer asks it.
        points: what it is worth.
        n: submissions that were judged on it.
        earned: the share of its points that was earned, from 0 to 1.
        discrimination: correlation of its points with those of the exercise's other questions; None
            where it is not defined.
        unwritten: students who lost it because they had written nothing.
        unexplained: students who wrote something, and lost it for no reason that the catalogue
            knows.
    """

    exercise: str
    id: str
    text: str
    points: int
    n: int
    earned: float
    discrimination: float | None
    unwritten: int
    unexplained: int


@dataclass(frozen=True)
class Misconception:
    """A mistake of the catalogue that students made.

    Args:
        exercise, id: which one.
        title, hint: what it is, in the catalogue's words.
        students: who made it, sorted.
        of: how many submissions of the exercise were judged.
        questions: ids of the questions that it cost.
    """

    exercise: str
    id: str
    title: str
    hint: str
    students: tuple[str, ...]
    of: int
    questions: tuple[str, ...]


def scores(course: Path) -> dict[tuple[str, str], Score]:
    """Read what counts, by student and exercise, from a course's gradebook.

    Args:
        course: the course's folder.
    """
    if not (course / "gradebook.db").exists():
        return {}
    found = defaultdict(lambda: ([], {}))
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        possible = {each.name: each.max_score for each in gradebook.assignments}
        # One query: nbgrader's objects take several for each of a class's submissions.
        query = gradebook.db.query(Grade, SubmittedNotebook, Assignment.name, Student.id)
        query = query.join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        query = query.join(
            SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id
        )
        query = query.join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        query = query.join(Student, SubmittedAssignment.student_id == Student.id)
        for grade, notebook, name, student in query:
            grades, penalties = found[student, name]
            if grade.auto_score is not None or grade.manual_score is not None:
                grades.append((grade.score, grade.auto_score or 0.0))
                penalties[notebook.id] = notebook.late_submission_penalty or 0.0
    return {
        (student, name): Score(
            earned=max(0.0, sum(score for score, _ in grades) - sum(penalties.values())),
            possible=possible[name],
            penalty=sum(penalties.values()),
            given=sum(score - auto for score, auto in grades),
        )
        for (student, name), (grades, penalties) in found.items()
        if grades  # nothing at all: there is no more than an extension of the due date
    }


def names_of(found: set[str]) -> list[str]:
    """Put names of exercises in the order of the course, an instructor's own at the end."""
    return [name for name in EXERCISES if name in found] + sorted(found - set(EXERCISES))


def questions(results: list[Graded]) -> list[Question]:
    """Return the figures of every question that somebody was judged on, in the course's order.

    Args:
        results: what became of each submission.
    """
    found = []
    for name in names_of({result.exercise for result in results}):
        judged = [r for r in results if r.exercise == name and r.verdicts and not r.problem]
        texts = {check.id: check.question for check in exercise(name).checks}
        ids = [*texts, *{v["id"]: 0 for r in judged for v in r.verdicts if v["id"] not in texts}]
        for check_id in ids:
            rows = [(r, v) for r in judged for v in r.verdicts if v["id"] == check_id]
            if not rows:
                continue
            earned = [v["earned"] for _, v in rows]
            unnamed = [v for _, v in rows if not v["passed"] and not v["diagnosis"]]
            unwritten = sum(bool(UNWRITTEN.search(v["hint"] or "")) for v in unnamed)
            found.append(
                Question(
                    exercise=name,
                    id=check_id,
                    text=texts.get(check_id, ""),
                    points=rows[-1][1]["points"],
                    n=len(rows),
                    earned=sum(earned) / (sum(v["points"] for _, v in rows) or 1),
                    discrimination=correlation(earned, [r.earned - v["earned"] for r, v in rows]),
                    unwritten=unwritten,
                    unexplained=len(unnamed) - unwritten,
                )
            )
    return found


def correlation(xs: list[float], ys: list[float]) -> float | None:
    """Return Pearson's correlation, or None where one of the two does not vary or n < 3.

    Args:
        xs, ys: as many numbers each.
    """
    n = len(xs)
    if n < FEWEST or len(set(xs)) < 2 or len(set(ys)) < 2:
        return None
    x0, y0 = sum(xs) / n, sum(ys) / n
    xy = sum((x - x0) * (y - y0) for x, y in zip(xs, ys, strict=True))
    return xy / math.sqrt(sum((x - x0) ** 2 for x in xs) * sum((y - y0) ** 2 for y in ys))


def misconceptions(results: list[Graded]) -> list[Misconception]:
    """Return the mistakes that were diagnosed, by exercise, the most frequent first.

    Args:
        results: what became of each submission.
    """
    who, lost, judged = defaultdict(set), defaultdict(dict), defaultdict(int)
    for result in results:
        judged[result.exercise] += bool(result.verdicts and not result.problem)
        for verdict in result.verdicts:
            if verdict["diagnosis"]:
                key = result.exercise, verdict["diagnosis"]
                who[key].add(result.student)
                lost[key][verdict["id"]] = True
    found = []
    for name in names_of({name for name, _ in who}):
        known = {mistake.id: mistake for mistake in mistakes_of(name)}
        of_this = [(i, s) for (n, i), s in who.items() if n == name]
        for mistake, students in sorted(of_this, key=lambda pair: (-len(pair[1]), pair[0])):
            entry = known.get(mistake)  # the catalogue may have lost it since
            found.append(
                Misconception(
                    exercise=name,
                    id=mistake,
                    title=entry.title if entry else "",
                    hint=entry.hint if entry else "",
                    students=tuple(sorted(students)),
                    of=judged[name],
                    questions=tuple(lost[name, mistake]),
                )
            )
    return found
