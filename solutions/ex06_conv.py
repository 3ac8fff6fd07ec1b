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
# # Exercise 6: images, and batch norm's cousins
#
# You will write batch norm for the output of a convolution, forward and backward, and then the one
# function that is batch norm, layer norm or instance norm according to the axes it is given, and group
# norm.
#
# **After this exercise you can** say over which axes batch norm takes its statistics, and what M is; bring
# per-channel numbers into a shape that lines up with images; carry the closed form of the gradient over to
# channels; tell batch, layer, instance and group norm apart by the values that share a mean.
#
# **Time**: about {{minutes}} minutes. **Points**: {{points}}, in {{questions}} questions.
# **Chapter**: 8, Convolution, and the cousins of batch norm (`book/08_conv.md`, or the page of that name on the
# website).
#
# Write your code where it says `YOUR CODE HERE`. The cells that call `check` ask one question each, say
# what went wrong where something did, and are worth the points named there. They may run as often as you
# like. Marks are given with other inputs than those you see here, on the same questions. Nothing is asked
# that this text does not state.
#
# In this whole exercise every array is float64, and so is every result. None of your functions changes an
# array that it is given. `eps` is a number > 0, which is added to the variance inside the root; it is 1e-5
# when it is left out. Variances are biased: they divide by the number of values. Any axis may have the
# length 1, and any two axes may have the same length.

# %% nbgrader={"grade_id": "setup"}
import numpy as np

try:
    from check_ex06_conv import check
except ModuleNotFoundError:
    raise FileNotFoundError(
        "check_ex06_conv.py must lie beside this notebook; take it from the exercise's folder"
    ) from None

# %% [markdown] nbgrader={"grade_id": "forward_text"}
# ## Forward
#
# A batch of images `x` has the shape `(N, C, H, W)`: samples, channels, rows, columns. A convolution
# treats every pixel of a channel alike, and so does batch norm: each channel has one mean and one variance,
# over all $M = N \cdot H \cdot W$ values it has in the batch,
#
# $$\mu_c = \frac{1}{M} \sum_{n,h,w} x_{nchw}, \qquad
# v_c = \frac{1}{M} \sum_{n,h,w} (x_{nchw} - \mu_c)^2,$$
#
# $$\hat{x}_{nchw} = \frac{x_{nchw} - \mu_c}{\sqrt{v_c + \varepsilon}}, \qquad
# y_{nchw} = \gamma_c \, \hat{x}_{nchw} + \beta_c.$$
#
# Write `batchnorm2d_forward(x, gamma, beta, eps=1e-5)`, which returns `y, cache`:
#
# - `x` is an array of shape `(N, C, H, W)`, `gamma` and `beta` are arrays of shape `(C,)`; `gamma` may be
#   negative, or 0 in some channels.
# - `y` is an array of shape `(N, C, H, W)`.
# - `cache` is a dict. Its entries are `"x_hat"`, the array $\hat{x}$ of shape `(N, C, H, W)`; `"inv_std"`,
#   the array of $1 / \sqrt{v_c + \varepsilon}$, of shape `(C,)`; and `"gamma"`, the array `gamma`, of shape
#   `(C,)`. It may have more entries, which are not looked at.
# - A channel whose values are all equal gives `beta`, and so does a channel that has one value only
#   ($M = 1$).
#
# A small case to check by eye: two samples of two channels, each one row of two pixels, with
#
# $$x_{0} = \begin{pmatrix} 1 & 3 \\ 9 & 3 \end{pmatrix}, \quad
# x_{1} = \begin{pmatrix} 5 & 7 \\ 9 & 3 \end{pmatrix}, \quad
# \gamma = (1, -2), \quad \beta = (0, 10), \quad \varepsilon = 4,$$
#
# where the rows of the matrices are the channels. The means are 4 and 6, the variances 5 and 9, `inv_std`
# is $(1/3, 1/\sqrt{13})$. The four values of $\hat{x}$ in the first channel are $(-3, -1, 1, 3) / 3$, and
# those of $y$ in the second are $10 - 2 \cdot (\pm 3) / \sqrt{13}$.


