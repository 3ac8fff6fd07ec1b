"""Layers that are right, in unusual ways."""

import numpy as np

from autograder.mistakes.ex05_running_averages import plain
from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
variant = CATALOGUE.variant

variant("plain")(plain.BatchNorm)


@variant("everything_by_property")
class BatchNorm:
    """Sets new arrays through properties, and averages as a lerp."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self._eps, self._momentum, self._mode, self._count = eps, momentum, "train", 0
        self._state = {"gamma": np.ones(num_features), "running_var": np.ones(num_features)}
        self._state |= {"beta": np.zeros(num_features), "running_mean": np.zeros(num_features)}

    gamma = property(lambda self: self._get("gamma"), lambda self, v: self._set("gamma", v))
    beta = property(lambda self: self._get("beta"), lambda self, v: self._set("beta", v))
    running_mean = property(
        lambda self: self._get("running_mean"), lambda self, v: self._set("running_mean", v)
    )
    running_var = property(
        lambda self: self._get("running_var"), lambda self, v: self._set("running_var", v)
    )
    num_batches_tracked = property(lambda self: self._count)

    def _get(self, name):
        return self._state[name].copy()

    def _set(self, name, value):
        self._state[name] = np.array(value, dtype=float)

    def train(self, mode=True):
        self._mode = "train" if mode else "eval"
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        state = self._state
        self._ran_in = self._mode
        if self._mode == "eval":
            self._mean, self._var = state["running_mean"], state["running_var"]
        else:
            if x.shape[0] < 2:
                raise ValueError("at least two samples are needed in training")
            self._mean, self._var = x.mean(0), x.var(0)
            state["running_mean"] = state["running_mean"] + self._momentum * (
                self._mean - state["running_mean"]
            )
            state["running_var"] = state["running_var"] + self._momentum * (
                x.var(0, ddof=1) - state["running_var"]
            )
            self._count += 1
        self._x = x
        return (x - self._mean) / (self._var + self._eps) ** 0.5 * state["gamma"] + state["beta"]

    def backward(self, dy):
        inv_std = (self._var + self._eps) ** -0.5
        centred = self._x - self._mean
        dx_hat = dy * self._state["gamma"]
        dx = dx_hat * inv_std
        if self._ran_in == "train":
            dvar = (dx_hat * centred).sum(0) * -0.5 * inv_std**3
            dmean = -(dx_hat * inv_std).sum(0)
            dx = dx + dvar * 2 * centred / len(dy) + dmean / len(dy)
        return [dx, (dy * centred * inv_std).sum(0), dy.sum(0)]


@variant("scale_and_shift_made_by_eval")
class BatchNorm:
    """Prepares one scale and one shift in eval()."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.num_batches_tracked = 0
        self.fixed = None

    def train(self):
        self.fixed = None

    def eval(self):
        inv_std = 1 / np.sqrt(self.running_var + self.eps)
        scale = self.gamma * inv_std
        self.fixed = inv_std, scale, self.beta - self.running_mean * scale

    def forward(self, x):
        if self.fixed is not None:
            inv_std, scale, shift = self.fixed
            x_hat = (x - self.running_mean) * inv_std
            self.for_backward = lambda dy: (dy * scale, (dy * x_hat).sum(axis=0), dy.sum(axis=0))
            return x * scale + shift
        m = len(x)
        if m == 1:
            raise ValueError
        mean, unbiased = x.mean(axis=0), x.var(axis=0, ddof=1)
        self.num_batches_tracked += 1
        self.running_mean = self.momentum * mean + (1 - self.momentum) * self.running_mean
        self.running_var = self.momentum * unbiased + (1 - self.momentum) * self.running_var
        inv_std = 1 / np.sqrt(unbiased * (m - 1) / m + self.eps)
        x_hat, scale = (x - mean) * inv_std, self.gamma * inv_std

        def for_backward(dy):
            dgamma, dbeta = (dy * x_hat).sum(axis=0), dy.sum(axis=0)
            return scale / m * (m * dy - dbeta - x_hat * dgamma), dgamma, dbeta

        self.for_backward = for_backward
        return self.gamma * x_hat + self.beta

    def backward(self, dy):
        for_backward, self.for_backward = self.for_backward, None  # once for each forward
        return for_backward(dy)


