"""The reference Function against torch's own batch norm, which no one here wrote, in float64.

1. The output, all gradients, and all second derivatives, over random shapes.
2. torch's two checks by differences, inputs that lie in memory in other ways, and float32.
3. A batch of one, which torch's own refuses: bias, and no gradient of x.
4. What is saved, and what becomes wrong when the statistics are saved in place of x.
5. The gradient penalty against torch.func, and through the Function against torch's batch norm.
"""

import numpy as np
import pytest
import torch

from autograder.checks.tensors import saved, stored
from autograder.reference.function import BatchNormFunction, gradient_penalty

TOLERANCE = 1e-12


def draw(seed, samples=None, channels=None):
    """Return x, weight, bias that require gradients, another gradient dy, and eps."""
    rng = np.random.default_rng(seed)
    n = samples or int(rng.integers(2, 9))
    c = channels or int(rng.integers(1, 7))
    mean, spread = rng.uniform(-5, 5, c), rng.uniform(0.3, 3, c)
    values = (
        mean + spread * rng.standard_normal((n, c)),
        rng.uniform(-2, 2, c),
        rng.uniform(-3, 3, c),
        rng.standard_normal((n, c)),
    )
    tensors = [torch.from_numpy(value).requires_grad_() for value in values]
    return tensors, float(rng.choice([1e-5, 1e-2, 0.5]))


def torchs_own(x, weight, bias, eps):
    """Return what torch's batch norm gives in training."""
    return torch.nn.functional.batch_norm(x, None, None, weight, bias, training=True, eps=eps)


def assert_close(got, expected):
    """Compare to 1e-12 of the largest expected value, or of 1."""
    assert got.shape == expected.shape
    scale = max(1.0, float(expected.detach().abs().max()))
    assert float((got - expected).detach().abs().max()) <= TOLERANCE * scale


def first_and_second(function, tensors, eps):
    """Return y, the gradients, and the gradients of a mix of the gradients."""
    *inputs, dy = tensors
    y = function(*inputs, eps)
    first = torch.autograd.grad(y, inputs, dy, create_graph=True)
    mix = sum((part * torch.cos(torch.arange(part.numel())).view_as(part)).sum() for part in first)
    second = torch.autograd.grad(mix + y.square().sum(), tensors)
    return y, *first, *second


@pytest.mark.parametrize("seed", range(40))
def test_output_and_both_derivatives_are_those_of_torch(seed):
    tensors, eps = draw(seed)
    ours = first_and_second(BatchNormFunction.apply, tensors, eps)
    theirs = first_and_second(torchs_own, tensors, eps)
    for got, expected in zip(ours, theirs, strict=True):
        assert_close(got, expected)


@pytest.mark.parametrize("samples, channels", [(5, 3), (4, 4), (1, 3)])
def test_it_passes_the_checks_by_differences(samples, channels):
    tensors, _ = draw(0, samples, channels)

    def function(x, weight, bias):
        return BatchNormFunction.apply(x, weight, bias, 0.5)

    assert torch.autograd.gradcheck(function, tensors[:3])
    assert torch.autograd.gradgradcheck(function, tensors[:3], tensors[3:])


def test_a_batch_of_one_gives_bias_and_no_gradient_of_x():
    (x, weight, bias, dy), eps = draw(3, samples=1, channels=4)
    y = BatchNormFunction.apply(x, weight, bias, eps)
    dx, dweight, dbias = torch.autograd.grad(y, (x, weight, bias), dy)
    assert torch.equal(y, bias[None])
    assert not dx.any() and not dweight.any()
    assert torch.equal(dbias, dy[0])


def test_the_dtype_is_that_of_x_and_the_digits_are_those_of_float32():
    tensors, eps = draw(5, samples=6, channels=3)
    narrow = [tensor.detach().float().requires_grad_() for tensor in tensors]
    wide = [tensor.detach().double().requires_grad_() for tensor in narrow]
    ours = first_and_second(BatchNormFunction.apply, narrow, eps)
    theirs = first_and_second(torchs_own, wide, eps)
    for got, expected in zip(ours, theirs, strict=True):
        assert got.dtype == torch.float32
        torch.testing.assert_close(got.double(), expected, rtol=1e-4, atol=1e-4)


