"""All four functions, right in unusual ways."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
variant = CATALOGUE.variant


@variant("forward_loops")
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Loops over the channels; returns a list."""
    y, x_hat, inv_std = np.zeros_like(x), np.zeros_like(x), np.zeros_like(gamma)
    for c in range(x.shape[1]):
        values = x[:, c].ravel()
        mean = sum(values) / len(values)
        var = sum((value - mean) ** 2 for value in values) / len(values)
        inv_std[c] = 1 / (var + eps) ** 0.5
        x_hat[:, c] = (x[:, c] - mean) * inv_std[c]
        y[:, c] = gamma[c] * x_hat[:, c] + beta[c]
    return [y, {"x_hat": x_hat, "inv_std": inv_std, "gamma": gamma}]


@variant("forward_moved")
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Moves the channels last, reshapes, and undoes both; keeps a view."""
    moved = np.moveaxis(x, 1, -1)
    rows = moved.reshape(-1, x.shape[1])
    mean, var = rows.mean(axis=0), rows.var(axis=0)
    inv_std = 1 / np.sqrt(var + eps)
    rows = (rows - mean) * inv_std
    y = np.moveaxis((gamma * rows + beta).reshape(moved.shape), -1, 1)
    x_hat = np.moveaxis(rows.reshape(moved.shape), -1, 1)
    return y, {"x_hat": x_hat, "inv_std": inv_std, "gamma": gamma}


@variant("forward_einsum")
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Sums by einsum."""
    m = x.size / x.shape[1]
    centred = x - np.einsum("nchw->c", x)[None, :, None, None] / m
    var = np.einsum("nchw,nchw->c", centred, centred) / m
    inv_std = (var + eps) ** -0.5
    x_hat = np.einsum("nchw,c->nchw", centred, inv_std)
    y = np.einsum("nchw,c->nchw", x_hat, gamma) + beta.reshape(1, -1, 1, 1)
    return y, {"x_hat": x_hat, "inv_std": inv_std, "gamma": gamma}


@variant("forward_folded")
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Folds everything into one scale and one shift; keeps more than is asked for."""
    mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
    inv_std = 1 / np.sqrt(var + eps)
    scale = gamma * inv_std
    shift = beta - mean * scale
    y = x * scale[:, None, None] + shift[:, None, None]
    x_hat = (x - mean[:, None, None]) * inv_std[:, None, None]
    cache = {"x_hat": x_hat, "inv_std": inv_std, "gamma": gamma.copy()}
    cache["more"] = None
    return y, cache


@variant("forward_one_pass")
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Takes the variance as E[x^2] - E[x]^2."""
    mean = x.mean(axis=(0, 2, 3), keepdims=True)
    var = (x * x).mean(axis=(0, 2, 3), keepdims=True) - mean * mean
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = x_hat * gamma[None, :, None, None] + beta[None, :, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.ravel(), "gamma": gamma}


@variant("forward_merged")
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Merges the statistics of the samples."""
    means, variances = x.mean(axis=(2, 3)), x.var(axis=(2, 3))
    mean = means.mean(axis=0)
    var = variances.mean(axis=0) + means.var(axis=0)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean[:, None, None]) * inv_std[:, None, None]
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std, "gamma": gamma}


@variant("forward_broadcast")
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Spreads gamma and beta over whole images; works on the transpose."""
    t = x.transpose(0, 2, 3, 1)
    mean, std = t.mean(axis=(0, 1, 2)), np.sqrt(t.var(axis=(0, 1, 2)) + eps)
    x_hat = ((t - mean) / std).transpose(0, 3, 1, 2)
    wide_gamma = np.broadcast_to(gamma.reshape(-1, 1, 1), x.shape)
    wide_beta = np.broadcast_to(beta.reshape(-1, 1, 1), x.shape)
    return wide_gamma * x_hat + wide_beta, {"x_hat": x_hat, "inv_std": 1 / std, "gamma": gamma}


@variant("backward_staged")
def batchnorm2d_backward(dy, cache):
    """Goes back step by step, through dx_hat, dvar and dmean."""
    gamma, inv_std, x_hat = cache["gamma"], cache["inv_std"], cache["x_hat"]
    m = dy.size / dy.shape[1]
    r = inv_std[:, None, None]
    centred = x_hat / r
    dx_hat = dy * gamma[:, None, None]
    dvar = (dx_hat * centred).sum(axis=(0, 2, 3)) * -0.5 * inv_std**3
    dmean = -(dx_hat * r).sum(axis=(0, 2, 3))  # the part by dvar is 0
    dx = dx_hat * r + 2 * dvar[:, None, None] * centred / m + dmean[:, None, None] / m
    return dx, (dy * x_hat).sum(axis=(0, 2, 3)), dy.sum(axis=(0, 2, 3))


@variant("backward_two_means")
def batchnorm2d_backward(dy, cache):
    """Subtracts two means from dx_hat."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    dx_hat = dy * gamma.reshape(1, -1, 1, 1)
    first = dx_hat.mean(axis=(0, 2, 3), keepdims=True)
    second = (dx_hat * x_hat).mean(axis=(0, 2, 3), keepdims=True)
    dx = inv_std.reshape(1, -1, 1, 1) * (dx_hat - first - x_hat * second)
    return dx, np.einsum("nchw,nchw->c", dy, x_hat), np.einsum("nchw->c", dy)


@variant("backward_jacobian")
def batchnorm2d_backward(dy, cache):
    """Multiplies by the Jacobian of each channel; returns a list."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    dx, dgamma, dbeta = np.zeros(dy.shape), np.zeros(len(gamma)), np.zeros(len(gamma))
    for c in range(dy.shape[1]):
        hat, up = x_hat[:, c].ravel(), dy[:, c].ravel()
        m = len(hat)
        jacobian = np.eye(m) - np.ones((m, m)) / m - np.outer(hat, hat) / m
        dx[:, c] = (gamma[c] * inv_std[c] * jacobian @ up).reshape(dy[:, c].shape)
        dgamma[c], dbeta[c] = up @ hat, up.sum()
    return [dx, dgamma, dbeta]


