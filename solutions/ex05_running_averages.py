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
# # Exercise 5: running averages and evaluation
#
# You will turn batch norm into a layer that remembers. In training it normalizes by the batch at hand and
# keeps running averages of what it saw; in evaluation it normalizes by these, so that a sample's output
# no longer depends on its neighbours. Then you will fold a trained layer into the linear layer before it.
#
# **After this exercise you can** follow a running average by hand and say what momentum weights; say
# which variance normalizes and which is kept, and why a batch of one sample stops training; write both
# modes with a gradient for each; remove batch norm from a trained network without changing its output.
#
# **Time**: about {{minutes}} minutes. **Points**: {{points}}, in {{questions}} questions.
# **Chapter**: 6, Running averages, evaluation, folding (`book/06_running_averages.md`, or the page of that
# name on the website).
#
# Write your code where it says `YOUR CODE HERE`. The cells that call `check` ask one question each, say
# what went wrong where something did, and are worth the points named there. They may run as often as you
# like. Marks are given with other inputs than those you see here, on the same questions. Nothing is asked
# that this text does not state.

# %% nbgrader={"grade_id": "setup"}
import numpy as np

try:
    from check_ex05_running_averages import check
except ModuleNotFoundError:
    raise FileNotFoundError(
        "check_ex05_running_averages.py must lie beside this notebook; take it from the exercise's folder"
    ) from None

# %% [markdown] nbgrader={"grade_id": "layer_text"}
# ## A layer with two modes
#
# Write the class `BatchNorm(num_features, eps=1e-5, momentum=0.1)`. All arrays are float64, `x` and `dy`
# have the shape $(N, D)$ with $D$ = `num_features`; $M = N$ is the number of samples, `eps` is > 0 and
# `momentum` is from 0 to 1, both included.
#
# **State.** A layer has these attributes, under these names. Two layers share nothing.
#
# | attribute | | in a new layer |
# |---|---|---|
# | `gamma`, `beta` | arrays of shape $(D,)$ | 1 and 0 |
# | `running_mean`, `running_var` | arrays of shape $(D,)$ | 0 and 1 |
# | `num_batches_tracked` | the number of training batches so far | 0 |
#
# Whoever uses the layer may assign new arrays to the first four, as an optimizer or a program that loads
# a saved layer does, though not between a `forward` and its `backward`. They call `train()` or `eval()`
# right after that, and what they assigned holds from there on.
#
# **Modes.** A new layer is in training. `eval()` puts it into evaluation, `train()` back into training,
# each as often as you like; neither changes any of the five attributes.
#
# **`forward(x)`** returns `y`, with the same formula in both modes,
#
# $$\hat{x}_{nd} = \frac{x_{nd} - \mu_d}{\sqrt{v_d + \varepsilon}}, \qquad
# y_{nd} = \gamma_d \, \hat{x}_{nd} + \beta_d.$$
#
# - In training $\mu$ and $v$ are the mean and the *biased* variance (divide by $M$) of the batch itself.
#   The batch then moves the running averages. The convention is that of PyTorch, where `momentum` weights
#   the new value, and `running_var` takes the *unbiased* variance (divide by $M - 1$):
#
#   $$\text{running} \leftarrow (1 - m) \, \text{running} + m \, \text{batch}, \qquad m = \text{momentum}.$$
#
#   The initial values are blended with the first batch like any others. `num_batches_tracked` grows by 1.
# - In training a batch of one sample has no unbiased variance: it raises a `ValueError`, and none of the
#   five attributes changes.
# - In evaluation $\mu$ and $v$ are `running_mean` and `running_var`, for any $N \ge 1$. None of the five
#   attributes changes.
#
# **`backward(dy)`** returns `dx, dgamma, dbeta`, of shapes $(N, D)$, $(D,)$ and $(D,)$. `dy` is the gradient
# with respect to the `y` of the last `forward`. It belongs to that pass and to the mode that it ran in,
# even if `train()` or `eval()` was called since. It is called at most once for each `forward`.
#
# - In training the batch's mean and variance depend on `x`. With $r = 1/\sqrt{v + \varepsilon}$ exercises
#   3 and 4 gave
#
# $$d\beta_d = \sum_n dy_{nd}, \qquad d\gamma_d = \sum_n dy_{nd} \, \hat{x}_{nd}, \qquad
# dx_{nd} = \frac{\gamma_d \, r_d}{M} \left( M \, dy_{nd} - d\beta_d - \hat{x}_{nd} \, d\gamma_d \right).$$
#
# - In evaluation $\mu$ and $v$ are constants. What becomes of the three gradients is for you to find.
#
# `forward` and `backward` change neither `x` nor `dy`, and neither `gamma` nor `beta`. What else you keep
# in the layer, and what `train` and `eval` return, is up to you.
#
# A small case to check by eye: with `momentum` = 0.25, `eps` = 1.25 and a first training batch of two
# samples,
#
# $$x = \begin{pmatrix} 2 & 10 \\ 6 & 4 \end{pmatrix},$$
#
# the means are 4 and 7, the biased variances 4 and 9, the unbiased ones 8 and 18. `running_mean` becomes
# $(1, 1.75)$ and `running_var` $(2.75, 5.25)$. In evaluation the sample $(5, 3)$ then gives
# $y = (2, \, 1.25 / \sqrt{6.5})$.


