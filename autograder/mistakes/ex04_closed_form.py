"""The catalogue of ex04_closed_form."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant


# --- wrong -----------------------------------------------------------------------------------------


@mistake(
    "constants",
    fails="sum_is_zero along_x_hat whole",
    hint="dx treats mean and var as constants. Both depend on every x, which takes two parts of dy "
    "away.",
)
def batchnorm_backward(dy, cache):
    """Treats mean and var as constants."""
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * dy
    return dx, dgamma, dbeta


@mistake(
    "no_x_hat_term",
    fails="along_x_hat whole",
    hint="The term with x_hat is missing: what comes through the variance.",
)
def batchnorm_backward(dy, cache):
    """Leaves the path through var out."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta)
    return dx, dgamma, dbeta


@mistake(
    "no_mean_term",
    fails="sum_is_zero whole",
    hint="The term with the mean of dy is missing: what comes through the mean.",
)
def batchnorm_backward(dy, cache):
    """Leaves the path through the mean out."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "gamma_absent",
    fails="gamma_once whole",
    hint="gamma is missing in dx. It enters dx exactly once.",
)
def batchnorm_backward(dy, cache):
    """Leaves gamma out of dx."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "gamma_twice",
    fails="gamma_once whole",
    hint="gamma is multiplied in twice. It enters dx exactly once.",
)
def batchnorm_backward(dy, cache):
    """Multiplies dx by gamma twice."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma**2 * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "gamma_inverted",
    fails="gamma_once whole",
    hint="dx is divided by gamma. y is gamma times x_hat plus beta: multiply.",
)
def batchnorm_backward(dy, cache):
    """Divides dx by gamma."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = inv_std / (gamma * m) * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "gamma_absolute",
    fails="gamma_once whole",
    hint="The sign of gamma is lost. A negative gamma reverses the gradient.",
)
def batchnorm_backward(dy, cache):
    """Loses the sign of gamma."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = np.abs(gamma) * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "gamma_in_first_term_only",
    fails="gamma_once whole",
    hint="gamma multiplies dy, but not the two terms that are taken away from it.",
)
def batchnorm_backward(dy, cache):
    """Multiplies the first term alone by gamma."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = inv_std / m * (gamma * m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "gamma_twice_in_x_hat_term",
    fails="gamma_once whole",
    hint="In the term with x_hat, gamma is multiplied in twice: the sum in it has no gamma.",
)
def batchnorm_backward(dy, cache):
    """Uses gamma * dy in the term with x_hat."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - x_hat * gamma * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "gamma_by_row",
    fails="gamma_once whole shapes",
    hint="gamma is laid along the samples. It has one number for each feature, the last axis of "
    "dy.",
)
def batchnorm_backward(dy, cache):
    """Lays gamma along the samples."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma[:, None] * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "no_eps",
    fails="eps_in_cache whole",
    hint="1 / sqrt(var) stands where 1 / sqrt(var + eps) should. Use the forward's inv_std, which "
    "the cache holds.",
)
def batchnorm_backward(dy, cache):
    """Computes inv_std without eps."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = 1 / np.sqrt(cache["var"])
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "eps_hard_coded",
    fails="eps_in_cache whole",
    hint="inv_std is computed again with eps = 1e-5, whatever eps the forward pass had. The cache "
    "holds eps, and inv_std itself.",
)
def batchnorm_backward(dy, cache):
    """Computes inv_std with 1e-5."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = 1 / np.sqrt(cache["var"] + 1e-5)
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "eps_outside_root",
    fails="eps_in_cache whole",
    hint="inv_std is computed again with eps outside the root. Use the forward's inv_std, which "
    "the cache holds.",
)
def batchnorm_backward(dy, cache):
    """Computes inv_std with eps outside the root."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = 1 / (np.sqrt(cache["var"]) + cache["eps"])
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "unbiased_inv_std",
    fails="eps_in_cache whole",
    hint="inv_std is computed again with the unbiased variance. Use the forward's inv_std, which "
    "the cache holds.",
)
def batchnorm_backward(dy, cache):
    """Computes inv_std with the unbiased variance."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = 1 / np.sqrt(cache["x"].var(axis=0, ddof=1) + cache["eps"])
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "inv_std_missing",
    fails="eps_in_cache whole",
    hint="inv_std is missing in dx: x - mean was multiplied by it, and so is the gradient.",
)
def batchnorm_backward(dy, cache):
    """Leaves inv_std out."""
    m = len(dy)
    x_hat = cache["x_hat"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "inv_std_squared",
    fails="eps_in_cache whole",
    hint="dx is multiplied by inv_std squared, 1 / (var + eps). Once is enough: the one in x_hat "
    "is in x_hat already.",
)
def batchnorm_backward(dy, cache):
    """Uses inv_std squared."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std**2 / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "inv_std_inverted",
    fails="eps_in_cache whole",
    hint="dx is multiplied by the standard deviation. inv_std is 1 over it.",
)
def batchnorm_backward(dy, cache):
    """Divides by inv_std."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma / inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "projection",
    fails="along_x_hat whole",
    hint="All of dy's part along x_hat is taken away, as by a projection, or by an x_hat without "
    "eps. Divide by M, not by the sum of x_hat squared, and use the x_hat of the cache.",
)
def batchnorm_backward(dy, cache):
    """Divides by the sum of x_hat squared."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dbeta / m - x_hat * dgamma / (x_hat**2).sum(axis=0))
    return dx, dgamma, dbeta


@mistake(
    "centred_for_x_hat",
    fails="along_x_hat whole",
    hint="x - mean stands in both places where x_hat should. Each of them brings an inv_std of its "
    "own, besides the one in front.",
)
def batchnorm_backward(dy, cache):
    """Uses x - mean twice for x_hat."""
    centred = cache["x"] - cache["mean"]
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dbeta / m - centred * (dy * centred).sum(axis=0) / m)
    return dx, dgamma, dbeta


@mistake(
    "centred_once",
    fails="along_x_hat whole",
    hint="x - mean stands in one place where x_hat should. x_hat is in both: in the sum, and "
    "before it.",
)
def batchnorm_backward(dy, cache):
    """Uses x - mean once for x_hat."""
    centred = cache["x"] - cache["mean"]
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - centred * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "x_for_x_hat",
    fails="sum_is_zero along_x_hat whole",
    hint="x stands where x_hat should: neither centred nor scaled.",
)
def batchnorm_backward(dy, cache):
    """Uses x for x_hat in dx."""
    x = cache["x"]
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dbeta / m - x * (dy * x).sum(axis=0) / m)
    return dx, dgamma, dbeta


@mistake(
    "y_for_x_hat",
    fails="gamma_once whole",
    hint="x_hat is multiplied by gamma in both of its places, so that gamma enters that term three "
    "times.",
)
def batchnorm_backward(dy, cache):
    """Uses gamma * x_hat for x_hat."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - gamma**2 * x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "x_hat_term_added",
    fails="along_x_hat whole",
    hint="The term with x_hat is added. It is taken away.",
)
def batchnorm_backward(dy, cache):
    """Adds the term with x_hat."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta + x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "mean_term_added",
    fails="sum_is_zero whole",
    hint="The term with the sum of dy is added. It is taken away.",
)
def batchnorm_backward(dy, cache):
    """Adds the term with the mean."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy + dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "x_hat_term_summed",
    fails="along_x_hat whole",
    hint="In the term with x_hat the 1/M is missing.",
)
def batchnorm_backward(dy, cache):
    """Does not divide the term with x_hat by M."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dbeta / m - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "mean_term_summed",
    fails="sum_is_zero whole",
    hint="In the term with the sum of dy the 1/M is missing.",
)
def batchnorm_backward(dy, cache):
    """Does not divide the term with the mean by M."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dbeta - x_hat * dgamma / m)
    return dx, dgamma, dbeta


