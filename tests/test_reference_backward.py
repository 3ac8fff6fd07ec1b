"""The reference backward passes against torch in float64, and against each other."""

import numpy as np
import pytest
import torch

from autograder.reference.backward import backward_stages, batchnorm_backward, numerical_gradient
from autograder.reference.dense import batchnorm_forward

SHAPES = [(2, 1), (3, 7), (5, 5), (8, 3), (31, 4)]


def draw(seed, samples, features):
    rng = np.random.default_rng(seed)
    x = rng.normal(rng.uniform(-5, 5, features), rng.uniform(0.3, 4, features), (samples, features))
    gamma, beta = rng.uniform(-2, 2, features), rng.uniform(-3, 3, features)
    return x, gamma, beta, rng.standard_normal((samples, features)), rng.choice([1e-5, 0.05, 2.0])


def close(got, expected):
    """Whether two arrays agree to 1e-12 of the largest magnitude, or of 1."""
    expected = expected.detach().numpy()
    return np.abs(got - expected).max() <= 1e-12 * max(1.0, np.abs(expected).max())


def torch_stages(x, gamma, beta, dy, eps):
    """The gradients of torch's own differentiation, each variable of the graph kept."""
    x, gamma, beta = (torch.tensor(a, requires_grad=True) for a in (x, gamma, beta))
    mean = x.mean(dim=0)
    var = ((x - mean) ** 2).mean(dim=0)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    variables = {"x": x, "gamma": gamma, "beta": beta, "mean": mean, "var": var, "x_hat": x_hat}
    y = gamma * x_hat + beta
    gradients = torch.autograd.grad((y * torch.tensor(dy)).sum(), list(variables.values()))
    return {f"d{name}": gradient for name, gradient in zip(variables, gradients, strict=True)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(5))
def test_stages_are_those_of_torch(seed, shape):
    x, gamma, beta, dy, eps = draw(seed, *shape)
    stages = backward_stages(dy, batchnorm_forward(x, gamma, beta, eps)[1])
    expected = torch_stages(x, gamma, beta, dy, eps)
    assert stages.keys() == expected.keys()
    for name, gradient in stages.items():
        assert gradient.shape == expected[name].shape
        assert close(gradient, expected[name]), name


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(5))
def test_closed_form_is_the_gradient_of_torch_batch_norm(seed, shape):
    x, gamma, beta, dy, eps = draw(seed, *shape)
    x_t, gamma_t, beta_t = (torch.tensor(a, requires_grad=True) for a in (x, gamma, beta))
    y = torch.nn.functional.batch_norm(x_t, None, None, gamma_t, beta_t, training=True, eps=eps)
    y.backward(torch.tensor(dy))
    dx, dgamma, dbeta = batchnorm_backward(dy, batchnorm_forward(x, gamma, beta, eps)[1])
    assert close(dx, x_t.grad)
    assert close(dgamma, gamma_t.grad)
    assert close(dbeta, beta_t.grad)


def test_central_differences_are_exact_for_squares_and_off_by_h_squared_for_cubes():
    rng = np.random.default_rng(0)
    x, dy = rng.uniform(-2, 2, (2, 3, 4)), rng.standard_normal((2, 3, 4))
    assert np.allclose(numerical_gradient(lambda x: x**2, x, dy, h=0.5), 2 * x * dy, atol=1e-13)
    cubes = numerical_gradient(lambda x: x**3, x, dy, h=0.5)
    assert np.allclose(cubes, (3 * x**2 + 0.25) * dy, atol=1e-13)
    cubes = numerical_gradient(lambda x: (1e5 * (x - 1)) ** 3, np.ones(3), np.ones(3))
    assert np.allclose(cubes, 1e5, rtol=1e-9)  # the default step is 1e-5


def test_central_differences_of_the_forward_pass_agree_with_the_closed_form():
    x, gamma, beta, dy, eps = draw(0, 7, 4)
    before = x.copy()
    dx = numerical_gradient(lambda x: batchnorm_forward(x, gamma, beta, eps)[0], x, dy)
    assert np.array_equal(x, before)
    expected, _, _ = batchnorm_backward(dy, batchnorm_forward(x, gamma, beta, eps)[1])
    assert np.allclose(dx, expected, atol=1e-8)


def test_central_differences_where_f_returns_another_shape():
    rng = np.random.default_rng(0)
    x, dy, matrix = rng.uniform(-2, 2, (3, 2)), rng.standard_normal(5), rng.normal(size=(5, 6))
    dx = numerical_gradient(lambda x: matrix @ x.ravel(), x, dy, h=0.1)
    assert np.allclose(dx, (dy @ matrix).reshape(3, 2), atol=1e-12)