@variant("rows_and_loops")
class BatchNorm:
    """Loops over features and keeps plain lists on the way."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = np.array([1.0] * num_features), np.array([0.0] * num_features)
        self.running_mean, self.running_var = self.beta.copy(), self.gamma.copy()
        self.num_batches_tracked = 0

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        m, d = x.shape
        if self.training and m == 1:
            raise ValueError("one sample has no variance to learn from")
        y, self.columns, self.mode = np.empty((m, d)), [], self.training
        means, variances = self.running_mean.copy(), self.running_var.copy()
        for j in range(d):
            mean, var = means[j], variances[j]
            if self.training:
                mean = sum(x[:, j]) / m
                squares = sum((value - mean) ** 2 for value in x[:, j])
                var = squares / m
                means[j] += self.momentum * (mean - means[j])
                variances[j] += self.momentum * (squares / (m - 1) - variances[j])
            inv_std = 1 / (var + self.eps) ** 0.5
            x_hat = [(value - mean) * inv_std for value in x[:, j]]
            self.columns.append((x_hat, inv_std))
            y[:, j] = [self.gamma[j] * value + self.beta[j] for value in x_hat]
        if self.training:
            self.running_mean, self.running_var = means, variances
            self.num_batches_tracked = self.num_batches_tracked + 1
        return y

    def backward(self, dy):
        m, d = dy.shape
        dx, dgamma, dbeta = np.empty((m, d)), np.empty(d), np.empty(d)
        for j, (x_hat, inv_std) in enumerate(self.columns):
            dgamma[j] = sum(a * b for a, b in zip(dy[:, j], x_hat, strict=True))
            dbeta[j] = sum(dy[:, j])
            for i in range(m):
                inner = dy[i, j]
                if self.mode:
                    inner -= (dbeta[j] + x_hat[i] * dgamma[j]) / m
                dx[i, j] = self.gamma[j] * inv_std * inner
        return dx, dgamma, dbeta


@variant("updates_in_place")
class BatchNorm:
    """Updates its own arrays in place, and counts in an array."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.is_eval = eps, momentum, False
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.num_batches_tracked = np.zeros((), dtype=np.int64)

    def train(self):
        self.is_eval = False

    def eval(self):
        self.is_eval = True

    def forward(self, x):
        if self.is_eval:
            mean, var = self.running_mean.copy(), self.running_var.copy()
        elif x.shape[0] > 1:
            mean, var = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)
            self.running_mean *= 1 - self.momentum
            self.running_mean += self.momentum * mean[0]
            self.running_var *= 1 - self.momentum
            self.running_var += self.momentum * x.var(axis=0, ddof=1)
            self.num_batches_tracked += 1
        else:
            raise ValueError("x has one row")
        std = np.sqrt(var + self.eps)
        self.kept = ((x - mean) / std, std, self.is_eval)
        return self.gamma * self.kept[0] + self.beta

    def backward(self, dy):
        x_hat, std, is_eval = self.kept
        dx_hat = dy * self.gamma
        if not is_eval:
            dx_hat = dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)
        return dx_hat / std, np.sum(dy * x_hat, axis=0), np.sum(dy, axis=0)


