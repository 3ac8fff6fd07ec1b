"""Mistakes of ex10_gpu in backward_input."""
# ruff: noqa: F811  (each entry has the name that the exercise asks for)

import torch

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "own_count",
    fails="dx replicas",
    hint="The sums are divided by the samples of this replica. They are sums over all "
    "replicas: divide by count.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Divides by the samples of this replica."""
    x, mean, inv_std = saved
    count = x.numel() // x.shape[1]
    along = (x.to(mean.dtype) - mean[:, None, None]) * (-sum_dy_x_hat * inv_std / count)[
        :, None, None
    ]
    dx = (along + (dy - (sum_dy / count)[:, None, None])) * (weight * inv_std)[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "own_sums",
    fails="dx backward_passes replicas",
    hint="The sums are worked out again from this replica's dy. They are given, summed over "
    "all replicas.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Sums dy again."""
    x, mean, inv_std = saved
    centred = x.to(mean.dtype) - mean[:, None, None]
    sum_dy = dy.sum((0, 2, 3), dtype=mean.dtype)
    sum_dy_x_hat = (dy * centred).sum((0, 2, 3)) * inv_std
    along = centred * (-sum_dy_x_hat * inv_std / count)[:, None, None]
    dx = (along + (dy - (sum_dy / count)[:, None, None])) * (weight * inv_std)[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "statistics_as_constants",
    fails="dx replicas",
    hint="Neither sum is used: mean and variance are treated as constants. Both depend on "
    "every sample.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Treats mean and variance as constants."""
    x, mean, inv_std = saved
    dx = torch.empty_like(x)
    return torch.mul(dy, (weight * inv_std)[:, None, None], out=dx)


@mistake(
    "no_mean_path",
    fails="dx replicas",
    hint="sum_dy is not used: the mean depends on every sample too. Subtract sum_dy / count.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Leaves the path through the mean out."""
    x, mean, inv_std = saved
    along = (x.to(mean.dtype) - mean[:, None, None]) * (-sum_dy_x_hat * inv_std / count)[
        :, None, None
    ]
    dx = (along + dy) * (weight * inv_std)[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "no_variance_path",
    fails="dx replicas",
    hint="sum_dy_x_hat is not used: the variance depends on every sample too. Subtract x_hat * "
    "sum_dy_x_hat / count.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Leaves the path through the variance out."""
    x, mean, inv_std = saved
    dx = torch.empty_like(x, dtype=mean.dtype)
    torch.sub(dy, (sum_dy / count)[:, None, None], out=dx)
    return dx.mul_((weight * inv_std)[:, None, None]).to(x.dtype)


@mistake(
    "slope_without_inv_std",
    fails="dx replicas",
    hint="x_hat is taken for x - mean in the last term: one inv_std is missing there.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Forgets inv_std in x_hat."""
    x, mean, inv_std = saved
    along = (x.to(mean.dtype) - mean[:, None, None]) * (-sum_dy_x_hat / count)[:, None, None]
    dx = (along + (dy - (sum_dy / count)[:, None, None])) * (weight * inv_std)[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "variance_path_added",
    fails="dx replicas",
    hint="The term with sum_dy_x_hat has the wrong sign: it is subtracted.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Adds the path through the variance."""
    x, mean, inv_std = saved
    along = (x.to(mean.dtype) - mean[:, None, None]) * (sum_dy_x_hat * inv_std / count)[
        :, None, None
    ]
    dx = (along + (dy - (sum_dy / count)[:, None, None])) * (weight * inv_std)[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "input_without_weight",
    fails="dx replicas",
    hint="weight is left out. It enters dx once, as a factor of all of it.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Leaves weight out."""
    x, mean, inv_std = saved
    along = (x.to(mean.dtype) - mean[:, None, None]) * (-sum_dy_x_hat * inv_std / count)[
        :, None, None
    ]
    dx = (along + (dy - (sum_dy / count)[:, None, None])) * inv_std[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "input_without_inv_std",
    fails="dx replicas",
    hint="The outer inv_std is left out. All of dx is multiplied by weight * inv_std.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Leaves the outer inv_std out."""
    x, mean, inv_std = saved
    along = (x.to(mean.dtype) - mean[:, None, None]) * (-sum_dy_x_hat * inv_std / count)[
        :, None, None
    ]
    dx = (along + (dy - (sum_dy / count)[:, None, None])) * weight[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "weight_in_the_sums",
    fails="dx replicas",
    hint="weight multiplies the two sums once more. It is outside the brackets only: the sums "
    "are of dy, not of weight * dy.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Multiplies the sums by weight."""
    x, mean, inv_std = saved
    slope = weight * sum_dy_x_hat * inv_std / count
    along = (x.to(mean.dtype) - mean[:, None, None]) * -slope[:, None, None]
    shift = (weight * sum_dy / count)[:, None, None]
    return ((along + (dy - shift)) * (weight * inv_std)[:, None, None]).to(x.dtype)


@mistake(
    "sums_not_divided",
    fails="dx replicas",
    hint="The sums are not divided by count.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Forgets to divide by count."""
    x, mean, inv_std = saved
    along = (x.to(mean.dtype) - mean[:, None, None]) * (-sum_dy_x_hat * inv_std)[:, None, None]
    dx = (along + (dy - sum_dy[:, None, None])) * (weight * inv_std)[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "unbiased_gradient",
    fails="dx replicas",
    hint="The sum of dy * x_hat is divided by count - 1. Training normalizes with the biased "
    "variance, so both sums are divided by count.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Divides one sum by count - 1."""
    x, mean, inv_std = saved
    along = (x.to(mean.dtype) - mean[:, None, None]) * (-sum_dy_x_hat * inv_std / (count - 1))[
        :, None, None
    ]
    dx = (along + (dy - (sum_dy / count)[:, None, None])) * (weight * inv_std)[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "input_changes_sums",
    fails="dx replicas",
    hint="The sums that were passed in are divided in place: the next replica gets them "
    "divided twice. Compute in a new tensor.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Divides the sums in place."""
    x, mean, inv_std = saved
    sum_dy /= count
    along = (x.to(mean.dtype) - mean[:, None, None]) * (-sum_dy_x_hat * inv_std / count)[
        :, None, None
    ]
    dx = (along + (dy - sum_dy[:, None, None])) * (weight * inv_std)[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "inverse_of_an_integer",
    fails="dx",
    hint="1 / count of an integer tensor is float32, whatever dx is, and only half of float64's digits "
    "are left. Divide the (C,) tensors by count.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Works out 1 / count first, which is float32."""
    x, mean, inv_std = saved
    share = 1 / count
    slope = (-sum_dy_x_hat * inv_std * share)[:, None, None]
    along = (x.to(mean.dtype) - mean[:, None, None]) * slope
    dx = (along + (dy - (sum_dy * share)[:, None, None])) * (weight * inv_std)[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "input_always_float32",
    fails="dx",
    hint="dx is worked out in float32 even where x is float64, which costs half of its digits. Convert "
    "to mean's dtype.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Converts everything to float32, whatever it was."""
    x, mean, inv_std = (value.float() for value in saved)
    slope = (-sum_dy_x_hat.float() * inv_std / count)[:, None, None]
    shift = (sum_dy.float() / count)[:, None, None]
    along = (x - mean[:, None, None]) * slope
    dx = (along + (dy.float() - shift)) * (weight.float() * inv_std)[:, None, None]
    return dx.to(saved[0].dtype)


@mistake(
    "wide_gradient",
    fails="backward_half",
    hint="dx comes out in float32 where x is in half precision. A gradient has the dtype of "
    "what it belongs to.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Returns dx in float32."""
    x, mean, inv_std = saved
    along = (x.to(mean.dtype) - mean[:, None, None]) * (-sum_dy_x_hat * inv_std / count)[
        :, None, None
    ]
    return (along + (dy - (sum_dy / count)[:, None, None])) * (weight * inv_std)[:, None, None]


@mistake(
    "gradient_in_half",
    fails="backward_half",
    hint="The (C,) tensors are rounded to half precision before dx is worked out. Work in "
    "float32, and round once at the end.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Rounds everything to x's dtype first."""
    x, mean, inv_std = saved
    mean, slope, shift, scale = (
        t.to(x.dtype)[:, None, None]
        for t in (mean, -sum_dy_x_hat * inv_std / count, sum_dy / count, weight * inv_std)
    )
    return ((x - mean) * slope + (dy - shift)) * scale


@mistake(
    "rounded_on_the_way",
    fails="backward_half",
    hint="What is kept between two operations is in half precision, so that dx is rounded twice or more "
    "often. Keep it in float32, and round once at the end.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Collects dx in memory of x's dtype."""
    with torch.no_grad():
        x, mean, inv_std = saved
        scale = weight * inv_std
        slope = scale * inv_std * (sum_dy_x_hat / count)
        shift = slope * mean - scale * (sum_dy / count)
        dx = torch.empty_like(x)
        torch.addcmul(shift[:, None, None], x, -slope[:, None, None], out=dx)
        return dx.addcmul_(dy, scale[:, None, None])


@mistake(
    "layout_of_dy",
    fails="backward_layout",
    hint="dx has the layout of dy. It belongs to x, so it has x's: arithmetic takes the layout "
    "of its first operand, torch.empty_like(x) that of x.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Begins with dy, so that dx is laid out like dy."""
    x, mean, inv_std = saved
    slope = (-sum_dy_x_hat * inv_std / count)[:, None, None]
    dx = (dy - (sum_dy / count)[:, None, None]).add_(
        (x.to(mean.dtype) - mean[:, None, None]) * slope
    )
    return (dx * (weight * inv_std)[:, None, None]).to(x.dtype)


@mistake(
    "contiguous_gradient",
    fails="backward_layout backward_habits",
    hint="dx is made contiguous, whatever the layout of x. The layer before gets a gradient "
    "that it has to copy.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Makes dx contiguous."""
    x, mean, inv_std = saved
    slope = (-sum_dy_x_hat * inv_std / count)[:, None, None]
    along = (x.to(mean.dtype) - mean[:, None, None]) * slope
    dx = (along + (dy - (sum_dy / count)[:, None, None])) * (weight * inv_std)[:, None, None]
    return dx.contiguous().to(x.dtype)


@mistake(
    "count_as_number",
    fails="backward_habits",
    hint="In backward_input count is turned into a number, by .item(), int() or float(), and "
    "the host waits for it. A tensor without dimensions divides as well.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Turns count into a number."""
    x, mean, inv_std = saved
    count = count.item()
    along = (x.to(mean.dtype) - mean[:, None, None]) * (-sum_dy_x_hat * inv_std / count)[
        :, None, None
    ]
    dx = (along + (dy - (sum_dy / count)[:, None, None])) * (weight * inv_std)[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "count_in_an_if",
    fails="backward_habits",
    hint="In backward_input a tensor stands in an `if`, for which the host waits. Drop the "
    "test: count is at least 2.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Looks whether there is anything to divide by."""
    x, mean, inv_std = saved
    if count == 0:
        return torch.zeros_like(x)
    along = (x.to(mean.dtype) - mean[:, None, None]) * (-sum_dy_x_hat * inv_std / count)[
        :, None, None
    ]
    dx = (along + (dy - (sum_dy / count)[:, None, None])) * (weight * inv_std)[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "input_by_channel",
    fails="backward_habits",
    hint="backward_input loops over the channels in Python. Broadcast (C,) tensors as [:, "
    "None, None].",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Fills dx channel by channel."""
    x, mean, inv_std = saved
    dx, slope, shift = torch.empty_like(x), sum_dy_x_hat * inv_std / count, sum_dy / count
    for c in range(x.shape[1]):
        centred, dy_c = x[:, c].to(mean.dtype) - mean[c], dy[:, c].to(mean.dtype)
        inside = torch.addcmul(dy_c - shift[c], centred, -slope[c])
        dx[:, c] = inside * (weight[c] * inv_std[c])
    return dx


@mistake(
    "input_on_the_cpu",
    fails="backward_habits",
    hint="In backward_input a tensor made on the CPU meets tensors on another device. Make it "
    "where x is: torch.zeros_like(x).",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Collects dx in zeros on the CPU."""
    x, mean, inv_std = saved
    slope = torch.zeros(x.shape[1], dtype=mean.dtype) - sum_dy_x_hat * inv_std / count
    along = (x.to(mean.dtype) - mean[:, None, None]) * slope[:, None, None]
    dx = (along + (dy - (sum_dy / count)[:, None, None])) * (weight * inv_std)[:, None, None]
    return dx.to(x.dtype)


@mistake(
    "x_hat_times_sum",
    fails="backward_passes",
    hint="backward_input writes x_hat out, and then multiplies it again. sum_dy_x_hat * "
    "inv_std / count is a (C,) tensor: multiply x - mean by it once.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Works with x_hat, written out."""
    x, mean, inv_std = saved
    x_hat = (x.to(mean.dtype) - mean[:, None, None]) * inv_std[:, None, None]
    inside = -x_hat * (sum_dy_x_hat / count)[:, None, None] + (dy - (sum_dy / count)[:, None, None])
    return (inside * (weight * inv_std)[:, None, None]).to(x.dtype)


@mistake(
    "count_times_dy",
    fails="backward_passes",
    hint="backward_input multiplies all of dy by count, to divide by it at the end. Divide the "
    "(C,) sums by count.",
)
def backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count):
    """Uses the form with count * dy."""
    x, mean, inv_std = saved
    x_hat = (x.to(mean.dtype) - mean[:, None, None]) * inv_std[:, None, None]
    inside = -x_hat * sum_dy_x_hat[:, None, None] + (
        dy.to(mean.dtype) * count - sum_dy[:, None, None]
    )
    return (inside * (weight * inv_std / count)[:, None, None]).to(x.dtype)
