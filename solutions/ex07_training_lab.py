# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   course:
#     version: "1"
# ---

# %% [markdown]
# # Exercise 7: the training lab
#
# Does batch norm make training faster, and does it make it less sensitive to the learning rate and to the
# initial weights? You will assemble the training of a network on 8x8 images of digits, run it without and
# with batch norm, and draw your conclusions from the losses that your own runs recorded.
#
# **After this exercise you can** take a gradient through a whole network, layer by layer; keep running
# averages in training and use them in evaluation; compare two methods fairly, each at its own best
# learning rate and over several seeds.
#
# **Time**: about {{minutes}} minutes. **Points**: {{points}}, in {{questions}} questions.
# **Chapter**: 9, A training lab in NumPy (`book/09_training_lab.md`, or the page of that name on the
# website).
#
# Write your code where it says `YOUR CODE HERE`. The cells that call `check` ask one question each, say
# what went wrong where something did, and are worth the points named there. They may run as often as you
# like. Marks are given with other inputs than those you see here, on the same questions. Nothing is asked
# that this text does not state. All arrays of numbers are float64, but
# for labels, which are integers.

# %% nbgrader={"grade_id": "setup"}
from functools import partial

import numpy as np

try:
    from check_ex07_training_lab import check
except ModuleNotFoundError:
    raise FileNotFoundError(
        "check_ex07_training_lab.py must lie beside this notebook; take it from the exercise's folder"
    ) from None

# %% [markdown] nbgrader={"grade_id": "linear_text"}
# ## 1. The gradient of a linear layer
#
# A linear layer computes `y = x @ weight.T + bias` for `x` of shape `(N, D_in)`, `weight` of shape
# `(D_out, D_in)` and `bias` of shape `(D_out,)`. Write `linear_backward(dy, x, weight)`, which returns
# `dx, dweight, dbias`:
#
# - `dy`, of shape `(N, D_out)`, is the gradient of the loss with respect to `y`.
# - `dx`, `dweight`, `dbias` are the gradients of the same loss with respect to `x`, `weight` and `bias`, each
#   of the shape of what it belongs to. Nothing is averaged here: a loss that is a mean over the samples has
#   its factor $1/N$ in `dy` already.
#
# A small case: for `dy = [[1], [10]]`, `x = [[1, 2], [3, 4]]` and `weight = [[5, 6]]`, `dx` is
# `[[5, 6], [50, 60]]`, `dweight` is `[[31, 42]]` and `dbias` is `[11]`.


# %% nbgrader={"grade_id": "linear_backward"}
def linear_backward(dy, x, weight):
    """Return the gradients of the linear layer y = x @ weight.T + bias.

    Args:
        dy: (N, D_out) array, the gradient with respect to y.
        x: (N, D_in) array.
        weight: (D_out, D_in) array.

    Returns:
        dx (N, D_in), dweight (D_out, D_in), dbias (D_out,).
    """
    ### BEGIN SOLUTION
    return dy @ weight, dy.T @ x, dy.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "linear_input"}
check("linear_input")

# %% nbgrader={"grade_id": "linear_parameters"}
check("linear_parameters")

# %% [markdown] nbgrader={"grade_id": "cross_entropy_text"}
# ## 2. The loss
#
# The network ends in one number for each class and sample, the **logits** $z$ of shape `(N, K)`. Softmax makes
# probabilities of each row, and the loss is the mean over the samples of minus the logarithm of the
# probability of the right class:
#
# $$p_{nk} = \frac{e^{z_{nk}}}{\sum_j e^{z_{nj}}}, \qquad
# L = -\frac{1}{N} \sum_n \ln p_{n, \text{label}_n}.$$
#
# Write `cross_entropy(logits, labels)`, which returns `loss, dlogits`:
#
# - `labels` is an array of `N` whole numbers from 0 to K - 1.
# - `loss` is a number, $L$. `dlogits`, of shape `(N, K)`, is the gradient of $L$ with respect to `logits`.
# - Both stay right where the logits are large: they may lie thousands away from 0, and in one row
#   thousands apart. A probability too small for float64 may be 0 in `dlogits`, but the loss is finite:
#   for the logits 1000 and 0 and the label 1, it is 1000.
#
# A small case: for `logits = [[ln 3, 0], [0, 0]]` and `labels = [0, 1]` the probabilities are
# `[[3/4, 1/4], [1/2, 1/2]]`, the loss is $\frac{1}{2} (\ln \frac{4}{3} + \ln 2) \approx 0.490$, and
# `dlogits` is `[[-1/8, 1/8], [1/4, -1/4]]`.