@mistake(
    "both_summed",
    fails="sum_is_zero along_x_hat whole",
    hint="Both terms that are taken away are sums and not averages: the 1/M is missing.",
)
def batchnorm_backward(dy, cache):
    """Divides neither term by M."""
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "x_hat_term_halved",
    fails="along_x_hat whole",
    hint="The term with x_hat is halved. The 1/2 of the root and the 2 of the square cancel.",
)
def batchnorm_backward(dy, cache):
    """Halves the term with x_hat."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - x_hat * dgamma / 2)
    return dx, dgamma, dbeta


@mistake(
    "x_hat_term_doubled",
    fails="along_x_hat whole",
    hint="The term with x_hat is doubled. The 2 of the square and the 1/2 of the root cancel.",
)
def batchnorm_backward(dy, cache):
    """Doubles the term with x_hat."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - 2 * x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "m_minus_1",
    fails="along_x_hat whole",
    hint="The term with x_hat is divided by M - 1. The variance of the forward pass is the biased "
    "one: divide by M.",
)
def batchnorm_backward(dy, cache):
    """Divides the term with x_hat by M - 1."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dbeta / m - x_hat * dgamma / (m - 1))
    return dx, dgamma, dbeta


@mistake(
    "m_factor_missing",
    fails="whole",
    hint="dx is M times too large: M stands with dy inside the parentheses, but nothing divides by "
    "it outside.",
)
def batchnorm_backward(dy, cache):
    """Forgets to divide by M."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "divided_by_m_twice",
    fails="whole",
    hint="dx is M times too small: with means inside the parentheses, nothing is to be divided by "
    "M outside.",
)
def batchnorm_backward(dy, cache):
    """Divides by M twice."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (dy - dbeta / m - x_hat * dgamma / m)
    return dx, dgamma, dbeta


@mistake(
    "divided_by_features",
    fails="whole",
    hint="M is taken to be the number of features, dy.shape[1]. It is the number of samples.",
)
def batchnorm_backward(dy, cache):
    """Takes D for M."""
    m = dy.shape[1]
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "divided_by_size",
    fails="sum_is_zero along_x_hat whole",
    hint="M is taken to be the number of all entries, dy.size. It is the number of samples of one "
    "feature.",
)
def batchnorm_backward(dy, cache):
    """Takes N * D for M."""
    m = dy.size
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "sign_reversed",
    fails="whole",
    hint="The sign of all of dx is reversed. The first term is plus gamma * inv_std * dy.",
)
def batchnorm_backward(dy, cache):
    """Reverses the sign of dx."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (dbeta + x_hat * dgamma - m * dy)
    return dx, dgamma, dbeta


