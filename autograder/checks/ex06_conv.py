"""The questions of ex06_conv: batch norm of images, forward and backward, and its cousins.

Where one misconception is to cost one question, images are as wide as they have channels (W == C): an
array of shape (C,) then broadcasts along the last axis without an error, and the wrong axis shows in
numbers. The questions that compare everything take all shapes.
"""

import numpy as np

from autograder.checks.asking import largest, parts
from autograder.checks.ex02_forward import affine
from autograder.checks.model import Case, Check, Exercise, Probe
from autograder.reference.conv import (
    batchnorm2d_backward,
    batchnorm2d_forward,
    group_norm,
    normalize,
)


def ask_normalized(student, x):
    """Output with gamma = 1 and beta = 0; and for x without its last column."""
    ones, zeros = np.ones(x.shape[1]), np.zeros(x.shape[1])
    y, _ = parts(student.batchnorm2d_forward(x.copy(), ones, zeros), "y", "cache")
    try:
        narrow = np.ravel(student.batchnorm2d_forward(x[..., :-1].copy(), ones, zeros)[0])[:8]
    except Exception:  # only a further clue to the mistake
        narrow = "an error"
    return {"y": y, "y of a narrow x begins": narrow}


def ask_affine(student, x, gamma, beta):
    """How far y is from gamma * x_hat + beta, x_hat being the student's own."""
    ones, zeros = np.ones_like(gamma), np.zeros_like(beta)
    x_hat, _ = parts(student.batchnorm2d_forward(x.copy(), ones, zeros), "y", "cache")
    y, _ = parts(student.batchnorm2d_forward(x.copy(), gamma.copy(), beta.copy()), "y", "cache")
    residual = f"y of shape {np.shape(y)}"
    if np.shape(y) == np.shape(x_hat) == x.shape:
        residual = y - (gamma[:, None, None] * np.asarray(x_hat) + beta[:, None, None])
    try:
        narrow = np.shape(student.batchnorm2d_forward(x[..., :-1].copy(), gamma, beta)[0])
    except Exception:  # only a further clue to the mistake
        narrow = "an error"
    return {"y minus (gamma * x_hat + beta)": residual, "shape for a narrow x": str(narrow)}


def ask_eps(student, x, scale, options):
    """Size of y for an x of 1 and -1, times a number: where the variance is far below eps, and near.

    Whatever axes are reduced, and in whatever order y comes back, its size tells of eps alone.
    """

    def output(x):
        ones, zeros = np.ones(x.shape[1]), np.zeros(x.shape[1])
        y, _ = parts(student.batchnorm2d_forward(x, ones, zeros, **options), "y", "cache")
        return np.array([np.min(np.abs(y)), np.max(np.abs(y)), np.ptp(y)])

    small, large = output(x.copy()), output(x * scale)
    return {"least and largest |y|": small[:2], "the same of a larger x": large, "range": small[2]}


def ask_cache(student, x, gamma, beta, eps):
    """Whether the cache holds the student's own x_hat, by how much that is stretched, and gamma."""
    names, c = ("x_hat", "inv_std", "gamma"), x.shape[1]

    def run(x, gamma, beta):
        x, gamma, beta = x.copy(), gamma.copy(), beta.copy()
        return parts(student.batchnorm2d_forward(x, gamma, beta, eps), "y", "cache")

    def held(cache, name):
        try:
            return np.asarray(cache[name])
        except (KeyError, IndexError, TypeError):
            return None

    x_hat = np.asarray(run(x, np.ones(c), np.zeros(c))[0])
    cache = run(x, gamma, beta)[1]
    entries = {name: held(cache, name) for name in names}
    shapes = {name: "none" if v is None else str(v.shape) for name, v in entries.items()}
    # By how much each channel was stretched: between its largest value and its least.
    stretch = np.zeros(0)  # nothing to compare with, unless y has x's shape
    if x_hat.shape == x.shape:
        rows, hats = (np.moveaxis(a, 1, 0).reshape(c, -1) for a in (x, x_hat))
        every, top, bottom = np.arange(c), rows.argmax(axis=1), rows.argmin(axis=1)
        stretch = hats[every, top] - hats[every, bottom]
        stretch = stretch / (rows[every, top] - rows[every, bottom])
    rights = dict(zip(names, (x_hat, stretch, gamma), strict=True))
    differences = {
        name: entries[name] - rights[name]
        if shapes[name] == str(np.shape(rights[name]))
        else "another shape"
        for name in names
    }
    if shapes["x_hat"] == str(x.shape) == str(x_hat.shape):
        differences["x_hat"] = np.abs(differences["x_hat"]).max(axis=(0, 2, 3))
    try:
        narrow = np.ravel(run(x[..., :-1], gamma, beta)[0])[:8]
    except Exception:  # only a further clue to the mistake
        narrow = "an error"
    return {
        "shapes in the cache": ", ".join(f"{name} {shapes[name]}" for name in names),
        "distance of x_hat in the cache from y with gamma = 1 and beta = 0": differences["x_hat"],
        "inv_std in the cache minus the stretch of x": differences["inv_std"],
        "gamma in the cache minus gamma": differences["gamma"],
        "y of a narrow x begins": narrow,
    }


