"""Mutants of ex03_backward that are right."""

from autograder.prove.equivalent.model import (
    BACKWARDS,
    CENTRED,
    COMMUTES,
    LIKE,
    LISTS,
    ONE_COLUMN,
    OWN,
    SAME_AXIS,
    SAME_LENGTH,
    SAME_SHAPE,
    WRITTEN,
    same,
)

BOTH_SIDES = "a central difference with -h is the one with h"
NOT_MOVED = "up and down are copies that have not changed yet"
SINGLE = "the checks' numbers need no more digits than float64 has"
REAL = "vdot is the same either way for real numbers"
NEGATIVE_LENGTH = "NumPy works out any length that is given as a negative number"
CANCELS = "it is added to one side and taken away from the other"
WIDER = "the numbers are those of float64, in a type that holds them all"
ZERO_TERM = "x_mu adds up to 0, so this term is 0 whatever multiplies it"
AGAIN = "done twice it gives what it gave, since it reads nothing that it writes"
ORDER = "the order of the keys does not matter"
ALL_ONES = "ones holds 1 everywhere: to multiply by it, to divide by it and to take it as a power "
ALL_ONES += "is the same"

TERM = "dmean = np.sum(dx_hat * -cache['inv_std'], axis=0)"
WHOLE_TERM = TERM + " + dvar * np.sum(-2 * x_mu, axis=0) / m"

