"""The questions of ex10_gpu about the values of the backward pass, and of several replicas."""

import numpy as np
import torch

from autograder.checks.asking import largest, parts
from autograder.checks.model import Case, Check, Probe
from autograder.checks.tensors import array, laid_out, layout_kept, tensor


def ask_sums(student, dy, x, vectors):
    """The two sums in float64, for statistics that are not those of x alone."""
    dy, x, mean, inv_std, *_ = (tensor(dy), tensor(x), *map(tensor, vectors))
    before = [dy.clone(), x.clone(), mean.clone(), inv_std.clone()]
    names = ("sum_dy", "sum_dy_x_hat")
    sum_dy, sum_dy_x_hat = parts(student.backward_sums(dy, (x, mean, inv_std)), *names)
    return {
        "sum_dy": array(sum_dy),
        "sum_dy_x_hat": array(sum_dy_x_hat),
        "dy and saved are unchanged": all(map(torch.equal, (dy, x, mean, inv_std), before)),
    }


def ask_input(student, dy, x, vectors, count):
    """dx in float64, for sums and a count that are not those of x alone."""
    arguments = [tensor(dy), tensor(x), *map(tensor, vectors), tensor(count)]
    before = [value.clone() for value in arguments]
    dy, x, mean, inv_std, weight, sum_dy, sum_dy_x_hat, count = arguments
    dx = student.backward_input(dy, (x, mean, inv_std), weight, sum_dy, sum_dy_x_hat, count)
    return {
        "dx": array(dx),
        "the arguments are unchanged": all(map(torch.equal, arguments, before)),
    }


def ask_backward_half(student, dy, x, vectors, count, dtype):
    """How far the sums and dx in half precision are from the student's own in float64.

    For dx that is the distance from what was rounded once, all but the 5 in 100 largest: now and
    then the last digit of float32 leads to another number, and that is no mistake.
    """

    def run(dtype, wide):
        dys, xs = (tensor(value, narrow).to(dtype) for value in (dy, x))
        mean, inv_std, weight, *sums = (tensor(v, torch.float32).to(wide) for v in vectors)
        saved = (xs, mean, inv_std)
        own = parts(student.backward_sums(dys.clone(), saved), "sum_dy", "sum_dy_x_hat")
        return *own, student.backward_input(dys, saved, weight, *sums, tensor(count))

    narrow = getattr(torch, dtype)
    exact, got = run(torch.float64, torch.float64), run(narrow, torch.float32)
    distances = [
        largest(array(a) - array(b)) / largest(array(b))
        for a, b in zip(got[:2], exact[:2], strict=True)
    ]
    once = exact[2].detach().to(narrow).double()
    wrong = (got[2].detach().double() - once).abs() / once.abs().clamp(min=1e-3 * once.abs().max())
    distances.append(largest(np.quantile(array(wrong), 0.95)))
    return {
        "relative error of sum_dy against your own in float64": distances[0],
        "relative error of sum_dy_x_hat against your own in float64": distances[1],
        "relative error of dx (against your own from float64, rounded once; the worst 5 in 100 "
        "entries are left out)": distances[2],
        "off are": f"sums {distances[0] > 3e-5} {distances[1] > 3e-5}, dx {distances[2] > 3e-5}",
        "dtypes of the sums and of dx": f"{got[0].dtype}, {got[1].dtype}, {got[2].dtype}",
    }


def ask_backward_layout(student, dy, x, vectors, count, layouts):
    """What other layouts of dy and x change, and which layout dx has."""
    mean, inv_std, weight, *sums = map(tensor, vectors)

    def run(dy, x):
        saved, own_sums = (x, mean, inv_std), [value.clone() for value in sums]
        own = parts(student.backward_sums(dy.clone(), saved), "sum_dy", "sum_dy_x_hat")
        return *own, student.backward_input(dy, saved, weight, *own_sums, tensor(count))

    expected = run(tensor(dy), tensor(x))
    of_dy, of_x = layouts.split()
    other = laid_out(tensor(x), of_x)
    try:
        got = run(laid_out(tensor(dy), of_dy), other)
    except RuntimeError as error:
        if "view" not in str(error):
            raise
        refused = "an error: view refuses this layout"
        return {"change of the sums": refused, "change of dx": refused, "layout of dx": "none"}
    changes = [array(a) - array(b) for a, b in zip(got, expected, strict=True)]
    return {
        "change of the sums": np.stack([np.ravel(change) for change in changes[:2]]),
        "change of dx": changes[2],
        "layout of dx": layout_kept(got[2], other).replace(", as x", ", though x"),
    }


