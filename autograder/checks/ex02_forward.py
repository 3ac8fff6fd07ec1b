"""The questions of ex02_forward: normalize, scale, shift; each asked so that it stands by itself."""

import numpy as np

from autograder.checks.asking import effect, largest, parts
from autograder.checks.ex01_statistics import columns, grid
from autograder.checks.model import Case, Check, Exercise, Probe
from autograder.reference.dense import batchnorm_forward


def ask_normalized(student, x):
    """Output with gamma = 1 and beta = 0."""
    ones, zeros = np.ones(x.shape[1]), np.zeros(x.shape[1])
    y, _ = parts(student.batchnorm_forward(x.copy(), ones, zeros), "y", "cache")
    other, _ = parts(student.batchnorm_forward(x.copy(), ones * 2, ones * 3), "y", "cache")
    return {"y": y, "y with gamma = 2 and beta = 3": other}


def ask_affine(student, x, gamma, beta):
    """How far y is from gamma * x_hat + beta, x_hat being the student's own."""
    ones, zeros = np.ones_like(gamma), np.zeros_like(beta)
    x_hat, _ = parts(student.batchnorm_forward(x.copy(), ones, zeros), "y", "cache")
    y, _ = parts(student.batchnorm_forward(x.copy(), gamma.copy(), beta.copy()), "y", "cache")
    residual = np.subtract(y, gamma * np.asarray(x_hat) + beta)
    usual = bool(np.all(np.abs(np.std(x_hat, axis=0) - 1) < 0.3))
    return {
        "y minus (gamma * x_hat + beta)": residual,
        "x_hat has a spread of about 1": usual,
        "x_hat": x_hat,
    }


def ask_eps(student, x, options):
    """By how much a feature whose variance is far below eps is stretched, and one far above it."""
    top, bottom, every = x.argmax(axis=0), x.argmin(axis=0), np.arange(x.shape[1])

    def gain(x):
        ones, zeros = np.ones(x.shape[1]), np.zeros(x.shape[1])
        y, _ = parts(student.batchnorm_forward(x.copy(), ones, zeros, **options), "y", "cache")
        y = np.asarray(y)
        return (y[top, every] - y[bottom, every]) / (x[top, every] - x[bottom, every])

    x, twos = x.copy(), np.full(x.shape[1], 2.0)
    other, _ = parts(student.batchnorm_forward(x.copy(), twos, twos + 1, **options), "y", "cache")
    return {
        "gain": gain(x),
        "gain where the variance is large": gain(x * 1e12),
        "y with gamma = 2 and beta = 3": other,
    }


def ask_whole(student, x, gamma, beta, eps):
    """Output with everything at once."""
    y, _ = parts(student.batchnorm_forward(x, gamma, beta, eps), "y", "cache")
    return {"y": y}


def ask_constant(student, x):
    """Output where a feature is the same in all samples, with gamma = 1 and beta = 0."""
    ones, zeros = np.ones(x.shape[1]), np.zeros(x.shape[1])
    y, _ = parts(student.batchnorm_forward(x.copy(), ones, zeros), "y", "cache")
    other, _ = parts(student.batchnorm_forward(x.copy(), ones * 2, ones * 3), "y", "cache")
    constant = (x == x[0]).all(axis=0)
    y = np.asarray(y)
    return {
        "y of the constant features": y[:, constant],
        "y": y,
        "y with gamma = 2 and beta = 3": other,
    }


def ask_far(student, x, offset):
    """What adding a large number to every sample does to the output."""

    def output(x):
        ones, zeros = np.ones(x.shape[1]), np.zeros(x.shape[1])
        return parts(student.batchnorm_forward(x, ones, zeros), "y", "cache")[0]

    near = output(x.copy())
    change = np.subtract(output(x + offset), near)
    return {"change of y": largest(change), "effect on y": effect(change), "y": near}


