"""The catalogue of ex01_statistics."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant

# --- batch_statistics: wrong -----------------------------------------------------------------------


@mistake(
    "unbiased",
    fails="variance",
    hint="The sum is divided by M - 1, which is the unbiased variance. Batch norm normalizes with the "
    "biased one: divide by M, the number of samples.",
)
def batch_statistics(x):
    """Divides by M - 1."""
    return x.mean(axis=0), x.var(axis=0, ddof=1)


@mistake(
    "inverted_bessel",
    fails="variance",
    hint="The variance is multiplied by (M - 1)/M. Dividing the sum of squares by M is enough: no "
    "correction is needed for the biased variance.",
)
def batch_statistics(x):
    """Applies Bessel's correction upside down."""
    m = len(x)
    return x.mean(axis=0), x.var(axis=0) * (m - 1) / m


@mistake(
    "over_features",
    fails="mean variance shape",
    hint="The statistics are taken over the features of each sample (axis 1). Batch norm takes them "
    "over the samples, one for each feature: axis 0.",
)
def batch_statistics(x):
    """Reduces axis 1."""
    return x.mean(axis=1), x.var(axis=1)


@mistake(
    "var_over_features",
    fails="variance shape",
    hint="The mean is taken over the samples, but the variance over the features. Both go over axis 0.",
)
def batch_statistics(x):
    """Takes the mean over axis 0 and the variance over axis 1."""
    return x.mean(axis=0), x.var(axis=1)


@mistake(
    "global",
    fails="mean variance shape",
    hint="There is a single mean and variance for the whole array. Each feature has its own: reduce "
    "over axis 0 only.",
    whole=True,
)
def batch_statistics(x):
    """Takes one mean and one variance of everything."""
    return x.mean(), x.var()


@mistake(
    "global_repeated",
    fails="mean variance",
    hint="Every feature gets the mean and variance of the whole array. Each feature has its own: "
    "reduce over axis 0 only.",
)
def batch_statistics(x):
    """Repeats the statistics of the whole array for each feature."""
    ones = np.ones(x.shape[1], dtype=x.dtype)
    return ones * x.mean(), ones * x.var()


@mistake(
    "global_mean_in_var",
    fails="variance",
    hint="The distances are taken from the mean of the whole array. Take them from the mean of their "
    "own feature.",
)
def batch_statistics(x):
    """Measures the variance around the mean of everything."""
    return x.mean(axis=0), ((x - x.mean()) ** 2).mean(axis=0)


@mistake(
    "standard_deviation",
    fails="variance",
    hint="var is the standard deviation. The variance is its square: leave the root out.",
)
def batch_statistics(x):
    """Returns the standard deviation."""
    return x.mean(axis=0), x.std(axis=0)


@mistake(
    "absolute_deviation",
    fails="variance",
    hint="var is the average absolute distance from the mean. The variance averages the squares.",
)
def batch_statistics(x):
    """Averages absolute distances."""
    mean = x.mean(axis=0)
    return mean, np.abs(x - mean).mean(axis=0)


@mistake(
    "sum_of_squares",
    fails="variance",
    hint="The squared distances are summed and not averaged: divide by the number of samples.",
)
def batch_statistics(x):
    """Forgets to divide the variance by M."""
    mean = x.mean(axis=0)
    return mean, ((x - mean) ** 2).sum(axis=0)


@mistake(
    "second_moment",
    fails="variance far_mean",
    hint="The mean of x squared is the second moment. The variance takes the mean away first.",
)
def batch_statistics(x):
    """Forgets to subtract the mean."""
    return x.mean(axis=0), (x**2).mean(axis=0)


@mistake(
    "one_pass",
    fails="far_mean",
    hint="mean(x**2) - mean(x)**2 subtracts two large numbers that agree in nearly all digits, and "
    "what is left is rounding error. Subtract the mean first, then square.",
)
def batch_statistics(x):
    """Computes the variance as E[x^2] - E[x]^2."""
    mean = x.mean(axis=0)
    return mean, (x**2).mean(axis=0) - mean**2


@mistake(
    "median",
    fails="mean",
    hint="The centre returned is the median. The mean is the sum divided by the number of samples.",
)
def batch_statistics(x):
    """Returns the median as the mean."""
    return np.median(x, axis=0), x.var(axis=0)


@mistake(
    "sum_not_mean",
    fails="mean",
    hint="The samples are summed and not averaged: divide by the number of samples.",
)
def batch_statistics(x):
    """Forgets to divide the mean by M."""
    return x.sum(axis=0), x.var(axis=0)


