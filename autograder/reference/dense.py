"""Batch normalization of x (N, D): one statistic for each feature, taken over the batch."""

import numpy as np


def batch_statistics(x):
    """Return the mean and the biased variance of each feature over the batch.

    Args:
        x: (N, D) array of a floating dtype, N >= 1.

    Returns:
        mean (D,), var (D,), both of x's dtype; computed in float64, in two passes.

    Source: Ioffe and Szegedy 2015, Algorithm 1, lines 1-2.
    """
    wide = np.asarray(x, dtype=np.float64)
    mean = wide.mean(axis=0)
    var = ((wide - mean) ** 2).mean(axis=0)  # biased: 1/M
    return mean.astype(x.dtype), var.astype(x.dtype)


def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Return the statistics of two batches together, from the statistics of each.

    Args:
        count_a, count_b: samples in each part, ints >= 0, not both 0.
        mean_a, mean_b: (D,) means of the parts; those of an empty part are ignored.
        var_a, var_b: (D,) biased variances of the parts; likewise.

    Returns:
        count, mean (D,), var (D,) of the union; var is biased.

    Source: Chan, Golub and LeVeque 1983, equations 2.1.
    """
    count = count_a + count_b
    delta = mean_b - mean_a
    mean = mean_a + delta * (count_b / count)
    within = count_a * var_a + count_b * var_b
    between = delta**2 * (count_a * count_b / count)
    return count, mean, (within + between) / count


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Normalize each feature over the batch, then scale and shift it.

    Args:
        x: (N, D) array of a floating dtype, N >= 1.
        gamma, beta: (D,) arrays of x's dtype.
        eps: added to the variance inside the root, a float > 0.

    Returns:
        y (N, D) of x's dtype, and the cache: a dict of x, x_hat, mean, var, inv_std, gamma, eps
        in float64.

    Source: Ioffe and Szegedy 2015, Algorithm 1.
    """
    wide = np.asarray(x, dtype=np.float64)
    mean = wide.mean(axis=0)
    var = ((wide - mean) ** 2).mean(axis=0)
    inv_std = 1.0 / np.sqrt(var + eps)
    x_hat = (wide - mean) * inv_std
    y = gamma * x_hat + beta
    cache = {
        "x": wide,
        "x_hat": x_hat,
        "mean": mean,
        "var": var,
        "inv_std": inv_std,
        "gamma": np.asarray(gamma, dtype=np.float64),
        "eps": eps,
    }
    return y.astype(x.dtype), cache
