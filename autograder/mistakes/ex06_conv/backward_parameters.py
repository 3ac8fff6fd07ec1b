"""Backward passes whose dgamma or dbeta is wrong."""

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "dbeta_averaged",
    fails="backward_dbeta backward_whole",
    hint="dbeta is the average of dy over a channel. It is the sum: y of each value depends on "
    "the one beta.",
)
def batchnorm2d_backward(dy, cache):
    """Averages dbeta."""
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
    """Averages dgamma."""
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
    """Keeps the last axis in dbeta."""
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
    """Returns one dbeta for all channels."""
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
    """Multiplies dgamma by gamma."""
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
    """Multiplies dbeta by gamma."""
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
    """Returns gradients of shape (1, C, 1, 1)."""
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
    """Reshapes to (-1, C) without moving the axis."""
    rows, hats = dy.reshape(-1, dy.shape[1]), cache["x_hat"].reshape(-1, dy.shape[1])
    dbeta, dgamma = rows.sum(axis=0), (rows * hats).sum(axis=0)
    dx = cache["gamma"] * cache["inv_std"] * (rows - (dbeta + hats * dgamma) / len(rows))
    return dx.reshape(dy.shape), dgamma, dbeta


@mistake(
    "backward_channels_last",
    fails="backward_dbeta backward_dgamma backward_mean_path backward_variance_path backward_dx "
    "backward_whole",
    hint="The whole backward pass takes the last axis for the channels: it sums over axes 0, 1 and 2, and "
    "gamma and inv_std line up with the columns. Here the channels are axis 1.",
)
def batchnorm2d_backward(dy, cache):
    """Takes the last axis for the channels throughout."""
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size // dy.shape[-1]
    dbeta = dy.sum(axis=(0, 1, 2))
    dgamma = (dy * x_hat).sum(axis=(0, 1, 2))
    dx = gamma * inv_std * (dy - dbeta / m - x_hat * dgamma / m)
    return dx, dgamma, dbeta
