"""Mutants that pass every check because they are right: each with the reason.

A mutant that survives and stands here is no hole in the checks; one that survives and does not is.
An entry that no survivor matches any more is stale, and is reported, so that the table stays true.
"""

import re
from dataclasses import dataclass

from autograder.prove.mutate import Mutant


@dataclass(frozen=True)
class Equivalent:
    """One or more mutants of one exercise's function that are right.

    Args:
        exercise, function: whose mutants.
        before, after: the lines as `Mutant` has them; "..." stands for any text.
        reason: why the change makes no difference for any input that the exercise allows.
    """

    exercise: str
    function: str
    before: str
    after: str
    reason: str

    def matches(self, exercise: str, mutant: Mutant) -> bool:
        """Return whether a mutant of that exercise is meant."""
        return (
            (exercise, mutant.source.name) == (self.exercise, self.function)
            and fits(self.before, mutant.before)
            and fits(self.after, mutant.after)
        )


def fits(pattern: str, text: str) -> bool:
    """Return whether a text is as a pattern says, "..." standing for any text."""
    parts = (re.escape(part) for part in pattern.split("..."))
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None


def entries(exercise: str) -> list[Equivalent]:
    """Return the table's entries for an exercise."""
    return [entry for entry in EQUIVALENT if entry.exercise == exercise]


def same(exercise, function, *changes):
    """Make entries for one function from (before, after, reason) each."""
    return tuple(Equivalent(exercise, function, *change) for change in changes)


SQUARED = "only its square is used, so its sign does not matter"
OWN = "the array that is changed is the function's own, and is not read again"
REPLACED = "the first sample replaces whatever the mean starts from"
NO_LOSS = "the sample that shifts lies as far from the mean as the mean is large: no digits go"
LIKE = "only its shape and dtype are used, and these are the same"
SAME_AXIS = "of two axes, -1 is axis 1"
NARROW = "computing in float32 is as right as float32 allows, which is what is asked"
FINITE = "the general formula gives the same: the numbers of an empty part are finite"
NEVER = "a count is never negative"
SHADOWED = "the case is settled before, so this branch is never taken, and the formula serves"
INT = "a count is a plain number: the name is bound anew, and the caller's number stays"
BROADCAST = "an axis of length 1 is broadcast where it is used"
CACHE = "what the cache holds is the student's own, and is not marked"
NOT_NEGATIVE = "a mean of squares is never below 0, so the clamp does nothing"
SAME_D = "x, gamma and beta have the same number of features"
SAME_DTYPE = "x, gamma and beta have one dtype, and what is computed from them keeps it"

