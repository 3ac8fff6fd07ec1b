"""The reference of images against torch in float64: outputs, and gradients by autograd."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from autograder.reference.conv import (
    batchnorm2d_backward,
    batchnorm2d_forward,
    group_norm,
    normalize,
)

CLOSE = {"rtol": 1e-12, "atol": 1e-12}
SHAPES = [(4, 3, 2, 5), (2, 5, 4, 5), (3, 3, 3, 3), (1, 4, 2, 3), (7, 2, 1, 1), (3, 1, 4, 2)]


def draw(rng, shape):
    x = rng.uniform(1, 5, (1, shape[1], 1, 1)) + rng.standard_normal(shape)
    gamma = rng.uniform(0.5, 2, shape[1]) * rng.choice([-1.0, 1.0], shape[1])
    beta = rng.standard_normal(shape[1])
    return x, gamma, beta, rng.standard_normal(shape)


def random_shapes(seed, count=20):
    rng = np.random.default_rng(seed)
    return [tuple(int(size) for size in rng.integers(2, 7, 4)) for _ in range(count)]


@pytest.mark.parametrize("eps", [1e-5, 0.3])
@pytest.mark.parametrize("shape", SHAPES + random_shapes(0))
def test_batchnorm2d_is_torchs(shape, eps):
    x, gamma, beta, dy = draw(np.random.default_rng(1), shape)
    y, cache = batchnorm2d_forward(x, gamma, beta, eps)
    dx, dgamma, dbeta = batchnorm2d_backward(dy, cache)
    tensors = [torch.tensor(array, requires_grad=True) for array in (x, gamma, beta)]
    expected = F.batch_norm(tensors[0], None, None, *tensors[1:], training=True, eps=eps)
    expected.backward(torch.tensor(dy))
    np.testing.assert_allclose(y, expected.detach(), **CLOSE)
    for got, tensor in zip((dx, dgamma, dbeta), tensors, strict=True):
        np.testing.assert_allclose(got, tensor.grad, **CLOSE)
    assert cache.keys() == {"x_hat", "inv_std", "gamma"}
    assert cache["inv_std"].shape == cache["gamma"].shape == (shape[1],)


@pytest.mark.parametrize("shape", [(4, 3, 2, 5), (3, 3, 3, 3)])
def test_cache_holds_what_its_names_say(shape):
    x, gamma, beta, _ = draw(np.random.default_rng(2), shape)
    _, cache = batchnorm2d_forward(x, gamma, beta, 0.3)
    for c in range(shape[1]):
        inv_std = (x[:, c].var() + 0.3) ** -0.5
        np.testing.assert_allclose(cache["inv_std"][c], inv_std, **CLOSE)
        x_hat = (x[:, c] - x[:, c].mean()) * inv_std
        np.testing.assert_allclose(cache["x_hat"][:, c], x_hat, **CLOSE)
    np.testing.assert_array_equal(cache["gamma"], gamma)


def test_one_value_for_each_channel_gives_beta():
    x, gamma, beta, _ = draw(np.random.default_rng(3), (1, 4, 1, 1))
    np.testing.assert_array_equal(batchnorm2d_forward(x, gamma, beta)[0].ravel(), beta)


def test_eps_is_1e_5_when_left_out():
    x, gamma, beta, _ = draw(np.random.default_rng(4), (2, 4, 3, 5))
    x *= 1e-3
    np.testing.assert_array_equal(
        batchnorm2d_forward(x, gamma, beta)[0], batchnorm2d_forward(x, gamma, beta, 1e-5)[0]
    )
    np.testing.assert_array_equal(normalize(x, (2,)), normalize(x, (2,), 1e-5))
    np.testing.assert_array_equal(group_norm(x, 2), group_norm(x, 2, 1e-5))


@pytest.mark.parametrize("eps", [1e-5, 0.3])
@pytest.mark.parametrize("shape", [(4, 3, 2, 5), (3, 3, 3, 3), *random_shapes(1)])
def test_normalize_is_torchs_norms(shape, eps):
    x = draw(np.random.default_rng(5), shape)[0]
    t = torch.tensor(x)
    batch = F.batch_norm(t, None, None, training=True, eps=eps)
    np.testing.assert_allclose(normalize(x, (0, 2, 3), eps), batch, **CLOSE)
    layer = F.layer_norm(t, shape[1:], eps=eps)
    np.testing.assert_allclose(normalize(x, (1, 2, 3), eps), layer, **CLOSE)
    np.testing.assert_allclose(normalize(x, (2, 3), eps), F.instance_norm(t, eps=eps), **CLOSE)
    last = F.layer_norm(t, shape[-1:], eps=eps)
    np.testing.assert_allclose(normalize(x, (3,), eps), last, **CLOSE)


@pytest.mark.parametrize("eps", [1e-5, 0.3])
@pytest.mark.parametrize("n, c, h, w", [(4, 6, 2, 5), (3, 12, 4, 1), (1, 8, 3, 2), (6, 6, 6, 6)])
def test_group_norm_is_torchs(n, c, h, w, eps):
    x = draw(np.random.default_rng(6), (n, c, h, w))[0]
    for groups in (groups for groups in range(1, c + 1) if c % groups == 0):
        expected = F.group_norm(torch.tensor(x), groups, eps=eps)
        np.testing.assert_allclose(group_norm(x, groups, eps), expected, **CLOSE)


def test_group_norm_ends_in_layer_and_instance_norm():
    x = draw(np.random.default_rng(7), (4, 6, 2, 5))[0]
    np.testing.assert_allclose(group_norm(x, 1), normalize(x, (1, 2, 3)), **CLOSE)
    np.testing.assert_allclose(group_norm(x, 6), normalize(x, (2, 3)), **CLOSE)
