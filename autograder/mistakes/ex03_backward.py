"""The catalogue of ex03_backward."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant


# --- numerical_gradient: wrong ---------------------------------------------------------------------


@mistake(
    "forward_difference",
    fails="numerical",
    hint="The difference is taken between x + h and x: a forward difference, whose error shrinks "
    "with h only, and not with its square. Step to both sides.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Takes the forward difference."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e) - f(x)) * dy).sum() / h
    return dx


@mistake(
    "backward_difference",
    fails="numerical",
    hint="The difference is taken between x and x - h, on one side only. Step to both sides.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Takes the backward difference."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x) - f(x - e)) * dy).sum() / h
    return dx


@mistake(
    "divided_by_h",
    fails="numerical numerical_shapes",
    hint="The two points are 2 h apart, but the difference is divided by h.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Divides the central difference by h."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e) - f(x - e)) * dy).sum() / h
    return dx


@mistake(
    "precedence",
    fails="numerical numerical_shapes",
    hint="/ 2 * h divides by 2 and multiplies by h. Put parentheses around 2 * h.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Divides by 2 and multiplies by h."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e) - f(x - e)) * dy).sum() / 2 * h
    return dx


@mistake(
    "not_divided",
    fails="numerical numerical_shapes",
    hint="The difference is not divided by the distance of the two points, 2 h.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Does not divide."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e) - f(x - e)) * dy).sum()
    return dx


@mistake(
    "half_steps",
    fails="numerical_step",
    hint="The points are h / 2 to either side, h apart in all. In this exercise h is the step to "
    "each side.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Steps by h / 2 to either side."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e / 2) - f(x - e / 2)) * dy).sum() / h
    return dx


@mistake(
    "dy_missing",
    fails="numerical numerical_shapes",
    hint="dy is not used: this is the gradient of sum(f(x)). Weigh each result by its dy.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Leaves dy out."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = (f(x + e) - f(x - e)).sum() / (2 * h)
    return dx


@mistake(
    "averaged",
    fails="numerical numerical_shapes",
    hint="The weighted results are averaged. The loss is their sum.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Averages in place of summing."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e) - f(x - e)) * dy).mean() / (2 * h)
    return dx


@mistake(
    "sign_reversed",
    fails="numerical numerical_shapes",
    hint="The sign is reversed: it is the value at x + h minus the value at x - h.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Takes the difference the wrong way round."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x - e) - f(x + e)) * dy).sum() / (2 * h)
    return dx


@mistake(
    "absolute_differences",
    fails="numerical numerical_shapes",
    hint="The differences lose their sign before they are summed. Keep it.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Takes absolute values of the differences."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = (np.abs(f(x + e) - f(x - e)) * dy).sum() / (2 * h)
    return dx


@mistake(
    "squared_results",
    fails="numerical numerical_step numerical_shapes",
    hint="The results are squared before they are weighed. The loss is sum(f(x) * dy).",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Squares the results."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e) ** 2 - f(x - e) ** 2) * dy).sum() / (2 * h)
    return dx


@mistake(
    "relative_step",
    fails="numerical_step",
    hint="The step grows with the size of the entry. It is h everywhere.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Steps by h times the entry."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        step = h * max(1.0, abs(x[i]))
        e[i] = step
        dx[i] = ((f(x + e) - f(x - e)) * dy).sum() / (2 * step)
    return dx


@mistake(
    "own_place_only",
    fails="numerical numerical_shapes",
    hint="Only the result in the place that was moved is weighed. One entry of x may change every "
    "result: sum over all of them.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Looks at the result in the same place only."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e) - f(x - e)) * dy)[i] / (2 * h)
    return dx


@mistake(
    "all_at_once",
    fails="numerical numerical_shapes",
    hint="All entries of x are moved at once, which gives one number, the derivative along one "
    "direction. Move one entry at a time.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Moves all entries at once, and gives one number to all."""
    change = ((f(x + h) - f(x - h)) * dy).sum() / (2 * h)
    return np.full_like(x, change)


