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
# # Exercise 3: the backward pass, stage by stage
#
# Training needs the gradient of the loss with respect to everything that the forward pass was given. You
# will write a tool that finds gradients by trying, and then find those of batch norm by the chain rule,
# one variable of the forward pass after the other, from the output back to the input.
#
# **After this exercise you can** check any gradient by central differences; draw the graph of batch norm
# and say which variables act on which; pass a gradient back through a mean, a variance and a root; say
# why a loss depends on `x` in three ways.
#
# **Time**: about {{minutes}} minutes. **Points**: {{points}}, in {{questions}} questions.
# **Chapter**: 4, The backward pass, stage by stage (`book/04_staged_backward.md`, or the page of that
# name on the website).
#
# Write your code where it says `YOUR CODE HERE`. The cells that call `check` ask one question each, say
# what went wrong where something did, and are worth the points named there. They may run as often as you
# like. Marks are given with other inputs than those you see here, on the same questions. Nothing is asked
# that this text does not state.

# %% nbgrader={"grade_id": "setup"}
import numpy as np

try:
    from check_ex03_backward import check
except ModuleNotFoundError:
    raise FileNotFoundError(
        "check_ex03_backward.py must lie beside this notebook; take it from the exercise's folder"
    ) from None

# %% [markdown] nbgrader={"grade_id": "numerical_text"}
# ## 1. A gradient by trying
#
# Let `f` turn an array `x` into another array, and let the loss be the sum of `f(x)`, weighted by an array
# `dy` of the same shape as `f(x)`:
#
# $$L(x) = \sum \texttt{f(x)} \cdot \texttt{dy}.$$
#
# Then `dy` is the gradient of $L$ with respect to `f(x)`. The gradient with respect to one entry $x_i$ can
# be measured: move that entry, and no other, by $h$ to either side, and take the **central difference**
#
# $$\frac{L(x \text{ with } x_i + h) - L(x \text{ with } x_i - h)}{2h}.$$
#
# Write `numerical_gradient(f, x, dy, h=1e-5)`, which returns `dx`, the array of these numbers:
#
# - `f` is a function. It takes a float64 array of `x`'s shape, returns a new float64 array of `dy`'s
#   shape, and leaves its argument as it is.
# - `x` and `dy` are float64 arrays, each of any shape with at least one axis. `f(x)`, and so `dy`, may have
#   another shape than `x`. Both are the same, bit for bit, after the call as before it.
# - `h` is a number > 0; it is 1e-5 when it is left out.
# - `dx` is a float64 array of `x`'s shape. Each entry is the central difference given here, with the
#   step `h`.
#
# A small case to check by eye: for `f(x) = x[0] * x`, `x = [1, 2]`, `dy = [1, 10]` and `h = 0.5`, the loss
# is $x_0^2 + 10 x_0 x_1$, and `dx` is `[22, 10]`.


# %% nbgrader={"grade_id": "numerical_gradient"}
def numerical_gradient(f, x, dy, h=1e-5):
    """Return the gradient of sum(f(x) * dy) with respect to x, by central differences.

    Args:
        f: function of an array of x's shape; returns a new array of dy's shape.
        x: float64 array of any shape.
        dy: float64 array of f(x)'s shape.
        h: the step to each side, a number > 0.

    Returns:
        dx, an array of x's shape.
    """
    ### BEGIN SOLUTION
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        dx[i] = ((f(x + step) - f(x - step)) * dy).sum() / (2 * h)
    return dx
    ### END SOLUTION


# %%
# Try your function here, as you like.
def times_first(x):
    return x[0] * x


x, dy, h = np.array([1.0, 2.0]), np.array([1.0, 10.0]), 0.5

# %% nbgrader={"grade_id": "numerical"}
check("numerical")

# %% nbgrader={"grade_id": "numerical_step"}
check("numerical_step")

# %% nbgrader={"grade_id": "numerical_shapes"}
check("numerical_shapes")

# %% nbgrader={"grade_id": "numerical_untouched"}
check("numerical_untouched")

# %% [markdown] nbgrader={"grade_id": "forward_text"}
# ## 2. The backward pass
#
# The forward pass is given. It keeps in its **cache** what the backward pass will want.


