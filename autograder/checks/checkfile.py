"""The student's `check`: both halves, on fixed inputs; it ends each exercise's check file.

KEY_TEXT and QUESTIONS are replaced there by the exercise's own.
"""

import base64
import sys
import zlib

from autograder.checks.asking import ask, unpack
from autograder.checks.deciding import decide, worth

# Inputs, answers and hints as text: to be met by asking, not by reading.
KEY_TEXT = "c-pJ31ponc0Qm"
KEY = unpack(zlib.decompress(base64.b85decode(KEY_TEXT.replace("\n", ""))).decode())
QUESTIONS = {}


def filled(case):
    """Give the mistakes of a case the answers that they share with right code.

    Args:
        case: a dict with "expected", "wrong", where what a mistake answers rightly is left out, and
            "apart", the mistakes of which nothing is left out.

    Returns:
        The same with complete answers.
    """
    wrong = {
        mistake: answers if mistake in case["apart"] else case["expected"] | answers
        for mistake, answers in case["wrong"].items()
    }
    return case | {"wrong": wrong}


class CheckFailed(AssertionError):
    """A check that did not pass; in a notebook it shows its message and no traceback."""

    def _render_traceback_(self):
        return str(self).splitlines()


def check(name):
    """Put one question to the functions of this notebook.

    Args:
        name: the question's name, a str.

    Raises:
        CheckFailed: the answer is wrong; the message says what, where, and the likely reason.
        ValueError: this exercise has no such question.
    """
    if name not in KEY["checks"]:
        raise ValueError(f"no check {name!r}; there are {', '.join(KEY['checks'])}")
    names = sys._getframe(1).f_globals  # the notebook's own names
    spec = KEY["checks"][name]
    probe = [filled(case) for case in KEY["probes"][spec["probe"]]]
    answers = [ask(QUESTIONS[spec["probe"]], names, case["inputs"]) for case in probe]
    verdict = decide(spec, probe, answers, KEY["hints"])
    if verdict["passed"]:
        print(f"{name}: passed ({worth(spec['points'])})")
        return
    lines = [f"{name}: {spec['question']} Not yet (0 of {worth(spec['points'])})."]
    lines += [line for line in (verdict["detail"], verdict["hint"]) if line]
    raise CheckFailed("\n  ".join(lines))