@mistake(
    "entry_by_entry",
    fails="numerical numerical_shapes",
    hint="All entries of x are moved at once and the results are taken place by place. That is "
    "right only where each result depends on its own entry alone, which batch norm's do not.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Moves all entries at once, and reads the results place by place."""
    return (f(x + h) - f(x - h)) * dy / (2 * h)


@mistake(
    "row_by_row",
    fails="numerical numerical_shapes",
    hint="A whole row of x is moved at a time. Move one entry at a time.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Moves a whole row at a time."""
    dx = np.zeros_like(x)
    for i in range(len(x)):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e) - f(x - e)) * dy).sum() / (2 * h)
    return dx


@mistake(
    "steps_add_up",
    fails="numerical",
    hint="The step of one entry is still there when the next one is moved: the array of steps is "
    "not reset.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Leaves earlier entries moved."""
    dx = np.zeros_like(x)
    moved = x.copy()
    for i in np.ndindex(x.shape):
        moved[i] += h
        above = (f(moved) * dy).sum()
        moved[i] -= 2 * h
        below = (f(moved) * dy).sum()
        dx[i] = (above - below) / (2 * h)
    return dx


@mistake(
    "never_restored",
    fails="numerical numerical_untouched",
    hint="x itself is moved and not moved back. Work on a copy, or put the saved number back.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Moves x itself and leaves it there."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += h
        above = (f(x) * dy).sum()
        x[i] -= 2 * h
        below = (f(x) * dy).sum()
        dx[i] = (above - below) / (2 * h)
    return dx


@mistake(
    "restored_by_adding",
    fails="numerical_untouched",
    hint="x is moved back by adding and subtracting h, which loses the last digits. Put the saved "
    "number back, or work on a copy.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Moves x itself, and moves it back by adding h."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += h
        above = (f(x) * dy).sum()
        x[i] -= 2 * h
        below = (f(x) * dy).sum()
        x[i] += h
        dx[i] = (above - below) / (2 * h)
    return dx


@mistake(
    "scales_dy_in_place",
    fails="numerical_untouched",
    hint="dy is divided in place, and what the caller holds has changed. Divide the result.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Divides dy in place."""
    dx = np.zeros_like(x)
    dy /= 2 * h
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e) - f(x - e)) * dy).sum()
    return dx


@mistake(
    "h_ignored",
    fails="numerical_step",
    hint="h is always 1e-5, whatever the caller passes. Use the argument.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Always uses 1e-5."""
    dx = np.zeros_like(x)
    h = 1e-5
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e) - f(x - e)) * dy).sum() / (2 * h)
    return dx


@mistake(
    "h_default_1e_4",
    fails="numerical_step",
    hint="When h is left out, 1e-4 is used. The default of this exercise is 1e-5.",
)
def numerical_gradient(f, x, dy, h=1e-4):
    """Has 1e-4 for a default."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e) - f(x - e)) * dy).sum() / (2 * h)
    return dx


@mistake(
    "h_default_1e_7",
    fails="numerical_step",
    hint="When h is left out, 1e-7 is used. The default of this exercise is 1e-5.",
)
def numerical_gradient(f, x, dy, h=1e-7):
    """Has 1e-7 for a default."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e) - f(x - e)) * dy).sum() / (2 * h)
    return dx


