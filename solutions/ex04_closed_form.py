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
# # Exercise 4: the backward pass in closed form
#
# The stages of the backward pass, put into one another, shrink to one short formula for `dx`. You will
# write it, and find out what it does to `dy`: some of it never arrives at `x`.
#
# **After this exercise you can** write batch norm's whole backward pass with two sums over the batch; say
# which parts of an upstream gradient get through and which do not; use such invariants to test a gradient
# without a second implementation.
#
# **Time**: about {{minutes}} minutes. **Points**: {{points}}, in {{questions}} questions.
# **Chapter**: 5, The closed form and its geometry (`book/05_closed_form.md`, or the page of that name on the
# website).
#
# Write your code where it says `YOUR CODE HERE`. The cells that call `check` ask one question each, say
# what went wrong where something did, and are worth the points named there. They may run as often as you
# like. Marks are given with other inputs than those you see here, on the same questions. Nothing is asked
# that this text does not state.

# %% nbgrader={"grade_id": "setup"}
import numpy as np

try:
    from check_ex04_closed_form import check
except ModuleNotFoundError:
    raise FileNotFoundError(
        "check_ex04_closed_form.py must lie beside this notebook; take it from the exercise's folder"
    ) from None

# %% [markdown] nbgrader={"grade_id": "forward_text"}
# ## The forward pass
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


# %% [markdown] nbgrader={"grade_id": "backward_text"}
# ## The backward pass
#
# By the chain rule, with $r = (v + \varepsilon)^{-1/2}$ (`inv_std`) and $M$ samples, for one feature:
#
# $$\frac{\partial L}{\partial v} = -\frac{r^3}{2} \sum_n \gamma \, \texttt{dy}_n (x_n - \mu), \qquad
# \frac{\partial L}{\partial \mu} = -r \sum_n \gamma \, \texttt{dy}_n, \qquad
# \texttt{dx}_n = \gamma \, \texttt{dy}_n \, r + \frac{\partial L}{\partial v} \frac{2 (x_n - \mu)}{M}
# + \frac{1}{M} \frac{\partial L}{\partial \mu}.$$
#
# Put the first two into the third, and use $\hat{x}_n = (x_n - \mu) \, r$. What is left needs two sums over
# the batch, which are gradients that you want anyway.
#
# Write `batchnorm_backward(dy, cache)`, which returns `dx, dgamma, dbeta`:
#
# - `dy` is a float64 array of shape `(N, D)`, the gradient of the loss with respect to `y`, with `N >= 2`.
# - `cache` is a dict as `batchnorm_forward` returns it, with float64 arrays and with whatever `eps > 0` the
#   forward pass was called with; the arrays and `eps` in it belong together. `gamma` has no zeros in it,
#   but may be negative.
# - `dx` is a float64 array of shape `(N, D)`, `dgamma` and `dbeta` are float64 arrays of shape `(D,)`: the
#   gradients of the loss with respect to `x`, `gamma` and `beta`.
# - `dy` and `cache` are the same after the call as before it.
#
# Any way that gives the right gradients is welcome; the closed form is the shortest. These facts follow
# from it, and each has a question of its own:
#
# 1. `dx` adds up to 0 over the batch, in each feature.
# 2. In each feature $\sum_n \texttt{dx}_n \hat{x}_n
#    = \gamma \, r \left(\sum_n \texttt{dy}_n \hat{x}_n\right) \frac{\varepsilon}{v + \varepsilon}$, while a
#    direction $u$ across both, with $\sum_n u_n = \sum_n u_n \hat{x}_n = 0$, has
#    $\sum_n \texttt{dx}_n u_n = \gamma \, r \sum_n \texttt{dy}_n u_n$. So of `dy`'s part along $\hat{x}$ the
#    fraction $\varepsilon / (v + \varepsilon)$ gets through, compared with a part across.
# 3. `gamma` multiplies all of `dx` once.
# 4. A larger `eps` in the forward pass makes `dx` smaller, by way of $r$.
# 5. Features have nothing to do with each other.
#
# A small case to check by eye: for
#
# $$x = \begin{pmatrix} 1 & 2 \\ 3 & 10 \\ 5 & 10 \\ 7 & 10 \end{pmatrix}, \quad
# \gamma = (3, -4), \quad \varepsilon = 4, \quad
# \texttt{dy} = \begin{pmatrix} -4 & -5 \\ 1 & 0 \\ 4 & 3 \\ 1 & -2 \end{pmatrix}$$
#
# `inv_std` is (1/3, 1/4), `dbeta` is (2, -4), `dgamma` is (6, 8), and
#
# $$\texttt{dx} = \begin{pmatrix} -3 & 1 \\ 1 & 0 \\ 3 & -3 \\ -1 & 2 \end{pmatrix}.$$


# %% nbgrader={"grade_id": "batchnorm_backward"}
def batchnorm_backward(dy, cache):
    """Return the gradients with respect to x, gamma and beta.

    Args:
        dy: (N, D) float64 array, the gradient with respect to y.
        cache: dict of x, x_hat, mean, var, inv_std, gamma, eps, from batchnorm_forward.

    Returns:
        dx (N, D), dgamma (D,), dbeta (D,).
    """
    ### BEGIN SOLUTION
    x_hat = cache["x_hat"]
    M = dy.shape[0]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = cache["gamma"] * cache["inv_std"] / M * (M * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta
    ### END SOLUTION


# %%
# Try your function here, as you like.
x = np.array([[1.0, 2.0], [3.0, 10.0], [5.0, 10.0], [7.0, 10.0]])
dy = np.array([[-4.0, -5.0], [1.0, 0.0], [4.0, 3.0], [1.0, -2.0]])
y, cache = batchnorm_forward(x, gamma=np.array([3.0, -4.0]), beta=np.zeros(2), eps=4.0)

# %% nbgrader={"grade_id": "dbeta"}
check("dbeta")

# %% nbgrader={"grade_id": "dgamma"}
check("dgamma")

# %% nbgrader={"grade_id": "sum_is_zero"}
check("sum_is_zero")

# %% nbgrader={"grade_id": "along_x_hat"}
check("along_x_hat")

# %% nbgrader={"grade_id": "gamma_once"}
check("gamma_once")

# %% nbgrader={"grade_id": "eps_in_cache"}
check("eps_in_cache")

# %% nbgrader={"grade_id": "features_apart"}
check("features_apart")

# %% nbgrader={"grade_id": "whole"}
check("whole")

# %% nbgrader={"grade_id": "shapes"}
check("shapes")

# %% nbgrader={"grade_id": "untouched"}
check("untouched")

# %% [markdown]
# **Where next**: chapter 6 asks what a layer does with a single sample, and keeps running averages of the
# statistics for it. Exercise 5 does not need your code from here.
