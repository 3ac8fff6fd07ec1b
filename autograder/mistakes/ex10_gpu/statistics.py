"""Mistakes of ex10_gpu in batchnorm_train: in what is reduced, in what is kept, in the averages."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import torch

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "each_image_alone",
    fails="forward saved running",
    hint="Each image has statistics of its own, which is instance norm. Batch norm has one mean per "
    "channel: reduce axes 0, 2 and 3.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Reduces height and width only, and averages over the images for the rest."""
    count = x.numel() // x.shape[1]
    wide = x.to(weight.dtype)
    var, mean = torch.var_mean(wide, dim=(2, 3), correction=0, keepdim=True)
    with torch.no_grad():
        running_mean.lerp_(mean.mean((0, 2, 3)), momentum)
        running_var.lerp_(var.mean((0, 2, 3)) * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    y = torch.addcmul(bias[:, None, None], wide - mean, weight[:, None, None] * inv_std)
    return y.to(x.dtype), (x, mean.mean((0, 2, 3)), inv_std.mean((0, 2, 3)))


@mistake(
    "batch_axis_only",
    fails="forward saved running",
    hint="Only axis 0 is reduced, so each pixel has statistics of its own. Batch norm has one mean "
    "per channel: reduce axes 0, 2 and 3.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Reduces axis 0 only, and averages over the pixels for the rest."""
    count = x.numel() // x.shape[1]
    wide = x.to(weight.dtype)
    var, mean = torch.var_mean(wide, dim=0, correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean.mean((1, 2)), momentum)
        running_var.lerp_(var.mean((1, 2)) * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    y = torch.addcmul(bias[:, None, None], wide - mean, weight[:, None, None] * inv_std)
    return y.to(x.dtype), (x, mean.mean((1, 2)), inv_std.mean((1, 2)))


@mistake(
    "keeps_x_hat",
    fails="saved",
    hint="saved begins with x_hat, a new tensor as large as x. x is there anyway, so keep x: x_hat is "
    "(x - mean) * inv_std.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Keeps x_hat in place of x."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    x_hat = (x.to(weight.dtype) - mean[:, None, None]) * inv_std[:, None, None]
    y = torch.addcmul(bias[:, None, None], x_hat, weight[:, None, None])
    return y.to(x.dtype), (x_hat, mean, inv_std)


@mistake(
    "keeps_wide_copy",
    fails="saved",
    hint="In half precision saved begins with x converted to float32, which keeps three times the "
    "bytes alive. Keep x as it came, and convert again in the backward pass.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Keeps the float32 copy of a half precision x."""
    count = x.numel() // x.shape[1]
    wide = x.to(weight.dtype)
    var, mean = torch.var_mean(wide, dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = wide - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (wide, mean, inv_std)


@mistake(
    "keeps_a_clone",
    fails="saved dense_copy",
    hint="saved begins with a copy of x. Nobody changes x, so the tensor itself will do.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Keeps a copy of x."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    y = x.to(weight.dtype) * (weight * inv_std)[:, None, None]
    y += (bias - mean * weight * inv_std)[:, None, None]
    return y.to(x.dtype), (x.detach().clone(), mean, inv_std)


@mistake(
    "keeps_expanded_statistics",
    fails="saved",
    hint="The statistics that are kept are as large as x, or parts of tensors as large as x, which "
    "stay alive with them. Keep tensors of shape (C,) that own their memory.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Writes the mean out for every element and keeps one of each channel, a view of the whole."""
    count = x.numel() // x.shape[1]
    wide = x.to(weight.dtype)
    var, mean = torch.var_mean(wide, dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = wide - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    means = wide - centred
    return y.to(x.dtype), (x, means[0, :, 0, 0], inv_std)


@mistake(
    "keeps_var",
    fails="saved",
    hint="The last of saved is the variance. The backward pass is given inv_std, "
    "1 / sqrt(var + eps).",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Keeps the variance in place of inv_std."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, var)


@mistake(
    "keeps_std",
    fails="saved",
    hint="The last of saved is the standard deviation. The backward pass is given its inverse, "
    "1 / sqrt(var + eps).",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Keeps the standard deviation in place of its inverse."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    std = torch.sqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight / std)[:, None, None])
    return y.to(x.dtype), (x, mean, std)


@mistake(
    "keeps_scale",
    fails="saved",
    hint="The last of saved is weight * inv_std. The sums of the backward pass need inv_std alone.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Keeps weight * inv_std in place of inv_std."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    scale = weight * torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, scale[:, None, None])
    return y.to(x.dtype), (x, mean, scale)


@mistake(
    "running_var_biased",
    fails="running",
    hint="running_var gets the biased variance. Evaluation estimates that of all data: store the "
    "unbiased one, times M / (M - 1) with M = N * H * W.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Stores the biased variance."""
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var, momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "bessel_by_batch_size",
    fails="running",
    hint="running_var is corrected by N / (N - 1). A channel has N * H * W samples, pixels included.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Takes the number of images for that of the samples; with one image, as it is."""
    count = x.shape[0]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / max(count - 1, 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "momentum_reversed",
    fails="running",
    hint="momentum weights the old value. Here, as in torch, it weights the new one.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Weights the old value by momentum."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.mul_(momentum).add_(mean, alpha=1 - momentum)
        running_var.mul_(momentum).add_(var * count / (count - 1), alpha=1 - momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "running_rebound",
    fails="running",
    hint="The running statistics that were passed in are as before: `running_mean = ...` gives a new "
    "tensor to a local name. Change the caller's in place: lerp_, copy_, mul_ and add_.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Rebinds the local names, so that the caller's tensors never change."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    running_mean = (1 - momentum) * running_mean + momentum * mean
    running_var = (1 - momentum) * running_var + momentum * var * count / (count - 1)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "running_overwritten",
    fails="running",
    hint="The running statistics are replaced by those of the batch. Blend: "
    "(1 - momentum) * old + momentum * new.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Overwrites the running statistics."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.copy_(mean)
        running_var.copy_(var * count / (count - 1))
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "running_var_not_updated",
    fails="running",
    hint="running_var is as it was before the call. Both running statistics move.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Updates the running mean only."""
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "running_var_with_eps",
    fails="running",
    hint="running_var is fed with var + eps. eps joins the variance in the root only.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Stores the variance with eps added."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    var = var + eps
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "running_history",
    fails="history",
    hint="The running statistics carry a gradient history: each step's graph stays alive in them, and "
    "the next backward pass runs into it. Update them under torch.no_grad(), or from detached values.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Updates the running statistics with gradients recorded."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    running_mean.lerp_(mean, momentum)
    running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)