@mistake(
    "five_points",
    fails="numerical_step",
    hint="The differences use points at 2 h as well: a formula of higher order. This exercise asks "
    "for the central difference, with the points x + h and x - h.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Uses the formula with four points."""
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        near, far = f(x + e) - f(x - e), f(x + 2 * e) - f(x - 2 * e)
        dx[i] = ((8 * near - far) * dy).sum() / (12 * h)
    return dx


@mistake(
    "two_axes_only",
    fails="numerical_shapes",
    hint="Two loops go over rows and columns, so that x must have two axes. np.ndindex(x.shape) "
    "goes over the entries of any array.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Works for two axes only."""
    n, d = x.shape
    dx = np.zeros_like(x)
    for i in range(n):
        for j in range(d):
            e = np.zeros_like(x)
            e[i, j] = h
            dx[i, j] = ((f(x + e) - f(x - e)) * dy).sum() / (2 * h)
    return dx


@mistake(
    "shape_of_dy",
    fails="numerical_shapes",
    hint="dx is given dy's shape. It has one entry for each entry of x, and so x's shape; f(x) may "
    "have another.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Gives dx the shape of dy."""
    dx = np.zeros_like(dy)
    for i in np.ndindex(dy.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx[i] = ((f(x + e) - f(x - e)) * dy).sum() / (2 * h)
    return dx


@mistake(
    "flat",
    fails="numerical numerical_shapes",
    hint="dx is a flat array. It has the shape of x.",
)
def numerical_gradient(f, x, dy, h=1e-5):
    """Returns a flat array."""
    dx = []
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        dx.append(((f(x + e) - f(x - e)) * dy).sum() / (2 * h))
    return np.array(dx)


# --- numerical_gradient: right ---------------------------------------------------------------------


@variant("restores_the_saved_number")
def numerical_gradient(f, x, dy, h=1e-5):
    """Moves x itself, and puts the saved number back."""
    dx = np.empty_like(x)
    it = np.nditer(x, flags=["multi_index"])
    for _ in it:
        place = it.multi_index
        saved = x[place]
        x[place] = saved + h
        above = np.sum(f(x) * dy)
        x[place] = saved - h
        below = np.sum(f(x) * dy)
        x[place] = saved
        dx[place] = (above - below) / (2 * h)
    return dx


@variant("flat_list")
def numerical_gradient(f, x, dy, h=1e-5):
    """Goes over a flat copy and returns a reshaped list."""
    flat, slopes = x.flatten(), []
    for k in range(flat.size):
        up, down = flat.copy(), flat.copy()
        up[k], down[k] = flat[k] + h, flat[k] - h
        change = np.vdot(f(up.reshape(x.shape)), dy) - np.vdot(f(down.reshape(x.shape)), dy)
        slopes.append(change / h / 2)
    return np.reshape(slopes, x.shape)


@variant("unit_arrays")
def numerical_gradient(f, x, dy, h=1e-5):
    """Steps along the rows of an identity matrix."""
    steps = h * np.eye(x.size).reshape(-1, *x.shape)
    change = np.stack([f(x + step) - f(x - step) for step in steps])
    return np.tensordot(change, dy, axes=dy.ndim).reshape(x.shape) / (2 * h)


@variant("mean_of_both_sides")
def numerical_gradient(f, x, dy, h=1e-5):
    """Averages the forward and the backward difference."""

    def loss(x):
        return (dy * f(x)).sum()

    here, dx = loss(x), np.zeros(x.shape)
    for place, _ in np.ndenumerate(x):
        step = np.zeros(x.shape)
        step[place] = h
        dx[place] = 0.5 * ((loss(x + step) - here) / h + (here - loss(x - step)) / h)
    return dx


@variant("recursive")
def numerical_gradient(f, x, dy, h=1e-5):
    """Goes down the axes by recursion."""

    def at(index):
        if len(index) < x.ndim:
            return [at((*index, i)) for i in range(x.shape[len(index)])]
        step = np.where(
            np.arange(x.size).reshape(x.shape) == np.ravel_multi_index(index, x.shape), h, 0
        )
        return float(np.einsum("i,i->", (f(x + step) - f(x - step)).ravel(), dy.ravel()) / (2 * h))

    return np.array(at(()))


@variant("long_double")
def numerical_gradient(f, x, dy, h=1e-5):
    """Sums in extended precision."""
    dx = np.zeros(x.shape, dtype=np.longdouble)
    for place in np.ndindex(*x.shape):
        up, down = np.array(x), np.array(x)
        up[place] += h
        down[place] -= h
        dx[place] = ((f(up) - f(down)).astype(np.longdouble) * dy).sum() / (2 * h)
    return dx.astype(x.dtype)


# --- backward_stages: wrong ------------------------------------------------------------------------


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


@mistake(
    "gamma_absent",
    fails="dx_hat whole",
    hint="gamma is missing in dx_hat, which is dy itself. y = gamma * x_hat + beta.",
)
def backward_stages(dy, cache):
    """Leaves gamma out of dx_hat."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy.copy()
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "gamma_twice_in_dx_hat",
    fails="dx_hat whole",
    hint="gamma enters dx_hat twice. It enters y once.",
)
def backward_stages(dy, cache):
    """Multiplies dx_hat by gamma twice."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"] ** 2
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "gamma_inverted",
    fails="dx_hat whole",
    hint="dy is divided by gamma. The derivative of gamma * x_hat by x_hat is gamma: multiply.",
)
def backward_stages(dy, cache):
    """Divides by gamma."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy / cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "gamma_absolute",
    fails="dx_hat whole",
    hint="The sign of gamma is lost. A negative gamma reverses the gradient.",
)
def backward_stages(dy, cache):
    """Loses the sign of gamma."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * np.abs(cache["gamma"])
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "gamma_by_row",
    fails="dx_hat whole shapes",
    hint="gamma is laid along the samples. It has one number for each feature, the last axis of "
    "dy.",
)
def backward_stages(dy, cache):
    """Lays gamma along the samples."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"][:, None]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dx_hat_times_x_hat",
    fails="dx_hat whole",
    hint="dx_hat is multiplied by x_hat. That belongs to dgamma; the derivative of gamma * x_hat "
    "by x_hat is gamma.",
)
def backward_stages(dy, cache):
    """Multiplies dx_hat by x_hat."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"] * cache["x_hat"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dx_hat_times_inv_std",
    fails="dx_hat whole",
    hint="dx_hat is multiplied by inv_std already, which belongs to the step from x_hat to x.",
)
def backward_stages(dy, cache):
    """Multiplies dx_hat by inv_std."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"] * cache["inv_std"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_exponent_half",
    fails="dvar whole",
    hint="inv_std appears to the power 1 in dvar. The derivative of (var + eps)^(-1/2) has the "
    "exponent -3/2, which is inv_std cubed.",
)
def backward_stages(dy, cache):
    """Uses the exponent -1/2 in dvar."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_exponent_one",
    fails="dvar whole",
    hint="inv_std appears squared in dvar. The derivative of (var + eps)^(-1/2) has the exponent "
    "-3/2, which is inv_std cubed.",
)
def backward_stages(dy, cache):
    """Uses the exponent -1 in dvar."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**2
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_centred_for_x_hat",
    fails="dvar whole",
    hint="In dvar x_hat, which has one inv_std in it, is multiplied by inv_std cubed: four in all. "
    "With x_hat two are enough, with x - mean three.",
)
def backward_stages(dy, cache):
    """Uses x_hat with inv_std cubed in dvar."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * cache["x_hat"]).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_sign",
    fails="dvar whole",
    hint="The sign of dvar is reversed: a larger variance makes x_hat smaller.",
)
def backward_stages(dy, cache):
    """Loses the minus sign of dvar."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * 0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_without_half",
    fails="dvar whole",
    hint="The factor 1/2 is missing in dvar: it comes from the exponent -1/2.",
)
def backward_stages(dy, cache):
    """Loses the 1/2 of dvar."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = -(dx_hat * centred).sum(axis=0) * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_by_std",
    fails="dvar whole",
    hint="This is the derivative by the standard deviation. dvar is the one by the variance.",
)
def backward_stages(dy, cache):
    """Takes the derivative by the standard deviation."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = -(dx_hat * centred).sum(axis=0) * inv_std**2
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_averaged",
    fails="dvar whole",
    hint="dvar is averaged over the samples. The variance is in every sample's x_hat: sum.",
)
def backward_stages(dy, cache):
    """Averages dvar."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).mean(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_not_centred",
    fails="dvar whole",
    hint="x stands in dvar where x - mean should.",
)
def backward_stages(dy, cache):
    """Uses x for x - mean in dvar."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * cache["x"]).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_from_dy",
    fails="dvar whole",
    hint="dvar starts from dy. It is reached through x_hat: start from dx_hat.",
)
def backward_stages(dy, cache):
    """Starts dvar from dy."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dy * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_without_centred",
    fails="dvar whole",
    hint="x - mean is missing in dvar: the power of (var + eps) multiplies it in x_hat.",
)
def backward_stages(dy, cache):
    """Leaves x - mean out of dvar."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = dx_hat.sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_product_of_sums",
    fails="dvar dx whole",
    hint="dx_hat and x - mean are summed apart and then multiplied. Multiply first, sum after.",
)
def backward_stages(dy, cache):
    """Multiplies sums in dvar."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = dx_hat.sum(axis=0) * centred.sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_over_features",
    fails="dvar whole shapes",
    hint="dvar is summed over the features of each sample (axis 1). The variance is shared by the "
    "samples: sum over axis 0.",
)
def backward_stages(dy, cache):
    """Sums dvar over axis 1."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=1) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_scalar",
    fails="dvar whole shapes",
    hint="dvar is one number. There is one variance for each feature: sum over axis 0 only.",
)
def backward_stages(dy, cache):
    """Sums dvar over everything."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = ((dx_hat * centred) * -0.5 * inv_std**3).sum()
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dmean_sign",
    fails="dmean whole",
    hint="The sign of dmean is reversed: a larger mean makes x_hat smaller.",
)
def backward_stages(dy, cache):
    """Loses the minus sign of dmean."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dmean_averaged",
    fails="dmean whole",
    hint="dmean is averaged over the samples. The mean is in every sample's x_hat: sum.",
)
def backward_stages(dy, cache):
    """Averages dmean."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.mean(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dmean_without_inv_std",
    fails="dmean whole",
    hint="inv_std is missing in dmean: x - mean is multiplied by it in x_hat.",
)
def backward_stages(dy, cache):
    """Leaves inv_std out of dmean."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dmean_from_dy",
    fails="dmean whole",
    hint="dmean starts from dy. It is reached through x_hat: start from dx_hat.",
)
def backward_stages(dy, cache):
    """Starts dmean from dy."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dy.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dmean_over_features",
    fails="dmean whole shapes",
    hint="dmean is summed over the features of each sample (axis 1). The mean is shared by the "
    "samples: sum over axis 0.",
)
def backward_stages(dy, cache):
    """Sums dmean over axis 1."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -(dx_hat * inv_std).sum(axis=1)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dmean_var_not_centred",
    fails="dmean whole",
    hint="What reaches the mean through var is -2/M times the sum of x - mean, which is 0. Here it "
    "is that of x.",
)
def backward_stages(dy, cache):
    """Uses x for x - mean in the part of dmean that comes through var."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0) - dvar * 2 * cache["x"].mean(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dmean_var_added",
    fails="dmean whole",
    hint="dvar is added to dmean as it is. What reaches the mean through var is dvar times the "
    "derivative of var by the mean, which is 0.",
)
def backward_stages(dy, cache):
    """Adds dvar to dmean."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0) + dvar
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


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


@mistake(
    "dx_divided_by_m_minus_1",
    fails="dx whole",
    hint="The path through var is divided by M - 1. The variance of the forward pass is the biased "
    "one: divide by M.",
)
def backward_stages(dy, cache):
    """Divides the path through var by M - 1."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / (m - 1) + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "divided_by_features",
    fails="whole",
    hint="M is taken to be the number of features, dy.shape[1]. It is the number of samples.",
)
def backward_stages(dy, cache):
    """Takes D for M."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = dy.shape[1]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "divided_by_size",
    fails="dx whole",
    hint="M is taken to be the number of all entries, dy.size. It is the number of samples of one "
    "feature.",
)
def backward_stages(dy, cache):
    """Takes N * D for M."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = dy.size
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "no_eps",
    fails="whole",
    hint="1 / sqrt(var) stands where 1 / sqrt(var + eps) should. Use the forward's inv_std, which "
    "the cache holds.",
)
def backward_stages(dy, cache):
    """Computes inv_std without eps."""
    centred = cache["x"] - cache["mean"]
    inv_std = 1 / np.sqrt(cache["var"])
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "eps_hard_coded",
    fails="whole",
    hint="inv_std is computed again with eps = 1e-5, whatever eps the forward pass had. The cache "
    "holds eps, and inv_std itself.",
)
def backward_stages(dy, cache):
    """Computes inv_std with 1e-5."""
    centred = cache["x"] - cache["mean"]
    inv_std = 1 / np.sqrt(cache["var"] + 1e-5)
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "eps_outside_root",
    fails="whole",
    hint="inv_std is computed again with eps outside the root. Use the forward's inv_std, which "
    "the cache holds.",
)
def backward_stages(dy, cache):
    """Computes inv_std with eps outside the root."""
    centred = cache["x"] - cache["mean"]
    inv_std = 1 / (np.sqrt(cache["var"]) + cache["eps"])
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "biased_forgotten",
    fails="dvar dmean dx whole",
    hint="inv_std is computed again with the unbiased variance. Use the forward's inv_std, which "
    "the cache holds.",
)
def backward_stages(dy, cache):
    """Computes inv_std with the unbiased variance."""
    centred = cache["x"] - cache["mean"]
    inv_std = 1 / np.sqrt(cache["x"].var(axis=0, ddof=1) + cache["eps"])
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "root_missing",
    fails="dvar dmean dx whole",
    hint="inv_std is computed again as 1 / (var + eps), without the root. Use the forward's "
    "inv_std, which the cache holds.",
)
def backward_stages(dy, cache):
    """Computes inv_std without the root."""
    centred = cache["x"] - cache["mean"]
    inv_std = 1 / (cache["var"] + cache["eps"])
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "dvar_missing",
    fails="dvar whole shapes",
    hint="The dict has no entry dvar. It has all six, also those that are needed on the way only.",
)
def backward_stages(dy, cache):
    """Leaves dvar out of the dict."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dmean=dmean, dx=dx)


@mistake(
    "dx_overwrites_dx_hat",
    fails="dx_hat whole",
    hint="dx_hat is changed after it was computed: dx is built up in the same array. Start dx as a "
    "new array.",
)
def backward_stages(dy, cache):
    """Builds dx up in the array of dx_hat."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat
    dx *= inv_std
    dx += dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "keepdims",
    fails="shapes",
    hint="The sums keep the axis that they are taken over: their shape is (1, D). The gradients of "
    "mean, var, gamma and beta have the shape (D,).",
)
def backward_stages(dy, cache):
    """Keeps the summed axis."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0, keepdims=True)
    dgamma = (dy * cache["x_hat"]).sum(axis=0, keepdims=True)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0, keepdims=True) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0, keepdims=True)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "mutates_dy",
    fails="untouched",
    hint="dy is multiplied in place, and what the caller holds has changed. dx_hat must be a new "
    "array.",
)
def backward_stages(dy, cache):
    """Multiplies dy in place."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dy *= cache["gamma"]
    dx_hat = dy
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "mutates_cache",
    fails="untouched",
    hint="The cache's x is centred in place, so the cache is not what it was. Compute x - mean in "
    "a new array.",
)
def backward_stages(dy, cache):
    """Centres the cache's x in place."""
    centred = cache["x"]
    centred -= cache["mean"]
    inv_std = cache["inv_std"]
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / m + dmean / m
    return dict(dbeta=dbeta, dgamma=dgamma, dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx)


