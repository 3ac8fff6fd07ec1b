"""Stages whose dx is wrong."""

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "constants",
    fails="dx whole",
    hint="dx takes mean and var for constants. Both depend on every x: their gradients must be "
    "passed on.",
)
def backward_stages(dy, cache):
    """Treats mean and var as constants in dx."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "no_path_through_var",
    fails="dx whole",
    hint="dx leaves out what comes through var: dvar times the derivative of var by x.",
)
def backward_stages(dy, cache):
    """Leaves the path through var out of dx."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "no_path_through_mean",
    fails="dx whole",
    hint="dx leaves out what comes through the mean: dmean / M for each sample.",
)
def backward_stages(dy, cache):
    """Leaves the path through the mean out of dx."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "no_direct_path",
    fails="dx whole",
    hint="dx leaves out what comes straight through x_hat: dx_hat * inv_std.",
)
def backward_stages(dy, cache):
    """Leaves the direct path out of dx."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "gamma_twice",
    fails="dx whole",
    hint="gamma is multiplied in again at dx: dx_hat has it already. It enters dx exactly once.",
)
def backward_stages(dy, cache):
    """Multiplies dx by gamma again."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = cache["gamma"] * (dx_hat * inv_std + dvar * 2 * centred / m + dmean / m)
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dx_from_dy",
    fails="dx whole",
    hint="The direct part of dx starts from dy, so that gamma is missing in it. Start from dx_hat.",
)
def backward_stages(dy, cache):
    """Starts the direct part of dx from dy."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dy * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dx_without_inv_std",
    fails="dx whole",
    hint="dx_hat enters dx as it is. x - mean is multiplied by inv_std in x_hat: so is the "
    "gradient.",
)
def backward_stages(dy, cache):
    """Leaves inv_std out of the direct part of dx."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dx_without_two",
    fails="dx whole",
    hint="The 2 is missing in the path through var: the derivative of a square.",
)
def backward_stages(dy, cache):
    """Loses the 2 of the square."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_not_shared",
    fails="dx whole",
    hint="In the path through var the 1/M is missing: var is an average over M samples.",
)
def backward_stages(dy, cache):
    """Does not divide the path through var by M."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dmean_not_shared",
    fails="dx whole",
    hint="In the path through the mean the 1/M is missing: the mean is an average over M samples.",
)
def backward_stages(dy, cache):
    """Does not divide dmean by M."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dx_var_not_centred",
    fails="dx whole",
    hint="In the path through var x stands where x - mean should.",
)
def backward_stages(dy, cache):
    """Uses x for x - mean in dx."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * cache["x"] / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dx_var_with_x_hat",
    fails="dx whole",
    hint="In the path through var x_hat stands where x - mean should: var is made of x - mean.",
)
def backward_stages(dy, cache):
    """Uses x_hat for x - mean in dx."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * cache["x_hat"] / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dx_mean_subtracted",
    fails="dx whole",
    hint="dmean is subtracted. Its minus sign is in dmean already: add what each path brings.",
)
def backward_stages(dy, cache):
    """Subtracts dmean / M."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m - dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dx_var_subtracted",
    fails="dx whole",
    hint="The path through var is subtracted. Its minus sign is in dvar already: add what each "
    "path brings.",
)
def backward_stages(dy, cache):
    """Subtracts the path through var."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std - dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)