@variant("welford_and_jacobian")
class BatchNorm:
    """Takes the statistics by Welford's recurrence, dx by the explicit Jacobian."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.epsilon, self.weight_of_new, self.learning = eps, momentum, True
        self.gamma, self.beta = np.full(num_features, 1.0), np.full(num_features, 0.0)
        self.running_mean, self.running_var = np.full(num_features, 0.0), np.full(num_features, 1.0)
        self.num_batches_tracked = 0.0

    def train(self):
        self.learning = True
        return "training"

    def eval(self):
        self.learning = False
        return "evaluation"

    def forward(self, x):
        if not self.learning:
            r = (self.running_var + self.epsilon) ** -0.5
            x_hat = (x - self.running_mean) * r
            eye = np.eye(len(x))
            self.memory = x_hat, [g * s * eye for g, s in zip(self.gamma, r, strict=True)]
            return x_hat * self.gamma + self.beta
        m = len(x)
        mean, m2 = np.zeros_like(x[0]), np.zeros_like(x[0])
        for count, row in enumerate(x, start=1):
            delta = row - mean
            mean = mean + delta / count
            m2 = m2 + delta * (row - mean)
        if m == 1:
            raise ValueError("M - 1 is 0")
        a = self.weight_of_new
        self.running_mean = np.average([self.running_mean, mean], axis=0, weights=[1 - a, a])
        self.running_var = np.average([self.running_var, m2 / (m - 1)], axis=0, weights=[1 - a, a])
        self.num_batches_tracked += 1.0
        r = (m2 / m + self.epsilon) ** -0.5
        x_hat = (x - mean) * r
        jacobians = [
            g * s * (np.eye(m) - 1 / m - np.outer(h, h) / m)
            for g, s, h in zip(self.gamma, r, x_hat.T, strict=True)
        ]
        self.memory = x_hat, jacobians
        return x_hat * self.gamma + self.beta

    def backward(self, dy):
        x_hat, jacobians = self.memory
        dx = np.stack([j @ column for j, column in zip(jacobians, dy.T, strict=True)], axis=1)
        return dx, np.diag(dy.T @ x_hat), dy.T @ np.ones(len(dy))


@variant("two_inner_layers")
class BatchNorm:
    """Has one inner class for each mode, and einsum."""

    class Training:
        def statistics(self, layer, x):
            if len(x) < 2:
                raise ValueError("one sample")
            m = len(x)
            mean = np.einsum("nd->d", x) / m
            squares = np.einsum("nd,nd->d", x - mean, x - mean)
            layer.running_mean, layer.running_var = (
                old - layer.momentum * (old - new)
                for old, new in (
                    (layer.running_mean, mean),
                    (layer.running_var, squares / (m - 1)),
                )
            )
            layer.num_batches_tracked += 1
            return mean, squares / m

        def dx(self, dx_hat, x_hat):
            along = np.einsum("nd,nd->d", dx_hat, x_hat) / len(x_hat)
            return dx_hat - dx_hat.mean(axis=0) - np.einsum("d,nd->nd", along, x_hat)

    class Evaluation:
        def statistics(self, layer, x):
            return layer.running_mean, layer.running_var

        def dx(self, dx_hat, x_hat):
            return dx_hat

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.mode = eps, momentum, self.Training()
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.num_batches_tracked = 0

    def train(self):
        self.mode = self.Training()

    def eval(self):
        self.mode = self.Evaluation()

    def forward(self, x):
        mean, var = self.mode.statistics(self, x)
        inv_std = 1 / np.sqrt(var + self.eps)
        x_hat = np.einsum("nd,d->nd", x - mean, inv_std)
        self.kept = self.mode, x_hat, inv_std
        return np.einsum("nd,d->nd", x_hat, self.gamma) + self.beta

    def backward(self, dy):
        mode, x_hat, inv_std = self.kept
        dx = inv_std * mode.dx(dy * self.gamma, x_hat)
        return dx, np.einsum("nd,nd->d", dy, x_hat), np.einsum("nd->d", dy)


@variant("own_error")
class BatchNorm:
    """Raises its own kind of ValueError, has slots, and takes the variance in one pass."""

    class TooFewSamples(ValueError):
        pass

    __slots__ = (
        "eps",
        "momentum",
        "forward",
        "gamma",
        "beta",
        "running_mean",
        "running_var",
        "num_batches_tracked",
        "backward",
    )

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.num_batches_tracked = 0
        self.train()

    def train(self):
        self.forward = self.forward_in_training

    def eval(self):
        self.forward = self.forward_in_evaluation

    def forward_in_training(self, x):
        m = x.shape[0]
        if m == 1:
            raise self.TooFewSamples
        mean = x.sum(axis=0) / m
        sums = (x * x).sum(axis=0) - m * mean**2
        x = x - mean
        blend = np.array([1 - self.momentum, self.momentum])
        self.running_mean = blend @ np.stack([self.running_mean, mean])
        self.running_var = blend @ np.stack([self.running_var, sums / (m - 1)])
        self.num_batches_tracked += 1
        std = np.sqrt(sums / m + self.eps)
        x = x / std
        gamma = self.gamma

        def backward(dy):
            dgamma, dbeta = (x * dy).sum(axis=0), dy.sum(axis=0)
            return gamma / std * (dy - dbeta / m - x * dgamma / m), dgamma, dbeta

        self.backward = backward
        return gamma * x + self.beta

    def forward_in_evaluation(self, x):
        std = np.sqrt(self.running_var + self.eps)
        x = (x - self.running_mean) / std
        gamma = self.gamma
        self.backward = lambda dy: (gamma * dy / std, (x * dy).sum(axis=0), dy.sum(axis=0))
        return gamma * x + self.beta


@variant("remembers_every_batch")
class BatchNorm:
    """Keeps the statistics of every batch, and blends them when it is asked."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.start = [np.zeros(num_features), np.ones(num_features)]
        self.seen = [[], []]
        self.num_batches_tracked = 0

    def blend(self, which):
        value = self.start[which]
        for new in self.seen[which]:
            value = value + self.momentum * (new - value)
        return value

    def begin(self, which, value):
        self.start[which], self.seen[which] = value, []

    running_mean = property(lambda self: self.blend(0), lambda self, value: self.begin(0, value))
    running_var = property(lambda self: self.blend(1), lambda self, value: self.begin(1, value))

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        if not self.training:
            mean, var = self.running_mean, self.running_var
        elif len(x) == 1:
            raise ValueError("one sample")
        else:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.seen[0].append(mean)
            self.seen[1].append(np.diag(np.atleast_2d(np.cov(x, rowvar=False))))
            self.num_batches_tracked += 1
        self.inv_std = 1 / np.sqrt(var + self.eps)
        self.x_hat = (x - mean) * self.inv_std
        self.centring = np.eye(len(x)) - (1 / len(x) if self.training else 0)
        self.along = 1 / len(x) if self.training else 0
        return self.gamma * self.x_hat + self.beta

    def backward(self, dy):
        x_hat, dx_hat = self.x_hat, self.gamma * dy
        dx = self.centring @ dx_hat - self.along * x_hat * (dx_hat * x_hat).sum(axis=0)
        return self.inv_std * dx, (dy * x_hat).sum(axis=0), dy.sum(axis=0)


@variant("memory_of_all_layers")
class BatchNorm:
    """Has the memories of all layers in one place, each under its layer, and returns lists."""

    num_batches_tracked, training, memories = 0, True, {}

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.options = {"eps": eps, "momentum": momentum}
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        if self.training and len(x) == 1:
            raise ValueError("one sample")
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            step = self.options["momentum"] * (mean - self.running_mean)
            self.running_mean = self.running_mean + step
            step = self.options["momentum"] * (x.var(axis=0, ddof=1) - self.running_var)
            self.running_var = self.running_var + step
            self.num_batches_tracked += 1
        memory = {"mode": self.training, "std": np.sqrt(var + self.options["eps"])}
        memory["x_hat"] = (x - mean) / memory["std"]
        self.memories[id(self)] = memory
        return (self.gamma * memory["x_hat"] + self.beta).tolist()

    def backward(self, dy):
        memory = self.memories[id(self)]
        x_hat, dx_hat = memory["x_hat"], self.gamma * dy
        if memory["mode"]:
            dx_hat = dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)
        dx = dx_hat / memory["std"]
        return [part.tolist() for part in (dx, (dy * x_hat).sum(axis=0), dy.sum(axis=0))]
