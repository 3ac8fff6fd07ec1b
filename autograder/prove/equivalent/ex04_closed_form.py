"""Mutants of ex04_closed_form that are right."""

from autograder.prove.equivalent.model import (
    BACKWARDS,
    BROADCAST,
    CENTRED,
    COMMUTES,
    LISTS,
    ONE_COLUMN,
    OWN,
    SAME_AXIS,
    SAME_LENGTH,
    SAME_SHAPE,
    TWICE,
    WRITTEN,
    same,
)

NO_PLACE = "any number but 0 serves where there is nothing to project on"
TWICE_SAFE = "done twice, it finds no 0 any more"
ODD = "batch norm is odd in x, but for beta, so its derivatives at -x are those at x"
TINY = "a complex step loses no digits, so any tiny step gives the same derivative"

TABLE = (
    *same(
        "ex04_closed_form",
        "batchnorm_backward",
        # Sizes and axes.
        ("M = dy.shape[0]", "M = x_hat.shape[0]", SAME_SHAPE),
        ("inner = ... / dy.shape[0]", "inner = ... / x_hat.shape[0]", SAME_SHAPE),
        ("m = g.shape[1]", "m = dx.shape[1]", SAME_SHAPE),
        ("m = g.shape[1]", "m = h.shape[1]", SAME_SHAPE),
        ("for place in np.ndindex(x.shape):", "for place in np.ndindex(dx.shape):", SAME_SHAPE),
        ("for place in np.ndindex(x.shape):", "for place in np.ndindex(dy.shape):", SAME_SHAPE),
        *(
            (
                "return (dx, np.average(dy * x_hat, axis=0) * len(dy), ...",
                f"return (dx, np.average(dy * x_hat, axis=0) * len({name}), ...",
                SAME_LENGTH,
            )
            for name in ("dx", "g", "x_hat")
        ),
        *(
            (
                "return (dx, np.average(dy * x_hat, axis=0) * len(dy), ...",
                f"return (dx, ... * len(dy), np.average(dy, axis=0) * len({name}))",
                SAME_LENGTH,
            )
            for name in ("dx", "g", "x_hat")
        ),
        ("across = ...", "across = dy - dbeta / len(x_hat) - x_hat * dgamma / norm", SAME_LENGTH),
        ("columns.append(...", "columns.append(...dbeta[-1] / h.size - h * ...", SAME_LENGTH),
        ("columns.append(...", "columns.append(...h * dgamma[-1] / h.size))", SAME_LENGTH),
        (
            "for g, h, r, scale in zip(..., strict=True):",
            "for g, h, r, scale in zip(dy.T, cache[keys[0]].T, cache[keys[1]], cache[keys[2]]...):",
            SAME_LENGTH,
        ),
        ("m = g.shape[1]", "m = g.shape[-1]", SAME_AXIS),
        ("first, second = (...", "first, second = (g.mean(-1, ...", SAME_AXIS),
        ("first, second = (...", "first, second = (...(g * h).mean(-1, ...", SAME_AXIS),
        (
            "return (dx.T, (m * second)[:, 0]...",
            "return (dx.T, (m * second)[:, -1], ...",
            ONE_COLUMN,
        ),
        (
            "return (dx.T, (m * second)[:, 0]...",
            "return (dx.T, (m * second)[:, 0], (m * first)[:, -1])",
            ONE_COLUMN,
        ),
        # The shape of sums.
        (
            "jacobian = np.eye(m) - np.ones((m, m)) / m...",
            "jacobian = np.eye(m) - np.ones((m,)) / m...",
            BROADCAST,
        ),
        ("dx = ...mean(...)...", "dx = ...mean(..., keepdims=True)...", BROADCAST),
        ("centred = ...mean(axis=0)", "centred = ...mean(axis=0, keepdims=True)", BROADCAST),
        ("g = dy - dy.mean(axis=0)", "g = dy - dy.mean(axis=0, keepdims=True)", BROADCAST),
        (
            "y = gamma * centred * ((centred ** 2).mean(axis=0) ...",
            "y = gamma * centred * ((centred ** 2).mean(axis=0, keepdims=True) ...",
            BROADCAST,
        ),
        (
            "norm = (x_hat * x_hat).sum(axis=0)",
            "norm = (x_hat * x_hat).sum(axis=0, keepdims=True)",
            BROADCAST,
        ),
        (
            "dvar = (dx_hat * centred).sum(0)...",
            "dvar = (dx_hat * centred).sum(0, keepdims=True)...",
            BROADCAST,
        ),
        ("dmean = -(dx_hat * r).sum(0)", "dmean = -(dx_hat * r).sum(0, keepdims=True)", BROADCAST),
        # Work in place, or in another order.
        ("dx = (g - g.mean(0) - ...", "g -= g.mean(0)\ndx = (g - ...", OWN),
        ("dx = dx_hat * r + ...", "dmean /= m\ndx = ... + dmean", OWN),
        ("dx = dx_hat * r + ...", "dx_hat *= r\ndx = dx_hat + ...", OWN),
        ("return (dx, (g * centred).sum...", "g *= centred\nreturn (dx, g.sum...", OWN),
        ("centred = z - z.mean(axis=0)", "z -= z.mean(axis=0)\ncentred = z", OWN),
        (
            "dx, dgamma, dbeta = (np.zeros((n, d)), ...",
            "dx, dgamma, dbeta = (np.ones((n, d)), ...",
            WRITTEN,
        ),
        ("dx, tiny = (np.zeros_like(x), 1e-30)", "dx, tiny = (np.ones_like(x), 1e-30)", WRITTEN),
        (
            "dx, tiny = (np.zeros_like(x), 1e-30)",
            "dx, tiny = (np.zeros_like(dy), 1e-30)",
            SAME_SHAPE,
        ),
        ("dbeta[j] += dy[i, j]", "dbeta[j] += dy[-i, j]", BACKWARDS),
        # Products and signs.
        (
            "...np.einsum('nd,nd->d', dy, x_hat)...",
            "...np.einsum('nd,nd->d', x_hat, dy)...",
            COMMUTES,
        ),
        (
            "return (np.einsum(...",
            "return (np.einsum('d,d,nd->nd', cache['inv_std'], cache['gamma'], ...",
            COMMUTES,
        ),
        ("keys = ...", "keys = ('x_hat', 'gamma', 'inv_std')", COMMUTES),
        (
            "for g, h, r, scale in zip(...",
            "for g, h, r, scale in zip(dy.T, cache[keys[0]].T, cache[keys[2]], cache[keys[1]], ...",
            COMMUTES,
        ),
        ("dgamma.append(g @ h)", "dgamma.append(h @ g)", COMMUTES),
        (
            "dx[:, j] = ... * jacobian @ dy[:, j]",
            "dx[:, j] = dy[:, j] @ (... * jacobian)",
            "this matrix is symmetric",
        ),
        ("x_hat = cache['x_hat'][:, j]", "x_hat = -cache['x_hat'][:, j]", TWICE),
        (
            "m, r, centred = (...",
            "m, r, centred = (len(dy), cache['inv_std'], cache['mean'] - cache['x'])",
            TWICE,
        ),
        (
            "m, r, centred = (...",
            "m, r, centred = (len(dy), cache['inv_std'], -(cache['x'] - cache['mean']))",
            TWICE,
        ),
        ("x, gamma, eps = ...", "x, gamma, eps = (-cache['x'], cache['gamma'], cache['eps'])", ODD),
        ("z = x.astype(complex)", "z = -x.astype(complex)", ODD),
        # Where x_hat is 0, whatever stands for its length is multiplied by 0.
        *(
            (
                "norm = np.where(norm > 0, norm, 1.0)",
                f"norm = np.where(norm > 0, norm, {n})",
                NO_PLACE,
            )
            for n in (2.0, 0.5, 10.0, 0.1, -1.0)
        ),
        ("", "norm = np.where(norm > 0, norm, 1.0)", TWICE_SAFE),
        # Sums that are 0, and a step that may be any.
        ("return (dx, (g * centred).sum...", "return (dx, (dy * centred).sum...", CENTRED),
        ("return (dx, (g * centred).sum...", "return (dx, (g * x).sum...", CENTRED),
        (
            "dx = (g - centred * (g * centred).mean...",
            "dx = (g - centred * (dy * centred).mean...",
            CENTRED,
        ),
        (
            "dx = (g - centred * (g * centred).mean...",
            "dx = (g - centred * (g * x).mean...",
            CENTRED,
        ),
        ("dx, tiny = (np.zeros_like(x), 1e-30)", "dx, tiny = (np.zeros_like(x), ...e-3...)", TINY),
        ("dx, tiny = (np.zeros_like(x), 1e-30)", "dx, tiny = (np.zeros_like(x), ...e-29)", TINY),
        # What the answer is made of.
        (
            "return (np.column_stack(columns), ...",
            "return (np.column_stack(columns), dgamma, np.array(dbeta))",
            LISTS,
        ),
        (
            "return (np.column_stack(columns), ...",
            "return (np.column_stack(columns), np.array(dgamma), dbeta)",
            LISTS,
        ),
    ),
)
