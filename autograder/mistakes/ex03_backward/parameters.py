"""Stages whose dbeta or dgamma is wrong."""

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "dbeta_averaged",
    fails="dbeta whole",
    hint="dbeta is averaged over the samples. What comes from each sample adds up: sum.",
)
def backward_stages(dy, cache):
    """Averages dbeta."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.mean(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dbeta_over_features",
    fails="dbeta whole shapes",
    hint="dbeta is summed over the features of each sample (axis 1). beta is shared by the "
    "samples: sum over axis 0.",
)
def backward_stages(dy, cache):
    """Sums dbeta over axis 1."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=1)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dbeta_scalar",
    fails="dbeta whole shapes",
    hint="dbeta is one number. There is one beta, and one gradient, for each feature: sum over "
    "axis 0 only.",
)
def backward_stages(dy, cache):
    """Sums dbeta over everything."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum()
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dbeta_times_gamma",
    fails="dbeta whole",
    hint="dbeta is multiplied by gamma. beta is added after gamma has done its work.",
)
def backward_stages(dy, cache):
    """Multiplies dbeta by gamma."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = (dy * cache["gamma"]).sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dbeta_not_summed",
    fails="dbeta whole shapes",
    hint="dbeta has an entry for each sample. All samples share one beta, so what comes from them "
    "is summed.",
)
def backward_stages(dy, cache):
    """Does not sum dbeta."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dbeta_times_x_hat",
    fails="dbeta dgamma whole",
    hint="dbeta and dgamma are exchanged.",
)
def backward_stages(dy, cache):
    """Exchanges dgamma and dbeta."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = (dy * cache["x_hat"]).sum(axis=0)
    dgamma = dy.sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dgamma_averaged",
    fails="dgamma whole",
    hint="dgamma is averaged over the samples. What comes from each sample adds up: sum.",
)
def backward_stages(dy, cache):
    """Averages dgamma."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).mean(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dgamma_times_gamma",
    fails="dgamma whole",
    hint="dgamma contains gamma. The derivative of gamma * x_hat by gamma is x_hat.",
)
def backward_stages(dy, cache):
    """Uses gamma * x_hat for dgamma."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["gamma"] * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dgamma_from_x",
    fails="dgamma whole",
    hint="x stands in dgamma where x_hat should. gamma multiplies the normalized values.",
)
def backward_stages(dy, cache):
    """Uses x for dgamma."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dgamma_from_centred",
    fails="dgamma whole",
    hint="x - mean stands in dgamma where x_hat should: it is not divided by the standard "
    "deviation.",
)
def backward_stages(dy, cache):
    """Uses x - mean for dgamma."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * centred).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dgamma_over_features",
    fails="dgamma whole shapes",
    hint="dgamma is summed over the features of each sample (axis 1). gamma is shared by the "
    "samples: sum over axis 0.",
)
def backward_stages(dy, cache):
    """Sums dgamma over axis 1."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=1)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dgamma_scalar",
    fails="dgamma whole shapes",
    hint="dgamma is one number. There is one gamma, and one gradient, for each feature: sum over "
    "axis 0 only.",
)
def backward_stages(dy, cache):
    """Sums dgamma over everything."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum()
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)
