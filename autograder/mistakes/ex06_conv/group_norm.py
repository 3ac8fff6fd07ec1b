"""Wrong versions of group_norm."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


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


@mistake(
    "group_squeezed",
    fails="group_whole",
    hint="Axes of length 1 are missing from the result. It has x's shape, (N, C, H, W), whatever the lengths.",
)
def group_norm(x, groups, eps=1e-5):
    """Drops the axes of length 1."""
    grouped = x.reshape(len(x), groups, -1)
    mean, var = grouped.mean(axis=2, keepdims=True), grouped.var(axis=2, keepdims=True)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape).squeeze()
