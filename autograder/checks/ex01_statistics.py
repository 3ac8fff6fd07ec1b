"""The questions of ex01_statistics: batch statistics, and merging those of two batches."""

import numpy as np

from autograder.checks.asking import effect, largest, parts
from autograder.checks.model import Case, Check, Exercise, Probe
from autograder.reference.dense import batch_statistics, merge_statistics


def ask_batch(student, x):
    """Statistics of one batch, and what became of its dtype, its shape and the batch itself."""
    before = x.copy()
    mean, var = parts(student.batch_statistics(x), "mean", "var")
    return {
        "mean": mean,
        "var": var,
        "shape of mean": str(np.shape(mean)),
        "shape of var": str(np.shape(var)),
        "x is unchanged": np.array_equal(x, before),
    }


def ask_float32(student, x):
    """Statistics of a float32 batch: their dtype, and how far they are from those in float64."""
    wide = x.astype(np.float64)
    mean, var = parts(student.batch_statistics(x), "mean", "var")
    wide_mean, wide_var = parts(student.batch_statistics(wide), "mean", "var")
    return {
        "dtype of mean": str(np.asarray(mean).dtype),
        "dtype of var": str(np.asarray(var).dtype),
        "distance from mean in float64": largest(np.subtract(mean, wide_mean)),
        "distance from var in float64": largest(np.subtract(var, wide_var)),
    }


def ask_far_batch(student, x, offset):
    """What adding a large number to every sample does to the variance."""
    _, near = parts(student.batch_statistics(x.copy()), "mean", "var")
    _, far = parts(student.batch_statistics(x + offset), "mean", "var")
    change = np.subtract(far, near)
    return {"change of var": largest(change), "effect on var": effect(change), "var": near}


def ask_merge(student, count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Statistics of two batches together, and whether the arguments are what they were."""
    arrays = (mean_a, var_a, mean_b, var_b)
    before = [array.copy() for array in arrays]
    merged = student.merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b)
    count, mean, var = parts(merged, "count", "mean", "var")
    unchanged = all(np.array_equal(a, b) for a, b in zip(arrays, before, strict=True))
    return {"count": count, "mean": mean, "var": var, "arguments are unchanged": unchanged}


def ask_empty(student, count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Statistics of a batch together with an empty one."""
    merged = student.merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b)
    count, mean, var = parts(merged, "count", "mean", "var")
    return {"count": count, "mean": mean, "var": var}


def ask_far_merge(student, count_a, mean_a, var_a, count_b, mean_b, var_b, offset):
    """What adding a large number to all samples of both parts does to the merged variance."""

    def merged_var(offset):
        part_a = (count_a, mean_a + offset, var_a.copy())
        part_b = (count_b, mean_b + offset, var_b.copy())
        return parts(student.merge_statistics(*part_a, *part_b), "count", "mean", "var")[2]

    near = merged_var(0.0)
    change = np.subtract(merged_var(offset), near)
    return {"change of var": largest(change), "effect on var": effect(change), "var": near}


def columns(rng, samples, features):
    """Draw a batch whose columns differ in mean (either sign), in spread, and have an outlier."""
    mean = rng.uniform(1.0, 5.0, features) * rng.choice([-1.0, 1.0], features)
    spread = rng.uniform(0.5, 3.0, features)
    x = mean + spread * rng.standard_normal((samples, features))
    x[0] += 4.0 * spread
    return x


def batches(rng):
    whole = rng.permutation(8).reshape(4, 2) * np.array([1.0, 10.0]) + np.array([0.0, 5.0])
    small_spread = columns(rng, 9, 5)
    small_spread[:, 1] *= 1e-3
    return [
        Case("4 samples of 2 features, whole numbers", {"x": whole}),
        Case("9 samples of 5 features", {"x": small_spread}),
        Case("6 samples of 6 features", {"x": columns(rng, 6, 6)}),
        Case("2 samples of 3 features", {"x": columns(rng, 2, 3)}),
        Case("3 samples of 7 features", {"x": columns(rng, 3, 7)}),
        Case("1 sample of 4 features", {"x": columns(rng, 1, 4)}),
        Case("5 samples of 1 feature", {"x": columns(rng, 5, 1)}),
    ]


def float32_batches(rng):
    return [
        Case(f"{n} samples of {d} features, float32", {"x": columns(rng, n, d).astype(np.float32)})
        for n, d in [(8, 3), (5, 4)]
    ]


def grid(values):
    """Round to multiples of 2^-16, so that adding 1e8 to them is exact in float64."""
    return np.round(values * 65536) / 65536


def far_batches(rng):
    return [
        Case(f"{n} samples of {d} features", {"x": grid(columns(rng, n, d)), "offset": offset})
        for n, d, offset in [(50, 3, 1e8), (31, 4, -1e8)]
    ]


def both(rng, count_a, count_b, features):
    """Draw the statistics of two batches of the given sizes; a batch of 0 has arbitrary ones."""
    inputs = {}
    for part, count in (("a", count_a), ("b", count_b)):
        x = columns(rng, max(count, 2), features)
        inputs[f"count_{part}"] = count
        inputs[f"mean_{part}"] = x[:count].mean(0) if count else rng.uniform(1, 9, features)
        inputs[f"var_{part}"] = x[:count].var(0) if count else rng.uniform(1, 9, features)
    return inputs


