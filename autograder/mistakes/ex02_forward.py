"""The catalogue of ex02_forward; F numbers are those of the course's list of students' mistakes."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant

# --- wrong -----------------------------------------------------------------------------------------


@mistake(
    "unbiased",
    fails="normalized whole constant",
    hint="The variance is divided by M - 1. Training normalizes with the biased variance: divide "
    "by M.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Normalizes with the unbiased variance."""
    mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "divides_by_variance",
    fails="normalized eps whole",
    hint="The root is missing: x - mean is divided by the variance. Divide by sqrt(var + eps).",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Divides by the variance."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / (var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "eps_outside_root",
    fails="eps whole",
    hint="eps is added to the standard deviation, outside the root. It joins the variance: "
    "sqrt(var + eps).",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Adds eps to the standard deviation."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / (np.sqrt(var) + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "no_eps",
    fails="eps whole constant",
    hint="eps makes no difference: it is left out, or it is 0. A feature of zero variance then divides by zero. Use sqrt(var + eps), with 1e-5 where no eps is given.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Leaves eps out."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var)
    return gamma * x_hat + beta, x_hat


@mistake(
    "eps_hard_coded",
    fails="eps whole",
    hint="eps is always 1e-5, whatever the caller passes. Use the argument.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Always uses 1e-5."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + 1e-5)
    return gamma * x_hat + beta, x_hat


