"""A training lab: small networks, trained many at a time, in NumPy.

1. `start` and `batches` draw all that is random: the starting weights and the order of the data.
2. `Linear`, `ReLU` and `BatchNorm` are layers without state, with the methods of exercise 7; so are
   `GhostNorm`, `GroupNorm` and `Dropout`, which chapter 12 compares with them.
3. `build` and `stack` make a network of layers; `backpropagate` finds its loss and gradients.
4. `train` takes steps of gradient descent; `predict` and `accuracy` use running averages.
5. `crossing` counts the steps to a target loss.

Every array may have leading axes, one index for each run: weights (..., D_out, D_in), data
(..., N, D). The last of them is the seeds; those before it are what is compared, such as learning
rates. Biases, gamma, beta and statistics keep the axis of the samples, (..., 1, D), so that they
broadcast against the data. One training of 12 learning rates with 5 seeds is then one loop over
the steps, and each run in it is what it would be alone.
"""

import numpy as np


def start(widths, seeds):
    """Draw He's starting weights, normal with variance 2 / D_in, for each seed.

    Args:
        widths: numbers of units from input to output, ints.
        seeds: list of S ints.

    Returns:
        A list of arrays (S, D_out, D_in), one for each pair of neighbours in `widths`.

    Source: He et al. 2015, equation 10.
    """
    draws = [np.random.default_rng(seed) for seed in seeds]
    pairs = zip(widths[:-1], widths[1:], strict=True)
    return [
        np.sqrt(2 / d_in) * np.stack([rng.standard_normal((d_out, d_in)) for rng in draws])
        for d_in, d_out in pairs
    ]


def batches(samples, seeds, steps, size=64):
    """Draw the rows of each batch, with replacement, from a stream apart from that of `start`.

    Args:
        samples: how many there are to draw from, an int.
        seeds: list of S ints.
        steps, size: how many batches, of how many rows, ints.

    Returns:
        An int array (steps, S, size).
    """
    draws = [np.random.default_rng([seed, 1]) for seed in seeds]
    return np.stack([rng.integers(samples, size=(steps, size)) for rng in draws], axis=1)


class Linear:
    """y = x weight^T + bias, for x (..., N, D_in)."""

    def forward(self, x, params):
        weight, bias = params
        return x @ weight.swapaxes(-1, -2) + bias, (x, weight)

    def backward(self, dy, cache):
        x, weight = cache
        return dy @ weight, (dy.swapaxes(-1, -2) @ x, dy.sum(axis=-2, keepdims=True))

    def statistics(self, cache):
        return ()

    def infer(self, x, params, running):
        return self.forward(x, params)[0]


class ReLU:
    """y = max(x, 0)."""

    def forward(self, x, params):
        return np.maximum(x, 0), x > 0

    def backward(self, dy, cache):
        return dy * cache, ()

    def statistics(self, cache):
        return ()

    def infer(self, x, params, running):
        return np.maximum(x, 0)


class BatchNorm:
    """y = gamma x_hat + beta, with the statistics of the batch; `infer` uses running averages.

    Args:
        eps: a number, or an array (..., 1, 1) with one entry for each of the runs in x.

    Source: Ioffe and Szegedy 2015, Algorithms 1 and 2; the backward pass is that of chapter 5.
    """

    def __init__(self, eps=1e-5):
        self.eps = eps

    def forward(self, x, params):
        gamma, beta = params
        mean = x.mean(axis=-2, keepdims=True)
        x_hat = x - mean
        var = np.einsum("...nd,...nd->...d", x_hat, x_hat)[..., None, :] / x.shape[-2]
        inv_std = 1 / np.sqrt(var + self.eps)
        x_hat *= inv_std
        y = gamma * x_hat
        y += beta
        return y, (x_hat, inv_std, gamma, mean, var)

    def backward(self, dy, cache):
        x_hat, inv_std, gamma, _, _ = cache
        M = dy.shape[-2]
        dbeta = dy.sum(axis=-2, keepdims=True)
        dgamma = np.einsum("...nd,...nd->...d", dy, x_hat)[..., None, :]
        dx = dy - dbeta / M
        dx -= x_hat * (dgamma / M)
        dx *= gamma * inv_std
        return dx, (dgamma, dbeta)

    def statistics(self, cache):
        x_hat, _, _, mean, var = cache
        M = x_hat.shape[-2]
        return mean, var * (M / (M - 1))  # unbiased, as in torch

    def infer(self, x, params, running):
        gamma, beta = params
        mean, var = running
        scale = gamma / np.sqrt(var + self.eps)
        return x * scale + (beta - mean * scale)


