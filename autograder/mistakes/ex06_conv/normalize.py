"""Wrong versions of normalize."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


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