def ask_forward(student, x, gamma, beta, eps):
    """Output with everything at once, for any shape; or which shapes did not fit."""
    try:
        y, _ = parts(student.batchnorm2d_forward(x, gamma, beta, eps), "y", "cache")
    except ValueError as error:
        return {"ValueError": str(error), "y": "none", "shape": "none"}
    return {"ValueError": "none", "y": y, "shape": str(np.shape(y))}


def ask_forward_arguments(student, x, gamma, beta):
    """Whether the arguments are what they were."""
    before = x.copy(), gamma.copy(), beta.copy()
    student.batchnorm2d_forward(x, gamma, beta)
    return {
        "x is unchanged": np.array_equal(x, before[0]),
        "gamma is unchanged": np.array_equal(gamma, before[1]),
        "beta is unchanged": np.array_equal(beta, before[2]),
    }


def ask_gradients(student, dy, cache):
    """The three gradients; and those of gamma and beta for dy without its last column."""
    narrow = {name: value.copy() for name, value in cache.items()}
    narrow["x_hat"] = narrow["x_hat"][..., :-1].copy()
    try:
        _, narrow_dgamma, narrow_dbeta = student.batchnorm2d_backward(dy[..., :-1].copy(), narrow)
    except Exception:  # only a further clue to the mistake
        narrow_dgamma = narrow_dbeta = "an error"
    dx, dgamma, dbeta = parts(student.batchnorm2d_backward(dy, cache), "dx", "dgamma", "dbeta")
    return {
        "dx": dx,
        "dgamma": dgamma,
        "dbeta": dbeta,
        "shape of dgamma": str(np.shape(dgamma)),
        "shape of dbeta": str(np.shape(dbeta)),
        "dgamma of a narrow dy": narrow_dgamma,
        "dbeta of a narrow dy": narrow_dbeta,
    }


def ask_paths(student, dy, cache):
    """Sums of dx and of dx * x_hat over each channel, in units of the largest dx."""
    x_hat = cache["x_hat"].copy()
    narrow = {name: value.copy() for name, value in cache.items()}
    narrow["x_hat"] = narrow["x_hat"][..., :-1].copy()
    try:
        narrow_dx = np.ravel(student.batchnorm2d_backward(dy[..., :-1].copy(), narrow)[0])[:8]
    except Exception:  # only a further clue to the mistake
        narrow_dx = "an error"
    dx, _, _ = parts(student.batchnorm2d_backward(dy, cache), "dx", "dgamma", "dbeta")
    sums = products = f"dx of shape {np.shape(dx)}"
    if np.shape(dx) == x_hat.shape:
        unit = np.divide(dx, largest(dx))  # no number where dx is 0 everywhere
        sums, products = unit.sum(axis=(0, 2, 3)), (unit * x_hat).sum(axis=(0, 2, 3))
    return {
        "sums of dx": sums,
        "sums of dx * x_hat": products,
        "dx": dx,
        "dx of a narrow dy begins": narrow_dx,
    }


def ask_backward(student, dy, cache):
    """The three gradients for any shape; or which shapes did not fit."""
    names, told = ("dx", "dgamma", "dbeta"), "none"
    try:
        gradients = parts(student.batchnorm2d_backward(dy, cache), *names)
    except ValueError as error:
        gradients, told = ("none",) * 3, str(error)
    shape = str(np.shape(gradients[0]))
    return {"ValueError": told, "shape of dx": shape} | dict(zip(names, gradients, strict=True))


