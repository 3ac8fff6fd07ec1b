"""Right but unusual code for ex10_gpu; all of it must get full marks."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import torch

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
variant = CATALOGUE.variant


@variant("autocast_off")
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Takes the mean by a matrix product, which outside of autocast is in float32."""
    with torch.autocast(x.device.type, enabled=False):
        rows = x.to(weight.dtype).mean((0, 2))
        mean = torch.matmul(rows, torch.full_like(rows[0], 1 / x.shape[3]))
        unbiased = x.to(weight.dtype).var(dim=(0, 2, 3))
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(mean, alpha=momentum)
            running_var.mul_(1 - momentum).add_(unbiased, alpha=momentum)
        inv_std = (unbiased * (1 - x.shape[1] / x.numel()) + eps).rsqrt()
        scale = (weight * inv_std).view(-1, 1, 1)
        y = (x - mean.view(-1, 1, 1)) * scale + bias.view(-1, 1, 1)
        return y.to(x.dtype), (x, mean, inv_std)


@variant("plain_folded")
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Uses mean, var, a product and a sum; returns lists; records no gradients."""
    with torch.no_grad():
        mean = x.to(weight.dtype).mean(dim=(0, 2, 3))
        var = x.to(weight.dtype).var(dim=(0, 2, 3), unbiased=False)
        unbiased = x.to(weight.dtype).var(dim=(0, 2, 3), unbiased=True)
        running_mean.copy_((1 - momentum) * running_mean + momentum * mean)
        running_var.copy_((1 - momentum) * running_var + momentum * unbiased)
        inv_std = 1 / torch.sqrt(var + eps)
        scale = weight * inv_std
        y = x * scale.reshape(-1, 1, 1) + (bias - mean * scale).reshape(-1, 1, 1)
        return [y.to(x.dtype), [x, mean, inv_std]]


@variant("into_memory")
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Writes y straight to memory laid out like x, with no float32 tensor of its size for it."""
    with torch.no_grad():
        var, mean = torch.var_mean(x.to(weight.dtype), [0, 2, 3], correction=1)
        running_mean += momentum * (mean - running_mean)
        running_var += momentum * (var - running_var)
        share = 1 - x.shape[1] / x.numel()
        inv_std = torch.rsqrt(share * var + eps)
        scale = (weight * inv_std)[None, :, None, None]
        shift = bias - mean * weight * inv_std
        y = torch.empty_like(x)
        torch.addcmul(shift[None, :, None, None], x, scale, out=y)
        return y, (x.detach(), mean, inv_std)


@variant("flattened")
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Joins height and width, which is a view wherever that can be one."""
    flat = x.flatten(2).to(weight.dtype)
    std, mean = torch.std_mean(flat, dim=(0, 2), correction=0, keepdim=True)
    inv_std = torch.rsqrt(std.flatten() ** 2 + eps)
    running_mean.lerp_(mean.detach().flatten(), momentum)
    running_var.lerp_(flat.detach().var((0, 2)), momentum)
    flat = torch.addcmul(bias[:, None], flat - mean, (weight * inv_std)[:, None])
    return flat.unflatten(2, x.shape[2:]).to(x.dtype), (x, mean.flatten(), inv_std)


@variant("sum_and_norm")
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Takes the mean by sum, the variance by a norm."""
    count = x.numel() // x.shape[1]
    mean = x.sum((0, 2, 3), dtype=weight.dtype) / count
    centred = x - mean.view(-1, 1, 1)
    squares = torch.linalg.vector_norm(centred, dim=(0, 2, 3)).square()
    running_mean.lerp_(mean.detach(), momentum)
    running_var.lerp_(squares.detach() / (count - 1), momentum)
    inv_std = (squares / count + eps) ** -0.5
    y = torch.addcmul(bias.view(-1, 1, 1), centred, (weight * inv_std).view(-1, 1, 1))
    return y.to(x.dtype), (x, mean, inv_std)


@variant("compilable")
def batchnorm_train(x, weight, bias, running_mean, running_var, momentum=0.1, eps=1e-5):
    """Is written for torch.compile: a chain of operations with no branch on values."""
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    var, mean = torch.var_mean(wide, dim=[0, 2, 3], correction=0)
    inv_std = torch.rsqrt(var + eps)
    running_mean.copy_(torch.lerp(running_mean, mean.detach(), momentum))
    new = wide.detach().var([0, 2, 3], correction=1)
    running_var.copy_(torch.lerp(running_var, new, momentum))
    y = (wide - mean[:, None, None]) * (weight * inv_std)[:, None, None] + bias[:, None, None]
    return y.type_as(x), (x, mean, inv_std)


