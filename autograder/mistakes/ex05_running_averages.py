"""The catalogue of ex05_running_averages.

Most mistakes in a class stand in one or two of its lines: `slip` makes them from the plain class.
"""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import ast
import inspect
import textwrap
from dataclasses import dataclass

import numpy as np

from autograder.mistakes.model import Catalogue, Mistake

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant


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
variant("plain")(BatchNorm)


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


def slip(
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
        edits: pairs of what stands in the class, once, and what takes its place; further lines are
            indented as the first one is there.
        whole: see `Mistake`.

    Raises:
        ValueError: an edit finds nothing to change, or more than one place; or the id is taken.
    """
    if id in {entry.id for entry in CATALOGUE.mistakes}:
        raise ValueError(f"two entries called {id!r}")
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
    entry = Slip(id, title, space["BatchNorm"], hint, tuple(fails.split()), whole, text)
    CATALOGUE.mistakes.append(entry)


# --- BatchNorm: how it starts: wrong ---------------------------------------------------------------

slip(
    "starts_in_evaluation",
    "Starts in evaluation.",
    fails="training_output training_gradients",
    hint="A new layer is in evaluation until train() is called. It starts in training.",
    edits=[
        (
            "self.eps, self.momentum, self.training = eps, momentum, True",
            "self.eps, self.momentum, self.training = eps, momentum, False",
        ),
    ],
)

slip(
    "variance_starts_at_zero",
    "Starts running_var at 0.",
    fails="initial running_var whole",
    hint="running_var starts at 0. It starts at 1, so that evaluation before any training leaves x "
    "nearly as it is.",
    edits=[
        (
            "self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)",
            "self.running_mean, self.running_var = np.zeros(num_features), np.zeros(num_features)",
        ),
    ],
)

slip(
    "mean_starts_at_one",
    "Starts running_mean at 1.",
    fails="initial running_mean whole",
    hint="running_mean starts at 1. A mean of 0 and a variance of 1 are what change nothing.",
    edits=[
        (
            "self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)",
            "self.running_mean, self.running_var = np.ones(num_features), np.ones(num_features)",
        ),
    ],
)

slip(
    "gamma_starts_at_zero",
    "Starts gamma at 0.",
    fails="initial training_output",
    hint="gamma starts at 0, which makes a new layer return 0 whatever comes in. It starts at 1.",
    edits=[
        (
            "self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)",
            "self.gamma, self.beta = np.zeros(num_features), np.zeros(num_features)",
        ),
    ],
)

slip(
    "beta_starts_at_one",
    "Starts beta at 1.",
    fails="initial training_output",
    hint="beta starts at 1. It starts at 0.",
    edits=[
        (
            "self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)",
            "self.gamma, self.beta = np.ones(num_features), np.ones(num_features)",
        ),
    ],
)

slip(
    "scalar_state",
    "Keeps one number for all features until the first batch.",
    fails="initial",
    hint="The attributes of a new layer are single numbers. Each is an array of shape "
    "(num_features,), from the start.",
    edits=[
        (
            "self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)",
            "self.gamma, self.beta = 1.0, 0.0",
        ),
        (
            "self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)",
            "self.running_mean, self.running_var = 0.0, 1.0",
        ),
    ],
)

slip(
    "counter_starts_at_one",
    "Starts the counter at 1.",
    fails="initial counter whole",
    hint="num_batches_tracked starts at 1. No batch was seen yet: it starts at 0.",
    edits=[
        ("self.num_batches_tracked = 0", "self.num_batches_tracked = 1"),
    ],
)

slip(
    "one_array_for_two",
    "Has beta and running_mean in one array, which it updates in place.",
    fails="training_output untouched",
    hint="beta and running_mean are one and the same array, so that each update of the average moves "
    "beta. a = b = np.zeros(n) makes one array with two names: make two.",
    edits=[
        (
            "self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)",
            "self.gamma = np.ones(num_features)",
        ),
        (
            "self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)",
            """
self.beta = self.running_mean = np.zeros(num_features)
self.running_var = np.ones(num_features)
""",
        ),
        (
            "self.running_mean = old * self.running_mean + new * mean",
            """
self.running_mean *= old
self.running_mean += new * mean
""",
        ),
    ],
    whole=True,
)

slip(
    "eps_default_1e_3",
    "Has the default eps of Keras.",
    fails="training_output",
    hint="When eps is left out, 1e-3 is used, which is the default of Keras. Here it is 1e-5.",
    edits=[
        ("num_features, eps=1e-5, momentum=0.1", "num_features, eps=1e-3, momentum=0.1"),
    ],
)

slip(
    "momentum_default_0_9",
    "Has a default momentum of 0.9.",
    fails="momentum",
    hint="When momentum is left out, 0.9 is used. Here momentum weights the new batch, and its "
    "default is 0.1.",
    edits=[
        ("num_features, eps=1e-5, momentum=0.1", "num_features, eps=1e-5, momentum=0.9"),
    ],
)

slip(
    "arguments_exchanged",
    "Takes momentum before eps.",
    fails="whole",
    hint="momentum and eps are taken in the other order when they are passed by position. The order "
    "is num_features, eps, momentum.",
    edits=[
        ("num_features, eps=1e-5, momentum=0.1", "num_features, momentum=0.1, eps=1e-5"),
    ],
)

# --- BatchNorm: running averages: wrong ------------------------------------------------------------

slip(
    "momentum_reversed",
    "Weights the old value by momentum.",
    fails="momentum whole",
    hint="momentum weights the old value, as in Keras. Here it weights the new batch: the average "
    "keeps 1 - momentum of its old value.",
    edits=[
        (
            "old, new = 1 - self.momentum, self.momentum",
            "old, new = self.momentum, 1 - self.momentum",
        ),
    ],
)

slip(
    "momentum_reversed_for_var",
    "Weights the old running_var by momentum.",
    fails="momentum whole",
    hint="running_mean is right, but in running_var momentum weights the old value. It weights the "
    "new batch in both.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = new * self.running_var + old * var * m / (m - 1)",
        ),
    ],
)

slip(
    "momentum_hard_coded",
    "Always uses 0.1.",
    fails="running_mean running_var momentum whole",
    hint="momentum is always 0.1, whatever the caller passes. Use the argument.",
    edits=[
        ("old, new = 1 - self.momentum, self.momentum", "old, new = 0.9, 0.1"),
    ],
    whole=True,
)

slip(
    "biased_running_var",
    "Keeps the biased variance.",
    fails="running_var whole",
    hint="running_var takes the biased variance. The biased one normalizes; what is kept is the "
    "unbiased one, M/(M - 1) times as large.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = old * self.running_var + new * var",
        ),
    ],
)

slip(
    "inverted_bessel",
    "Multiplies by (M - 1)/M.",
    fails="running_var whole",
    hint="Bessel's correction is upside down: running_var takes (M - 1)/M times the biased variance. "
    "The factor is M/(M - 1).",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = old * self.running_var + new * var * (m - 1) / m",
        ),
    ],
)

slip(
    "bessel_twice",
    "Corrects the unbiased variance once more.",
    fails="running_var whole",
    hint="Bessel's correction is applied twice: M/(M - 1) belongs to the biased variance, not to one "
    "that was divided by M - 1 already.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            """
unbiased = x.var(axis=0, ddof=1)
self.running_var = old * self.running_var + new * unbiased * m / (m - 1)
""",
        ),
    ],
)

slip(
    "bessel_on_the_average",
    "Corrects the old average along with the new variance.",
    fails="running_var momentum whole",
    hint="Bessel's factor multiplies the whole running_var, the old value included, which grows at "
    "every step. It belongs to the new batch's variance only.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = (old * self.running_var + new * var) * m / (m - 1)",
        ),
    ],
)

slip(
    "bessel_by_features",
    "Takes the number of features for that of samples.",
    fails="running_var whole",
    hint="Bessel's correction uses the number of features. M is the number of samples that the "
    "variance was taken over: x.shape[0].",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            """
d = x.shape[1]
self.running_var = old * self.running_var + new * var * d / (d - 1)
""",
        ),
    ],
)

slip(
    "bessel_on_the_mean",
    "Corrects the mean too.",
    fails="running_mean whole",
    hint="Bessel's correction is applied to the mean. It belongs to the variance only.",
    edits=[
        (
            "self.running_mean = old * self.running_mean + new * mean",
            "self.running_mean = old * self.running_mean + new * mean * m / (m - 1)",
        ),
    ],
)

slip(
    "overwrites",
    "Keeps the last batch only.",
    fails="running_mean running_var momentum whole",
    hint="The running averages are overwritten by the last batch. Blend old and new, with the "
    "weights of the text.",
    edits=[
        ("old, new = 1 - self.momentum, self.momentum", ""),
        ("self.running_mean = old * self.running_mean + new * mean", "self.running_mean = mean"),
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = var * m / (m - 1)",
        ),
    ],
    whole=True,
)

slip(
    "cumulative",
    "Gives every batch the same weight.",
    fails="running_mean running_var momentum whole",
    hint="All batches get the same weight, and momentum is not used. Blend old and new with the same "
    "weights at every batch, those of the text.",
    edits=[
        (
            "old, new = 1 - self.momentum, self.momentum",
            """
new = 1 / (self.num_batches_tracked + 1)
old = 1 - new
""",
        ),
    ],
    whole=True,
)

slip(
    "never_updates",
    "Never updates the running averages.",
    fails="running_mean running_var momentum whole",
    hint="The running averages never change. Computing a new value is not enough: assign it back to "
    "the attribute.",
    edits=[
        ("old, new = 1 - self.momentum, self.momentum", ""),
        ("self.running_mean = old * self.running_mean + new * mean", ""),
        ("self.running_var = old * self.running_var + new * var * m / (m - 1)", ""),
    ],
    whole=True,
)

slip(
    "mean_only",
    "Updates running_mean only.",
    fails="running_var momentum whole",
    hint="running_mean is updated, running_var never. Both are, at each training batch.",
    edits=[
        ("self.running_var = old * self.running_var + new * var * m / (m - 1)", ""),
    ],
    whole=True,
)

slip(
    "var_only",
    "Updates running_var only.",
    fails="running_mean momentum whole",
    hint="running_var is updated, running_mean never. Both are, at each training batch.",
    edits=[
        ("self.running_mean = old * self.running_mean + new * mean", ""),
    ],
    whole=True,
)

slip(
    "averages_exchanged",
    "Assigns the two the other way round.",
    fails="running_mean running_var whole",
    hint="The batch mean goes into running_var and the variance into running_mean. Check the order "
    "of what you unpack.",
    edits=[
        (
            "self.running_mean = old * self.running_mean + new * mean",
            "self.running_var = old * self.running_var + new * mean",
        ),
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_mean = old * self.running_mean + new * var * m / (m - 1)",
        ),
    ],
    whole=True,
)

slip(
    "adds_up",
    "Does not shrink the old value.",
    fails="running_mean running_var momentum whole",
    hint="The new batch is added without taking anything off the old value, so that the averages "
    "grow without end. The two weights add up to 1.",
    edits=[
        ("old, new = 1 - self.momentum, self.momentum", "old, new = 1, self.momentum"),
    ],
    whole=True,
)

slip(
    "old_not_kept_whole",
    "Weights the old value, but adds the new one unweighted.",
    fails="running_mean running_var whole",
    hint="The batch is added with weight 1, and only the old value is weighted. The two weights add "
    "up to 1.",
    edits=[
        ("old, new = 1 - self.momentum, self.momentum", "old, new = 1 - self.momentum, 1"),
    ],
    whole=True,
)

slip(
    "moves_away",
    "Moves away from the batch.",
    fails="running_mean running_var momentum whole",
    hint="The averages move away from the batch: the difference has the wrong sign. They move "
    "towards it.",
    edits=[
        (
            "old, new = 1 - self.momentum, self.momentum",
            "old, new = 1 + self.momentum, -self.momentum",
        ),
    ],
    whole=True,
)

slip(
    "first_batch_sets",
    "Takes the first batch as it is.",
    fails="running_mean running_var whole",
    hint="The first batch replaces the initial values. It is blended with them like any other: they "
    "start at 0 and 1.",
    edits=[
        (
            "old, new = 1 - self.momentum, self.momentum",
            """
new = self.momentum if self.num_batches_tracked else 1
old = 1 - new
""",
        ),
    ],
    whole=True,
)

slip(
    "debiased",
    "Corrects for the initial value.",
    fails="running_mean running_var momentum whole",
    hint="The running averages are divided by 1 - (1 - momentum)^t, as Adam does. Keep the plain "
    "blend; the initial values' weight fades by itself.",
    edits=[
        (
            "self.num_batches_tracked += 1",
            """
self.num_batches_tracked += 1
self.running_mean = self.running_mean / (1 - old**self.num_batches_tracked)
self.running_var = self.running_var / (1 - old**self.num_batches_tracked)
""",
        ),
    ],
    whole=True,
)

slip(
    "running_std",
    "Keeps the standard deviation.",
    fails="running_var whole",
    hint="running_var takes the standard deviation. Keep the variance; the root is taken when it is "
    "used.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = old * self.running_var + new * (var * m / (m - 1)) ** 0.5",
        ),
    ],
)

slip(
    "around_the_running_mean",
    "Takes squared distances from the running mean.",
    fails="running_var momentum whole",
    hint="running_var takes the distances from running_mean. A batch's variance is taken around the "
    "batch's own mean.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            """
spread = ((x - self.running_mean) ** 2).sum(axis=0) / (m - 1)
self.running_var = old * self.running_var + new * spread
""",
        ),
    ],
)

slip(
    "weights_by_size",
    "Weights a batch by its size.",
    fails="running_mean running_var momentum whole",
    hint="A batch gets a weight that depends on its size. Its weight is momentum, whatever its size.",
    edits=[
        (
            "old, new = 1 - self.momentum, self.momentum",
            """
new = self.momentum * m / (m + 1)
old = 1 - new
""",
        ),
    ],
    whole=True,
)

slip(
    "global_statistics",
    "Averages over all features.",
    fails="running_mean running_var whole",
    hint="The running averages take one mean and one variance of the whole batch. Each feature has "
    "its own: axis=0.",
    edits=[
        (
            "self.running_mean = old * self.running_mean + new * mean",
            "self.running_mean = old * self.running_mean + new * x.mean()",
        ),
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = old * self.running_var + new * x.var() * m / (m - 1)",
        ),
    ],
    whole=True,
)

slip(
    "updates_twice",
    "Updates the running averages twice for each batch.",
    fails="running_mean running_var momentum whole",
    hint="Each training batch updates the running averages twice. Once is enough.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            """
self.running_var = old * self.running_var + new * var * m / (m - 1)
self.running_mean = old * self.running_mean + new * mean
self.running_var = old * self.running_var + new * var * m / (m - 1)
""",
        ),
    ],
    whole=True,
)

slip(
    "updates_in_backward",
    "Updates the running averages in backward.",
    fails="running_mean running_var momentum",
    hint="The running averages do not change before backward is called. forward updates them.",
    edits=[
        ("old, new = 1 - self.momentum, self.momentum", ""),
        ("self.running_mean = old * self.running_mean + new * mean", ""),
        ("self.running_var = old * self.running_var + new * var * m / (m - 1)", ""),
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
self.seen = mean, var * m / max(m - 1, 1)
self.cache = x_hat, self.gamma * inv_std, self.training
""",
        ),
        (
            "dx = dx - scale * (dbeta + x_hat * dgamma) / len(dy)",
            """
dx = dx - scale * (dbeta + x_hat * dgamma) / len(dy)
old, new = 1 - self.momentum, self.momentum
self.running_mean = old * self.running_mean + new * self.seen[0]
self.running_var = old * self.running_var + new * self.seen[1]
""",
        ),
    ],
    whole=True,
)