# %% nbgrader={"grade_id": "batchnorm2d_forward"}
def batchnorm2d_forward(x, gamma, beta, eps=1e-5):
    """Normalize each channel over samples, rows and columns, then scale and shift it.

    Args:
        x: (N, C, H, W) array, float64.
        gamma, beta: (C,) arrays, float64.
        eps: added to the variance inside the root, a number > 0.

    Returns:
        y (N, C, H, W), and the cache: a dict of x_hat (N, C, H, W), inv_std (C,), gamma (C,).
    """
    ### BEGIN SOLUTION
    mean = x.mean(axis=(0, 2, 3), keepdims=True)
    var = x.var(axis=(0, 2, 3), keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    y = gamma[:, None, None] * x_hat + beta[:, None, None]
    return y, {"x_hat": x_hat, "inv_std": inv_std.reshape(-1), "gamma": gamma}
    ### END SOLUTION


# %%
# Try your function here, as you like.
x = np.array([[[[1.0, 3.0]], [[9.0, 3.0]]], [[[5.0, 7.0]], [[9.0, 3.0]]]])  # (2, 2, 1, 2)
gamma, beta = np.array([1.0, -2.0]), np.array([0.0, 10.0])

# %% nbgrader={"grade_id": "forward_normalized"}
check("forward_normalized")

# %% nbgrader={"grade_id": "forward_affine"}
check("forward_affine")

# %% nbgrader={"grade_id": "forward_eps"}
check("forward_eps")

# %% nbgrader={"grade_id": "forward_cache"}
check("forward_cache")

# %% nbgrader={"grade_id": "forward_whole"}
check("forward_whole")

# %% nbgrader={"grade_id": "forward_untouched"}
check("forward_untouched")

# %% [markdown] nbgrader={"grade_id": "backward_text"}
# ## Backward
#
# The backward pass gets $dy$, the gradient of a loss with respect to $y$, and a cache. Each channel is a
# batch norm of its own with $M = N \cdot H \cdot W$ samples of one feature, so that the gradients are those
# of exercise 4, with sums over the values of the channel:
#
# $$d\beta_c = \sum_{n,h,w} dy_{nchw}, \qquad
# d\gamma_c = \sum_{n,h,w} dy_{nchw} \, \hat{x}_{nchw},$$
#
# $$dx_{nchw} = \frac{\gamma_c}{\sqrt{v_c + \varepsilon}} \Bigl( dy_{nchw}
# - \frac{d\beta_c}{M} - \hat{x}_{nchw} \, \frac{d\gamma_c}{M} \Bigr).$$
#
# Write `batchnorm2d_backward(dy, cache)`, which returns `dx, dgamma, dbeta`:
#
# - `dy` is an array of shape `(N, C, H, W)`, and `cache` a dict with the three entries that are described
#   for the forward pass, in those shapes, and no others. It comes from a right forward pass, not from yours:
#   this part can be done, and is marked, whatever your forward pass does. Here $M \ge 2$.
# - `dx` is an array of shape `(N, C, H, W)`, `dgamma` and `dbeta` are arrays of shape `(C,)`.
#
# In the first channel of the small case, with $\gamma = 1$, `inv_std` $= 1/3$ and
# $\hat{x} = (-3, -1, 1, 3) / 3$, take $dy = (1, 0, 0, 1)$. Then $d\beta = 2$, $d\gamma = 0$ and
# $dx = (1, -1, -1, 1) / 6$.


# %% nbgrader={"grade_id": "batchnorm2d_backward"}
def batchnorm2d_backward(dy, cache):
    """Return the gradients of batch norm of images.

    Args:
        dy: (N, C, H, W) array, float64: the gradient with respect to y.
        cache: dict of x_hat (N, C, H, W), inv_std (C,), gamma (C,).

    Returns:
        dx (N, C, H, W), dgamma (C,), dbeta (C,).
    """
    ### BEGIN SOLUTION
    x_hat, inv_std, gamma = cache["x_hat"], cache["inv_std"], cache["gamma"]
    m = dy.size // dy.shape[1]
    dbeta = dy.sum(axis=(0, 2, 3))
    dgamma = (dy * x_hat).sum(axis=(0, 2, 3))
    scale = (gamma * inv_std)[:, None, None]
    dx = scale * (dy - (dbeta[:, None, None] + x_hat * dgamma[:, None, None]) / m)
    return dx, dgamma, dbeta
    ### END SOLUTION


# %%
# Try your function here, as you like: the first channel of the small case.
x_hat, inv_std = np.array([-3.0, -1.0, 1.0, 3.0]).reshape(2, 1, 1, 2) / 3, np.array([1 / 3])
small_cache = {"x_hat": x_hat, "inv_std": inv_std, "gamma": np.array([1.0])}
small_dy = np.array([1.0, 0.0, 0.0, 1.0]).reshape(2, 1, 1, 2)

# %% nbgrader={"grade_id": "backward_dbeta"}
check("backward_dbeta")

# %% nbgrader={"grade_id": "backward_dgamma"}
check("backward_dgamma")

# %% nbgrader={"grade_id": "backward_mean_path"}
check("backward_mean_path")

# %% nbgrader={"grade_id": "backward_variance_path"}
check("backward_variance_path")

# %% nbgrader={"grade_id": "backward_dx"}
check("backward_dx")

# %% nbgrader={"grade_id": "backward_whole"}
check("backward_whole")

# %% nbgrader={"grade_id": "backward_untouched"}
check("backward_untouched")

# %% [markdown] nbgrader={"grade_id": "normalize_text"}
# ## One function, three norms
#
# Batch norm, layer norm and instance norm differ in one thing: which values share a mean and a variance.
# For `x` of shape `(N, C, H, W)`
#
# | norm | axes that are averaged over | values that share a mean |
# |---|---|---|
# | batch norm | 0, 2, 3 | those of one channel in all samples |
# | layer norm | 1, 2, 3 | those of one sample in all channels |
# | instance norm | 2, 3 | those of one channel of one sample |
#
# Write `normalize(x, axes, eps=1e-5)`, which returns `x_hat`:
#
# - `x` is an array with any number of axes from 1 upwards.
# - `axes` is a tuple of one or more of the numbers 0, 1, ..., `x.ndim - 1`, each at most once, in any order:
#   the axes that are averaged over.
# - `x_hat` is an array of `x`'s shape: `x` minus the mean, divided by the root of the variance plus `eps`,
#   where mean and variance are taken over all the given axes together, for each place on the other axes by
#   itself.
#
# For `x = [[1, 3], [2, 8]]` and `eps = 3`, `axes = (1,)` gives the rows `[-1, 1] / sqrt(4)` and
# `[-3, 3] / sqrt(12)`.


# %% nbgrader={"grade_id": "normalize"}
def normalize(x, axes, eps=1e-5):
    """Subtract the mean over the given axes and divide by the root of variance plus eps.

    Args:
        x: array with any number of axes, float64.
        axes: tuple of the axes that are averaged over.
        eps: added to the variance inside the root, a number > 0.

    Returns:
        x_hat, of x's shape.
    """
    ### BEGIN SOLUTION
    mean = x.mean(axis=axes, keepdims=True)
    var = x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(var + eps)
    ### END SOLUTION


# %%
# Try your function here, as you like.
table = np.array([[1.0, 3.0], [2.0, 8.0]])

# %% nbgrader={"grade_id": "normalize_axes"}
check("normalize_axes")

# %% nbgrader={"grade_id": "normalize_any"}
check("normalize_any")

# %% nbgrader={"grade_id": "normalize_eps"}
check("normalize_eps")

# %% nbgrader={"grade_id": "normalize_untouched"}
check("normalize_untouched")

# %% [markdown] nbgrader={"grade_id": "group_text"}
# ## Group norm
#
# Group norm lies between layer norm and instance norm. It cuts the `C` channels into `groups` groups of
# `C / groups` neighbours each, and in each sample the values of a group share a mean and a variance. With 6
# channels and 2 groups, channels 0, 1, 2 are one group and channels 3, 4, 5 the other.
#
# Write `group_norm(x, groups, eps=1e-5)`, which returns `x_hat`:
#
# - `x` is an array of shape `(N, C, H, W)`, and `groups` is an int >= 1 that divides `C`.
# - `x_hat` is an array of shape `(N, C, H, W)`. There is no gamma and no beta here.
# - It may call your `normalize`, or do without it.
#
# For one sample of four channels of one pixel each, with the values 1, 3, 10, 30, and `groups = 2`,
# `eps = 3`, the groups' means are 2 and 20, their variances 1 and 100, and `x_hat` holds
# $(-1, 1) / \sqrt{4}$ and $(-10, 10) / \sqrt{103}$.


# %% nbgrader={"grade_id": "group_norm"}
def group_norm(x, groups, eps=1e-5):
    """Normalize each group of neighbouring channels of each sample.

    Args:
        x: (N, C, H, W) array, float64.
        groups: how many groups, an int >= 1 that divides C.
        eps: added to the variance inside the root, a number > 0.

    Returns:
        x_hat (N, C, H, W).
    """
    ### BEGIN SOLUTION
    grouped = x.reshape(x.shape[0], groups, -1)  # a group of one sample is a row
    mean = grouped.mean(axis=2, keepdims=True)
    var = grouped.var(axis=2, keepdims=True)
    return ((grouped - mean) / np.sqrt(var + eps)).reshape(x.shape)
    ### END SOLUTION


# %%
# Try your function here, as you like.
pixels = np.array([1.0, 3.0, 10.0, 30.0]).reshape(1, 4, 1, 1)

# %% nbgrader={"grade_id": "group_blocks"}
check("group_blocks")

# %% nbgrader={"grade_id": "group_ends"}
check("group_ends")

# %% nbgrader={"grade_id": "group_whole"}
check("group_whole")

# %% nbgrader={"grade_id": "group_untouched"}
check("group_untouched")

# %% [markdown]
# **Where next**: exercise 7 trains a network with and without batch norm on images of digits. Chapter 8 shows
# when a cousin is the better choice: with few samples in a batch, layer norm and group norm lose nothing,
# because no sample sees another.