def ask_merge(student, counts, means, variances):
    """The statistics of several replicas together."""
    arguments = tensor(counts), tensor(means, torch.float32), tensor(variances, torch.float32)
    before = [value.clone() for value in arguments]
    count, mean, var = parts(student.merge_statistics(*arguments), "count", "mean", "var")
    return {
        "count": array(count),
        "mean": array(mean),
        "var": array(var),
        "the arguments are unchanged": all(map(torch.equal, arguments, before)),
    }


def ask_merge_empty(student, counts, means, variances):
    """The same where a replica is empty."""
    arguments = tensor(counts), tensor(means, torch.float32), tensor(variances, torch.float32)
    before = [array(value) for value in arguments]
    count, mean, var = parts(student.merge_statistics(*arguments), "count", "mean", "var")
    pairs = [(a, array(b)) for a, b in zip(before, arguments, strict=True)]
    rows = {"rows of empty replicas": before[0] == 0, "other rows": before[0] != 0}
    changed = [
        name
        for name, kept in rows.items()
        if not all(np.array_equal(a[kept], b[kept], equal_nan=True) for a, b in pairs)
    ]
    return {
        "count": array(count),
        "mean": array(mean),
        "var": array(var),
        "changed in the arguments": " and ".join(changed) or "nothing",
    }


def ask_merge_large(student, counts, means, variances):
    """The same for counts beyond 32 bits, or for means far from 0; and the count's dtype."""
    means, variances = tensor(means, torch.float32), tensor(variances, torch.float32)
    result = student.merge_statistics(tensor(counts), means, variances)
    count, mean, var = parts(result, "count", "mean", "var")
    return {
        "count": array(count),
        "dtype of count": str(getattr(count, "dtype", type(count).__name__)),
        "mean": array(mean),
        "var": array(var),
    }