slip(
    "normalizes_by_running",
    "Normalizes by the running averages in training.",
    fails="training_output training_gradients whole",
    hint="In training, x is normalized by the running averages. There the batch itself gives mean "
    "and variance; the averages are kept for evaluation.",
    edits=[
        (
            "self.num_batches_tracked += 1",
            """
self.num_batches_tracked += 1
mean, var = self.running_mean, self.running_var
""",
        ),
    ],
)

slip(
    "unbiased_everywhere",
    "Normalizes by the unbiased variance too.",
    fails="training_output whole",
    hint="Training normalizes by the unbiased variance. That one is for running_var only: divide by "
    "M to normalize.",
    edits=[
        (
            "mean, var = x.mean(axis=0), x.var(axis=0)",
            "mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)",
        ),
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = old * self.running_var + new * var",
        ),
    ],
)

slip(
    "over_features",
    "Takes the statistics that normalize over the features.",
    fails="training_output training_gradients whole",
    hint="In training each sample is normalized over its features, which is layer norm. Take the "
    "statistics over the samples: axis 0.",
    edits=[
        (
            "self.num_batches_tracked += 1",
            """
self.num_batches_tracked += 1
mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
""",
        ),
    ],
)

slip(
    "ignores_gamma_and_beta_in_training",
    "Leaves gamma and beta out in training.",
    fails="training_output whole",
    hint="In training gamma and beta are not used. They are, in either mode, as they are at that "
    "time.",
    edits=[
        (
            "return self.gamma * x_hat + self.beta",
            "return x_hat if self.training else self.gamma * x_hat + self.beta",
        ),
    ],
)

