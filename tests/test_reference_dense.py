"""The references for (N, D) against an oracle that nobody here wrote: PyTorch in float64."""

import numpy as np
import pytest
import torch

from autograder.reference.dense import batch_statistics, batchnorm_forward, merge_statistics

TOLERANCE = 1e-12
DRAWS = range(40)


def draw(seed):
    """Draw a batch of random shape with columns all unlike; torch refuses a single sample."""
    rng = np.random.default_rng([11, seed])
    samples, features = int(rng.integers(2, 40)), int(rng.integers(1, 20))
    mean = rng.uniform(-5, 5, features)
    spread = 10 ** rng.uniform(-2, 2, features)
    x = mean + spread * rng.standard_normal((samples, features))
    gamma, beta = rng.uniform(-3, 3, (2, features))
    return rng, x, gamma, beta, 10 ** rng.uniform(-8, 0)


def worst(got, expected):
    """Return the largest difference relative to the largest value."""
    expected = np.asarray(expected)
    assert got.shape == expected.shape
    return np.abs(got - expected).max() / max(1.0, np.abs(expected).max())


def torch_forward(x, gamma, beta, eps):
    """Return what torch.nn.BatchNorm1d makes of a batch in training, and the layer itself."""
    layer = torch.nn.BatchNorm1d(x.shape[1], eps=eps, momentum=1.0, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(gamma))
        layer.bias.copy_(torch.from_numpy(beta))
        return layer(torch.from_numpy(x)).numpy(), layer


@pytest.mark.parametrize("seed", DRAWS)
def test_forward_is_torch(seed):
    _, x, gamma, beta, eps = draw(seed)
    y, cache = batchnorm_forward(x, gamma, beta, eps)
    expected, layer = torch_forward(x, gamma, beta, eps)
    assert worst(y, expected) < TOLERANCE
    assert worst(cache["mean"], layer.running_mean.numpy()) < TOLERANCE
    unbiased = cache["var"] * len(x) / (len(x) - 1)
    assert worst(unbiased, layer.running_var.numpy()) < TOLERANCE


@pytest.mark.parametrize("seed", DRAWS)
def test_statistics_are_torchs(seed):
    _, x, *_ = draw(seed)
    mean, var = batch_statistics(x)
    expected = torch.var_mean(torch.from_numpy(x), dim=0, correction=0)
    assert worst(var, expected[0].numpy()) < TOLERANCE
    assert worst(mean, expected[1].numpy()) < TOLERANCE


@pytest.mark.parametrize("seed", DRAWS)
def test_merge_is_that_of_all_samples(seed):
    rng, x, *_ = draw(seed)
    cut = int(rng.integers(1, len(x)))
    parts = x[:cut], x[cut:]
    count, mean, var = merge_statistics(
        *(argument for part in parts for argument in (len(part), *batch_statistics(part)))
    )
    expected = torch.var_mean(torch.from_numpy(x), dim=0, correction=0)
    assert count == len(x)
    assert worst(mean, expected[1].numpy()) < TOLERANCE
    assert worst(var, expected[0].numpy()) < TOLERANCE


@pytest.mark.parametrize("empty_first", [True, False])
def test_merge_with_an_empty_part(empty_first):
    rng, x, *_ = draw(0)
    full, empty = (len(x), *batch_statistics(x)), (0, *rng.uniform(1, 9, (2, x.shape[1])))
    parts = (*empty, *full) if empty_first else (*full, *empty)
    count, mean, var = merge_statistics(*parts)
    assert count == len(x)
    assert worst(mean, full[1]) < TOLERANCE
    assert worst(var, full[2]) < TOLERANCE


def test_default_eps_is_torchs():
    _, x, gamma, beta, _ = draw(1)
    x *= 1e-3  # where eps counts
    expected, layer = torch_forward(x, gamma, beta, torch.nn.BatchNorm1d(1).eps)
    assert worst(batchnorm_forward(x, gamma, beta)[0], expected) < TOLERANCE


def test_one_sample_gives_beta():
    """Torch raises here; the course's pure forward gives beta."""
    _, x, gamma, beta, eps = draw(2)
    assert np.array_equal(batchnorm_forward(x[:1], gamma, beta, eps)[0], beta[None])
    mean, var = batch_statistics(x[:1])
    assert np.array_equal(mean, x[0]) and not var.any()


def test_float32_in_float32_out():
    _, x, gamma, beta, eps = draw(3)
    narrow = [array.astype(np.float32) for array in (x, gamma, beta)]
    y, cache = batchnorm_forward(*narrow, eps)
    expected, _ = torch_forward(*(array.astype(np.float64) for array in narrow), eps)
    assert y.dtype == np.float32
    assert worst(y, expected) < 1e-6
    assert all(cache[name].dtype == np.float64 for name in ("x", "x_hat", "mean", "var", "inv_std"))
    assert {part.dtype for part in batch_statistics(narrow[0])} == {np.dtype(np.float32)}


def test_arguments_are_left_alone():
    _, x, gamma, beta, eps = draw(4)
    before = [array.copy() for array in (x, gamma, beta)]
    batchnorm_forward(x, gamma, beta, eps)
    batch_statistics(x)
    assert all(np.array_equal(a, b) for a, b in zip((x, gamma, beta), before, strict=True))