def ask_backward_arguments(student, dy, cache):
    """Whether the arguments are what they were."""
    before_dy, before = dy.copy(), {name: value.copy() for name, value in cache.items()}
    student.batchnorm2d_backward(dy, cache)
    same = all(np.array_equal(cache.get(name), before[name]) for name in before)
    return {"dy is unchanged": np.array_equal(dy, before_dy), "the cache is unchanged": same}


def ask_axes(student, x, axes):
    """Output of the one function for a choice of axes; or which shapes did not fit."""
    try:
        return {"ValueError": "none", "x_hat": student.normalize(x, tuple(axes))}
    except ValueError as error:
        return {"ValueError": str(error), "x_hat": "none"}


def ask_any_axes(student, x, axes, options):
    """Output of the one function for any axes, any number of them, and eps at work."""
    try:
        x_hat = student.normalize(x, tuple(axes), **options)
    except ValueError as error:
        return {"ValueError": str(error), "x_hat": "none", "shape": "none"}
    return {"ValueError": "none", "x_hat": x_hat, "shape": str(np.shape(x_hat))}


def ask_normalize_eps(student, x, axes, scale, options):
    """Size of x_hat for an x of 1 and -1, times a number: see `ask_eps`."""

    def size(x):
        x_hat = np.abs(student.normalize(x, tuple(axes), **options))
        return np.array([np.min(x_hat), np.max(x_hat)])

    return {"least and largest |x_hat|": size(x.copy()), "the same of a larger x": size(x * scale)}


def ask_normalize_argument(student, x, axes):
    """Whether x is what it was."""
    before = x.copy()
    student.normalize(x, tuple(axes))
    return {"x is unchanged": np.array_equal(x, before)}


def ask_groups(student, x, groups):
    """Output of group norm; or which shapes did not fit."""
    try:
        return {"ValueError": "none", "x_hat": student.group_norm(x, groups)}
    except ValueError as error:
        return {"ValueError": str(error), "x_hat": "none"}


def ask_end_groups(student, x, groups):
    """Output of group norm with one group, or a group for each channel."""
    try:
        return {"ValueError": "none", "x_hat": student.group_norm(x, groups)}
    except ValueError as error:
        return {"ValueError": str(error), "x_hat": "none"}


def ask_any_groups(student, x, groups, options):
    """Output of group norm for any number of groups, with eps at work."""
    try:
        x_hat = student.group_norm(x, groups, **options)
    except ValueError as error:
        return {"ValueError": str(error), "x_hat": "none", "shape": "none"}
    return {"ValueError": "none", "x_hat": x_hat, "shape": str(np.shape(x_hat))}


def ask_group_argument(student, x, groups):
    """Whether x is what it was."""
    before = x.copy()
    student.group_norm(x, groups)
    return {"x is unchanged": np.array_equal(x, before)}


def images(rng, *shape):
    """Draw x whose channels differ in mean (either sign) and spread, its samples too; an outlier."""
    n, c = shape[:2]
    mean = rng.uniform(1.0, 5.0, (c, 1, 1)) * rng.choice([-1.0, 1.0], (c, 1, 1))
    spread = rng.uniform(0.5, 3.0, (c, 1, 1))
    x = rng.standard_normal(shape) * rng.uniform(0.5, 1.5, (n, 1, 1, 1))
    x = mean + spread * (x + rng.standard_normal((n, 1, 1, 1)))
    x[0, :, 0, 0] += 4.0 * spread[:, 0, 0]
    return x


def chessboard(*shape):
    """Return 1 and -1 in turn along every axis: means of 0 and variances of 1, whatever the axes."""
    return np.where(np.indices(shape).sum(axis=0) % 2, -1.0, 1.0)


def in_words(shape):
    return f"x of shape {shape}"


# Spreads in the thousands, so that where eps stands makes no difference to a question about axes.
LARGE = 1e4


def large_spreads(rng):
    values = np.stack([rng.permutation([1.0, 3.0, 5.0, 7.0]), rng.permutation([9.0, 3.0] * 2)])
    whole = LARGE * np.moveaxis(values.reshape(2, 2, 1, 2), 0, 1)
    cases = [Case("x of shape (2, 2, 1, 2), whole numbers", {"x": np.ascontiguousarray(whole)})]
    for shape in [(4, 3, 2, 3), (3, 3, 3, 3), (1, 3, 4, 3), (3, 2, 1, 2), (3, 2, 1, 2)]:
        cases.append(Case(in_words(shape), {"x": LARGE * images(rng, *shape)}))
    return cases