slip(
    "eps_outside_root",
    "Adds eps to the standard deviation.",
    fails="training_output eval_output eval_one_row whole",
    hint="eps is added to the standard deviation, outside the root. It joins the variance: sqrt(var "
    "+ eps).",
    edits=[
        ("inv_std = 1 / np.sqrt(var + self.eps)", "inv_std = 1 / (np.sqrt(var) + self.eps)"),
    ],
)

slip(
    "eps_hard_coded",
    "Always uses 1e-5.",
    fails="training_output eval_output eval_one_row whole",
    hint="eps is always 1e-5, whatever the caller passes. Use the argument.",
    edits=[
        ("inv_std = 1 / np.sqrt(var + self.eps)", "inv_std = 1 / np.sqrt(var + 1e-5)"),
    ],
)

slip(
    "no_eps",
    "Leaves eps out.",
    fails="training_output eval_output eval_one_row whole",
    hint="eps is left out. It is added to the variance inside the root, in either mode.",
    edits=[
        ("inv_std = 1 / np.sqrt(var + self.eps)", "inv_std = 1 / np.sqrt(var)"),
    ],
)

# --- BatchNorm: the counter, and a batch of one: wrong ---------------------------------------------

slip(
    "counter_missing",
    "Never counts.",
    fails="counter whole",
    hint="num_batches_tracked never changes. Add 1 for each training batch.",
    edits=[
        ("self.num_batches_tracked += 1", ""),
    ],
)

slip(
    "counts_samples",
    "Counts samples.",
    fails="counter whole",
    hint="num_batches_tracked counts samples. It counts batches: add 1 for each, whatever its size.",
    edits=[
        ("self.num_batches_tracked += 1", "self.num_batches_tracked += m"),
    ],
)

slip(
    "counts_evaluation",
    "Counts every forward pass.",
    fails="eval_keeps_state whole",
    hint="num_batches_tracked grows in evaluation too. It counts training batches only.",
    edits=[
        ("self.num_batches_tracked += 1", ""),
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
self.cache = x_hat, self.gamma * inv_std, self.training
self.num_batches_tracked += 1
""",
        ),
    ],
)

slip(
    "accepts_one",
    "Accepts a training batch of one.",
    fails="batch_of_one",
    hint="A training batch of one sample is accepted. Its unbiased variance does not exist (M - 1 is "
    "0): raise a ValueError before anything is changed.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            "",
        ),
        (
            "mean, var = x.mean(axis=0), x.var(axis=0)",
            "m, mean, var = len(x), x.mean(axis=0), x.var(axis=0)",
        ),
        (
            "m, mean, var = len(x), self.running_mean, self.running_var",
            "mean, var = self.running_mean, self.running_var",
        ),
    ],
)

slip(
    "skips_one",
    "Returns a training batch of one as beta, without an error.",
    fails="batch_of_one",
    hint="A training batch of one sample is passed over in silence. It must raise a ValueError, so "
    "that nobody trains on it unawares.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            """
if m == 1:
    return x * 0 + self.beta
""",
        ),
    ],
)

slip(
    "biased_for_one",
    "Divides by max(M - 1, 1), so that one sample goes through.",
    fails="batch_of_one",
    hint="max(M - 1, 1) lets a training batch of one sample through, with a variance of 0. It must "
    "raise a ValueError and change nothing.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            "",
        ),
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = old * self.running_var + new * var * m / max(m - 1, 1)",
        ),
    ],
)

slip(
    "raises_too_late",
    "Updates running_mean before it raises.",
    fails="batch_of_one",
    hint="The ValueError comes too late: something was updated by then. Look at the size of the "
    "batch first.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            "",
        ),
        (
            "self.running_mean = old * self.running_mean + new * mean",
            """
self.running_mean = old * self.running_mean + new * mean
if m == 1:
    raise ValueError("one sample in training")
""",
        ),
    ],
)

slip(
    "counts_before_raising",
    "Counts the batch before it raises.",
    fails="batch_of_one",
    hint="A training batch of one raises a ValueError, but was counted before. Look at the size of "
    "the batch first.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            """
self.num_batches_tracked += 1
if m == 1:
    raise ValueError("one sample in training")
""",
        ),
        (
            """
self.running_var = old * self.running_var + new * var * m / (m - 1)
self.num_batches_tracked += 1
""",
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
        ),
    ],
)

slip(
    "asserts",
    "Raises an AssertionError.",
    fails="batch_of_one",
    hint="A training batch of one sample raises an AssertionError. Raise a ValueError, as the text "
    "says: assert is switched off by python -O.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            "assert m > 1",
        ),
    ],
)

slip(
    "raises_in_evaluation",
    "Raises for one sample in evaluation too.",
    fails="eval_one_row",
    hint="One sample raises an error in evaluation too. Only training needs more than one; in "
    "evaluation the statistics are there already.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            "",
        ),
        (
            "m, mean, var = len(x), self.running_mean, self.running_var",
            """
m, mean, var = len(x), self.running_mean, self.running_var
if m == 1:
    raise ValueError("one sample")
""",
        ),
    ],
)

# --- BatchNorm: evaluation: wrong ------------------------------------------------------------------

slip(
    "batch_statistics_in_evaluation",
    "Uses the batch in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation the batch is normalized by its own statistics, so that a sample's output "
    "depends on its neighbours, and one sample alone gives beta. Use running_mean and "
    "running_var.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training:
    mean, var = x.mean(axis=0), x.var(axis=0)
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "batch_mean_in_evaluation",
    "Centres by the batch in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation x is centred by its own mean, though divided by the running deviation. "
    "Subtract running_mean.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training:
    mean = x.mean(axis=0)
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "batch_variance_in_evaluation",
    "Divides by the spread of the batch in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation x is divided by the batch's own deviation, though centred by running_mean. "
    "Use running_var.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training:
    var = x.var(axis=0)
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "batch_statistics_if_many",
    "Uses the running averages for one sample only.",
    fails="eval_output whole",
    hint="In evaluation the running averages are used for one sample only; larger batches are "
    "normalized by their own statistics. The size of the batch makes no difference.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training and m > 1:
    mean, var = x.mean(axis=0), x.var(axis=0)
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "no_modes",
    "Trains on everything.",
    fails="eval_output eval_one_row eval_keeps_state eval_gradients whole",
    hint="Evaluation does what training does. eval() must make forward use the running averages and "
    "leave them alone.",
    edits=[
        (
            """
if self.training:
    if m
""",
            """
if True:
    if m
""",
        ),
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            "self.cache = x_hat, self.gamma * inv_std, True",
        ),
    ],
    whole=True,
)

slip(
    "evaluation_updates",
    "Updates the running averages in evaluation.",
    fails="eval_keeps_state whole",
    hint="Forward passes in evaluation move the running averages. Only training does.",
    edits=[
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
if not self.training and m > 1:
    old, new = 1 - self.momentum, self.momentum
    self.running_mean = old * self.running_mean + new * x.mean(axis=0)
    self.running_var = old * self.running_var + new * x.var(axis=0, ddof=1)
self.cache = x_hat, self.gamma * inv_std, self.training
""",
        ),
    ],
)

