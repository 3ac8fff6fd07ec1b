"""The plain classes, mistakes made from them, and variants: each entry defines both classes.

A module stands in three definitions, of which the exercise asks for two: an entry here is a text
that defines them all, as a student's cell does.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from autograder.mistakes.model import Catalogue, Mistake, Variant

ASKED = ("BatchNorm1d", "BatchNorm2d")


class BatchNorm(torch.nn.Module):
    """Is the plain one, from which `slip` makes mistakes."""

    dimensions = ()

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        c, tracked = num_features, track_running_stats
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(c)) if affine else None
        self.bias = torch.nn.Parameter(torch.zeros(c)) if affine else None
        self.register_buffer("running_mean", torch.zeros(c) if tracked else None)
        self.register_buffer("running_var", torch.ones(c) if tracked else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0) if tracked else None)

    def track(self, mean, var, m):
        with torch.no_grad():
            self.num_batches_tracked += 1
            new = self.momentum
            if new is None:
                new = 1 / self.num_batches_tracked.item()
            self.running_mean = (1 - new) * self.running_mean + new * mean
            self.running_var = (1 - new) * self.running_var + new * var * m / (m - 1)

    def forward(self, x):
        if x.dim() not in self.dimensions:
            raise ValueError(f"shape {tuple(x.shape)}")
        shape = (1, -1) + (1,) * (x.dim() - 2)
        axes = (0, *range(2, x.dim()))
        mean, var = self.running_mean, self.running_var
        if self.training or self.running_mean is None:
            m = x.numel() // x.shape[1]
            if m == 1:
                raise ValueError(f"shape {tuple(x.shape)}")
            mean, var = x.mean(axes), x.var(axes, correction=0)
            if self.running_mean is not None:
                self.track(mean, var, m)
        inv_std = 1 / torch.sqrt(var + self.eps)
        x_hat = (x - mean.reshape(shape)) * inv_std.reshape(shape)
        if self.weight is None:
            return x_hat
        return self.weight.reshape(shape) * x_hat + self.bias.reshape(shape)


class BatchNorm1d(BatchNorm):
    """Takes rows and sequences."""

    dimensions = (2, 3)


class BatchNorm2d(BatchNorm):
    """Takes images."""

    dimensions = (4,)


def without_docstrings(text: str) -> str:
    """Return definitions in normal form, without the docstrings of classes."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


PLAIN = "\n\n".join(inspect.getsource(part) for part in (BatchNorm, BatchNorm1d, BatchNorm2d))


def defined(text: str, origin: str) -> dict[str, Any]:
    """Run definitions; return the two classes that the exercise asks for, by name."""
    space = {"np": np, "torch": torch, "__name__": __name__}
    exec(compile(text, f"<{origin}>", "exec"), space)
    return {name: space[name] for name in ASKED}


@dataclass(frozen=True)
class Slip(Mistake):
    """A mistake in both classes.

    Args:
        text: the definitions as a student would have typed them.
        both: the two classes by name.
    """

    text: str = ""
    both: tuple = ()

    @property
    def names(self) -> dict[str, Any]:
        """What a notebook with this code defines in place of the right code."""
        return dict(self.both)

    def source(self) -> str:
        """Return the code as a student would have typed it."""
        return self.text


@dataclass(frozen=True)
class Both(Variant):
    """A right implementation of both classes; see `Slip`."""

    text: str = ""
    both: tuple = ()

    names = Slip.names
    source = Slip.source


class Pairs(Catalogue):
    """A catalogue whose entries define two classes each; they are added by `slip` and the like."""

    def slip(
        self,
        id: str,
        title: str,
        fails: str,
        hint: str,
        edits: list[tuple[str, str]],
        whole: bool = False,
        of: str = "BatchNorm1d",
    ) -> None:
        """Add as a mistake what the plain classes become by a few edits.

        Args:
            id: a short name, unique within the exercise.
            title: what it does.
            fails: ids of the checks that it must fail, separated by blanks.
            hint: what the student has misunderstood.
            edits: pairs of what stands in the classes, once, and what takes its place; further
                lines are indented as the first one is there.
            whole: see `Mistake`.
            of: the class in which it shows, or shows first.

        Raises:
            ValueError: an edit finds nothing to change, or more than one place; or the id is taken.
        """
        text = PLAIN
        for old, new in edits:
            old, new = old.strip("\n"), new.strip("\n")
            line = next((line for line in text.splitlines() if old.splitlines()[0] in line), "")
            indent = line[: len(line) - len(line.lstrip())]
            old, new = (textwrap.indent(part, indent)[len(indent) :] for part in (old, new))
            if text.count(old) != 1:
                raise ValueError(f"{id}: {old!r} stands {text.count(old)} times in the classes")
            text = text.replace(old, new)
        self.written(id, title, fails, hint, text, whole, of)

    def written(self, id, title, fails, hint, text, whole=False, of="BatchNorm1d") -> None:
        """Add definitions as a mistake; see `slip` for the arguments."""
        self._check_new(id)
        text = without_docstrings(text)
        names = defined(text, id)
        both = tuple(names.items())
        self.mistakes.append(
            Slip(id, title, names[of], hint, tuple(fails.split()), whole, text, both)
        )

    def cell(self, id: str, of: str = "BatchNorm1d", mutated: bool = True) -> Callable:
        """Add the body of the decorated function, which defines both classes, as a variant.

        Args:
            id: a short name, unique within the exercise.
            of: the class whose mutants its mutants are.
            mutated: see `Variant`.
        """

        def add(function):
            self._check_new(id)
            (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
            module = ast.Module(definition.body[1:], [])  # its docstring is the title
            text = without_docstrings(ast.unparse(module))
            names = defined(text, id)
            title = inspect.getdoc(function).splitlines()[0]
            both = tuple(names.items())
            self.variants.append(Both(id, title, names[of], mutated, text, both))
            return function

        return add
