"""Folding into a linear layer, wrong and right."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant


# --- fold_into_linear: wrong -----------------------------------------------------------------------


@mistake(
    "fold_over_inputs",
    fails="fold_weight fold_bias",
    hint="The columns of weight are scaled. Each output has its scale, and the outputs are the rows "
    "of weight.",
)
def fold_into_linear(weight, bias, bn):
    """Scales the columns of weight."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return weight * scale, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_no_eps",
    fails="fold_weight fold_bias",
    hint="eps is left out of the scale: gamma / sqrt(running_var + eps).",
)
def fold_into_linear(weight, bias, bn):
    """Leaves eps out."""
    scale = bn.gamma / np.sqrt(bn.running_var)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_eps_hard_coded",
    fails="fold_weight fold_bias",
    hint="eps is 1e-5 whatever bn says. Use bn.eps.",
)
def fold_into_linear(weight, bias, bn):
    """Always uses 1e-5."""
    scale = bn.gamma / np.sqrt(bn.running_var + 1e-5)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_eps_outside_root",
    fails="fold_weight fold_bias",
    hint="eps is added outside the root. It joins the variance: sqrt(running_var + eps).",
)
def fold_into_linear(weight, bias, bn):
    """Adds eps outside the root."""
    scale = bn.gamma / (np.sqrt(bn.running_var) + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_no_root",
    fails="fold_weight fold_bias",
    hint="The root is missing from the scale: gamma / sqrt(running_var + eps).",
)
def fold_into_linear(weight, bias, bn):
    """Divides by the variance."""
    scale = bn.gamma / (bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_multiplies",
    fails="fold_weight fold_bias",
    hint="The scale multiplies by the deviation. Divide by it.",
)
def fold_into_linear(weight, bias, bn):
    """Multiplies by the deviation."""
    scale = bn.gamma * np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_no_gamma",
    fails="fold_weight fold_bias",
    hint="gamma is left out of the scale.",
)
def fold_into_linear(weight, bias, bn):
    """Leaves gamma out."""
    scale = 1 / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_gamma_magnitude",
    fails="fold_weight fold_bias",
    hint="The sign of gamma is lost. gamma may be negative; keep it as it is.",
)
def fold_into_linear(weight, bias, bn):
    """Takes the magnitude of gamma."""
    scale = abs(bn.gamma) / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_weight_unchanged",
    fails="fold_weight",
    hint="weight comes back as it was. Its rows are scaled, as the bias is.",
)
def fold_into_linear(weight, bias, bn):
    """Returns weight as it is."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return weight.copy(), scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_weight_by_std_only",
    fails="fold_weight",
    hint="The weight is scaled without gamma, the bias with it. Both have the same scale.",
)
def fold_into_linear(weight, bias, bn):
    """Scales weight without gamma."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return weight / np.sqrt(bn.running_var + bn.eps)[:, None], scale * (
        bias - bn.running_mean
    ) + bn.beta


@mistake(
    "fold_transposed",
    fails="fold_weight",
    hint="The weight comes back transposed. Its shape is (out, in), as it came.",
)
def fold_into_linear(weight, bias, bn):
    """Returns weight transposed."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return (scale[:, None] * weight).T, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_before",
    fails="fold_weight fold_bias",
    hint="The folding is that of batch norm before the linear layer: it scales inputs and carries "
    "beta through weight. Here batch norm follows, so that it scales outputs.",
)
def fold_into_linear(weight, bias, bn):
    """Folds as if batch norm came before the linear layer."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    shift = bn.beta - scale * bn.running_mean
    return weight * scale, bias + weight @ shift


@mistake(
    "fold_bias_unchanged",
    fails="fold_bias",
    hint="bias comes back as it was. It is shifted by -running_mean, scaled, and shifted by beta.",
)
def fold_into_linear(weight, bias, bn):
    """Returns bias as it is."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, bias.copy()


@mistake(
    "fold_bias_scaled_only",
    fails="fold_bias",
    hint="The bias is scaled, but running_mean and beta are left out.",
)
def fold_into_linear(weight, bias, bn):
    """Scales bias and shifts nothing."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * bias


@mistake(
    "fold_no_mean",
    fails="fold_bias",
    hint="running_mean is left out of the bias. It is subtracted before the scale.",
)
def fold_into_linear(weight, bias, bn):
    """Leaves running_mean out."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * bias + bn.beta


@mistake(
    "fold_no_beta",
    fails="fold_bias",
    hint="beta is left out of the bias. It is added last.",
)
def fold_into_linear(weight, bias, bn):
    """Leaves beta out."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean)


