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
# # Exercise 2: the forward pass
#
# You will write batch norm's forward pass in training: normalize each feature over the batch, then scale
# and shift it.
#
# **After this exercise you can** write the forward pass from the formula; say where eps belongs and what
# it does to a feature that hardly varies; say what gamma and beta do, and in which order.
#
# **Time**: about {{minutes}} minutes. **Points**: {{points}}, in {{questions}} questions.
# **Chapter**: 3, The forward pass (`book/03_forward.md`, or "The forward pass" on the website).
#
# Write your code where it says `YOUR CODE HERE`. The cells that call `check` ask one question each, say
# what went wrong where something did, and are worth the points named there. They may run as often as you
# like. Marks are given with other inputs than those you see here, on the same questions. Nothing is asked
# that this text does not state.

# %% nbgrader={"grade_id": "setup"}
import numpy as np

try:
    from check_ex02_forward import check
except ModuleNotFoundError:
    raise FileNotFoundError(
        "check_ex02_forward.py must lie beside this notebook; take it from the exercise's folder"
    ) from None

# %% [markdown] nbgrader={"grade_id": "forward_text"}
# ## Normalize, scale, shift
#
# For a batch `x` of shape `(N, D)`, with the mean $\mu_d$ and the biased variance $v_d$ of each feature
# over the samples,
#
# $$\hat{x}_{nd} = \frac{x_{nd} - \mu_d}{\sqrt{v_d + \varepsilon}}, \qquad
# y_{nd} = \gamma_d \, \hat{x}_{nd} + \beta_d.$$
#
# $\varepsilon$ (`eps`) stands inside the root. $\gamma$ and $\beta$ are one number for each feature.
#
# Write `batchnorm_forward(x, gamma, beta, eps=1e-5)`, which returns `y, cache`:
#
# - `x` is an array of shape `(N, D)`, `gamma` and `beta` of shape `(D,)`; all three are float64, or all
#   three float32, and `N >= 1`. `gamma` may be negative. None of the three is changed.
# - `eps` is a number > 0; it is 1e-5 when it is left out.
# - `y` is an array of shape `(N, D)` and of `x`'s dtype.
# - `cache` is whatever you would want to keep for the backward pass, in any form. It is not marked.
# - A feature that is the same in all samples gives `beta`, and so does a batch of one sample.
# - The result stays right when the mean is very large: adding 1e8 to all samples of a float64 batch whose
#   spread is about 1 changes no value of `y` by more than 1e-5 (with `gamma` = 1).
#
# A small case to check by eye: for
#
# $$x = \begin{pmatrix} 1 & 9 \\ 3 & 3 \\ 5 & 9 \\ 7 & 3 \end{pmatrix}, \quad
# \gamma = (1, -2), \quad \beta = (0, 10), \quad \varepsilon = 4$$
#
# the means are 4 and 6, the variances 5 and 9, and the second column of `y` is
# $10 - 2 \cdot (\pm 3) / \sqrt{13}$. The first column of $\hat{x}$ is $(-3, -1, 1, 3) / 3$.


# %% nbgrader={"grade_id": "batchnorm_forward"}
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Normalize each feature over the batch, then scale and shift it.

    Args:
        x: (N, D) array, float64 or float32, N >= 1.
        gamma, beta: (D,) arrays of x's dtype.
        eps: added to the variance inside the root, a number > 0.

    Returns:
        y (N, D) of x's dtype, and a cache of your own.
    """
    ### BEGIN SOLUTION
    mean = x.mean(axis=0)
    centred = x - mean
    var = (centred**2).mean(axis=0)
    inv_std = 1 / (var + eps) ** 0.5
    x_hat = centred * inv_std
    return gamma * x_hat + beta, (x_hat, inv_std, gamma)
    ### END SOLUTION


# %%
# Try your function here, as you like.
x = np.array([[1.0, 9.0], [3.0, 3.0], [5.0, 9.0], [7.0, 3.0]])
gamma, beta = np.array([1.0, -2.0]), np.array([0.0, 10.0])

# %% nbgrader={"grade_id": "normalized"}
check("normalized")

# %% nbgrader={"grade_id": "scale_and_shift"}
check("scale_and_shift")

# %% nbgrader={"grade_id": "eps"}
check("eps")

# %% nbgrader={"grade_id": "whole"}
check("whole")

# %% nbgrader={"grade_id": "constant"}
check("constant")

# %% nbgrader={"grade_id": "far_mean"}
check("far_mean")

# %% nbgrader={"grade_id": "dtype"}
check("dtype")

# %% nbgrader={"grade_id": "untouched"}
check("untouched")

# %% [markdown]
# **Where next**: chapter 4 takes the gradient through every step of this function, and exercise 3 starts
# from a forward pass that is given.
