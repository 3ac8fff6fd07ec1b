"""The reference of the stateful layer against torch, which no one here wrote; folding against use.

1. Over sessions of unequal batches in both modes: outputs, gradients, averages, the counter.
2. A batch of one: torch and the reference both raise in training, and neither changes its state.
3. The folded layer gives what the linear layer and batch norm in evaluation give, in torch.
"""

import numpy as np
import pytest
import torch

from autograder.reference.running import BatchNorm, fold_into_linear

TOLERANCE = 1e-12
STATE = ("running_mean", "running_var", "num_batches_tracked")


def pair(rng, features, eps, momentum):
    """Return a layer and torch's own, with the same gamma and beta."""
    ours = BatchNorm(features, eps, momentum)
    ours.gamma, ours.beta = rng.uniform(-2, 2, features), rng.uniform(-3, 3, features)
    theirs = torch.nn.BatchNorm1d(features, eps, momentum, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight.copy_(torch.from_numpy(ours.gamma))
        theirs.bias.copy_(torch.from_numpy(ours.beta))
    return ours, theirs


def draw(rng, samples, features):
    """Return a batch whose features differ in mean and in spread."""
    mean, spread = rng.uniform(-5, 5, features), rng.uniform(0.1, 3, features)
    return mean + spread * rng.standard_normal((samples, features))


def assert_close(got, expected):
    """Compare to 1e-12 of the largest expected value, or of 1."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape
    scale = max(1.0, float(np.abs(expected).max()))
    assert np.abs(got - expected).max() <= TOLERANCE * scale


@pytest.mark.parametrize("seed", range(40))
def test_a_session_agrees_with_torch(seed):
    rng = np.random.default_rng(seed)
    features, eps = int(rng.integers(1, 7)), float(rng.choice([1e-5, 1e-2, 0.5]))
    ours, theirs = pair(rng, features, eps, momentum=float(rng.uniform(0, 1)))
    for step in range(8):
        training = step == 0 or rng.random() < 0.6
        (ours.train if training else ours.eval)()
        theirs.train(training)
        x = draw(rng, int(rng.integers(2 if training else 1, 9)), features)
        dy = rng.standard_normal(x.shape)
        y, (dx, dgamma, dbeta) = ours.forward(x), ours.backward(dy)
        inputs = torch.from_numpy(x).requires_grad_()
        outputs = theirs(inputs)
        gradients = torch.autograd.grad(
            outputs, (inputs, theirs.weight, theirs.bias), torch.from_numpy(dy)
        )
        assert_close(y, outputs.detach().numpy())
        for got, expected in zip((dx, dgamma, dbeta), gradients, strict=True):
            assert_close(got, expected.numpy())
        for name in STATE:
            assert_close(getattr(ours, name), getattr(theirs, name).numpy())


def test_defaults_are_those_of_torch():
    ours, theirs = BatchNorm(3), torch.nn.BatchNorm1d(3)
    assert (ours.eps, ours.momentum, ours.training) == (
        theirs.eps,
        theirs.momentum,
        theirs.training,
    )
    for name, torch_name in (
        ("gamma", "weight"),
        ("beta", "bias"),
        *zip(STATE, STATE, strict=True),
    ):
        assert_close(getattr(ours, name), getattr(theirs, torch_name).detach().numpy())


def test_a_training_batch_of_one_raises_and_changes_nothing():
    rng = np.random.default_rng(0)
    ours, theirs = pair(rng, 3, 1e-5, 0.1)
    ours.forward(draw(rng, 4, 3))
    before = [np.copy(getattr(ours, name)) for name in STATE]
    one = draw(rng, 1, 3)
    with pytest.raises(ValueError, match="more than one sample"):
        ours.forward(one)
    with pytest.raises(ValueError, match="more than 1 value"):
        theirs(torch.from_numpy(one))
    for name, value in zip(STATE, before, strict=True):
        np.testing.assert_array_equal(getattr(ours, name), value)


def test_a_change_of_mode_leaves_the_last_gradients_as_they_are():
    rng = np.random.default_rng(1)
    x, dy = draw(rng, 6, 3), rng.standard_normal((6, 3))
    ours, _ = pair(rng, 3, 0.5, 0.1)
    for mode, other in ((ours.train, ours.eval), (ours.eval, ours.train)):
        mode()
        ours.forward(x)
        expected = ours.backward(dy)
        other()
        for got, wanted in zip(ours.backward(dy), expected, strict=True):
            np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("out, into", [(4, 4), (5, 2), (1, 3)])
def test_the_folded_layer_gives_what_the_two_give(out, into):
    rng = np.random.default_rng(out)
    ours, theirs = pair(rng, out, 0.05, 0.3)
    x = draw(rng, 7, out)
    ours.forward(x)
    theirs(torch.from_numpy(x))
    weight, bias = rng.standard_normal((out, into)), rng.standard_normal(out)
    folded_weight, folded_bias = fold_into_linear(weight, bias, ours)
    u = rng.standard_normal((9, into))
    expected = theirs.eval()(torch.from_numpy(u @ weight.T + bias)).detach().numpy()
    assert_close(u @ folded_weight.T + folded_bias, expected)
