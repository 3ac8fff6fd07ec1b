"""The questions of ex03_backward: a numerical gradient, and the backward pass stage by stage."""

import numpy as np

from autograder.checks.asking import largest, plain
from autograder.checks.ex01_statistics import columns
from autograder.checks.ex02_forward import affine
from autograder.checks.model import Case, Check, Exercise, Probe
from autograder.reference.backward import backward_stages, numerical_gradient
from autograder.reference.dense import batchnorm_forward


def ask_difference(student, x, dy, mix, bend, h):
    """Gradient of a function of second degree, of which central differences make no error."""

    def f(x):
        mixed = (mix @ x.ravel()).reshape(dy.shape)
        return mixed + bend * mixed**2

    before = x.copy()
    dx = student.numerical_gradient(f, x, dy.copy(), h=h)
    return {"dx": dx, "x comes back": largest(x - before) < h / 10}


def ask_step(student, x, dy, scale, options):
    """The step, from what a cube gives over what a line gives: other factors are in both."""
    here = x.copy()

    def cube(x):
        return ((x - here) / scale) ** 3

    def line(x):
        return (x - here) / scale

    curved = student.numerical_gradient(cube, x.copy(), dy.copy(), **options)
    straight = student.numerical_gradient(line, x.copy(), dy.copy(), **options)
    if not all(isinstance(plain(dx), np.ndarray) for dx in (curved, straight)):
        return {"smallest step": curved, "largest step": straight}  # no arrays: an answer as well
    steps = scale * np.sqrt(np.abs(np.divide(plain(curved), plain(straight))))
    return {"smallest step": np.min(steps), "largest step": np.max(steps)}


def ask_shapes(student, x, dy, mix):
    """Gradient of a linear function whose result may have another shape than its argument."""

    def f(x):
        return (mix @ x.ravel()).reshape(dy.shape)

    try:
        dx = student.numerical_gradient(f, x, dy.copy(), h=0.25)
    except (IndexError, TypeError, ValueError) as error:  # of shapes: an answer as well
        return {"error": f"{type(error).__name__}: {error}"}
    return {"error": "none", "dx": dx, "shape of dx": str(np.shape(dx))}


def ask_numerical_arguments(student, x, dy, h):
    """Whether the arguments are what they were, to the last bit."""
    before = x.copy(), dy.copy()
    student.numerical_gradient(lambda x: 3.0 * x, x, dy, h=h)
    return {
        "x is unchanged": np.array_equal(x, before[0]),
        "dy is unchanged": np.array_equal(dy, before[1]),
        "x comes back": largest(x - before[0]) < h / 10,
    }


def ask_stages(student, dy, cache, derivatives):
    """Each stage, with what wrong stages before it do to it taken out; and as it came."""
    right = {"dy": dy.copy()}
    before = {name: np.copy(value) for name, value in cache.items()}
    stages = student.backward_stages(dy, cache)
    if not isinstance(stages, dict):
        raise TypeError(f"it returned {type(stages).__name__} where a dict is asked for")
    answers = {
        "dy is unchanged": np.array_equal(dy, right["dy"]),
        "cache is unchanged": cache.keys() == before.keys()
        and all(np.array_equal(cache[name], before[name]) for name in before),
    }
    answers |= {name: stages[name] for name in ("dbeta", "dgamma") if name in stages}

    def chained(name, earlier):
        passed_on = sum(earlier[source] * by for source, by in derivatives[name].items())
        return passed_on if name in ("dx_hat", "dx") else passed_on.sum(axis=0)

    def is_something(name, value):
        # Zeros stand for what was left out: nothing follows from them, and they from nothing.
        return largest(value) > 1e-6 * largest(right[name])

    def fits(stage):
        lengths = zip(stage.shape[::-1], dy.shape[::-1], strict=False)
        return stage.ndim <= 2 and all(length in (1, of_dy) for length, of_dy in lengths)

    for name in derivatives:
        right[name] = chained(name, right)
    own = dict(right)
    for name in derivatives:
        stage = plain(stages.get(name))
        if name in stages:
            answers[name] = answers["raw " + name] = stages[name]
        if not isinstance(stage, np.ndarray):
            continue
        follows = chained(name, own)
        if stage.squeeze().shape == right[name].shape and is_something(name, follows):
            as_asked = stage.reshape(right[name].shape)
            corrected = as_asked + (right[name] - follows)
            if largest(corrected - right[name]) < largest(as_asked - right[name]):
                answers[name] = corrected
        if fits(stage) and is_something(name, stage):
            own[name] = stage
    return answers