@mistake(
    "divided_by_features",
    fails="mean variance",
    hint="The sums are divided by the number of features, x.shape[1]. Divide by the number of samples, "
    "x.shape[0].",
)
def batch_statistics(x):
    """Divides the sums by D instead of M."""
    d = x.shape[1]
    centred = x - x.mean(axis=0)
    return x.sum(axis=0) / d, (centred**2).sum(axis=0) / d


@mistake(
    "mean_over_m_minus_one",
    fails="mean",
    hint="The sum is divided by M - 1. Only the unbiased variance has M - 1; the mean divides by M.",
)
def batch_statistics(x):
    """Divides the mean by M - 1."""
    return x.sum(axis=0) / (len(x) - 1), x.var(axis=0)


@mistake(
    "first_row_left_out",
    fails="mean variance",
    hint="The first sample is missing from the statistics. Every row of x is a sample of the batch.",
)
def batch_statistics(x):
    """Skips the first sample."""
    return x[1:].mean(axis=0), x[1:].var(axis=0)


@mistake(
    "swapped",
    fails="mean variance far_mean",
    hint="mean and var come back in the wrong order: return mean first, then var.",
    whole=True,
)
def batch_statistics(x):
    """Returns var, mean."""
    return x.var(axis=0), x.mean(axis=0)


@mistake(
    "eps_in_var",
    fails="variance",
    hint="eps = 1e-5 has been added to the variance. It belongs to the normalization of the next "
    "exercise, not to the statistics.",
)
def batch_statistics(x):
    """Adds eps to the variance."""
    return x.mean(axis=0), (x.var(axis=0) + 1e-5).astype(x.dtype)


@mistake(
    "centred_in_place",
    fails="untouched",
    hint="The caller's x has changed. Something such as x -= mean works in place: write the result to a "
    "new array, as x - mean does.",
)
def batch_statistics(x):
    """Centres x in place."""
    mean = x.mean(axis=0)
    x -= mean
    return mean, (x**2).mean(axis=0)


@mistake(
    "keeps_dimensions",
    fails="shape",
    hint="keepdims=True leaves an axis of length 1: the shape is (1, D) and should be (D,).",
)
def batch_statistics(x):
    """Returns statistics of shape (1, D)."""
    return x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)


@mistake(
    "promotes",
    fails="dtype",
    hint="float32 samples gave float64 statistics. Computing in float64 is fine; return x's dtype.",
)
def batch_statistics(x):
    """Returns float64 whatever comes in."""
    wide = x.astype(np.float64)
    return wide.mean(axis=0), wide.var(axis=0)


@mistake(
    "demotes",
    fails="mean variance far_mean",
    hint="The values are rounded to float32 on the way. Compute in x's own dtype or a wider one.",
)
def batch_statistics(x):
    """Computes in float32 and casts back."""
    narrow = x.astype(np.float32)
    return narrow.mean(axis=0).astype(x.dtype), narrow.var(axis=0).astype(x.dtype)


# --- batch_statistics: right -----------------------------------------------------------------------


@variant("loops")
def batch_statistics(x):
    """Loops over samples and features."""
    n, d = x.shape
    mean, var = np.zeros(d, x.dtype), np.zeros(d, x.dtype)
    for j in range(d):
        for i in range(n):
            mean[j] += x[i, j] / n
        for i in range(n):
            var[j] += (x[i, j] - mean[j]) ** 2 / n
    return mean, var


@variant("welford")
def batch_statistics(x):
    """Updates mean and sum of squares sample by sample."""
    mean, m2 = np.zeros_like(x[0]), np.zeros_like(x[0])
    for count, row in enumerate(x, start=1):
        delta = row - mean
        mean = mean + delta / count
        m2 = m2 + delta * (row - mean)
    return mean, m2 / len(x)


@variant("shifted_one_pass")
def batch_statistics(x):
    """Subtracts the first sample, then uses one pass."""
    shifted = x - x[0]
    mean = shifted.mean(axis=0)
    return x[0] + mean, (shifted**2).mean(axis=0) - mean**2


@variant("einsum")
def batch_statistics(x):
    """Sums by einsum."""
    n = x.shape[0]
    mean = np.einsum("nd->d", x) / n
    centred = x - mean
    return mean, np.einsum("nd,nd->d", centred, centred) / n


@variant("float64_inside")
def batch_statistics(x):
    """Computes in float64 and casts back."""
    wide = x.astype(np.float64)
    return wide.mean(axis=0).astype(x.dtype), wide.var(axis=0).astype(x.dtype)


@variant("transposed")
def batch_statistics(x):
    """Works on the transpose, then drops the axis that keepdims left."""
    t = x.T
    mean = t.mean(axis=1, keepdims=True)
    var = np.square(t - mean).mean(axis=1)
    return mean[:, 0], var


