"""The reference modules against torch's own, which no one here wrote; replacing against use.

1. Over sessions of unequal batches in both modes, with every option: outputs, gradients, state.
2. The state_dict of each: the same keys, shapes and dtypes, and each loads the other's.
3. What torch refuses is refused; before anything changes, where torch counts the batch.
4. Networks with the batch norms replaced give what they gave, and train the same parameters.
"""

import copy
from itertools import product

import numpy as np
import pytest
import torch

from autograder.reference.module import BatchNorm1d, BatchNorm2d, replace_batchnorms

TOLERANCE = 1e-12
CLASSES = {torch.nn.BatchNorm1d: BatchNorm1d, torch.nn.BatchNorm2d: BatchNorm2d}
STATE = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def pair(rng, kind, features, **options):
    """Return torch's module and ours, in float64 and with the same state, drawn at random."""
    theirs = kind(features, **options).double()
    with torch.no_grad():
        for value in (*theirs.parameters(), *theirs.buffers()):
            if value.is_floating_point():
                value.copy_(torch.tensor(rng.uniform(0.2, 3, features)))
            else:
                value.fill_(int(rng.integers(0, 5)))
    ours = CLASSES[kind](features, **options).double()
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


def draw(rng, kind, features):
    """Return a batch of a random shape that the class takes, of two values per channel or more."""
    while True:
        axes = 2 if kind is torch.nn.BatchNorm2d else int(rng.integers(0, 2))
        shape = (int(rng.integers(1, 6)), features, *(int(n) for n in rng.integers(1, 4, axes)))
        if np.prod(shape) > features:
            scale = rng.uniform(0.1, 3, (1, features, *[1] * axes))
            shift = rng.uniform(-5, 5, scale.shape)
            return torch.tensor(shift + scale * rng.standard_normal(shape))


def assert_close(got, expected):
    """Compare to 1e-12 of the largest expected value, or of 1."""
    if expected is None:
        assert got is None
        return
    assert got.shape == expected.shape
    assert got.dtype == expected.dtype
    got, expected = got.detach().double(), expected.detach().double()
    scale = max(1.0, float(expected.abs().max()))
    assert float((got - expected).abs().max()) <= TOLERANCE * scale


@pytest.mark.parametrize("seed", range(60))
def test_a_session_agrees_with_torch(seed):
    rng = np.random.default_rng(seed)
    kind = list(CLASSES)[seed % 2]
    options = {
        "eps": float(rng.choice([1e-5, 1e-2, 0.5])),
        "momentum": [None, 0.0, 1.0, 0.1, float(rng.uniform())][int(rng.integers(5))],
        "affine": bool(rng.random() < 0.8),
        "track_running_stats": bool(rng.random() < 0.8),
    }
    features = int(rng.integers(1, 6))
    theirs, ours = pair(rng, kind, features, **options)
    for step in range(6):
        training = step == 0 or rng.random() < 0.6
        theirs.train(training)
        ours.train(training)
        x = draw(rng, kind, features)
        dy = torch.tensor(rng.standard_normal(x.shape))
        found = []
        for module in (ours, theirs):
            leaf = x.clone().requires_grad_()
            y = module(leaf)
            leaves = [leaf, *module.parameters()]
            found.append([y, *torch.autograd.grad(y, leaves, dy)])
        for got, expected in zip(*found, strict=True):
            assert_close(got, expected)
        for name in STATE:
            assert_close(getattr(ours, name), getattr(theirs, name))


@pytest.mark.parametrize("kind", CLASSES)
def test_second_derivatives_are_right(kind):
    rng = np.random.default_rng(0)
    x = draw(rng, kind, 2).requires_grad_()
    for training in (True, False):
        _, ours = pair(rng, kind, 2, eps=0.5, momentum=0.0)
        ours.train(training)
        torch.autograd.gradcheck(ours, (x,))
        torch.autograd.gradgradcheck(ours, (x,))


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("affine, track", list(product((True, False), repeat=2)))
def test_the_state_dict_is_that_of_torch(kind, affine, track):
    options = {"affine": affine, "track_running_stats": track}
    theirs, ours = kind(3, **options), CLASSES[kind](3, **options)
    for one, other in ((ours, theirs), (theirs, ours)):
        held, expected = one.state_dict(), other.state_dict()
        assert held.keys() == expected.keys()  # a strict load alone would hide a missing counter
        for name, value in expected.items():
            assert torch.equal(held[name], value) and held[name].dtype == value.dtype
        one.load_state_dict(expected, strict=True)
    assert [name for name, _ in ours.named_parameters()] == [
        n for n, _ in theirs.named_parameters()
    ]
    for name in STATE:
        assert (getattr(ours, name) is None) == (getattr(theirs, name) is None)