class GhostNorm(BatchNorm):
    """Batch norm in which each `size` consecutive samples of a batch have statistics of their own.

    Args:
        size: how many samples share a mean and a variance; the batch must be a multiple of it.
        eps: as for `BatchNorm`, but a number.

    Source: Hoffer et al. 2017, Algorithm 1; the running averages get the mean over the parts.
    """

    def __init__(self, size, eps=1e-5):
        super().__init__(eps)
        self.size = size

    def forward(self, x, params):
        parts = x.reshape(*x.shape[:-2], -1, self.size, x.shape[-1])  # (..., N/size, size, D)
        y, cache = super().forward(parts, [p[..., None, :, :] for p in params])
        return y.reshape(x.shape), cache

    def backward(self, dy, cache):
        dx, of_parts = super().backward(dy.reshape(cache[0].shape), cache)
        return dx.reshape(dy.shape), tuple(d.sum(axis=-3) for d in of_parts)

    def statistics(self, cache):
        return tuple(s.mean(axis=-3) for s in super().statistics(cache))


class GroupNorm:
    """Normalize each sample by mean and variance of each of its `groups` groups of units.

    Args:
        groups: how many; the number of units must be a multiple of it. 1 gives layer norm.
        eps: a number.

    Source: Wu and He 2018, section 3.1.
    """

    def __init__(self, groups, eps=1e-5):
        self.groups, self.eps = groups, eps

    def forward(self, x, params):
        gamma, beta = params
        parts = x.reshape(*x.shape[:-1], self.groups, -1)
        inv_std = 1 / np.sqrt(parts.var(axis=-1, keepdims=True) + self.eps)
        x_hat = (parts - parts.mean(axis=-1, keepdims=True)) * inv_std
        return gamma * x_hat.reshape(x.shape) + beta, (x_hat, inv_std, gamma)

    def backward(self, dy, cache):
        x_hat, inv_std, gamma = cache
        flat = x_hat.reshape(dy.shape)
        of_layer = (dy * flat).sum(axis=-2, keepdims=True), dy.sum(axis=-2, keepdims=True)
        d = (gamma * dy).reshape(x_hat.shape)
        d = d - d.mean(axis=-1, keepdims=True) - x_hat * (d * x_hat).mean(axis=-1, keepdims=True)
        return (inv_std * d).reshape(dy.shape), of_layer

    def statistics(self, cache):
        return ()

    def infer(self, x, params, running):
        return self.forward(x, params)[0]


class Dropout:
    """Set each value to 0 with probability `share`, and divide the others by 1 - `share`.

    Args:
        share: from 0 to below 1.
        rng: draws the masks; all runs of a seed get the same ones.

    Source: Srivastava et al. 2014, in the form that leaves evaluation as it is.
    """

    def __init__(self, share, rng):
        self.share, self.rng = share, rng

    def forward(self, x, params):
        kept = self.rng.random(x.shape[-3:]) >= self.share
        mask = kept / (1 - self.share)
        return x * mask, mask

    def backward(self, dy, cache):
        return dy * cache, ()

    def statistics(self, cache):
        return ()

    def infer(self, x, params, running):
        return x


def runs(value):
    """Give a number, or an array with one entry for each run, the two axes of a layer's arrays."""
    return np.asarray(value, dtype=np.float64)[..., None, None]


def build(weights, batch_norm, scale=1.0, head=None, eps=1e-5):
    """Make a network of linear layers with (batch norm and) ReLU between them.

    Args:
        weights: what `start` returned.
        batch_norm: whether a batch norm stands before each ReLU, a bool.
        scale: factor on the weights, a number or an array that broadcasts against the runs.
        head: the same for the last layer's weights; like the others if it is None.
        eps: of the batch norms, a number or such an array.

    Returns:
        A network: a list of layers, a list of their parameters and a list of their running
        averages, where each layer has one tuple of arrays.
    """
    layers, params, running = [], [], []
    eps = runs(eps)

    def add(layer, of_layer=(), averages=()):
        layers.append(layer)
        params.append(of_layer)
        running.append(averages)

    for i, weight in enumerate(weights):
        last = i == len(weights) - 1
        factor = runs(head if last and head is not None else scale) * np.ones_like(eps)
        zeros, ones = np.zeros((1, weight.shape[-2])), np.ones((1, weight.shape[-2]))
        add(Linear(), (factor * weight, zeros))
        if batch_norm and not last:
            add(BatchNorm(eps), (ones, zeros), (zeros, ones))
        if not last:
            add(ReLU())
    return layers, params, running