def scaled_and_shifted(rng):
    return [
        Case(in_words(shape), {"x": images(rng, *shape)} | affine(rng, shape[1]))
        for shape in [(4, 3, 2, 3), (3, 3, 3, 3), (4, 2, 3, 2)]
    ]


def below_eps(rng, shapes):
    """Draw chessboards of a variance far below eps, with eps given or left out, and a larger scale."""
    options = [({"eps": 0.5}, 1e-10), ({}, 1e-16), ({"eps": 0.02}, 1e-12), ({}, 1e-14)]
    cases = []
    for number, (option, variance) in enumerate(options):
        shape, more = shapes[number % len(shapes)]
        given = f"eps = {option['eps']}" if option else "eps left out"
        size = np.sqrt(variance) * rng.uniform(0.5, 1.0)
        larger = np.sqrt(option.get("eps", 1e-5)) * rng.uniform(1.0, 2.0) / size
        inputs = {"x": size * chessboard(*shape), "scale": larger, "options": option} | more
        cases.append(Case(f"{in_words(shape)}, {given}, variance below {variance}", inputs))
    return cases


def small_spreads(rng):
    return below_eps(rng, [((4, 2, 6, 2), {}), ((2, 4, 2, 4), {})])


def to_keep(rng):
    return [
        Case(
            f"{in_words(shape)}, eps = {eps}",
            {"x": images(rng, *shape), "eps": eps} | affine(rng, shape[1]),
        )
        for shape, eps in [((4, 3, 2, 3), 0.5), ((3, 3, 3, 3), 0.2), ((4, 2, 3, 2), 2.0)]
    ]


def everything(rng):
    cases = []
    for shape, eps in [
        ((4, 3, 2, 5), 0.05),
        ((3, 4, 1, 2), 1e-9),
        ((2, 3, 4, 1), 0.1),
        ((1, 4, 2, 3), 0.5),
        ((5, 3, 1, 1), 1.5),
        ((3, 1, 2, 2), 0.1),
        ((1, 3, 1, 1), 0.2),
    ]:
        x = images(rng, *shape)
        if shape == (4, 3, 2, 5):
            x[:, 1] = x[0, 1, 0, 0]
        x *= 1.0 if eps > 1e-6 else 1e-3
        inputs = {"x": x, "eps": eps} | affine(rng, shape[1])
        if shape[2] == 1:
            inputs["gamma"][-1] = 0.0  # nothing may be divided by gamma
        cases.append(Case(f"{in_words(shape)}, eps = {eps}", inputs))
    return cases


# Where N, C or H * W is 1, moving an axis and reshaping gives a view of the caller's array.
VIEWS = [(4, 3, 2, 3), (1, 3, 4, 3), (4, 1, 2, 1), (5, 3, 1, 1)]


def arguments(rng):
    return [
        Case(in_words(shape), {"x": images(rng, *shape)} | affine(rng, shape[1])) for shape in VIEWS
    ]


def upstream(rng, cache):
    """Draw dy for a cache: its mean in each channel is not 0, and it is not orthogonal to x_hat."""
    shape = cache["x_hat"].shape
    sizes = rng.uniform(0.5, 2.0, (2, shape[1], 1, 1)) * rng.choice([-1.0, 1.0], (2, 1, 1, 1))
    return rng.standard_normal(shape) + sizes[0] + sizes[1] * cache["x_hat"]


def given(rng, shape, eps):
    """Draw dy, and the cache of a forward pass over x of the given shape."""
    _, cache = batchnorm2d_forward(images(rng, *shape), eps=eps, **affine(rng, shape[1]))
    return {"dy": upstream(rng, cache), "cache": cache}


def caches(rng):
    values = np.array([[1.0, 3.0, 5.0, 7.0], [9.0, 3.0, 9.0, 3.0]]).reshape(2, 2, 1, 2)
    x, dy = (
        np.moveaxis(values, 0, 1).copy(),
        rng.permutation(np.arange(-2.0, 6.0)).reshape(2, 2, 1, 2),
    )
    dy[0, :, 0, 0] += 10.0  # so that neither sum of dy is 0
    _, cache = batchnorm2d_forward(x, np.array([1.0, -2.0]), np.zeros(2), 4.0)
    cases = [Case("dy of shape (2, 2, 1, 2), whole numbers", {"dy": dy, "cache": cache})]
    for shape in [(4, 2, 3, 2), (3, 3, 3, 3), (5, 2, 1, 2)]:
        cases.append(Case(f"dy of shape {shape}", given(rng, shape, 0.3)))
    return cases


