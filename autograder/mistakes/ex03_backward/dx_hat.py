"""Stages whose dx_hat is wrong."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "gamma_absent",
    fails="dx_hat whole",
    hint="gamma is missing in dx_hat, which is dy itself. y = gamma * x_hat + beta.",
)
def backward_stages(dy, cache):
    """Leaves gamma out of dx_hat."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy.copy()
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "gamma_twice_in_dx_hat",
    fails="dx_hat whole",
    hint="gamma enters dx_hat twice. It enters y once.",
)
def backward_stages(dy, cache):
    """Multiplies dx_hat by gamma twice."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"] ** 2
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "gamma_inverted",
    fails="dx_hat whole",
    hint="dy is divided by gamma. The derivative of gamma * x_hat by x_hat is gamma: multiply.",
)
def backward_stages(dy, cache):
    """Divides by gamma."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy / cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "gamma_absolute",
    fails="dx_hat whole",
    hint="The sign of gamma is lost. A negative gamma reverses the gradient.",
)
def backward_stages(dy, cache):
    """Loses the sign of gamma."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * np.abs(cache["gamma"])
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "gamma_by_row",
    fails="dx_hat whole shapes",
    hint="gamma is laid along the samples. It has one number for each feature, the last axis of "
    "dy.",
)
def backward_stages(dy, cache):
    """Lays gamma along the samples."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"][:, None]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dx_hat_times_x_hat",
    fails="dx_hat whole",
    hint="dx_hat is multiplied by x_hat. That belongs to dgamma; the derivative of gamma * x_hat "
    "by x_hat is gamma.",
)
def backward_stages(dy, cache):
    """Multiplies dx_hat by x_hat."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"] * cache["x_hat"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dx_hat_times_inv_std",
    fails="dx_hat whole",
    hint="dx_hat is multiplied by inv_std already, which belongs to the step from x_hat to x.",
)
def backward_stages(dy, cache):
    """Multiplies dx_hat by inv_std."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"] * cache["inv_std"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)