slip(
    "eps_into_the_state",
    "Adds eps to running_var in place.",
    fails="eval_keeps_state whole",
    hint="Every forward pass in evaluation adds eps to running_var itself: var += eps works on the "
    "very array that the layer keeps. Compute in a new array.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
var += self.eps
inv_std = 1 / np.sqrt(var)
""",
        ),
    ],
)

slip(
    "evaluation_updates_and_counts",
    "Updates the whole state in evaluation.",
    fails="eval_keeps_state whole",
    hint="Forward passes in evaluation move the running averages and are counted. Only training does "
    "that.",
    edits=[
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
if not self.training and m > 1:
    old, new = 1 - self.momentum, self.momentum
    self.running_mean = old * self.running_mean + new * x.mean(axis=0)
    self.running_var = old * self.running_var + new * x.var(axis=0, ddof=1)
    self.num_batches_tracked += 1
self.cache = x_hat, self.gamma * inv_std, self.training
""",
        ),
    ],
)

slip(
    "plain_evaluation",
    "Leaves gamma and beta out in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation gamma and beta are left out. The formula is the same as in training, with "
    "other statistics.",
    edits=[
        (
            "return self.gamma * x_hat + self.beta",
            "return self.gamma * x_hat + self.beta if self.training else x_hat",
        ),
    ],
)

slip(
    "no_beta_in_evaluation",
    "Leaves beta out in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation beta is left out. The formula is the same as in training, with other "
    "statistics.",
    edits=[
        (
            "return self.gamma * x_hat + self.beta",
            "return self.gamma * x_hat + (self.beta if self.training else 0)",
        ),
    ],
)

slip(
    "no_eps_in_evaluation",
    "Leaves eps out in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation eps is left out. It is added to running_var inside the root, as to the "
    "variance in training.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            "inv_std = 1 / np.sqrt(var + (self.eps if self.training else 0))",
        ),
    ],
)

slip(
    "divides_by_variance_in_evaluation",
    "Divides by running_var itself.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation the root is missing: x - running_mean is divided by running_var + eps. Take "
    "its root.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            "inv_std = 1 / np.sqrt(var + self.eps) if self.training else 1 / (var + self.eps)",
        ),
    ],
)

slip(
    "not_centred_in_evaluation",
    "Does not centre in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation running_mean is not subtracted. First centre, then scale.",
    edits=[
        (
            "x_hat = (x - mean) * inv_std",
            "x_hat = (x - mean) * inv_std if self.training else x * inv_std",
        ),
    ],
)

slip(
    "bessel_undone_in_evaluation",
    "Takes the correction back in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation running_var is rescaled by the size of the batch at hand. That size has no "
    "say there: use running_var as it is.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training:
    var = var * (m - 1) / m
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "blends_in_evaluation",
    "Blends the batch into the statistics in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation the statistics are a blend of the running averages and the batch. Use the "
    "running averages as they are.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training:
    mean = (1 - self.momentum) * mean + self.momentum * x.mean(axis=0)
    var = (1 - self.momentum) * var + self.momentum * x.var(axis=0)
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "debiased_in_evaluation",
    "Corrects the running mean for its initial value where it is used.",
    fails="whole",
    hint="In evaluation running_mean is divided by 1 - (1 - momentum)^t. Use it as it is.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training and self.num_batches_tracked:
    mean = mean / (1 - (1 - self.momentum) ** self.num_batches_tracked)
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "eval_resets",
    "Resets the running averages on eval().",
    fails="eval_output eval_one_row eval_keeps_state back_to_training whole",
    hint="eval() puts the running averages back to 0 and 1, and all that was learned is lost. It "
    "changes the mode, no more.",
    edits=[
        (
            """
def eval(self):
    self.training = False
""",
            """
def eval(self):
    self.training = False
    self.running_mean = np.zeros_like(self.running_mean)
    self.running_var = np.ones_like(self.running_var)
""",
        ),
    ],
    whole=True,
)

slip(
    "eval_debiases",
    "Corrects running_mean on eval().",
    fails="eval_keeps_state back_to_training whole",
    hint="eval() rescales running_mean by the weight of its initial value. It changes the mode, no "
    "more.",
    edits=[
        (
            """
def eval(self):
    self.training = False
""",
            """
def eval(self):
    self.training = False
    weight = 1 - (1 - self.momentum) ** self.num_batches_tracked
    if weight:
        self.running_mean = self.running_mean / weight
""",
        ),
    ],
)

slip(
    "eval_only_once",
    "Does nothing on train().",
    fails="back_to_training whole",
    hint="train() does not take the layer back from evaluation. It must set the mode that eval() has "
    "changed.",
    edits=[
        (
            """
def train(self):
    self.training = True
""",
            """
def train(self):
    pass
""",
        ),
    ],
)

slip(
    "train_resets",
    "Resets the running averages on train().",
    fails="back_to_training whole",
    hint="train() puts the running averages back to 0 and 1. It changes the mode, no more.",
    edits=[
        (
            """
def train(self):
    self.training = True
""",
            """
def train(self):
    self.training = True
    self.running_mean = np.zeros_like(self.running_mean)
    self.running_var = np.ones_like(self.running_var)
""",
        ),
    ],
    whole=True,
)

slip(
    "eval_resets_counter",
    "Resets the counter on eval().",
    fails="eval_keeps_state back_to_training whole",
    hint="eval() sets num_batches_tracked back to 0. It changes the mode, no more.",
    edits=[
        (
            """
def eval(self):
    self.training = False
""",
            """
def eval(self):
    self.training = False
    self.num_batches_tracked = 0
""",
        ),
    ],
    whole=True,
)

slip(
    "train_resets_counter",
    "Resets the counter on train().",
    fails="back_to_training whole",
    hint="train() sets num_batches_tracked back to 0. It changes the mode, no more.",
    edits=[
        (
            """
def train(self):
    self.training = True
""",
            """
def train(self):
    self.training = True
    self.num_batches_tracked = 0
""",
        ),
    ],
    whole=True,
)

# --- BatchNorm: backward: wrong --------------------------------------------------------------------

slip(
    "training_gradient_in_evaluation",
    "Uses training's dx in evaluation.",
    fails="eval_gradients whole",
    hint="In evaluation dx is computed by training's formula. There running_mean and running_var are "
    "constants: no path leads from them back to x.",
    edits=[
        (
            """
if training:
    dx = dx
""",
            """
if True:
    dx = dx
""",
        ),
    ],
)

slip(
    "constants_in_training",
    "Treats mean and variance as constants in training.",
    fails="training_gradients whole",
    hint="In training dx is gamma * inv_std * dy, as if the mean and the variance were constants. "
    "Both depend on every x of the batch.",
    edits=[
        (
            """
if training:
    dx = dx - scale * (dbeta + x_hat * dgamma) / len(dy)
""",
            "",
        ),
        ("x_hat, scale, training = self.cache", "x_hat, scale, _ = self.cache"),
    ],
)

slip(
    "modes_exchanged_in_backward",
    "Has the two gradients the other way round.",
    fails="training_gradients eval_gradients whole",
    hint="The gradients of the two modes are exchanged: training has the two extra terms, since its "
    "mean and variance depend on x.",
    edits=[
        (
            """
if training:
    dx = dx
""",
            """
if not training:
    dx = dx
""",
        ),
    ],
)