# %% nbgrader={"grade_id": "cross_entropy"}
def cross_entropy(logits, labels):
    """Return the mean cross-entropy of softmax(logits), and its gradient.

    Args:
        logits: (N, K) array.
        labels: (N,) array of whole numbers from 0 to K - 1.

    Returns:
        loss, a number, and dlogits (N, K).
    """
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.eye(logits.shape[1])[labels]
    return -(target * log_p).sum() / len(logits), (np.exp(log_p) - target) / len(logits)
    ### END SOLUTION


# %% nbgrader={"grade_id": "loss"}
check("loss")

# %% nbgrader={"grade_id": "loss_gradient"}
check("loss_gradient")

# %% nbgrader={"grade_id": "loss_far"}
check("loss_far")

# %% [markdown] nbgrader={"grade_id": "layers_text"}
# ## 3. One step of training
#
# These layers are given. Each has four methods:
#
# - `forward(x, params)` returns `y, cache`;
# - `backward(dy, cache)` returns `dx, grads`;
# - `statistics(cache)` returns that of which running averages are kept, for the batch that left the cache;
# - `infer(x, params, running)` returns `y` in evaluation, from running averages in place of the batch.
#
# A layer keeps nothing to itself. Its parameters, `params`, are a tuple of arrays, and so are `grads`, in the
# same order, and `statistics` and `running`, in the same order too. A tuple is empty where a layer has none.


# %% nbgrader={"grade_id": "layers"}
class Linear:
    """y = x @ weight.T + bias"""

    def forward(self, x, params):
        weight, bias = params
        return x @ weight.T + bias, (x, weight)

    def backward(self, dy, cache):
        dx, dweight, dbias = linear_backward(dy, *cache)
        return dx, (dweight, dbias)

    def statistics(self, cache):
        return ()

    def infer(self, x, params, running):
        return self.forward(x, params)[0]


class ReLU:
    """y = max(x, 0)"""

    def forward(self, x, params):
        return np.maximum(x, 0), x > 0

    def backward(self, dy, cache):
        return dy * cache, ()

    def statistics(self, cache):
        return ()

    def infer(self, x, params, running):
        return np.maximum(x, 0)


# %% nbgrader={"grade_id": "batch_norm"}
class BatchNorm:
    """y = gamma * x_hat + beta; keeps running averages of the mean and of the unbiased variance."""

    eps = 1e-5

    def forward(self, x, params):
        gamma, beta = params
        mean, var = x.mean(axis=0), x.var(axis=0)
        inv_std = 1 / np.sqrt(var + self.eps)
        x_hat = (x - mean) * inv_std
        return gamma * x_hat + beta, (x_hat, inv_std, gamma, mean, var)

    def backward(self, dy, cache):
        x_hat, inv_std, gamma, _, _ = cache
        dgamma, dbeta = (dy * x_hat).sum(axis=0), dy.sum(axis=0)
        dx = gamma * inv_std * (dy - (dbeta + x_hat * dgamma) / len(dy))
        return dx, (dgamma, dbeta)

    def statistics(self, cache):
        x_hat, _, _, mean, var = cache
        return mean, var * len(x_hat) / (len(x_hat) - 1)

    def infer(self, x, params, running):
        gamma, beta = params
        mean, var = running
        return gamma * (x - mean) / np.sqrt(var + self.eps) + beta


# %% [markdown] nbgrader={"grade_id": "train_step_text"}
# A network is a list of layers; each passes its output on to the next. `params` and `running` are lists with
# one tuple for each layer. Write
# `train_step(network, params, running, x, loss, learning_rate, momentum=0.1)`, which returns
# `value, params, running`:
#
# - The batch `x` goes through the layers' `forward`. `loss` is a function of the network's output that
#   returns its loss and the gradient with respect to that output. `value` is that loss, before the step.
# - The gradient goes back through every layer's `backward`. A layer's `cache` is for its own `backward` and
#   `statistics`; what is in it is the layer's business.
# - The new `params` are a step of gradient descent away from the old ones:
#   $p - \text{learning rate} \cdot \partial L / \partial p$. They are a list with one tuple (or list) for each
#   layer again.
# - The new `running` are $(1 - \text{momentum}) \cdot \text{running} + \text{momentum} \cdot
#   \text{statistics}$, for the statistics of this batch. They have the same form. `momentum` is from 0 to 1,
#   both included.
# - The lists, tuples and arrays that were passed in are left as they are.
#
# Only these four methods may be relied on: the questions come with other layers, which do other things to
# `x` (of shape `(N, D)`, and so is each layer's output), and with another loss. The arrays in one tuple may
# have different shapes, and a network may have a single layer.


