"""Mistakes of ex10_gpu in backward_sums."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import numpy as np
import torch

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "sums_exchanged",
    fails="sums replicas",
    hint="The two sums are returned the other way round: first that of dy, then that of dy * "
    "x_hat.",
)
def backward_sums(dy, saved):
    """Returns them the other way round."""
    x, mean, inv_std = saved
    centred = x.to(mean.dtype) - mean[:, None, None]
    sum_dy = dy.sum((0, 2, 3), dtype=mean.dtype)
    return (dy * centred).sum((0, 2, 3)) * inv_std, sum_dy


@mistake(
    "sums_averaged",
    fails="sums replicas",
    hint="The sums are divided by the number of samples. They are sums: each replica adds its "
    "own, and the division by the count of all comes after.",
)
def backward_sums(dy, saved):
    """Averages."""
    x, mean, inv_std = saved
    centred = x.to(mean.dtype) - mean[:, None, None]
    mean_dy = dy.mean((0, 2, 3), dtype=mean.dtype)
    return mean_dy, (dy * centred).mean((0, 2, 3)) * inv_std


@mistake(
    "inv_std_missing",
    fails="sums replicas",
    hint="dy is multiplied by x - mean, which is not yet x_hat. The sum must be multiplied by "
    "inv_std.",
)
def backward_sums(dy, saved):
    """Sums dy times the deviations."""
    x, mean, inv_std = saved
    centred = x.to(mean.dtype) - mean[:, None, None]
    return dy.sum((0, 2, 3), dtype=mean.dtype), (dy * centred).sum((0, 2, 3))


@mistake(
    "not_centred",
    fails="sums replicas",
    hint="dy is multiplied by x and not by x_hat: the mean was not taken away.",
)
def backward_sums(dy, saved):
    """Sums dy times x."""
    x, mean, inv_std = saved
    return dy.sum((0, 2, 3), dtype=mean.dtype), (dy * x.to(mean.dtype)).sum((0, 2, 3)) * inv_std


@mistake(
    "own_statistics",
    fails="sums replicas",
    hint="The statistics are worked out again from x. They are given in saved, and are those "
    "of all replicas, not of this one.",
)
def backward_sums(dy, saved):
    """Works the statistics out again."""
    x, mean, inv_std = saved
    var, own = torch.var_mean(x.to(mean.dtype), dim=(0, 2, 3), correction=0)
    centred = x.to(mean.dtype) - own[:, None, None]
    sum_dy = dy.sum((0, 2, 3), dtype=mean.dtype)
    return sum_dy, (dy * centred).sum((0, 2, 3)) * torch.rsqrt(var + 1e-5)


@mistake(
    "divided_by_inv_std",
    fails="sums replicas",
    hint="The sum is divided by inv_std, which is one over the standard deviation already: "
    "multiply.",
)
def backward_sums(dy, saved):
    """Divides by inv_std."""
    x, mean, inv_std = saved
    centred = x.to(mean.dtype) - mean[:, None, None]
    return dy.sum((0, 2, 3), dtype=mean.dtype), (dy * centred).sum((0, 2, 3)) / inv_std


@mistake(
    "changes_dy",
    fails="sums",
    hint="dy is multiplied in place, and dy is its caller's: others may need it. Compute in a "
    "new tensor.",
)
def backward_sums(dy, saved):
    """Multiplies dy in place where dtypes allow it."""
    x, mean, inv_std = saved
    sum_dy = dy.sum((0, 2, 3), dtype=mean.dtype)
    centred = x.to(mean.dtype) - mean[:, None, None]
    if dy.dtype == mean.dtype == torch.float64 and dy.is_contiguous():
        product = dy.mul_(centred)
    else:
        product = dy * centred
    return sum_dy, product.sum((0, 2, 3)) * inv_std


@mistake(
    "sums_always_float32",
    fails="sums",
    hint="The sums are worked out in float32 even where dy is float64, which costs half of its digits. "
    "Convert to mean's dtype.",
)
def backward_sums(dy, saved):
    """Converts everything to float32, whatever it was."""
    x, mean, inv_std = (value.float() for value in saved)
    product = (x - mean[:, None, None]) * dy.float()
    return dy.float().sum((0, 2, 3)), product.sum((0, 2, 3)) * inv_std


@mistake(
    "half_products",
    fails="backward_half",
    hint="Products of dy and x are taken in half precision, and x - mean loses digits with a "
    "large mean. Convert before you multiply.",
)
def backward_sums(dy, saved):
    """Multiplies in half precision, sums in float32."""
    x, mean, inv_std = saved
    sum_dy = dy.sum((0, 2, 3), dtype=mean.dtype)
    product = dy * (x - mean.to(x.dtype)[:, None, None])
    return sum_dy, product.sum((0, 2, 3), dtype=mean.dtype) * inv_std


@mistake(
    "half_sums",
    fails="backward_half",
    hint="The sums are in half precision, where adding a small number to a large one does "
    "nothing. Sum in the dtype of mean.",
)
def backward_sums(dy, saved):
    """Returns both sums in dy's dtype."""
    x, mean, inv_std = saved
    product = dy * (x.to(mean.dtype) - mean[:, None, None]).to(x.dtype)
    return dy.sum((0, 2, 3)), product.sum((0, 2, 3)) * inv_std.to(x.dtype)


@mistake(
    "sum_dy_in_half",
    fails="backward_half",
    hint="sum_dy comes out in half precision. dy.sum takes dy's dtype; say dtype=mean.dtype, "
    "or convert first.",
)
def backward_sums(dy, saved):
    """Sums dy in its own dtype."""
    x, mean, inv_std = saved
    centred = x.to(mean.dtype) - mean[:, None, None]
    return dy.sum((0, 2, 3)), (dy * centred).sum((0, 2, 3)) * inv_std