@mistake(
    "mean_over_features",
    fails="sum_is_zero along_x_hat features_apart whole",
    hint="The mean of dy is taken over the features of each sample (axis 1). Take it over the "
    "samples: axis 0.",
)
def batchnorm_backward(dy, cache):
    """Takes the mean of dy over axis 1."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dy.mean(axis=1, keepdims=True) - x_hat * dgamma / m)
    return dx, dgamma, dbeta


@mistake(
    "x_hat_sum_over_features",
    fails="sum_is_zero along_x_hat eps_in_cache features_apart whole",
    hint="The sum of dy * x_hat is taken over the features of each sample (axis 1). Take it over "
    "the samples: axis 0.",
)
def batchnorm_backward(dy, cache):
    """Takes the sum of dy * x_hat over axis 1."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dbeta / m - x_hat * (dy * x_hat).mean(axis=1, keepdims=True))
    return dx, dgamma, dbeta


@mistake(
    "all_over_features",
    fails="dbeta dgamma sum_is_zero along_x_hat features_apart whole shapes",
    hint="All sums go over the features of each sample (axis 1), as in layer norm. Sum over the "
    "samples: axis 0.",
)
def batchnorm_backward(dy, cache):
    """Sums everything over axis 1."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=1)
    dgamma = (dy * x_hat).sum(axis=1)
    dx = gamma * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "global_mean",
    fails="sum_is_zero features_apart whole",
    hint="One mean of dy is used for all features. Each feature has its own: axis=0.",
)
def batchnorm_backward(dy, cache):
    """Uses one mean of dy for all features."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dy.mean() - x_hat * dgamma / m)
    return dx, dgamma, dbeta


@mistake(
    "global_x_hat_sum",
    fails="along_x_hat features_apart whole",
    hint="One mean of dy * x_hat is used for all features. Each feature has its own: axis=0.",
)
def batchnorm_backward(dy, cache):
    """Uses one mean of dy * x_hat for all features."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dbeta / m - x_hat * (dy * x_hat).mean())
    return dx, dgamma, dbeta


@mistake(
    "exchanged",
    fails="dbeta dgamma whole",
    hint="dgamma and dbeta come in the wrong order: dx, dgamma, dbeta are asked for.",
)
def batchnorm_backward(dy, cache):
    """Returns dbeta before dgamma."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dbeta, dgamma