@mistake(
    "all_zero",
    fails="dbeta dgamma dx_hat dvar dmean dx whole",
    hint="All gradients are 0, as they were before anything was added to them.",
)
def backward_stages(dy, cache):
    """Returns zeros."""
    n, d = dy.shape
    both = {"dx_hat": np.zeros((n, d)), "dx": np.zeros((n, d))}
    return both | {name: np.zeros(d) for name in ("dbeta", "dgamma", "dvar", "dmean")}


@mistake(
    "a_tuple",
    fails="dbeta dgamma dx_hat dvar dmean dx whole shapes untouched",
    hint="The stages come as a tuple. Return a dict with the six names.",
)
def backward_stages(dy, cache):
    """Returns a tuple."""
    centred = cache["x"] - cache["mean"]
    inv_std = cache["inv_std"]
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = dx_hat * inv_std + dvar * 2 * centred / len(dy) + dmean / len(dy)
    return dx_hat, dvar, dmean, dx, (dy * cache["x_hat"]).sum(axis=0), dy.sum(axis=0)


# --- backward_stages: right ------------------------------------------------------------------------


@variant("einsum")
def backward_stages(dy, cache):
    """Sums by einsum."""
    m, r, x_hat = dy.shape[0], cache["inv_std"], cache["x_hat"]
    dx_hat = np.einsum("nd,d->nd", dy, cache["gamma"])
    dvar = -np.einsum("nd,nd,d,d->d", dx_hat, x_hat, r, r) / 2
    dmean = -np.einsum("nd,d->d", dx_hat, r)
    dx = dx_hat * r + np.einsum("d,nd->nd", dvar, x_hat / r) * (2 / m) + dmean / m
    return {
        "dx": dx,
        "dmean": dmean,
        "dvar": dvar,
        "dx_hat": dx_hat,
        "dgamma": np.einsum("nd,nd->d", dy, x_hat),
        "dbeta": np.einsum("nd->d", dy),
    }


