"""The questions of ex04_closed_form: what must hold for dx, each by itself; and all of it together."""

import numpy as np

from autograder.checks.asking import largest, parts, plain
from autograder.checks.ex01_statistics import columns
from autograder.checks.ex02_forward import affine
from autograder.checks.ex03_backward import all_caches, square_caches
from autograder.checks.model import Case, Check, Exercise, Probe
from autograder.reference.backward import batchnorm_backward
from autograder.reference.dense import batchnorm_forward


def ask_parameters(student, dy, cache):
    """Gradients with respect to gamma and beta, and whether the arguments are what they were."""
    before = dy.copy(), {name: np.copy(value) for name, value in cache.items()}
    gradients = student.batchnorm_backward(dy, cache)
    dx, dgamma, dbeta = parts(gradients, "dx", "dgamma", "dbeta")
    return {
        "dgamma": dgamma,
        "dbeta": dbeta,
        "dx": dx,
        "dy is unchanged": np.array_equal(dy, before[0]),
        "cache is unchanged": cache.keys() == before[1].keys()
        and all(np.array_equal(cache[name], before[1][name]) for name in before[1]),
    }


def ask_properties(student, dy, dy_elsewhere, kept, across, gamma, cache, cache_without_eps):
    """What must hold for dx; gamma is 1 but where it is the question."""

    def dx_of(dy, cache, gamma):
        fresh = {name: np.array(value) for name, value in cache.items()}
        fresh |= {"gamma": gamma.copy(), "eps": cache["eps"]}
        gradients = student.batchnorm_backward(dy.copy(), fresh)
        dx = plain(parts(gradients, "dx", "dgamma", "dbeta")[0])
        if not isinstance(dx, np.ndarray):
            raise TypeError("it returned a dx that is no array of numbers")
        if dx.shape != dy.shape:
            raise TypeError(f"it returned a dx of shape {dx.shape} for a dy of shape {dy.shape}")
        return dx.astype(np.float64)

    def gain(dx, direction):
        return (dx * direction).sum(axis=0) / (dy * direction).sum(axis=0)

    ones = np.ones_like(gamma)
    dx = dx_of(dy, cache, ones)
    dx_gamma = dx_of(dy, cache, gamma)
    dx_elsewhere = dx_of(dy_elsewhere, cache, ones)
    dx_without_eps = dx_of(dy, cache_without_eps, ones)
    size = largest(dx)
    return {
        "sum of dx over the batch, for a largest dx of 1": np.divide(dx.sum(axis=0), size),
        "part along x_hat that gets through": gain(dx, cache["x_hat"]) / gain(dx, across),
        "dx minus gamma times dx with gamma = 1": np.divide(dx_gamma - gamma * dx, size),
        "factor by which gamma changes dx": (dx_gamma * dx).sum(axis=0) / (dx * dx).sum(axis=0),
        "dx with this eps over dx with hardly any": gain(dx, across) / gain(dx_without_eps, across),
        "change of dx in a feature whose dy is the same": np.divide(
            (dx_elsewhere - dx)[:, kept], size
        ),
        "dx": dx,
    }


def ask_all(student, dy, cache):
    """All gradients, and their shapes."""
    gradients = student.batchnorm_backward(dy, cache)
    dx, dgamma, dbeta = parts(gradients, "dx", "dgamma", "dbeta")
    return {
        "dx": dx,
        "dgamma": dgamma,
        "dbeta": dbeta,
        "shape of dx": str(np.shape(dx)),
        "shape of dgamma": str(np.shape(dgamma)),
        "shape of dbeta": str(np.shape(dbeta)),
    }


def directions(rng):
    # As many samples as features, so that a sum over the wrong axis does not stop the function.
    cases = []
    for m, eps in [(5, 0.5), (6, 5.0), (5, 2.0)]:
        x, ones = columns(rng, m, m), np.ones(m)
        cache = batchnorm_forward(x, ones, ones, eps)[1]
        x_hat = cache["x_hat"]
        across = rng.standard_normal((m, m))
        across -= across.mean(axis=0)
        across -= x_hat * (across * x_hat).sum(axis=0) / (x_hat**2).sum(axis=0)
        across /= across.std(axis=0)
        # dy has a part of each kind: the same for all samples, along x_hat, and across both.
        level, along = rng.uniform(0.5, 2.0, (2, m)) * rng.choice([-1.0, 1.0], (2, m))
        dy = level + along * x_hat + across
        kept = int(rng.integers(m))
        dy_elsewhere = dy + rng.uniform(0.5, 2.0, (m, m)) * rng.choice([-1.0, 1.0], (m, m))
        dy_elsewhere[:, kept] = dy[:, kept]
        inputs = {"dy": dy, "dy_elsewhere": dy_elsewhere, "kept": kept, "across": across}
        inputs |= {"gamma": affine(rng, m)["gamma"], "cache": cache}
        inputs["cache_without_eps"] = batchnorm_forward(x, ones, ones, 1e-12)[1]
        cases.append(Case(f"{m} samples of {m} features, eps = {eps}", inputs))
    return cases


