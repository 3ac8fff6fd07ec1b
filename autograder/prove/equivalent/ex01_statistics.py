"""Mutants of ex01_statistics that are right."""

from autograder.prove.equivalent.model import (
    BACKWARDS,
    LIKE,
    NARROW,
    ONE_COLUMN,
    OWN,
    REPLACED,
    SAME_AXIS,
    SAME_LENGTH,
    SQUARED,
    same,
)

FINITE = "the general formula gives the same: the numbers of an empty part are finite"
NEVER = "a count is never negative"
SHADOWED = "the case is settled before, so this branch is never taken, and the formula serves"
INT = "a count is a plain number: the name is bound anew, and the caller's number stays"

TABLE = (
    *same(
        "ex01_statistics",
        "batch_statistics",
        ("centred = x - mean", "centred = mean - x", SQUARED),
        ("centred = x - mean", "centred = -(x - mean)", SQUARED),
        ("...x[i, j]...", "...x[-i, j]...", BACKWARDS),
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
        ("return (mean[:, 0], var)", "return (mean[:, -1], var)", ONE_COLUMN),
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
        ("mean, var = ...", "mean, var = (np.empty_like(var_a), np.empty_like(mean_a))", LIKE),
        *(
            (
                "mean, var = (np.empty_like(mean_a), <1>",
                f"mean, var = (np.empty_like({name}), <1>",
                LIKE,
            )
            for name in ("var_a", "mean_b", "var_b")
        ),
        *(
            (
                "mean, var = (<1>, np.empty_like(var_a))",
                f"mean, var = (<1>, np.empty_like({name}))",
                LIKE,
            )
            for name in ("mean_a", "mean_b", "var_b")
        ),
        *(
            ("for j in range(len(mean)):", f"for j in range(len({name})):", SAME_LENGTH)
            for name in ("var", "mean_a", "var_a", "mean_b", "var_b")
        ),
        ("return (float(count), mean, var)", "return (count, mean, var)", "an int is a number too"),
    ),
)