slip(
    "no_variance_path",
    "Leaves the variance path out.",
    fails="training_gradients whole",
    hint="In training the term with x_hat is missing from dx: the variance depends on x too.",
    edits=[
        (
            "dx = dx - scale * (dbeta + x_hat * dgamma) / len(dy)",
            "dx = dx - scale * dbeta / len(dy)",
        ),
    ],
)

slip(
    "no_mean_path",
    "Leaves the mean path out.",
    fails="training_gradients whole",
    hint="In training the term with the sum of dy is missing from dx: the mean depends on x too.",
    edits=[
        (
            "dx = dx - scale * (dbeta + x_hat * dgamma) / len(dy)",
            "dx = dx - scale * x_hat * dgamma / len(dy)",
        ),
    ],
)

slip(
    "mode_of_now",
    "Asks for the mode when backward is called.",
    fails="switch",
    hint="backward asks for the mode of the layer as it is now. The gradient belongs to the last "
    "forward pass: keep its mode with what else you keep.",
    edits=[
        (
            """
if training:
    dx
""",
            """
if self.training:
    dx
""",
        ),
        ("x_hat, scale, training = self.cache", "x_hat, scale, _ = self.cache"),
    ],
)

slip(
    "stale_in_evaluation",
    "Keeps nothing in evaluation.",
    fails="eval_gradients whole",
    hint="A forward pass in evaluation keeps nothing for backward, which then uses what the last "
    "training batch has left. Keep x_hat, the scale and the mode in either mode.",
    edits=[
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
if self.training:
    self.cache = x_hat, self.gamma * inv_std, True
""",
        ),
    ],
)

slip(
    "no_gamma_in_evaluation_dx",
    "Leaves gamma out of dx in evaluation.",
    fails="eval_gradients whole",
    hint="In evaluation gamma is missing from dx. y is gamma * x_hat + beta there too.",
    edits=[
        ("dx = scale * dy", "dx = scale * dy if training else scale / self.gamma * dy"),
    ],
)

slip(
    "identity_in_evaluation",
    "Passes dy through in evaluation.",
    fails="eval_gradients whole",
    hint="In evaluation dx is dy itself. The layer is still a scale and a shift there: dx has that "
    "scale.",
    edits=[
        ("dx = scale * dy", "dx = scale * dy if training else dy"),
    ],
)

slip(
    "frozen_in_evaluation",
    "Returns zeros for dgamma and dbeta in evaluation.",
    fails="eval_gradients whole",
    hint="In evaluation dgamma and dbeta are 0. Only the running averages are frozen there; y still "
    "depends on gamma and beta.",
    edits=[
        (
            "return dx, dgamma, dbeta",
            """
if not training:
    dgamma, dbeta = 0 * dgamma, 0 * dbeta
return dx, dgamma, dbeta
""",
        ),
    ],
)

slip(
    "gamma_of_the_batch_in_evaluation",
    "Takes dgamma from the batch's own x_hat in evaluation.",
    fails="eval_gradients whole",
    hint="In evaluation dgamma is taken with x normalized by its own batch. gamma multiplied another "
    "x_hat: the one by the running averages.",
    edits=[
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
own = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + self.eps)
kept = x_hat if self.training else own
self.cache = kept, self.gamma * inv_std, self.training
""",
        ),
    ],
)

slip(
    "running_deviation_in_training",
    "Divides by the running deviation in backward.",
    fails="training_gradients whole",
    hint="In training dx is divided by the running deviation. The batch's own deviation normalized "
    "it.",
    edits=[
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
scale = self.gamma / np.sqrt(self.running_var + self.eps)
self.cache = x_hat, scale, self.training
""",
        ),
    ],
)

slip(
    "momentum_in_the_gradient",
    "Weights the paths through the statistics by momentum.",
    fails="training_gradients whole",
    hint="In training the terms of mean and variance are weighted by momentum. y is computed from "
    "the statistics of the batch; the running averages play no part in it.",
    edits=[
        (
            "dx = dx - scale * (dbeta + x_hat * dgamma) / len(dy)",
            "dx = dx - self.momentum * scale * (dbeta + x_hat * dgamma) / len(dy)",
        ),
    ],
)

slip(
    "gamma_twice",
    "Multiplies dx by gamma twice.",
    fails="training_gradients eval_gradients whole",
    hint="gamma multiplies dx twice. It enters once.",
    edits=[
        (
            "dx = scale * dy",
            """
scale = scale * self.gamma
dx = scale * dy
""",
        ),
    ],
)

slip(
    "gamma_missing",
    "Leaves gamma out of dx.",
    fails="training_gradients eval_gradients whole",
    hint="gamma is missing from dx. dx_hat is gamma * dy.",
    edits=[
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            "self.cache = x_hat, inv_std, self.training",
        ),
    ],
)

slip(
    "averages_parameters",
    "Averages dgamma and dbeta over the batch.",
    fails="training_gradients eval_gradients whole",
    hint="dgamma and dbeta are averaged over the samples. They are sums: every sample used the same "
    "gamma and beta.",
    edits=[
        ("return dx, dgamma, dbeta", "return dx, dgamma / len(dy), dbeta / len(dy)"),
    ],
)

slip(
    "dgamma_without_x_hat",
    "Takes the sum of dy for dgamma.",
    fails="training_gradients eval_gradients whole",
    hint="dgamma is the sum of dy. gamma is multiplied by x_hat: its gradient is the sum of dy * "
    "x_hat.",
    edits=[
        ("return dx, dgamma, dbeta", "return dx, dbeta, dbeta"),
    ],
)

slip(
    "parameters_exchanged",
    "Returns dbeta before dgamma.",
    fails="training_gradients eval_gradients whole",
    hint="dgamma and dbeta come back in the wrong order. It is dx, dgamma, dbeta.",
    edits=[
        ("return dx, dgamma, dbeta", "return dx, dbeta, dgamma"),
    ],
)

slip(
    "overwrites_x_hat",
    "Scales the x_hat that it keeps in place.",
    fails="training_gradients eval_gradients whole",
    hint="x_hat is scaled and shifted in place after it was kept for backward, so that dgamma is "
    "taken with y. Compute y in a new array.",
    edits=[
        (
            "return self.gamma * x_hat + self.beta",
            """
x_hat *= self.gamma
x_hat += self.beta
return x_hat
""",
        ),
    ],
)

slip(
    "accumulates",
    "Adds gradients up over the batches.",
    fails="whole",
    hint="dgamma and dbeta are added up over all backward passes. Each call returns the gradients of "
    "its own batch.",
    edits=[
        (
            "self.num_batches_tracked = 0",
            """
self.num_batches_tracked = 0
self.dgamma, self.dbeta = 0.0, 0.0
""",
        ),
        (
            "return dx, dgamma, dbeta",
            """
self.dgamma, self.dbeta = self.dgamma + dgamma, self.dbeta + dbeta
return dx, self.dgamma, self.dbeta
""",
        ),
    ],
)

slip(
    "gradients_keep_dimensions",
    "Returns dgamma and dbeta with shape (1, D).",
    fails="whole",
    hint="dgamma and dbeta have the shape (1, D). One number for each feature means the shape (D,): "
    "leave keepdims out.",
    edits=[
        ("return dx, dgamma, dbeta", "return dx, dgamma[None], dbeta[None]"),
    ],
)

slip(
    "state_keeps_dimensions",
    "Gives the running averages the shape (1, D).",
    fails="whole",
    hint="The running averages get the shape (1, D) in training. Their shape is (D,): leave keepdims "
    "out.",
    edits=[
        (
            "mean, var = x.mean(axis=0), x.var(axis=0)",
            "mean, var = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)",
        ),
    ],
)

slip(
    "centres_in_place",
    "Centres x in place.",
    fails="untouched",
    hint="The caller's x is changed, as by x -= mean. Write what is computed from it to a new array.",
    edits=[
        (
            "x_hat = (x - mean) * inv_std",
            """
x -= mean
x_hat = x * inv_std
""",
        ),
    ],
)

slip(
    "dy_in_place",
    "Scales dy in place.",
    fails="untouched",
    hint="The caller's dy is changed, as by dy *= gamma. Compute in a new array.",
    edits=[
        (
            "dx = scale * dy",
            """
dy *= scale
dx = dy
""",
        ),
    ],
)

slip(
    "steps_inside",
    "Updates gamma and beta in backward.",
    fails="untouched whole",
    hint="gamma and beta are changed by the layer itself. backward returns their gradients; changing "
    "them is the optimizer's task.",
    edits=[
        (
            "return dx, dgamma, dbeta",
            """
self.gamma = self.gamma - 0.1 * dgamma
self.beta = self.beta - 0.1 * dbeta
return dx, dgamma, dbeta
""",
        ),
    ],
)

# --- fold_into_linear: wrong -----------------------------------------------------------------------


@mistake(
    "fold_over_inputs",
    fails="fold_weight fold_bias",
    hint="The columns of weight are scaled. Each output has its scale, and the outputs are the rows "
    "of weight.",
)
def fold_into_linear(weight, bias, bn):
    """Scales the columns of weight."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return weight * scale, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_no_eps",
    fails="fold_weight fold_bias",
    hint="eps is left out of the scale: gamma / sqrt(running_var + eps).",
)
def fold_into_linear(weight, bias, bn):
    """Leaves eps out."""
    scale = bn.gamma / np.sqrt(bn.running_var)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_eps_hard_coded",
    fails="fold_weight fold_bias",
    hint="eps is 1e-5 whatever bn says. Use bn.eps.",
)
def fold_into_linear(weight, bias, bn):
    """Always uses 1e-5."""
    scale = bn.gamma / np.sqrt(bn.running_var + 1e-5)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_eps_outside_root",
    fails="fold_weight fold_bias",
    hint="eps is added outside the root. It joins the variance: sqrt(running_var + eps).",
)
def fold_into_linear(weight, bias, bn):
    """Adds eps outside the root."""
    scale = bn.gamma / (np.sqrt(bn.running_var) + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_no_root",
    fails="fold_weight fold_bias",
    hint="The root is missing from the scale: gamma / sqrt(running_var + eps).",
)
def fold_into_linear(weight, bias, bn):
    """Divides by the variance."""
    scale = bn.gamma / (bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_multiplies",
    fails="fold_weight fold_bias",
    hint="The scale multiplies by the deviation. Divide by it.",
)
def fold_into_linear(weight, bias, bn):
    """Multiplies by the deviation."""
    scale = bn.gamma * np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_no_gamma",
    fails="fold_weight fold_bias",
    hint="gamma is left out of the scale.",
)
def fold_into_linear(weight, bias, bn):
    """Leaves gamma out."""
    scale = 1 / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_gamma_magnitude",
    fails="fold_weight fold_bias",
    hint="The sign of gamma is lost. gamma may be negative; keep it as it is.",
)
def fold_into_linear(weight, bias, bn):
    """Takes the magnitude of gamma."""
    scale = abs(bn.gamma) / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_weight_unchanged",
    fails="fold_weight",
    hint="weight comes back as it was. Its rows are scaled, as the bias is.",
)
def fold_into_linear(weight, bias, bn):
    """Returns weight as it is."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return weight.copy(), scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_weight_by_std_only",
    fails="fold_weight",
    hint="The weight is scaled without gamma, the bias with it. Both have the same scale.",
)
def fold_into_linear(weight, bias, bn):
    """Scales weight without gamma."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return weight / np.sqrt(bn.running_var + bn.eps)[:, None], scale * (
        bias - bn.running_mean
    ) + bn.beta


