"""The plain class, and mistakes made from it: most stand in one or two of its lines."""

import ast
import inspect
import textwrap
from dataclasses import dataclass

import numpy as np

from autograder.mistakes.model import Catalogue, Mistake


class BatchNorm:
    """Is the plain one, from which `slip` makes mistakes."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.num_batches_tracked = 0

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        m, mean, var = len(x), self.running_mean, self.running_var
        if self.training:
            if m == 1:
                raise ValueError("one sample in training")
            mean, var = x.mean(axis=0), x.var(axis=0)
            old, new = 1 - self.momentum, self.momentum
            self.running_mean = old * self.running_mean + new * mean
            self.running_var = old * self.running_var + new * var * m / (m - 1)
            self.num_batches_tracked += 1
        inv_std = 1 / np.sqrt(var + self.eps)
        x_hat = (x - mean) * inv_std
        self.cache = x_hat, self.gamma * inv_std, self.training
        return self.gamma * x_hat + self.beta

    def backward(self, dy):
        x_hat, scale, training = self.cache
        dgamma, dbeta = (dy * x_hat).sum(axis=0), dy.sum(axis=0)
        dx = scale * dy
        if training:
            dx = dx - scale * (dbeta + x_hat * dgamma) / len(dy)
        return dx, dgamma, dbeta


PLAIN = inspect.getsource(BatchNorm)


@dataclass(frozen=True)
class Slip(Mistake):
    """A mistake made from the plain class.

    Args:
        text: the class as a student would have typed it, without docstring.
    """

    text: str = ""

    def source(self) -> str:
        """Return the code as a student would have typed it."""
        return self.text


class Slips(Catalogue):
    """A catalogue with `slip`, which adds what the plain class becomes by a few edits."""

    def slip(
        self,
        id: str,
        title: str,
        fails: str,
        hint: str,
        edits: list[tuple[str, str]],
        whole: bool = False,
    ) -> None:
        """Add as a mistake what the plain class becomes by a few edits.

        Args:
            id: a short name, unique within the exercise.
            title: what it does.
            fails: ids of the checks that it must fail, separated by blanks.
            hint: what the student has misunderstood.
            edits: pairs of what stands in the class, once, and what takes its place; further lines
                are indented as the first one is there.
            whole: see `Mistake`.

        Raises:
            ValueError: an edit finds nothing to change, or more than one place; or the id is taken.
        """
        self._check_new(id)
        text = PLAIN
        for old, new in edits:
            old, new = old.strip("\n"), new.strip("\n")
            line = next((line for line in text.splitlines() if old.splitlines()[0] in line), "")
            indent = line[: len(line) - len(line.lstrip())]
            old, new = (textwrap.indent(part, indent)[len(indent) :] for part in (old, new))
            if text.count(old) != 1:
                raise ValueError(f"{id}: {old!r} stands {text.count(old)} times in the class")
            text = text.replace(old, new)
        tree = ast.parse(text)
        tree.body[0].body = tree.body[0].body[1:]  # the docstring is that of the plain one
        text = ast.unparse(tree)
        space = {"np": np, "__name__": __name__}
        exec(compile(text, f"<{id}>", "exec"), space)
        function = space["BatchNorm"]
        self.mistakes.append(Slip(id, title, function, hint, tuple(fails.split()), whole, text))
