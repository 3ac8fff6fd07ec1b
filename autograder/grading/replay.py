"""One question of a graded submission once more, with the inputs that it had."""

import inspect
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np

from autograder.checks import Check, exercise
from autograder.checks.deciding import distance, error_between
from autograder.course import nbgrader_config
from autograder.grading.changed import question_digests
from autograder.grading.execute import JudgedExecute
from autograder.grading.record import record_of
from autograder.scratch import scratch


class CannotReplay(Exception):
    """A submission that cannot be graded once more; the message says why in one line."""


@dataclass(frozen=True)
class Replay:
    """What a question asked and got.

    Args:
        student, exercise: whose submission.
        check: the question.
        source: the code that asked.
        cases: dicts of "label", "inputs", "expected" (the reference's answers).
        answers: one for each case.
        verdict: now.
        recorded: when it was graded; None where there is no record.
        changed: whether the question has changed since then.
    """

    student: str
    exercise: str
    check: Check
    source: str
    cases: list[dict]
    answers: list[dict]
    verdict: dict
    recorded: dict | None
    changed: bool

    @property
    def same(self) -> bool:
        """Whether points and diagnosis are those of the record."""
        keys = ("earned", "passed", "diagnosis", "hint")
        return self.recorded is not None and all(
            self.recorded[key] == self.verdict[key] for key in keys
        )


def replay(course: Path, student: str, name: str, check_id: str, sandbox: bool = True) -> Replay:
    """Grade a submission once more, in a copy, and pick out one question.

    Args:
        course: the course's folder; nothing in it is changed.
        student: the student's id.
        name: the exercise's.
        check_id: the question's.
        sandbox: False runs the code with no protection at all.

    Raises:
        CannotReplay: it was not graded, or is no notebook.
    """
    this = exercise(name)
    graded = course / "autograded" / student / name
    path = graded / f"{name}.ipynb"
    if Path(student).name != student or not path.is_file():
        raise CannotReplay(f"{course}: no graded submission of {name} by {student!r}")
    config = nbgrader_config(course, sandbox=sandbox)
    record = record_of(config.CourseDirectory.db_url, student, name)
    if record and record["problem"]:
        raise CannotReplay(f"it was not judged: {record['problem']}")
    notebook = nbformat.read(path, as_version=4)
    if record:  # the inputs depend on it; nbgrader's last step may have dropped it
        notebook.metadata["course"] = {"version": record["version"]}
    with scratch() as folder:
        shutil.copytree(graded, folder, dirs_exist_ok=True)
        execute = JudgedExecute(config=config)
        execute.only_changed = False
        execute.log.setLevel(logging.CRITICAL)
        about = {"assignment": name, "student": student}
        execute.preprocess(notebook, {"nbgrader": about, "metadata": {"path": str(folder)}})
    judge, check = execute.judge, this.check(check_id)
    verdicts = {verdict["id"]: verdict for verdict in record["verdicts"]} if record else {}
    digest = (record or {}).get("questions", {}).get(check_id)
    return Replay(
        student=student,
        exercise=name,
        check=check,
        source=inspect.getsource(check.probe.ask),
        cases=judge.key[check.probe.name],
        answers=judge.answers[check.probe.name],
        verdict=judge.verdict(check_id),
        recorded=verdicts.get(check_id),
        changed=digest is not None and digest != question_digests(this)[check_id],
    )


def as_text(found: Replay) -> str:
    """Write a replay for a person.

    Args:
        found: from `replay`.
    """
    check, now = found.check, found.verdict
    lines = [
        f"{found.student}, {found.exercise}, {check.id}: {check.question}",
        f"It asks {check.function}, and compares {', '.join(check.compare)} "
        + (f"with a tolerance of {check.tolerance:g}." if check.tolerance else "exactly."),
        "",
        "The code that asks:",
        *("    " + line for line in found.source.rstrip().splitlines()),
    ]
    for number, (case, answer) in enumerate(zip(found.cases, found.answers, strict=True), start=1):
        lines += ["", f"Case {number} of {len(found.cases)}: {case['label']}"]
        lines += [_line("input", name, value) for name, value in case["inputs"].items()]
        if problem := _no_answer(answer):
            lines.append(f"  no answer: {problem}")
            continue
        for name in check.compare:
            expected, got = case["expected"].get(name), answer.get(name)
            error = error_between(got, expected, check.absolute)
            lines += [_line("expected", name, expected), _line("answered", name, got)]
            lines.append(f"  error     {error:.3g}: {'in' if error <= check.tolerance else 'out'}")
    lines += ["", "Now:      " + _verdict(now)]
    if found.recorded is None:
        lines.append("Recorded: nothing; it was graded without the judge, or the question is new")
    else:
        lines.append("Recorded: " + _verdict(found.recorded))
        lines.append("The same verdict." if found.same else "ANOTHER VERDICT than recorded.")
    if found.changed:
        lines.append("The question has changed since it was recorded.")
    return "\n".join(lines)


def as_data(found: Replay) -> dict:
    """Return a replay as plain data, arrays as nested lists.

    Args:
        found: from `replay`.
    """
    check = found.check
    return {
        "student": found.student,
        "exercise": found.exercise,
        "check": check.id,
        "question": check.question,
        "source": found.source,
        "tolerance": check.tolerance,
        "cases": [
            {
                "label": case["label"],
                "inputs": _plain(case["inputs"]),
                "expected": _plain(case["expected"]),
                "answer": _plain(answer),
                "error": None
                if _no_answer(answer)
                else distance(answer, case["expected"], check.compare, check.absolute),
            }
            for case, answer in zip(found.cases, found.answers, strict=True)
        ],
        "verdict": found.verdict,
        "recorded": found.recorded,
        "same": found.same,
        "changed": found.changed,
    }


def _no_answer(answer):
    """Return why an answer is none, or "": such a one has a single entry; see `asking.ask`."""
    for reason in ("undefined", "blank", "silent", "raised"):
        if reason in answer:
            return f"{reason}: {_printable(str(answer[reason]))}"
    return ""


def _line(role, name, value):
    if isinstance(value, np.ndarray):
        shown = np.array2string(
            value, precision=17, separator=", ", threshold=200, max_line_width=88
        )
        shown = shown.replace("\n", "\n      ")
        value = f"{value.dtype} {value.shape}\n      {shown}"
    elif isinstance(value, str):
        value = repr(_printable(value))
    return f"  {role:9} {name} = {value}"


def _printable(text):
    """Return a student's own words without what would change how a terminal shows them."""
    return "".join(character if character.isprintable() else " " for character in text)


def _verdict(verdict):
    named = f" [{verdict['diagnosis']}]" if verdict["diagnosis"] else ""
    hint = f" {verdict['hint']}" if verdict["hint"] else ""
    state = "passed" if verdict["passed"] else "failed"
    return f"{state}, {verdict['earned']} of {verdict['points']}.{hint}{named}"


def _plain(thing):
    if isinstance(thing, dict):
        return {name: _plain(value) for name, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_plain(value) for value in thing]
    if isinstance(thing, np.ndarray | np.generic):
        python = {"f": float, "c": complex}.get(thing.dtype.kind, thing.dtype)
        return _plain(thing.astype(python).tolist())  # JSON knows no longer numbers than Python
    return str(thing) if isinstance(thing, complex) else thing
