"""What an instructor reads after grading: students by exercise, then lost points and why."""

from dataclasses import replace

from autograder.checks import EXERCISES, exercise
from autograder.grading.record import Graded
from autograder.text import escaped


def class_table(results: list[Graded]) -> str:
    """Return a table of students by exercise, then the lost points with diagnosis and hint.

    Args:
        results: what became of each submission.
    """
    results = [replace(result, student=escaped(result.student)) for result in results]
    names = [name for name in EXERCISES if name in {result.exercise for result in results}]
    students = sorted({result.student for result in results})
    by_pair = {(result.student, result.exercise): result for result in results}
    width = max(len(student) for student in ["student", *students])
    heads = [f"{name} (of {exercise(name).points})" for name in names]
    lines = [" | ".join(["student".ljust(width), *heads])]
    lines.append("-+-".join("-" * len(part) for part in ["student".ljust(width), *heads]))
    for student in students:
        cells = [
            _score(by_pair.get((student, name))).rjust(len(head))
            for name, head in zip(names, heads, strict=True)
        ]
        lines.append(" | ".join([student.ljust(width), *cells]))
    lines += ["", "Lost points"]
    for result in results:
        lines += _losses(result)
    return "\n".join(lines)


def _score(result):
    if result is None:
        return "-"
    return "not judged" if result.problem else str(result.earned)


def _losses(result):
    """Return a line for each reason for which a submission lost points."""
    start = f"{result.student}, {result.exercise}"
    if result.problem:
        return [f"{start}: not judged. {result.problem}"]
    reasons: dict[tuple, list[dict]] = {}
    for verdict in result.verdicts:
        if not verdict["passed"]:
            reasons.setdefault((verdict["diagnosis"], verdict["hint"]), []).append(verdict)
    return [
        f"{start}, {', '.join(v['id'] for v in verdicts)} (-{sum(v['points'] for v in verdicts)}): "
        + (f"[{diagnosis}] " if diagnosis else "")
        + hint
        for (diagnosis, hint), verdicts in reasons.items()
    ]