def ask_float32(student, x, gamma, beta):
    """Output for float32 arguments: its dtype, and how far it is from that in float64."""
    y, _ = parts(student.batchnorm_forward(x.copy(), gamma.copy(), beta.copy()), "y", "cache")
    wide = [array.astype(np.float64) for array in (x, gamma, beta)]
    wide_y, _ = parts(student.batchnorm_forward(*wide), "y", "cache")
    return {
        "dtype of y": str(np.asarray(y).dtype),
        "distance from y in float64": largest(np.subtract(y, wide_y)),
    }


def ask_arguments(student, x, gamma, beta):
    """Whether the arguments are what they were."""
    before = x.copy(), gamma.copy(), beta.copy()
    student.batchnorm_forward(x, gamma, beta)
    return {
        "x is unchanged": np.array_equal(x, before[0]),
        "gamma and beta are unchanged": np.array_equal(gamma, before[1])
        and np.array_equal(beta, before[2]),
    }


def affine(rng, features):
    """Draw gamma and beta away from 1 and 0, gamma of both signs."""
    gamma = rng.uniform(0.5, 2.0, features) * np.resize([1.0, -1.0], features)
    beta = rng.uniform(1.0, 3.0, features) * rng.choice([-1.0, 1.0], features)
    return {"gamma": gamma, "beta": beta}


def large_spreads(rng):
    # A spread so large that where eps stands makes no difference to this question.
    whole = np.array([[1.0, 9.0], [3.0, 3.0], [5.0, 9.0], [7.0, 3.0]])
    whole = whole[rng.permutation(4)] * 1e8
    return [
        Case("4 samples of 2 features, whole numbers times 1e8", {"x": whole}),
        Case("9 samples of 5 features", {"x": 1e10 * columns(rng, 9, 5)}),
        Case("6 samples of 6 features", {"x": 1e10 * columns(rng, 6, 6)}),
        Case("2 samples of 3 features", {"x": 1e10 * columns(rng, 2, 3)}),
        Case("3 samples of 7 features", {"x": 1e10 * columns(rng, 3, 7)}),
        Case("5 samples of 1 feature", {"x": 1e10 * columns(rng, 5, 1)}),
    ]


def scaled_and_shifted(rng):
    return [
        Case(f"{n} samples of {d} features", {"x": columns(rng, n, d)} | affine(rng, d))
        for n, d in [(8, 3), (5, 5), (4, 6)]
    ]


def small_spreads(rng):
    return [
        Case(
            f"{'eps = ' + str(options['eps']) if options else 'eps left out'}, variance {variance}",
            {"x": np.sqrt(variance) * rng.standard_normal((6, 4)), "options": options},
        )
        for options, variance in [
            ({"eps": 0.5}, 1e-10),
            ({}, 1e-16),
            ({"eps": 0.02}, 1e-12),
            ({}, 1e-14),
        ]
    ]


def everything(rng):
    cases = []
    for n, d, eps in [(7, 6, 0.05), (5, 5, 1e-12), (6, 4, 1.5)]:
        x = columns(rng, n, d)
        x[:, 1] *= 1e-3 if eps > 1e-3 else 1.0
        if eps > 1e-3:
            x[:, 2] = rng.integers(2, 9)  # whole, so that its variance is exactly 0
        label = f"{n} samples of {d} features, eps = {eps}"
        cases.append(Case(label, {"x": x, "eps": eps} | affine(rng, d)))
    return cases


def constants(rng):
    cases = []
    for n, d in [(6, 3), (4, 5)]:
        x = columns(rng, n, d)
        x[:, 0] = rng.integers(2, 9)
        x[:, 2] = 0.0
        cases.append(Case(f"{n} samples, 2 of {d} features constant", {"x": x}))
    cases += [Case(f"1 sample of {d} features", {"x": columns(rng, 1, d)}) for d in (3, 4)]
    return cases


def far_batches(rng):
    return [
        Case(f"{n} samples of {d} features", {"x": grid(columns(rng, n, d)), "offset": offset})
        for n, d, offset in [(40, 3, 1e8), (23, 4, -1e8)]
    ]


def float32_batches(rng):
    cases = []
    for n, d in [(8, 3), (5, 4)]:
        inputs = {"x": columns(rng, n, d)} | affine(rng, d)
        inputs = {name: value.astype(np.float32) for name, value in inputs.items()}
        cases.append(Case(f"{n} samples of {d} features, float32", inputs))
    return cases