@variant("pairwise_distances")
def batch_statistics(x):
    """Takes half the average squared distance between all pairs."""
    pairs = x[:, None] - x[None]
    return x.mean(axis=0), 0.5 * (pairs**2).mean(axis=(0, 1))


@variant("covariance")
def batch_statistics(x):
    """Takes the diagonal of the covariance matrix; returns a list."""
    var = np.diagonal(np.atleast_2d(np.cov(x, rowvar=False, bias=True)))
    return [np.average(x, axis=0), var.astype(x.dtype)]


# --- merge_statistics: wrong -----------------------------------------------------------------------


@mistake(
    "plain_average",
    fails="merge_mean merge_variance merge_empty",
    hint="The two means are averaged as if the parts were of one size. Weight each with its count.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Averages means and variances without weights."""
    return count_a + count_b, (mean_a + mean_b) / 2, (var_a + var_b) / 2


@mistake(
    "no_between",
    fails="merge_variance",
    hint="Averaging the variances, even with weights, loses the spread between the two means. Add the "
    "between-group term, which holds (mean_b - mean_a)**2.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Averages the variances by weight and leaves the between-group term out."""
    count = count_a + count_b
    mean = (count_a * mean_a + count_b * mean_b) / count
    return count, mean, (count_a * var_a + count_b * var_b) / count


@mistake(
    "between_not_divided",
    fails="merge_variance",
    hint="The between-group term count_a * count_b / count * (mean_b - mean_a)**2 belongs to the sum of "
    "squares: divide it by the count too.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Adds the between-group term after dividing."""
    count = count_a + count_b
    delta = mean_b - mean_a
    mean = mean_a + delta * count_b / count
    within = (count_a * var_a + count_b * var_b) / count
    return count, mean, within + delta**2 * count_a * count_b / count


@mistake(
    "between_not_squared",
    fails="merge_variance",
    hint="The between-group term holds the square of the difference of the means.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Forgets the square in the between-group term."""
    count = count_a + count_b
    delta = mean_b - mean_a
    mean = mean_a + delta * count_b / count
    m2 = count_a * var_a + count_b * var_b + delta * count_a * count_b / count
    return count, mean, m2 / count


@mistake(
    "between_subtracted",
    fails="merge_variance",
    hint="The between-group term is subtracted. Parts with different means make the union wider: add it.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Subtracts the between-group term."""
    count = count_a + count_b
    delta = mean_b - mean_a
    mean = mean_a + delta * count_b / count
    m2 = count_a * var_a + count_b * var_b - delta**2 * count_a * count_b / count
    return count, mean, m2 / count


@mistake(
    "between_for_equal_parts",
    fails="merge_variance merge_empty",
    hint="A quarter of the squared difference of the means is right for parts of one size only. The "
    "weight is count_a * count_b / count**2.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Uses the between-group term of equal parts."""
    count = count_a + count_b
    mean = (count_a * mean_a + count_b * mean_b) / count
    within = (count_a * var_a + count_b * var_b) / count
    return count, mean, within + (mean_b - mean_a) ** 2 / 4


@mistake(
    "var_unweighted",
    fails="merge_variance merge_empty",
    hint="The two variances are averaged as if the parts were of one size. Weight each with its count.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Averages the variances without weights, with the right between-group term."""
    count = count_a + count_b
    mean = (count_a * mean_a + count_b * mean_b) / count
    between = (mean_b - mean_a) ** 2 * count_a * count_b / count**2
    return count, mean, (var_a + var_b) / 2 + between


@mistake(
    "weights_crossed",
    fails="merge_mean merge_variance merge_empty",
    hint="The weights are crossed: mean_a and var_a are weighted with count_b, and the other way round.",
    whole=True,
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Weights each part with the other's count."""
    count = count_a + count_b
    delta = mean_b - mean_a
    mean = (count_b * mean_a + count_a * mean_b) / count
    m2 = count_b * var_a + count_a * var_b + delta**2 * count_a * count_b / count
    return count, mean, m2 / count


@mistake(
    "unbiased_in",
    fails="merge_variance merge_empty",
    hint="The variances are treated as unbiased, with count - 1. They come and go biased: count * var is "
    "the sum of squares.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Takes and returns unbiased variances."""
    count = count_a + count_b
    delta = mean_b - mean_a
    mean = mean_a + delta * count_b / count
    m2 = (count_a - 1) * var_a + (count_b - 1) * var_b + delta**2 * count_a * count_b / count
    return count, mean, m2 / (count - 1)


@mistake(
    "unbiased_out",
    fails="merge_variance merge_empty",
    hint="The result is divided by count - 1. The biased variance of the union divides by count.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Returns the unbiased variance."""
    count = count_a + count_b
    delta = mean_b - mean_a
    mean = mean_a + delta * count_b / count
    m2 = count_a * var_a + count_b * var_b + delta**2 * count_a * count_b / count
    return count, mean, m2 / (count - 1)


@mistake(
    "raw_moments",
    fails="merge_far",
    hint="Adding and subtracting squared means loses the digits of var when the means are large. Use "
    "the difference of the two means.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Goes through E[x^2] of each part."""
    count = count_a + count_b
    mean = (count_a * mean_a + count_b * mean_b) / count
    second = (count_a * (var_a + mean_a**2) + count_b * (var_b + mean_b**2)) / count
    return count, mean, second - mean**2


@mistake(
    "division_by_part",
    fails="merge_empty",
    hint="A part with count 0 leads to a division by zero. Divide by the total count only.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Divides by the size of a part."""
    count = count_a + count_b
    odds = np.float64(count_b) / count_a
    mean = (mean_a + odds * mean_b) / (1 + odds)
    between = odds * (mean_b - mean_a) ** 2 / (1 + odds) ** 2
    return count, mean, (var_a + odds * var_b) / (1 + odds) + between


@mistake(
    "empty_is_zero",
    fails="merge_empty",
    hint="An empty part makes the whole result zero. Return the other part as it is.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Returns zeros when a part is empty."""
    if count_a == 0 or count_b == 0:
        return 0, np.zeros_like(mean_a), np.zeros_like(var_a)
    count = count_a + count_b
    delta = mean_b - mean_a
    mean = mean_a + delta * count_b / count
    m2 = count_a * var_a + count_b * var_b + delta**2 * count_a * count_b / count
    return count, mean, m2 / count


@mistake(
    "accumulates_in_place",
    fails="merge_untouched",
    hint="An array of the caller's has changed. Operations such as += and *= on an argument work in place: "
    "write the result to a new array.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Accumulates in the arrays of part a."""
    count = count_a + count_b
    delta = mean_b - mean_a
    mean_a += delta * count_b / count
    var_a *= count_a / count
    var_a += var_b * (count_b / count) + delta**2 * (count_a * count_b / count**2)
    return count, mean_a, var_a


@mistake(
    "part_b_ignored",
    fails="merge_mean merge_variance merge_empty",
    hint="The mean and variance are those of part a alone. Part b counts too.",
    whole=True,
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Returns part a, with the total count."""
    return count_a + count_b, mean_a, var_a


@mistake(
    "variances_added",
    fails="merge_variance merge_empty",
    hint="The two variances are added. That is the variance of a sum of two random numbers, not of the "
    "union of two batches.",
)
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Adds the variances."""
    count = count_a + count_b
    return count, (count_a * mean_a + count_b * mean_b) / count, var_a + var_b


# --- merge_statistics: right -----------------------------------------------------------------------


@variant("distances_to_merged_mean")
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Measures each part's mean against the merged one."""
    count = count_a + count_b
    mean = mean_a + (mean_b - mean_a) * (count_b / count)
    from_a = count_a * (var_a + (mean_a - mean) ** 2)
    from_b = count_b * (var_b + (mean_b - mean) ** 2)
    return count, mean, (from_a + from_b) / count


@variant("empty_first")
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Returns the other part at once when one is empty."""
    if count_a == 0:
        return count_b, mean_b, var_b
    if count_b == 0:
        return count_a, mean_a, var_a
    weight = count_a / (count_a + count_b)
    mean = weight * mean_a + (1 - weight) * mean_b
    var = weight * var_a + (1 - weight) * var_b + weight * (1 - weight) * (mean_a - mean_b) ** 2
    return count_a + count_b, mean, var


@variant("np_average")
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Lets np.average do the weighting."""
    weights = [count_a, count_b]
    mean = np.average([mean_a, mean_b], axis=0, weights=weights)
    spread = [var_a + (mean_a - mean) ** 2, var_b + (mean_b - mean) ** 2]
    return np.sum(weights), mean, np.average(spread, axis=0, weights=weights)


@variant("swapped_parts")
def merge_statistics(count_a, mean_a, var_a, count_b, mean_b, var_b):
    """Goes from part b to part a, feature by feature."""
    count = count_a + count_b
    mean, var = np.empty_like(mean_a), np.empty_like(var_a)
    for j in range(len(mean)):
        delta = mean_a[j] - mean_b[j]
        mean[j] = mean_b[j] + delta * count_a / count
        squares = count_a * var_a[j] + count_b * var_b[j] + delta**2 * count_a * count_b / count
        var[j] = squares / count
    return float(count), mean, var
