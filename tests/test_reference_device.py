"""The reference of the GPU exercise against torch, which no one here wrote.

1. In float64: output, running statistics and gradients over random shapes and layouts, to 1e-12.
2. In half precision: against float64 on the numbers that were stored.
3. Several replicas together against the whole batch; an empty one among them.
4. The habits that the exercise asks for: layouts, passes, and that torch.compile takes it whole.
"""

import numpy as np
import pytest
import torch

from autograder.checks.tensors import audited, laid_out, layout_kept, stored
from autograder.reference.device import (
    backward_input,
    backward_sums,
    batchnorm_train,
    merge_statistics,
)

LAYOUTS = ("contiguous", "channels_last", "transposed", "sliced")


def draw(seed, dtype=torch.float64):
    """Return x, dy of random shapes and layouts, weight and bias."""
    rng = np.random.default_rng(seed)
    n, c, h, w = rng.integers(1, 6, 4)
    n += n * h * w == 1
    shape = (int(n), int(c), int(h), int(w))
    mean, spread = rng.uniform(-5, 5, (c, 1, 1)), rng.uniform(0.1, 3, (c, 1, 1))
    x = torch.tensor(mean + spread * rng.standard_normal(shape)).to(dtype)
    dy = torch.tensor(rng.standard_normal(shape)).to(dtype)
    wide = torch.promote_types(dtype, torch.float32)
    weight, bias = (torch.tensor(rng.uniform(-2, 2, c)).to(wide) for _ in range(2))
    return laid_out(x, rng.choice(LAYOUTS)), laid_out(dy, rng.choice(LAYOUTS)), weight, bias