def test_the_layout_makes_no_difference():
    (x, weight, bias, dy), eps = draw(7, samples=6, channels=3)
    expected = torch.autograd.grad(
        BatchNormFunction.apply(x, weight, bias, eps), x, dy[:, :1].repeat(1, 3)
    )
    other = x.detach().t().contiguous().t().requires_grad_()
    y = BatchNormFunction.apply(other, weight, bias, eps)
    got = torch.autograd.grad(y, other, dy[:, :1].expand(6, 3))
    assert not other.is_contiguous()
    assert_close(got[0], expected[0])


def test_only_inputs_are_saved():
    (x, weight, bias, _), eps = draw(9, samples=50, channels=3)
    with saved() as kept:
        BatchNormFunction.apply(x, weight, bias, eps)
    assert {value.data_ptr() for value in kept} == {x.data_ptr(), weight.data_ptr()}
    assert sum(map(stored, kept)) == stored(x) + stored(weight)


class Saving(BatchNormFunction):
    """Saves mean and inv_std, which the reference must not."""

    @staticmethod
    def forward(ctx, x, weight, bias, eps):
        mean = x.mean(dim=0)
        inv_std = ((x - mean).square().mean(dim=0) + eps).rsqrt()
        ctx.save_for_backward(x, weight, mean, inv_std)
        return weight * (x - mean) * inv_std + bias

    @staticmethod
    def backward(ctx, dy):
        x, weight, mean, inv_std = ctx.saved_tensors
        x_hat = (x - mean) * inv_std
        dweight, dbias = (dy * x_hat).sum(dim=0), dy.sum(dim=0)
        dx = weight * inv_std * (dy - (dbias + x_hat * dweight) / len(x))
        return dx, dweight, dbias, None


def test_saved_statistics_pass_gradcheck_and_have_wrong_second_derivatives():
    (*inputs, dy), _ = draw(11, samples=6, channels=3)

    def function(x, weight, bias):
        return Saving.apply(x, weight, bias, 0.5)

    assert torch.autograd.gradcheck(function, inputs)
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        torch.autograd.gradgradcheck(function, inputs, (dy,))


def network(seed):
    """Return parameters, and a model of them that normalizes by a function of the caller's."""
    rng = np.random.default_rng(seed)
    shapes = [(3, 5), (5,), (5,), (5,)]
    inner, weight, bias, outer = parameters = [
        torch.from_numpy(rng.standard_normal(shape)).requires_grad_() for shape in shapes
    ]

    def model(x, normalize):
        return torch.tanh(normalize(x @ inner, weight, bias, 0.1)) @ outer

    return parameters, model


@pytest.mark.parametrize("seed", range(10))
def test_the_penalty_is_that_of_torch_func(seed):
    x = torch.from_numpy(np.random.default_rng(seed).standard_normal((7, 3)))
    parameters, model = network(seed)

    def scores(x):
        return model(x, torchs_own)

    penalty = gradient_penalty(scores, x)
    rows = torch.func.jacrev(scores)(x).sum(dim=0)
    expected = sum(row @ row for row in rows) / len(x)
    assert_close(penalty, expected)
    pairs = zip(
        torch.autograd.grad(penalty, parameters, allow_unused=True),
        torch.autograd.grad(expected, parameters, allow_unused=True),
        strict=True,
    )
    for got, wanted in pairs:
        assert_close(got, wanted)
    assert not x.requires_grad and x.grad is None
    assert all(parameter.grad is None for parameter in parameters)


@pytest.mark.parametrize("seed", range(10))
def test_the_penalty_through_the_function_is_that_through_torchs_own(seed):
    x = torch.from_numpy(np.random.default_rng(seed).standard_normal((7, 3)))
    parameters, model = network(seed)
    found = []
    for normalize in (BatchNormFunction.apply, torchs_own):
        penalty = gradient_penalty(lambda x, normalize=normalize: model(x, normalize), x)
        found.append((penalty, *torch.autograd.grad(penalty, parameters)))
    for got, expected in zip(*found, strict=True):
        assert_close(got, expected)


def test_the_penalty_of_a_case_to_check_by_eye():
    x = torch.tensor([[1.0, 5.0], [2.0, 7.0]], dtype=torch.float64)
    assert gradient_penalty(lambda x: x[:, 0] ** 2 + 3 * x[:, 1], x) == 19
