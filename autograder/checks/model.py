"""What a check consists of, and how its key is made: `Case`, `Probe`, `Check`, `Exercise`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np

from autograder.checks import asking
from autograder.checks.asking import ask
from autograder.checks.deciding import decide
from autograder.mistakes import mistakes_of


@dataclass(frozen=True)
class Case:
    """One input to put to the student's code.

    Args:
        label: what the case is, for a message ("4 samples of 2 features, whole numbers").
        inputs: dict of the arrays and numbers that the question passes on.
    """

    label: str
    inputs: dict[str, Any]


@dataclass(frozen=True)
class Probe:
    """A question's code and its cases; several checks may read the answers of one probe.

    Args:
        ask: function of a `Student` and a case's inputs that returns a dict of answers. It stands
            alone: its source is copied to the student's side, where only NumPy and the names of
            `asking` are at hand, and torch and those of `tensors` where the exercise has torch.
        cases: function of a `numpy.random.Generator` that returns the list of cases.
        replayed: whether the judge takes what the student's functions gave, and asks once more
            outside; see `recording`. False where what counts happens inside: how often a function
            that was handed over was called, say.
    """

    ask: Callable
    cases: Callable[[np.random.Generator], list[Case]]
    replayed: bool = True

    @property
    def name(self) -> str:
        """The name of the probe: that of its asking function."""
        return self.ask.__name__


@dataclass(frozen=True)
class Check:
    """One graded question.

    Args:
        id: its name, which is also the grade id of its cell.
        question: the question in one sentence, shown in the graded cell.
        points: what it is worth, an int.
        probe: where its answers come from.
        compare: names of the answers that count.
        fingerprint: names of the answers that tell one mistake from another, where those that count
            do not (rounding errors, say, are never twice the same).
        function: name of the student's function that it is about.
        hint: what to look at, true of every wrong answer.
        tolerance: the largest error that passes; 0 for facts. See `deciding.error_between`.
        absolute: the error is not taken relative to the expected answer, which is 0 or nearly.
    """

    id: str
    question: str
    points: int
    probe: Probe
    compare: tuple[str, ...]
    function: str
    hint: str
    tolerance: float = 0.0
    absolute: bool = False
    fingerprint: tuple[str, ...] = ()

    def as_data(self) -> dict:
        """Return what the deciding half needs, as plain data."""
        return {
            "id": self.id,
            "question": self.question,
            "points": self.points,
            "probe": self.probe.name,
            "compare": list(self.compare),
            "fingerprint": list(self.fingerprint or self.compare),
            "function": self.function,
            "hint": self.hint,
            "tolerance": self.tolerance,
            "absolute": self.absolute,
        }

    def decide(self, answers: dict, key: dict, hints: dict[str, str]) -> dict:
        """Mark this question; see `deciding.decide` for what a verdict holds.

        Args:
            answers: probe name to the list of answers, one for each case.
            key: from `Exercise.key`.
            hints: mistake id to hint.
        """
        probe = self.probe.name
        return decide(self.as_data(), key[probe], answers[probe], hints)


class Watched(dict):
    """Names that remember which of them were looked up, in `used`."""

    def __init__(self, names: dict[str, Any]):
        super().__init__(names)
        self.used = set()

    def __getitem__(self, name):
        self.used.add(name)
        return super().__getitem__(name)


@dataclass(frozen=True, eq=False)  # two are equal only if they are the same
class Exercise:
    """An exercise as the checks see it.

    Args:
        name: its folder's name, such as "ex01_statistics".
        reference: dict of the names that a student defines, as the reference defines them.
        checks: its questions, in the order in which the notebook asks them.
        data: names of the files of data/ that students get with it.
        packages: distributions that its kernel has, beside the standard library and IPython.
        cell_seconds: time that one cell of the student's may take, an int.
        question_seconds: time that all cases of one probe may take, an int.
        limits: what its kernel may use, where that is not the usual; see `kernels.sandbox.Limits`.
    """

    name: str
    reference: dict[str, Any]
    checks: tuple[Check, ...]
    data: tuple[str, ...] = ()
    packages: tuple[str, ...] = ("numpy",)
    cell_seconds: int = 20
    question_seconds: int = 10
    limits: dict[str, int] = field(default_factory=dict)

    @cached_property
    def probes(self) -> dict[str, Probe]:
        """The probes that the checks read, each once."""
        return {check.probe.name: check.probe for check in self.checks}

    @cached_property
    def hints(self) -> dict[str, str]:
        """Mistake id to hint."""
        return {mistake.id: mistake.hint for mistake in mistakes_of(self.name)}

    @property
    def asking(self) -> tuple[ModuleType, ...]:
        """The modules that its questions need on the student's side, in order."""
        if not self.uses_torch:
            return (asking,)
        from autograder.checks import tensors  # whoever grades NumPy need not wait for torch

        if "triton" not in self.packages:
            return (asking, tensors)
        from autograder.checks import launching  # an extra, which few have installed

        return (asking, tensors, launching)

    @property
    def uses_torch(self) -> bool:
        """Whether its functions take tensors, which are not recorded; see `recording`."""
        return "torch" in self.packages

    @property
    def points(self) -> int:
        """The points of all checks together."""
        return sum(check.points for check in self.checks)

    def check(self, check_id: str) -> Check:
        """Return the check of that id; raise `KeyError` where there is none."""
        return {check.id: check for check in self.checks}[check_id]

    def key(self, seed: int, mistakes: bool = True) -> dict[str, list[dict]]:
        """Make inputs, and answer them with the reference and with every known mistake.

        Args:
            seed: of the inputs, an int >= 0.
            mistakes: False leaves the mistakes' answers out, and so every diagnosis.

        Returns:
            Probe name to its list of cases: dicts of "label", "inputs", "expected", "wrong",
            "whole", and "uses", the names that the question looks up.
        """
        key = {}
        for number, (name, probe) in enumerate(self.probes.items()):
            cases = probe.cases(np.random.default_rng([seed, number]))
            shown = [
                mistake
                for mistake in mistakes_of(self.name)
                if mistakes and any(self.check(c).probe.name == name for c in mistake.fails)
            ]
            key[name] = []
            for case in cases:
                names = Watched(self.reference)
                answered = {
                    "label": case.label,
                    "inputs": case.inputs,
                    "expected": ask(probe.ask, names, case.inputs),
                    "wrong": {
                        mistake.id: ask(probe.ask, self.reference | mistake.names, case.inputs)
                        for mistake in shown
                    },
                    "whole": [mistake.id for mistake in shown if mistake.whole],
                    "uses": sorted(names.used),
                }
                key[name].append(answered)
        return key

    def answers(self, names: dict[str, Any], key: dict[str, list[dict]]) -> dict[str, list[dict]]:
        """Ask code that we wrote, in this process.

        A question that looks up no name in which the code differs from the reference has the
        reference's answer, and is not asked again.

        Args:
            names: dict of the names that an implementation defines.
            key: from `key`.

        Returns:
            Probe name to the list of answers, one for each case.
        """
        other = {n for n in self.reference if names.get(n) is not self.reference[n]}

        def answer(question, case):
            if other and other.isdisjoint(case["uses"]):
                return case["expected"]
            return ask(question, names, case["inputs"])

        return {
            name: [answer(self.probes[name].ask, case) for case in cases]
            for name, cases in key.items()
        }

    def decide(self, answers: dict[str, list[dict]], key: dict[str, list[dict]]) -> list[dict]:
        """Mark all questions; see `deciding.decide` for what a verdict holds.

        Args:
            answers: probe name to the list of answers, one for each case.
            key: from `key`.

        Returns:
            One verdict for each check, in order.
        """
        return [check.decide(answers, key, self.hints) for check in self.checks]
