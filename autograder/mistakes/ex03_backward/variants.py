"""Stages that are right, in unusual ways."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
variant = CATALOGUE.variant


@variant("einsum")
def backward_stages(dy, cache):
    """Sums by einsum."""
    m, r, x_hat = dy.shape[0], cache["inv_std"], cache["x_hat"]
    dx_hat = np.einsum("nd,d->nd", dy, cache["gamma"])
    dvar = -np.einsum("nd,nd,d,d->d", dx_hat, x_hat, r, r) / 2
    dmean = -np.einsum("nd,d->d", dx_hat, r)
    dx = dx_hat * r + np.einsum("d,nd->nd", dvar, x_hat / r) * (2 / m) + dmean / m
    return {
        "dx": dx,
        "dmean": dmean,
        "dvar": dvar,
        "dx_hat": dx_hat,
        "dgamma": np.einsum("nd,nd->d", dy, x_hat),
        "dbeta": np.einsum("nd->d", dy),
    }


@variant("loops")
def backward_stages(dy, cache):
    """Loops over features and samples."""
    n, d = dy.shape
    x, mean, var, gamma, eps = (cache[k] for k in ("x", "mean", "var", "gamma", "eps"))
    out = {"dx_hat": np.zeros((n, d)), "dx": np.zeros((n, d))}
    out |= {name: np.zeros(d) for name in ("dvar", "dmean", "dgamma", "dbeta")}
    for j in range(d):
        std = (var[j] + eps) ** 0.5
        for i in range(n):
            out["dbeta"][j] += dy[i, j]
            out["dgamma"][j] += dy[i, j] * (x[i, j] - mean[j]) / std
            out["dx_hat"][i, j] = dy[i, j] * gamma[j]
            out["dvar"][j] -= out["dx_hat"][i, j] * (x[i, j] - mean[j]) / (2 * std**3)
            out["dmean"][j] -= out["dx_hat"][i, j] / std
        for i in range(n):
            through_var = out["dvar"][j] * 2 * (x[i, j] - mean[j]) / n
            out["dx"][i, j] = out["dx_hat"][i, j] / std + through_var + out["dmean"][j] / n
    return out


@variant("transposed")
def backward_stages(dy, cache):
    """Works on the transpose with keepdims, and returns views."""
    g, centred = dy.T, cache["x"].T - cache["mean"][:, None]
    m, r = g.shape[1], cache["inv_std"][:, None]
    dx_hat = g * cache["gamma"][:, None]
    dvar = np.sum(dx_hat * centred, axis=1, keepdims=True) * (-(r**3) / 2)
    dmean = np.sum(-dx_hat * r, axis=1, keepdims=True)
    dx = dx_hat * r + dvar * 2 / m * centred + dmean / m
    columns = {"dvar": dvar, "dmean": dmean, "dgamma": (g * centred * r).sum(1, keepdims=True)}
    columns["dbeta"] = g.sum(1, keepdims=True)
    return {k: v[:, 0] for k, v in columns.items()} | {"dx_hat": dx_hat.T, "dx": dx.T}


@variant("fine_graph")
def backward_stages(dy, cache):
    """Takes one elementary operation at a time, in reverse."""
    m = dy.shape[0]
    centred = cache["x"] - cache["mean"]
    std = np.sqrt(cache["var"] + cache["eps"])
    dbeta = dy.sum(axis=0)
    dgamma = (dy * centred / std).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dinv_std = (dx_hat * centred).sum(axis=0)
    dcentred = dx_hat / std
    dstd = dinv_std * (-1 / std**2)
    dvar = dstd * 0.5 / std
    dcentred = dcentred + 2 / m * centred * dvar
    dmean = -dcentred.sum(axis=0)
    dx = dcentred + dmean / m
    return dict(dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx, dgamma=dgamma, dbeta=dbeta)


@variant("zero_term_kept")
def backward_stages(dy, cache):
    """Keeps the part of dmean that comes through var."""
    m = dy.shape[0]
    x_mu = cache["x"] - cache["mean"]
    dx_hat = cache["gamma"] * dy
    dvar = np.sum(dx_hat * x_mu * -0.5 * (cache["var"] + cache["eps"]) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -cache["inv_std"], axis=0) + dvar * np.sum(-2 * x_mu, axis=0) / m
    dx = dx_hat * cache["inv_std"] + dvar * 2 * x_mu / m + dmean / m
    dgamma = np.sum(dy * cache["x_hat"], axis=0)
    return dict(dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx, dgamma=dgamma, dbeta=sum(dy))


@variant("closed_form_at_the_end")
def backward_stages(dy, cache):
    """Writes dx in closed form, beside stages that it does not need."""
    m, r, gamma, x_hat = len(dy), cache["inv_std"], cache["gamma"], cache["x_hat"]
    dbeta, dgamma = dy.sum(0), (dy * x_hat).sum(0)
    dx = gamma * r / m * (m * dy - dbeta - x_hat * dgamma)
    dvar, dmean = -0.5 * gamma * dgamma * r**2, -gamma * dbeta * r
    return dict(dx_hat=gamma * dy, dvar=dvar, dmean=dmean, dx=dx, dgamma=dgamma, dbeta=dbeta)


@variant("jacobians")
def backward_stages(dy, cache):
    """Multiplies by the matrices of derivatives, feature by feature."""
    m, d = dy.shape
    ones, names = np.ones(m), ("dx_hat", "dvar", "dmean", "dx", "dgamma", "dbeta")
    rows = []
    for j in range(d):
        r, g, c = cache["inv_std"][j], dy[:, j], (cache["x"] - cache["mean"])[:, j]
        dx_hat = cache["gamma"][j] * np.eye(m) @ g
        dvar = -0.5 * r**3 * c @ dx_hat
        dmean = -r * ones @ dx_hat
        dx = r * np.eye(m) @ dx_hat + 2 / m * c * dvar + ones / m * dmean
        rows.append((dx_hat, dvar, dmean, dx, g @ (r * c), g @ ones))
    return {
        name: np.stack(row, axis=-1)
        for name, row in zip(names, zip(*rows, strict=True), strict=True)
    }


@variant("from_x_only")
def backward_stages(dy, cache):
    """Uses x, gamma and eps of the cache, and computes the rest again."""
    x = cache["x"]
    centred = x - np.average(x, axis=0)
    variance = np.average(centred * centred, axis=0) + cache["eps"]
    root = np.sqrt(variance)
    grad = {"dbeta": np.add.reduce(dy), "dx_hat": np.multiply(dy, cache["gamma"])}
    grad["dgamma"] = np.add.reduce(dy * centred) / root
    grad["dvar"] = np.add.reduce(grad["dx_hat"] * centred) / (-2 * variance * root)
    grad["dmean"] = np.add.reduce(grad["dx_hat"]) / -root
    through_var = 2 * centred * grad["dvar"] / len(x)
    grad["dx"] = grad["dx_hat"] / root + through_var + grad["dmean"] / len(x)
    return grad