@mistake(
    "sums_view",
    fails="backward_layout backward_habits",
    hint="`view` asks for a layout that dy and x need not have, and raises an error where they "
    "have another. Reduce over axes 0, 2 and 3 instead.",
)
def backward_sums(dy, saved):
    """Views dy and x as rows."""
    x, mean, inv_std = saved
    n, c, h, w = x.shape
    dys, xs = (t.view(n * c, h * w).view(n, c, h * w) for t in (dy, x))
    centred = xs.to(mean.dtype) - mean[:, None]
    return dys.sum((0, 2), dtype=mean.dtype), (dys * centred).sum((0, 2)) * inv_std


@mistake(
    "sums_on_the_cpu",
    fails="backward_habits",
    hint="In backward_sums a tensor made on the CPU meets tensors on another device. Make it "
    "where x is.",
)
def backward_sums(dy, saved):
    """Starts the sums on the CPU."""
    x, mean, inv_std = saved
    centred = x.to(mean.dtype) - mean[:, None, None]
    sum_dy = torch.zeros(x.shape[1], dtype=mean.dtype)
    sum_dy = sum_dy + dy.sum((0, 2, 3), dtype=mean.dtype)
    return sum_dy, (dy * centred).sum((0, 2, 3)) * inv_std


@mistake(
    "sums_as_numbers",
    fails="backward_habits",
    hint="backward_sums takes numbers out of tensors, by .item(), .tolist() or float(), and "
    "the host waits for each. Return the sums as tensors.",
)
def backward_sums(dy, saved):
    """Brings the sums to the host and makes tensors of them again."""
    x, mean, inv_std = saved
    centred = x.to(mean.dtype) - mean[:, None, None]
    sums = dy.sum((0, 2, 3), dtype=mean.dtype), (dy * centred).sum((0, 2, 3)) * inv_std
    return tuple(torch.tensor(s.tolist(), dtype=mean.dtype, device=x.device) for s in sums)


@mistake(
    "sums_in_numpy",
    fails="backward_habits",
    hint="backward_sums turns tensors into NumPy arrays, which lie on the host. Use torch's "
    "functions, which run where the tensor is.",
)
def backward_sums(dy, saved):
    """Sums in NumPy."""
    x, mean, inv_std = saved
    centred = x.to(mean.dtype) - mean[:, None, None]
    total = np.sum((dy * centred).detach().numpy(), axis=(0, 2, 3))
    sum_dy_x_hat = torch.from_numpy(total).to(x.device) * inv_std
    return dy.sum((0, 2, 3), dtype=mean.dtype), sum_dy_x_hat


@mistake(
    "sums_by_channel",
    fails="backward_habits",
    hint="backward_sums loops over the channels in Python. One sum over axes 0, 2 and 3 does "
    "them all.",
)
def backward_sums(dy, saved):
    """Sums channel by channel."""
    x, mean, inv_std = saved
    sums = []
    for c in range(x.shape[1]):
        dy_c, centred = dy[:, c].to(mean.dtype), x[:, c].to(mean.dtype) - mean[c]
        sums.append(torch.stack([dy_c.sum(), (dy_c * centred).sum() * inv_std[c]]))
    return torch.stack(sums).unbind(1)


@mistake(
    "sums_contiguous",
    fails="backward_habits",
    hint="backward_sums copies a channels_last tensor as a whole to make it contiguous. Sums "
    "and products work on any layout.",
)
def backward_sums(dy, saved):
    """Makes dy and x contiguous first."""
    x, mean, inv_std = saved
    dy, x = dy.contiguous(), x.contiguous()
    centred = x.to(mean.dtype) - mean[:, None, None]
    return dy.sum((0, 2, 3), dtype=mean.dtype), (dy * centred).sum((0, 2, 3)) * inv_std


@mistake(
    "sums_by_einsum",
    fails="backward_habits backward_passes",
    hint="An einsum of two images makes a matrix product of them, and copies both as a whole for it. "
    "Multiply them, and sum over axes 0, 2 and 3.",
)
def backward_sums(dy, saved):
    """Sums the products by einsum."""
    x, mean, inv_std = saved
    centred, wide = x.to(mean.dtype) - mean[:, None, None], dy.to(mean.dtype)
    sum_dy_centred = torch.einsum("nchw,nchw->c", wide, centred)
    return wide.sum((0, 2, 3)), sum_dy_centred * inv_std


@mistake(
    "x_hat_written_out",
    fails="backward_passes",
    hint="backward_sums writes x_hat out before it sums. inv_std is the same for a whole "
    "channel: multiply the sum by it.",
)
def backward_sums(dy, saved):
    """Writes x_hat out."""
    x, mean, inv_std = saved
    x_hat = (x.to(mean.dtype) - mean[:, None, None]) * inv_std[:, None, None]
    return dy.sum((0, 2, 3), dtype=mean.dtype), (dy * x_hat).sum((0, 2, 3))


@mistake(
    "sums_by_batch_norm_backward",
    fails="backward_habits",
    hint="The work is done by torch.native_batch_norm_backward. Here it is yours: two sums "
    "over each channel.",
)
def backward_sums(dy, saved):
    """Calls the operator of torch's own backward pass."""
    x, mean, inv_std = saved
    ones = torch.ones_like(mean)
    _, sum_dy_x_hat, sum_dy = torch.ops.aten.native_batch_norm_backward(
        dy, x, ones, None, None, mean, inv_std, True, 1e-5, [True, True, True]
    )
    return sum_dy, sum_dy_x_hat