@mistake(
    "fold_transposed",
    fails="fold_weight",
    hint="The weight comes back transposed. Its shape is (out, in), as it came.",
)
def fold_into_linear(weight, bias, bn):
    """Returns weight transposed."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return (scale[:, None] * weight).T, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_before",
    fails="fold_weight fold_bias",
    hint="The folding is that of batch norm before the linear layer: it scales inputs and carries "
    "beta through weight. Here batch norm follows, so that it scales outputs.",
)
def fold_into_linear(weight, bias, bn):
    """Folds as if batch norm came before the linear layer."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    shift = bn.beta - scale * bn.running_mean
    return weight * scale, bias + weight @ shift


@mistake(
    "fold_bias_unchanged",
    fails="fold_bias",
    hint="bias comes back as it was. It is shifted by -running_mean, scaled, and shifted by beta.",
)
def fold_into_linear(weight, bias, bn):
    """Returns bias as it is."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, bias.copy()


@mistake(
    "fold_bias_scaled_only",
    fails="fold_bias",
    hint="The bias is scaled, but running_mean and beta are left out.",
)
def fold_into_linear(weight, bias, bn):
    """Scales bias and shifts nothing."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * bias


@mistake(
    "fold_no_mean",
    fails="fold_bias",
    hint="running_mean is left out of the bias. It is subtracted before the scale.",
)
def fold_into_linear(weight, bias, bn):
    """Leaves running_mean out."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * bias + bn.beta


@mistake(
    "fold_no_beta",
    fails="fold_bias",
    hint="beta is left out of the bias. It is added last.",
)
def fold_into_linear(weight, bias, bn):
    """Leaves beta out."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean)


@mistake(
    "fold_drops_bias",
    fails="fold_bias",
    hint="The linear layer's own bias is left out. It passes through batch norm as everything else "
    "does.",
)
def fold_into_linear(weight, bias, bn):
    """Forgets the linear layer's bias."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, bn.beta - scale * bn.running_mean


@mistake(
    "fold_bias_not_scaled",
    fails="fold_bias",
    hint="The linear layer's bias is added as it is. It stands before batch norm, so that it is "
    "scaled as well.",
)
def fold_into_linear(weight, bias, bn):
    """Adds the linear layer's bias unscaled."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, bias + bn.beta - scale * bn.running_mean


@mistake(
    "fold_mean_not_scaled",
    fails="fold_bias",
    hint="running_mean is subtracted after the scale. It is subtracted first, then scaled.",
)
def fold_into_linear(weight, bias, bn):
    """Subtracts running_mean unscaled."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * bias - bn.running_mean + bn.beta


@mistake(
    "fold_mean_added",
    fails="fold_bias",
    hint="running_mean is added. It is subtracted.",
)
def fold_into_linear(weight, bias, bn):
    """Adds running_mean."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias + bn.running_mean) + bn.beta


@mistake(
    "fold_beta_scaled",
    fails="fold_bias",
    hint="beta is scaled along. It is added after the scale.",
)
def fold_into_linear(weight, bias, bn):
    """Scales beta."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean + bn.beta)


@mistake(
    "fold_beta_subtracted",
    fails="fold_bias",
    hint="beta is subtracted. It is added.",
)
def fold_into_linear(weight, bias, bn):
    """Subtracts beta."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) - bn.beta


@mistake(
    "fold_weight_in_place",
    fails="fold_untouched",
    hint="The caller's weight is changed, as by weight *= ... Return a new array.",
)
def fold_into_linear(weight, bias, bn):
    """Scales weight in place."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    weight *= scale[:, None]
    return weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_bias_in_place",
    fails="fold_untouched",
    hint="The caller's bias is changed, as by bias -= ... Return a new array.",
)
def fold_into_linear(weight, bias, bn):
    """Changes bias in place."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    bias -= bn.running_mean
    return scale[:, None] * weight, scale * bias + bn.beta