def ask_all(student, dy, cache):
    """All stages as they come, and their shapes."""
    stages = student.backward_stages(dy, cache)
    if not isinstance(stages, dict):
        raise TypeError(f"it returned {type(stages).__name__} where a dict is asked for")
    names = ("dbeta", "dgamma", "dx_hat", "dvar", "dmean", "dx")
    given = {name: stages[name] for name in names if name in stages}
    return given | {"shape of " + name: str(np.shape(value)) for name, value in given.items()}


def mixing(rng, x, dy):
    """Draw a matrix that makes each result of f depend on each entry of x."""
    return rng.uniform(0.3, 1.5, (dy.size, x.size)) * rng.choice([-1.0, 1.0], (dy.size, x.size))


def bent_functions(rng):
    x, dy = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, -2.0], [2.0, 1.0]])
    mix = np.array([[1.0, 0, 1, 0], [0, 1, 0, -1], [1, 1, 0, 0], [0, 0, 2, -1]])
    whole = {"x": x, "dy": dy, "mix": mix[rng.permutation(4)], "bend": 1.0, "h": 0.5}
    cases = [Case("2 samples of 2 features, whole numbers", whole)]
    for n, d, h in [(3, 4, 0.25), (5, 2, 0.01), (3, 3, 0.1)]:
        x, dy = rng.uniform(-2, 2, (n, d)), rng.standard_normal((n, d))
        inputs = {"x": x, "dy": dy, "mix": mixing(rng, x, dy), "bend": rng.uniform(0.5, 1.5)}
        cases.append(Case(f"{n} samples of {d} features, h = {h}", inputs | {"h": h}))
    return cases


def steps(rng):
    cases = []
    for n, d, options in [(3, 2, {"h": 0.25}), (2, 3, {}), (3, 3, {"h": 1e-3}), (4, 3, {})]:
        x = rng.uniform(2.0, 9.0, (n, d)) * rng.choice([-1.0, 1.0], (n, d))
        dy = rng.uniform(0.5, 2.0, (n, d)) * rng.choice([-1.0, 1.0], (n, d))
        inputs = {"x": x, "dy": dy, "scale": options.get("h", 1e-5), "options": options}
        label = f"h = {options['h']}" if options else "h left out"
        cases.append(Case(f"{n} samples of {d} features, {label}", inputs))
    return cases


def other_shapes(rng):
    cases = []
    for shape, result in [
        ((4,), (3,)),
        ((2, 3), (3, 2, 2)),
        ((2, 3, 2), (5,)),
        ((2, 2, 3, 2), (4,)),
    ]:
        x, dy = rng.uniform(-2, 2, shape), rng.standard_normal(result)
        label = f"x of shape {shape}, f(x) of shape {result}"
        cases.append(Case(label, {"x": x, "dy": dy, "mix": mixing(rng, x, dy)}))
    return cases


def small_numbers(rng):
    # Far below h, so that adding h and taking it away again loses their last digits.
    return [
        Case(
            f"x of shape {shape}",
            {"x": rng.uniform(1e-4, 1e-3, shape), "dy": rng.standard_normal(shape), "h": h},
        )
        for shape, h in [((3, 4), 0.3), ((5, 2), 0.7)]
    ]


def derivatives_of(cache):
    """Return the derivative of each variable by those it is made of, sample by sample.

    Args:
        cache: dict, as `batchnorm_forward` makes it.

    Returns:
        A dict: stage to a dict of the stages that it is made of, and how much of each, (N, D).
    """
    centred, inv_std = cache["x"] - cache["mean"], cache["inv_std"]
    ones = np.ones_like(centred)
    share = 1 / centred.shape[0]
    return {
        "dx_hat": {"dy": ones * cache["gamma"]},
        "dvar": {"dx_hat": -centred * inv_std**3 / 2},
        "dmean": {"dx_hat": -inv_std * ones, "dvar": -2 * centred * share},
        "dx": {"dx_hat": inv_std * ones, "dvar": 2 * centred * share, "dmean": ones * share},
    }