def ask_replicas(student, dy, x, weight, sizes):
    """Statistics and gradients of a batch that is split over replicas of unequal size, eps = 0."""
    weight, sizes = tensor(weight, torch.float32), [int(size) for size in sizes]
    dys, xs = (tensor(value, torch.float32).split(sizes) for value in (dy, x))
    pairs = [torch.var_mean(part, (0, 2, 3), correction=0) for part in xs]
    merged = student.merge_statistics(
        torch.tensor([part.numel() // part.shape[1] for part in xs]),
        torch.stack([mean for _, mean in pairs]),
        torch.stack([var for var, _ in pairs]),
    )
    count, mean, var = parts(merged, "count", "mean", "var")
    saved = [(part, mean, torch.rsqrt(var)) for part in xs]
    names = ("sum_dy", "sum_dy_x_hat")
    pairs = [(part.clone(), kept) for part, kept in zip(dys, saved, strict=True)]
    sums = [parts(student.backward_sums(*pair), *names) for pair in pairs]
    sums = [sum(each) for each in zip(*sums, strict=True)]
    dx = torch.cat(
        [
            student.backward_input(part, kept, weight, *sums, count)
            for part, kept in zip(dys, saved, strict=True)
        ]
    )
    return {
        "mean": array(mean),
        "var": array(var),
        "dbias": array(sums[0]),
        "dweight": array(sums[1]),
        "dx": array(dx),
    }


def columns(rng, n, c, h, w, mean=0.0, spread=1.0):
    """Draw dy, x and a channel's mean and inv_std, near those of x but not the same."""
    mean = mean * rng.uniform(1, 2, c) * rng.choice([-1, 1], c) + rng.uniform(-2, 2, c)
    spread = spread * rng.uniform(0.5, 2, c)
    hats = rng.standard_normal((n, c, h, w))
    x = mean[:, None, None] + spread[:, None, None] * hats
    # With a mean of its own and a part along x_hat, so that both sums are large.
    along, offset = (
        rng.uniform(0.5, 1.5, (c, 1, 1)) * rng.choice([-1, 1], (c, 1, 1)) for _ in range(2)
    )
    dy = offset + along * hats + 0.5 * rng.standard_normal((n, c, h, w))
    mean, inv_std = mean + 0.3 * spread * rng.standard_normal(c), rng.uniform(0.7, 1.4, c) / spread
    return dy, x, mean, inv_std


def inputs(rng, shape, **options):
    """Draw the arguments of both halves of the backward pass."""
    dy, x, mean, inv_std = columns(rng, *shape, **options)
    c, count = shape[1], int(shape[0] * shape[2] * shape[3] * rng.uniform(1.5, 3)) + 1
    weight = rng.uniform(0.5, 2, c) * np.resize([1.0, -1.0], c)
    sums = count * rng.uniform(0.4, 1.5, (2, c)) * rng.choice([-1, 1], (2, c))
    return {"dy": dy, "x": x, "vectors": np.stack([mean, inv_std, weight, *sums]), "count": count}


BACKWARD_SHAPES = (
    (4, 3, 5, 2),
    (3, 4, 2, 4),
    (3, 3, 3, 3),
    (1, 5, 2, 3),
    (3, 1, 4, 2),
    (7, 3, 1, 1),
)


def sums_batches(rng):
    cases = []
    for shape in BACKWARD_SHAPES:
        given = inputs(rng, shape)
        given |= {"vectors": given["vectors"][:2]}
        given.pop("count")
        cases.append(Case(f"x of shape {shape}", given))
    return cases


def input_batches(rng):
    return [Case(f"x of shape {shape}", inputs(rng, shape)) for shape in BACKWARD_SHAPES]


def half_batches(rng):
    cases = []
    for shape, dtype, mean in [
        ((4, 6, 12, 9), "bfloat16", 12),
        ((5, 5, 11, 10), "float16", 60),
        ((3, 7, 12, 13), "bfloat16", 12),
        ((6, 5, 9, 8), "float16", 60),
    ]:
        given = inputs(rng, shape, mean=mean, spread=mean / 12)
        given |= {name: given[name].astype(np.float16) for name in ("dy", "x")}
        cases.append(Case(f"x of shape {shape}, {dtype}", given | {"dtype": dtype}))
    return cases


def layout_batches(rng):
    return [
        Case("dy {}, x {}".format(*layouts.split()), inputs(rng, shape) | {"layouts": layouts})
        for shape, layouts in [
            ((4, 3, 5, 2), "channels_last channels_last"),
            ((2, 5, 4, 3), "contiguous channels_last"),
            ((3, 4, 2, 5), "channels_last contiguous"),
            ((2, 4, 3, 5), "transposed sliced"),
            ((3, 5, 4, 2), "contiguous channels_last"),
            ((2, 3, 4, 5), "channels_last contiguous"),
        ]
    ]


def statistics(rng, counts, channels, mean=0.0):
    """Draw what several replicas give for their statistics."""
    shape = (len(counts), channels)
    means = mean + rng.uniform(-3, 3, shape)
    return {
        "counts": np.array(counts, dtype=np.int64),
        "means": means,
        "variances": rng.uniform(0.3, 3, shape),
    }


def unequal_replicas(rng):
    simple = {
        "counts": np.array([1, 3]),
        "means": np.array([[8.0], [4.0]]),
        "variances": np.array([[0.0], [2.0]]),
    }
    cases = [Case("replicas of 1 and 3 samples", simple)]
    for counts, channels in [((5, 20, 9), 4), ((3, 30), 3), ((17, 1, 8), 3), ((6,), 5)]:
        given = statistics(rng, counts, channels)
        given["variances"][given["counts"] == 1] = 0.0
        cases.append(Case(f"replicas of {counts} samples", given))
    return cases


def empty_replicas(rng):
    cases = []
    for counts, value in [((0, 7, 4), np.nan), ((9, 0), np.nan), ((3, 0, 5, 8), 5.0)]:
        given = statistics(rng, counts, 4)
        for name in ("means", "variances"):
            given[name][given["counts"] == 0] = value
        cases.append(Case(f"replicas of {counts} samples", given))
    return cases


def large_replicas(rng):
    cases = []
    for mean in (0.0, 500.0):  # from 512 on a float32 mean has a digit less
        for replicas in (2, 3):
            size = 2**32 if mean == 0 else 40
            counts = replicas * [int(size * rng.uniform(0.9, 1.1))]
            label = f"{replicas} replicas of about {size} samples, mean about {mean:g}"
            cases.append(Case(label, statistics(rng, counts, 4, mean)))
    return cases


def split_batches(rng):
    cases = []
    for shape, sizes in [
        ((9, 3, 2, 4), (2, 6, 1)),
        ((7, 4, 3, 2), (3, 4)),
        ((6, 3, 3, 3), (1, 2, 3)),
    ]:
        dy, x, *_ = columns(rng, *shape)
        x += 3 * np.arange(shape[0])[:, None, None, None]  # so that the replicas' means differ
        weight = rng.uniform(0.5, 2, shape[1]) * np.resize([1.0, -1.0], shape[1])
        given = {"dy": dy, "x": x, "weight": weight, "sizes": np.array(sizes)}
        cases.append(Case(f"{shape[0]} images over replicas of {sizes}", given))
    return cases


BACKWARD = (
    Check(
        id="sums",
        question="Are the two sums right, with the statistics that are given?",
        points=1,
        probe=Probe(ask_sums, sums_batches),
        compare=("sum_dy", "sum_dy_x_hat", "dy and saved are unchanged"),
        function="backward_sums",
        tolerance=1e-10,
        hint="The sums over each channel of dy, and of dy * (x - mean) * inv_std, differ from yours, or "
        "an argument was changed. Use the mean and inv_std of saved: they need not be those of x.",
    ),
    Check(
        id="dx",
        question="Is dx right, with the sums and the count that are given?",
        points=2,
        probe=Probe(ask_input, input_batches),
        compare=("dx", "the arguments are unchanged"),
        function="backward_input",
        tolerance=1e-10,
        hint="dx is not weight * inv_std * (dy - sum_dy / count - x_hat * sum_dy_x_hat / count), or an "
        "argument was changed. The sums and the count are those of all replicas, so use them as given.",
    ),
    Check(
        id="backward_half",
        question="In half precision, are the sums float32, and dx rounded only at the end?",
        points=1,
        probe=Probe(ask_backward_half, half_batches),
        compare=(
            "relative error of sum_dy against your own in float64",
            "relative error of sum_dy_x_hat against your own in float64",
            "relative error of dx (against your own from float64, rounded once; the worst 5 in 100 "
            "entries are left out)",
            "dtypes of the sums and of dx",
        ),
        fingerprint=("off are", "dtypes of the sums and of dx"),
        function="backward_sums or backward_input",
        tolerance=3e-5,
        absolute=True,
        hint="Half precision costs more digits than it must, or a dtype is another than asked for: the "
        "sums are float32, dx is of x's dtype, and all steps before its rounding are in float32.",
    ),
    Check(
        id="backward_layout",
        question="Are they right in any layout of dy and of x, and is dx laid out like x?",
        points=1,
        probe=Probe(ask_backward_layout, layout_batches),
        compare=("change of the sums", "change of dx", "layout of dx"),
        function="backward_sums or backward_input",
        tolerance=1e-3,
        absolute=True,
        hint="The same numbers in other layouts give other results, or an error, or dx is not "
        "contiguous (channels_last) where x is. dy may be laid out otherwise than x.",
    ),
)

MERGE = (
    Check(
        id="merge",
        question="Are the merged statistics those of all samples together, and the arguments unchanged?",
        points=1,
        probe=Probe(ask_merge, unequal_replicas),
        compare=("count", "mean", "var", "the arguments are unchanged"),
        function="merge_statistics",
        tolerance=1e-4,
        hint="The merged count, mean or biased variance is not that of all samples together. Each "
        "replica weighs as much as it has samples, and the distances between their means count too. Or "
        "an argument was changed.",
    ),
    Check(
        id="merge_empty",
        question="Does an empty replica, NaN or not, count for nothing, and stay as it is?",
        points=1,
        probe=Probe(ask_merge_empty, empty_replicas),
        compare=("count", "mean", "var", "changed in the arguments"),
        function="merge_statistics",
        tolerance=1e-4,
        hint="Where a replica has no samples, the result is not that of the others, or an argument was "
        "changed. Its mean and variance may be NaN, and 0 times NaN is NaN.",
    ),
    Check(
        id="merge_large",
        question="Do counts of billions, or means far from 0, cost no digits?",
        points=1,
        probe=Probe(ask_merge_large, large_replicas),
        compare=("count", "dtype of count", "mean", "var"),
        function="merge_statistics",
        tolerance=1e-4,
        hint="For counts of billions, or for means of 500, count, mean or var is off. Counts are "
        "int64, products of two counts are beyond it, and squares of large means lose digits.",
    ),
)

REPLICAS = (
    Check(
        id="replicas",
        question="Do unequal replicas together give the statistics and gradients of the whole batch?",
        points=1,
        probe=Probe(ask_replicas, split_batches),
        compare=("mean", "var", "dbias", "dweight", "dx"),
        function="merge_statistics, backward_sums or backward_input",
        tolerance=1e-4,
        hint="Three of your functions together do not give what the whole batch on one device gives. "
        "Settle their own questions first.",
    ),
)
