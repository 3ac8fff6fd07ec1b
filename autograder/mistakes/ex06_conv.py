"""The catalogue of ex06_conv; C and B numbers are those of the course's list of students' mistakes."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant

# --- wrong: the forward pass, the axes -----------------------------------------------------------


@mistake(
    "over_samples",
    fails="forward_normalized forward_cache forward_whole",
    hint="The statistics are taken over the samples alone, so that each pixel has its own. A "
    "channel has one mean and one variance, over samples, rows and columns: keep axis 1, "
    "reduce all others.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """C01: reduces axis 0 only."""
    axes = 0
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "instance_norm",
    fails="forward_normalized forward_cache forward_whole",
    hint="Each channel of each sample is normalized by itself, over its pixels: that is instance "
    "norm. Batch norm takes the samples together: keep axis 1 alone, reduce all others.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """C02: reduces rows and columns only."""
    axes = (2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "layer_norm",
    fails="forward_normalized forward_cache forward_whole",
    hint="Each sample is normalized as a whole: that is layer norm. Batch norm keeps axis 1, the "
    "channels, and reduces all others.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """C03: reduces all but the samples."""
    axes = (1, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "channels_last",
    fails="forward_normalized forward_cache forward_whole",
    hint="The statistics are taken over axes 0, 1 and 2, which fits images of shape (N, H, W, "
    "C). Here the channels are axis 1: keep that one.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Takes the last axis for the channels."""
    axes = (0, 1, 2)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "whole_array",
    fails="forward_normalized forward_cache forward_whole",
    hint="One mean and one variance of the whole array are used. Each channel has its own: keep "
    "axis 1.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Uses one mean and one variance for all channels."""
    axes = (0, 1, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "over_channels",
    fails="forward_normalized forward_cache forward_whole",
    hint="The statistics are taken over the channels, axis 1. That is the axis to keep: reduce "
    "all others.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Reduces axis 1 only."""
    axes = 1
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "columns_left_out",
    fails="forward_normalized forward_cache forward_whole",
    hint="The statistics are taken over samples and rows, but each column has its own. Columns "
    "are reduced too: only axis 1 stays.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Reduces samples and rows, not columns."""
    axes = (0, 2)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "rows_left_out",
    fails="forward_normalized forward_cache forward_whole",
    hint="The statistics are taken over samples and columns, but each row has its own. Rows are "
    "reduced too: only axis 1 stays.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Reduces samples and columns, not rows."""
    axes = (0, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "statistics_on_last_axis",
    fails="forward_normalized forward_cache forward_whole",
    hint="The statistics are right, but an array of shape (C,) broadcasts along the last axis, "
    "which is W. Give mean and inv_std a shape in which C is axis 1.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Leaves mean and variance in the shape (C,)."""
    mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std, "gamma": gamma}


@mistake(
    "mean_on_last_axis",
    fails="forward_normalized forward_cache forward_whole",
    hint="The mean of shape (C,) is subtracted along the last axis, which is W. Give it a shape "
    "in which C is axis 1, as the variance has here.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Leaves the mean in the shape (C,), the variance not."""
    mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3), keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "reshaped_without_moving",
    fails="forward_normalized forward_affine forward_cache forward_whole",
    hint="x is reshaped to (-1, C) as it stands. That does not bring the channels last: it cuts the "
    "memory of neighbouring pixels into pieces of C. Move axis 1 to the end first, then reshape.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """C05: reshapes to (-1, C) without moving the axis."""
    rows = x.reshape(-1, x.shape[1])
    mean, var = rows.mean(axis=0), rows.var(axis=0)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (rows - mean) * inv_std
    y = (gamma * x_hat + beta).reshape(x.shape)
    return y, {"x_hat": x_hat.reshape(x.shape), "inv_std": inv_std, "gamma": gamma}


@mistake(
    "not_moved_back",
    fails="forward_normalized forward_affine forward_cache forward_whole",
    hint="The channels are moved to the end for the statistics, but the result is reshaped to "
    "x's shape without being moved back, which mixes pixels and channels. Undo the move "
    "after the reshape.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Reshapes the normalized rows back without moving the axis back."""
    rows = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
    mean, var = rows.mean(axis=0), rows.var(axis=0)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (rows - mean) * inv_std
    y = (gamma * x_hat + beta).reshape(x.shape)
    return y, {"x_hat": x_hat.reshape(x.shape), "inv_std": inv_std, "gamma": gamma}


@mistake(
    "returns_channels_last",
    fails="forward_normalized forward_affine forward_cache forward_whole",
    hint="y comes back with the channels last, in the shape (N, H, W, C). Move them back to axis "
    "1.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Returns (N, H, W, C)."""
    moved = x.transpose(0, 2, 3, 1)
    mean, var = moved.mean(axis=(0, 1, 2)), moved.var(axis=(0, 1, 2))
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (moved - mean) * inv_std
    return gamma * x_hat + beta, {"x_hat": x_hat, "inv_std": inv_std, "gamma": gamma}


@mistake(
    "rows_and_columns_exchanged",
    fails="forward_normalized forward_cache forward_whole",
    hint="Rows and columns come back exchanged. Whatever order the axes are brought into for the "
    "statistics, undo exactly that.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Transposes, and undoes it in another order."""
    flat = x.transpose(1, 0, 2, 3).reshape(x.shape[1], -1)
    inv_std = 1 / np.sqrt(flat.var(axis=1) + eps)
    hat = (flat - flat.mean(axis=1, keepdims=True)) * inv_std[:, None]
    n, c, h, w = x.shape
    x_hat = hat.reshape(c, n, h, w).transpose(1, 0, 2, 3)
    turned = hat.reshape(c, n, h, w).transpose(1, 0, 3, 2).reshape(x.shape)
    y = gamma[:, None, None] * turned + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std, "gamma": gamma}


@mistake(
    "one_axis_after_the_other",
    fails="forward_normalized forward_eps forward_cache forward_whole",
    hint="x is normalized over the samples, the result over the rows, and that over the columns. "
    "The statistics of a channel are taken once, over all three axes together.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Normalizes over one axis after the other."""
    x_hat = x
    for axis in (0, 2, 3):
        mean, var = x_hat.mean(axis=axis, keepdims=True), x_hat.var(axis=axis, keepdims=True)
        inv_std = 1 / np.sqrt(var + eps)
        x_hat = (x_hat - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "variances_averaged",
    fails="forward_normalized forward_whole",
    hint="The variance is the average of the samples' own variances, which leaves out how far "
    "the samples' means are apart. Take it over all N * H * W values of a channel at once.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Averages the variances of the samples."""
    mean = x.mean(axis=(0, 2, 3), keepdims=True)
    var = x.var(axis=(2, 3), keepdims=True).mean(axis=0, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "pooled_first",
    fails="forward_normalized forward_whole",
    hint="The variance is that of the samples' means: the pixels are averaged before it is "
    "taken. Every pixel is a sample of its channel.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Takes the variance of the pooled channels."""
    pooled = x.mean(axis=(2, 3), keepdims=True)
    mean, var = pooled.mean(axis=0, keepdims=True), pooled.var(axis=0, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "mean_of_each_image",
    fails="forward_normalized forward_cache forward_whole",
    hint="The variance is the channel's, but the mean that is subtracted is that of each image. "
    "Both are taken over the same N * H * W values.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Centres each image by itself."""
    mean = x.mean(axis=(2, 3), keepdims=True)
    var = x.var(axis=(0, 2, 3), keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


@mistake(
    "variance_of_whole_array",
    fails="forward_normalized forward_cache forward_whole",
    hint="Each channel has its own mean here, but they share one variance. Take the variance "
    "over the same axes as the mean.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Centres each channel, but divides by one variance for all."""
    mean, var = x.mean(axis=(0, 2, 3), keepdims=True), x.var(keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}


# --- wrong: the forward pass, the formula --------------------------------------------------------


@mistake(
    "divides_by_n",
    fails="forward_normalized forward_whole",
    hint="The sum of squares is divided by N, the number of samples in the batch. A channel has "
    "M = N * H * W values: divide by that.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """C09: divides the sum of squares by N."""
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
    """C06: lets gamma and beta broadcast along the last axis."""
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


# --- wrong: the forward pass, its cache and its arguments ----------------------------------------


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


# --- wrong: the backward pass, dgamma and dbeta --------------------------------------------------


@mistake(
    "dbeta_averaged",
    fails="backward_dbeta backward_whole",
    hint="dbeta is the average of dy over a channel. It is the sum: y of each value depends on "
    "the one beta.",
)
def batchnorm2d_backward(dy, cache):
    """B16: averages dbeta."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, (dy * x_hat).sum(axis=(0, 2, 3)), dy.mean(axis=(0, 2, 3))


@mistake(
    "dgamma_averaged",
    fails="backward_dgamma backward_whole",
    hint="dgamma is an average over a channel. It is the sum of dy * x_hat.",
)
def batchnorm2d_backward(dy, cache):
    """B15: averages dgamma."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, (dy * x_hat).mean(axis=(0, 2, 3)), dy.sum(axis=(0, 2, 3))


@mistake(
    "dbeta_over_samples",
    fails="backward_dbeta backward_whole",
    hint="dbeta sums dy over the samples alone, so that each pixel has its own. A channel has "
    "one beta: sum over rows and columns too.",
)
def batchnorm2d_backward(dy, cache):
    """Sums dbeta over axis 0 only."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, (dy * x_hat).sum(axis=(0, 2, 3)), dy.sum(axis=0)


@mistake(
    "dgamma_over_samples",
    fails="backward_dgamma backward_whole",
    hint="dgamma sums over the samples alone, so that each pixel has its own. A channel has one "
    "gamma: sum over rows and columns too.",
)
def batchnorm2d_backward(dy, cache):
    """Sums dgamma over axis 0 only."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, (dy * x_hat).sum(axis=0), dy.sum(axis=(0, 2, 3))


@mistake(
    "dbeta_of_each_image",
    fails="backward_dbeta backward_whole",
    hint="dbeta sums dy over the pixels of each image by itself. A channel has one beta for all "
    "samples: sum over them too.",
)
def batchnorm2d_backward(dy, cache):
    """Sums dbeta over the pixels only."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, (dy * x_hat).sum(axis=(0, 2, 3)), dy.sum(axis=(2, 3))


@mistake(
    "dgamma_of_each_image",
    fails="backward_dgamma backward_whole",
    hint="dgamma sums over the pixels of each image by itself. A channel has one gamma for all "
    "samples: sum over them too.",
)
def batchnorm2d_backward(dy, cache):
    """Sums dgamma over the pixels only."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, (dy * x_hat).sum(axis=(2, 3)), dy.sum(axis=(0, 2, 3))


@mistake(
    "dbeta_on_last_axis",
    fails="backward_dbeta backward_whole",
    hint="dbeta sums over axes 0, 1 and 2, which leaves the columns. Keep axis 1, the channels.",
)
def batchnorm2d_backward(dy, cache):
    """B17: keeps the last axis in dbeta."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, (dy * x_hat).sum(axis=(0, 2, 3)), dy.sum(axis=(0, 1, 2))


@mistake(
    "dgamma_on_last_axis",
    fails="backward_dgamma backward_whole",
    hint="dgamma sums over axes 0, 1 and 2, which leaves the columns. Keep axis 1, the channels.",
)
def batchnorm2d_backward(dy, cache):
    """Keeps the last axis in dgamma."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, (dy * x_hat).sum(axis=(0, 1, 2)), dy.sum(axis=(0, 2, 3))


@mistake(
    "dbeta_scalar",
    fails="backward_dbeta backward_whole",
    hint="dbeta is one number, the sum of all of dy. Each channel has its own: keep axis 1.",
)
def batchnorm2d_backward(dy, cache):
    """B18: returns one dbeta for all channels."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, (dy * x_hat).sum(axis=(0, 2, 3)), dy.sum()


@mistake(
    "dgamma_scalar",
    fails="backward_dgamma backward_whole",
    hint="dgamma is one number. Each channel has its own: keep axis 1.",
)
def batchnorm2d_backward(dy, cache):
    """Returns one dgamma for all channels."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, (dy * x_hat).sum(), dy.sum(axis=(0, 2, 3))


@mistake(
    "dgamma_with_gamma",
    fails="backward_dgamma backward_whole",
    hint="dgamma has gamma in it. y is gamma * x_hat + beta, so its derivative by gamma is x_hat "
    "alone.",
)
def batchnorm2d_backward(dy, cache):
    """B14: multiplies dgamma by gamma."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, gamma * (dy * x_hat).sum(axis=(0, 2, 3)), dy.sum(axis=(0, 2, 3))


@mistake(
    "dbeta_with_gamma",
    fails="backward_dbeta backward_whole",
    hint="dbeta has gamma in it. beta is added after the scaling, so its derivative is 1.",
)
def batchnorm2d_backward(dy, cache):
    """B21: multiplies dbeta by gamma."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, (dy * x_hat).sum(axis=(0, 2, 3)), gamma * dy.sum(axis=(0, 2, 3))


@mistake(
    "dbeta_with_x_hat",
    fails="backward_dbeta backward_whole",
    hint="dbeta is the sum of dy * x_hat, which is dgamma. beta is only added in the forward "
    "pass, so nothing multiplies dy.",
)
def batchnorm2d_backward(dy, cache):
    """Multiplies dy by x_hat in dbeta."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, (dy * x_hat).sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))


@mistake(
    "dgamma_of_centred",
    fails="backward_dgamma backward_whole",
    hint="dgamma is divided by inv_std: it uses x - mean where x_hat belongs.",
)
def batchnorm2d_backward(dy, cache):
    """Uses x - mean in place of x_hat in dgamma."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, (dy * x_hat).sum(axis=(0, 2, 3)) / inv_std, dy.sum(axis=(0, 2, 3))


@mistake(
    "dgamma_of_dy",
    fails="backward_dgamma backward_whole",
    hint="dgamma is the sum of dy: x_hat is missing. What multiplies gamma in the forward pass "
    "multiplies dy here.",
)
def batchnorm2d_backward(dy, cache):
    """Forgets x_hat in dgamma."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, dy.sum(axis=(0, 2, 3)), dy.sum(axis=(0, 2, 3))


@mistake(
    "dgamma_from_sums",
    fails="backward_dgamma backward_whole",
    hint="dgamma multiplies the sum of dy by the sum of x_hat. Multiply value by value, then sum.",
)
def batchnorm2d_backward(dy, cache):
    """Sums before it multiplies."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, dy.sum(axis=(0, 2, 3)) * x_hat.sum(axis=(0, 2, 3)), dy.sum(axis=(0, 2, 3))


@mistake(
    "dgamma_dbeta_swapped",
    fails="backward_dbeta backward_dgamma backward_whole",
    hint="dgamma and dbeta come back in the wrong order: dx, dgamma, dbeta.",
)
def batchnorm2d_backward(dy, cache):
    """Returns dbeta before dgamma."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))


@mistake(
    "gradients_keep_axes",
    fails="backward_dbeta backward_dgamma",
    hint="The axes that were summed over are kept, as 1. The gradient has the shape of its "
    "parameter: (C,).",
)
def batchnorm2d_backward(dy, cache):
    """B28: returns gradients of shape (1, C, 1, 1)."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    scale = (gamma * inv_std)[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    dx = scale * (dy - sums / m - x_hat * products / m)
    return dx, products, sums


@mistake(
    "dy_reshaped_without_moving",
    fails="backward_dbeta backward_dgamma backward_mean_path backward_variance_path backward_dx "
    "backward_whole",
    hint="dy is reshaped to (-1, C) as it stands. That does not bring the channels last. Move axis 1 "
    "to the end first, or sum over three axes.",
)
def batchnorm2d_backward(dy, cache):
    """C05: reshapes to (-1, C) without moving the axis."""
    rows, hats = dy.reshape(-1, dy.shape[1]), cache["x_hat"].reshape(-1, dy.shape[1])
    dbeta, dgamma = rows.sum(axis=0), (rows * hats).sum(axis=0)
    dx = cache["gamma"] * cache["inv_std"] * (rows - (dbeta + hats * dgamma) / len(rows))
    return dx.reshape(dy.shape), dgamma, dbeta


# --- wrong: the backward pass, dx ----------------------------------------------------------------


@mistake(
    "statistics_constant",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="mean and variance are treated as constants: dx is dy * gamma * inv_std. Both depend on "
    "every x of the channel, and gradients flow through them.",
)
def batchnorm2d_backward(dy, cache):
    """B01: lets no gradient through the statistics."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * dy
    return dx, dgamma, dbeta


@mistake(
    "no_variance_path",
    fails="backward_variance_path backward_dx backward_whole",
    hint="Nothing flows through the variance: the part of dx along x_hat is missing.",
)
def batchnorm2d_backward(dy, cache):
    """B02: leaves out the path through the variance."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "no_mean_path",
    fails="backward_mean_path backward_dx backward_whole",
    hint="Nothing flows through the mean: the part of dx that is the same for all values of a "
    "channel is missing.",
)
def batchnorm2d_backward(dy, cache):
    """B03: leaves out the path through the mean."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "no_gamma_in_dx",
    fails="backward_dx backward_whole",
    hint="gamma is missing from dx. It multiplies x_hat in the forward pass, so it multiplies dx.",
)
def batchnorm2d_backward(dy, cache):
    """B05: leaves gamma out of dx."""
    x_hat, inv_std = cache["x_hat"], cache["inv_std"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    dx = inv_std[:, None, None] * (
        dy - dbeta[:, None, None] / m - x_hat * dgamma[:, None, None] / m
    )
    return dx, dgamma, dbeta


@mistake(
    "gamma_twice",
    fails="backward_dx backward_whole",
    hint="gamma enters dx twice. Where dy has been multiplied by gamma, nothing else needs it.",
)
def batchnorm2d_backward(dy, cache):
    """B26: multiplies dx by gamma twice."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma**2 * inv_std)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] / m - x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "no_inv_std_in_dx",
    fails="backward_dx backward_whole",
    hint="inv_std is missing from dx. It multiplies x - mean in the forward pass, so it "
    "multiplies dx.",
)
def batchnorm2d_backward(dy, cache):
    """Leaves inv_std out of dx."""
    x_hat, gamma = cache["x_hat"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    dx = gamma[:, None, None] * (dy - dbeta[:, None, None] / m - x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "inv_std_twice",
    fails="backward_dx backward_whole",
    hint="inv_std enters dx twice. x_hat is normalized already: its part needs no other factor.",
)
def batchnorm2d_backward(dy, cache):
    """Multiplies dx by inv_std twice."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std**2)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] / m - x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "divides_by_inv_std",
    fails="backward_dx backward_whole",
    hint="dx is divided by inv_std, as if it were the standard deviation. inv_std is 1 over it: "
    "multiply.",
)
def batchnorm2d_backward(dy, cache):
    """Divides by inv_std."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma / inv_std)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] / m - x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "m_is_n",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="The sums are divided by N, the number of samples. A channel's statistics are over M = "
    "N * H * W values: divide by that.",
)
def batchnorm2d_backward(dy, cache):
    """C09: takes N for M."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.shape[0]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] / m - x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "m_is_pixels",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="The sums are divided by H * W, the pixels of one image. A channel's statistics are "
    "over M = N * H * W values: divide by that.",
)
def batchnorm2d_backward(dy, cache):
    """Takes H * W for M."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.shape[2] * dy.shape[3]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] / m - x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "m_is_size",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="The sums of a channel are divided by the number of all values of dy. A channel has N * "
    "H * W of them.",
)
def batchnorm2d_backward(dy, cache):
    """Takes N * C * H * W for M."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] / m - x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "m_minus_one",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="The sums are divided by M - 1. The forward pass takes its mean and its biased variance "
    "over M values: divide by M.",
)
def batchnorm2d_backward(dy, cache):
    """Takes M - 1 for M."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1] - 1
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] / m - x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "sums_not_divided",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="The sums over a channel are not divided by M = N * H * W.",
)
def batchnorm2d_backward(dy, cache):
    """Forgets to divide by M."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] - x_hat * dgamma[:, None, None])
    return dx, dgamma, dbeta


@mistake(
    "dx_of_instance_norm",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="The parts of dx that come through mean and variance are averages over the pixels of "
    "each image: that is the gradient of instance norm. Average over the samples too.",
)
def batchnorm2d_backward(dy, cache):
    """Averages over the pixels of each image."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    mean_dy = dy.mean(axis=(2, 3), keepdims=True)
    mean_product = (dy * x_hat).mean(axis=(2, 3), keepdims=True)
    dx = scale * (dy - mean_dy - x_hat * mean_product)
    return dx, dgamma, dbeta


@mistake(
    "dx_of_layer_norm",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="The parts of dx that come through mean and variance are averages over each sample: "
    "that is the gradient of layer norm. Average over samples, rows and columns, each "
    "channel by itself.",
)
def batchnorm2d_backward(dy, cache):
    """Averages over each sample."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    mean_dy = dy.mean(axis=(1, 2, 3), keepdims=True)
    mean_product = (dy * x_hat).mean(axis=(1, 2, 3), keepdims=True)
    dx = scale * (dy - mean_dy - x_hat * mean_product)
    return dx, dgamma, dbeta


@mistake(
    "dx_over_samples",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="The parts of dx that come through mean and variance are averages over the samples "
    "alone. Average over rows and columns too.",
)
def batchnorm2d_backward(dy, cache):
    """Averages over axis 0 only."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    mean_dy = dy.mean(axis=0)
    mean_product = (dy * x_hat).mean(axis=0)
    dx = scale * (dy - mean_dy - x_hat * mean_product)
    return dx, dgamma, dbeta


@mistake(
    "dx_channels_last",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="The parts of dx that come through mean and variance are averages over axes 0, 1 and 2, "
    "as if the channels came last. Here they are axis 1.",
)
def batchnorm2d_backward(dy, cache):
    """Averages over all but the last axis."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    mean_dy = dy.mean(axis=(0, 1, 2))
    mean_product = (dy * x_hat).mean(axis=(0, 1, 2))
    dx = scale * (dy - mean_dy - x_hat * mean_product)
    return dx, dgamma, dbeta


@mistake(
    "dx_of_whole_array",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="The parts of dx that come through mean and variance are averages over the whole array. "
    "Each channel has its own.",
)
def batchnorm2d_backward(dy, cache):
    """Averages over the whole array."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - dy.mean() - x_hat * (dy * x_hat).mean())
    return dx, dgamma, dbeta


@mistake(
    "sums_on_last_axis",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="dgamma and dbeta, of shape (C,), broadcast along the last axis in dx. Give them a "
    "shape in which C is axis 1.",
)
def batchnorm2d_backward(dy, cache):
    """Lets the sums broadcast along the last axis."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - dbeta / m - x_hat * dgamma / m)
    return dx, dgamma, dbeta


@mistake(
    "gamma_on_last_axis_in_dx",
    fails="backward_dx backward_whole",
    hint="gamma and inv_std, of shape (C,), broadcast along the last axis in dx. Give them a "
    "shape in which C is axis 1.",
)
def batchnorm2d_backward(dy, cache):
    """C06: lets gamma and inv_std broadcast along the last axis."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    dx = gamma * inv_std * (dy - dbeta[:, None, None] / m - x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "mean_path_added",
    fails="backward_mean_path backward_dx backward_whole",
    hint="The part of dx that comes through the mean has the wrong sign: the mean is subtracted "
    "in the forward pass.",
)
def batchnorm2d_backward(dy, cache):
    """Adds the path through the mean."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy + dbeta[:, None, None] / m - x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "variance_path_added",
    fails="backward_variance_path backward_dx backward_whole",
    hint="The part of dx that comes through the variance has the wrong sign: a larger variance "
    "makes x_hat smaller.",
)
def batchnorm2d_backward(dy, cache):
    """Adds the path through the variance."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] / m + x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "variance_path_twice",
    fails="backward_variance_path backward_dx backward_whole",
    hint="The part of dx that comes through the variance is twice too large: the derivative of "
    "the root brings 1/2, that of the square 2, and they cancel.",
)
def batchnorm2d_backward(dy, cache):
    """Doubles the path through the variance."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] / m - 2 * x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "x_hat_missing",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="The part of dx that comes through the variance lacks x_hat: it is proportional to how "
    "far each value is from the mean.",
)
def batchnorm2d_backward(dy, cache):
    """Forgets x_hat in the path through the variance."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] / m - dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "gamma_in_variance_path",
    fails="backward_variance_path backward_dx backward_whole",
    hint="gamma multiplies the part of dx that comes through the variance twice. One factor of "
    "gamma stands before all parts.",
)
def batchnorm2d_backward(dy, cache):
    """Has gamma in dgamma, and before the bracket again."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] / m - x_hat * (gamma * dgamma)[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "direct_part_alone_scaled",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="Only the direct part of dx is multiplied by gamma * inv_std. The parts through mean "
    "and variance are, too.",
)
def batchnorm2d_backward(dy, cache):
    """Scales dy alone."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * dy - dbeta[:, None, None] / m - x_hat * dgamma[:, None, None] / m
    return dx, dgamma, dbeta


@mistake(
    "no_direct_part",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="The direct part of dx is missing: only what comes through mean and variance is there.",
)
def batchnorm2d_backward(dy, cache):
    """Leaves the direct part out."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = -scale * (dbeta[:, None, None] / m + x_hat * dgamma[:, None, None] / m)
    return dx, dgamma, dbeta


@mistake(
    "variance_path_unsummed",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="The part of dx that comes through the variance multiplies x_hat by dy * x_hat of the "
    "same value. The variance collects from all values of the channel: take their average.",
)
def batchnorm2d_backward(dy, cache):
    """Forgets to sum in the path through the variance."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - dbeta[:, None, None] / m - x_hat * dy * x_hat)
    return dx, dgamma, dbeta


@mistake(
    "dx_transposed",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="dx is computed with the channels last, and reshaped without moving them back to axis 1.",
)
def batchnorm2d_backward(dy, cache):
    """Reshapes dx back without moving the axis back."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    rows = dy.transpose(0, 2, 3, 1).reshape(-1, dy.shape[1])
    hats = x_hat.transpose(0, 2, 3, 1).reshape(-1, dy.shape[1])
    dx = (gamma * inv_std * (rows - dbeta / m - hats * dgamma / m)).reshape(dy.shape)
    return dx, dgamma, dbeta


@mistake(
    "dy_in_place",
    fails="backward_untouched",
    hint="dy is changed in place. The caller still needs it: compute in a new array.",
)
def batchnorm2d_backward(dy, cache):
    """B27: multiplies dy in place."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    dy *= gamma[:, None, None]
    sums = dy.sum(axis=(0, 2, 3), keepdims=True)
    products = (dy * x_hat).sum(axis=(0, 2, 3), keepdims=True)
    return inv_std[:, None, None] * (dy - sums / m - x_hat * products / m), dgamma, dbeta


@mistake(
    "cache_in_place",
    fails="backward_untouched",
    hint="An array in the cache is changed in place. A second call with the same cache must give "
    "the same: compute in a new array.",
)
def batchnorm2d_backward(dy, cache):
    """Multiplies the cache's x_hat in place."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size / dy.shape[1]
    dbeta, dgamma = dy.sum(axis=(0, 2, 3)), (dy * x_hat).sum(axis=(0, 2, 3))
    x_hat *= dgamma[:, None, None] / m
    dx = (gamma * inv_std)[:, None, None] * (dy - dbeta[:, None, None] / m - x_hat)
    return dx, dgamma, dbeta


# --- wrong: normalize ----------------------------------------------------------------------------


@mistake(
    "axes_not_kept",
    fails="normalize_axes normalize_any",
    hint="A statistic loses the axes it was taken over, so that it no longer lines up with x. "
    "Keep those axes, as 1.",
)
def normalize(x, axes, eps=1e-5):
    """Takes the statistics without keepdims."""
    return (x - x.mean(axis=axes)) / np.sqrt(x.var(axis=axes) + eps)


@mistake(
    "axes_to_keep",
    fails="normalize_axes normalize_any",
    hint="axes are taken for those to keep, and the statistics are over the others. axes names "
    "those that are averaged away.",
)
def normalize(x, axes, eps=1e-5):
    """Reduces the other axes."""
    others = tuple(axis for axis in range(x.ndim) if axis not in axes)
    mean, var = x.mean(axis=others, keepdims=True), x.var(axis=others, keepdims=True)
    return (x - mean) / np.sqrt(var + eps)


@mistake(
    "always_batch_norm",
    fails="normalize_axes normalize_any",
    hint="axes is not used: the statistics are always over axes 0, 2 and 3.",
)
def normalize(x, axes, eps=1e-5):
    """Ignores axes: batch norm of images."""
    axes = (0, 2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(var + eps)


@mistake(
    "always_instance_norm",
    fails="normalize_axes normalize_any",
    hint="axes is not used: the statistics are always over axes 2 and 3.",
)
def normalize(x, axes, eps=1e-5):
    """Ignores axes: instance norm of images."""
    axes = (2, 3)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(var + eps)


@mistake(
    "always_layer_norm",
    fails="normalize_axes normalize_any",
    hint="axes is not used: the statistics are always over all axes but the first.",
)
def normalize(x, axes, eps=1e-5):
    """Ignores axes: layer norm."""
    axes = tuple(range(1, x.ndim))
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(var + eps)


@mistake(
    "whole_array_normalized",
    fails="normalize_axes normalize_any",
    hint="axes is not used: the statistics are those of the whole array.",
)
def normalize(x, axes, eps=1e-5):
    """Ignores axes: the whole array."""
    return (x - x.mean()) / np.sqrt(x.var() + eps)


@mistake(
    "first_axis_alone",
    fails="normalize_axes normalize_any",
    hint="Only the first of the axes is reduced. All that are given are reduced together.",
)
def normalize(x, axes, eps=1e-5):
    """Reduces the first of the axes only."""
    axis = axes[0]
    mean, var = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
    return (x - mean) / np.sqrt(var + eps)


@mistake(
    "last_axis_alone",
    fails="normalize_axes normalize_any",
    hint="Only the last of the axes is reduced. All that are given are reduced together.",
)
def normalize(x, axes, eps=1e-5):
    """Reduces the last of the axes only."""
    axis = axes[-1]
    mean, var = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
    return (x - mean) / np.sqrt(var + eps)


@mistake(
    "range_of_axes",
    fails="normalize_axes normalize_any",
    hint="All axes from the first to the last of those given are reduced, those between them "
    "too. Reduce the given ones and no other.",
)
def normalize(x, axes, eps=1e-5):
    """Reduces all axes between the first and the last."""
    axes = tuple(range(min(axes), max(axes) + 1))
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(var + eps)


@mistake(
    "one_after_the_other",
    fails="normalize_axes normalize_any normalize_eps",
    hint="x is normalized over one axis, the result over the next, and so on. The statistics are "
    "taken once, over all the axes together.",
)
def normalize(x, axes, eps=1e-5):
    """Normalizes over one axis after the other."""
    for axis in axes:
        mean, var = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
        x = (x - mean) / np.sqrt(var + eps)
    return x


@mistake(
    "other_mean",
    fails="normalize_axes normalize_any",
    hint="The variance is over the given axes, but the mean that is subtracted is that of the "
    "whole array. Both are over the same axes.",
)
def normalize(x, axes, eps=1e-5):
    """Subtracts the mean of the whole array."""
    var = x.var(axis=axes, keepdims=True)
    return (x - x.mean()) / np.sqrt(var + eps)


@mistake(
    "other_variance",
    fails="normalize_axes normalize_any",
    hint="The mean is over the given axes, but the variance is that of the whole array. Both are "
    "over the same axes.",
)
def normalize(x, axes, eps=1e-5):
    """Divides by the variance of the whole array."""
    mean = x.mean(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(x.var() + eps)


@mistake(
    "normalize_unbiased",
    fails="normalize_axes normalize_any",
    hint="The variance is divided by one less than the number of values. These norms use the "
    "biased variance.",
)
def normalize(x, axes, eps=1e-5):
    """Normalizes with the unbiased variance."""
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True, ddof=1)
    return (x - mean) / np.sqrt(var + eps)


@mistake(
    "normalize_not_centred",
    fails="normalize_axes normalize_any",
    hint="The mean is not subtracted.",
)
def normalize(x, axes, eps=1e-5):
    """Forgets to subtract the mean."""
    return x / np.sqrt(x.var(axis=axes, keepdims=True) + eps)


@mistake(
    "normalize_rms",
    fails="normalize_axes normalize_any",
    hint="x is divided by its root mean square, with no mean taken away: that is RMS norm. "
    "Subtract the mean, and divide by the root of the variance.",
)
def normalize(x, axes, eps=1e-5):
    """Divides x by its root mean square."""
    return x / np.sqrt((x**2).mean(axis=axes, keepdims=True) + eps)


@mistake(
    "normalize_sum",
    fails="normalize_axes normalize_any",
    hint="The squares are summed and not averaged. The variance divides the sum by the number of "
    "values.",
)
def normalize(x, axes, eps=1e-5):
    """Divides by the root of the sum of squares."""
    centred = x - x.mean(axis=axes, keepdims=True)
    return centred / np.sqrt((centred**2).sum(axis=axes, keepdims=True) + eps)


@mistake(
    "normalize_divides_by_n",
    fails="normalize_axes normalize_any",
    hint="The sum of squares is divided by the length of the first axis. Divide by the number of "
    "values that it sums: the product of the lengths of the given axes.",
)
def normalize(x, axes, eps=1e-5):
    """Divides the sum of squares by the length of axis 0."""
    centred = x - x.mean(axis=axes, keepdims=True)
    return centred / np.sqrt((centred**2).sum(axis=axes, keepdims=True) / x.shape[0] + eps)


@mistake(
    "normalize_divides_by_variance",
    fails="normalize_axes normalize_any normalize_eps",
    hint="In normalize, x - mean is divided by the variance plus eps, not by the root of that.",
)
def normalize(x, axes, eps=1e-5):
    """Divides by the variance."""
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / (var + eps)


@mistake(
    "normalize_eps_outside",
    fails="normalize_any normalize_eps",
    hint="In normalize, eps is added to the standard deviation, outside the root. It joins the "
    "variance.",
)
def normalize(x, axes, eps=1e-5):
    """Adds eps to the standard deviation."""
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / (np.sqrt(var) + eps)


@mistake(
    "normalize_no_eps",
    fails="normalize_any normalize_eps",
    hint="In normalize, eps is not used. It joins the variance inside the root.",
)
def normalize(x, axes, eps=1e-5):
    """Leaves eps out."""
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(var)


@mistake(
    "normalize_eps_hard_coded",
    fails="normalize_any normalize_eps",
    hint="In normalize, eps is always 1e-5, whatever the caller passes. Use the argument.",
)
def normalize(x, axes, eps=1e-5):
    """Always uses 1e-5."""
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(var + 1e-5)


@mistake(
    "normalize_eps_default_1e_8",
    fails="normalize_any normalize_eps",
    hint="When eps is left out, 1e-8 is used. The default of this exercise is 1e-5.",
)
def normalize(x, axes, eps=1e-8):
    """Has another default eps."""
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(var + eps)


@mistake(
    "normalize_eps_as_floor",
    fails="normalize_any",
    hint="In normalize, eps is used as a lower bound of the variance. It is always added.",
)
def normalize(x, axes, eps=1e-5):
    """Uses eps as a lower bound of the variance."""
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(np.maximum(var, eps))


@mistake(
    "normalize_in_place",
    fails="normalize_untouched",
    hint="In normalize, the caller's x is changed in place. Write the centred values to a new "
    "array.",
)
def normalize(x, axes, eps=1e-5):
    """Centres x in place."""
    x -= x.mean(axis=axes, keepdims=True)
    return x / np.sqrt((x**2).mean(axis=axes, keepdims=True) + eps)


# --- wrong: group_norm ---------------------------------------------------------------------------


@mistake(
    "interleaved",
    fails="group_blocks group_whole",
    hint="The groups take every so many channels (0, 2, 4 and 1, 3, 5). A group is a block of "
    "neighbouring channels: 0, 1, 2 and 3, 4, 5.",
)
def group_norm(x, groups, eps=1e-5):
    """Takes every groups-th channel into a group."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, c // groups, groups, h, w)
    mean = grouped.mean(axis=(1, 3, 4), keepdims=True)
    var = grouped.var(axis=(1, 3, 4), keepdims=True)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape)


@mistake(
    "groups_is_size",
    fails="group_blocks group_ends group_whole",
    hint="groups is taken for the number of channels in a group. It is the number of groups; "
    "each has C / groups channels.",
)
def group_norm(x, groups, eps=1e-5):
    """Takes groups for the size of a group."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, c // groups, groups, h, w)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    var = grouped.var(axis=(2, 3, 4), keepdims=True)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape)


@mistake(
    "over_batch",
    fails="group_blocks group_ends group_whole",
    hint="The statistics of a group are taken over the samples too. Group norm treats each "
    "sample by itself: keep axis 0.",
)
def group_norm(x, groups, eps=1e-5):
    """Reduces the samples too."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    mean = grouped.mean(axis=(0, 2, 3, 4), keepdims=True)
    var = grouped.var(axis=(0, 2, 3, 4), keepdims=True)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape)


@mistake(
    "groups_of_samples",
    fails="group_blocks group_ends group_whole",
    hint="x is reshaped to groups rows straight away, which cuts the batch into pieces, not the "
    "channels. Keep the samples as the first axis, and cut axis 1.",
)
def group_norm(x, groups, eps=1e-5):
    """Reshapes the whole batch to (groups, -1)."""
    grouped = x.reshape(groups, -1)
    mean, var = grouped.mean(axis=1, keepdims=True), grouped.var(axis=1, keepdims=True)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape)


@mistake(
    "groups_of_each_pixel",
    fails="group_blocks group_ends group_whole",
    hint="The statistics are over the channels of a group at each pixel by itself. Rows and "
    "columns are reduced too.",
)
def group_norm(x, groups, eps=1e-5):
    """Reduces the channels of a group only."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    mean = grouped.mean(axis=2, keepdims=True)
    var = grouped.var(axis=2, keepdims=True)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape)


@mistake(
    "ignores_groups_instance",
    fails="group_blocks group_ends group_whole",
    hint="Each channel is normalized by itself, whatever groups is: that is instance norm. The "
    "channels of a group share mean and variance.",
)
def group_norm(x, groups, eps=1e-5):
    """Is instance norm always."""
    mean, var = x.mean(axis=(2, 3), keepdims=True), x.var(axis=(2, 3), keepdims=True)
    return (x - mean) / np.sqrt(var + eps)


@mistake(
    "ignores_groups_layer",
    fails="group_blocks group_ends group_whole",
    hint="Each sample is normalized as a whole, whatever groups is: that is layer norm. Each "
    "group has a mean and a variance of its own.",
)
def group_norm(x, groups, eps=1e-5):
    """Is layer norm always."""
    mean, var = x.mean(axis=(1, 2, 3), keepdims=True), x.var(axis=(1, 2, 3), keepdims=True)
    return (x - mean) / np.sqrt(var + eps)


@mistake(
    "not_reshaped_back",
    fails="group_blocks group_whole",
    hint="The result still has the axis of the groups. Bring it back into the shape of x, (N, C, "
    "H, W).",
)
def group_norm(x, groups, eps=1e-5):
    """Returns five axes."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    var = grouped.var(axis=(2, 3, 4), keepdims=True)
    return (grouped - mean) / np.sqrt(var + eps)


@mistake(
    "groups_on_pixels",
    fails="group_blocks group_ends group_whole",
    hint="The channels are moved to the end before the reshape, so that a group is no longer a "
    "block of whole channels, and they are not moved back. Cut axis 1 as it stands.",
)
def group_norm(x, groups, eps=1e-5):
    """Moves the channels last, and does not move them back."""
    n, c, h, w = x.shape
    grouped = x.transpose(0, 2, 3, 1).reshape(n, groups, c // groups, h, w)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    var = grouped.var(axis=(2, 3, 4), keepdims=True)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape)


@mistake(
    "pixels_exchanged",
    fails="group_blocks group_ends group_whole",
    hint="Rows and columns are in the wrong order in the reshape. The groups split axis 1; the "
    "other axes stay as they are.",
)
def group_norm(x, groups, eps=1e-5):
    """Reshapes to (N, G, H, W, C / G) and reduces the wrong three."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, c // groups, h, w, groups)
    mean = grouped.mean(axis=(1, 2, 3), keepdims=True)
    var = grouped.var(axis=(1, 2, 3), keepdims=True)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape)


@mistake(
    "group_mean_channel_variance",
    fails="group_blocks group_ends group_whole",
    hint="The mean is that of the group, but each channel is divided by its own standard "
    "deviation. Both are over the whole group.",
)
def group_norm(x, groups, eps=1e-5):
    """Divides each channel by its own standard deviation."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    var = grouped.var(axis=(3, 4), keepdims=True)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape)


@mistake(
    "channel_mean_group_variance",
    fails="group_blocks group_ends group_whole",
    hint="Each channel is centred by itself, and only the variance is that of the group. Both "
    "are over the whole group.",
)
def group_norm(x, groups, eps=1e-5):
    """Centres each channel by itself."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    mean = grouped.mean(axis=(3, 4), keepdims=True)
    var = grouped.var(axis=(2, 3, 4), keepdims=True)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape)


@mistake(
    "channel_variances_averaged",
    fails="group_blocks group_ends group_whole",
    hint="The variance of a group is the average of its channels' variances, which leaves out "
    "how far their means are apart. Take it over all values of the group at once.",
)
def group_norm(x, groups, eps=1e-5):
    """Averages the variances of a group's channels."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    var = grouped.var(axis=(3, 4), keepdims=True).mean(axis=2, keepdims=True)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape)


@mistake(
    "last_group_left_out",
    fails="group_blocks group_ends group_whole",
    hint="The last group comes back as it was. The loop ends one group too early.",
)
def group_norm(x, groups, eps=1e-5):
    """Leaves the last group as it is."""
    size = x.shape[1] // groups
    x_hat = x.copy()
    for g in range(groups - 1):
        block = x[:, g * size : (g + 1) * size]
        mean, var = (
            block.mean(axis=(1, 2, 3), keepdims=True),
            block.var(axis=(1, 2, 3), keepdims=True),
        )
        x_hat[:, g * size : (g + 1) * size] = (block - mean) / np.sqrt(var + eps)
    return x_hat


@mistake(
    "group_unbiased",
    fails="group_blocks group_ends group_whole",
    hint="The variance is divided by one less than the number of values in a group. Group norm "
    "uses the biased variance.",
)
def group_norm(x, groups, eps=1e-5):
    """Normalizes with the unbiased variance."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    var = grouped.var(axis=(2, 3, 4), keepdims=True, ddof=1)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape)


@mistake(
    "group_divides_by_variance",
    fails="group_blocks group_ends group_whole",
    hint="In group_norm, x - mean is divided by the variance plus eps, not by the root of that.",
)
def group_norm(x, groups, eps=1e-5):
    """Divides by the variance."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    var = grouped.var(axis=(2, 3, 4), keepdims=True)
    return ((grouped - mean) / (var + eps)).reshape(x.shape)


@mistake(
    "group_not_centred",
    fails="group_blocks group_ends group_whole",
    hint="The mean of the group is not subtracted.",
)
def group_norm(x, groups, eps=1e-5):
    """Forgets to subtract the mean."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    var = grouped.var(axis=(2, 3, 4), keepdims=True)
    return (grouped / np.sqrt(var + eps)).reshape(x.shape)


@mistake(
    "group_eps_outside",
    fails="group_whole",
    hint="In group_norm, eps is added to the standard deviation, outside the root. It joins "
    "the variance.",
)
def group_norm(x, groups, eps=1e-5):
    """Adds eps to the standard deviation."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    var = grouped.var(axis=(2, 3, 4), keepdims=True)
    return ((grouped - mean) / (np.sqrt(var) + eps)).reshape(x.shape)


@mistake(
    "group_no_eps",
    fails="group_whole",
    hint="In group_norm, eps is not used. It joins the variance inside the root.",
)
def group_norm(x, groups, eps=1e-5):
    """Leaves eps out."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    var = grouped.var(axis=(2, 3, 4), keepdims=True)
    return ((grouped - mean) / np.sqrt(var)).reshape(x.shape)


@mistake(
    "group_eps_hard_coded",
    fails="group_whole",
    hint="In group_norm, eps is always 1e-5, whatever the caller passes. Use the argument.",
)
def group_norm(x, groups, eps=1e-5):
    """Always uses 1e-5."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    var = grouped.var(axis=(2, 3, 4), keepdims=True)
    return ((grouped - mean) / np.sqrt(var + 1e-5)).reshape(x.shape)


@mistake(
    "group_eps_default_1e_3",
    fails="group_whole",
    hint="In group_norm, when eps is left out, 1e-3 is used, which is Keras's default. Here it "
    "is 1e-5.",
)
def group_norm(x, groups, eps=1e-3):
    """Has Keras's default eps."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    var = grouped.var(axis=(2, 3, 4), keepdims=True)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape)


@mistake(
    "group_in_place",
    fails="group_untouched",
    hint="The caller's x is changed in place. A reshaped x is most often x itself, seen in "
    "another shape: compute in a new array.",
)
def group_norm(x, groups, eps=1e-5):
    """Centres a view of x in place."""
    n, c, h, w = x.shape
    grouped = x.reshape(n, groups, c // groups, h, w)
    grouped -= grouped.mean(axis=(2, 3, 4), keepdims=True)
    var = (grouped**2).mean(axis=(2, 3, 4), keepdims=True)
    return (grouped / np.sqrt(var + eps)).reshape(x.shape)


# --- right ---------------------------------------------------------------------------------------


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
