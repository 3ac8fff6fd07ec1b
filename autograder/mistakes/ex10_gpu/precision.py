"""Mistakes of ex10_gpu in batchnorm_train: half precision, large means, autocast and layouts."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import torch

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "half_statistics",
    fails="wide_statistics half_output",
    hint="mean and inv_std are in half precision, like x, with 3 digits or fewer. Convert x to "
    "weight's dtype before you reduce.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Reduces x in its own dtype."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x, dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean.to(weight.dtype), momentum)
        running_var.lerp_((var * count / (count - 1)).to(weight.dtype), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "converted_too_late",
    fails="wide_statistics half_output",
    hint="The statistics are reduced in half precision and converted to float32 afterwards, when "
    "their digits are gone. Convert x first, then reduce.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Reduces x in its own dtype, then converts the statistics."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x, dim=(0, 2, 3), correction=0)
    var, mean = var.to(weight.dtype), mean.to(weight.dtype)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "squares_in_half",
    fails="wide_statistics half_output",
    hint="The mean is right, but the squares are taken in half precision: in float16 they overflow "
    "from 256 on. Convert before you square.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Squares x in half precision, and sums in float32."""
    count = x.numel() // x.shape[1]
    mean = x.mean((0, 2, 3), dtype=weight.dtype)
    if x.dtype == weight.dtype:
        var = x.var((0, 2, 3), correction=0)
    else:
        var = (x * x).mean((0, 2, 3), dtype=weight.dtype) - mean * mean
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "always_float32",
    fails="forward saved running",
    hint="The work is done in float32 even where x is float64, which costs half of its digits. Convert "
    "to weight's dtype, or to torch.promote_types(x.dtype, torch.float32).",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Converts everything to float32, whatever it was."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.float(), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.mul_(1 - momentum).add_(mean * momentum)
        running_var.mul_(1 - momentum).add_(var * (momentum * count / (count - 1)))
    inv_std = torch.rsqrt(var + eps)
    centred = x.float() - mean[:, None, None]
    scale = weight.float() * inv_std
    y = torch.addcmul(bias.float()[:, None, None], centred, scale[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "one_pass_variance",
    fails="wide_statistics",
    hint="The variance is E[x^2] - E[x]^2, which cancels: with a mean of 1000 float32 has no digits "
    "left for a variance of 1. Subtract the mean before you square, or call torch.var_mean.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Takes the mean square minus the squared mean."""
    count = x.numel() // x.shape[1]
    wide = x.to(weight.dtype)
    mean = wide.mean((0, 2, 3))
    var = (wide * wide).mean((0, 2, 3)) - mean * mean
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    shift = bias - mean * weight * inv_std
    y = torch.addcmul(shift[:, None, None], wide, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "averages_in_half",
    fails="wide_statistics",
    hint="mean and inv_std are right, and the running statistics are fed with values rounded to half "
    "precision. Small steps of an average get lost so; update in float32.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Updates the running statistics with values of x's dtype."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        new = (var * count / (count - 1)).to(x.dtype)
        running_mean.mul_(1 - momentum).add_(momentum * mean.to(x.dtype))
        running_var.mul_(1 - momentum).add_(momentum * new)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "normalizes_in_half",
    fails="half_output",
    hint="The statistics are float32, but are rounded to x's dtype before y is worked out. Round "
    "once, at the end: y.to(x.dtype).",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Rounds the statistics to half precision before it centres and scales."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x - mean.to(x.dtype)[:, None, None]
    scale = (weight * inv_std).to(x.dtype)
    y = torch.addcmul(bias.to(x.dtype)[:, None, None], centred, scale[:, None, None])
    return y, (x, mean, inv_std)


@mistake(
    "scale_and_shift_in_half",
    fails="half_output",
    hint="What x is scaled by and shifted by is rounded to x's dtype first. These are (C,) tensors "
    "that cost nothing: leave them float32, and round y alone: y.to(x.dtype).",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Rounds the folded scale and shift to half precision."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    scale = weight * inv_std
    shift = (bias - mean * scale).to(x.dtype)
    y = torch.addcmul(shift[:, None, None], x, scale.to(x.dtype)[:, None, None])
    return y, (x, mean, inv_std)


@mistake(
    "affine_in_half",
    fails="half_output",
    hint="weight and bias are rounded to x's dtype before they are used. They are float32, and so is "
    "all that is done with them. Round once, at the end: y.to(x.dtype).",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Rounds weight and bias to half precision."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    scale, shift = weight.to(x.dtype) * inv_std, bias.to(x.dtype).to(weight.dtype)
    y = torch.addcmul(shift[:, None, None], centred, scale[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "x_hat_in_half",
    fails="half_output",
    hint="x_hat is rounded to x's dtype, and y once more: two roundings where one is needed. Stay in "
    "float32 until y is complete.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Rounds x_hat, then scales and shifts it."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    shift = -mean * inv_std
    x_hat = torch.addcmul(shift[:, None, None], x.to(weight.dtype), inv_std[:, None, None])
    y = torch.addcmul(bias[:, None, None], x_hat.to(x.dtype), weight[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "wide_output",
    fails="half_output",
    hint="y comes out in float32 where x is in half precision: the next layer reads twice the bytes. "
    "Return y in x's dtype.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Returns what it computed in, float32."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y, (x, mean, inv_std)


@mistake(
    "matmul_under_autocast",
    fails="autocast",
    hint="The sums are matrix products, which autocast runs in half precision. Sum with sum or "
    "mean, or leave autocast: `with torch.autocast(x.device.type, enabled=False)`.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Averages by a matrix product with ones; right outside of autocast."""
    count = x.numel() // x.shape[1]
    wide = x.to(weight.dtype)
    over_rows = wide.sum((0, 2))
    mean = (over_rows @ over_rows.new_ones(x.shape[3])).to(weight.dtype) / count
    centred = wide - mean[:, None, None]
    squares = torch.linalg.vector_norm(centred, dim=(0, 2)) ** 2
    var = (squares @ squares.new_ones(x.shape[3])).to(weight.dtype) / count
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "autocast_dtype_taken",
    fails="autocast",
    hint="Inside autocast y has autocast's dtype. Autocast chooses for operations that are fast in "
    "half precision; y is of x's dtype, wherever it is called.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Returns y in the dtype of autocast where that is on."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    fast = torch.is_autocast_enabled("cpu")
    return y.to(torch.get_autocast_dtype("cpu") if fast else x.dtype), (x, mean, inv_std)


@mistake(
    "views_channels",
    fails="layout dense_copy",
    hint="`view` asks for a layout that x need not have, and raises an error where it has another. "
    "Reduce and broadcast over axes 0, 2 and 3 instead.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Views each image's channels as rows of all the memory there is."""
    n, c, h, w = x.shape
    count = x.numel() // c
    rows = x.view(n * c, h * w).view(n, c, h * w).to(weight.dtype)
    var, mean = torch.var_mean(rows, dim=(0, 2), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    y = torch.addcmul(bias[:, None], rows - mean[:, None], (weight * inv_std)[:, None])
    return y.view(n, c, h, w).to(x.dtype), (x, mean, inv_std)


@mistake(
    "contiguous_output",
    fails="layout",
    hint="y is written to a new tensor of the usual layout, whatever that of x: the next "
    "convolution has to copy it. torch.empty_like, and arithmetic, keep x's layout.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Writes y to a tensor made from x's shape alone."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
        inv_std = torch.rsqrt(var + eps)
        scale = weight * inv_std
        y = torch.empty(x.shape, dtype=weight.dtype, device=x.device)
        torch.mul(x.to(weight.dtype), scale[:, None, None], out=y)
        y += (bias - mean * scale)[:, None, None]
        y = y.to(x.dtype)
    return y, (x, mean, inv_std)


@mistake(
    "channels_last_always",
    fails="layout",
    hint="y is channels_last whatever the layout of x. Return what arithmetic on x gives: it has "
    "x's layout.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Works on channels_last copies, which are not made where x is that already."""
    count = x.numel() // x.shape[1]
    wide = x.to(weight.dtype).contiguous(memory_format=torch.channels_last)
    var, mean = torch.var_mean(wide, dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = wide - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "reads_memory_in_order",
    fails="layout",
    hint="x is read as if it were contiguous, whatever its layout, so other layouts give other "
    "numbers. Index by axes, and leave strides to torch.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Takes the strides of a contiguous tensor for granted."""
    n, c, h, w = x.shape
    count = x.numel() // c
    wide = x.as_strided(x.shape, (c * h * w, h * w, w, 1)).to(weight.dtype)
    var, mean = torch.var_mean(wide, dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "contiguous_first",
    fails="layout dense_copy",
    hint="x is made contiguous first: a channels_last x is copied as a whole, and y has another "
    "layout than x. Reductions and arithmetic work on any layout.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Makes x contiguous before anything else."""
    count = x.numel() // x.shape[1]
    wide = x.contiguous().to(weight.dtype)
    var, mean = torch.var_mean(wide, dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = wide - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)
