"""Forward passes whose statistics go over the wrong axes."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "over_samples",
    fails="forward_normalized forward_cache forward_whole",
    hint="The statistics are taken over the samples alone, so that each pixel has its own. A "
    "channel has one mean and one variance, over samples, rows and columns: keep axis 1, "
    "reduce all others.",
)
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Reduces axis 0 only."""
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
    """Reduces rows and columns only."""
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
    """Reduces all but the samples."""
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
    """Reshapes to (-1, C) without moving the axis."""
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