# %% nbgrader={"grade_id": "train_step"}
def train_step(network, params, running, x, loss, learning_rate, momentum=0.1):
    """Take one step of gradient descent on one batch.

    Args:
        network: list of layers.
        params, running: lists with one tuple of arrays for each layer.
        x: (N, D) array, the batch.
        loss: function of the network's output; returns the loss and the gradient.
        learning_rate: a number.
        momentum: the weight of this batch in the running averages, a number from 0 to 1.

    Returns:
        value, the loss before the step; params and running after it.
    """
    ### BEGIN SOLUTION
    caches = []
    for layer, p in zip(network, params, strict=True):
        x, cache = layer.forward(x, p)
        caches.append(cache)
    value, dx = loss(x)
    params, running = list(params), list(running)
    for i in reversed(range(len(network))):
        dx, grads = network[i].backward(dx, caches[i])
        params[i] = tuple(p - learning_rate * dp for p, dp in zip(params[i], grads, strict=True))
        pairs = zip(running[i], network[i].statistics(caches[i]), strict=True)
        running[i] = tuple((1 - momentum) * r + momentum * s for r, s in pairs)
    return value, params, running
    ### END SOLUTION


# %% nbgrader={"grade_id": "step"}
check("step")

# %% nbgrader={"grade_id": "step_running"}
check("step_running")

# %% nbgrader={"grade_id": "step_untouched"}
check("step_untouched")

# %% [markdown] nbgrader={"grade_id": "predict_text"}
# Write `predict(network, params, running, x)`, which returns the network's output in evaluation: what the
# last layer returns when every layer is in evaluation, those without running averages too. Each sample's
# output then depends on this sample alone. The arguments are those of `train_step`; `x` may be a single sample, of shape `(1, D)`.


# %% nbgrader={"grade_id": "predict"}
def predict(network, params, running, x):
    """Return the network's output in evaluation.

    Args:
        network: list of layers.
        params, running: lists with one tuple of arrays for each layer.
        x: (N, D) array, N >= 1.

    Returns:
        The output of the last layer.
    """
    ### BEGIN SOLUTION
    for layer, p, r in zip(network, params, running, strict=True):
        x = layer.infer(x, p, r)
    return x
    ### END SOLUTION


# %% nbgrader={"grade_id": "evaluation"}
check("evaluation")

# %% [markdown] nbgrader={"grade_id": "fit_text"}
# ## 4. The network and its training
#
# This is given: a network of four hidden layers of 64 units, with ReLU, and with or without batch norm
# before each ReLU; its training by your `train_step` on batches of 64 images. The weights start at random,
# with a standard deviation of `init_scale` $\cdot \sqrt{2 / D_\text{in}}$. A seed gives the same weights and the
# same batches with and without batch norm, and the same again in each run.

# %% nbgrader={"grade_id": "data"}
from digits import load_digits, split

train_images, train_labels, test_images, test_labels = split(*load_digits())


# %% nbgrader={"grade_id": "fit"}
def build(batch_norm, rng, init_scale):
    """Return a network, its params and its running averages."""
    network, params, running = [], [], []
    for d_in, d_out in [(64, 64)] * 4 + [(64, 10)]:
        weight = init_scale * np.sqrt(2 / d_in) * rng.standard_normal((d_out, d_in))
        layers = [(Linear(), (weight, np.zeros(d_out)), ())]
        if d_out != 10:
            if batch_norm:
                zeros, ones = np.zeros(d_out), np.ones(d_out)
                layers.append((BatchNorm(), (ones, zeros), (zeros, ones)))
            layers.append((ReLU(), (), ()))
        for layer, p, r in layers:
            network.append(layer)
            params.append(p)
            running.append(r)
    return network, params, running