# %% nbgrader={"grade_id": "batchnorm_forward"}
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Return y and the cache: a dict of x, x_hat, mean, var, inv_std, gamma, eps."""
    mean = x.mean(axis=0)
    var = ((x - mean) ** 2).mean(axis=0)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma * x_hat + beta
    cache = {"x": x, "x_hat": x_hat, "mean": mean, "var": var, "inv_std": inv_std}
    return y, cache | {"gamma": gamma, "eps": eps}


# %% [markdown] nbgrader={"grade_id": "stages_text"}
# These are its variables, each with those that it is computed from, for one feature and samples
# $n = 1, \dots, M$:
#
# | variable | is computed from | by |
# |--|--|--|
# | `mean` | `x` | $\mu = \frac{1}{M} \sum_n x_n$ |
# | `var` | `x`, `mean` | $v = \frac{1}{M} \sum_n (x_n - \mu)^2$ |
# | `x_hat` | `x`, `mean`, `var` | $\hat{x}_n = (x_n - \mu) \, (v + \varepsilon)^{-1/2}$ |
# | `y` | `x_hat`, `gamma`, `beta` | $y_n = \gamma \, \hat{x}_n + \beta$ |
#
# Read from below, the table is the plan of the backward pass. The gradient of the loss with respect to a
# variable is the sum of what comes back from everything that is computed from it: the gradient there, times
# the derivative of that formula, with the formula's other variables held fixed. Each row of the table
# gives one or more **stages**:
#
# - `dbeta`, `dgamma` and `dx_hat` from `dy`;
# - `dvar` from `dx_hat`;
# - `dmean` from `dx_hat` and `dvar`;
# - `dx` from `dx_hat`, `dvar` and `dmean`.
#
# Write `backward_stages(dy, cache)`, which returns a dict of these six gradients:
#
# - `dy` is a float64 array of shape `(N, D)`, the gradient of the loss with respect to `y`, with `N >= 2`.
# - `cache` is a dict as `batchnorm_forward` returns it, with float64 arrays and with whatever `eps > 0` the
#   forward pass was called with. `gamma` has no zeros in it, but may be negative.
# - The dict that you return has the keys `"dbeta"`, `"dgamma"`, `"dx_hat"`, `"dvar"`, `"dmean"` and `"dx"`,
#   in any order. Each value is a float64 array of its variable's shape: `(N, D)` for `dx_hat` and `dx`,
#   `(D,)` for the others.
# - `dy` and `cache` are the same after the call as before it.
#
# Each stage has a question of its own. It is marked on what it makes of the stages before it: if your
# `dx_hat` is wrong, what that does to `dvar` is taken out before `dvar` is marked. A stage that is missing
# from the dict, or that is 0, costs its own question, and later stages are then compared with what they
# should be.
#
# A small case to check by eye: for
#
# $$x = \begin{pmatrix} 1 & 2 \\ 3 & 10 \\ 5 & 10 \\ 7 & 10 \end{pmatrix}, \quad
# \gamma = (3, -4), \quad \varepsilon = 4, \quad
# \texttt{dy} = \begin{pmatrix} -4 & -5 \\ 1 & 0 \\ 4 & 3 \\ 1 & -2 \end{pmatrix}$$
#
# `inv_std` is (1/3, 1/4), and all gradients are whole numbers: `dbeta` is (2, -4), `dgamma` (6, 8), `dvar`
# (-1, 1), `dmean` (-2, -4), and
#
# $$\texttt{dx\_hat} = \begin{pmatrix} -12 & 20 \\ 3 & 0 \\ 12 & -12 \\ 3 & 8 \end{pmatrix}, \qquad
# \texttt{dx} = \begin{pmatrix} -3 & 1 \\ 1 & 0 \\ 3 & -3 \\ -1 & 2 \end{pmatrix}.$$


# %% nbgrader={"grade_id": "backward_stages"}
def backward_stages(dy, cache):
    """Return the gradient with respect to every variable of the forward pass.

    Args:
        dy: (N, D) float64 array, the gradient with respect to y.
        cache: dict of x, x_hat, mean, var, inv_std, gamma, eps, from batchnorm_forward.

    Returns:
        A dict of dbeta (D,), dgamma (D,), dx_hat (N, D), dvar (D,), dmean (D,), dx (N, D).
    """
    ### BEGIN SOLUTION
    inv_std = cache["inv_std"]
    centred = cache["x"] - cache["mean"]
    M = dy.shape[0]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -inv_std * dx_hat.sum(axis=0)  # through var comes nothing: centred adds up to 0
    dx = dx_hat * inv_std + dvar * 2 * centred / M + dmean / M
    return {
        "dbeta": dbeta,
        "dgamma": dgamma,
        "dx_hat": dx_hat,
        "dvar": dvar,
        "dmean": dmean,
        "dx": dx,
    }
    ### END SOLUTION


# %%
# Try your function here, as you like. numerical_gradient can check dx for you, and other stages too: what
# does y do when var is changed and x and mean are not?
x = np.array([[1.0, 2.0], [3.0, 10.0], [5.0, 10.0], [7.0, 10.0]])
dy = np.array([[-4.0, -5.0], [1.0, 0.0], [4.0, 3.0], [1.0, -2.0]])
y, cache = batchnorm_forward(x, gamma=np.array([3.0, -4.0]), beta=np.zeros(2), eps=4.0)

# %% nbgrader={"grade_id": "dbeta"}
check("dbeta")

# %% nbgrader={"grade_id": "dgamma"}
check("dgamma")

# %% nbgrader={"grade_id": "dx_hat"}
check("dx_hat")

# %% nbgrader={"grade_id": "dvar"}
check("dvar")

# %% nbgrader={"grade_id": "dmean"}
check("dmean")

# %% nbgrader={"grade_id": "dx"}
check("dx")

# %% nbgrader={"grade_id": "whole"}
check("whole")

# %% nbgrader={"grade_id": "shapes"}
check("shapes")

# %% nbgrader={"grade_id": "untouched"}
check("untouched")

# %% [markdown]
# **Where next**: chapter 5 puts the stages into one another. What is left is one line with a geometry of
# its own, and exercise 4 asks for it; it starts from a given cache again, and does not need your code from
# here.