def equal_caches(rng):
    # Channels alike in inv_std and in gamma: which of them scales what is another question.
    cases = []
    for shape in [(4, 3, 2, 3), (3, 3, 3, 3), (3, 2, 1, 2)]:
        x = normalize(images(rng, *shape), (0, 2, 3), 1e-12) * rng.uniform(2.0, 4.0)
        gamma = np.full(shape[1], -rng.uniform(1.5, 2.5))
        _, cache = batchnorm2d_forward(x, gamma, np.zeros(shape[1]), 1e-12)
        inputs = {"dy": upstream(rng, cache), "cache": cache}
        cases.append(Case(f"dy of shape {shape}, variance far above eps", inputs))
    return cases


def all_caches(rng):
    cases = []
    for shape, eps in [
        ((4, 3, 2, 5), 0.5),
        ((3, 4, 1, 2), 1e-5),
        ((4, 2, 3, 1), 0.1),
        ((1, 4, 2, 3), 0.2),
        ((5, 4, 1, 1), 0.4),
        ((3, 1, 2, 2), 0.1),
    ]:
        inputs = given(rng, shape, eps)
        if shape == (4, 3, 2, 5):
            inputs["cache"]["gamma"][1] = 0.0  # nothing may be divided by gamma
        cases.append(Case(f"dy of shape {shape}, eps of the forward pass {eps}", inputs))
    return cases


def caches_to_keep(rng):
    return [Case(f"dy of shape {shape}", given(rng, shape, 0.1)) for shape in VIEWS]


NORMS = {(0, 2, 3): "batch norm", (1, 2, 3): "layer norm", (2, 3): "instance norm"}


def three_norms(rng):
    return [
        Case(
            f"{in_words(shape)}, axes {axes}: {name}",
            {"x": LARGE * images(rng, *shape), "axes": axes},
        )
        for shape in [(3, 2, 1, 4), (3, 3, 3, 3)]
        for axes, name in NORMS.items()
    ]


def many_axes(rng):
    cases = []
    for shape, axes, eps in [
        ((5, 4), (0,), 0.05),
        ((4, 6), (1,), None),
        ((3, 2, 4), (2, 0), 0.3),
        ((4, 4), (1,), 0.1),
        ((3, 3, 3), (0, 2), 0.2),
        ((2, 3, 4, 5), (1, 3), None),
        ((2, 1, 4, 3), (0, 1, 2, 3), 0.5),
        ((2, 3, 1, 4, 2), (1, 3, 4), 1.0),  # eps is no axis, though it equals one
        ((7,), (0,), 0.02),
    ]:
        # Each row of the first two axes with its own mean, so that no two choices of axes agree.
        x = rng.standard_normal(shape) + 3.0 * rng.standard_normal(
            shape[:2] + (1,) * (len(shape) - 2)
        )
        x *= 1.0 if eps else 1e-3  # a variance like eps
        x[(-1,) * len(shape)] = 0.0  # no axis either
        options = {"eps": eps} if eps else {}
        label = f"{in_words(shape)}, axes {axes}, {f'eps = {eps}' if eps else 'eps left out'}"
        cases.append(Case(label, {"x": x, "axes": axes, "options": options}))
    return cases


def small_spreads_along_axes(rng):
    batch, layer, instance = ({"axes": axes} for axes in NORMS)
    return below_eps(rng, [((2, 2, 2, 2), batch), ((4, 4, 4, 4), layer), ((2, 2, 2, 2), instance)])


def axes_to_keep(rng):
    return [
        Case(f"{in_words((3, 3, 3, 3))}, axes {axes}", {"x": images(rng, 3, 3, 3, 3), "axes": axes})
        for axes in NORMS
    ]


def grouped(rng, shape, groups, scale=1.0):
    return f"{in_words(shape)}, {groups} groups", {
        "x": scale * images(rng, *shape),
        "groups": groups,
    }