@mistake(
    "dbeta_averaged",
    fails="dbeta whole",
    hint="dbeta is averaged over the samples. What comes from each sample adds up: sum.",
)
def batchnorm_backward(dy, cache):
    """Averages dbeta."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.mean(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dbeta - x_hat * dgamma / m)
    return dx, dgamma, dbeta


@mistake(
    "dgamma_averaged",
    fails="dgamma whole",
    hint="dgamma is averaged over the samples. What comes from each sample adds up: sum.",
)
def batchnorm_backward(dy, cache):
    """Averages dgamma."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).mean(axis=0)
    dx = gamma * inv_std * (dy - dbeta / m - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "dbeta_averaged_and_reused",
    fails="dbeta sum_is_zero whole",
    hint="dbeta is averaged over the samples, and then divided by M again in dx. It is the sum of "
    "dy.",
)
def batchnorm_backward(dy, cache):
    """Averages dbeta, and divides it by M again in dx."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.mean(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "dgamma_averaged_and_reused",
    fails="dgamma along_x_hat whole",
    hint="dgamma is averaged over the samples, and then divided by M again in dx. It is the sum of "
    "dy * x_hat.",
)
def batchnorm_backward(dy, cache):
    """Averages dgamma, and divides it by M again in dx."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).mean(axis=0)
    dx = gamma * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "dgamma_times_gamma",
    fails="dgamma whole",
    hint="dgamma contains gamma. The derivative of gamma * x_hat by gamma is x_hat.",
)
def batchnorm_backward(dy, cache):
    """Uses gamma * x_hat for dgamma."""
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * gamma * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0))
    return dx, dgamma, dbeta


@mistake(
    "dgamma_from_x",
    fails="dgamma whole",
    hint="x stands in dgamma where x_hat should. gamma multiplies the normalized values.",
)
def batchnorm_backward(dy, cache):
    """Uses x for dgamma."""
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x"]).sum(axis=0)
    dx = gamma * inv_std * (dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0))
    return dx, dgamma, dbeta


@mistake(
    "dgamma_from_centred",
    fails="dgamma whole",
    hint="x - mean stands in dgamma where x_hat should: it is not divided by the standard "
    "deviation.",
)
def batchnorm_backward(dy, cache):
    """Uses x - mean for dgamma."""
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * (cache["x"] - cache["mean"])).sum(axis=0)
    dx = gamma * inv_std * (dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0))
    return dx, dgamma, dbeta


@mistake(
    "dgamma_over_features",
    fails="dgamma whole shapes",
    hint="dgamma is summed over the features of each sample (axis 1). gamma is shared by the "
    "samples: sum over axis 0.",
)
def batchnorm_backward(dy, cache):
    """Sums dgamma over axis 1."""
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=1)
    dx = gamma * inv_std * (dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0))
    return dx, dgamma, dbeta


@mistake(
    "dgamma_scalar",
    fails="dgamma whole shapes",
    hint="dgamma is one number. There is one gamma, and one gradient, for each feature: sum over "
    "axis 0 only.",
)
def batchnorm_backward(dy, cache):
    """Sums dgamma over everything."""
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0)
    dgamma = (dy * x_hat).sum()
    dx = gamma * inv_std * (dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0))
    return dx, dgamma, dbeta


@mistake(
    "dbeta_over_features",
    fails="dbeta whole shapes",
    hint="dbeta is summed over the features of each sample (axis 1). beta is shared by the "
    "samples: sum over axis 0.",
)
def batchnorm_backward(dy, cache):
    """Sums dbeta over axis 1."""
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=1)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0))
    return dx, dgamma, dbeta


@mistake(
    "dbeta_scalar",
    fails="dbeta whole shapes",
    hint="dbeta is one number. There is one beta, and one gradient, for each feature: sum over "
    "axis 0 only.",
)
def batchnorm_backward(dy, cache):
    """Sums dbeta over everything."""
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum()
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0))
    return dx, dgamma, dbeta


@mistake(
    "dbeta_times_gamma",
    fails="dbeta whole",
    hint="dbeta is multiplied by gamma. beta is added after gamma has done its work.",
)
def batchnorm_backward(dy, cache):
    """Multiplies dbeta by gamma."""
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = (dy * gamma).sum(axis=0)
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0))
    return dx, dgamma, dbeta