def arguments(rng):
    return [
        Case(f"{n} samples of {d} features", {"x": columns(rng, n, d)} | affine(rng, d))
        for n, d in [(6, 4), (3, 5)]
    ]


EXERCISE = Exercise(
    name="ex02_forward",
    reference={"batchnorm_forward": batchnorm_forward},
    checks=(
        Check(
            id="normalized",
            question="With gamma = 1 and beta = 0, is each feature normalized over the batch?",
            points=3,
            probe=Probe(ask_normalized, large_spreads),
            compare=("y",),
            function="batchnorm_forward",
            tolerance=1e-9,
            hint="With gamma = 1 and beta = 0, y is not x minus its feature's mean over the root of its "
            "feature's biased variance. Work the case of whole numbers by hand.",
        ),
        Check(
            id="scale_and_shift",
            question="Is y = gamma * x_hat + beta?",
            points=2,
            probe=Probe(ask_affine, scaled_and_shifted),
            compare=("y minus (gamma * x_hat + beta)",),
            fingerprint=("y minus (gamma * x_hat + beta)", "x_hat has a spread of about 1"),
            function="batchnorm_forward",
            tolerance=1e-9,
            absolute=True,
            hint="Calling your function with gamma = 1 and beta = 0 gives your x_hat. With other gamma "
            "and beta it does not give gamma * x_hat + beta.",
        ),
        Check(
            id="eps",
            question="Is eps, as given or 1e-5, added to the variance inside the root?",
            points=2,
            probe=Probe(ask_eps, small_spreads),
            compare=("gain",),
            fingerprint=("gain", "gain where the variance is large"),
            function="batchnorm_forward",
            tolerance=1e-6,
            hint="Where the variance is far below eps, a feature must be stretched by 1 / sqrt(eps), "
            "with the eps that was given, or 1e-5 if none was. Yours is stretched differently.",
        ),
        Check(
            id="whole",
            question="Is y right with gamma, beta and eps at work together?",
            points=2,
            probe=Probe(ask_whole, everything),
            compare=("y",),
            function="batchnorm_forward",
            tolerance=1e-9,
            hint="y differs from gamma * (x - mean) / sqrt(var + eps) + beta, each statistic taken over "
            "the samples. Settle the questions before this one first.",
        ),
        Check(
            id="constant",
            question="Does a feature with no variance, or a batch of one sample, give beta?",
            points=1,
            probe=Probe(ask_constant, constants),
            compare=("y of the constant features",),
            fingerprint=("y",),
            function="batchnorm_forward",
            tolerance=1e-9,
            absolute=True,
            hint="Where all samples are equal, x minus the mean is 0, so y must be beta (0 in this "
            "question): no division by zero, no NaN, and no special case.",
        ),
        Check(
            id="far_mean",
            question="Does y stay as it is, to 1e-5, when 1e8 is added to every sample?",
            points=2,
            probe=Probe(ask_far, far_batches),
            compare=("change of y",),
            fingerprint=("effect on y", "y"),
            function="batchnorm_forward",
            tolerance=1e-5,
            absolute=True,
            hint="Adding the same number to every sample must not change y; here it does. Either the "
            "mean is not taken away, or its digits are lost: 1e8 leaves 8 of float64's 16.",
        ),
        Check(
            id="dtype",
            question="Do float32 arguments give a float32 y, as right as float32 allows?",
            points=1,
            probe=Probe(ask_float32, float32_batches),
            compare=("dtype of y", "distance from y in float64"),
            function="batchnorm_forward",
            tolerance=1e-3,
            absolute=True,
            hint="float32 arguments do not give a float32 y close to that of the same arguments in "
            "float64.",
        ),
        Check(
            id="untouched",
            question="Are x, gamma and beta the same after the call as before it?",
            points=1,
            probe=Probe(ask_arguments, arguments),
            compare=("x is unchanged", "gamma and beta are unchanged"),
            function="batchnorm_forward",
            hint="The function has changed an array of its caller's. Compute in new arrays.",
        ),
    ),
)
