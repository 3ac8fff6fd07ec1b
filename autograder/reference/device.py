"""Batch normalization on any device, and over several: images x (N, C, H, W) in torch.

The statistics are computed in the wide dtype: float64 where x is float64, float32 otherwise.
Nothing waits for the device, and what is constant in a channel is worked out on (C,) tensors first.
"""

import torch

OVER = (0, 2, 3)  # all axes but that of the channels


def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Normalize, scale and shift each channel; update the running statistics in place.

    Args:
        x: (N, C, H, W) tensor of a floating dtype, in any layout, N * H * W >= 2.
        weight, bias: (C,) tensors of the wide dtype.
        running_mean, running_var: likewise; both are changed.
        momentum: the weight of the batch in them, a float.
        eps: added to the variance inside the root, a float > 0.

    Returns:
        y of x's shape, dtype and layout, and what the backward pass needs: x itself, the mean (C,)
        and 1 / sqrt(variance + eps) (C,), these two of the wide dtype.

    Source: Ioffe and Szegedy 2015, Algorithm 1; torch's `batch_norm_stats`, `batch_norm_elemt`.
    """
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(_wide(x), OVER, correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * (count / (count - 1)), momentum)  # unbiased
    inv_std = torch.rsqrt(var + eps)
    # The mean is taken away before anything is scaled, so that a large one costs no digits.
    y = torch.addcmul(_column(bias), _wide(x) - _column(mean), _column(weight * inv_std))
    return y.to(x.dtype), (x, mean, inv_std)


def backward_sums(dy, saved):
    """Sum up what one replica adds to the gradients of bias and weight.

    Args:
        dy: the upstream gradient, of x's shape and dtype, in any layout.
        saved: x, mean (C,) and inv_std (C,); the two last may be those of several replicas.

    Returns:
        The sums of dy and of dy * x_hat over each channel, (C,) each, of the wide dtype.

    Source: torch's `batch_norm_backward_reduce`.
    """
    x, mean, inv_std = saved
    sum_dy = dy.sum(OVER, dtype=mean.dtype)
    sum_dy_centred = (_wide(dy) * (_wide(x) - _column(mean))).sum(OVER)
    return sum_dy, sum_dy_centred * inv_std


def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Return the gradient with respect to one replica's x.

    Args:
        dy, saved: see `backward_sums`.
        weight: (C,) tensor of the wide dtype.
        sum_dy, sum_dy_x_hat: (C,), the sums over all replicas.
        count: samples per channel of all replicas together, an int64 tensor without dimensions.

    Returns:
        dx of x's shape, dtype and layout.

    Source: torch's `batch_norm_backward_elemt`.
    """
    x, mean, inv_std = saved
    slope = sum_dy_x_hat * inv_std / count
    # dx takes the layout of the first operand: x's, whatever that of dy is.
    along = (_wide(x) - _column(mean)) * _column(-slope)
    dx = (along + (_wide(dy) - _column(sum_dy / count))) * _column(weight * inv_std)
    return dx.to(x.dtype)


def merge_statistics(counts, means, variances):
    """Return the statistics of several replicas together, from those of each.

    Args:
        counts: (R,) int64 tensor, samples per channel of each replica, >= 0, not all 0.
        means: (R, C) float32 tensor; of an empty replica whatever it may be, NaN included.
        variances: (R, C) float32 tensor, biased; likewise.

    Returns:
        count, an int64 tensor without dimensions, mean (C,) and var (C,), biased, both float32.

    Source: Chan, Golub and LeVeque 1983; torch's `batch_norm_gather_stats_with_counts`.
    """
    count = counts.sum()
    share = (counts.double() / count)[:, None]
    # Chosen, not multiplied by 0: NaN times 0 is NaN.
    wide_means = torch.where(share > 0, means.double(), 0)
    mean = (share * wide_means).sum(0)
    squares = torch.where(share > 0, variances.double(), 0) + (wide_means - mean) ** 2
    return count, mean.to(means.dtype), (share * squares).sum(0).to(means.dtype)


def _wide(value):
    """Return a tensor in the wide dtype; itself where it has it."""
    return value.to(torch.promote_types(value.dtype, torch.float32))


def _column(value):
    """Return a (C,) tensor so that it is broadcast along the channels of (N, C, H, W)."""
    return value[:, None, None]