@variant("loops")
def backward_stages(dy, cache):
    """Loops over features and samples."""
    n, d = dy.shape
    x, mean, var, gamma, eps = (cache[k] for k in ("x", "mean", "var", "gamma", "eps"))
    out = {"dx_hat": np.zeros((n, d)), "dx": np.zeros((n, d))}
    out |= {name: np.zeros(d) for name in ("dvar", "dmean", "dgamma", "dbeta")}
    for j in range(d):
        std = (var[j] + eps) ** 0.5
        for i in range(n):
            out["dbeta"][j] += dy[i, j]
            out["dgamma"][j] += dy[i, j] * (x[i, j] - mean[j]) / std
            out["dx_hat"][i, j] = dy[i, j] * gamma[j]
            out["dvar"][j] -= out["dx_hat"][i, j] * (x[i, j] - mean[j]) / (2 * std**3)
            out["dmean"][j] -= out["dx_hat"][i, j] / std
        for i in range(n):
            through_var = out["dvar"][j] * 2 * (x[i, j] - mean[j]) / n
            out["dx"][i, j] = out["dx_hat"][i, j] / std + through_var + out["dmean"][j] / n
    return out


@variant("transposed")
def backward_stages(dy, cache):
    """Works on the transpose with keepdims, and returns views."""
    g, centred = dy.T, cache["x"].T - cache["mean"][:, None]
    m, r = g.shape[1], cache["inv_std"][:, None]
    dx_hat = g * cache["gamma"][:, None]
    dvar = np.sum(dx_hat * centred, axis=1, keepdims=True) * (-(r**3) / 2)
    dmean = np.sum(-dx_hat * r, axis=1, keepdims=True)
    dx = dx_hat * r + dvar * 2 / m * centred + dmean / m
    columns = {"dvar": dvar, "dmean": dmean, "dgamma": (g * centred * r).sum(1, keepdims=True)}
    columns["dbeta"] = g.sum(1, keepdims=True)
    return {k: v[:, 0] for k, v in columns.items()} | {"dx_hat": dx_hat.T, "dx": dx.T}


