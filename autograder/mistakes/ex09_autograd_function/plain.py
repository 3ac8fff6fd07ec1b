"""The plain class, and mistakes made from it: most stand in one or two of its lines."""

import ast
import inspect
import textwrap
from dataclasses import dataclass

import numpy as np
import torch

from autograder.mistakes.model import Catalogue, Mistake, Variant


class BatchNormFunction(torch.autograd.Function):
    """Is the plain one, from which `slip` makes mistakes."""

    @staticmethod
    def forward(ctx, x, weight, bias, eps):
        mean = x.mean(dim=0)
        var = (x - mean).square().mean(dim=0)
        inv_std = 1 / torch.sqrt(var + eps)
        x_hat = (x - mean) * inv_std
        ctx.save_for_backward(x, weight)
        ctx.eps = eps
        return weight * x_hat + bias

    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        eps = ctx.eps
        mean = x.mean(dim=0)
        var = (x - mean).square().mean(dim=0)
        inv_std = 1 / torch.sqrt(var + eps)
        x_hat = (x - mean) * inv_std
        dbias = dy.sum(dim=0)
        dweight = (dy * x_hat).sum(dim=0)
        dx = weight * inv_std * (dy - dbias / len(x) - x_hat * dweight / len(x))
        return dx, dweight, dbias, None


PLAIN = inspect.getsource(BatchNormFunction)
BOTH = 2  # the statistics are computed in forward and again in backward


@dataclass(frozen=True)
class WrittenMistake(Mistake):
    """A mistake that is kept as text.

    Args:
        text: the class as a student would have typed it, without docstring.
    """

    text: str = ""

    def source(self) -> str:
        """Return the code as a student would have typed it."""
        return self.text


@dataclass(frozen=True)
class WrittenVariant(Variant):
    """A right class that is kept as text; see `WrittenMistake`."""

    text: str = ""

    def source(self) -> str:
        """Return the code as a student would have typed it."""
        return self.text


class Functions(Catalogue):
    """A catalogue of classes that are made from text, each in names of its own.

    A class whose methods use its own name finds itself there, and not another entry.
    """

    def slip(
        self,
        id: str,
        title: str,
        fails: str,
        hint: str,
        edits: list[tuple[str, str]] | list[tuple[str, str, int]],
        whole: bool = False,
    ) -> None:
        """Add as a mistake what the plain class becomes by a few edits.

        Args:
            id: a short name, unique within the exercise.
            title: what it does.
            fails: ids of the checks that it must fail, separated by blanks.
            hint: what the student has misunderstood.
            edits: what stands in the class, what takes its place, and, where that is not once, how
                often it stands there; further lines are indented as the first one is.
            whole: see `Mistake`.

        Raises:
            ValueError: what an edit changes does not stand in the class so often; the id is taken.
        """
        self._check_new(id)
        text = edited(PLAIN, id, edits)
        function, text = made(text, id)
        self.mistakes.append(
            WrittenMistake(id, title, function, hint, tuple(fails.split()), whole, text=text)
        )

    def written(self, id: str, title: str, text: str, mutated: bool = True) -> None:
        """Add as a right variant a class that is given as text.

        Args:
            id: a short name, unique within the exercise.
            title: what is unusual about it.
            text: the class.
            mutated: see `Variant`.
        """
        self._check_new(id)
        function, text = made(textwrap.dedent(text), id)
        self.variants.append(WrittenVariant(id, title, function, mutated, text))


def edited(text, id, edits):
    """Return the text after the edits; see `Functions.slip`."""
    for old, new, *times in edits:
        old, new = old.strip("\n"), new.strip("\n")
        line = next((line for line in text.splitlines() if old.splitlines()[0] in line), "")
        indent = line[: len(line) - len(line.lstrip())]
        old, new = (textwrap.indent(part, indent)[len(indent) :] for part in (old, new))
        if text.count(old) != (times[0] if times else 1):
            raise ValueError(f"{id}: {old!r} stands {text.count(old)} times in the class")
        text = text.replace(old, new)
    return text


def made(text, id):
    """Return the class that a text defines, and the text in normal form."""
    tree = ast.parse(text)
    body = tree.body[0].body
    if ast.get_docstring(tree.body[0]) is not None:
        tree.body[0].body = body[1:]  # the docstring is that of the plain one
    text = ast.unparse(tree)
    space = {"np": np, "torch": torch, "__name__": __name__}
    exec(compile(text, f"<{id}>", "exec"), space)
    return space["BatchNormFunction"], text
