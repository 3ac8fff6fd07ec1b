"""What an entry of the catalogue consists of: `Mistake` (wrong code) or `Variant` (right)."""

import ast
import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Implementation:
    """A function or class as a student might write it.

    Args:
        id: a short name, unique within its exercise.
        title: what it does, from the first line of its docstring.
        function: the code itself; it stands alone, with `np` as the only name from outside.
    """

    id: str
    title: str
    function: Callable

    @property
    def of(self) -> str:
        """The name that the exercise asks for, which this implements."""
        return self.function.__name__

    @property
    def names(self) -> dict[str, Any]:
        """What a notebook with this code defines in place of the right code."""
        return {self.of: self.function}

    def source(self) -> str:
        """Return the code as a student would have typed it: no decorator, no docstring."""
        definition = copy.deepcopy(_definition(self.function))
        definition.decorator_list = []
        if ast.get_docstring(definition) is not None:
            definition.body = definition.body[1:]
        return ast.unparse(definition)


def _definition(thing):
    """Find a definition; of classes that share a name, `inspect` always takes the first."""
    if inspect.isclass(thing):
        methods = [value for value in vars(thing).values() if inspect.isfunction(value)]
        own = [m for m in methods if m.__qualname__.startswith(thing.__qualname__)]
        line = min(method.__code__.co_firstlineno for method in own)
    else:
        line = thing.__code__.co_firstlineno
    for node in _module(inspect.getsourcefile(thing)).body:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and first <= line <= node.end_lineno:
            return node
    raise ValueError(f"{thing} is not defined at the top of a file")


@cache
def _module(path):
    return ast.parse(Path(path).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Mistake(Implementation):
    """A wrong implementation.

    Args:
        hint: what the student has misunderstood, and what to do about it.
        fails: ids of the checks that it must fail; it must pass all others.
        whole: its hint speaks of more than one answer, so that it is named only where all that was
            answered shows it.
    """

    hint: str
    fails: tuple[str, ...]
    whole: bool = False


@dataclass(frozen=True)
class Variant(Implementation):
    """A right implementation, written in an unusual way; it must get full marks.

    Args:
        mutated: whether automatic mutants are made of it; see `prove.mutate`.
    """

    mutated: bool = True


class Catalogue:
    """The entries of one exercise; `mistake` and `variant` are the decorators that add them."""

    def __init__(self):
        self.mistakes: list[Mistake] = []
        self.variants: list[Variant] = []

    @classmethod
    def joined(cls, *catalogues: "Catalogue") -> "Catalogue":
        """Return the entries of several catalogues in one, in order."""
        whole = cls()
        for catalogue in catalogues:
            for entry in catalogue.mistakes + catalogue.variants:
                whole._check_new(entry.id)
            whole.mistakes += catalogue.mistakes
            whole.variants += catalogue.variants
        return whole

    def mistake(self, id: str, fails: str, hint: str, whole: bool = False) -> Callable:
        """Add the decorated function as a mistake.

        Args:
            id: a short name, unique within the exercise.
            fails: ids of the checks that it must fail, separated by blanks.
            hint: what the student has misunderstood.
            whole: see `Mistake`.
        """

        def add(function):
            self._check_new(id)
            title = inspect.getdoc(function).splitlines()[0]
            self.mistakes.append(Mistake(id, title, function, hint, tuple(fails.split()), whole))
            return function

        return add

    def variant(self, id: str, mutated: bool = True) -> Callable:
        """Add the decorated function as a right but unusual implementation.

        Args:
            id: a short name, unique within the exercise.
            mutated: see `Variant`.
        """

        def add(function):
            self._check_new(id)
            title = inspect.getdoc(function).splitlines()[0]
            self.variants.append(Variant(id, title, function, mutated))
            return function

        return add

    def _check_new(self, id):
        if id in {entry.id for entry in self.mistakes + self.variants}:
            raise ValueError(f"two entries called {id!r} in one catalogue")