def blocks(rng):
    whole = LARGE * np.array([1.0, 3.0, 10.0, 30.0]).reshape(1, 4, 1, 1) * rng.integers(1, 4)
    cases = [Case("x of shape (1, 4, 1, 1), 2 groups, whole numbers", {"x": whole, "groups": 2})]
    for shape, groups in [
        ((2, 6, 1, 3), 2),
        ((3, 6, 2, 1), 3),
        ((2, 8, 1, 3), 2),
        ((1, 12, 2, 3), 4),
    ]:
        cases.append(Case(*grouped(rng, shape, groups, LARGE)))
    return cases


def ends(rng):
    return [
        Case(*grouped(rng, shape, groups, LARGE))
        for shape, groups in [
            ((2, 3, 1, 4), 1),
            ((2, 3, 1, 4), 3),
            ((3, 3, 3, 3), 1),
            ((3, 3, 3, 3), 3),
            ((1, 5, 4, 2), 1),
            ((2, 4, 5, 1), 4),
        ]
    ]


def any_groups(rng):
    cases = []
    for shape, groups, eps in [
        ((3, 6, 2, 4), 2, 0.05),
        ((2, 8, 1, 3), 4, None),
        ((1, 6, 3, 2), 3, 1.5),
        ((5, 4, 1, 1), 2, 0.3),
        ((4, 5, 2, 1), 5, None),
    ]:
        label, inputs = grouped(rng, shape, groups, 1.0 if eps else 2e-3)
        label += f", eps = {eps}" if eps else ", eps left out"
        cases.append(Case(label, inputs | {"options": {"eps": eps} if eps else {}}))
    return cases


def groups_to_keep(rng):
    return [
        Case(*grouped(rng, shape, groups))
        for shape, groups in [((3, 4, 2, 5), 2), ((2, 6, 3, 4), 3)]
    ]


FORWARD = Probe(ask_forward, everything)
GRADIENTS = Probe(ask_gradients, caches)
PATHS = Probe(ask_paths, equal_caches)
BACKWARD = Probe(ask_backward, all_caches)
CACHE_ANSWERS = (
    "shapes in the cache",
    "distance of x_hat in the cache from y with gamma = 1 and beta = 0",
    "inv_std in the cache minus the stretch of x",
    "gamma in the cache minus gamma",
)

