"""Backward passes whose dx is wrong, or that change their arguments."""

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "statistics_constant",
    fails="backward_mean_path backward_variance_path backward_dx backward_whole",
    hint="mean and variance are treated as constants: dx is dy * gamma * inv_std. Both depend on "
    "every x of the channel, and gradients flow through them.",
)
def batchnorm2d_backward(dy, cache):
    """Lets no gradient through the statistics."""
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
    """Leaves out the path through the variance."""
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
    """Leaves out the path through the mean."""
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
    """Leaves gamma out of dx."""
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
    """Multiplies dx by gamma twice."""
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
    """Takes N for M."""
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
    """Lets gamma and inv_std broadcast along the last axis."""
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
    """Multiplies dy in place."""
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
