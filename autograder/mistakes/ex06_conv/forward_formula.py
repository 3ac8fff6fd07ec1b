"""Forward passes whose formula is wrong, or gamma and beta."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


# --- wrong: the forward pass, the formula --------------------------------------------------------


@mistake(
    "divides_by_n",
    fails="forward_normalized forward_whole",
    hint="The sum of squares is divided by N, the number of samples in the batch. A channel has "
    "M = N * H * W values: divide by that.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Divides the sum of squares by N."""
    mean = x.mean(axis=(0, 2, 3), keepdims=True)
    var = ((x - mean) ** 2).sum(axis=(0, 2, 3), keepdims=True) / x.shape[0]
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "divides_by_pixels",
    fails="forward_normalized forward_whole",
    hint="The sum of squares is divided by H * W, the pixels of one image. A channel has M = N * "
    "H * W values: divide by that.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Divides the sum of squares by H * W."""
    mean = x.mean(axis=(0, 2, 3), keepdims=True)
    var = ((x - mean) ** 2).sum(axis=(0, 2, 3), keepdims=True) / (x.shape[2] * x.shape[3])
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "mean_divided_by_n",
    fails="forward_normalized forward_whole",
    hint="The sum of a channel's values is divided by N, which is not its mean: there are M = N "
    "* H * W of them.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Divides both sums by N."""
    n = x.shape[0]
    mean = x.sum(axis=(0, 2, 3), keepdims=True) / n
    var = ((x - mean) ** 2).sum(axis=(0, 2, 3), keepdims=True) / n
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "unbiased",
    fails="forward_normalized forward_whole",
    hint="The variance is divided by M - 1. Training normalizes with the biased variance: divide "
    "by M = N * H * W.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Normalizes with the unbiased variance."""
    mean = x.mean(axis=(0, 2, 3), keepdims=True)
    var = x.var(axis=(0, 2, 3), keepdims=True, ddof=1)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "divides_by_variance",
    fails="forward_normalized forward_eps forward_whole",
    hint="x - mean is divided by the variance plus eps, not by the root of that.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Divides by the variance."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / (var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "not_centred",
    fails="forward_normalized forward_whole",
    hint="The mean is not subtracted. First centre each channel, then scale it.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Forgets to subtract the mean."""
    axes = (0, 2, 3)
    var = x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = x * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "eps_outside_root",
    fails="forward_eps forward_whole",
    hint="eps is added to the standard deviation, outside the root. It joins the variance.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Adds eps to the standard deviation."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / (np.sqrt(var) + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "no_eps",
    fails="forward_eps forward_whole",
    hint="eps is not used. Without it a channel of zero variance divides by zero.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Leaves eps out."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "eps_hard_coded",
    fails="forward_eps forward_whole",
    hint="eps is always 1e-5, whatever the caller passes. Use the argument.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Always uses 1e-5."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + 1e-5)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "eps_default_1e_3",
    fails="forward_eps",
    hint="When eps is left out, 1e-3 is used, which is Keras's default. Here it is 1e-5.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-3):
    """Has Keras's default eps."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "eps_as_floor",
    fails="forward_whole",
    hint="eps is used as a lower bound of the variance. It is always added.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Uses eps as a lower bound of the variance."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(np.maximum(var, eps))
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


# --- wrong: the forward pass, gamma and beta -----------------------------------------------------


@mistake(
    "gamma_on_last_axis",
    fails="forward_affine forward_whole",
    hint="gamma and beta have the shape (C,), which broadcasts along the last axis, W: each "
    "column gets its own instead of each channel. Give them a shape in which C is axis 1.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Lets gamma and beta broadcast along the last axis."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma * x_hat + beta
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "beta_on_last_axis",
    fails="forward_affine forward_whole",
    hint="gamma is right, but beta, of shape (C,), is added along the last axis, W. Give it a "
    "shape in which C is axis 1.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Lets beta alone broadcast along the last axis."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "no_gamma",
    fails="forward_affine forward_whole",
    hint="x_hat is not multiplied by gamma: each channel is scaled by its gamma, then shifted "
    "by its beta.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Leaves gamma out."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "no_beta",
    fails="forward_affine forward_whole",
    hint="beta is not added: each channel is scaled, then shifted by its beta.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Leaves beta out."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "shift_before_scale",
    fails="forward_affine forward_whole",
    hint="beta is added before the multiplication by gamma. Scale first, then shift.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Adds beta before it multiplies."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * (x_hat + beta[:, None, None])
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "gamma_beta_swapped",
    fails="forward_normalized forward_affine forward_eps forward_cache forward_whole",
    hint="gamma and beta look swapped: with gamma = 1 and beta = 0, y has one value "
    "everywhere. gamma multiplies x_hat, beta is added.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Swaps gamma and beta."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = beta[:, None, None] * x_hat + gamma[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "first_gamma_for_all",
    fails="forward_affine forward_whole",
    hint="The first gamma and the first beta are used for all channels. Each channel has its own.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Uses one gamma and one beta for all channels."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[0] * x_hat + beta[0]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "gamma_magnitude",
    fails="forward_affine forward_whole",
    hint="The sign of gamma is lost. gamma may be negative; it multiplies x_hat as it is.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Uses the magnitude of gamma."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = np.abs(gamma)[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}
