"""Batch norm of images x (N, C, H, W), and its cousins, which differ in their axes only."""

import numpy as np


def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Normalize each channel over samples, rows and columns, then scale and shift it.

    Args:
        x: (N, C, H, W) array, float64.
        gamma, beta: (C,) arrays, float64.
        eps: added to the variance inside the root, a float > 0.

    Returns:
        y (N, C, H, W), and the cache: a dict of x_hat (N, C, H, W), inv_std (C,), gamma (C,).

    Source: Ioffe and Szegedy 2015, Section 3.2.
    """
    mean = x.mean(axis=(0, 2, 3))
    centred = x - per_channel(mean)
    var = (centred**2).mean(axis=(0, 2, 3))  # biased: 1/M, M = N * H * W
    inv_std = 1.0 / np.sqrt(var + eps)
    x_hat = centred * per_channel(inv_std)
    y = per_channel(gamma) * x_hat + per_channel(beta)
    return y, {"x_hat": x_hat, "inv_std": inv_std, "gamma": gamma}


def batchnorm2d_backward(dy, cache):
    """Return the gradients of batch normalization of images.

    Args:
        dy: (N, C, H, W) array, float64: the gradient with respect to y.
        cache: dict of x_hat (N, C, H, W), inv_std (C,), gamma (C,).

    Returns:
        dx (N, C, H, W), dgamma (C,), dbeta (C,).

    Source: the closed form of Ioffe and Szegedy 2015, Section 3, with M = N * H * W.
    """
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    n, _, h, w = dy.shape
    samples = n * h * w
    dbeta = dy.sum(axis=(0, 2, 3))
    dgamma = (dy * x_hat).sum(axis=(0, 2, 3))
    mean_part = per_channel(dbeta / samples)
    variance_part = x_hat * per_channel(dgamma / samples)
    dx = per_channel(gamma * inv_std) * (dy - mean_part - variance_part)
    return dx, dgamma, dbeta


def normalize(x, axes, eps=1e-5):
    """Subtract the mean over the given axes and divide by the root of variance plus eps.

    Args:
        x: array of any number of axes, float64.
        axes: tuple of the axes over which a statistic is taken. For x (N, C, H, W): (0, 2, 3) is
            batch norm, (1, 2, 3) layer norm, (2, 3) instance norm.
        eps: added to the variance inside the root, a float > 0.

    Returns:
        x_hat, of x's shape.

    Source: Wu and He 2018, Section 3.1, equations 1 and 2.
    """
    centred = x - x.mean(axis=axes, keepdims=True)
    var = (centred**2).mean(axis=axes, keepdims=True)
    return centred / np.sqrt(var + eps)


def group_norm(x, groups, eps=1e-5):
    """Normalize each group of neighbouring channels of each sample.

    Args:
        x: (N, C, H, W) array, float64.
        groups: how many groups, an int >= 1 that divides C.
        eps: added to the variance inside the root, a float > 0.

    Returns:
        x_hat (N, C, H, W).

    Source: Wu and He 2018, Section 3.1, equation 7.
    """
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)  # (N, G, C / G, H, W)
    return normalize(grouped, (2, 3, 4), eps).reshape(x.shape)  # (N, C, H, W)


def per_channel(values):
    """Return values (C,) in the shape (1, C, 1, 1), which broadcasts against images."""
    return values.reshape(1, -1, 1, 1)