@mistake(
    "dbeta_not_summed",
    fails="dbeta whole shapes",
    hint="dbeta has an entry for each sample. All samples share one beta, so what comes from them "
    "is summed.",
)
def batchnorm_backward(dy, cache):
    """Does not sum dbeta."""
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy
    dgamma = (dy * x_hat).sum(axis=0)
    dx = gamma * inv_std * (dy - dy.mean(axis=0) - x_hat * (dy * x_hat).mean(axis=0))
    return dx, dgamma, dbeta


@mistake(
    "keepdims",
    fails="shapes",
    hint="The sums keep the axis that they are taken over: their shape is (1, D). dgamma and dbeta "
    "have the shape (D,), as gamma and beta have.",
)
def batchnorm_backward(dy, cache):
    """Keeps the summed axis."""
    m = len(dy)
    x_hat = cache["x_hat"]
    inv_std = cache["inv_std"]
    gamma = cache["gamma"]
    dbeta = dy.sum(axis=0, keepdims=True)
    dgamma = (dy * x_hat).sum(axis=0, keepdims=True)
    dx = gamma * inv_std / m * (m * dy - dbeta - x_hat * dgamma)
    return dx, dgamma, dbeta


@mistake(
    "mutates_dy",
    fails="untouched",
    hint="dy is changed in place, and what the caller holds has changed with it. dx must be a new "
    "array.",
)
def batchnorm_backward(dy, cache):
    """Builds dx up in dy itself."""
    x_hat, m = cache["x_hat"], len(dy)
    dbeta, dgamma = dy.sum(axis=0), (dy * x_hat).sum(axis=0)
    dx = dy
    dx -= dbeta / m
    dx -= x_hat * dgamma / m
    dx *= cache["gamma"] * cache["inv_std"]
    return dx, dgamma, dbeta


@mistake(
    "mutates_cache",
    fails="untouched",
    hint="The cache's x_hat is multiplied in place, so the cache is not what it was. Compute in a "
    "new array.",
)
def batchnorm_backward(dy, cache):
    """Multiplies the cache's x_hat in place."""
    m = len(dy)
    dbeta = dy.sum(axis=0)
    dgamma = (dy * cache["x_hat"]).sum(axis=0)
    through_var = cache["x_hat"]
    through_var *= dgamma / m
    dx = cache["gamma"] * cache["inv_std"] * (dy - dbeta / m - through_var)
    return dx, dgamma, dbeta


@mistake(
    "all_zero",
    fails="dbeta dgamma sum_is_zero along_x_hat gamma_once eps_in_cache features_apart whole",
    hint="All gradients are 0.",
)
def batchnorm_backward(dy, cache):
    """Returns zeros."""
    d = dy.shape[1]
    return np.zeros_like(dy), np.zeros(d), np.zeros(d)


# --- right -----------------------------------------------------------------------------------------


@variant("einsum")
def batchnorm_backward(dy, cache):
    """Sums by einsum."""
    x_hat = cache["x_hat"]
    dbeta, dgamma = np.einsum("nd->d", dy), np.einsum("nd,nd->d", dy, x_hat)
    inner = dy - (dbeta + np.einsum("nd,d->nd", x_hat, dgamma)) / dy.shape[0]
    return np.einsum("d,d,nd->nd", cache["gamma"], cache["inv_std"], inner), dgamma, dbeta


@variant("loops")
def batchnorm_backward(dy, cache):
    """Loops over features and samples, and returns a list."""
    n, d = dy.shape
    dx, dgamma, dbeta = np.zeros((n, d)), np.zeros(d), np.zeros(d)
    for j in range(d):
        for i in range(n):
            dbeta[j] += dy[i, j]
            dgamma[j] += dy[i, j] * cache["x_hat"][i, j]
        for i in range(n):
            rest = n * dy[i, j] - dbeta[j] - cache["x_hat"][i, j] * dgamma[j]
            dx[i, j] = cache["gamma"][j] / (n * (cache["var"][j] + cache["eps"]) ** 0.5) * rest
    return [dx, dgamma, dbeta]


