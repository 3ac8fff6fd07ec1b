"""The trusted side of a graded check: it makes the inputs, reads the answers and decides.

It never runs a student's code. It writes a request (code that asks, with inputs but no right
answer), whoever owns the kernel runs it there, and the judge reads the plain arrays that come back:
what the student's functions gave. What follows from that is worked out here; see
`checks.recording`.
"""

import hashlib
import hmac
import inspect
import os
import secrets
import tempfile
from pathlib import Path

import numpy as np

from autograder.checks import Exercise, recording
from autograder.checks.asking import pack, unpack
from autograder.checks.recording import Astray, replay

SECRET_FILE = "secret"  # in the course's folder
SECRET_LENGTH = 32  # bytes
LONGEST_ANSWER = 10_000_000  # characters
LONGEST_TEXT = 1000  # characters of one text in an answer

# An import finds the builtin whatever the notebook calls its own things.
REQUEST = """\
from builtins import exec as _judge
_judge({program!r}, {{"__name__": "asking", "inputs": {inputs!r}}})
"""
PROGRAM = """\
import sys
names = dict(sys._getframe(1).f_globals)
for source in {sources!r}:
    exec(source, globals())
told = [{told} for case in unpack(inputs)]
print({mark!r} + pack(told) + {mark!r})
"""

# What comes back for a case: what the student's functions gave, or the answers themselves.
EVENTS = "record({probe}, names, case)"
ANSWERS = "ask({probe}, names, case)"


class BadSecret(OSError):
    """A file of a course that should hold its secret, and does not; the message names it."""


def course_secret(course: Path, create: bool = False) -> bytes:
    """Return the secret from which a course's inputs are derived.

    Args:
        course: the course's folder.
        create: make a secret if there is none.

    Returns:
        32 bytes; no bytes at all where there is no secret and none was to be made.

    Raises:
        BadSecret: what is there is no secret.
    """
    path = course / SECRET_FILE
    if not path.exists():
        if not create:
            return b""
        _make_secret(path)
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        secret = b""
    if len(secret) != SECRET_LENGTH:
        raise BadSecret(0, f"not the {SECRET_LENGTH} bytes of a secret; restore it", str(path))
    return secret


def _make_secret(path):
    """Write a secret that is there as a whole or not at all, and that nobody's replaces."""
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(SECRET_LENGTH))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:  # another grader's, just now
        pass
    finally:
        os.unlink(draft)


def seed_for(secret: bytes, exercise: str, version: str, submission: str) -> int:
    """Derive the seed of a submission's inputs: the same for a regrade, another for any other.

    Args:
        secret: the course's.
        exercise: its name.
        version: of the exercise.
        submission: the text of the submission.

    Returns:
        An int below 2**63.
    """
    message = "\0".join([exercise, version, hashlib.sha256(submission.encode()).hexdigest()])
    return int.from_bytes(hmac.digest(secret, message.encode(), "sha256")[:8]) >> 1


class Judge:
    """One submission before the judge.

    Args:
        exercise: what was to be done.
        seed: of the inputs.
    """

    def __init__(self, exercise: Exercise, seed: int):
        self.exercise = exercise
        self.key = exercise.key(seed)
        self.answers: dict[str, list[dict]] = {}
        self.settled: dict[str, dict] = {}  # verdicts of an earlier grading that stand, by check id
        self.unnamed: set[str] = set()  # ids of those of them whose diagnosis does not
        self.stopped: dict[str | None, str] = {}  # grade id of a cell that raised: what it raised
        self._marks: dict[str, str] = {}

    def request(self, probe: str) -> str:
        """Return the code that puts a probe's cases to the student's kernel.

        Args:
            probe: the probe's name.

        Returns:
            Python source; what it prints is for `hear`.
        """
        self._marks[probe] = secrets.token_hex(16)
        parts = [*self.exercise.asking, self.exercise.probes[probe].ask]
        if self._replays(probe):
            parts.insert(1, recording)
        program = PROGRAM.format(
            sources=[source(part) for part in parts],
            told=(EVENTS if self._replays(probe) else ANSWERS).format(probe=probe),
            mark=self._marks[probe],
        )
        inputs = pack([case["inputs"] for case in self.key[probe]])
        return REQUEST.format(program=program, inputs=inputs)

    def hear(self, probe: str, printed: str) -> None:
        """Take down what a request printed.

        Args:
            probe: the probe's name.
            printed: everything that came out of the kernel; what is no answer is none.
        """
        pieces = printed.split(self._marks[probe])
        text = pieces[1] if len(pieces) == 3 else ""
        cases = self.key[probe]
        try:
            answers = unpack(text[:LONGEST_ANSWER])
            if self._replays(probe):
                answers = [
                    replay(self.exercise.probes[probe].ask, events, case["inputs"])
                    for events, case in zip(answers, cases, strict=True)
                ]
        except (Exception, Astray):  # whatever a kernel made up: it is no answer
            answers = None
        well_formed = (
            isinstance(answers, list)
            and len(answers) == len(cases)
            and all(_is_answer(answer) for answer in answers)
        )
        self.answers[probe] = answers if well_formed else self._silence(probe, "gave no answer")

    def _replays(self, probe):
        return self.exercise.probes[probe].replayed and not self.exercise.uses_torch

    def give_up(self, probe: str, reason: str) -> None:
        """Take down that a probe has no answer.

        Args:
            probe: the probe's name.
            reason: why, as the end of a sentence that starts with the function's name.
        """
        self.answers[probe] = self._silence(probe, reason)

    def verdicts(self) -> list[dict]:
        """Return one verdict for each check, in order; no probe may be left to ask."""
        return [self.verdict(check.id) for check in self.exercise.checks]

    def verdict(self, check_id: str) -> dict:
        """Return the verdict of one check, whose probe must have been heard or given up."""
        if check_id in self.settled and check_id not in self.unnamed:
            return dict(self.settled[check_id])
        check = self.exercise.check(check_id)
        verdict = check.decide(self.answers, self.key, self.exercise.hints)
        missing = self.answers[check.probe.name][0].get("undefined")
        if missing and (why := self.stopped.get(missing) or self.stopped.get(None)):
            verdict["hint"] = f"{missing} is not defined: its cell stopped with {why}"
        if check_id in self.unnamed and verdict["passed"]:  # the marks stand, whatever comes out
            return dict(self.settled[check_id])
        verdict["hint"] = _one_line(verdict["hint"])
        return {name: verdict[name] for name in PUBLIC}

    def _silence(self, probe, reason):
        return [{"silent": reason} for _ in self.key[probe]]


def source(part) -> str:
    """Return the source of a module or a function as it runs where there is no `autograder`."""
    lines = inspect.getsource(part).splitlines()
    return "\n".join(line for line in lines if not line.startswith("from autograder"))


def _is_answer(answer):
    """Say whether something is what `asking.ask` returns, whoever made it."""
    return isinstance(answer, dict) and all(
        _is_text(value) if name in ("undefined", "raised", "silent") else _is_plain(value)
        for name, value in answer.items()
    )


def _is_plain(value):
    """Say whether something is what `asking.plain` returns."""
    if isinstance(value, dict):
        return value.keys() == {"type"} and _is_text(value["type"])
    return isinstance(value, (bool, np.ndarray)) or _is_text(value)


def _is_text(value):
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def _one_line(text):
    """Return a hint without what a terminal or a reader could mistake: it may quote the student."""
    if text is None or text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)


# What of a verdict may leave the judge: no detail, which shows hidden inputs.
PUBLIC = ("id", "points", "earned", "passed", "diagnosis", "hint")
