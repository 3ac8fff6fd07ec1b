"""The training lab of the book: against torch in float64, and run by run."""

import sys

import numpy as np
import pytest
import torch
from conftest import ROOT

sys.path.insert(0, str(ROOT / "book"))

import lab  # noqa: E402

WIDTHS = [6, 5, 4, 3]
SEEDS = [0, 1]


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    images = rng.standard_normal((40, WIDTHS[0])) + 0.5
    return images, rng.integers(WIDTHS[-1], size=40)


def torch_model(weights, seed, batch_norm, eps=1e-5):
    """Build the same network of torch's own layers, in float64."""
    modules = []
    for weight in (torch.tensor(w[seed]) for w in weights):
        linear = torch.nn.Linear(*weight.T.shape, dtype=torch.float64)
        linear.weight.data, linear.bias.data[:] = weight, 0
        modules.append(linear)
        if batch_norm:
            modules.append(torch.nn.BatchNorm1d(len(weight), eps=eps, dtype=torch.float64))
        modules.append(torch.nn.ReLU())
    return torch.nn.Sequential(*modules[: -2 if batch_norm else -1])


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_training_and_evaluation_are_those_of_torch(data, batch_norm, seed):
    images, labels = data
    weights, rows = lab.start(WIDTHS, SEEDS), lab.batches(len(images), SEEDS, steps=20, size=9)
    rates = np.array([[0.05], [0.3]])
    losses, net = lab.train(lab.build(weights, batch_norm), images, labels, rows, rates)
    assert losses.shape == (2, 2, 20)

    model = torch_model(weights, seed, batch_norm)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for step, chosen in enumerate(rows[:, seed]):
        logits = model(torch.tensor(images[chosen]))
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(labels[chosen]))
        assert abs(loss.item() - losses[1, seed, step]) < 1e-10
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        logits = model.eval()(torch.tensor(images)).numpy()
    assert np.abs(lab.predict(net, images)[1, seed] - logits).max() < 1e-10
    right = (logits.argmax(axis=1) == labels).mean()
    assert lab.accuracy(net, images, labels)[1, seed] == pytest.approx(right, abs=1e-12)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_gradients_are_those_of_torch(data, batch_norm):
    images, labels = data
    weights = lab.start(WIDTHS, SEEDS)
    layers, params, _ = lab.build(weights, batch_norm)
    loss, grads, _ = lab.backpropagate(layers, params, images, labels)
    for seed in SEEDS:
        model = torch_model(weights, seed, batch_norm)
        expected = torch.nn.functional.cross_entropy(
            model(torch.tensor(images)), torch.tensor(labels)
        )
        expected.backward()
        assert abs(loss[seed] - expected.item()) < 1e-12
        found = [g[seed].squeeze() for of_layer in grads for g in of_layer]
        for ours, theirs in zip(found, model.parameters(), strict=True):
            assert np.abs(ours - theirs.grad.numpy()).max() < 1e-12


def test_a_run_in_a_crowd_is_what_it_is_alone(data):
    images, labels = data
    weights, rows = lab.start(WIDTHS, SEEDS), lab.batches(len(images), SEEDS, steps=15, size=9)
    scale, eps, rate = np.array([[[0.5]], [[2.0]]]), np.array([[1e-3], [0.1]]), 0.1
    crowd, net = lab.train(lab.build(weights, True, scale, eps=eps), images, labels, rows, rate)
    assert crowd.shape == (2, 2, 2, 15)
    for i, j, s in np.ndindex(crowd.shape[:3]):
        one = [w[s] for w in weights]
        alone = lab.build(one, True, scale[i, 0, 0], eps=eps[j, 0])
        losses, trained = lab.train(alone, images, labels, rows[:, s], rate)
        assert losses.shape == (15,)
        assert np.abs(losses - crowd[i, j, s]).max() < 1e-10
        logits = lab.predict(trained, images)
        assert np.abs(logits - lab.predict(net, images)[i, j, s]).max() < 1e-10


def test_scale_and_head_multiply_the_weights_they_name():
    weights = lab.start(WIDTHS, SEEDS)
    for head, last in ((None, 3.0), (0.5, 0.5)):
        layers, params, _ = lab.build(weights, True, scale=3.0, head=head)
        linear = [p[0] for layer, p in zip(layers, params, strict=True) if len(p) and p[0].ndim > 2]
        for made, weight, factor in zip(linear, weights, (3.0, 3.0, last), strict=True):
            assert np.array_equal(made, factor * weight)


def test_a_seed_gives_the_same_start_and_batches_whoever_comes_along():
    for one, many in zip(lab.start(WIDTHS, [1]), lab.start(WIDTHS, [0, 1]), strict=True):
        assert np.array_equal(one[0], many[1])
    one, many = lab.batches(30, [1], 5, 4), lab.batches(30, [0, 1], 5, 4)
    assert np.array_equal(one[:, 0], many[:, 1])
    assert many.shape == (5, 2, 4) and many.min() >= 0 and many.max() < 30
    std = lab.start([400, 300], [0])[0].std()
    assert abs(std - np.sqrt(2 / 400)) < 1e-3


def test_training_leaves_the_network_it_was_given(data):
    images, labels = data
    net = lab.build(lab.start(WIDTHS, SEEDS), True)
    before = [[array.copy() for array in p] for p in (*net[1], *net[2])]
    lab.train(net, images, labels, lab.batches(len(images), SEEDS, 3), 0.1)
    for old, new in zip(before, (*net[1], *net[2]), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(old, new, strict=True))


