"""Batch normalization as a layer with a state: running averages in training, used in evaluation."""

import numpy as np


class BatchNorm:
    """Normalize x (N, D) over the batch in training, by running averages in evaluation.

    Args:
        num_features: D, an int >= 1.
        eps: added to a variance inside the root, a float > 0.
        momentum: the weight of a new batch in the running averages, a float from 0 to 1.

    Attributes `gamma`, `beta`, `running_mean`, `running_var` are (D,) float64 arrays,
    `num_batches_tracked` is an int.

    Source: Ioffe and Szegedy 2015, Algorithm 2, with the moving averages of its section 3.1;
    conventions of torch.nn.BatchNorm1d.
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps = eps
        self.momentum = momentum
        self.training = True
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.num_batches_tracked = 0

    def train(self):
        """Use, and track, the statistics of each batch from now on."""
        self.training = True

    def eval(self):
        """Use the running averages from now on."""
        self.training = False

    def forward(self, x):
        """Normalize, scale and shift; in training also update the running averages.

        Args:
            x: (N, D) array, N >= 2 in training, N >= 1 in evaluation.

        Returns:
            y (N, D), float64.

        Raises:
            ValueError: one sample in training, which has no unbiased variance; nothing is changed.
        """
        x = np.asarray(x, dtype=np.float64)
        if self.training:
            mean, var = self._track(x)
        else:
            mean, var = self.running_mean, self.running_var
        inv_std = 1.0 / np.sqrt(var + self.eps)
        x_hat = (x - mean) * inv_std
        self._cache = x_hat, self.gamma * inv_std, self.training
        return self.gamma * x_hat + self.beta

    def backward(self, dy):
        """Return the gradients that belong to the last forward pass and to its mode.

        Args:
            dy: (N, D) array, the gradient with respect to its output.

        Returns:
            dx (N, D), dgamma (D,), dbeta (D,), float64.
        """
        x_hat, scale, training = self._cache
        dy = np.asarray(dy, dtype=np.float64)
        dgamma = (dy * x_hat).sum(axis=0)
        dbeta = dy.sum(axis=0)
        if not training:
            return scale * dy, dgamma, dbeta  # the running averages do not depend on x
        return scale * (dy - (dbeta + x_hat * dgamma) / len(dy)), dgamma, dbeta

    def _track(self, x):
        m = len(x)
        if m == 1:
            raise ValueError(f"training needs more than one sample for each feature, got {x.shape}")
        mean = x.mean(axis=0)
        var = ((x - mean) ** 2).mean(axis=0)  # biased: it normalizes
        keep, new = 1 - self.momentum, self.momentum  # as torch; Keras weights the old value
        self.running_mean = keep * self.running_mean + new * mean
        self.running_var = keep * self.running_var + new * var * m / (m - 1)  # unbiased: it is kept
        self.num_batches_tracked += 1
        return mean, var


def fold_into_linear(weight, bias, bn):
    """Return the linear layer that does what a linear layer and batch norm in evaluation do.

    Args:
        weight: (out, in) float64 array of the linear layer u @ weight.T + bias.
        bias: (out,) float64 array.
        bn: has (out,) arrays gamma, beta, running_mean, running_var, and a number eps.

    Returns:
        weight (out, in), bias (out,) of the one layer, new arrays.

    Source: Jacob et al. 2018, Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference, section 3.2.
    """
    scale = bn.gamma / np.sqrt(bn.running_var + bn.eps)
    return scale[:, None] * weight, scale * (bias - bn.running_mean) + bn.beta