# %% nbgrader={"grade_id": "BatchNorm"}
class BatchNorm:
    """Normalize x (N, D) by the batch in training, by running averages in evaluation.

    Args:
        num_features: D, an int >= 1.
        eps: added to the variance inside the root, a number > 0.
        momentum: weight of a new batch in the running averages, a number from 0 to 1.
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        """Make the state of a new layer, which is in training."""
        ### BEGIN SOLUTION
        self.eps, self.momentum = eps, momentum
        self.training = True
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.num_batches_tracked = 0
        ### END SOLUTION

    def train(self):
        """Go into training."""
        ### BEGIN SOLUTION
        self.training = True
        ### END SOLUTION

    def eval(self):
        """Go into evaluation."""
        ### BEGIN SOLUTION
        self.training = False
        ### END SOLUTION

    def forward(self, x):
        """Normalize, scale and shift; in training move the running averages.

        Args:
            x: (N, D) float64 array; N >= 1 in evaluation.

        Returns:
            y (N, D).

        Raises:
            ValueError: one sample in training; nothing has changed.
        """
        ### BEGIN SOLUTION
        mean, var = self.running_mean, self.running_var
        if self.training:
            m, new = len(x), self.momentum
            if m == 1:
                raise ValueError("one sample has no unbiased variance")
            mean, var = x.mean(axis=0), x.var(axis=0)
            unbiased = var * m / (m - 1)
            self.running_mean = (1 - new) * self.running_mean + new * mean
            self.running_var = (1 - new) * self.running_var + new * unbiased
            self.num_batches_tracked += 1
        inv_std = 1 / np.sqrt(var + self.eps)
        x_hat = (x - mean) * inv_std
        self.cache = x_hat, self.gamma * inv_std, self.training
        return self.gamma * x_hat + self.beta
        ### END SOLUTION

    def backward(self, dy):
        """Return the gradients that belong to the last forward pass.

        Args:
            dy: (N, D) float64 array, the gradient with respect to its y.

        Returns:
            dx (N, D), dgamma (D,), dbeta (D,).
        """
        ### BEGIN SOLUTION
        x_hat, scale, training = self.cache
        dgamma, dbeta = (dy * x_hat).sum(axis=0), dy.sum(axis=0)
        if not training:
            return scale * dy, dgamma, dbeta
        m = len(dy)
        return scale / m * (m * dy - dbeta - x_hat * dgamma), dgamma, dbeta
        ### END SOLUTION


# %%
# Try your class here, as you like.
x = np.array([[2.0, 10.0], [6.0, 4.0]])

# %% nbgrader={"grade_id": "initial"}
check("initial")

# %% nbgrader={"grade_id": "two_layers"}
check("two_layers")

# %% nbgrader={"grade_id": "training_output"}
check("training_output")

# %% nbgrader={"grade_id": "running_mean"}
check("running_mean")

# %% nbgrader={"grade_id": "running_var"}
check("running_var")

# %% nbgrader={"grade_id": "momentum"}
check("momentum")

# %% nbgrader={"grade_id": "counter"}
check("counter")

# %% nbgrader={"grade_id": "batch_of_one"}
check("batch_of_one")

# %% nbgrader={"grade_id": "eval_output"}
check("eval_output")

# %% nbgrader={"grade_id": "eval_one_row"}
check("eval_one_row")

# %% nbgrader={"grade_id": "eval_keeps_state"}
check("eval_keeps_state")

# %% nbgrader={"grade_id": "back_to_training"}
check("back_to_training")

# %% nbgrader={"grade_id": "training_gradients"}
check("training_gradients")

# %% nbgrader={"grade_id": "eval_gradients"}
check("eval_gradients")

# %% nbgrader={"grade_id": "switch"}
check("switch")

# %% nbgrader={"grade_id": "untouched"}
check("untouched")

# %% nbgrader={"grade_id": "whole"}
check("whole")

# %% [markdown] nbgrader={"grade_id": "fold_text"}
# ## Folding
#
# A trained network often has a linear layer, $u \mapsto u W^\top + b$, followed by batch norm in evaluation.
# Both do one multiplication and one addition for each output, so that one linear layer can do the work of
# the two, at no cost.
#
# Write `fold_into_linear(weight, bias, bn)`, which returns `weight, bias` of a linear layer that gives, for
# every `u`, what the linear layer and then `bn` in evaluation give:
#
# - `weight` is a float64 array of shape `(out, in)`, `bias` one of shape `(out,)`; so are those returned.
# - `bn` is any object with arrays `gamma`, `beta`, `running_mean` and `running_var` of shape `(out,)` and a
#   number `eps`, as attributes. It has no methods, and the questions do not use your class. `gamma` may be
#   negative, `eps` is > 0.
# - None of the arguments is changed.
#
# A small case to check by eye: one output, `weight` = $(3, 5)$, `bias` = 7, `gamma` = 4, `beta` = 10,
# `running_mean` = 1, `running_var` = 3, `eps` = 1. Batch norm divides by 2 and multiplies by 4, so that the
# folded weight is $(6, 10)$ and the folded bias $2 \cdot (7 - 1) + 10 = 22$.


# %% nbgrader={"grade_id": "fold_into_linear"}
def fold_into_linear(weight, bias, bn):
    """Return the linear layer that does the work of a linear layer and of batch norm after it.

    Args:
        weight: (out, in) float64 array.
        bias: (out,) float64 array.
        bn: has arrays gamma, beta, running_mean, running_var of shape (out,), and a number eps.

    Returns:
        weight (out, in), bias (out,) of the folded layer.
    """
    ### BEGIN SOLUTION
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta
    ### END SOLUTION


# %%
# Try your function here, as you like.
weight, bias = np.array([[3.0, 5.0]]), np.array([7.0])

# %% nbgrader={"grade_id": "fold_weight"}
check("fold_weight")

# %% nbgrader={"grade_id": "fold_bias"}
check("fold_bias")

# %% nbgrader={"grade_id": "fold_untouched"}
check("fold_untouched")

# %% [markdown]
# **Where next**: chapter 7 asks what batch norm does to the weights in front of it, and chapter 8, with
# exercise 6, takes it to images, where one channel has many samples in each image.