@mistake(
    "fold_drops_bias",
    fails="fold_bias",
    hint="The linear layer's own bias is left out. It passes through batch norm as everything else "
    "does.",
)
def fold_into_linear(weight, bias, bn):
    """Forgets the linear layer's bias."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, bn.beta - scale * bn.running_mean


@mistake(
    "fold_bias_not_scaled",
    fails="fold_bias",
    hint="The linear layer's bias is added as it is. It stands before batch norm, so that it is "
    "scaled as well.",
)
def fold_into_linear(weight, bias, bn):
    """Adds the linear layer's bias unscaled."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, bias + bn.beta - scale * bn.running_mean


@mistake(
    "fold_mean_not_scaled",
    fails="fold_bias",
    hint="running_mean is subtracted after the scale. It is subtracted first, then scaled.",
)
def fold_into_linear(weight, bias, bn):
    """Subtracts running_mean unscaled."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * bias - bn.running_mean + bn.beta


@mistake(
    "fold_mean_added",
    fails="fold_bias",
    hint="running_mean is added. It is subtracted.",
)
def fold_into_linear(weight, bias, bn):
    """Adds running_mean."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias + bn.running_mean) + bn.beta


@mistake(
    "fold_beta_scaled",
    fails="fold_bias",
    hint="beta is scaled along. It is added after the scale.",
)
def fold_into_linear(weight, bias, bn):
    """Scales beta."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean + bn.beta)


@mistake(
    "fold_beta_subtracted",
    fails="fold_bias",
    hint="beta is subtracted. It is added.",
)
def fold_into_linear(weight, bias, bn):
    """Subtracts beta."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) - bn.beta


@mistake(
    "fold_weight_in_place",
    fails="fold_untouched",
    hint="The caller's weight is changed, as by weight *= ... Return a new array.",
)
def fold_into_linear(weight, bias, bn):
    """Scales weight in place."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    weight *= scale[:, None]
    return weight, scale * (bias - bn.running_mean) + bn.beta


@mistake(
    "fold_bias_in_place",
    fails="fold_untouched",
    hint="The caller's bias is changed, as by bias -= ... Return a new array.",
)
def fold_into_linear(weight, bias, bn):
    """Changes bias in place."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    bias -= bn.running_mean
    return scale[:, None] * weight, scale * bias + bn.beta


@mistake(
    "fold_resets_bn",
    fails="fold_untouched",
    hint="bn is changed. The caller may still need it: leave it as it is.",
)
def fold_into_linear(weight, bias, bn):
    """Makes bn the identity."""
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    folded = scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta
    bn.gamma, bn.beta = np.ones_like(bn.gamma), np.zeros_like(bn.beta)
    return folded


# --- fold_into_linear: right -----------------------------------------------------------------------


@variant("fold_by_probing")
def fold_into_linear(weight, bias, bn):
    """Sends unit vectors through both layers."""

    def both(u):
        scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
        return scale * (u @ weight.T + bias - bn.running_mean) + bn.beta

    into = len(weight.T)
    folded = both(np.zeros(into))
    return (both(np.eye(into)) - folded).T, folded


@variant("fold_by_loops")
def fold_into_linear(weight, bias, bn):
    """Handles one output at a time, and returns lists."""
    rows, shifts = [], []
    for j in range(len(bias)):
        scale = bn.gamma[j] * (bn.running_var[j] + bn.eps) ** -0.5
        rows.append([scale * w for w in weight[j]])
        shifts.append(bn.beta[j] - scale * (bn.running_mean[j] - bias[j]))
    return [rows, shifts]


@variant("fold_by_diagonal")
def fold_into_linear(weight, bias, bn):
    """Multiplies by a diagonal matrix."""
    scale = np.diag(np.divide(bn.gamma, np.sqrt(np.add(bn.running_var, bn.eps))))
    return scale @ weight, scale @ bias - scale @ bn.running_mean + bn.beta


@variant("fold_homogeneous")
def fold_into_linear(weight, bias, bn):
    """Folds weight and bias together, in one matrix."""
    together = np.concatenate([weight, (bias - bn.running_mean)[:, np.newaxis]], axis=1)
    together = (together.T * (bn.gamma / np.sqrt(bn.running_var + bn.eps))).T
    together[:, -1] += bn.beta
    return together[:, :-1], together[:, -1]