@variant("two_means")
def batchnorm_backward(dy, cache):
    """Takes two means away."""
    g, x_hat = dy * cache["gamma"], cache["x_hat"]
    dx = (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) * cache["inv_std"]
    return dx, np.average(dy * x_hat, axis=0) * len(dy), np.average(dy, axis=0) * len(dy)


@variant("jacobian")
def batchnorm_backward(dy, cache):
    """Multiplies by each feature's M x M Jacobian."""
    m, d = dy.shape
    dx = np.empty((m, d))
    for j in range(d):
        x_hat = cache["x_hat"][:, j]
        jacobian = np.eye(m) - np.ones((m, m)) / m - np.outer(x_hat, x_hat) / m
        dx[:, j] = cache["gamma"][j] * cache["inv_std"][j] * jacobian @ dy[:, j]
    return dx, np.diag(cache["x_hat"].T @ dy), np.ones(m) @ dy


@variant("staged")
def batchnorm_backward(dy, cache):
    """Goes through the stages."""
    m, r, centred = len(dy), cache["inv_std"], cache["x"] - cache["mean"]
    dx_hat = dy * cache["gamma"]
    dvar = (dx_hat * centred).sum(0) * -0.5 * r**3
    dmean = -(dx_hat * r).sum(0)
    dx = dx_hat * r + dvar * 2 * centred / m + dmean / m
    return dx, (dy * cache["x_hat"]).sum(0), dy.sum(0)


@variant("transposed")
def batchnorm_backward(dy, cache):
    """Works on the transpose with keepdims, and returns views."""
    g, h = dy.T, cache["x_hat"].T
    first, second = g.mean(1, keepdims=True), (g * h).mean(1, keepdims=True)
    dx = (cache["gamma"] * cache["inv_std"])[:, None] * (g - first - h * second)
    m = g.shape[1]
    return dx.T, (m * second)[:, 0], (m * first)[:, 0]


@variant("from_x_only")
def batchnorm_backward(dy, cache):
    """Uses x, gamma and eps of the cache, and computes the rest again."""
    x = cache["x"]
    centred = x - x.mean(axis=0)
    variance = (centred**2).mean(axis=0) + cache["eps"]
    g = dy - dy.mean(axis=0)
    dx = (g - centred * (g * centred).mean(axis=0) / variance) * cache["gamma"] / np.sqrt(variance)
    return dx, (g * centred).sum(axis=0) / np.sqrt(variance), np.add.reduce(dy)


@variant("projection_and_rest")
def batchnorm_backward(dy, cache):
    """Takes the projection on x_hat away, and puts back what eps lets through."""
    x_hat, scale = cache["x_hat"], cache["gamma"] * cache["inv_std"]
    dbeta, dgamma = dy.sum(axis=0), (dy * x_hat).sum(axis=0)
    norm = (x_hat * x_hat).sum(axis=0)
    norm = np.where(norm > 0, norm, 1.0)  # a constant feature: there is nothing to project on
    across = dy - dbeta / len(dy) - x_hat * dgamma / norm
    through = cache["eps"] / (cache["var"] + cache["eps"])
    return scale * (across + through * x_hat * dgamma / norm), dgamma, dbeta


@variant("complex_step")
def batchnorm_backward(dy, cache):
    """Differentiates the forward pass by complex steps."""
    x, gamma, eps = cache["x"], cache["gamma"], cache["eps"]
    dx, tiny = np.zeros_like(x), 1e-30
    for place in np.ndindex(x.shape):
        z = x.astype(complex)
        z[place] += 1j * tiny
        centred = z - z.mean(axis=0)
        y = gamma * centred * ((centred**2).mean(axis=0) + eps) ** -0.5
        dx[place] = (y * dy).sum().imag / tiny
    return dx, (dy * cache["x_hat"]).sum(axis=0), dy.sum(axis=0)


@variant("per_feature")
def batchnorm_backward(dy, cache):
    """Handles one feature at a time."""
    keys = ("x_hat", "inv_std", "gamma")
    columns, dgamma, dbeta = [], [], []
    for g, h, r, scale in zip(dy.T, cache[keys[0]].T, cache[keys[1]], cache[keys[2]], strict=True):
        dgamma.append(g @ h)
        dbeta.append(g.sum())
        columns.append(scale * r * (g - dbeta[-1] / g.size - h * dgamma[-1] / g.size))
    return np.column_stack(columns), np.array(dgamma), np.array(dbeta)