def backward(dy, saved, weight):
    """Return dx, dweight and dbias from both halves, on one device."""
    count = torch.tensor(dy.numel() // dy.shape[1])
    sum_dy, sum_dy_x_hat = backward_sums(dy, saved)
    return backward_input(dy, saved, weight, sum_dy, sum_dy_x_hat, count), sum_dy_x_hat, sum_dy


def assert_close(got, expected, tolerance=1e-12):
    """Compare to a share of the largest expected value, or of 1."""
    assert got.shape == expected.shape
    scale = max(1.0, float(expected.abs().max()))
    assert float((got.double() - expected).abs().max()) <= tolerance * scale


@pytest.mark.parametrize("seed", range(40))
def test_one_device_agrees_with_torch(seed):
    x, dy, weight, bias = draw(seed)
    momentum, eps = 0.05 + 0.02 * seed, (1e-5, 1e-2, 0.5)[seed % 3]
    ours, theirs = ([torch.zeros_like(bias), torch.ones_like(bias)] for _ in range(2))
    leaves = [value.clone().requires_grad_() for value in (x, weight, bias)]
    expected = torch.nn.functional.batch_norm(
        leaves[0], *theirs, leaves[1], leaves[2], training=True, momentum=momentum, eps=eps
    )
    gradients = torch.autograd.grad(expected, leaves, dy)
    y, saved = batchnorm_train(x, weight, bias, *ours, momentum, eps)
    assert_close(y, expected.detach())
    for got, wanted in zip(ours, theirs, strict=True):
        assert_close(got, wanted)
    if x.numel() // x.shape[1] > 2:  # of 2 samples dx is 0, but for rounding errors
        for got, wanted in zip(backward(dy, saved, weight), gradients, strict=True):
            assert_close(got, wanted, 1e-11)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
@pytest.mark.parametrize("seed", range(6))
def test_narrow_dtypes_lose_digits_at_the_end_only(dtype, seed):
    x, dy, weight, bias = draw(100 + seed, dtype)
    running, exact_running = ([torch.zeros_like(bias), torch.ones_like(bias)] for _ in range(2))
    exact_running = [value.double() for value in exact_running]
    y, saved = batchnorm_train(x, weight, bias, *running)
    exact, kept = batchnorm_train(x.double(), weight.double(), bias.double(), *exact_running)
    one_rounding = torch.finfo(dtype).eps
    assert y.dtype == dtype and saved[0] is x
    assert_close(y, exact, one_rounding)
    for got, wanted in zip([*saved[1:], *running], [*kept[1:], *exact_running], strict=True):
        assert got.dtype == torch.float32
        assert_close(got, wanted, 1e-5)
    wide_saved = (x.double(), saved[1].double(), saved[2].double())
    gradients = backward(dy, saved, weight)
    assert [value.dtype for value in gradients] == [dtype, torch.float32, torch.float32]
    exact_gradients = backward(dy.double(), wide_saved, weight.double())
    for got, wanted, tolerance in zip(
        gradients, exact_gradients, (2 * one_rounding, 1e-5, 1e-5), strict=True
    ):
        assert_close(got, wanted, tolerance)


@pytest.mark.filterwarnings("ignore:var_mean")  # of an empty replica
@pytest.mark.parametrize("sizes", [(7,), (1, 6), (2, 0, 5), (0, 3, 3, 1)])
def test_replicas_agree_with_the_whole_batch(sizes):
    generator = torch.Generator().manual_seed(sum(sizes) + len(sizes))
    x, dy = torch.randn(2, 7, 4, 3, 2, generator=generator, dtype=torch.float64)
    x += 4 * torch.arange(7.0)[:, None, None, None]
    weight, eps = torch.tensor([0.5, -2.0, 1.5, 1.0]).double(), 1e-3
    pieces = x.split(sizes)
    statistics = [torch.var_mean(piece, (0, 2, 3), correction=0) for piece in pieces]
    count, mean, var = merge_statistics(
        torch.tensor([6 * size for size in sizes]),
        torch.stack([mean for _, mean in statistics]),  # those of an empty replica are NaN
        torch.stack([var for var, _ in statistics]),
    )
    whole_var, whole_mean = torch.var_mean(x, (0, 2, 3), correction=0)
    assert (int(count), count.dtype) == (42, torch.int64)
    assert_close(mean, whole_mean)
    assert_close(var, whole_var)
    inv_std = torch.rsqrt(var + eps)
    saved = [(piece, mean, inv_std) for piece in pieces]
    sums = [backward_sums(*pair) for pair in zip(dy.split(sizes), saved, strict=True)]
    sum_dy, sum_dy_x_hat = (sum(each) for each in zip(*sums, strict=True))
    dx = torch.cat(
        [
            backward_input(part, kept, weight, sum_dy, sum_dy_x_hat, count)
            for part, kept in zip(dy.split(sizes), saved, strict=True)
        ]
    )
    leaves = x.clone().requires_grad_(), weight.clone().requires_grad_()
    bias = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    y = torch.nn.functional.batch_norm(leaves[0], None, None, leaves[1], bias, True, eps=eps)
    expected = torch.autograd.grad(y, (*leaves, bias), dy)
    for got, wanted in zip((dx, sum_dy_x_hat, sum_dy), expected, strict=True):
        assert_close(got, wanted)


def test_merging_takes_counts_beyond_32_bits():
    counts = torch.tensor([5_000_000_000, 2_500_000_000])
    means, variances = torch.tensor([[3.0], [0.0]]), torch.tensor([[1.0], [4.0]])
    count, mean, var = merge_statistics(counts, means, variances)
    assert int(count) == 7_500_000_000
    assert (float(mean), float(var)) == (2.0, 4.0)  # (2 + 4) / 3 within, (2 * 1 + 4) / 3 between


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("other", LAYOUTS)
def test_results_are_laid_out_like_x(layout, other):
    x, dy = torch.randn(2, 2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    x, vector = laid_out(x, layout), torch.ones(3)
    y, saved = batchnorm_train(x, vector, vector, vector.clone(), vector.clone())
    assert layout_kept(y, x) == "that of x"
    dx, *_ = backward(laid_out(dy, other), saved, vector)
    assert layout_kept(dx, x) == "that of x"


@pytest.mark.parametrize("layout", ["contiguous", "channels_last"])
def test_it_keeps_the_limits_of_its_exercise(layout):
    x = laid_out(torch.empty(16, 64, 32, 32, device="meta"), layout)
    dy, vector = torch.empty_like(x), torch.empty(64, device="meta")
    saved, count = (x, vector, vector), torch.empty((), dtype=torch.int64, device="meta")
    for call, arguments, limit in (
        (batchnorm_train, (x, *(vector.clone() for _ in range(4))), 8),
        (backward_sums, (dy, saved), 8),
        (backward_input, (dy, saved, vector, vector, vector, count), 11),
    ):
        _, audit = audited(call, *arguments)
        assert round(audit.moved / stored(x)) <= limit
        assert not (audit.waits or audit.devices or audit.uploads or audit.copies)


def test_torch_compile_takes_it_whole():
    x, dy, weight, bias = draw(3)
    count = torch.tensor(dy.numel() // dy.shape[1])

    def step(running_mean, running_var):
        y, saved = batchnorm_train(x, weight, bias, running_mean, running_var)
        sums = backward_sums(dy, saved)
        return y, backward_input(dy, saved, weight, *sums, count)

    # fullgraph raises an error where the graph would break: at a branch on a value, say.
    compiled = torch.compile(step, backend="eager", fullgraph=True)
    for got, wanted in zip(
        compiled(bias.clone(), weight.abs()), step(bias.clone(), weight.abs()), strict=True
    ):
        assert_close(got, wanted)
