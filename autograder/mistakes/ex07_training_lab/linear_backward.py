"""linear_backward, wrong and right."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant


# --- linear_backward: wrong ------------------------------------------------------------------------


@mistake(
    "bias_averaged",
    fails="linear_parameters",
    hint="dbias is averaged over the samples. A loss that is a mean has its 1/N in dy already: sum, or "
    "the bias is averaged twice.",
)
def linear_backward(dy, x, weight):
    """Averages the gradient of the bias."""
    return dy @ weight, dy.T @ x, dy.mean(axis=0)


@mistake(
    "weight_averaged",
    fails="linear_parameters",
    hint="dweight is divided by the number of samples. A loss that is a mean has its 1/N in dy "
    "already: sum over the samples.",
)
def linear_backward(dy, x, weight):
    """Averages the gradient of the weight."""
    return dy @ weight, dy.T @ x / len(x), dy.sum(axis=0)


@mistake(
    "parameters_averaged",
    fails="linear_parameters",
    hint="dweight and dbias are divided by the number of samples. A loss that is a mean has its 1/N "
    "in dy already: sum over the samples.",
)
def linear_backward(dy, x, weight):
    """Averages the gradients of the weight and the bias."""
    return dy @ weight, dy.T @ x / len(x), dy.mean(axis=0)


@mistake(
    "input_averaged",
    fails="linear_input",
    hint="dx is divided by the number of samples. Each sample has its own row of dx: nothing is "
    "averaged.",
)
def linear_backward(dy, x, weight):
    """Divides the gradient of the input by N."""
    return dy @ weight / len(x), dy.T @ x, dy.sum(axis=0)


@mistake(
    "weight_transposed",
    fails="linear_parameters",
    hint="dweight has the shape (D_in, D_out). A gradient has the shape of what it belongs to: "
    "weight is (D_out, D_in).",
)
def linear_backward(dy, x, weight):
    """Returns dweight transposed."""
    return dy @ weight, x.T @ dy, dy.sum(axis=0)


@mistake(
    "bias_over_outputs",
    fails="linear_parameters",
    hint="dbias is summed over the outputs of each sample. Each bias serves one output and every "
    "sample: sum over the samples, axis 0.",
)
def linear_backward(dy, x, weight):
    """Sums the gradient of the bias over axis 1."""
    return dy @ weight, dy.T @ x, dy.sum(axis=1)


@mistake(
    "one_bias",
    fails="linear_parameters",
    hint="dbias is a single number. There is one bias, and one gradient, for each output.",
)
def linear_backward(dy, x, weight):
    """Sums the gradient of the bias over everything."""
    return dy @ weight, dy.T @ x, dy.sum()


@mistake(
    "bias_not_summed",
    fails="linear_parameters",
    hint="dbias has a row for each sample. The same bias is added in every sample, so its gradient is "
    "the sum over them.",
)
def linear_backward(dy, x, weight):
    """Returns dy as the gradient of the bias."""
    return dy @ weight, dy.T @ x, dy


@mistake(
    "first_sample_bias",
    fails="linear_parameters",
    hint="dbias comes from one sample alone. The bias is added in every sample: sum over them.",
)
def linear_backward(dy, x, weight):
    """Takes the gradient of the bias from the first sample."""
    return dy @ weight, dy.T @ x, dy[0]


@mistake(
    "linear_swapped",
    fails="linear_input linear_parameters",
    hint="dx and dweight come back in each other's place: return dx, dweight, dbias.",
)
def linear_backward(dy, x, weight):
    """Returns dweight first."""
    return dy.T @ x, dy @ weight, dy.sum(axis=0)


@mistake(
    "weight_squared",
    fails="linear_input",
    hint="dx is multiplied by x. The gradient of weight * x with respect to x is the weight alone.",
)
def linear_backward(dy, x, weight):
    """Multiplies dx by x."""
    return dy @ weight * x, dy.T @ x, dy.sum(axis=0)


# --- linear_backward: right ------------------------------------------------------------------------


@variant("linear_einsum")
def linear_backward(dy, x, weight):
    """Sums by einsum, and returns a list."""
    dx = np.einsum("no,oi->ni", dy, weight)
    return [dx, np.einsum("no,ni->oi", dy, x), np.einsum("no->o", dy)]


@variant("linear_loops")
def linear_backward(dy, x, weight):
    """Adds up sample by sample."""
    dx, dweight, dbias = np.zeros(x.shape), np.zeros(weight.shape), np.zeros((1, len(weight)))
    for n, row in enumerate(dy):
        dx[n] = row @ weight
        dweight += np.outer(row, x[n])
        dbias += row
    return dx, dweight, dbias
