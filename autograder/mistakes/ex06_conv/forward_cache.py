"""Forward passes whose cache is wrong, or that change their arguments."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "cache_holds_y",
    fails="forward_cache",
    hint="The cache's x_hat is y, with gamma and beta in it. x_hat is what is there before them.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Keeps y in place of x_hat."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": y, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "cache_holds_centred",
    fails="forward_cache",
    hint="The cache's x_hat is x - mean, which is not divided yet. x_hat is the normalized x.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Keeps x - mean in place of x_hat."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x - mean, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "cache_holds_std",
    fails="forward_cache",
    hint="The cache's inv_std is the root of var + eps itself. inv_std is 1 over it.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Keeps the standard deviation in place of its inverse."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": 1 / inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "cache_holds_variance",
    fails="forward_cache",
    hint="The cache's inv_std is the variance. inv_std is 1 over the root of var + eps.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Keeps the variance in place of inv_std."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": var.reshape(-1), "gamma": gamma}


@mistake(
    "cache_without_eps",
    fails="forward_cache",
    hint="The cache's inv_std leaves eps out, which the forward pass used. Keep the very factor "
    "that x - mean was multiplied by.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Keeps an inv_std without eps."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": 1 / np.sqrt(var.reshape(-1)), "gamma": gamma}


@mistake(
    "cache_inv_std_with_gamma",
    fails="forward_cache",
    hint="The cache's inv_std has gamma in it. gamma has an entry of its own.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Keeps gamma * inv_std in place of inv_std."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": gamma * inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "cache_gamma_with_inv_std",
    fails="forward_cache",
    hint="The cache's gamma has inv_std in it. inv_std has an entry of its own; gamma is kept as it "
    "came.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Keeps gamma * inv_std in place of gamma."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    inv_std = inv_std.reshape(-1)
    return y, {"x_hat": x_hat, "inv_std": inv_std, "gamma": gamma * inv_std}


@mistake(
    "beta_in_place",
    fails="forward_untouched",
    hint="The caller's beta is changed in place. Compute in a new array.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Folds the mean into beta in place."""
    mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
    inv_std = 1 / np.sqrt(var + eps)
    beta -= gamma * mean * inv_std
    y = (gamma * inv_std)[:, None, None] * x + beta[:, None, None]
    x_hat = (x - mean[:, None, None]) * inv_std[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std, "gamma": gamma}


@mistake(
    "cache_keeps_axes",
    fails="forward_cache",
    hint="inv_std is in the cache with the axes that were reduced kept, as 1. Its shape there is "
    "(C,).",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Keeps inv_std in the shape (1, C, 1, 1)."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std, "gamma": gamma}


@mistake(
    "cache_is_a_tuple",
    fails="forward_cache",
    hint="The cache is no dict with the entries x_hat, inv_std and gamma.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Returns a tuple as its cache."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, (x_hat, inv_std.reshape(-1), gamma)


@mistake(
    "cache_holds_beta",
    fails="forward_cache",
    hint="The cache's gamma is beta. The backward pass needs gamma; beta it does not need.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Keeps beta in place of gamma."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": beta}


@mistake(
    "centres_in_place",
    fails="forward_untouched",
    hint="The caller's x is changed in place. Write the centred values to a new array.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Centres x in place."""
    x -= x.mean(axis=(0, 2, 3), keepdims=True)
    inv_std = 1 / np.sqrt((x**2).mean(axis=(0, 2, 3), keepdims=True) + eps)
    x_hat = x * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "scales_gamma_in_place",
    fails="forward_untouched",
    hint="The caller's gamma is changed in place. Compute in a new array.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Multiplies gamma by inv_std in place."""
    inv_std, kept = 1 / np.sqrt(x.var(axis=(0, 2, 3)) + eps), gamma.copy()
    centred = x - x.mean(axis=(0, 2, 3), keepdims=True)
    gamma *= inv_std
    y = gamma[:, None, None] * centred + beta[:, None, None]
    return y, {"x_hat": centred * inv_std[:, None, None], "inv_std": inv_std, "gamma": kept}