@mistake(
    "eps_default_1e_8",
    fails="eps",
    hint="When eps is left out, 1e-8 is used. The default of this exercise is 1e-5.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-8):
    """Has another default eps."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "eps_default_1e_3",
    fails="eps",
    hint="When eps is left out, 1e-3 is used, which is Keras's default. Here it is 1e-5.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-3):
    """Has Keras's default eps."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "eps_squared",
    fails="eps whole",
    hint="eps is squared before it is added. It is a small variance already: sqrt(var + eps).",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Adds the square of eps."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps**2)
    return gamma * x_hat + beta, x_hat


@mistake(
    "eps_own_root",
    fails="eps whole",
    hint="The roots of var and of eps are taken apart. The root is of their sum: sqrt(var + eps).",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Adds the roots of var and of eps."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / (np.sqrt(var) + eps**0.5)
    return gamma * x_hat + beta, x_hat


@mistake(
    "eps_as_floor",
    fails="whole",
    hint="eps is used as a lower bound of the variance. It is always added: sqrt(var + eps).",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Uses eps as a lower bound of the variance."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(np.maximum(var, eps))
    return gamma * x_hat + beta, x_hat


@mistake(
    "eps_subtracted",
    fails="eps whole constant",
    hint="eps is subtracted from the variance, which can make it negative. Add it.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Subtracts eps."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var - eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "eps_twice",
    fails="eps whole",
    hint="eps is added twice, inside the root and to the root. Inside the root is enough.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Adds eps inside the root and again outside."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / (np.sqrt(var + eps) + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "over_features",
    fails="normalized eps whole constant",
    hint="The statistics are taken over the features of each sample (axis 1), which is layer "
    "norm. Batch norm takes them over the samples: axis 0.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Takes the statistics over the features of each sample."""
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "global",
    fails="normalized whole constant",
    hint="One mean and one variance of the whole array are used. Each feature has its own: axis=0.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Uses one mean and one variance for all features."""
    mean, var = x.mean(), x.var()
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "global_variance",
    fails="normalized whole",
    hint="Each feature has its own mean here, but they share one variance. Take the variance with "
    "axis=0 too.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Centres each feature, but divides by one variance for all."""
    mean, var = x.mean(axis=0), x.var()
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "global_mean",
    fails="normalized whole constant",
    hint="Each feature has its own variance here, but they share one mean. Take the mean with "
    "axis=0 too.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Divides by each feature's variance, but subtracts one mean for all."""
    mean, var = x.mean(), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "not_centred",
    fails="normalized whole constant far_mean",
    hint="The mean is not subtracted before dividing. First centre, then scale.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Forgets to subtract the mean."""
    var = x.var(axis=0)
    x_hat = x / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "centred_after_scaling",
    fails="normalized whole constant far_mean",
    hint="The mean of x is subtracted after the division: x / std - mean. Centre first: (x - "
    "mean) / std.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Divides first, then subtracts the mean of x."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = x / np.sqrt(var + eps) - mean
    return gamma * x_hat + beta, x_hat


@mistake(
    "not_scaled",
    fails="normalized eps whole",
    hint="x is not divided by the standard deviation.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Forgets to divide."""
    x_hat = x - x.mean(axis=0)
    return gamma * x_hat + beta, x_hat


@mistake(
    "multiplies",
    fails="normalized eps whole",
    hint="x - mean is multiplied by sqrt(var + eps). Divide by it.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Multiplies by the standard deviation."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) * np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "sign_reversed",
    fails="normalized eps whole",
    hint="The sign is reversed: mean - x. Subtract the mean from x.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Subtracts x from the mean."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (mean - x) / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "second_moment",
    fails="normalized whole far_mean",
    hint="The mean of x squared stands where the variance should: take the mean away before "
    "squaring.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Divides by the root of the mean of x squared."""
    mean, var = x.mean(axis=0), (x**2).mean(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "root_mean_square",
    fails="normalized whole constant far_mean",
    hint="x is divided by its root mean square, with no mean taken away: that is RMS norm, taken "
    "over the batch. Subtract the mean, and divide by the standard deviation.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Divides x by its root mean square."""
    x_hat = x / np.sqrt((x**2).mean(axis=0) + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "absolute_deviation",
    fails="normalized eps whole",
    hint="The mean absolute deviation stands where the root of the variance should.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Divides by the mean absolute deviation."""
    centred = x - x.mean(axis=0)
    x_hat = centred / (np.abs(centred).mean(axis=0) + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "min_max",
    fails="normalized eps whole",
    hint="Each feature is scaled to run from 0 to 1. Batch norm subtracts the mean and divides by "
    "the standard deviation.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Scales each feature to [0, 1]."""
    low, high = x.min(axis=0), x.max(axis=0)
    x_hat = (x - low) / np.where(high > low, high - low, 1)
    return gamma * x_hat + beta, x_hat


@mistake(
    "median",
    fails="normalized whole",
    hint="The median is subtracted instead of the mean.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Centres with the median."""
    x_hat = (x - np.median(x, axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "sum_of_squares",
    fails="normalized whole",
    hint="The squared distances are summed and not averaged. The variance divides the sum by M.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Divides by the root of the sum of squares."""
    centred = x - x.mean(axis=0)
    x_hat = centred / np.sqrt((centred**2).sum(axis=0) + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "divided_by_features",
    fails="normalized whole",
    hint="The sum of squares is divided by the number of features, x.shape[1]. Divide by the "
    "number of samples.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Averages squares over D instead of M."""
    centred = x - x.mean(axis=0)
    var = (centred**2).sum(axis=0) / x.shape[1]
    x_hat = centred / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "root_twice",
    fails="normalized eps whole",
    hint="x - mean is divided by the fourth root of the variance: the root is taken twice. np.std, if you use it, has taken it already.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Takes the root twice."""
    mean, std = x.mean(axis=0), x.std(axis=0)
    x_hat = (x - mean) / np.sqrt(std + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "shift_before_scale",
    fails="scale_and_shift whole",
    hint="beta is added before the multiplication: gamma * (x_hat + beta). Scale first, then "
    "shift.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Adds beta before it multiplies."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * (x_hat + beta), x_hat


@mistake(
    "gamma_beta_swapped",
    fails="normalized scale_and_shift eps whole constant",
    hint="gamma and beta are swapped: gamma multiplies, beta is added.",
    whole=True,
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Swaps gamma and beta."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return beta * x_hat + gamma, x_hat


@mistake(
    "no_beta",
    fails="scale_and_shift whole",
    hint="beta is not added: y = gamma * x_hat + beta.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Leaves beta out."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat, x_hat


@mistake(
    "no_gamma",
    fails="scale_and_shift whole",
    hint="gamma is not used: y = gamma * x_hat + beta.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Leaves gamma out."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return x_hat + beta, x_hat


@mistake(
    "returns_x_hat",
    fails="scale_and_shift whole",
    hint="Neither gamma nor beta is used; what comes back is x_hat. y = gamma * x_hat + beta.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Returns x_hat."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return x_hat, x_hat


@mistake(
    "beta_subtracted",
    fails="scale_and_shift whole",
    hint="beta is subtracted: y = gamma * x_hat + beta.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Subtracts beta."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat - beta, x_hat


@mistake(
    "divides_by_gamma",
    fails="scale_and_shift whole",
    hint="x_hat is divided by gamma. gamma multiplies it.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Divides by gamma."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return x_hat / gamma + beta, x_hat


@mistake(
    "gamma_magnitude",
    fails="scale_and_shift whole",
    hint="The sign of gamma is lost. gamma may be negative; it multiplies x_hat as it is.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Uses the magnitude of gamma."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return np.abs(gamma) * x_hat + beta, x_hat


@mistake(
    "gamma_one_added",
    fails="normalized scale_and_shift eps whole",
    hint="x_hat is multiplied by 1 + gamma. Here gamma itself multiplies; it starts at 1.",
    whole=True,
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Multiplies by 1 + gamma."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return (1 + gamma) * x_hat + beta, x_hat


@mistake(
    "affine_before_normalizing",
    fails="scale_and_shift whole",
    hint="x is scaled and shifted before it is normalized, which takes both away again. Normalize "
    "first, then apply gamma and beta.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Scales and shifts x, then normalizes."""
    z = gamma * x + beta
    mean, var = z.mean(axis=0), z.var(axis=0)
    return (z - mean) / np.sqrt(var + eps), z


@mistake(
    "normalizes_twice",
    fails="normalized scale_and_shift eps whole",
    hint="The output is normalized again after gamma and beta, which takes them away. gamma * "
    "x_hat + beta is the result.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Normalizes the output again."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    y = gamma * x_hat + beta
    return (y - y.mean(axis=0)) / np.sqrt(y.var(axis=0) + eps), x_hat


@mistake(
    "one_pass_variance",
    fails="far_mean",
    hint="mean(x**2) - mean(x)**2 loses its digits when the mean is large. Subtract the mean, "
    "then square.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Computes the variance as E[x^2] - E[x]^2."""
    mean = x.mean(axis=0)
    var = (x**2).mean(axis=0) - mean**2
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "promotes",
    fails="dtype",
    hint="float32 arguments give a float64 y. Computing in float64 is fine; return x's dtype.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Returns float64 for float32."""
    wide = x.astype(np.float64)
    x_hat = (wide - wide.mean(axis=0)) / np.sqrt(wide.var(axis=0) + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "demotes",
    fails="normalized whole far_mean",
    hint="The values are rounded to float32 on the way. Compute in x's own dtype or a wider one.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Computes in float32 and casts back."""
    narrow = x.astype(np.float32)
    x_hat = (narrow - narrow.mean(axis=0)) / np.sqrt(narrow.var(axis=0) + eps)
    return (gamma * x_hat + beta).astype(x.dtype), x_hat


@mistake(
    "half_precision",
    fails="normalized eps whole",
    hint="The values are rounded to float16 on the way: 3 digits are left. Compute in x's own "
    "dtype.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Computes in float16."""
    half = ((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)).astype(np.float16)
    return (gamma * half + beta).astype(x.dtype), half


@mistake(
    "skips_zero_variance",
    fails="constant whole",
    hint="A feature of zero variance is passed through as it is. It needs no special case: x - "
    "mean is 0, and eps keeps the division finite.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Leaves a constant feature as it is."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = np.where(var == 0, x, (x - mean) / np.sqrt(var + eps))
    return gamma * x_hat + beta, x_hat


@mistake(
    "skips_one_sample",
    fails="constant",
    hint="A batch of one sample is returned as it is. The formula holds there too: x - mean is 0, "
    "so y is beta.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Returns a batch of one sample as it is."""
    if len(x) == 1:
        return x, None
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "centres_in_place",
    fails="untouched",
    hint="The caller's x has changed. Something such as x -= mean works in place: write the result to a new array, as x - mean does.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Centres x in place."""
    x -= x.mean(axis=0)
    x_hat = x / np.sqrt((x**2).mean(axis=0) + eps)
    return gamma * x_hat + beta, x_hat


@mistake(
    "gamma_in_place",
    fails="untouched",
    hint="The caller's gamma or beta has changed. Something such as gamma *= ... works in place: write the result to a new array.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Scales gamma in place."""
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    centred = x - x.mean(axis=0)
    gamma *= inv_std
    return gamma * centred + beta, centred


@mistake(
    "clipped",
    fails="normalized whole",
    hint="x_hat is clipped. Batch norm does not clip: outliers stay.",
)
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Clips x_hat to [-1, 1]."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = np.clip((x - mean) / np.sqrt(var + eps), -1, 1)
    return gamma * x_hat + beta, x_hat


# --- right -----------------------------------------------------------------------------------------


@variant("einsum")
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Sums by einsum."""
    m = x.shape[0]
    mean = np.einsum("nd->d", x) / m
    centred = x - mean
    var = np.einsum("nd,nd->d", centred, centred) / m
    x_hat = centred / np.sqrt(var + eps)
    return np.einsum("nd,d->nd", x_hat, gamma) + beta, (x_hat, gamma)


@variant("loops")
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Loops over features and samples."""
    y = np.zeros_like(x)
    m, d = x.shape
    for j in range(d):
        mean = sum(x[:, j]) / m
        var = sum((value - mean) ** 2 for value in x[:, j]) / m
        for i in range(m):
            y[i, j] = gamma[j] * (x[i, j] - mean) / (var + eps) ** 0.5 + beta[j]
    return y, {}


@variant("transposed")
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Works on the transpose with keepdims."""
    t = x.T
    centred = t - t.mean(axis=1, keepdims=True)
    var = np.mean(centred**2, axis=1, keepdims=True)
    y = gamma[:, None] * centred / np.sqrt(var + eps) + beta[:, None]
    return y.T, None


@variant("welford")
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Takes the statistics by Welford's recurrence."""
    mean, m2 = np.zeros_like(x[0]), np.zeros_like(x[0])
    for count, row in enumerate(x, start=1):
        delta = row - mean
        mean = mean + delta / count
        m2 = m2 + delta * (row - mean)
    x_hat = (x - mean) / np.sqrt(m2 / len(x) + eps)
    return gamma * x_hat + beta, [x_hat, gamma]


@variant("folded")
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Folds everything into one scale and one shift."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    scale = gamma / np.sqrt(var + eps)
    return x * scale + (beta - mean * scale), (x, scale)


@variant("float64_inside")
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Computes in float64 and casts back."""
    wide = x.astype(np.float64)
    x_hat = (wide - wide.mean(0)) / np.sqrt(wide.var(0) + eps)
    return (gamma * x_hat + beta).astype(x.dtype), {"x_hat": x_hat}


@variant("shifted_one_pass")
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Shifts by the first sample, then uses one pass."""
    shifted = x - x[0]
    mean = shifted.mean(axis=0)
    var = np.maximum((shifted**2).mean(axis=0) - mean**2, 0)
    x_hat = (shifted - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, x_hat


@variant("power")
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Uses a power of -1/2 and matrix products with ones."""
    m = x.shape[0]
    ones = np.ones((1, m), dtype=x.dtype)
    centred = x - ones @ x / m
    inv_std = np.power(ones @ centred**2 / m + eps, -0.5).astype(x.dtype)
    return centred * inv_std * gamma + beta, (centred, inv_std)


@variant("per_channel")
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Handles one feature at a time, and returns a list."""
    columns = []
    for column, g, b in zip(x.T, gamma, beta, strict=True):
        columns.append(g * (column - column.mean()) / np.sqrt(column.var() + eps) + b)
    return [np.stack(columns, axis=1), "my cache"]


@variant("variance_clamped")
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Clamps the variance at 0 before adding eps."""
    mean = x.mean(axis=0, keepdims=True)
    var = np.maximum(np.square(x - mean).mean(axis=0, keepdims=True), 0)
    return gamma * ((x - mean) / np.sqrt(var + eps)) + beta, x