TABLE = (
    *same(
        "ex03_backward",
        "numerical_gradient",
        ("def numerical_gradient(...h=1e-05):", "def numerical_gradient(...h=-1e-05):", BOTH_SIDES),
        # What the result and the step start from, and over what the loop goes.
        ("dx = np.zeros...", "dx = np.ones...", WRITTEN),
        (
            "here, dx = (loss(x), np.zeros(x.shape))",
            "here, dx = (loss(x), np.ones(x.shape))",
            WRITTEN,
        ),
        ("for i in np.ndindex(x.shape):", "for i in np.ndindex(dx.shape):", SAME_SHAPE),
        ("for place in np.ndindex(*x.shape):", "for place in np.ndindex(*dx.shape):", SAME_SHAPE),
        ("for place, _ in np.ndenumerate(x):", "for place, _ in np.ndenumerate(dx):", SAME_SHAPE),
        ("it = np.nditer(x, flags=['multi_index'])", "it = np.nditer(dx, ...", SAME_SHAPE),
        ("step = np.zeros(x.shape)", "step = np.zeros(dx.shape)", SAME_SHAPE),
        ("for k in range(flat.size):", "for k in range(x.size):", SAME_SHAPE),
        ("step = np.zeros_like(x)", "step = np.zeros_like(dx)", LIKE),
        (
            "steps = h * np.eye(...(-1, *x.shape)",
            "steps = h * np.eye(...(-2, *x.shape)",
            NEGATIVE_LENGTH,
        ),
        # The two sides.
        (
            "x[place] = saved + h",
            "x[place] = _ + h",
            "_ looks at x[place], which is the saved number",
        ),
        *(
            ("up[k], down[k] = (flat[k] + h, ...", f"up[k], down[k] = {changed}", NOT_MOVED)
            for changed in (
                "(up[k] + h, flat[k] - h)",
                "(down[k] + h, flat[k] - h)",
                "(flat[k] + h, up[k] - h)",
                "(flat[k] + h, down[k] - h)",
            )
        ),
        (
            "here, dx = (loss(x), np.zeros(x.shape))",
            "here, dx = (-loss(x), np.zeros(x.shape))",
            CANCELS,
        ),
        (
            "dx[place] = (above - below) / (2 * h)",
            "above -= below\ndx[place] = above / (2 * h)",
            OWN,
        ),
        # The sum over f's result.
        (
            "...np.vdot(f(up.reshape(x.shape)), dy)...",
            "...np.vdot(dy, f(up.reshape(x.shape)))...",
            REAL,
        ),
        (
            "...np.vdot(f(down.reshape(x.shape)), dy)",
            "...np.vdot(dy, f(down.reshape(x.shape)))",
            REAL,
        ),
        (
            "return float(np.einsum('i,i->', ...",
            "...np.einsum('i,i->', dy.ravel(), (f(x + step) - f(x - step)).ravel()) / (2 * h))",
            COMMUTES,
        ),
        # Numbers and arrays of other types.
        (
            "return float(np.einsum(...",
            "return np.einsum(...ravel(), dy.ravel()) / (2 * h)",
            "a number of NumPy is a float too",
        ),
        (
            "change = np.stack([...])",
            "change = [f(x + step) - f(x - step) for step in steps]",
            LISTS,
        ),
        ("return np.array(at(()))", "return at(())", LISTS),
        ("dx = np.zeros(x.shape, dtype=np.longdouble)", "dx = np.zeros(x.shape)", SINGLE),
        ("...(f(up) - f(down)).astype(np.longdouble)...", "...((f(up) - f(down)) * dy)...", SINGLE),
        ("return dx.astype(x.dtype)", "return dx", WIDER),
        ("return dx.astype(x.dtype)", "return dx.astype(dx.dtype)", WIDER),
        ("return dx.astype(x.dtype)", "return dx.astype(dy.dtype)", LIKE),
        ("return dx.astype(x.dtype)", "return dx.astype(up.dtype)", LIKE),
        ("return dx.astype(x.dtype)", "return dx.astype(down.dtype)", LIKE),
    ),
    *same(
        "ex03_backward",
        "backward_stages",
        # Sizes and axes.
        ("M = dy.shape[0]", "M = centred.shape[0]", SAME_SHAPE),
        ("m, r = (g.shape[1], ...", "m, r = (centred.shape[1], ...", SAME_SHAPE),
        *(
            (
                "through_var = 2 * centred * grad['dvar'] / len(x)",
                f"through_var = 2 * centred * grad['dvar'] / len({name})",
                SAME_LENGTH,
            )
            for name in ("dy", "centred")
        ),
        *(
            (
                "grad['dx'] = grad['dx_hat'] / root + through_var + ...",
                f"grad['dx'] = grad['dx_hat'] / root + through_var + grad['dmean'] / len({name})",
                SAME_LENGTH,
            )
            for name in ("dy", "centred", "through_var")
        ),
        ("m, r = (g.shape[1], ...", "m, r = (g.shape[-1], ...", SAME_AXIS),
        ("...sum(1, keepdims=True)...", "...sum(-1, keepdims=True)...", SAME_AXIS),
        ("...axis=1, keepdims=True)...", "...axis=-1, keepdims=True)...", SAME_AXIS),
        ("return {k: v[:, 0] for ...", "return {k: v[:, -1] for ...", ONE_COLUMN),
        (
            "return {name: np.stack(...",
            "return {name: np.stack(row, axis=-1) for name, row in zip(names, zip(*rows...)...)}",
            SAME_LENGTH,
        ),
        # Work in place, in another order, or twice.
        ("dstd = ...", "dinv_std *= -1 / std ** 2\ndstd = dinv_std", OWN),
        ("dcentred = dcentred + ...", "dcentred += ...\ndcentred = dcentred", OWN),
        ("dx = dcentred + dmean / m", "dcentred += dmean / m\ndx = dcentred", OWN),
        ("out = {...", "out = {'dx_hat': np.ones((n, d)), 'dx': np.zeros((n, d))}", WRITTEN),
        ("out = {...", "out = {'dx_hat': np.zeros((n, d)), 'dx': np.ones((n, d))}", WRITTEN),
        ("out['dbeta'][j] += dy[i, j]", "out['dbeta'][j] += dy[-i, j]", BACKWARDS),
        ("", "out |= {name: np.zeros(d) for name in ('dvar', 'dmean', 'dgamma', 'dbeta')}", AGAIN),
        ("", "grad['d...'] = ...", AGAIN),
        *(
            ("out |= {name: ...", f"out |= {{name: np.zeros(d) for name in ({names})}}", ORDER)
            for names in (
                "'dmean', 'dvar', 'dgamma', 'dbeta'",
                "'dvar', 'dgamma', 'dmean', 'dbeta'",
                "'dvar', 'dmean', 'dbeta', 'dgamma'",
            )
        ),
        # Products.
        (
            "...np.einsum('nd,nd->d', dy, x_hat)...",
            "...np.einsum('nd,nd->d', x_hat, dy)...",
            COMMUTES,
        ),
        (
            "dvar = -np.einsum(...",
            "dvar = -np.einsum('nd,nd,d,d->d', x_hat, dx_hat, r, r) / 2",
            COMMUTES,
        ),
        (
            "dx_hat = cache['gamma'][j] * np.eye(m) @ g",
            "dx_hat = g @ (cache['gamma'][j] * np.eye(m))",
            "this matrix is symmetric",
        ),
        (
            "dx = r * np.eye(m) @ dx_hat + ...",
            "dx = dx_hat @ (r * np.eye(m)) + ...",
            "this matrix is symmetric",
        ),
        ("dvar = -0.5 * r ** 3 * c @ dx_hat", "dvar = dx_hat @ (-0.5 * r ** 3 * c)", COMMUTES),
        ("dmean = -r * ones @ dx_hat", "dmean = dx_hat @ (-r * ones)", COMMUTES),
        ("rows.append(...g @ (r * c)...", "rows.append(...r * c @ g, g @ ones))", COMMUTES),
        ("rows.append(...g @ ones))", "rows.append(...g @ (r * c), ones @ g))", COMMUTES),
        ("dmean = -r * ones @ dx_hat", "dmean = -r / ones @ dx_hat", ALL_ONES),
        ("dmean = -r * ones @ dx_hat", "dmean = (-r) ** ones @ dx_hat", ALL_ONES),
        # Sums that are 0.
        (
            "variance = np.average(centred * centred, ...",
            "variance = np.average(x * centred, ...",
            CENTRED,
        ),
        (
            "variance = np.average(centred * centred, ...",
            "variance = np.average(centred * x, ...",
            CENTRED,
        ),
        *(
            (WHOLE_TERM, TERM + changed, ZERO_TERM)
            for changed in (
                "",
                " - dvar * np.sum(-2 * x_mu, axis=0) / m",
                " + np.sum(-2 * x_mu, axis=0) / m",
                " + m * np.sum(-2 * x_mu, axis=0) / m",
                " + dvar * np.sum(-2 * x_mu, axis=0)",
                " + dvar * np.sum(-2 * x_mu, axis=0) * m",
                " + dvar * np.sum(-2 * x_mu) / m",
                " + dvar * np.mean(-2 * x_mu, axis=0) / m",
                " + dvar * np.sum(x_mu, axis=0) / m",
                " + dvar * np.sum(-... * x_mu, axis=0) / m",
                " + dvar * np.sum(2 * x_mu, axis=0) / m",
                " + dvar * np.sum(-2 * -x_mu, axis=0) / m",
                " + dvar * -np.sum(-2 * x_mu, axis=0) / m",
                " + dvar * np.sum(-2 * x_mu, axis=0) / -m",
                " + -dvar * np.sum(-2 * x_mu, axis=0) / m",
                " + -(dvar * np.sum(-2 * x_mu, axis=0) / m)",
                " + -(dvar * np.sum(-2 * x_mu, axis=0)) / m",
            )
        ),
    ),
)