def pairs(rng):
    whole = {"count_a": 1, "mean_a": np.array([2.0, 7.0]), "var_a": np.array([0.0, 0.0])}
    whole |= {"count_b": 3, "mean_b": np.array([6.0, -1.0]), "var_b": np.array([4.0, 1.0])}
    return [
        Case("parts of 1 and 3 samples, whole numbers", whole),
        Case("parts of 4 and 9 samples", both(rng, 4, 9, 5)),
        Case("parts of 12 and 5 samples", both(rng, 12, 5, 3)),
        Case("parts of 6 and 6 samples", both(rng, 6, 6, 4)),
        Case("parts of 5 samples and 1", both(rng, 5, 1, 4)),
    ]


def empty_pairs(rng):
    return [
        Case("part a is empty", both(rng, 0, 7, 3)),
        Case("part b is empty", both(rng, 5, 0, 4)),
        Case("part a is empty, b has one sample", both(rng, 0, 1, 3)),
        Case("part b is empty, a has one sample", both(rng, 1, 0, 4)),
    ]


def far_pairs(rng):
    cases = []
    for count_a, count_b, features, offset in [(20, 8, 3, 1e8), (5, 30, 4, -1e8)]:
        inputs = both(rng, count_a, count_b, features) | {"offset": offset}
        inputs |= {name: grid(inputs[name]) for name in ("mean_a", "mean_b")}
        cases.append(Case(f"parts of {count_a} and {count_b} samples", inputs))
    return cases


BATCH = Probe(ask_batch, batches)
FLOAT32 = Probe(ask_float32, float32_batches)
FAR_BATCH = Probe(ask_far_batch, far_batches)
MERGE = Probe(ask_merge, pairs)
EMPTY = Probe(ask_empty, empty_pairs)
FAR_MERGE = Probe(ask_far_merge, far_pairs)

EXERCISE = Exercise(
    name="ex01_statistics",
    reference={"batch_statistics": batch_statistics, "merge_statistics": merge_statistics},
    checks=(
        Check(
            id="mean",
            question="Is there one mean for each feature, taken over the samples of the batch?",
            points=2,
            probe=BATCH,
            compare=("mean",),
            function="batch_statistics",
            tolerance=1e-10,
            hint="mean is not the average of each column of x. Work the case of whole numbers by hand.",
        ),
        Check(
            id="variance",
            question="Is var the average squared distance from the mean, the biased variance?",
            points=2,
            probe=BATCH,
            compare=("var",),
            function="batch_statistics",
            tolerance=1e-10,
            hint="var is not the average of the squared distances from the mean of its column. "
            "Work the case of whole numbers by hand, then the batch of 2 samples.",
        ),
        Check(
            id="shape",
            question="Have mean and var the shape (D,)?",
            points=1,
            probe=BATCH,
            compare=("shape of mean", "shape of var"),
            function="batch_statistics",
            hint="mean and var hold one number for each feature: their shape is (D,).",
        ),
        Check(
            id="untouched",
            question="Is x the same after the call as before it?",
            points=1,
            probe=BATCH,
            compare=("x is unchanged",),
            function="batch_statistics",
            hint="The function has changed the caller's array x. Compute in new arrays.",
        ),
        Check(
            id="dtype",
            question="Do float32 samples give float32 statistics, as right as float32 allows?",
            points=1,
            probe=FLOAT32,
            compare=(
                "dtype of mean",
                "dtype of var",
                "distance from mean in float64",
                "distance from var in float64",
            ),
            function="batch_statistics",
            tolerance=1e-3,
            absolute=True,
            hint="float32 samples do not give float32 statistics close to those of the same samples in "
            "float64.",
        ),
        Check(
            id="far_mean",
            question="Does var stay as it is, to 1e-5, when 1e8 is added to every sample?",
            points=2,
            probe=FAR_BATCH,
            compare=("change of var",),
            fingerprint=("effect on var", "var"),
            function="batch_statistics",
            tolerance=1e-5,
            absolute=True,
            hint="Adding the same number to every sample must not change the variance; here it does. "
            "Either the mean is not taken away, or its digits are lost: 1e8 leaves 8 of float64's 16.",
        ),
        Check(
            id="merge_mean",
            question="Are the count and the mean of the union right for parts of unequal size?",
            points=2,
            probe=MERGE,
            compare=("count", "mean"),
            function="merge_statistics",
            tolerance=1e-10,
            hint="count and mean are not those of all samples together: each sample counts once, "
            "whichever part it comes from.",
        ),
        Check(
            id="merge_variance",
            question="Is the variance of the union right, also when the two means differ?",
            points=3,
            probe=MERGE,
            compare=("var",),
            function="merge_statistics",
            tolerance=1e-10,
            hint="var is not the biased variance of all samples together. It has two sources: the "
            "spread within each part, and the distance between the two means.",
        ),
        Check(
            id="merge_empty",
            question="Does merging with an empty part give back the other part?",
            points=2,
            probe=EMPTY,
            compare=("count", "mean", "var"),
            function="merge_statistics",
            tolerance=1e-10,
            hint="A part with count 0 has no samples: the result is the other part's count, mean and "
            "var, whatever mean and var the empty part came with.",
        ),
        Check(
            id="merge_far",
            question="Does the merged var stay as it is, to 1e-5, when 1e8 is added to both means?",
            points=2,
            probe=FAR_MERGE,
            compare=("change of var",),
            fingerprint=("effect on var", "var"),
            function="merge_statistics",
            tolerance=1e-5,
            absolute=True,
            hint="Adding the same number to all samples of both parts must not change the variance; here "
            "it does. Only the difference of the two means may enter it.",
        ),
        Check(
            id="merge_untouched",
            question="Are the arguments the same after the call as before it?",
            points=1,
            probe=MERGE,
            compare=("arguments are unchanged",),
            function="merge_statistics",
            hint="The function has changed an array of its caller's. Compute in new arrays.",
        ),
    ),
)
