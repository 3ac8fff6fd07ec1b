"""Mistakes of ex10_gpu in batchnorm_train: in y, and torch's own normalization called."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import torch

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake

ALL = (
    "forward saved running history wide_statistics half_output autocast layout device host_sync "
    "channel_loop passes dense_copy"
)


@mistake(
    "unbiased_normalizes",
    fails="forward saved",
    hint="x is normalized with the unbiased variance. That one is for running_var alone; training "
    "normalizes with the biased variance: correction=0.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Normalizes with the unbiased variance, which is what torch.var gives by itself."""
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3))
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var, momentum)
    inv_std = torch.rsqrt(var + eps)
    scale = weight * inv_std
    shift = bias - mean * scale
    y = torch.addcmul(shift[:, None, None], x.to(weight.dtype), scale[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "eps_outside_root",
    fails="forward saved",
    hint="eps is added to the standard deviation, outside the root. It joins the variance: "
    "1 / sqrt(var + eps).",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Adds eps to the standard deviation."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = 1 / (var.sqrt() + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "eps_hard_coded",
    fails="forward saved",
    hint="eps is always 1e-5, whatever the caller passes. Use the argument.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Always uses 1e-5."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + 1e-5)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "root_missing",
    fails="forward saved",
    hint="The root is missing: x - mean is divided by the variance. inv_std is 1 / sqrt(var + eps).",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Divides by the variance."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = 1 / (var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "shift_without_mean",
    fails="forward",
    hint="The folded shift leaves out the mean: y = x * scale + shift needs "
    "shift = bias - mean * scale.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Folds into a scale and a shift, and forgets the mean in the shift."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    y = x.to(weight.dtype) * (weight * inv_std)[:, None, None] + bias[:, None, None]
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "shift_unscaled",
    fails="forward",
    hint="The folded shift takes the mean away as it is. It was scaled like x: "
    "shift = bias - mean * scale.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Folds into a scale and a shift, and forgets to scale the mean."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    shift = bias - mean
    y = x.to(weight.dtype) * (weight * inv_std)[:, None, None] + shift[:, None, None]
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "weight_missing",
    fails="forward",
    hint="y comes out without weight. Scale by weight * inv_std, then shift by bias.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Leaves weight out."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, inv_std[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "running_statistics_normalize",
    fails="forward",
    hint="y is worked out with the running statistics. In training the batch normalizes itself; the "
    "running statistics are for evaluation.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Normalizes with the running statistics, after their update."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    scale = weight * torch.rsqrt(running_var + eps)
    centred = x.to(weight.dtype) - running_mean.clone()[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, scale[:, None, None])
    return y.to(x.dtype), (x, mean, torch.rsqrt(var + eps))


@mistake(
    "changes_x",
    fails="forward history",
    hint="The mean is taken away from x in place, and x is its caller's: the layer before needs it "
    "for its own gradient. Compute in a new tensor.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Centres x in place when x has the wide dtype, and gives its own copy to saved."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype)
    centred -= mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "functional_batch_norm",
    fails=ALL,
    hint="The work is done by torch's own batch norm: F.batch_norm, native_batch_norm or a layer. "
    "Here it is yours: work out the statistics, then scale and shift.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Calls torch's function for y and the running statistics."""
    y = torch.nn.functional.batch_norm(
        x, running_mean, running_var, weight, bias, True, momentum, eps
    )
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    return y, (x, mean, torch.rsqrt(var + eps))


@mistake(
    "channels_by_layer_norm",
    fails=ALL,
    hint="The work is done by another of torch's normalizations. Here it is yours: work out the "
    "statistics, then scale and shift.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Calls layer norm on a view in which each channel is a row."""
    n, c, h, w = x.shape
    count = x.numel() // c
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    rows = x.transpose(0, 1).reshape(c, -1)
    x_hat = torch.nn.functional.layer_norm(rows, rows.shape[1:], eps=eps)
    x_hat = x_hat.reshape(c, n, h, w).transpose(0, 1)
    y = x_hat.to(weight.dtype) * weight[:, None, None] + bias[:, None, None]
    return y.to(x.dtype), (x, mean, torch.rsqrt(var + eps))