@variant("fine_graph")
def backward_stages(dy, cache):
    """Takes one elementary operation at a time, in reverse."""
    m = dy.shape[0]
    centred = cache["x"] - cache["mean"]
    std = np.sqrt(cache["var"] + cache["eps"])
    dbeta = dy.sum(axis=0)
    dgamma = (dy * centred / std).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dinv_std = (dx_hat * centred).sum(axis=0)
    dcentred = dx_hat / std
    dstd = dinv_std * (-1 / std**2)
    dvar = dstd * 0.5 / std
    dcentred = dcentred + 2 / m * centred * dvar
    dmean = -dcentred.sum(axis=0)
    dx = dcentred + dmean / m
    return dict(dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx, dgamma=dgamma, dbeta=dbeta)


@variant("zero_term_kept")
def backward_stages(dy, cache):
    """Keeps the part of dmean that comes through var."""
    m = dy.shape[0]
    x_mu = cache["x"] - cache["mean"]
    dx_hat = cache["gamma"] * dy
    dvar = np.sum(dx_hat * x_mu * -0.5 * (cache["var"] + cache["eps"]) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -cache["inv_std"], axis=0) + dvar * np.sum(-2 * x_mu, axis=0) / m
    dx = dx_hat * cache["inv_std"] + dvar * 2 * x_mu / m + dmean / m
    dgamma = np.sum(dy * cache["x_hat"], axis=0)
    return dict(dx_hat=dx_hat, dvar=dvar, dmean=dmean, dx=dx, dgamma=dgamma, dbeta=sum(dy))