def backward_case(label, x, gamma, eps, dy):
    """Return a case of given cache, as the forward pass makes it."""
    cache = batchnorm_forward(x, gamma, np.zeros_like(gamma), eps)[1]
    return Case(label, {"dy": dy, "cache": cache})


def square_caches(rng):
    # As many samples as features, so that a sum over the wrong axis costs its own stage and does
    # not stop the function; a variance far above eps, so that eps costs a question of its own.
    order = rng.permutation(4)
    x = np.array([[1.0, 1, 1, -3], [3, 7, 9, 1], [3, 9, 1, 1], [9, 15, 9, 13]])[order]
    dy = np.array([[-2.0, -4, -2, -2], [1, 1, 3, -5], [-3, 2, -1, 0], [2, 3, 2, 5]])[order]
    gamma = np.array([3.0, -5.0, 4.0, 6.0])
    cases = [backward_case("4 samples of 4 features, whole numbers", x, gamma, 1e-12, dy)]
    for m in (6, 5):
        x, gamma = 30 * columns(rng, m, m), affine(rng, m)["gamma"]
        dy = rng.uniform(0.5, 1.5, m) * rng.choice([-1.0, 1.0], m) + rng.standard_normal((m, m))
        cases.append(backward_case(f"{m} samples of {m} features", x, gamma, 1e-5, dy))
    return cases


def staged_caches(rng):
    cases = square_caches(rng)
    for case in cases:
        case.inputs["derivatives"] = derivatives_of(case.inputs["cache"])
    return cases


def all_caches(rng):
    order = rng.permutation(4)
    x = np.array([[1.0, 2.0], [3.0, 10.0], [5.0, 10.0], [7.0, 10.0]])[order]
    dy = np.array([[-4.0, -5.0], [1.0, 0.0], [4.0, 3.0], [1.0, -2.0]])[order]
    label = "the example of the text, in another order"
    cases = [backward_case(label, x, np.array([3.0, -4.0]), 4.0, dy)]
    for n, d, eps, unused in [(7, 4, 0.5, 0), (5, 6, 0.05, 0), (6, 3, 1.5, 1)]:
        x, gamma = columns(rng, n, d), affine(rng, d)["gamma"]
        x[:, d - unused :] = rng.integers(
            2, 9
        )  # constant, so that x_hat is 0 and no divisor either
        dy = rng.uniform(0.5, 1.5, d) * rng.choice([-1.0, 1.0], d) + rng.standard_normal((n, d))
        dy[:, :unused] = 0.0  # the loss does not depend on them, and no gradient may be a divisor
        label = f"{n} samples of {d} features, eps = {eps}"
        cases.append(backward_case(label, x, gamma, eps, dy))
    return cases


STAGES = Probe(ask_stages, staged_caches)
ALL = Probe(ask_all, all_caches)

