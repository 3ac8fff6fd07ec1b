"""Mistakes of ex10_gpu in batchnorm_train: what costs a device its time."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import numpy as np
import torch

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "cpu_temporary",
    fails="device",
    hint="A tensor made on the CPU meets tensors on x's device, which raises an error on a GPU. Make "
    "it where x is: torch.zeros(..., device=x.device), x.new_zeros(...).",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Starts the mean from zeros on the CPU."""
    count = x.numel() // x.shape[1]
    mean = torch.zeros(x.shape[1], dtype=weight.dtype)
    mean = mean + x.to(weight.dtype).mean((0, 2, 3))
    var = x.to(weight.dtype).var((0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "cpu_output",
    fails="device",
    hint="torch.zeros(...) and its like make a tensor on the CPU unless they are told a device, and on "
    "a GPU an operation on it and a tensor of x's device raises an error. Say device=x.device, or "
    "start from x: x.new_zeros(...).",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Adds the shift to a tensor on the CPU, in place."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    shift = torch.zeros(x.shape[1], dtype=weight.dtype)
    shift += bias - mean * weight * inv_std
    y = torch.addcmul(shift[:, None, None], x.to(weight.dtype), (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "made_on_the_cpu",
    fails="device",
    hint="A tensor is made on the CPU and copied to x's device at each call. Make it there at once: "
    "torch.zeros(..., device=x.device), x.new_zeros(...).",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Makes zeros on the CPU and copies them over."""
    count = x.numel() // x.shape[1]
    mean = torch.zeros(x.shape[1], dtype=weight.dtype).to(x.device)
    mean = mean + x.to(weight.dtype).mean((0, 2, 3))
    var = x.to(weight.dtype).var((0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "result_on_the_cpu",
    fails="device host_sync",
    hint="The work is done on the CPU, and y stays there. The host waits for the copy, and the next "
    "layer does not find y on its device. Leave everything where x is.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Copies x to the CPU and stays there."""
    x_cpu, weight_cpu, bias_cpu = x.cpu(), weight.cpu(), bias.cpu()
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x_cpu.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.copy_(torch.lerp(running_mean.cpu(), mean, momentum))
        new = var * count / (count - 1)
        running_var.copy_(torch.lerp(running_var.cpu(), new, momentum))
    inv_std = torch.rsqrt(var + eps)
    centred = x_cpu.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias_cpu[:, None, None], centred, (weight_cpu * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "to_the_host_and_back",
    fails="device host_sync",
    hint="Statistics travel to the host and back. The host waits for every operation before them, "
    "and the device for the host. Work them out on the device.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Takes the root on the CPU."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = (1 / torch.sqrt(var.cpu() + eps)).to(x.device)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "numpy_statistics",
    fails="host_sync",
    hint="Tensors become NumPy arrays, which lie on the host: it waits for the copy. Use torch's "
    "functions, which run where the tensor is.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Takes the root in NumPy."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    root = np.sqrt(var.detach().numpy() + eps)
    inv_std = torch.from_numpy(1 / root).to(x.device, weight.dtype)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "asks_for_a_number",
    fails="host_sync",
    hint="A number is taken out of a tensor, by .item(), float() or the like, and the host waits for "
    "the device to know it. Leave it in a tensor.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Adds eps to the least variance by way of a number."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    var = var.clamp(min=min(0.0, var.min().item()))
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "tensor_in_an_if",
    fails="host_sync",
    hint="A tensor stands in an `if` (or `assert`, `and`, `not`): Python must know its value, so the "
    "host waits for the device. Drop the test, or choose with torch.where.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Checks that the variance is a number."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    if torch.isnan(var).any():
        raise ValueError("x is no number")
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "compares_on_the_host",
    fails="host_sync",
    hint="torch.allclose or torch.equal gives Python a truth value, for which the host waits. Leave "
    "such tests to tests.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Skips the shift where bias is 0."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    y = (x.to(weight.dtype) - mean[:, None, None]) * (weight * inv_std)[:, None, None]
    if not torch.allclose(bias, torch.zeros_like(bias)):
        y = y + bias[:, None, None]
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "selects_channels",
    fails="host_sync",
    hint="A mask as an index, or nonzero, gives a tensor whose size depends on values: the host "
    "waits to learn it. Choose with torch.where; eps covers a variance of 0.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Treats the channels that vary apart from those that do not."""
    count = x.numel() // x.shape[1]
    var, mean = torch.var_mean(x.to(weight.dtype), dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.full_like(var, eps**-0.5)
    varies = (var > 0).nonzero()[:, 0]
    inv_std = inv_std.index_copy(0, varies, torch.rsqrt(var[varies] + eps))
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "loops_over_channels",
    fails="channel_loop",
    hint="A Python loop treats one channel at a time: 64 channels are 64 times the launches, each too "
    "small for a GPU. Reduce over axes 0, 2 and 3 at once, and broadcast (C,) tensors as [:, None, "
    "None].",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Fills y channel by channel."""
    count = x.numel() // x.shape[1]
    y, means, scales = torch.empty_like(x), [], []
    with torch.no_grad():
        for c in range(x.shape[1]):
            channel = x[:, c].to(weight.dtype)
            var, mean = torch.var_mean(channel, correction=0)
            running_mean[c].lerp_(mean, momentum)
            running_var[c].lerp_(var * count / (count - 1), momentum)
            means.append(mean)
            scales.append(torch.rsqrt(var + eps))
            y[:, c] = torch.addcmul(bias[c], channel - mean, weight[c] * scales[c])
    return y, (x, torch.stack(means), torch.stack(scales))


@mistake(
    "loops_for_statistics",
    fails="channel_loop",
    hint="A list or a loop over channels sends operations for each of them: four times the channels are "
    "four times the launches. One reduction over axes 0, 2 and 3 gives a (C,) tensor with all channels "
    "in it.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Works the statistics out channel by channel."""
    count = x.numel() // x.shape[1]
    channels = x.to(weight.dtype).unbind(1)
    mean = torch.stack([channel.mean() for channel in channels])
    var = torch.stack([channel.var(correction=0) for channel in channels])
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    centred = x.to(weight.dtype) - mean[:, None, None]
    y = torch.addcmul(bias[:, None, None], centred, (weight * inv_std)[:, None, None])
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "four_steps_over_x",
    fails="passes",
    hint="x_hat is written out, and weight and bias are applied to it one after the other: four "
    "operations over x where two do. weight * inv_std is a (C,) tensor: multiply once.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Centres, divides, scales and shifts, each over all of x."""
    count = x.numel() // x.shape[1]
    wide = x.to(weight.dtype)
    mean, var = wide.mean((0, 2, 3)), wide.var((0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    x_hat = (wide - mean[:, None, None]) * inv_std[:, None, None]
    y = x_hat * weight[:, None, None] + bias[:, None, None]
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "squares_written_out",
    fails="passes",
    hint="The squares are written out to be averaged, which moves x three times where one reduction "
    "reads it once: torch.var_mean, or torch.var with correction=0.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Writes the deviations and their squares out, as one would in NumPy."""
    count = x.numel() // x.shape[1]
    wide = x.to(weight.dtype)
    mean = wide.mean((0, 2, 3))
    centred = wide - mean[:, None, None]
    var = (centred * centred).mean((0, 2, 3))
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    y = centred * (weight * inv_std)[:, None, None] + bias[:, None, None]
    return y.to(x.dtype), (x, mean, inv_std)


@mistake(
    "expanded_vectors",
    fails="passes",
    hint="Vectors are written out to the size of x before they are used. Broadcasting reads (C,) "
    "tensors as they are: write [:, None, None], or reshape to (1, C, 1, 1).",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Repeats scale and shift for every element."""
    count = x.numel() // x.shape[1]
    wide = x.to(weight.dtype)
    var, mean = torch.var_mean(wide, dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    scale = torch.zeros_like(wide) + (weight * inv_std)[:, None, None]
    shift = torch.zeros_like(wide) + (bias - mean * weight * inv_std)[:, None, None]
    return (wide * scale + shift).to(x.dtype), (x, mean, inv_std)


@mistake(
    "rows_of_channels",
    fails="layout dense_copy passes",
    hint="x is brought to rows of one channel each, which copies all of it, and so is y back. Reduce "
    "over axes 0, 2 and 3 of x as it lies.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Reshapes x to (C, N * H * W), and back."""
    n, c, h, w = x.shape
    count = x.numel() // c
    rows = x.transpose(0, 1).reshape(c, -1).to(weight.dtype)
    var, mean = torch.var_mean(rows, dim=1, correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    y = torch.addcmul(bias[:, None], rows - mean[:, None], (weight * inv_std)[:, None])
    return y.reshape(c, n, h, w).transpose(0, 1).contiguous().to(x.dtype), (x, mean, inv_std)


@mistake(
    "copied_and_laid_out_again",
    fails="dense_copy",
    hint="A channels_last x is copied to the usual layout, and y back to x's. Reductions and "
    "arithmetic work on any layout, and keep it.",
)
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Makes x contiguous, and gives y the layout of x at the end."""
    count = x.numel() // x.shape[1]
    wide = x.contiguous().to(weight.dtype)
    var, mean = torch.var_mean(wide, dim=(0, 2, 3), correction=0)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / (count - 1), momentum)
    inv_std = torch.rsqrt(var + eps)
    shift = bias - mean * weight * inv_std
    y = torch.addcmul(shift[:, None, None], wide, (weight * inv_std)[:, None, None])
    last = x.is_contiguous(memory_format=torch.channels_last)
    y = y.contiguous(memory_format=torch.channels_last) if last else y.contiguous()
    return y.to(x.dtype), (x, mean, inv_std)