def stack(weights, *pieces):
    """Make a network with the same layers after each linear layer but the last.

    Args:
        weights: what `start` returned.
        pieces: layers, in their order. Each place gets a gamma, a beta and running averages of its
            own, if the layer has them; the layer objects are shared.

    Returns:
        A network, as `build` returns it.
    """
    layers, params, running = [], [], []
    for i, weight in enumerate(weights):
        zeros, ones = np.zeros((1, weight.shape[-2])), np.ones((1, weight.shape[-2]))
        layers.append(Linear())
        params.append((weight, zeros))
        running.append(())
        for piece in pieces if i < len(weights) - 1 else ():
            layers.append(piece)
            params.append((ones, zeros) if isinstance(piece, BatchNorm | GroupNorm) else ())
            running.append((zeros, ones) if isinstance(piece, BatchNorm) else ())
    return layers, params, running


def softmax_loss(logits, labels):
    """Return the cross-entropy of each run, and its gradient.

    Args:
        logits: (..., N, K) array.
        labels: (..., N) ints from 0 to K - 1.

    Returns:
        loss (...), the mean over the N samples; dlogits (..., N, K).
    """
    logits = logits - logits.max(axis=-1, keepdims=True)
    p = np.exp(logits)
    total = p.sum(axis=-1, keepdims=True)
    p /= total
    right = np.arange(logits.shape[-1]) == labels[..., None]
    loss = np.log(total[..., 0]).mean(axis=-1) - (logits * right).sum(axis=-1).mean(axis=-1)
    return loss, (p - right) / logits.shape[-2]


def backpropagate(layers, params, x, labels):
    """Return loss, gradients of all parameters and statistics of all layers, for one batch.

    Args:
        layers, params: as `build` returns them.
        x: (..., N, D) array.
        labels: (..., N) ints.

    Returns:
        loss (...); gradients and statistics, lists with one tuple of arrays for each layer.
    """
    caches = []
    for layer, p in zip(layers, params, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
    loss, dx = softmax_loss(x, labels)
    grads = []
    for layer, cache in zip(layers[::-1], caches[::-1], strict=True):
        dx, of_layer = layer.backward(dx, cache)
        grads.append(of_layer)
    pairs = zip(layers, caches, strict=True)
    return loss, grads[::-1], [layer.statistics(cache) for layer, cache in pairs]


def train(net, images, labels, rows, rate, momentum=0.1):
    """Train by plain stochastic gradient descent.

    Args:
        net: what `build` returned; it is left as it is.
        images: (samples, D) array.
        labels: (samples,) ints.
        rows: what `batches` returned, (steps, S, N).
        rate: the learning rate, a number or an array that broadcasts against the runs.
        momentum: the weight of a batch in the running averages, a float.

    Returns:
        losses (..., S, steps), each before its step, infinite from where it was no number;
        the trained network.
    """
    layers, params, running = net
    rate, losses = runs(rate), []
    with np.errstate(all="ignore"):  # a run that diverges is a result
        for chosen in rows:
            loss, grads, new = backpropagate(layers, params, images[chosen], labels[chosen])
            params = [
                tuple(p - rate * dp for p, dp in zip(*pair, strict=True))
                for pair in zip(params, grads, strict=True)
            ]
            running = [
                tuple((1 - momentum) * r + momentum * s for r, s in zip(*pair, strict=True))
                for pair in zip(running, new, strict=True)
            ]
            losses.append(loss)
    losses[0] = np.broadcast_to(losses[0], losses[-1].shape)  # before the rates told runs apart
    losses = np.stack(losses, axis=-1)
    finite = np.logical_and.accumulate(np.isfinite(losses), axis=-1)
    return np.where(finite, losses, np.inf), (layers, params, running)


def predict(net, x):
    """Return the logits (..., N, K) in evaluation, where running averages normalize."""
    with np.errstate(all="ignore"):
        for layer, p, r in zip(*net, strict=True):
            x = layer.infer(x, p, r)
    return x


def accuracy(net, images, labels):
    """Return the share of right answers of each run in evaluation, (...); 0 where it diverged."""
    logits = predict(net, images)
    right = (logits.argmax(axis=-1) == labels) & np.isfinite(logits).all(axis=-1)
    return right.mean(axis=-1)


def crossing(losses, target, window=10):
    """Count the steps until the mean of the last `window` losses is at most `target`.

    Args:
        losses: (..., steps) array.
        target: a float.
        window: an int.

    Returns:
        An array (...) of numbers from `window` to `steps`, infinite where it did not happen.
    """
    means = np.lib.stride_tricks.sliding_window_view(losses, window, axis=-1).mean(axis=-1)
    low = means <= target
    return np.where(low.any(axis=-1), low.argmax(axis=-1) + window, np.inf)