@variant("sums_in_wide")
def backward_sums(dy, saved):
    """Converts first, and sums under no_grad outside of autocast."""
    x, mean, inv_std = saved
    with torch.no_grad(), torch.autocast(device_type=dy.device.type, enabled=False):
        product = (x - mean.reshape(1, -1, 1, 1)).mul_(dy)
        return dy.to(mean.dtype).sum(dim=[0, 2, 3]), inv_std * product.sum(dim=[0, 2, 3])


@variant("sums_corrected_afterwards")
def backward_sums(dy, saved):
    """Sums dy * (x - near), near x in each channel, and takes the rest of the mean away."""
    x, mean, inv_std = saved
    near = x[0, :, 0, 0] + torch.zeros_like(mean)
    sum_dy = dy.sum((0, 2, 3), dtype=mean.dtype)
    product = (x - near[:, None, None]) * dy
    return sum_dy, (product.sum((0, 2, 3)) - (mean - near) * sum_dy) * inv_std


@variant("sums_with_own_axes")
def backward_sums(dy, saved):
    """Lists the axes, and stacks the sums."""
    axes = [axis for axis in range(dy.ndim) if axis != 1]
    product = torch.sub(saved[0], saved[1][:, None, None]) * dy
    sums = torch.stack([dy.sum(axes, dtype=saved[1].dtype), product.sum(axes)])
    return sums[0], sums[1] * saved[2]


@variant("three_terms")
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Folds dx into a * dy + k * x + c, with three (C,) tensors."""
    x, mean, inv_std = saved
    a = weight * inv_std
    k = -a * inv_std * sum_dy_x_hat / count
    c = -a * sum_dy / count - k * mean
    a, k, c = (t[:, None, None] for t in (a, k, c))
    return (torch.addcmul(c, x, k) + a * dy).to(x.dtype)


@variant("into_memory_like_x")
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Works in one tensor laid out like x, by addcmul."""
    with torch.no_grad():
        x, mean, inv_std = saved
        scale = weight * inv_std
        slope = scale * inv_std * (sum_dy_x_hat / count)
        shift = slope * mean - scale * (sum_dy / count)
        dx = torch.empty_like(x, dtype=mean.dtype)
        torch.addcmul(shift[:, None, None], x, -slope[:, None, None], out=dx)
        return dx.addcmul_(dy, scale[:, None, None]).to(x.dtype)


@variant("on_a_transpose")
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Works in place on a tensor that begins as x, its channels turned to the last axis."""
    x, mean, inv_std = saved
    inside = (mean - x.transpose(1, 3)).mul_(inv_std * sum_dy_x_hat / count)
    inside += (dy - (sum_dy / count)[:, None, None]).transpose(1, 3)
    return inside.mul_(weight * inv_std).transpose(1, 3).to(x.dtype)


@variant("pair_by_pair")
def merge_statistics(counts, means, variances):
    """Merges one replica after the other by Chan's formula."""
    count = torch.zeros_like(counts[0])
    mean, var = torch.zeros_like(means[0]), torch.zeros_like(means[0])
    for n, m, v in zip(counts, means, variances, strict=True):
        count = count + n
        share = n / count.clamp(min=1)
        delta = torch.where(n > 0, m - mean, 0)
        mean = mean + share * delta
        var = torch.where(n > 0, torch.lerp(var, v, share), var) + share * (1 - share) * delta**2
    return count, mean, var


@variant("from_the_largest")
def merge_statistics(counts, means, variances):
    """Shifts by the largest replica's means, so that mean squares cancel little."""
    share = (counts.double() / counts.sum()).to(means.dtype)[:, None]
    origin = means.index_select(0, counts.argmax(dim=0, keepdim=True))
    near = torch.nan_to_num(means - origin)
    mean = torch.einsum("rc,rk->c", near, share)
    var = (share * (torch.nan_to_num(variances) + near * near)).sum(dim=0) - mean * mean
    return counts.sum(dtype=torch.int64), origin[0] + mean, var.clamp(min=0)


@variant("masked_in_place")
def merge_statistics(counts, means, variances):
    """Puts 0 where a replica is empty, in copies, and merges sums and squared deviations."""
    means, variances = means.clone(), variances.clone()
    means[counts == 0] = 0
    variances.masked_fill_((counts == 0)[:, None], 0)
    count, weights = torch.sum(counts), counts.to(means.dtype)[:, None]
    mean = (means * weights).sum(0) / count
    return count, mean, ((variances + (means - mean) ** 2) * weights).sum(0) / count
