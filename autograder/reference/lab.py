"""The training lab: the pieces of a training run, and what is concluded from the runs' losses."""

import numpy as np


def linear_backward(dy, x, weight):
    """Return the gradients of the linear layer y = x @ weight.T + bias.

    Args:
        dy: (N, D_out) array, the gradient with respect to y.
        x: (N, D_in) array.
        weight: (D_out, D_in) array.

    Returns:
        dx (N, D_in), dweight (D_out, D_in), dbias (D_out,), all float64.

    Source: the chain rule; conventions of torch.nn.Linear.
    """
    dy, x, weight = (np.asarray(array, dtype=np.float64) for array in (dy, x, weight))
    return dy @ weight, dy.T @ x, dy.sum(axis=0)


def cross_entropy(logits, labels):
    """Return the mean cross-entropy of softmax(logits), and its gradient.

    Args:
        logits: (N, K) array.
        labels: (N,) ints from 0 to K - 1.

    Returns:
        loss, a float, and dlogits (N, K), float64.

    Source: the definition, with the largest logit of a row taken away, which changes nothing.
    """
    logits = np.asarray(logits, dtype=np.float64)
    samples = np.arange(len(logits))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dlogits = np.exp(log_probabilities)
    dlogits[samples, labels] -= 1.0
    return -log_probabilities[samples, labels].mean(), dlogits / len(logits)


def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Take one step of gradient descent on one batch.

    Args:
        network: list of layers, which have the methods

            - forward(x, params) -> y, cache
            - backward(dy, cache) -> dx, grads
            - statistics(cache) -> what the layer keeps running averages of

        params: list with one tuple of arrays for each layer.
        running: likewise, the running averages.
        x: (N, D) array, the batch.
        loss: function of the network's output that returns its loss and the gradient, dy.
        learning_rate: a float.
        momentum: the weight of the batch in the running averages, a float.

    Returns:
        The loss before the step; params and running after it, in new lists and arrays.

    Source: Robbins and Monro 1951; the running averages of Ioffe and Szegedy 2015, section 3.1.
    """
    caches = []
    for layer, values in zip(network, params, strict=True):
        x, cache = layer.forward(x, values)
        caches.append(cache)
    value, dx = loss(x)
    grads = []
    for layer, cache in zip(reversed(network), reversed(caches), strict=True):
        dx, of_layer = layer.backward(dx, cache)
        grads.insert(0, of_layer)
    params = [
        tuple(p - learning_rate * dp for p, dp in zip(*pair, strict=True))
        for pair in zip(params, grads, strict=True)
    ]
    new = [layer.statistics(cache) for layer, cache in zip(network, caches, strict=True)]
    running = [  # momentum weights the batch, as in torch
        tuple((1 - momentum) * r + momentum * s for r, s in zip(*pair, strict=True))
        for pair in zip(running, new, strict=True)
    ]
    return value, params, running


def predict(network, params, running, x):
    """Return the network's output in evaluation, where running averages normalize.

    Args:
        network: list of layers with a method infer(x, params, running) -> y.
        params, running: lists with one tuple of arrays for each layer.
        x: (N, D) array.

    Returns:
        What the last layer returns.

    Source: Ioffe and Szegedy 2015, Algorithm 2.
    """
    for layer, values, averages in zip(network, params, running, strict=True):
        x = layer.infer(x, values, averages)
    return x


def steps_to_target(losses, target, window=10):
    """Return after how many steps the mean of the last `window` losses first is at most `target`.

    Args:
        losses: (T,) array, T >= window; infinite from some step on where training diverged.
        target: a float.
        window: an int >= 1.

    Returns:
        An int from `window` to T; infinity where there is no such number.

    Source: this course.
    """
    means = np.lib.stride_tricks.sliding_window_view(losses, window).mean(axis=1)
    low = np.flatnonzero(means <= target)  # its first entry is where the first such window starts
    return int(low[0]) + window if low.size else np.inf


def sweep(run, values, seeds):
    """Run every combination of without or with batch norm, value and seed.

    Args:
        run: function of batch_norm (a bool), a value and a seed that returns (T,) losses.
        values: (V,) array.
        seeds: list of S ints.

    Returns:
        losses (2, V, S, T), float64; [0] is without batch norm, [1] with it.

    Source: this course.
    """
    return np.array(
        [
            [[run(batch_norm, value, seed) for seed in seeds] for value in values]
            for batch_norm in (False, True)
        ],
        dtype=np.float64,
    )


def conclude(values, steps):
    """Say what a sweep shows.

    Args:
        values: (V,) array, what was swept.
        steps: (2, V, S) array, the steps to the target of S seeds without ([0]) and with ([1])
            batch norm; infinity where it was not reached.

    Returns:
        A dict of

        - "best": (2,) array, without and with, the value whose mean over the seeds is smallest
        - "speedup": the mean without batch norm over the mean with it, each at its own best value
        - "usable": (2, V) bools, whether all seeds reached the target

    Source: this course; both arms are tuned, or the comparison favours one of them.
    """
    means = np.mean(steps, axis=2)  # infinite as soon as one seed is
    without, with_ = means.min(axis=1)
    return {
        "best": np.asarray(values)[means.argmin(axis=1)],
        "speedup": without / with_,
        "usable": np.isfinite(means),
    }


def records(lab):
    """Return records of the form that the exercise asks for, of runs that take no time.

    A right notebook's records are those of its own training, whatever came out. All that can be
    asked is that they agree with the functions that made them, so formulas stand in for training.

    Args:
        lab: has sweep, steps_to_target and conclude as attributes.

    Returns:
        A dict of "train", "rate_losses" and "scale_losses" (2, 5, 3, 150), "rate_conclusions" and
        "scale_conclusions" (see `conclude`).
    """

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        losses = (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps))
        return (losses if speed < 4 else losses + np.inf), None

    made = {"train": train}
    for name, option, values in (
        ("rate", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):

        def run(batch_norm, value, seed, option=option):
            return train(batch_norm, seed, **{option: value})[0]

        losses = lab.sweep(run, values, [0, 1, 2])
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        made[f"{name}_losses"] = losses
        made[f"{name}_conclusions"] = lab.conclude(values, np.array(steps, dtype=np.float64))
    return made
