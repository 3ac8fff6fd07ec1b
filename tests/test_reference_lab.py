"""The training lab against torch in float64: the reference, and the runs of the notebook itself."""

import numpy as np
import pytest
import torch

from autograder.checks.ex07_training_lab import EXERCISE
from autograder.mistakes import mistakes_of
from autograder.paths import DATA
from autograder.reference import lab
from autograder.release.source import read_solution, solution_names

SHAPES = [(1, 3, 2), (2, 1, 4), (7, 5, 3), (6, 6, 6)]


def close(got, expected, tolerance=1e-12):
    """Whether two arrays agree to a part of the largest magnitude, or of 1."""
    expected = np.asarray(expected.detach() if torch.is_tensor(expected) else expected)
    assert np.shape(got) == expected.shape
    return np.abs(got - expected).max() <= tolerance * max(1.0, np.abs(expected).max())


@pytest.fixture(scope="module")
def notebook():
    """All names of the solution's notebook, run from top to bottom."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DATA)
        yield solution_names(EXERCISE)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(5))
def test_linear_backward_is_that_of_torch(seed, shape):
    samples, d_in, d_out = shape
    rng = np.random.default_rng(seed)
    x, weight = rng.standard_normal((samples, d_in)), rng.standard_normal((d_out, d_in))
    bias, dy = rng.standard_normal(d_out), rng.standard_normal((samples, d_out))
    tensors = [torch.tensor(array, requires_grad=True) for array in (x, weight, bias)]
    torch.nn.functional.linear(*tensors).backward(torch.tensor(dy))
    for gradient, tensor in zip(lab.linear_backward(dy, x, weight), tensors, strict=True):
        assert close(gradient, tensor.grad)


@pytest.mark.parametrize("shape", [(1, 2), (6, 4), (5, 5), (4, 11)])
@pytest.mark.parametrize("size", [1.0, 30.0, 5000.0])
def test_cross_entropy_is_that_of_torch(size, shape):
    rng = np.random.default_rng(0)
    logits, labels = size * rng.standard_normal(shape), rng.integers(shape[1], size=shape[0])
    tensor = torch.tensor(logits, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(tensor, torch.tensor(labels))
    expected.backward()
    loss, dlogits = lab.cross_entropy(logits, labels)
    assert close(loss, expected)
    assert close(dlogits, tensor.grad)


def torch_network(network, params):
    """The same network in torch, with the same parameters."""
    modules = []
    for layer, values in zip(network, params, strict=True):
        kind = type(layer).__name__
        if kind == "Linear":
            module = torch.nn.Linear(values[0].shape[1], values[0].shape[0])
        else:
            module = (
                torch.nn.BatchNorm1d(len(values[0])) if kind == "BatchNorm" else torch.nn.ReLU()
            )
        module = module.double()
        with torch.no_grad():
            for parameter, value in zip(module.parameters(), values, strict=True):
                parameter.copy_(torch.tensor(value))
        modules.append(module)
    return torch.nn.Sequential(*modules)


@pytest.mark.parametrize("whose", ["reference", "solution"])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_training_and_evaluation_are_those_of_torch(notebook, whose, batch_norm):
    functions = vars(lab) if whose == "reference" else notebook
    images, labels = notebook["train_images"], notebook["train_labels"]
    rng, momentum, rate = np.random.default_rng(1), 0.3, 0.1
    network, params, running = notebook["build"](batch_norm, rng, 1.0)
    model = torch_network(network, params)
    norms = [m for m in model if isinstance(m, torch.nn.BatchNorm1d)]
    assert len(norms) == 4 * batch_norm
    for norm in norms:
        norm.momentum = momentum
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for _ in range(6):
        rows = rng.integers(len(images), size=20)

        def loss(logits, of=labels[rows]):
            return functions["cross_entropy"](logits, of)

        value, params, running = functions["train_step"](
            network, params, running, images[rows], loss, rate, momentum
        )
        expected = torch.nn.functional.cross_entropy(
            model(torch.tensor(images[rows])), torch.tensor(labels[rows])
        )
        optimizer.zero_grad()
        expected.backward()
        optimizer.step()
        assert close(value, expected)
    ours = [array for values in params for array in values]
    for array, parameter in zip(ours, model.parameters(), strict=True):
        assert close(array, parameter)
    for (mean, var), norm in zip(filter(len, running), norms, strict=True):
        assert close(mean, norm.running_mean)
        assert close(var, norm.running_var)
    outputs = functions["predict"](network, params, running, images[:7])
    assert close(outputs, model.eval()(torch.tensor(images[:7])))


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_notebooks_run_is_that_of_torch(notebook, batch_norm):
    images, labels = notebook["train_images"], notebook["train_labels"]
    losses, _ = notebook["train"](batch_norm, 3, learning_rate=0.3, init_scale=0.5, steps=10)
    rng = np.random.default_rng(3)
    model = torch_network(*notebook["build"](batch_norm, rng, 0.5)[:2])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for got in losses:
        rows = rng.integers(len(images), size=64)
        expected = torch.nn.functional.cross_entropy(
            model(torch.tensor(images[rows])), torch.tensor(labels[rows])
        )
        optimizer.zero_grad()
        expected.backward()
        optimizer.step()
        assert close(got, expected, 1e-10)


@pytest.mark.parametrize("seed", range(20))
def test_steps_to_target_is_the_first_low_window(seed):
    rng = np.random.default_rng(seed)
    losses = rng.integers(0, 9, 30) * np.linspace(1, 0.1, 30)
    losses[rng.integers(15, 31) :] = np.inf
    for window in (1, 3, 10, 30):
        for target in (0.0, 0.7, 2.0, 9.0):
            counts = [n for n in range(window, 31) if losses[n - window : n].mean() <= target]
            assert lab.steps_to_target(losses, target, window) == (counts or [np.inf])[0]


def test_sweep_runs_everything_once_in_order():
    calls = []

    def run(batch_norm, value, seed):
        calls.append((batch_norm, value, seed))
        return np.array([batch_norm, value, seed, 0.0])

    losses = lab.sweep(run, np.array([0.5, 0.25, 4.0]), [3, 1])
    assert losses.shape == (2, 3, 2, 4)
    assert len(calls) == len(set(calls)) == 12
    for (arm, i, j), value in np.ndenumerate(losses[..., 1]):
        assert (losses[arm, i, j, 0], value, losses[arm, i, j, 2]) == (
            arm,
            [0.5, 0.25, 4.0][i],
            [3, 1][j],
        )


def test_conclude_on_a_case_worked_by_hand():
    steps = np.array([[[20, 40], [10, np.inf], [35, 35]], [[90, 90], [10, 20], [np.inf] * 2]])
    conclusions = lab.conclude(np.array([1.0, 2.0, 3.0]), steps)
    assert conclusions["best"].tolist() == [1.0, 2.0]
    assert conclusions["speedup"] == 2.0
    assert conclusions["usable"].tolist() == [[True, False, True], [True, True, False]]


@pytest.fixture(scope="module")
def key():
    return EXERCISE.key(5)


def failed(names, key, *questions):
    """The questions that a notebook fails, of those named or of all."""
    checks = [check for check in EXERCISE.checks if check.id in questions or not questions]
    key = {check.probe.name: key[check.probe.name] for check in checks}
    answers = EXERCISE.answers(names, key)
    return {
        check.id for check in checks if not check.decide(answers, key, EXERCISE.hints)["passed"]
    }


def test_the_notebook_passes_and_records_what_the_course_says(notebook, key):
    assert not failed(notebook, key)
    records = notebook["records"]
    assert records["rate_conclusions"]["speedup"] > 2
    for name in ("rate", "scale"):
        assert records[f"{name}_losses"].shape == (2, 5, 3, 150)
        without, with_it = records[f"{name}_conclusions"]["usable"].sum(axis=1)
        assert with_it > without > 0


def tampered(records):
    """Records that differ from right ones in one respect, with the question that must notice."""
    for name in ("rate_losses", "scale_losses"):
        for change in (
            lambda a: np.repeat(a[:, :, :1], 3, axis=2),  # one seed
            lambda a: a[::-1],
            lambda a: a[:, ::-1],
            lambda a: a[:, :, ::-1],
            lambda a: a[..., :100],
            lambda a: np.repeat(a[1:], 2, axis=0),  # one arm
            lambda a: a * 1.0001,
            lambda a: np.where(np.arange(150) == 19, a[..., ::-1], a),
        ):
            yield "recorded", records | {name: change(records[name])}
    for name in ("rate_conclusions", "scale_conclusions"):
        said = records[name]
        for change in (
            {"best": said["best"][::-1]},
            {"speedup": 1 / said["speedup"]},
            {"speedup": np.round(said["speedup"], 1)},
            {"usable": ~said["usable"]},
            {"usable": np.ones((2, 5))},
        ):
            yield "concluded", records | {name: said | change}
    swapped = {"rate_conclusions": records["scale_conclusions"]}
    yield "concluded", records | swapped


def test_tampered_records_are_noticed(notebook, key):
    for question, records in tampered(notebook["records"]):
        assert failed(notebook | {"records": records}, key, question)


@pytest.mark.parametrize("of", ["gradient_not_averaged", "ascends"])
def test_a_run_with_a_wrong_piece_costs_no_marks_for_the_run(notebook, key, of):
    """A wrong piece costs its own questions; the records of its runs agree with it all the same."""
    mistake = {mistake.id: mistake for mistake in mistakes_of(EXERCISE.name)}[of]
    names = {"__name__": "notebook"}
    for cell in read_solution(EXERCISE).cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "code" and "check(" not in cell.source and grade_id != "table":
            source = cell.source.split("\ntry:")[0]
            source = source if grade_id != mistake.of else mistake.source()
            with np.errstate(all="ignore"):
                exec(compile(source, "notebook", "exec"), names)
    assert failed(names, key) == set(mistake.fails)