EXERCISE = Exercise(
    name="ex03_backward",
    reference={"numerical_gradient": numerical_gradient, "backward_stages": backward_stages},
    checks=(
        Check(
            id="numerical",
            question="Is dx the central difference of sum(f(x) * dy) in each entry of x by itself?",
            points=3,
            probe=Probe(ask_difference, bent_functions),
            compare=("dx",),
            function="numerical_gradient",
            tolerance=1e-7,
            hint="The functions of this question are of second degree: central differences of "
            "sum(f(x) * dy), one entry of x at a time, give their gradient exactly. Yours is another.",
        ),
        Check(
            id="numerical_step",
            question="Is the step h, as given or 1e-5?",
            points=1,
            probe=Probe(ask_step, steps),
            compare=("smallest step", "largest step"),
            function="numerical_gradient",
            tolerance=1e-5,
            hint="What cubes give tells how far from x your differences are taken. That distance must be "
            "h in each entry, on both sides: the h that is given, or 1e-5 if none is.",
        ),
        Check(
            id="numerical_shapes",
            question="May x have any number of axes, and f(x) another shape than x?",
            points=1,
            probe=Probe(ask_shapes, other_shapes),
            compare=("error", "dx", "shape of dx"),
            function="numerical_gradient",
            tolerance=1e-8,
            hint="dx has the shape of x, whatever that is; f(x) and dy have a shape of their own. Here "
            "there was an error, or dx has another shape, or is not the gradient of this linear "
            "function.",
        ),
        Check(
            id="numerical_untouched",
            question="Are x and dy the same after the call as before it, to the last bit?",
            points=1,
            probe=Probe(ask_numerical_arguments, small_numbers),
            compare=("x is unchanged", "dy is unchanged"),
            fingerprint=("x is unchanged", "dy is unchanged", "x comes back"),
            function="numerical_gradient",
            hint="The function has changed an array of its caller's. Change copies; adding h and taking "
            "it away again does not give back the same number.",
        ),
        Check(
            id="dbeta",
            question="Is dbeta right: one number for each feature?",
            points=1,
            probe=STAGES,
            compare=("dbeta",),
            function="backward_stages",
            tolerance=1e-4,
            hint="dbeta is not the gradient by beta. beta is added to every sample of its feature, so "
            "every sample's dy arrives there.",
        ),
        Check(
            id="dgamma",
            question="Is dgamma right: one number for each feature?",
            points=2,
            probe=STAGES,
            compare=("dgamma",),
            function="backward_stages",
            tolerance=1e-4,
            hint="dgamma is not the gradient by gamma. gamma multiplies x_hat in every sample of its "
            "feature: what arrives is dy, times what gamma is multiplied by.",
        ),
        Check(
            id="dx_hat",
            question="Is dx_hat right: what y = gamma * x_hat + beta passes on to x_hat?",
            points=1,
            probe=STAGES,
            compare=("dx_hat",),
            fingerprint=("raw dx_hat",),
            function="backward_stages",
            tolerance=1e-4,
            hint="dx_hat is not the gradient by x_hat in y = gamma * x_hat + beta. Each entry of y has "
            "one entry of x_hat in it, times one number.",
        ),
        Check(
            id="dvar",
            question="Does dvar follow from dx_hat: how x_hat = (x - mean) / sqrt(var + eps) depends on var?",
            points=3,
            probe=STAGES,
            compare=("dvar",),
            fingerprint=("raw dvar",),
            function="backward_stages",
            tolerance=1e-4,
            hint="dvar does not follow from dx_hat. Write x_hat as (x - mean) times a power of (var + "
            "eps), take the derivative of that power, and remember that var is in every sample.",
        ),
        Check(
            id="dmean",
            question="Does dmean follow from dx_hat and dvar?",
            points=2,
            probe=STAGES,
            compare=("dmean",),
            fingerprint=("raw dmean",),
            function="backward_stages",
            tolerance=1e-4,
            hint="dmean does not follow from dx_hat and dvar. The mean is in x_hat of every sample, and "
            "in var, where what it does adds up to 0.",
        ),
        Check(
            id="dx",
            question="Does dx follow from dx_hat, dvar and dmean: all three ways by which x acts?",
            points=3,
            probe=STAGES,
            compare=("dx",),
            fingerprint=("raw dx",),
            function="backward_stages",
            tolerance=1e-4,
            hint="dx does not follow from dx_hat, dvar and dmean. x acts in three ways: in its own x_hat, "
            "in var and in mean. Each passes its gradient on, times its derivative by x.",
        ),
        Check(
            id="whole",
            question="Are all stages right together, as they are, with eps as large as the variance?",
            points=3,
            probe=ALL,
            compare=("dbeta", "dgamma", "dx_hat", "dvar", "dmean", "dx"),
            function="backward_stages",
            tolerance=1e-9,
            hint="Not every gradient is right on caches where eps matters, and where samples and "
            "features differ in number. The stage that goes wrong first is the one to settle first.",
        ),
        Check(
            id="shapes",
            question="Have dx_hat and dx the shape (N, D), and the other four the shape (D,)?",
            points=1,
            probe=ALL,
            compare=tuple(
                f"shape of {name}" for name in ("dbeta", "dgamma", "dx_hat", "dvar", "dmean", "dx")
            ),
            function="backward_stages",
            hint="A gradient has the shape of its variable: (N, D) for dx_hat and dx, (D,) for the rest.",
        ),
        Check(
            id="untouched",
            question="Are dy and the cache the same after the call as before it?",
            points=1,
            probe=STAGES,
            compare=("dy is unchanged", "cache is unchanged"),
            function="backward_stages",
            hint="The function has changed dy or the cache, which are its caller's. Compute in new arrays.",
        ),
    ),
)
