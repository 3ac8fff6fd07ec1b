"""Stages that are wrong in several places, or in what they do besides."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "dx_divided_by_m_minus_1",
    fails="dx whole",
    hint="The path through var is divided by M - 1. The variance of the forward pass is the biased "
    "one: divide by M.",
)
def backward_stages(dy, cache):
    """Divides the path through var by M - 1."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / (m - 1) + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "divided_by_features",
    fails="whole",
    hint="M is taken to be the number of features, dy.shape[1]. It is the number of samples.",
)
def backward_stages(dy, cache):
    """Takes D for M."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = dy.shape[1]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "divided_by_size",
    fails="dx whole",
    hint="M is taken to be the number of all entries, dy.size. It is the number of samples of one "
    "feature.",
)
def backward_stages(dy, cache):
    """Takes N * D for M."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = dy.size
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "no_eps",
    fails="whole",
    hint="1 / sqrt(var) stands where 1 / sqrt(var + eps) should. Use the forward's inv_std, which "
    "the cache holds.",
)
def backward_stages(dy, cache):
    """Computes inv_std without eps."""
    centred = cache["x"] - cache["mean"]
    inv_std = 1 / np.sqrt(cache["var"])
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "eps_hard_coded",
    fails="whole",
    hint="inv_std is computed again with eps = 1e-5, whatever eps the forward pass had. The cache "
    "holds eps, and inv_std itself.",
)
def backward_stages(dy, cache):
    """Computes inv_std with 1e-5."""
    centred = cache["x"] - cache["mean"]
    inv_std = 1 / np.sqrt(cache["var"] + 1e-5)
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "eps_outside_root",
    fails="whole",
    hint="inv_std is computed again with eps outside the root. Use the forward's inv_std, which "
    "the cache holds.",
)
def backward_stages(dy, cache):
    """Computes inv_std with eps outside the root."""
    centred = cache["x"] - cache["mean"]
    inv_std = 1 / (np.sqrt(cache["var"]) + cache["eps"])
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "biased_forgotten",
    fails="dvar dmean dx whole",
    hint="inv_std is computed again with the unbiased variance. Use the forward's inv_std, which "
    "the cache holds.",
)
def backward_stages(dy, cache):
    """Computes inv_std with the unbiased variance."""
    centred = cache["x"] - cache["mean"]
    inv_std = 1 / np.sqrt(cache["x"].var(axis=0, ddof=1) + cache["eps"])
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "root_missing",
    fails="dvar dmean dx whole",
    hint="inv_std is computed again as 1 / (var + eps), without the root. Use the forward's "
    "inv_std, which the cache holds.",
)
def backward_stages(dy, cache):
    """Computes inv_std without the root."""
    centred = cache["x"] - cache["mean"]
    inv_std = 1 / (cache["var"] + cache["eps"])
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_missing",
    fails="dvar whole shapes",
    hint="The dict has no entry dvar. It has all six, also those that are needed on the way only.",
)
def backward_stages(dy, cache):
    """Leaves dvar out of the dict."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dmean=dmean, dx=dx)


@mistake(
    "dx_overwrites_dx_hat",
    fails="dx_hat whole",
    hint="dx_hat is changed after it was computed: dx is built up in the same array. Start dx as a "
    "new array.",
)
def backward_stages(dy, cache):
    """Builds dx up in the array of dx_hat."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat
    dx *= inv_std
    dx += dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "keepdims",
    fails="shapes",
    hint="The sums keep the axis that they are taken over: their shape is (1, D). The gradients of "
    "mean, var, gamma and beta have the shape (D,).",
)
def backward_stages(dy, cache):
    """Keeps the summed axis."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0, keepdims=True)
    dgamma = (dy * cache["x_hat"]).sum(axis=0, keepdims=True)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0, keepdims=True) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0, keepdims=True)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "mutates_dy",
    fails="untouched",
    hint="dy is multiplied in place, and what the caller holds has changed. dx_hat must be a new "
    "array.",
)
def backward_stages(dy, cache):
    """Multiplies dy in place."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dy *= cache["gamma"]
    dx_hat = dy
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "mutates_cache",
    fails="untouched",
    hint="The cache's x is centred in place, so the cache is not what it was. Compute x - mean in "
    "a new array.",
)
def backward_stages(dy, cache):
    """Centres the cache's x in place."""
    centred = cache["x"]
    centred -= cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "all_zero",
    fails="dbeta dgamma dx_hat dvar dmean dx whole",
    hint="All gradients are 0, as they were before anything was added to them.",
)
def backward_stages(dy, cache):
    """Returns zeros."""
    n, d = dy.shape
    both = {"dx_hat": np.zeros((n, d)), "dx": np.zeros((n, d))}
    return both | {name: np.zeros(d) for name in ("dbeta", "dgamma", "dvar", "dmean")}


@mistake(
    "a_tuple",
    fails="dbeta dgamma dx_hat dvar dmean dx whole shapes untouched",
    hint="The stages come as a tuple. Return a dict with the six names.",
)
def backward_stages(dy, cache):
    """Returns a tuple."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / len(dy) + dmean / len(dy)
    return dx_hat, dvar, dmean, dx, (dy * cache["x_hat"]).sum(axis=0), dy.sum(axis=0)