@mistake(
    "fold_resets_bn",
    fails="fold_untouched",
    hint="bn is changed. The caller may still need it: leave it as it is.",
)
def fold_into_linear(weight, bias, bn):
    """Makes bn the identity."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    folded = scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta
    bn.gamma, bn.beta = np.ones_like(bn.gamma), np.zeros_like(bn.beta)
    return folded


# --- BatchNorm: right ------------------------------------------------------------------------------


@variant("everything_by_property")
class BatchNorm:
    """Sets new arrays through properties, and averages as a lerp."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self._eps, self._momentum, self._mode, self._count = eps, momentum, "train", 0
        self._state = {"gamma": np.ones(num_features), "running_var": np.ones(num_features)}
        self._state |= {"beta": np.zeros(num_features), "running_mean": np.zeros(num_features)}

    gamma = property(lambda self: self._get("gamma"), lambda self, v: self._set("gamma", v))
    beta = property(lambda self: self._get("beta"), lambda self, v: self._set("beta", v))
    running_mean = property(
        lambda self: self._get("running_mean"), lambda self, v: self._set("running_mean", v)
    )
    running_var = property(
        lambda self: self._get("running_var"), lambda self, v: self._set("running_var", v)
    )
    num_batches_tracked = property(lambda self: self._count)

    def _get(self, name):
        return self._state[name].copy()

    def _set(self, name, value):
        self._state[name] = np.array(value, dtype=float)

    def train(self, mode=True):
        self._mode = "train" if mode else "eval"
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        state = self._state
        self._ran_in = self._mode
        if self._mode == "eval":
            self._mean, self._var = state["running_mean"], state["running_var"]
        else:
            if x.shape[0] < 2:
                raise ValueError("at least two samples are needed in training")
            self._mean, self._var = x.mean(0), x.var(0)
            state["running_mean"] = state["running_mean"] + self._momentum * (
                self._mean - state["running_mean"]
            )
            state["running_var"] = state["running_var"] + self._momentum * (
                x.var(0, ddof=1) - state["running_var"]
            )
            self._count += 1
        self._x = x
        return (x - self._mean) / (self._var + self._eps) ** 0.5 * state["gamma"] + state["beta"]

    def backward(self, dy):
        inv_std = (self._var + self._eps) ** -0.5
        centred = self._x - self._mean
        dx_hat = dy * self._state["gamma"]
        dx = dx_hat * inv_std
        if self._ran_in == "train":
            dvar = (dx_hat * centred).sum(0) * -0.5 * inv_std**3
            dmean = -(dx_hat * inv_std).sum(0)
            dx = dx + dvar * 2 * centred / len(dy) + dmean / len(dy)
        return [dx, (dy * centred * inv_std).sum(0), dy.sum(0)]


@variant("scale_and_shift_made_by_eval")
class BatchNorm:
    """Prepares one scale and one shift in eval()."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.num_batches_tracked = 0
        self.fixed = None

    def train(self):
        self.fixed = None

    def eval(self):
        inv_std = 1 / np.sqrt(self.running_var + self.eps)
        scale = self.gamma * inv_std
        self.fixed = inv_std, scale, self.beta - self.running_mean * scale

    def forward(self, x):
        if self.fixed is not None:
            inv_std, scale, shift = self.fixed
            x_hat = (x - self.running_mean) * inv_std
            self.for_backward = lambda dy: (dy * scale, (dy * x_hat).sum(axis=0), dy.sum(axis=0))
            return x * scale + shift
        m = len(x)
        if m == 1:
            raise ValueError
        mean, unbiased = x.mean(axis=0), x.var(axis=0, ddof=1)
        self.num_batches_tracked += 1
        self.running_mean = self.momentum * mean + (1 - self.momentum) * self.running_mean
        self.running_var = self.momentum * unbiased + (1 - self.momentum) * self.running_var
        inv_std = 1 / np.sqrt(unbiased * (m - 1) / m + self.eps)
        x_hat, scale = (x - mean) * inv_std, self.gamma * inv_std

        def for_backward(dy):
            dgamma, dbeta = (dy * x_hat).sum(axis=0), dy.sum(axis=0)
            return scale / m * (m * dy - dbeta - x_hat * dgamma), dgamma, dbeta

        self.for_backward = for_backward
        return self.gamma * x_hat + self.beta

    def backward(self, dy):
        for_backward, self.for_backward = self.for_backward, None  # once for each forward
        return for_backward(dy)


@variant("rows_and_loops")
class BatchNorm:
    """Loops over features and keeps plain lists on the way."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = np.array([1.0] * num_features), np.array([0.0] * num_features)
        self.running_mean, self.running_var = self.beta.copy(), self.gamma.copy()
        self.num_batches_tracked = 0

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        m, d = x.shape
        if self.training and m == 1:
            raise ValueError("one sample has no variance to learn from")
        y, self.columns, self.mode = np.empty((m, d)), [], self.training
        means, variances = self.running_mean.copy(), self.running_var.copy()
        for j in range(d):
            mean, var = means[j], variances[j]
            if self.training:
                mean = sum(x[:, j]) / m
                squares = sum((value - mean) ** 2 for value in x[:, j])
                var = squares / m
                means[j] += self.momentum * (mean - means[j])
                variances[j] += self.momentum * (squares / (m - 1) - variances[j])
            inv_std = 1 / (var + self.eps) ** 0.5
            x_hat = [(value - mean) * inv_std for value in x[:, j]]
            self.columns.append((x_hat, inv_std))
            y[:, j] = [self.gamma[j] * value + self.beta[j] for value in x_hat]
        if self.training:
            self.running_mean, self.running_var = means, variances
            self.num_batches_tracked = self.num_batches_tracked + 1
        return y

    def backward(self, dy):
        m, d = dy.shape
        dx, dgamma, dbeta = np.empty((m, d)), np.empty(d), np.empty(d)
        for j, (x_hat, inv_std) in enumerate(self.columns):
            dgamma[j] = sum(a * b for a, b in zip(dy[:, j], x_hat, strict=True))
            dbeta[j] = sum(dy[:, j])
            for i in range(m):
                inner = dy[i, j]
                if self.mode:
                    inner -= (dbeta[j] + x_hat[i] * dgamma[j]) / m
                dx[i, j] = self.gamma[j] * inv_std * inner
        return dx, dgamma, dbeta


@variant("updates_in_place")
class BatchNorm:
    """Updates its own arrays in place, and counts in an array."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.is_eval = eps, momentum, False
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.num_batches_tracked = np.zeros((), dtype=np.int64)

    def train(self):
        self.is_eval = False

    def eval(self):
        self.is_eval = True

    def forward(self, x):
        if self.is_eval:
            mean, var = self.running_mean.copy(), self.running_var.copy()
        elif x.shape[0] > 1:
            mean, var = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)
            self.running_mean *= 1 - self.momentum
            self.running_mean += self.momentum * mean[0]
            self.running_var *= 1 - self.momentum
            self.running_var += self.momentum * x.var(axis=0, ddof=1)
            self.num_batches_tracked += 1
        else:
            raise ValueError("x has one row")
        std = np.sqrt(var + self.eps)
        self.kept = ((x - mean) / std, std, self.is_eval)
        return self.gamma * self.kept[0] + self.beta

    def backward(self, dy):
        x_hat, std, is_eval = self.kept
        dx_hat = dy * self.gamma
        if not is_eval:
            dx_hat = dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)
        return dx_hat / std, np.sum(dy * x_hat, axis=0), np.sum(dy, axis=0)


@variant("welford_and_jacobian")
class BatchNorm:
    """Takes the statistics by Welford's recurrence, dx by the explicit Jacobian."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.epsilon, self.weight_of_new, self.learning = eps, momentum, True
        self.gamma, self.beta = np.full(num_features, 1.0), np.full(num_features, 0.0)
        self.running_mean, self.running_var = np.full(num_features, 0.0), np.full(num_features, 1.0)
        self.num_batches_tracked = 0.0

    def train(self):
        self.learning = True
        return "training"

    def eval(self):
        self.learning = False
        return "evaluation"

    def forward(self, x):
        if not self.learning:
            r = (self.running_var + self.epsilon) ** -0.5
            x_hat = (x - self.running_mean) * r
            eye = np.eye(len(x))
            self.memory = x_hat, [g * s * eye for g, s in zip(self.gamma, r, strict=True)]
            return x_hat * self.gamma + self.beta
        m = len(x)
        mean, m2 = np.zeros_like(x[0]), np.zeros_like(x[0])
        for count, row in enumerate(x, start=1):
            delta = row - mean
            mean = mean + delta / count
            m2 = m2 + delta * (row - mean)
        if m == 1:
            raise ValueError("M - 1 is 0")
        a = self.weight_of_new
        self.running_mean = np.average([self.running_mean, mean], axis=0, weights=[1 - a, a])
        self.running_var = np.average([self.running_var, m2 / (m - 1)], axis=0, weights=[1 - a, a])
        self.num_batches_tracked += 1.0
        r = (m2 / m + self.epsilon) ** -0.5
        x_hat = (x - mean) * r
        jacobians = [
            g * s * (np.eye(m) - 1 / m - np.outer(h, h) / m)
            for g, s, h in zip(self.gamma, r, x_hat.T, strict=True)
        ]
        self.memory = x_hat, jacobians
        return x_hat * self.gamma + self.beta

    def backward(self, dy):
        x_hat, jacobians = self.memory
        dx = np.stack([j @ column for j, column in zip(jacobians, dy.T, strict=True)], axis=1)
        return dx, np.diag(dy.T @ x_hat), dy.T @ np.ones(len(dy))