def test_a_run_that_diverges_is_infinite_from_there_on_and_alone(data):
    images, labels = data
    net = lab.build(lab.start(WIDTHS, SEEDS), False)
    rows = lab.batches(len(images), SEEDS, 60)
    losses, trained = lab.train(net, images, labels, rows, np.array([[0.1], [1e160]]))
    assert np.isfinite(losses[0]).all() and np.isinf(losses[1, :, -1]).all()
    first = np.isinf(losses[1]).argmax(axis=-1)
    assert all(np.isinf(losses[1, s, first[s] :]).all() for s in range(2))
    assert (lab.accuracy(trained, images, labels)[1] == 0).all()


def test_crossing_counts_the_steps_up_to_the_end_of_the_window():
    losses = np.array([[4.0, 1.0, 3.0, 2.0, 0.0], [4.0, 4.0, 4.0, 4.0, np.inf]])
    assert lab.crossing(losses, target=2.0, window=2).tolist() == [3, np.inf]
    assert lab.crossing(losses, target=1.0, window=2).tolist() == [5, np.inf]
    assert lab.crossing(losses, target=4.0, window=1).tolist() == [1, 1]


def torch_layer(layer, module, x, dy, places):
    """Compare a layer of the lab with a torch module that is given `places` of x one by one."""
    rng = np.random.default_rng(1)
    gamma, beta = rng.standard_normal((2, 1, x.shape[-1]))
    y, cache = layer.forward(x, (gamma, beta))
    dx, (dgamma, dbeta) = layer.backward(dy, cache)
    module.weight.data, module.bias.data = torch.tensor(gamma[0]), torch.tensor(beta[0])
    for seed in range(len(x)):
        module.zero_grad()
        leaf = torch.tensor(x[seed], requires_grad=True)
        expected = torch.cat([module(leaf[place]) for place in places])
        expected.backward(torch.tensor(dy[seed]))
        pairs = (
            (y[seed], expected.detach()),
            (dx[seed], leaf.grad),
            (dgamma[seed, 0], module.weight.grad),
            (dbeta[seed, 0], module.bias.grad),
        )
        for ours, theirs in pairs:
            assert np.abs(ours - theirs.numpy()).max() < 1e-12


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(0)
    return 2 * rng.standard_normal((2, 12, 6)) + 1, rng.standard_normal((2, 12, 6))


@pytest.mark.parametrize("size", [3, 4, 12])
def test_ghost_norm_is_batch_norm_of_each_part(batch, size):
    x, dy = batch
    layer, places = lab.GhostNorm(size, eps=0.1), [slice(i, i + size) for i in range(0, 12, size)]
    torch_layer(layer, torch.nn.BatchNorm1d(6, eps=0.1, dtype=torch.float64), x, dy, places)
    parts = x.reshape(2, -1, size, 6)
    mean, var = layer.statistics(layer.forward(x, (np.ones((1, 6)), np.zeros((1, 6))))[1])
    assert np.allclose(mean[:, 0], parts.mean(axis=2).mean(axis=1))
    assert np.allclose(var[:, 0], parts.var(axis=2, ddof=1).mean(axis=1))


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_group_norm_is_that_of_torch(batch, groups):
    x, dy = batch
    module = torch.nn.GroupNorm(groups, 6, eps=0.1, dtype=torch.float64)
    torch_layer(lab.GroupNorm(groups, eps=0.1), module, x, dy, [slice(None)])


def test_dropout_keeps_the_mean_and_gives_all_runs_of_a_seed_one_mask():
    layer = lab.Dropout(0.25, np.random.default_rng(0))
    x = np.ones((3, 2, 500, 40))
    y, cache = layer.forward(x, ())
    assert np.array_equal(np.unique(y), [0, 1 / 0.75]) and abs(y[0].mean() - 1) < 0.01
    assert np.array_equal(y[0], y[2]) and not np.array_equal(y[0, 0], y[0, 1])
    assert np.array_equal(layer.backward(2 * x, cache)[0], 2 * y)
    assert layer.infer(x, (), ()) is x and not np.array_equal(layer.forward(x, ())[0], y)


def test_stack_is_build_where_both_make_the_same_network(data):
    images, labels = data
    weights, rows = lab.start(WIDTHS, SEEDS), lab.batches(len(images), SEEDS, 20, 9)
    for batch_norm, pieces in ((False, []), (True, [lab.BatchNorm()])):
        built = lab.build(weights, batch_norm)
        stacked = lab.stack(weights, *pieces, lab.ReLU())
        one, other = (lab.train(net, images, labels, rows, 0.1) for net in (built, stacked))
        assert np.array_equal(one[0], other[0])
        assert np.array_equal(lab.predict(one[1], images), lab.predict(other[1], images))


def test_stack_gives_each_place_what_its_layer_has(data):
    images, labels = data
    weights = lab.start(WIDTHS, SEEDS)
    drop = lab.Dropout(0.5, np.random.default_rng(0))
    net = lab.stack(weights, lab.GroupNorm(1), lab.ReLU(), drop)
    assert [type(layer).__name__ for layer in net[0]] == [
        *2 * ["Linear", "GroupNorm", "ReLU", "Dropout"],
        "Linear",
    ]
    assert [len(p) for p in net[1]] == [2, 2, 0, 0, 2, 2, 0, 0, 2]
    assert not any(net[2])
    rows = lab.batches(len(images), SEEDS, 5, 9)
    losses, trained = lab.train(net, images, labels, rows, np.array([[0.1], [0.2]]))
    assert losses.shape == (2, 2, 5) and lab.accuracy(trained, images, labels).shape == (2, 2)
    ghost = lab.stack(weights, lab.GhostNorm(3), lab.ReLU())
    trained = lab.train(ghost, images, labels, rows, 0.1)[1]
    assert trained[2][1][0].shape == (2, 1, 5)
    assert lab.accuracy(trained, images, labels).shape == (2,)