def fit(images, labels, batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
    """Train a network; return the loss of each batch, and the network, its params and averages."""
    rng = np.random.default_rng(seed)
    network, params, running = build(batch_norm, rng, init_scale)
    losses = np.full(steps, np.inf)
    with np.errstate(all="ignore"):
        for step in range(steps):
            rows = rng.integers(len(images), size=64)
            loss = partial(cross_entropy, labels=labels[rows])
            value, params, running = train_step(
                network, params, running, images[rows], loss, learning_rate
            )
            if not np.isfinite(value):  # it has diverged: the other losses stay infinite
                break
            losses[step] = value
    return losses, (network, params, running)


train = partial(fit, train_images, train_labels)

# %% [markdown]
# `train(batch_norm, seed)` trains on the digits and returns the 150 losses and the trained network. The
# first loss should be between 2.3 and 3 ($\ln 10 \approx 2.3$ is guessing), and the losses should fall.

# %%
# Try it here, as you like.
losses, trained = train(batch_norm=True, seed=0)
print(losses[:3], losses[-3:])

# %% [markdown] nbgrader={"grade_id": "steps_text"}
# ## 5. Steps to a target
#
# The loss of one batch jumps about, so a single low loss says little. Write
# `steps_to_target(losses, target, window=10)`: after how many steps is the mean of the last `window` losses at
# most `target` for the first time?
#
# - `losses` is an array of `T` losses, one for each step, `T >= window`. They are infinite from some step
#   on where training diverged.
# - The result is the smallest number of steps `n`, `window <= n <= T`, for which the mean of
#   `losses[n - window : n]` is at most `target`. Where there is none, it is `np.inf`.
#
# A small case: for `losses = [8, 0, 4, 2, 0]`, `target = 3` and `window = 2`, the means are 4, 2, 3, 1 (of the
# losses up to steps 2, 3, 4, 5), and the result is 3.


# %% nbgrader={"grade_id": "steps_to_target"}
def steps_to_target(losses, target, window=10):
    """Return after how many steps the mean of the last `window` losses first is at most `target`.

    Args:
        losses: (T,) array, T >= window; infinite from some step on where training diverged.
        target: a number.
        window: a whole number >= 1.

    Returns:
        A number from window to T; np.inf where there is none.
    """
    ### BEGIN SOLUTION
    for n in range(window, len(losses) + 1):
        if losses[n - window : n].mean() <= target:
            return n
    return np.inf
    ### END SOLUTION


# %% nbgrader={"grade_id": "steps"}
check("steps")

# %% [markdown] nbgrader={"grade_id": "sweep_text"}
# ## 6. Sweeps, and what follows from them
#
# Write `sweep(run, values, seeds)`, which runs every combination and returns the losses as one array of shape
# `(2, V, S, T)`:
#
# - `run(batch_norm, value, seed)` is a function that returns an array of `T` losses. `batch_norm` is `True` or
#   `False`, `value` one of the `V` numbers of the array `values`, and `seed` one of the `S` whole numbers of
#   the list `seeds`.
# - Each combination is run once, and nothing else is run: it is the runs that take time. In which order is up
#   to you.
# - The first axis is 0 for `batch_norm = False` and 1 for `True`; the others are the values, the seeds (both in
#   the order in which they are given) and the steps.


# %% nbgrader={"grade_id": "sweep"}
def sweep(run, values, seeds):
    """Run every combination of without or with batch norm, value and seed.

    Args:
        run: function of batch_norm (False or True), a value and a seed; returns (T,) losses.
        values: (V,) array.
        seeds: list of S whole numbers.

    Returns:
        losses (2, V, S, T); [0] is without batch norm, [1] with it.
    """
    ### BEGIN SOLUTION
    arms = [False, True]
    return np.array([[[run(b, v, s) for s in seeds] for v in values] for b in arms])
    ### END SOLUTION


# %% nbgrader={"grade_id": "every_run"}
check("every_run")

# %% [markdown] nbgrader={"grade_id": "conclude_text"}
# A fair comparison gives each method its own best value, and counts a seed that failed as a failure.
# Write `conclude(values, steps)`. `values` is an array of shape `(V,)`; `steps`, of shape `(2, V, S)`, holds the
# steps to the target of `S` seeds without (`steps[0]`) and with batch norm (`steps[1]`), infinite where the
# target was not reached. It returns a dict of
#
# - `"best"`: two values, without and with batch norm: the one whose mean number of steps over the seeds is
#   the smallest. That mean is infinite as soon as one seed did not reach the target.
# - `"speedup"`: how many times fewer steps are needed with batch norm: the mean number of steps without it
#   over that with it, each at its own best value.
# - `"usable"`: an array of shape `(2, V)`, `True` where every seed reached the target, `False` elsewhere.
#
# In the questions, at least one value is usable without and one with batch norm, and no two means that
# matter are equal. A small case: for `values = [1, 2]` and two seeds,
# `steps = [[[20, 40], [10, inf]], [[90, 90], [10, 20]]]`: the best values are 1 and 2, the speedup is
# 30 / 15 = 2, and `usable` is `[[True, False], [True, True]]`.


# %% nbgrader={"grade_id": "conclude"}
def conclude(values, steps):
    """Say what a sweep shows.

    Args:
        values: (V,) array, what was swept.
        steps: (2, V, S) array, without and with batch norm; infinite where not reached.

    Returns:
        A dict of "best" (2,), "speedup", a number, and "usable" (2, V).
    """
    ### BEGIN SOLUTION
    means = steps.mean(axis=2)
    without, with_batch_norm = means.min(axis=1)
    return {
        "best": values[means.argmin(axis=1)],
        "speedup": without / with_batch_norm,
        "usable": np.isfinite(means),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "best"}
check("best")

# %% nbgrader={"grade_id": "speedup"}
check("speedup")

# %% nbgrader={"grade_id": "usable"}
check("usable")

# %% [markdown] nbgrader={"grade_id": "records_text"}
# ## 7. Your own run
#
# Two experiments, each without and with batch norm, for three seeds, and 150 steps:
#
# - learning rates `RATES`, with `init_scale` left at 1;
# - initial scales `SCALES`, with `learning_rate` left at 0.1.
#
# The target is a loss of 0.3, with a window of 10. What do you expect: how many times fewer steps with batch
# norm? Which learning rates, and which initial scales, are usable without it, and which with it?

# %% nbgrader={"grade_id": "experiments"}
RATES = np.array([0.03, 0.1, 0.3, 1.0, 3.0])
SCALES = np.array([0.1, 0.3, 1.0, 3.0, 10.0])
SEEDS = [0, 1, 2]
TARGET = 0.3


def run_at_rate(batch_norm, rate, seed):
    return train(batch_norm, seed, learning_rate=rate)[0]


def run_at_scale(batch_norm, scale, seed):
    return train(batch_norm, seed, init_scale=scale)[0]


def count_steps(losses):
    """Apply steps_to_target to the last axis: (2, V, S, T) losses become (2, V, S) steps."""
    counts = [steps_to_target(curve, TARGET) for curve in losses.reshape(-1, losses.shape[-1])]
    return np.array(counts, dtype=np.float64).reshape(losses.shape[:-1])


# %% [markdown] nbgrader={"grade_id": "run_text"}
# Run both experiments and keep what they gave in a dict called `records`, with these entries:
#
# - `"train"`: the function `train`, so that the check can repeat the first steps of each run;
# - `"rate_losses"` and `"scale_losses"`: what `sweep` returns for each experiment, of shape `(2, 5, 3, 150)`;
# - `"rate_conclusions"` and `"scale_conclusions"`: what `conclude` returns for each, from `count_steps`.
#
# There is no right figure to arrive at: the conclusions must follow from the losses of this run. Compute
# them, do not type them: the notebook is run again when it is marked, and another machine rounds
# differently. When it is marked the cell may take 120 seconds; a few are enough.

# %% nbgrader={"grade_id": "records"}
### BEGIN SOLUTION
rate_losses = sweep(run_at_rate, RATES, SEEDS)
scale_losses = sweep(run_at_scale, SCALES, SEEDS)
records = {
    "train": train,
    "rate_losses": rate_losses,
    "rate_conclusions": conclude(RATES, count_steps(rate_losses)),
    "scale_losses": scale_losses,
    "scale_conclusions": conclude(SCALES, count_steps(scale_losses)),
}
### END SOLUTION

# %% nbgrader={"grade_id": "recorded"}
check("recorded")

# %% nbgrader={"grade_id": "concluded"}
check("concluded")

# %% [markdown]
# What your run shows: the mean number of steps for each value (`inf` where a seed failed), and the share of
# the 500 test images that the network gets right after 150 steps at the best learning rate.

# %% nbgrader={"grade_id": "table"}
for name, values in (("rate", RATES), ("scale", SCALES)):
    means = count_steps(records[f"{name}_losses"]).mean(axis=2)
    print(f"{name:>12}", *(f"{value:8g}" for value in values))
    print("     without", *(f"{mean:8.1f}" for mean in means[0]))
    print("        with", *(f"{mean:8.1f}" for mean in means[1]))
print(f"times fewer steps: {records['rate_conclusions']['speedup']:.1f}")
for batch_norm in (False, True):
    rate = records["rate_conclusions"]["best"][int(batch_norm)]
    trained = train(batch_norm, 0, learning_rate=rate)[1]
    right = predict(*trained, test_images).argmax(axis=1) == test_labels
    print("with" if batch_norm else "without", f"at {rate:g}: {right.mean():.3f} right")

# %% [markdown]
# **Where next**: chapter 9 does the same with more seeds and other depths, and chapter 12 asks why it works
# and when it does not.