@variant("two_inner_layers")
class BatchNorm:
    """Has one inner class for each mode, and einsum."""

    class Training:
        def statistics(self, layer, x):
            if len(x) < 2:
                raise ValueError("one sample")
            m = len(x)
            mean = np.einsum("nd->d", x) / m
            squares = np.einsum("nd,nd->d", x - mean, x - mean)
            layer.running_mean, layer.running_var = (
                old - layer.momentum * (old - new)
                for old, new in (
                    (layer.running_mean, mean),
                    (layer.running_var, squares / (m - 1)),
                )
            )
            layer.num_batches_tracked += 1
            return mean, squares / m

        def dx(self, dx_hat, x_hat):
            along = np.einsum("nd,nd->d", dx_hat, x_hat) / len(x_hat)
            return dx_hat - dx_hat.mean(axis=0) - np.einsum("d,nd->nd", along, x_hat)

    class Evaluation:
        def statistics(self, layer, x):
            return layer.running_mean, layer.running_var

        def dx(self, dx_hat, x_hat):
            return dx_hat

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.mode = eps, momentum, self.Training()
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.num_batches_tracked = 0

    def train(self):
        self.mode = self.Training()

    def eval(self):
        self.mode = self.Evaluation()

    def forward(self, x):
        mean, var = self.mode.statistics(self, x)
        inv_std = 1 / np.sqrt(var + self.eps)
        x_hat = np.einsum("nd,d->nd", x - mean, inv_std)
        self.kept = self.mode, x_hat, inv_std
        return np.einsum("nd,d->nd", x_hat, self.gamma) + self.beta

    def backward(self, dy):
        mode, x_hat, inv_std = self.kept
        dx = inv_std * mode.dx(dy * self.gamma, x_hat)
        return dx, np.einsum("nd,nd->d", dy, x_hat), np.einsum("nd->d", dy)


@variant("own_error")
class BatchNorm:
    """Raises its own kind of ValueError, has slots, and takes the variance in one pass."""

    class TooFewSamples(ValueError):
        pass

    __slots__ = (
        "eps",
        "momentum",
        "forward",
        "gamma",
        "beta",
        "running_mean",
        "running_var",
        "num_batches_tracked",
        "backward",
    )

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.num_batches_tracked = 0
        self.train()

    def train(self):
        self.forward = self.forward_in_training

    def eval(self):
        self.forward = self.forward_in_evaluation

    def forward_in_training(self, x):
        m = x.shape[0]
        if m == 1:
            raise self.TooFewSamples
        mean = x.sum(axis=0) / m
        sums = (x * x).sum(axis=0) - m * mean**2
        x = x - mean
        blend = np.array([1 - self.momentum, self.momentum])
        self.running_mean = blend @ np.stack([self.running_mean, mean])
        self.running_var = blend @ np.stack([self.running_var, sums / (m - 1)])
        self.num_batches_tracked += 1
        std = np.sqrt(sums / m + self.eps)
        x = x / std
        gamma = self.gamma

        def backward(dy):
            dgamma, dbeta = (x * dy).sum(axis=0), dy.sum(axis=0)
            return gamma / std * (dy - dbeta / m - x * dgamma / m), dgamma, dbeta

        self.backward = backward
        return gamma * x + self.beta

    def forward_in_evaluation(self, x):
        std = np.sqrt(self.running_var + self.eps)
        x = (x - self.running_mean) / std
        gamma = self.gamma
        self.backward = lambda dy: (gamma * dy / std, (x * dy).sum(axis=0), dy.sum(axis=0))
        return gamma * x + self.beta


@variant("remembers_every_batch")
class BatchNorm:
    """Keeps the statistics of every batch, and blends them when it is asked."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.start = [np.zeros(num_features), np.ones(num_features)]
        self.seen = [[], []]
        self.num_batches_tracked = 0

    def blend(self, which):
        value = self.start[which]
        for new in self.seen[which]:
            value = value + self.momentum * (new - value)
        return value

    def begin(self, which, value):
        self.start[which], self.seen[which] = value, []

    running_mean = property(lambda self: self.blend(0), lambda self, value: self.begin(0, value))
    running_var = property(lambda self: self.blend(1), lambda self, value: self.begin(1, value))

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        if not self.training:
            mean, var = self.running_mean, self.running_var
        elif len(x) == 1:
            raise ValueError("one sample")
        else:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.seen[0].append(mean)
            self.seen[1].append(np.diag(np.atleast_2d(np.cov(x, rowvar=False))))
            self.num_batches_tracked += 1
        self.inv_std = 1 / np.sqrt(var + self.eps)
        self.x_hat = (x - mean) * self.inv_std
        self.centring = np.eye(len(x)) - (1 / len(x) if self.training else 0)
        self.along = 1 / len(x) if self.training else 0
        return self.gamma * self.x_hat + self.beta

    def backward(self, dy):
        x_hat, dx_hat = self.x_hat, self.gamma * dy
        dx = self.centring @ dx_hat - self.along * x_hat * (dx_hat * x_hat).sum(axis=0)
        return self.inv_std * dx, (dy * x_hat).sum(axis=0), dy.sum(axis=0)


# --- fold_into_linear: right -----------------------------------------------------------------------


@variant("fold_by_probing")
def fold_into_linear(weight, bias, bn):
    """Sends unit vectors through both layers."""

    def both(u):
        scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
        return scale * (u @ weight.T + bias - bn.running_mean) + bn.beta

    into = len(weight.T)
    folded = both(np.zeros(into))
    return (both(np.eye(into)) - folded).T, folded


@variant("fold_by_loops")
def fold_into_linear(weight, bias, bn):
    """Handles one output at a time, and returns lists."""
    rows, shifts = [], []
    for j in range(len(bias)):
        scale = bn.gamma[j] * (bn.running_var[j] + bn.eps) ** -0.5
        rows.append([scale * w for w in weight[j]])
        shifts.append(bn.beta[j] - scale * (bn.running_mean[j] - bias[j]))
    return [rows, shifts]


@variant("fold_by_diagonal")
def fold_into_linear(weight, bias, bn):
    """Multiplies by a diagonal matrix."""
    scale = np.diag(np.divide(bn.gamma, np.sqrt(np.add(bn.running_var, bn.eps))))
    return scale @ weight, scale @ bias - scale @ bn.running_mean + bn.beta


@variant("fold_homogeneous")
def fold_into_linear(weight, bias, bn):
    """Folds weight and bias together, in one matrix."""
    together = np.concatenate([weight, (bias - bn.running_mean)[:, np.newaxis]], axis=1)
    together = (together.T * (bn.gamma / np.sqrt(bn.running_var + bn.eps))).T
    together[:, -1] += bn.beta
    return together[:, :-1], together[:, -1]