EXERCISE = Exercise(
    name="ex06_conv",
    reference={
        "batchnorm2d_forward": batchnorm2d_forward,
        "batchnorm2d_backward": batchnorm2d_backward,
        "normalize": normalize,
        "group_norm": group_norm,
    },
    checks=(
        Check(
            id="forward_normalized",
            question="With gamma = 1 and beta = 0, is each channel normalized over samples, rows and "
            "columns?",
            points=2,
            probe=Probe(ask_normalized, large_spreads),
            compare=("y",),
            fingerprint=("y", "y of a narrow x begins"),
            function="batchnorm2d_forward",
            tolerance=1e-6,
            hint="With gamma = 1 and beta = 0, y is not x minus its channel's mean over the root of its "
            "channel's biased variance, each over all N * H * W values of the channel. Work the case of "
            "whole numbers by hand.",
        ),
        Check(
            id="forward_affine",
            question="Is y = gamma * x_hat + beta, with one gamma and one beta for each channel?",
            points=1,
            probe=Probe(ask_affine, scaled_and_shifted),
            compare=("y minus (gamma * x_hat + beta)",),
            fingerprint=("y minus (gamma * x_hat + beta)", "shape for a narrow x"),
            function="batchnorm2d_forward",
            tolerance=1e-9,
            absolute=True,
            hint="Calling your function with gamma = 1 and beta = 0 gives your x_hat. With other gamma "
            "and beta it does not give gamma[c] * x_hat + beta[c] in each channel c.",
        ),
        Check(
            id="forward_eps",
            question="Is eps, as given or 1e-5, added to the variance inside the root?",
            points=1,
            probe=Probe(ask_eps, small_spreads),
            compare=("least and largest |y|",),
            fingerprint=("least and largest |y|", "the same of a larger x", "range"),
            function="batchnorm2d_forward",
            tolerance=1e-6,
            hint="Where the mean is 0 and the variance far below eps, y must be x / sqrt(eps) when gamma = "
            "1 and beta = 0, with the eps that was given, or 1e-5 if none was. Yours is not.",
        ),
        Check(
            id="forward_cache",
            question="Does the cache hold x_hat, inv_std and gamma, in the shapes asked for?",
            points=1,
            probe=Probe(ask_cache, to_keep),
            compare=CACHE_ANSWERS,
            fingerprint=(*CACHE_ANSWERS, "y of a narrow x begins"),
            function="batchnorm2d_forward",
            tolerance=1e-9,
            absolute=True,
            hint="The cache is a dict of x_hat (N, C, H, W), which is your y when gamma = 1 and beta = 0; "
            "of inv_std (C,), the factor by which each channel of x - mean was multiplied to give it; "
            "and of gamma (C,). One of them is not that.",
        ),
        Check(
            id="forward_whole",
            question="Is y right for every shape, with gamma, beta and eps at work together?",
            points=1,
            probe=FORWARD,
            compare=("ValueError", "y", "shape"),
            fingerprint=("y", "shape"),
            function="batchnorm2d_forward",
            tolerance=1e-9,
            hint="For at least one shape y has not x's shape, or is not gamma * (x - mean) / sqrt(var + eps) + beta with one "
            "number of each for every channel. N, C, H and W may all differ, and any may be 1. Settle "
            "the questions before this one first.",
        ),
        Check(
            id="forward_untouched",
            question="Are x, gamma and beta the same after the call as before it?",
            points=1,
            probe=Probe(ask_forward_arguments, arguments),
            compare=("x is unchanged", "gamma is unchanged", "beta is unchanged"),
            function="batchnorm2d_forward",
            hint="The function has changed an array of its caller's. Compute in new arrays.",
        ),
        Check(
            id="backward_dbeta",
            question="Is dbeta (C,) the sum of dy over all values of each channel?",
            points=1,
            probe=GRADIENTS,
            compare=("dbeta", "shape of dbeta"),
            fingerprint=("dbeta", "shape of dbeta", "dbeta of a narrow dy"),
            function="batchnorm2d_backward",
            tolerance=1e-9,
            hint="dbeta is not an array of shape (C,) that holds the sum of dy over the N * H * W values "
            "of each channel.",
        ),
        Check(
            id="backward_dgamma",
            question="Is dgamma (C,) the sum of dy * x_hat over all values of each channel?",
            points=1,
            probe=GRADIENTS,
            compare=("dgamma", "shape of dgamma"),
            fingerprint=("dgamma", "shape of dgamma", "dgamma of a narrow dy"),
            function="batchnorm2d_backward",
            tolerance=1e-9,
            hint="dgamma is not an array of shape (C,) that holds the sum of dy * x_hat over the N * H * W "
            "values of each channel.",
        ),
        Check(
            id="backward_mean_path",
            question="Do the values of dx in each channel add up to 0?",
            points=1,
            probe=PATHS,
            compare=("sums of dx",),
            fingerprint=("dx", "dx of a narrow dy begins"),
            function="batchnorm2d_backward",
            tolerance=1e-9,
            absolute=True,
            hint="dx must have dy's shape. Adding a number to all values of a channel leaves y as it is, so the values of dx in a "
            "channel must add up to 0, without all being 0. Yours do not. Look at the part of dx that "
            "comes through the mean, and over which values it sums.",
        ),
        Check(
            id="backward_variance_path",
            question="Do the values of dx * x_hat in each channel add up to 0, where eps is negligible?",
            points=1,
            probe=PATHS,
            compare=("sums of dx * x_hat",),
            fingerprint=("dx", "dx of a narrow dy begins"),
            function="batchnorm2d_backward",
            tolerance=1e-9,
            absolute=True,
            hint="dx must have dy's shape. Where eps is negligible, multiplying a channel of x - mean by a number leaves y as it is, "
            "so dx * x_hat must add up to 0 in each channel, without dx being 0. Yours does not. Look at the "
            "part of dx that comes through the variance, and over which values it sums.",
        ),
        Check(
            id="backward_dx",
            question="Is dx the whole gradient: its direct part, and those through mean and variance?",
            points=2,
            probe=GRADIENTS,
            compare=("dx",),
            function="batchnorm2d_backward",
            tolerance=1e-9,
            hint="dx is not the gradient. Each channel is a batch norm of its own, over M = N * H * W "
            "values, with its own gamma and inv_std. Settle the two questions before this one first.",
        ),
        Check(
            id="backward_whole",
            question="Are dx, dgamma and dbeta right for every shape?",
            points=1,
            probe=BACKWARD,
            compare=("ValueError", "dx", "dgamma", "dbeta", "shape of dx"),
            fingerprint=("dx", "dgamma", "dbeta", "shape of dx"),
            function="batchnorm2d_backward",
            tolerance=1e-9,
            hint="For at least one shape dx, dgamma or dbeta is not the gradient, or has another shape. N, C, H and W may all "
            "differ, any may be 1, and gamma may be 0 in a channel. Settle the questions before this one first.",
        ),
        Check(
            id="backward_untouched",
            question="Are dy and the arrays in the cache the same after the call as before it?",
            points=1,
            probe=Probe(ask_backward_arguments, caches_to_keep),
            compare=("dy is unchanged", "the cache is unchanged"),
            function="batchnorm2d_backward",
            hint="The function has changed dy, or what is in the cache. Compute in new arrays.",
        ),
        Check(
            id="normalize_axes",
            question="Does the choice of axes make normalize batch norm, layer norm and instance norm?",
            points=2,
            probe=Probe(ask_axes, three_norms),
            compare=("ValueError", "x_hat"),
            fingerprint=("x_hat",),
            function="normalize",
            tolerance=1e-6,
            hint="For at least one of the three norms, x_hat is not x minus its mean over the given axes, "
            "divided by the root of its biased variance over the same axes.",
        ),
        Check(
            id="normalize_any",
            question="Is x_hat right for any axes of an array with any number of them, eps at work?",
            points=1,
            probe=Probe(ask_any_axes, many_axes),
            compare=("ValueError", "x_hat", "shape"),
            fingerprint=("x_hat", "shape"),
            function="normalize",
            tolerance=1e-9,
            hint="For at least one array x_hat has not x's shape, or is not (x - mean) / sqrt(var + eps), with "
            "mean and biased variance over the given axes, each value with those of its own place on the other axes. x "
            "may have any number of axes, and eps is 1e-5 when it is left out.",
        ),
        Check(
            id="normalize_eps",
            question="Is eps, as given or 1e-5, added to the variance inside normalize's root?",
            points=1,
            probe=Probe(ask_normalize_eps, small_spreads_along_axes),
            compare=("least and largest |x_hat|",),
            fingerprint=("least and largest |x_hat|", "the same of a larger x"),
            function="normalize",
            tolerance=1e-6,
            hint="Where the mean is 0 and the variance far below eps, x_hat must be x / sqrt(eps), with the "
            "eps that was given, or 1e-5 if none was. Yours is not.",
        ),
        Check(
            id="normalize_untouched",
            question="Does normalize leave x as it was?",
            points=1,
            probe=Probe(ask_normalize_argument, axes_to_keep),
            compare=("x is unchanged",),
            function="normalize",
            hint="The function has changed the caller's array x. Compute in new arrays.",
        ),
        Check(
            id="group_blocks",
            question="Is each group of neighbouring channels of each sample normalized by itself?",
            points=1,
            probe=Probe(ask_groups, blocks),
            compare=("ValueError", "x_hat"),
            fingerprint=("x_hat",),
            function="group_norm",
            tolerance=1e-6,
            hint="x_hat is not x normalized over the C / groups neighbouring channels of a group and all "
            "their pixels, in each sample by itself. Work the case of whole numbers by hand.",
        ),
        Check(
            id="group_ends",
            question="Is group norm layer norm with 1 group, and instance norm with C groups?",
            points=1,
            probe=Probe(ask_end_groups, ends),
            compare=("ValueError", "x_hat"),
            fingerprint=("x_hat",),
            function="group_norm",
            tolerance=1e-6,
            hint="With 1 group each sample is normalized as a whole; with C groups each channel of each "
            "sample is, over its pixels. For at least one of the two x_hat is something else.",
        ),
        Check(
            id="group_whole",
            question="Is group norm right for any number of groups, with eps at work?",
            points=1,
            probe=Probe(ask_any_groups, any_groups),
            compare=("ValueError", "x_hat", "shape"),
            fingerprint=("x_hat", "shape"),
            function="group_norm",
            tolerance=1e-9,
            hint="For at least one array x_hat has not x's shape, or is not (x - mean) / sqrt(var + eps), with "
            "mean and biased variance over each group of each sample; eps is 1e-5 when it is left out. Settle the two "
            "questions before this one first.",
        ),
        Check(
            id="group_untouched",
            question="Does group_norm leave x as it was?",
            points=1,
            probe=Probe(ask_group_argument, groups_to_keep),
            compare=("x is unchanged",),
            function="group_norm",
            hint="The function has changed the caller's array x. Compute in new arrays.",
        ),
    ),
)