@pytest.mark.parametrize("kind", CLASSES)
def test_the_state_moves(kind):
    ours = CLASSES[kind](3)
    ours(draw(np.random.default_rng(0), kind, 3).float())
    assert all(value.is_meta for value in copy.deepcopy(ours).to("meta").state_dict().values())
    dtypes = {name: value.dtype for name, value in ours.double().state_dict().items()}
    assert dtypes.pop("num_batches_tracked") == torch.int64
    assert set(dtypes.values()) == {torch.float64}


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("track", (True, False))
@pytest.mark.parametrize("training", (True, False))
@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 3), (1, 3, 1), (2, 3, 1), (1, 3, 1, 1)])
def test_what_torch_refuses_is_refused(kind, track, training, shape):
    rng = np.random.default_rng(0)
    theirs, ours = pair(rng, kind, 3, track_running_stats=track)
    x = torch.tensor(rng.standard_normal(shape))
    before = copy.deepcopy(ours.state_dict())
    theirs.train(training)
    ours.train(training)
    try:
        expected = theirs(x)
    except ValueError:
        with pytest.raises(ValueError, match="shape"):
            ours(x)
        for name, value in ours.state_dict().items():
            assert torch.equal(value, before[name])  # torch has counted, where M = 1 is the reason
    else:
        assert_close(ours(x), expected)


@pytest.mark.parametrize("kind", CLASSES)
def test_running_statistics_have_no_history(kind):
    ours = CLASSES[kind](3).double()
    for seed in range(3):
        x = draw(np.random.default_rng(seed), kind, 3).requires_grad_()
        (ours(x) ** 2).sum().backward()
    assert not any(buffer.requires_grad for buffer in ours.buffers())
    copy.deepcopy(ours)


@pytest.mark.parametrize("kind", CLASSES)
def test_no_gradient_is_needed_to_track(kind):
    x = draw(np.random.default_rng(0), kind, 3)
    with torch.no_grad():
        theirs, ours = pair(np.random.default_rng(1), kind, 3)
        theirs(x), ours(x)
    for name in STATE:
        assert_close(getattr(ours, name), getattr(theirs, name))


def test_layout_makes_no_difference():
    rng = np.random.default_rng(0)
    theirs, ours = pair(rng, torch.nn.BatchNorm2d, 3)
    x = torch.tensor(rng.standard_normal((4, 3, 5, 2)))
    for laid in (x.to(memory_format=torch.channels_last), x.mT, x[:, :, ::2], x.flip(0)):
        assert_close(ours(laid), theirs(laid.contiguous()))


def networks():
    """Return networks with batch norms in every place, with every option, in mixed modes."""
    shared = torch.nn.BatchNorm1d(4)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        image = torch.nn.Sequential(
            torch.nn.BatchNorm2d(2, eps=0.3),
            torch.nn.Sequential(
                torch.nn.Conv2d(2, 3, 2, bias=False), torch.nn.BatchNorm2d(3, affine=False)
            ),
            torch.nn.BatchNorm2d(3, momentum=None, eps=0.1).eval(),
            torch.nn.InstanceNorm2d(3, affine=True),
            torch.nn.Flatten(),
            torch.nn.Linear(12, 4),
            torch.nn.BatchNorm1d(4, track_running_stats=False, momentum=0.4),
        )
        rows = torch.nn.Sequential(
            torch.nn.Linear(3, 4), shared, torch.nn.Sequential(torch.nn.Linear(4, 4), shared)
        )
    return [(image.double(), (4, 2, 3, 3), 4), (rows.double(), (5, 3), 1)]


@pytest.mark.parametrize("number", range(len(networks())))
def test_a_network_gives_what_it_gave(number):
    network, shape, expected = networks()[number]
    twin = copy.deepcopy(network)
    parameters = dict(network.named_parameters(remove_duplicate=False))
    assert replace_batchnorms(network, CLASSES) == expected
    assert not any(type(module) in CLASSES for module in network.modules())
    now = dict(network.named_parameters(remove_duplicate=False))
    assert now.keys() == parameters.keys()
    assert all(now[name] is value for name, value in parameters.items())
    assert network.state_dict().keys() == twin.state_dict().keys()
    rng = np.random.default_rng(number)
    optimizers = [torch.optim.SGD(net.parameters(), lr=0.1) for net in (network, twin)]
    for step in range(4):
        x = torch.tensor(rng.standard_normal(shape))
        outputs = [net(x) for net in (network, twin)]
        assert_close(*outputs)
        for y, optimizer in zip(outputs, optimizers, strict=True):
            optimizer.zero_grad()
            (y**2).mean().backward()
            optimizer.step()
        if step == 2:
            network.eval(), twin.eval()
    for name, value in twin.state_dict().items():
        assert_close(network.state_dict()[name], value)


def test_a_shared_module_stays_shared():
    network, _, _ = networks()[1]
    replace_batchnorms(network, CLASSES)
    assert network[1] is network[2][1] and type(network[1]) is BatchNorm1d


def test_there_is_nothing_left_to_replace():
    network, shape, count = networks()[0]
    x = torch.tensor(np.random.default_rng(0).standard_normal(shape))
    network.eval()
    expected = network(x)
    replace_batchnorms(network, CLASSES)
    assert_close(network(x), expected)
    assert replace_batchnorms(network, CLASSES) == 0