PARAMETERS = Probe(ask_parameters, square_caches)
PROPERTIES = Probe(ask_properties, directions)
ALL = Probe(ask_all, all_caches)

EXERCISE = Exercise(
    name="ex04_closed_form",
    reference={"batchnorm_backward": batchnorm_backward},
    checks=(
        Check(
            id="dbeta",
            question="Is dbeta right: one number for each feature?",
            points=1,
            probe=PARAMETERS,
            compare=("dbeta",),
            function="batchnorm_backward",
            tolerance=1e-4,
            hint="dbeta is not the gradient by beta. beta is added to every sample of its feature, so "
            "every sample's dy arrives there.",
        ),
        Check(
            id="dgamma",
            question="Is dgamma right: one number for each feature?",
            points=1,
            probe=PARAMETERS,
            compare=("dgamma",),
            function="batchnorm_backward",
            tolerance=1e-4,
            hint="dgamma is not the gradient by gamma. gamma multiplies x_hat in every sample of its "
            "feature: what arrives is dy, times what gamma is multiplied by.",
        ),
        Check(
            id="sum_is_zero",
            question="Is the sum of dx over the batch 0 in each feature?",
            points=2,
            probe=PROPERTIES,
            compare=("sum of dx over the batch, for a largest dx of 1",),
            function="batchnorm_backward",
            tolerance=1e-9,
            absolute=True,
            hint="Adding the same number to all samples of a feature does not change y, so dx must add up "
            "to 0 over the batch. Yours does not: look at what is taken away for the mean of dy, and at "
            "whether what multiplies the other sum adds up to 0 itself.",
        ),
        Check(
            id="along_x_hat",
            question="Of dy's part along x_hat, does eps / (var + eps) get through to dx?",
            points=3,
            probe=PROPERTIES,
            compare=("part along x_hat that gets through",),
            function="batchnorm_backward",
            tolerance=1e-9,
            hint="Of the part of dy that is a multiple of x_hat, eps / (var + eps) gets through, compared "
            "with a part that is a multiple of neither x_hat nor 1. In your dx it is another fraction.",
        ),
        Check(
            id="gamma_once",
            question="With any gamma, is dx gamma times what it is with gamma = 1?",
            points=2,
            probe=PROPERTIES,
            compare=("dx minus gamma times dx with gamma = 1",),
            fingerprint=("factor by which gamma changes dx",),
            function="batchnorm_backward",
            tolerance=1e-9,
            absolute=True,
            hint="y is gamma times x_hat plus beta, so each feature's dx must be its gamma times what it "
            "is with gamma = 1. Yours is not.",
        ),
        Check(
            id="eps_in_cache",
            question="Does dx shrink as it must when the forward pass was called with a larger eps?",
            points=2,
            probe=PROPERTIES,
            compare=("dx with this eps over dx with hardly any",),
            function="batchnorm_backward",
            tolerance=1e-9,
            hint="eps was inside the root by which the forward pass divided. Comparing a cache with eps = "
            "0.5 or more to one with hardly any, your dx does not change in the same proportion.",
        ),
        Check(
            id="features_apart",
            question="Does a feature's dx stay as it is when dy changes in other features?",
            points=2,
            probe=PROPERTIES,
            compare=("change of dx in a feature whose dy is the same",),
            function="batchnorm_backward",
            tolerance=1e-9,
            absolute=True,
            hint="Features have nothing to do with each other in batch norm, but here the dy of some "
            "changes the dx of another. Each sum goes over the samples of one feature.",
        ),
        Check(
            id="whole",
            question="Are dx, dgamma and dbeta right with everything at work together?",
            points=3,
            probe=ALL,
            compare=("dx", "dgamma", "dbeta"),
            function="batchnorm_backward",
            tolerance=1e-9,
            hint="Not every gradient is right on caches with any gamma and eps, where samples and "
            "features differ in number. Settle the questions before this one first; then look at what "
            "multiplies all of dx.",
        ),
        Check(
            id="shapes",
            question="Has dx the shape (N, D), and have dgamma and dbeta the shape (D,)?",
            points=1,
            probe=ALL,
            compare=("shape of dx", "shape of dgamma", "shape of dbeta"),
            function="batchnorm_backward",
            hint="A gradient has the shape of its variable: (N, D) for dx, (D,) for dgamma and dbeta.",
        ),
        Check(
            id="untouched",
            question="Are dy and the cache the same after the call as before it?",
            points=1,
            probe=PARAMETERS,
            compare=("dy is unchanged", "cache is unchanged"),
            function="batchnorm_backward",
            hint="The function has changed dy or the cache, which are its caller's. Compute in new arrays.",
        ),
    ),
)
