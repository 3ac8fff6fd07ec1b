"""Numerical gradients, wrong and right."""

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