EQUIVALENT = (
    *same(
        "ex01_statistics",
        "batch_statistics",
        ("centred = x - mean", "centred = mean - x", SQUARED),
        ("centred = x - mean", "centred = -(x - mean)", SQUARED),
        ("...x[i, j]...", "...x[-i, j]...", "-i runs over all samples too, in another order"),
        ("return (mean, m2 / len(x))", "m2 /= len(x)...", OWN),
        ("mean = mean + delta / count", "mean += delta / count...", OWN),
        ("m2 = m2 + delta * (row - mean)", "m2 += delta * (row - mean)...", OWN),
        ("m2 = m2 + delta * (row - mean)", "delta *= row - mean...", OWN),
        (
            "mean, m2 = (np.zeros_like(x[0]), np.zeros_like(x[0]))",
            "mean, m2 = (x[0], np.zeros_like(x[0]))",
            REPLACED,
        ),
        (
            "mean, m2 = (np.zeros_like(x[0]), np.zeros_like(x[0]))",
            "mean, m2 = (np.ones_like(x[0]), np.zeros_like(x[0]))",
            REPLACED,
        ),
        ("...np.zeros_like(x[0])...", "...np.zeros_like(x[-1])...", LIKE),
        ("...(shifted ** 2).mean...", "shifted **= 2\n...", OWN),
        ("wide = x.astype(np.float64)", "wide = x", NARROW),
        ("return (wide.mean...", "return (x.mean...", NARROW),
        ("return (wide.mean...", "...x.var...", NARROW),
        ("mean = t.mean(axis=1...", "mean = t.mean(axis=-1...", SAME_AXIS),
        ("...np.square(t - mean).mean(axis=1)", "...np.square(t - mean).mean(axis=-1)", SAME_AXIS),
        ("return (mean[:, 0], var)", "return (mean[:, -1], var)", "there is one column"),
        ("pairs = x[:, None] - x[None]", "pairs = x[None] - x[:, None]", SQUARED),
        ("pairs = x[:, None] - x[None]", "pairs = -(x[:, None] - x[None])", SQUARED),
        ("pairs = x[:, None] - x[None]", "pairs = x[:, None] - x", "broadcasting adds this axis"),
    ),
    *same(
        "ex01_statistics",
        "merge_statistics",
        ("...", "delta **= 2\n...", OWN),
        ("from_a = ...", "count_a *= ...", INT),
        ("from_b = ...", "count_b *= ...", INT),
        ("return (count_a + count_b, mean, var)", "count_a += count_b...", INT),
        ("if count_a == 0:\nreturn (count_b, mean_b, var_b)", "", FINITE),
        ("if count_b == 0:\nreturn (count_a, mean_a, var_a)", "", FINITE),
        ("if count_... == 0:", "if False:", FINITE),
        ("return (count_b, mean_b, var_b)", "pass", FINITE),
        ("return (count_a, mean_a, var_a)", "pass", FINITE),
        ("if count_... == 0:", "if count_... == -1:", NEVER),
        ("if count_b == 0:", "if count_a == 0:", SHADOWED),
        (
            "return (np.sum(weights), ...",
            "return (np.sum(weights, keepdims=True), ...",
            "the checks take an array of one number for that number, here and everywhere",
        ),
        ("mean, var = (np.empty_like(...", "mean, var = (np.empty_like(...", LIKE),
        ("for j in range(len(mean)):", "for j in range(len(...)):", "all have the length D"),
        ("return (float(count), mean, var)", "return (count, mean, var)", "an int is a number too"),
    ),
    *same(
        "ex02_forward",
        "batchnorm_forward",
        # The second of the two that are returned; each variant has its own.
        ("return (gamma * x_hat + beta, (x_hat...", "return (gamma * x_hat + beta, ...", CACHE),
        ("return (gamma * x_hat + beta, [x_hat...", "return (gamma * x_hat + beta, [...", CACHE),
        ("return (gamma * x_hat + beta, x_hat)", "return (gamma * x_hat + beta, ...)", CACHE),
        (
            "return (np.einsum(...",
            "return (np.einsum('nd,d->nd', x_hat, gamma) + beta, (...",
            CACHE,
        ),
        ("return (x * scale...", "return (x * scale + (beta - mean * scale), (...", CACHE),
        ("return ((gamma...", "return ((gamma * x_hat + beta).astype(x.dtype), {...", CACHE),
        ("return (centred...", "return (centred * inv_std * gamma + beta, (...", CACHE),
        ("return [...'my cache']", "return [np.stack(columns, axis=1), 'my cache_']", CACHE),
        (
            "return (gamma * ((x - mean) / np.sqrt(var + eps)) + beta, x)",
            "return (gamma * ((x - mean) / np.sqrt(var + eps)) + beta, ...)",
            CACHE,
        ),
        # Work in place on an array of the function's own.
        ("...", "var += eps\n...", OWN),
        ("x_hat = centred ...", "centred ...= ...\nx_hat = centred", OWN),
        ("mean = mean + delta / count", "mean += delta / count...", OWN),
        ("m2 = m2 + delta * (row - mean)", "m2 += delta * (row - mean)...", OWN),
        ("m2 = m2 + delta * (row - mean)", "delta *= row - mean...", OWN),
        ("...m2 / len(x)...", "m2 /= len(x)\n...", OWN),
        ("return (x * scale...", "mean *= scale\n...", OWN),
        ("x_hat = (wide - wide.mean(0))...", "wide -= wide.mean(0)\n...var(0) + eps)", OWN),
        ("x_hat = (shifted - mean)...", "shifted -= mean\n...", OWN),
        ("return (centred * inv_std...", "centred *= inv_std\n...", OWN),
        # The shape of the statistics.
        ("...mean(axis=0)...", "...mean(axis=0, keepdims=True)...", BROADCAST),
        ("...var(axis=0)...", "...var(axis=0, keepdims=True)...", BROADCAST),
        ("...mean(0)...", "...mean(0, keepdims=True)...", BROADCAST),
        ("...var(0)...", "...var(0, keepdims=True)...", BROADCAST),
        ("...mean()...", "...mean(keepdims=True)...", BROADCAST),
        ("...var()...", "...var(keepdims=True)...", BROADCAST),
        ("...(axis=0, keepdims=True)...", "...(axis=0)...", BROADCAST),
        ("...(axis=0, keepdims=True)...", "...(axis=0, keepdims=False)...", BROADCAST),
        ("...np.ones((1, m), ...", "...np.ones((m,), ...", BROADCAST),
        ("...np.zeros_like(x[0])...", "...np.zeros_like(x)...", BROADCAST),
        ("...np.zeros_like(x[0])...", "...np.zeros_like(gamma[0])...", BROADCAST),
        ("...np.zeros_like(x[0])...", "...np.zeros_like(beta[0])...", BROADCAST),
        ("...axis=1...", "...axis=-1...", SAME_AXIS),
        # What a loop or a sum starts from.
        ("y = np.zeros_like(x)", "y = np.ones_like(x)", "every entry is written"),
        ("m, d = x.shape", "m, d = y.shape", "y has x's shape"),
        (
            "mean, m2 = (np.zeros_like(x[0]), ...",
            "mean, m2 = (x[0], ...",
            REPLACED,
        ),
        (
            "mean, m2 = (np.zeros_like(x[0]), ...",
            "mean, m2 = (np.ones_like(x[0]), ...",
            REPLACED,
        ),
        ("...np.zeros_like(x[0])...", "...np.zeros_like(x[-1])...", LIKE),
        ("shifted = x - x[0]", "shifted = x - x[-1]", "any sample serves as the shift"),
        ("...gamma, beta, strict=True):", "...gamma, beta):", SAME_D),
        ("...gamma, beta, strict=True):", "...gamma, beta, strict=False):", SAME_D),
        # Clamps, and dtypes.
        ("var = np.maximum(np.square(...", "var = np.square(...", NOT_NEGATIVE),
        ("var = np.maximum(np.square(...", "var = np.maximum(np.square(..., -1)", NOT_NEGATIVE),
        (
            "var = np.maximum((shifted ** 2)...",
            "var = (shifted ** 2)...",
            NO_LOSS,
        ),
        (
            "var = np.maximum((shifted ** 2)...",
            "var = np.maximum(..., -1)",
            NO_LOSS,
        ),
        ("wide = x.astype(np.float64)", "wide = x", NARROW),
        ("x_hat = (wide - wide.mean(0))...", "x_hat = (x - wide.mean(0))...", NARROW),
        ("x_hat = (wide - wide.mean(0))...", "x_hat = (wide - x.mean(0))...", NARROW),
        ("x_hat = (wide - wide.mean(0))...", "...x.var(0)...", NARROW),
        ("...(x.dtype)...", "...(gamma.dtype)...", SAME_DTYPE),
        ("...(x.dtype)...", "...(beta.dtype)...", SAME_DTYPE),
        ("inv_std = np.power(...", "inv_std = np.power(... + eps, -0.5)", SAME_DTYPE),
        ("...(x.dtype)", "...(ones.dtype)", SAME_DTYPE),
        ("...(x.dtype)", "...(centred.dtype)", SAME_DTYPE),
        ("...dtype=x.dtype)", "...dtype=gamma.dtype)", SAME_DTYPE),
        ("...dtype=x.dtype)", "...dtype=beta.dtype)", SAME_DTYPE),
    ),
)