@variant("backward_moved")
def batchnorm2d_backward(dy, cache):
    """Moves the channels last and uses the formula for (M, C); returns a view."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    moved = np.moveaxis(dy, 1, -1)
    rows = moved.reshape(-1, len(gamma))
    hats = np.moveaxis(x_hat, 1, -1).reshape(-1, len(gamma))
    dbeta, dgamma = rows.sum(axis=0), (rows * hats).sum(axis=0)
    dx = gamma * inv_std / len(rows) * (len(rows) * rows - dbeta - hats * dgamma)
    return np.moveaxis(dx.reshape(moved.shape), -1, 1), dgamma, dbeta


@variant("backward_channel_first")
def batchnorm2d_backward(dy, cache):
    """Works on (C, M) with sums by matrix products."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    c = dy.shape[1]
    first = dy.swapaxes(0, 1)
    up, hat = first.reshape(c, -1), x_hat.swapaxes(0, 1).reshape(c, -1)
    m = up.shape[1]
    dbeta = up @ np.ones(m)
    dgamma = (up * hat) @ np.ones(m)
    inner = up - (dbeta[:, None] + hat * dgamma[:, None]) / m
    dx = (gamma * inv_std)[:, None] * inner
    return dx.reshape(first.shape).swapaxes(0, 1), dgamma, dbeta


@variant("normalize_flattened")
def normalize(x, axes, eps=1e-5):
    """Moves the axes to the end and flattens them."""
    moved = np.moveaxis(x, axes, range(-len(axes), 0))
    flat = moved.reshape(*moved.shape[: -len(axes)], -1)
    centred = flat - flat.mean(axis=-1, keepdims=True)
    flat = centred / np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + eps)
    return np.moveaxis(flat.reshape(moved.shape), range(-len(axes), 0), axes)


@variant("normalize_loops")
def normalize(x, axes, eps=1e-5):
    """Handles one set of values after the other."""
    x_hat = np.zeros(x.shape)
    kept = [1 if axis in axes else size for axis, size in enumerate(x.shape)]
    for place in np.ndindex(*kept):
        part = tuple(slice(None) if axis in axes else i for axis, i in enumerate(place))
        values = x[part]
        x_hat[part] = (values - values.mean()) / (values.var() + eps) ** 0.5
    return x_hat


@variant("normalize_expanded")
def normalize(x, axes, eps=1e-5):
    """Takes plain statistics and puts the axes back afterwards."""
    mean, var = x.mean(axis=axes), x.var(axis=axes)
    mean, var = np.expand_dims(mean, axes), np.expand_dims(var, axes)
    return (x - mean) * (var + eps) ** -0.5


@variant("normalize_one_pass")
def normalize(x, axes, eps=1e-5):
    """Takes the variance as E[x^2] - E[x]^2, one axis of the mean after the other."""
    mean, square = x, x * x
    for axis in axes:
        mean, square = mean.mean(axis=axis, keepdims=True), square.mean(axis=axis, keepdims=True)
    return (x - mean) / np.sqrt(square - mean * mean + eps)


@variant("group_loops")
def group_norm(x, groups, eps=1e-5):
    """Loops over samples and groups."""
    size = x.shape[1] // groups
    x_hat = np.zeros(x.shape)
    for n in range(x.shape[0]):
        for start in range(0, x.shape[1], size):
            block = x[n, start : start + size]
            x_hat[n, start : start + size] = (block - block.mean()) / np.sqrt(block.var() + eps)
    return x_hat


@variant("group_split")
def group_norm(x, groups, eps=1e-5):
    """Splits the channels and puts the pieces together again."""
    pieces = []
    for block in np.split(x, groups, axis=1):
        mean, var = block.mean(axis=(1, 2, 3)), block.var(axis=(1, 2, 3))
        pieces.append((block - mean[:, None, None, None]) / np.sqrt(var + eps)[:, None, None, None])
    return np.concatenate(pieces, axis=1)


@variant("group_rows")
def group_norm(x, groups, eps=1e-5):
    """Makes a row of each group of each sample."""
    rows = x.reshape(x.shape[0] * groups, -1)
    centred = rows - rows.mean(axis=1, keepdims=True)
    var = np.einsum("rm,rm->r", centred, centred) / rows.shape[1]
    return (centred / np.sqrt(var + eps)[:, None]).reshape(x.shape)


@variant("group_repeated")
def group_norm(x, groups, eps=1e-5):
    """Merges the channels' statistics, and repeats those of a group for each of its channels."""
    n, c = x.shape[:2]
    size = c // groups
    means, variances = x.mean(axis=(2, 3)), x.var(axis=(2, 3))
    means, variances = means.reshape(n, groups, size), variances.reshape(n, groups, size)
    mean, var = means.mean(axis=2), variances.mean(axis=2) + means.var(axis=2)
    mean, var = np.repeat(mean, size, axis=1), np.repeat(var, size, axis=1)
    return (x - mean[:, :, None, None]) / np.sqrt(var + eps)[:, :, None, None]