@variant("closed_form_at_the_end")
def backward_stages(dy, cache):
    """Writes dx in closed form, beside stages that it does not need."""
    m, r, gamma, x_hat = len(dy), cache["inv_std"], cache["gamma"], cache["x_hat"]
    dbeta, dgamma = dy.sum(0), (dy * x_hat).sum(0)
    dx = gamma * r / m * (m * dy - dbeta - x_hat * dgamma)
    dvar, dmean = -0.5 * gamma * dgamma * r**2, -gamma * dbeta * r
    return dict(dx_hat=gamma * dy, dvar=dvar, dmean=dmean, dx=dx, dgamma=dgamma, dbeta=dbeta)


@variant("jacobians")
def backward_stages(dy, cache):
    """Multiplies by the matrices of derivatives, feature by feature."""
    m, d = dy.shape
    ones, names = np.ones(m), ("dx_hat", "dvar", "dmean", "dx", "dgamma", "dbeta")
    rows = []
    for j in range(d):
        r, g, c = cache["inv_std"][j], dy[:, j], (cache["x"] - cache["mean"])[:, j]
        dx_hat = cache["gamma"][j] * np.eye(m) @ g
        dvar = -0.5 * r**3 * c @ dx_hat
        dmean = -r * ones @ dx_hat
        dx = r * np.eye(m) @ dx_hat + 2 / m * c * dvar + ones / m * dmean
        rows.append((dx_hat, dvar, dmean, dx, g @ (r * c), g @ ones))
    return {
        name: np.stack(row, axis=-1)
        for name, row in zip(names, zip(*rows, strict=True), strict=True)
    }


@variant("from_x_only")
def backward_stages(dy, cache):
    """Uses x, gamma and eps of the cache, and computes the rest again."""
    x = cache["x"]
    centred = x - np.average(x, axis=0)
    variance = np.average(centred * centred, axis=0) + cache["eps"]
    root = np.sqrt(variance)
    grad = {"dbeta": np.add.reduce(dy), "dx_hat": np.multiply(dy, cache["gamma"])}
    grad["dgamma"] = np.add.reduce(dy * centred) / root
    grad["dvar"] = np.add.reduce(grad["dx_hat"] * centred) / (-2 * variance * root)
    grad["dmean"] = np.add.reduce(grad["dx_hat"]) / -root
    through_var = 2 * centred * grad["dvar"] / len(x)
    grad["dx"] = grad["dx_hat"] / root + through_var + grad["dmean"] / len(x)
    return grad
