"""Mutants of ex05_running_averages that are right."""

from autograder.prove.equivalent.model import (
    BROADCAST,
    CENTRED,
    COMMUTES,
    LIKE,
    LISTS,
    OWN,
    REPLACED,
    SAME_AXIS,
    SAME_LENGTH,
    same,
)

ONCE = "backward is called once for each forward, so it may use up what forward has kept"
TRUTH = "minus True is true and minus False is false"
MINUS_ZERO = "minus zero is zero"
SINCE = "the mode was kept a line before, and is the same"
RETURNED = "what train and eval return is the student's own"
COPIED = "arrays of the state are never changed in place here, so they need no copies"
OWN_STATE = "the running averages are the layer's own, and may change in place"
NEW_FLOATS = "what is assigned is a new array of float64 already"
COUNTED = "after the loop count is m, and both are the number of samples"
SYMMETRIC = "this matrix is symmetric"
NO_KEY_TWICE = "done twice it gives what it gave"
SLOTS = "the order of slots does not matter, and without any, there is a dict for attributes"
TWO = "of two, -1 is 1"
PAIR = "both lists grow by one with each batch"

TABLE = (
    *same(
        "ex05_running_averages",
        "BatchNorm",
        # Modes, and what is returned or kept.
        ("self.cache = (..., self.training)", "self.cache = (..., -self.training)", TRUTH),
        ("self.kept = (..., self.is_eval)", "self.kept = (..., -self.is_eval)", TRUTH),
        ("...self.mode = (..., self.training)", "...self.mode = (..., -self.training)", TRUTH),
        ("if self._mode == 'eval':", "if self._ran_in == 'eval':", SINCE),
        ("if self.training:", "if self.mode:", SINCE),
        ("return self", "", RETURNED),
        ("return self", "return mode", RETURNED),
        ("return 'training'", "...", RETURNED),
        ("return 'evaluation'", "...", RETURNED),
        (
            "for_backward, self.for_backward = ...",
            "for_backward, for_backward.for_backward = (self.for_backward, None)",
            ONCE,
        ),
        # The state.
        ("", "self._state |= ...", NO_KEY_TWICE),
        ("return self._state[name].copy()", "return self._state[name]", COPIED),
        (
            "self.running_mean, self.running_var = (self.beta.copy(), ...",
            "self.running_mean, self.running_var = (self.beta, self.gamma.copy())",
            COPIED,
        ),
        (
            "self.running_mean, self.running_var = (self.beta.copy(), ...",
            "self.running_mean, self.running_var = (self.beta.copy(), self.gamma)",
            COPIED,
        ),
        (
            "mean, var = (self.running_mean.copy(), ...",
            "mean, var = (self.running_mean, self.running_var.copy())",
            COPIED,
        ),
        (
            "mean, var = (self.running_mean.copy(), ...",
            "mean, var = (self.running_mean.copy(), self.running_var)",
            COPIED,
        ),
        (
            "means, variances = (...",
            "means, variances = (self.running_mean, self.running_var.copy())",
            OWN_STATE,
        ),
        (
            "means, variances = (...",
            "means, variances = (self.running_mean.copy(), self.running_var)",
            OWN_STATE,
        ),
        ("self._state[name] = ...", "self._state[name] = value", NEW_FLOATS),
        ("self._state[name] = ...", "self._state[name] = np.array(value)", NEW_FLOATS),
        (
            "self.gamma, self.beta = (...",
            "self.gamma, self.beta = ([1.0] * num_features, ...",
            LISTS,
        ),
        (
            "self.gamma, self.beta = (...",
            "self.gamma, self.beta = (..., [0.0] * num_features)",
            LISTS,
        ),
        ("self.gamma, self.beta = (...", "self.gamma, self.beta = (..., -np...0.0...)", MINUS_ZERO),
        (
            "self.running_mean, self.running_var = (self.beta.copy(), ...",
            "self.running_mean, self.running_var = (-self.beta.copy(), ...",
            MINUS_ZERO,
        ),
        (
            "self.running_mean, self.running_var = (np.full(...",
            "self.running_mean, self.running_var = (-np.full(num_features, 0.0), ...",
            MINUS_ZERO,
        ),
        (
            "self.num_batches_tracked = np.zeros((), ...",
            "self.num_batches_tracked = np.zeros(())",
            "the counter may be of any type",
        ),
        ("__slots__ = ...", "", SLOTS),
        *(
            ("__slots__ = ...", f"__slots__ = ...'{second}', '{first}'...", SLOTS)
            for first, second in (
                ("eps", "momentum"),
                ("momentum", "forward"),
                ("forward", "gamma"),
                ("gamma", "beta"),
                ("beta", "running_mean"),
                ("running_mean", "running_var"),
                ("running_var", "num_batches_tracked"),
                ("num_batches_tracked", "backward"),
            )
        ),
        (
            "running_var = property(...",
            "running_var = property(lambda self: self.blend(-1), ...",
            TWO,
        ),
        ("running_var = property(...", "running_var = property(... self.begin(-1, value))", TWO),
        ("self.seen[1].append(...", "self.seen[-1].append(...", TWO),
        ("blend = ...", "blend = [1 - self.momentum, self.momentum]", LISTS),
        ("self.running_... = blend @ np.stack([...])", "self.running_... = blend @ [...]", LISTS),
        ("return (self.gamma * memory['x_hat'] ...", "return self.gamma * ...", LISTS),
        ("return [part.tolist() for ...", "return [part for ...", LISTS),
        # Work in place.
        ("", "memory['x_hat'] = (x - mean) / memory['std']", NO_KEY_TWICE),
        ("dx = dx_hat / memory['std']", "dx_hat /= memory['std']\ndx = dx_hat", OWN),
        ("return (scale / m * ...", "scale /= m\nreturn (scale * ...", ONCE, "solution"),
        ("return (scale / m * ...", "x_hat *= dgamma\n...", ONCE, "solution"),
        ("dx = dx - scale * ...", "x_hat *= dgamma\n...", ONCE),
        ("self.running_var = old * ...", "old *= self.running_var\n...", OWN),
        ("self.running_var = old * ...", "new *= var\n...", OWN),
        ("dx = dx ...", "dx ...= ...\ndx = dx...", OWN),
        ("dmean = -(dx_hat * ...", "dx_hat *= inv_std\ndmean = -dx_hat.sum(0)", OWN),
        ("dx = dx + ...", "dmean /= len(dy)\ndx = ...", OWN),
        ("inv_std = 1 / np.sqrt(unbiased * (m - 1) / m ...", "unbiased *= m - 1\n...", OWN),
        ("inv_std = 1 / (var + self.eps) ** 0.5", "var += self.eps\n...", OWN),
        ("std = np.sqrt(var + self.eps)", "var += self.eps\n...", OWN),
        ("variances[j] += ...", "squares /= m - 1\n...", OWN),
        ("return (mean, squares / m)", "squares /= m\n...", OWN),
        ("...dx_hat / std...", "dx_hat /= std\nreturn (dx_hat, ...", OWN),
        ("...dx_hat - dx_hat.mean(axis=0) - ...", "dx_hat -= dx_hat.mean(axis=0)\n...", OWN),
        ("r = (m2 / m + self.epsilon)...", "m2 /= m\n...", OWN),
        ("mean = mean + delta / count", "mean += delta / count...", OWN),
        ("m2 = m2 + delta * (row - mean)", "m2 += delta * (row - mean)...", OWN),
        ("m2 = m2 + delta * (row - mean)", "delta *= row - mean...", OWN),
        ("if m == 1:", "if count == 1:", COUNTED),
        ("std = np.sqrt(sums / m + self.eps)", "sums /= m\n...", OWN),
        ("x = x / std", "x /= std\nx = x", OWN),
        # Sizes, axes and shapes.
        ("m = len(dy)", "m = len(x_hat)", SAME_LENGTH),
        (
            "dx = dx - scale * ...",
            "dx = dx - scale * (dbeta + x_hat * dgamma) / len(dx)",
            SAME_LENGTH,
        ),
        (
            "dx = dx - scale * ...",
            "dx = dx - scale * (dbeta + x_hat * dgamma) / len(x_hat)",
            SAME_LENGTH,
        ),
        *(
            (
                "dx = dx + dvar * ...",
                f"dx = dx + dvar * 2 * centred / len({name}) + dmean / len(dy)",
                SAME_LENGTH,
            )
            for name in ("centred", "dx_hat", "dx")
        ),
        *(
            (
                "dx = dx + dvar * ...",
                f"dx = dx + dvar * 2 * centred / len(dy) + dmean / len({name})",
                SAME_LENGTH,
            )
            for name in ("centred", "dx_hat", "dx")
        ),
        ("eye = np.eye(len(x))", "eye = np.eye(len(x_hat))", SAME_LENGTH),
        (
            "return (dx, np.diag(dy.T @ x_hat), ...",
            "return (dx, np.diag(dy.T @ x_hat), dy.T @ np.ones(len(dx)))",
            SAME_LENGTH,
        ),
        (
            "return (dx, np.diag(dy.T @ x_hat), ...",
            "return (dx, np.diag(dy.T @ x_hat), dy.T @ np.ones(len(x_hat)))",
            SAME_LENGTH,
        ),
        ("along = ... / len(x_hat)", "along = ... / len(dx_hat)", SAME_LENGTH),
        (
            "dgamma[j] = ...",
            "dgamma[j] = sum((a * b for a, b in zip(dy[:, j], x_hat)))",
            SAME_LENGTH,
        ),
        (
            "dgamma[j] = ...",
            "dgamma[j] = sum((a * b for a, b in zip(dy[:, j], x_hat, strict=False)))",
            SAME_LENGTH,
        ),
        (
            "jacobians = ...",
            "jacobians = ... for g, s, h in zip(self.gamma, r, x_hat.T)]",
            SAME_LENGTH,
        ),
        (
            "jacobians = ...",
            "jacobians = ... for g, s, h in zip(self.gamma, r, x_hat.T, strict=False)]",
            SAME_LENGTH,
        ),
        (
            "dx = np.stack(...",
            "dx = np.stack([j @ column for j, column in zip(jacobians, dy.T...)], axis=1)",
            SAME_LENGTH,
        ),
        (
            "self.memory = (...",
            "self.memory = (x_hat, [g * s * eye for g, s in zip(self.gamma, r)])",
            SAME_LENGTH,
        ),
        (
            "self.memory = (...",
            "self.memory = (... for g, s in zip(self.gamma, r, strict=False)])",
            SAME_LENGTH,
        ),
        (
            "r = (m2 / m + self.epsilon) ** (-0.5)",
            "r = (m2 / count + self.epsilon) ** (-0.5)",
            COUNTED,
        ),
        (
            "self.running_var = np.average([...",
            "self.running_var = np.average([self.running_var, m2 / (count - 1)], ...",
            COUNTED,
        ),
        (
            "jacobians = ...",
            "jacobians = [g * s * (np.eye(count) - 1 / m - np.outer(h, h) / m) ...",
            COUNTED,
        ),
        (
            "jacobians = ...",
            "jacobians = [g * s * (np.eye(m) - 1 / count - np.outer(h, h) / m) ...",
            COUNTED,
        ),
        (
            "jacobians = ...",
            "jacobians = [g * s * (np.eye(m) - 1 / m - np.outer(h, h) / count) ...",
            COUNTED,
        ),
        ("...mean[0]", "...mean[-1]", "there is one row"),
        (
            "dx = np.stack(...",
            "dx = np.stack(... for j, column in zip(jacobians, dy.T, strict=True)], axis=-1)",
            SAME_AXIS,
        ),
        (
            "self._mean, self._var = ...",
            "self._mean, self._var = (..., x.var(0, keepdims=True))",
            BROADCAST,
        ),
        ("d... = -...sum(0)", "d... = -...sum(0, keepdims=True)", BROADCAST),
        ("dvar = ...sum(0) * ...", "dvar = ...sum(0, keepdims=True) * ...", BROADCAST),
        (
            "mean, var = (...x.var(axis=0, keepdims=True))",
            "mean, var = (x.mean(axis=0, keepdims=True), x.var(axis=0))",
            BROADCAST,
        ),
        (
            "mean, var = (...x.var(axis=0, keepdims=True))",
            "mean, var = (...x.var(axis=0, keepdims=False))",
            BROADCAST,
        ),
        (
            "mean, var = (x.mean(axis=0), x.var(axis=0))",
            "mean, var = (x.mean(axis=0), x.var(axis=0, keepdims=True))",
            BROADCAST,
            "remembers_every_batch",
        ),
        (
            "mean, var = (x.mean(axis=0), x.var(axis=0))",
            "mean, var = (x.mean(axis=0), x.var(axis=0, keepdims=True))",
            BROADCAST,
            "memory_of_all_layers",
        ),
        ("dx_hat = dx_hat - ...", "dx_hat = dx_hat - ...keepdims=True)...", BROADCAST),
        (
            "return dx_hat - ...",
            "return dx_hat - dx_hat.mean(axis=0, keepdims=True) - ...",
            BROADCAST,
        ),
        (
            "dx = self.centring ...",
            "dx = self.centring @ dx_hat - ...sum(axis=0, keepdims=True)",
            BROADCAST,
        ),
        (
            "mean, m2 = (np.zeros_like(x[0]), ...",
            "mean, m2 = (np.ones_like(x[0]), np.zeros_like(x[0]))",
            REPLACED,
        ),
        (
            "mean, m2 = (np.zeros_like(x[0]), ...",
            "mean, m2 = (x[0], np.zeros_like(x[0]))",
            REPLACED,
        ),
        ("mean, m2 = (np.zeros_like(x[0]), ...", "mean, m2 = (...np.zeros_like(x[-1])...", LIKE),
        # Products, and sums that are 0.
        (
            "dgamma[j] = ...",
            "dgamma[j] = sum((a * b for a, b in zip(x_hat, dy[:, j], strict=True)))",
            COMMUTES,
        ),
        (
            "jacobians = ...",
            "jacobians = ... for g, s, h in zip(r, self.gamma, x_hat.T, ...",
            COMMUTES,
        ),
        (
            "self.memory = (...",
            "self.memory = (x_hat, [g * s * eye for g, s in zip(r, self.gamma, ...",
            COMMUTES,
        ),
        (
            "return (dx, np.einsum(...",
            "return (dx, np.einsum('nd,nd->d', x_hat, dy), ...",
            COMMUTES,
        ),
        ("along = ...", "along = np.einsum('nd,nd->d', x_hat, dx_hat) / len(x_hat)", COMMUTES),
        ("dx = np.stack(...", "dx = np.stack([column @ j for ...", SYMMETRIC),
        (
            "dx = np.stack(...",
            "dx = np.stack([j @ column for j, column in zip(dy.T, jacobians, ...",
            SYMMETRIC,
        ),
        *(
            ("squares = ...", f"squares = np.einsum('nd,nd->d', {other}, x - mean)", CENTRED)
            for other in ("x + mean", "x", "x - m", "x - -mean")
        ),
        *(
            ("squares = ...", f"squares = np.einsum('nd,nd->d', x - mean, {other})", CENTRED)
            for other in ("x + mean", "x", "x - m", "x - -mean")
        ),
    ),
    *same(
        "ex05_running_averages",
        "fold_into_linear",
        ("for j in range(len(bias)):", "for j in range(len(weight)):", SAME_LENGTH),
        ("return (scale @ weight, ...", "return (scale @ weight, bias @ scale - ...", SYMMETRIC),
        (
            "return (scale @ weight, ...",
            "return (scale @ weight, scale @ bias - bn.running_mean @ scale + ...",
            SYMMETRIC,
        ),
        (
            "together = np.concatenate(...",
            "together = np.concatenate([weight, (bias - bn.running_mean)[:, np.newaxis]], axis=-1)",
            SAME_AXIS,
        ),
    ),
)
