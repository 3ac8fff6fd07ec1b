"""The backward pass of batch normalization of x (N, D): stages, closed form, differences."""

import numpy as np


def backward_stages(dy, cache):
    """Return the gradient with respect to every variable of the forward pass.

    Args:
        dy: (N, D) array, the gradient with respect to y.
        cache: dict of x (N, D), x_hat (N, D), mean (D,), var (D,), inv_std (D,), gamma (D,) and
            eps, as `dense.batchnorm_forward` makes it.

    Returns:
        A dict of dbeta (D,), dgamma (D,), dx_hat (N, D), dvar (D,), dmean (D,), dx (N, D), all
        float64, computed in this order: the reverse of the forward pass.

    Source: Ioffe and Szegedy 2015, section 3, the equations after Algorithm 1.
    """
    dy, x, x_hat, mean, inv_std, gamma = wide(dy, cache, "x", "x_hat", "mean", "inv_std", "gamma")
    samples = dy.shape[0]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx_hat = dy * gamma
    dvar = -0.5 * inv_std**3 * (dx_hat * (x - mean)).sum(axis=0)
    dmean = -inv_std * dx_hat.sum(axis=0)  # through var comes nothing: x - mean adds up to 0
    dx = dx_hat * inv_std + dvar * 2 * (x - mean) / samples + dmean / samples
    return {
        "dbeta": dbeta,
        "dgamma": dgamma,
        "dx_hat": dx_hat,
        "dvar": dvar,
        "dmean": dmean,
        "dx": dx,
    }


def batchnorm_backward(dy, cache):
    """Return the gradients with respect to x, gamma and beta, in closed form.

    Args:
        dy: (N, D) array, the gradient with respect to y.
        cache: dict of x_hat (N, D), inv_std (D,) and gamma (D,) at least, as
            `dense.batchnorm_forward` makes it.

    Returns:
        dx (N, D), dgamma (D,), dbeta (D,), all float64.

    Source: the equations of Ioffe and Szegedy 2015, section 3, put into one another.
    """
    dy, x_hat, inv_std, gamma = wide(dy, cache, "x_hat", "inv_std", "gamma")
    samples = dy.shape[0]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dbeta / samples - x_hat * dgamma / samples)
    return dx, dgamma, dbeta


def numerical_gradient(f, x, dy, h=1e-5):
    """Return the gradient of sum(f(x) * dy) with respect to x by central differences.

    Args:
        f: function of an array of x's shape that returns an array of dy's shape.
        x: float64 array.
        dy: float64 array, the weights of the sum.
        h: the step, a float > 0.

    Returns:
        dx, a float64 array of x's shape.
    """
    dx = np.empty_like(x)
    for place in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[place] += h
        below[place] -= h
        dx[place] = ((f(above) - f(below)) * dy).sum() / (2 * h)
    return dx


def wide(dy, cache, *names):
    """Return dy and the named entries of the cache as float64 arrays."""
    return [np.asarray(a, dtype=np.float64) for a in (dy, *(cache[name] for name in names))]
