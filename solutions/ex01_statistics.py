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
# # Exercise 1: batch statistics
#
# Batch norm begins with two numbers for each feature: the mean and the variance over the batch. You will
# write them, and then merge those of two batches without looking at the samples again, which is what
# several devices do when they share one batch.
#
# **After this exercise you can** say which axis a batch statistic is taken over; tell the biased from the
# unbiased variance; compute a variance that survives a large mean; merge statistics of parts.
#
# **Time**: about {{minutes}} minutes. **Points**: {{points}}, in {{questions}} questions.
# **Chapter**: 2, Batch statistics (`book/02_statistics.md`, or "Batch statistics" on the website).
#
# Write your code where it says `YOUR CODE HERE`. The cells that call `check` ask one question each, say
# what went wrong where something did, and are worth the points named there. They may run as often as you
# like. Marks are given with other inputs than those you see here, on the same questions. Nothing is asked
# that this text does not state.

# %% nbgrader={"grade_id": "setup"}
import numpy as np

try:
    from check_ex01_statistics import check
except ModuleNotFoundError:
    raise FileNotFoundError(
        "check_ex01_statistics.py must lie beside this notebook; take it from the exercise's folder"
    ) from None

# %% [markdown] nbgrader={"grade_id": "statistics_text"}
# ## 1. Mean and variance of a batch
#
# A batch is an array `x` of shape `(N, D)`: `N` samples (rows) of `D` features (columns). The statistics
# are taken over the samples, for each feature on its own. With $M$ samples ($M = N$ here),
#
# $$\mu_d = \frac{1}{M}\sum_{n=1}^{M} x_{nd}, \qquad v_d = \frac{1}{M}\sum_{n=1}^{M} (x_{nd} - \mu_d)^2.$$
#
# $v$ is the **biased** variance: it divides by $M$, not by $M - 1$.
#
# Write `batch_statistics(x)`, which returns `mean, var`:
#
# - `x` is an array of shape `(N, D)`, float64 or float32, with `N >= 1`. It is left as it is.
# - `mean` and `var` are arrays of shape `(D,)` and of `x`'s dtype.
# - They stay right when the mean is very large: adding 1e8 to all samples of a float64 batch whose spread
#   is about 1 changes no variance by more than 1e-5.
#
# A small case to check by eye: for
#
# $$x = \begin{pmatrix} 1 & 10 \\ 3 & 10 \\ 5 & 40 \\ 7 & 40 \end{pmatrix}$$
#
# `mean` is `[4, 25]` and `var` is `[5, 225]`.


# %% nbgrader={"grade_id": "batch_statistics"}
def batch_statistics(x):
    """Return the mean and the biased variance of each feature over the batch.

    Args:
        x: (N, D) array, float64 or float32, N >= 1.

    Returns:
        mean, var: (D,) arrays of x's dtype.
    """
    ### BEGIN SOLUTION
    mean = x.mean(axis=0)
    centred = x - mean
    return mean, (centred**2).mean(axis=0)
    ### END SOLUTION


# %%
# Try your function here, as you like.
x = np.array([[1.0, 10.0], [3.0, 10.0], [5.0, 40.0], [7.0, 40.0]])

# %% nbgrader={"grade_id": "mean"}
check("mean")

# %% nbgrader={"grade_id": "variance"}
check("variance")

# %% nbgrader={"grade_id": "shape"}
check("shape")

# %% nbgrader={"grade_id": "untouched"}
check("untouched")

# %% nbgrader={"grade_id": "dtype"}
check("dtype")

# %% nbgrader={"grade_id": "far_mean"}
check("far_mean")

# %% [markdown] nbgrader={"grade_id": "merge_text"}
# ## 2. Merging the statistics of two batches
#
# Two parts of one batch, `a` and `b`, are known by their statistics only: how many samples, their mean,
# their biased variance. The statistics of all samples together follow from these.
#
# Write `merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b)`, which returns
# `count, mean, var` of the union:
#
# - `count_a` and `count_b` are whole numbers, `>= 0`. One of them may be 0, but not both.
# - `mean_a`, `var_a`, `mean_b`, `var_b` are float64 arrays of shape `(D,)`. They are left as they are.
#   Those of a part with count 0 hold finite numbers that mean nothing and must not matter.
# - `count` is a number; `mean` and `var` are arrays of shape `(D,)`; `var` is the biased variance of all
#   samples together.
# - The result stays right when the means are very large: adding 1e8 to both means, where the spread is
#   about 1, changes no merged variance by more than 1e-5.
#
# A small case: the samples 2 (alone) and 4, 6, 8 merge to 2, 4, 6, 8. From
# `(1, [2], [0])` and `(3, [6], [8/3])` come the count 4, the mean 5 and the variance 5. The average of the
# two variances, weighted by the counts, is only 2: what is missing lies between the two means.


# %% nbgrader={"grade_id": "merge_statistics"}
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Return the statistics of two batches together.

    Args:
        count_a, count_b: whole numbers >= 0, not both 0.
        mean_a, mean_b: (D,) float64 means of the parts.
        var_a, var_b: (D,) float64 biased variances of the parts.

    Returns:
        count, mean (D,), var (D,) of the union; var is biased.
    """
    ### BEGIN SOLUTION
    count = count_a + count_b
    delta = mean_b - mean_a
    mean = mean_a + delta * (count_b / count)
    sum_of_squares = count_a * var_a + count_b * var_b + delta**2 * (count_a * count_b / count)
    return count, mean, sum_of_squares / count
    ### END SOLUTION


# %%
# Try your function here, as you like.
part_a = (1, np.array([2.0]), np.array([0.0]))
part_b = (3, np.array([6.0]), np.array([8 / 3]))

# %% nbgrader={"grade_id": "merge_mean"}
check("merge_mean")

# %% nbgrader={"grade_id": "merge_variance"}
check("merge_variance")

# %% nbgrader={"grade_id": "merge_empty"}
check("merge_empty")

# %% nbgrader={"grade_id": "merge_far"}
check("merge_far")

# %% nbgrader={"grade_id": "merge_untouched"}
check("merge_untouched")

# %% [markdown]
# **Where next**: chapter 3, The forward pass, and exercise 2 use these statistics to normalize. Exercise 2
# does not need your code from here.
