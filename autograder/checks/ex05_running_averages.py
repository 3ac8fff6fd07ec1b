"""The questions of ex05_running_averages: a layer with two modes and a state, and folding it away.

Where a question needs training it calls train() twice, so that a train() that changes the mode over,
where it should set it, costs the question about that and no other.
"""

import numpy as np

from autograder.checks.asking import parts
from autograder.checks.ex01_statistics import columns
from autograder.checks.ex02_forward import affine
from autograder.checks.model import Case, Check, Exercise, Probe
from autograder.reference.running import BatchNorm, fold_into_linear


def ask_initial(student, features, used):
    """What a new layer holds, after another one was used."""
    other = student.BatchNorm(used.shape[1])
    try:
        other.forward(used)
        other.backward(used)
    except Exception:  # not written yet, say
        pass
    layer = student.BatchNorm(features)
    return {
        "gamma": layer.gamma,
        "beta": layer.beta,
        "running_mean": layer.running_mean,
        "running_var": layer.running_var,
        "num_batches_tracked": layer.num_batches_tracked,
    }


def ask_two_layers(student, x, later, dy, rows, gamma, beta, running_mean, running_var, options):
    """What the use of another layer, between any two steps, changes in what a layer gives."""

    def nobody(mode):
        pass

    def other(mode):
        try:
            layer = student.BatchNorm(rows.shape[1], eps=2.0, momentum=0.9)
            layer.train()
            layer.train()
            if mode == "eval":
                layer.eval()
            layer.forward(rows.copy())
            layer.forward(rows.copy())
            layer.backward(np.ones_like(rows))
        except Exception:  # not written yet, say
            pass

    def session(between):
        layer = student.BatchNorm(x.shape[1], **options)
        between("eval")
        layer.gamma, layer.beta = gamma.copy(), beta.copy()
        layer.train()
        layer.train()
        between("eval")
        outputs = [np.array(layer.forward(x.copy()))]
        between("eval")
        gradients = [*parts(layer.backward(dy.copy()), "dx", "dgamma", "dbeta")]
        state = np.array(layer.running_mean), np.array(layer.running_var)
        layer.running_mean, layer.running_var = running_mean.copy(), running_var.copy()
        layer.eval()
        between("train")
        outputs.append(np.array(layer.forward(later.copy())))
        between("train")
        gradients += parts(layer.backward(dy.copy()), "dx", "dgamma", "dbeta")
        state += layer.running_mean, layer.running_var
        return {
            "y": np.concatenate([np.ravel(y) for y in outputs]),
            "the gradients": np.concatenate([np.ravel(part) for part in gradients]),
            "the running averages": np.concatenate([np.ravel(part) for part in state]),
            "num_batches_tracked": np.array(layer.num_batches_tracked),
        }

    alone = session(nobody)
    try:
        beside = session(other)
    except Exception:
        return {f"change of {name}": "an error" for name in alone}
    return {
        f"change of {name}": beside[name] - alone[name]
        if beside[name].shape == alone[name].shape
        else "another shape"
        for name in alone
    }


def ask_training_output(student, x, later, gamma, beta, options):
    """Output of a new layer, and of the same layer with gamma and beta assigned."""
    layer = student.BatchNorm(x.shape[1], **options)
    new = np.array(layer.forward(x))
    layer.gamma, layer.beta = gamma, beta
    layer.train()
    layer.train()
    return {"y of a new layer": new, "y with gamma and beta": layer.forward(later)}


def ask_running(student, momentum, **batches):
    """The running averages and the counter after each of several training batches.

    What they are after backward tells where they are updated; nothing is marked there.
    """
    layer = student.BatchNorm(batches["first"].shape[1], momentum=momentum)
    layer.train()
    layer.train()
    means, variances, counts = [], [], []
    for batch in batches.values():
        layer.forward(batch)
        means.append(np.array(layer.running_mean))
        variances.append(np.array(layer.running_var))
        counts.append(np.array(layer.num_batches_tracked))
    try:
        layer.backward(np.ones_like(batch))
    except Exception:  # not written yet, say
        pass
    return {
        "running_mean": means,
        "running_var": variances,
        "num_batches_tracked": counts,
        "running_mean after backward": layer.running_mean,
    }


def ask_momentum(student, first, other, later, options):
    """Which share of the running averages a further batch leaves in them.

    Two layers start with different batches and go on with the same one: the share is by how much it
    brings them closer, whatever else it does to them. Where they are not apart it is 1.
    """

    def averages(batch):
        layer = student.BatchNorm(batch.shape[1], **options)
        layer.train()
        layer.train()
        layer.forward(batch.copy())
        before = np.array(layer.running_mean), np.array(layer.running_var)
        layer.forward(later.copy())
        after = np.array(layer.running_mean), np.array(layer.running_var)
        try:
            layer.backward(np.ones_like(later))
        except Exception:  # not written yet, say
            pass
        return before, after, np.array(layer.running_mean)

    def share(before, after):
        apart, still = before[0] - before[1], after[0] - after[1]
        return np.where((apart == 0) & (still == 0), 1.0, still / apart)

    (mean_a, var_a), (later_mean_a, later_var_a), last = averages(first)
    (mean_b, var_b), (later_mean_b, later_var_b), _ = averages(other)
    return {
        "share of running_mean that is kept": share((mean_a, mean_b), (later_mean_a, later_mean_b)),
        "share of running_var that is kept": share((var_a, var_b), (later_var_a, later_var_b)),
        "running_mean after backward": last,
    }


def ask_batch_of_one(student, batch, row):
    """What a training batch of one sample raises, and by how much it changes the state.

    The layer is new where `batch` is None.
    """
    layer = student.BatchNorm(row.shape[1], momentum=0.3)
    names = ("running_mean", "running_var", "num_batches_tracked", "gamma", "beta")
    layer.train()
    layer.train()
    if batch is not None:
        layer.forward(batch)
    before = {name: np.array(getattr(layer, name), dtype=np.float64) for name in names}
    raised = "nothing"
    try:
        layer.forward(row)
    except NotImplementedError:
        raise
    except ValueError:
        raised = "ValueError"
    except Exception as error:
        raised = type(error).__name__
    zeros = np.zeros(row.shape[1])  # the shape of the state is a question of its own
    changes = {f"change of {name}": zeros + getattr(layer, name) - before[name] for name in names}
    return {"raises": raised} | changes


def ask_eval(student, x, gamma, beta, running_mean, running_var, eps):
    """Output in evaluation with a state that was assigned, for a batch and for its first row alone.

    The output in training and what becomes of running_mean tell mistakes apart that look alike here.
    """

    def loaded(used=False):
        layer = student.BatchNorm(x.shape[1], eps=eps)
        if used:
            try:
                layer.forward(x.copy())
            except Exception:  # training is a question of its own
                pass
        layer.gamma, layer.beta = gamma.copy(), beta.copy()
        layer.running_mean, layer.running_var = running_mean.copy(), running_var.copy()
        layer.eval()
        return layer

    layer = loaded()
    answers = {"y": layer.forward(x.copy()), "running_mean afterwards": layer.running_mean}
    try:
        answers["y of one sample"] = loaded().forward(x[:1].copy())
        loaded(used=True).forward(x[:1].copy())
        answers["raises"] = "nothing"
    except Exception as error:
        answers["raises"] = type(error).__name__
    layer = loaded()
    layer.train()  # from evaluation
    try:
        answers["y in training"] = layer.forward(x.copy())
    except Exception:  # not written yet, say
        pass
    return answers


def ask_eval_state(student, batch, others, reload):
    """By how much eval() and forward passes in evaluation change the state."""
    layer = student.BatchNorm(batch.shape[1], momentum=0.3)
    names = ("running_mean", "running_var", "num_batches_tracked", "gamma", "beta")
    layer.train()
    layer.train()
    layer.forward(batch)
    before = {name: np.array(getattr(layer, name), dtype=np.float64) for name in names}
    if reload:
        layer.running_mean = np.array(layer.running_mean)
        layer.running_var = np.array(layer.running_var)
    layer.eval()
    for x in others:
        y = np.array(layer.forward(x))
    zeros = np.zeros(batch.shape[1])  # the shape of the state is a question of its own
    changes = {f"change of {name}": zeros + getattr(layer, name) - before[name] for name in names}
    return changes | {"y": y}  # y tells mistakes apart that look alike here


def ask_back_to_training(student, batch, later, running_mean, running_var):
    """What eval() followed by train() changes in a layer's second batch; what either does twice."""

    def trained():
        layer = student.BatchNorm(batch.shape[1], momentum=0.3)
        layer.train()
        layer.train()
        layer.forward(batch.copy())
        return layer

    def second(detour):
        layer = trained()
        if detour:
            layer.eval()
            layer.train()
        y = np.array(layer.forward(later.copy()))
        return {
            "y": y,
            "running_mean": np.array(layer.running_mean),
            "running_var": np.array(layer.running_var),
            "num_batches_tracked": np.array(layer.num_batches_tracked),
        }

    def told(mode, times):
        layer = trained() if mode == "eval" else student.BatchNorm(batch.shape[1])
        if mode == "eval":  # what training left in them is a question of its own
            layer.running_mean, layer.running_var = running_mean.copy(), running_var.copy()
        for _ in range(times):
            getattr(layer, mode)()
        return np.array(layer.forward(later.copy()))

    straight, after = second(detour=False), second(detour=True)
    layer = trained()
    layer.eval()
    changes = {f"change of {name}": after[name] - straight[name] for name in straight}
    changes |= {
        f"change of y by a second {mode}()": told(mode, 2) - told(mode, 1)
        for mode in ("train", "eval")
    }
    return changes | {  # these tell mistakes apart that look alike here
        "running_mean after eval()": layer.running_mean,
        "num_batches_tracked after eval()": layer.num_batches_tracked,
    }


def ask_training_gradients(student, x, dy, gamma, beta, eps):
    """Gradients of a training batch, for a dy of each kind, next to the layer's own x_hat.

    Any dy is a sum of three: one that is constant over the batch, one along x_hat, and one that is
    orthogonal to both. What becomes of each is a question of its own.
    """
    top, bottom, every = x.argmax(axis=0), x.argmin(axis=0), np.arange(x.shape[1])

    def trained(gamma, beta):
        layer = student.BatchNorm(x.shape[1], eps=eps)
        layer.gamma, layer.beta = gamma.copy(), beta.copy()
        layer.train()
        layer.train()
        return layer, np.asarray(layer.forward(x.copy()))

    def without_gamma(told):
        layer = student.BatchNorm(x.shape[1], eps=eps)
        if told:
            layer.train()
            layer.train()
        layer.forward(x.copy())
        return np.asarray(layer.backward(dy.copy())[0])

    def gradients(dy):
        layer, _ = trained(gamma, beta)
        found = parts(layer.backward(dy.copy()), "dx", "dgamma", "dbeta")
        return [np.asarray(part) for part in found]

    _, x_hat = trained(np.ones_like(gamma), np.zeros_like(beta))
    inv_std = (x_hat[top, every] - x_hat[bottom, every]) / (x[top, every] - x[bottom, every])
    along = x_hat - x_hat.mean(axis=0)
    orthogonal = dy - dy.mean(axis=0)
    share = np.einsum("nd,nd->d", orthogonal, along) / np.einsum("nd,nd->d", along, along)
    orthogonal = orthogonal - share * along
    left = gamma * inv_std * (1 - np.einsum("nd,nd->d", along, along) / len(x))
    _, dgamma, dbeta = gradients(dy)
    other = None  # dx in evaluation tells mistakes apart that look alike in training
    try:
        layer, _ = trained(gamma, beta)
        layer.eval()
        layer.forward(x.copy())
        other = layer.backward(dy.copy())[0]
    except Exception:
        pass
    return {
        "dx of a constant dy": gradients(np.ones_like(dy))[0],
        "dx of dy = x_hat, its error": gradients(along)[0] - left * along,
        "dx of a dy orthogonal to both, its error": gradients(orthogonal)[0]
        - gamma * inv_std * orthogonal,
        "error of dgamma": dgamma - np.einsum("nd,nd->d", dy, x_hat),
        "error of dbeta": dbeta - np.einsum("nd->d", dy),
        "what train() changes in a new layer's dx": without_gamma(True) - without_gamma(False),
        "dx in evaluation": other,
    }


def ask_eval_gradients(student, batch, x, dy, gamma, beta, running_mean, running_var, eps):
    """Gradients of a batch in evaluation, next to the layer's own output there.

    Each output depends on its own input alone, so that two rows of y tell by how much.
    """
    top, bottom, every = x.argmax(axis=0), x.argmin(axis=0), np.arange(x.shape[1])

    def evaluated(gamma, beta, x=x):
        layer = student.BatchNorm(x.shape[1], eps=eps)
        layer.gamma, layer.beta = gamma.copy(), beta.copy()
        layer.train()
        layer.train()
        layer.forward(batch.copy())
        layer.running_mean, layer.running_var = running_mean.copy(), running_var.copy()
        layer.eval()
        return layer, np.asarray(layer.forward(x.copy()))

    _, x_hat = evaluated(np.ones_like(gamma), np.zeros_like(beta))
    slope = (x_hat[top, every] - x_hat[bottom, every]) / (x[top, every] - x[bottom, every])
    other = None  # dx in training tells mistakes apart that look alike in evaluation
    try:
        layer = student.BatchNorm(x.shape[1], eps=eps)
        layer.gamma, layer.beta = gamma.copy(), beta.copy()
        layer.train()
        layer.train()
        layer.forward(x.copy())
        other = layer.backward(dy.copy())[0]
    except Exception:
        pass
    layer, _ = evaluated(gamma, beta)
    dx, dgamma, dbeta = parts(layer.backward(dy.copy()), "dx", "dgamma", "dbeta")
    raises = "nothing"
    try:
        layer, _ = evaluated(gamma, beta, x[:1])
    except Exception:  # whether forward takes one sample is a question of its own
        layer = None
    if layer is not None:
        try:
            layer.backward(dy[:1].copy())
        except Exception as error:
            raises = type(error).__name__
    return {
        "raises for one sample": raises,
        "error of dx": np.subtract(dx, np.einsum("d,d,nd->nd", gamma, slope, dy)),
        "error of dgamma": np.subtract(dgamma, np.einsum("nd,nd->d", dy, x_hat)),
        "error of dbeta": np.subtract(dbeta, np.einsum("nd->d", dy)),
        "dx in training": other,
    }


def ask_switch(student, batch, x, dy, gamma, beta, running_mean, running_var, eps):
    """What a change of mode between forward and backward does to the gradients."""

    def gradients(mode, switch):
        layer = student.BatchNorm(x.shape[1], eps=eps)
        layer.gamma, layer.beta = gamma.copy(), beta.copy()
        layer.train()
        layer.train()
        layer.forward(batch.copy())
        layer.running_mean, layer.running_var = running_mean.copy(), running_var.copy()
        for _ in range(2 if mode == "train" else 1):
            getattr(layer, mode)()
        layer.forward(x.copy())
        if switch:
            getattr(layer, switch)()
        dx, dgamma, dbeta = parts(layer.backward(dy.copy()), "dx", "dgamma", "dbeta")
        return np.concatenate([np.ravel(dx), np.ravel(dgamma), np.ravel(dbeta)])

    return {
        "change of a training batch's gradients": gradients("train", "eval")
        - gradients("train", None),
        "change of an evaluation batch's gradients": gradients("eval", "train")
        - gradients("eval", None),
    }


def ask_arguments(student, x, dy):
    """Whether the arguments, gamma and beta are what they were, in either mode."""
    answers = {}
    for mode in ("train", "eval"):
        layer = student.BatchNorm(x.shape[1], momentum=0.3)
        gamma, beta = np.array(layer.gamma), np.array(layer.beta)
        layer.train()
        layer.train()
        layer.forward(x.copy())
        if mode == "eval":
            layer.eval()
        given_x, given_dy = x.copy(), dy.copy()
        layer.forward(given_x)
        layer.backward(given_dy)
        answers |= {
            f"x is unchanged after {mode}()": np.array_equal(given_x, x),
            f"dy is unchanged after {mode}()": np.array_equal(given_dy, dy),
            f"gamma is unchanged after {mode}()": np.array_equal(layer.gamma, gamma),
            f"beta is unchanged after {mode}()": np.array_equal(layer.beta, beta),
            f"beta after {mode}()": layer.beta,  # tells mistakes apart that look alike here
        }
    return answers


def ask_session(student, steps, gamma, beta, eps, momentum):
    """Everything that a layer gives while it is trained, evaluated and trained again.

    All batches stand one below the other; of the other answers there is one row for each batch.
    """
    layer = student.BatchNorm(len(gamma), eps, momentum)
    layer.gamma, layer.beta = gamma.copy(), beta.copy()
    record = {name: [] for name in ("y", "dx", "dgamma", "dbeta", "running_mean", "running_var")}
    counts = []
    for mode, x, dy in steps:
        if len(counts) == len(steps) - 1:  # another state, as a program that loads it assigns
            layer.gamma, layer.beta = -1.5 * gamma, beta + 1
            layer.running_mean = 0.5 * np.array(layer.running_mean) + 1
            layer.running_var = 0.5 * np.array(layer.running_var) + 1
        getattr(layer, mode)()
        y = np.array(layer.forward(x.copy()))
        gradients = parts(layer.backward(dy.copy()), "dx", "dgamma", "dbeta")
        values = (y, *gradients, layer.running_mean, layer.running_var)
        for name, value in zip(record, values, strict=True):
            record[name].append(np.array(value))
        counts.append(np.array(layer.num_batches_tracked))
    shapes = [f"{name} {v[-2].shape} and {v[-1].shape}" for name, v in record.items()]
    answers = {"num_batches_tracked": counts, "shapes": ", ".join(shapes)}
    for name, values in record.items():
        every = np.concatenate([np.ravel(value) for value in values])
        rows = every.size % len(gamma) == 0
        answers[name] = every.reshape(-1, len(gamma)) if rows else every
    layer.eval()  # again, after more training
    one = answers["y of one sample"] = answers["its gradients"] = "an error"
    try:
        one = np.array(layer.forward(x[:1].copy()))
        gradients = parts(layer.backward(dy[:1].copy()), "dx", "dgamma", "dbeta")
        answers["its gradients"] = np.concatenate([np.ravel(part) for part in gradients])
    except Exception:  # whether it takes one sample is a question of its own too
        pass
    return answers | {"y of one sample": one}


def ask_fold(student, weight, bias, state):
    """The folded layer, or what was raised instead, and whether the arguments are what they were."""

    class Given:
        pass

    fold, bn = student.fold_into_linear, Given()
    for name, value in state.items():
        setattr(bn, name, np.array(value) if name != "eps" else value)
    given_weight, given_bias = weight.copy(), bias.copy()
    answers = {"raises": "nothing"}
    try:
        folded = parts(fold(given_weight, given_bias, bn), "weight", "bias")
        answers |= {"weight": folded[0], "bias": folded[1]}
    except (ValueError, IndexError, TypeError) as error:
        answers["raises"] = type(error).__name__
    return answers | {
        "weight is unchanged": np.array_equal(given_weight, weight),
        "bias is unchanged": np.array_equal(given_bias, bias),
        "bn is unchanged": all(
            np.array_equal(getattr(bn, name), value) for name, value in state.items()
        ),
    }


def averages(rng, features):
    """Draw running averages as training might have left them, some variances small."""
    running_mean = rng.uniform(1.0, 3.0, features) * rng.choice([-1.0, 1.0], features)
    running_var = rng.uniform(2.0, 6.0, features)
    running_var[0] = rng.uniform(0.05, 0.3)
    return {"running_mean": running_mean, "running_var": running_var}


def new_layers(rng):
    return [
        Case(f"{features} features", {"features": features, "used": columns(rng, 4, used)})
        for features, used in [(3, 3), (5, 5), (4, 2)]
    ]


def neighbours(rng):
    """Draw batches for a layer, and one for another: of the same shape, of the same width, neither."""
    cases = []
    for (n, d), shape, options in [
        ((6, 3), (6, 3), {"eps": 0.5, "momentum": 0.3}),
        ((5, 5), (5, 5), {"eps": 0.1, "momentum": 0.2}),
        ((6, 2), (3, 2), {}),
        ((4, 3), (5, 4), {"momentum": 0.4}),
    ]:
        inputs = {"x": columns(rng, n, d), "later": columns(rng, n, d), "options": options}
        inputs |= {"dy": rng.standard_normal((n, d)), "rows": columns(rng, *shape)}
        inputs |= affine(rng, d) | averages(rng, d)
        label = f"{n} samples of {d} features, and {shape[0]} of {shape[1]} for the other layer"
        cases.append(Case(label, inputs))
    return cases


def training_batches(rng):
    whole = np.array([[1.0, 9.0], [3.0, 3.0], [5.0, 9.0], [7.0, 3.0]])
    cases = []
    for x, later, options in [
        (whole, whole[:2], {"eps": 4.0}),
        (columns(rng, 6, 3) * 0.01, columns(rng, 5, 3) * 0.01, {}),
        (columns(rng, 4, 4), columns(rng, 2, 4), {"eps": 0.5}),
        (columns(rng, 3, 5) * 0.01, columns(rng, 7, 5) * 0.01, {}),
    ]:
        n, d = x.shape
        eps = f"eps = {options['eps']}" if options else "eps left out"
        inputs = {"x": x, "later": later, "options": options} | affine(rng, d)
        cases.append(Case(f"{n}, then {len(later)} samples of {d} features, {eps}", inputs))
    return cases


def unequal_batches(rng):
    whole = [
        np.array([[2.0, 10.0], [6.0, 4.0]]),
        np.array([[1.0, 0.0], [4.0, 0.0], [7.0, 6.0]]),
        np.array([[8.0, 2.0], [0.0, 2.0], [4.0, 8.0]]),
    ]
    cases = []
    for sizes, d in [((2, 3, 3), 2), ((3, 2, 4), 3), ((2, 5, 3, 2), 5), ((4, 2, 6), 4)]:
        batches = whole if d == 2 else [columns(rng, n, d) for n in sizes]
        names = ("first", "second", "third", "fourth")[: len(sizes)]
        label = f"batches of {', '.join(map(str, sizes))} samples of {d} features"
        # Old and new weigh the same here: which of them momentum weights is a question of its own.
        inputs = {"momentum": 0.5} | dict(zip(names, batches, strict=True))
        cases.append(Case(label, inputs))
    return cases


def momenta(rng):
    cases = []
    for d, momentum in [
        (2, 0.3),
        (3, None),
        (4, 0.75),
        (5, None),
        (3, 0),
        (2, 0.0),
        (4, 1),
        (2, 1.0),
    ]:
        first = columns(rng, 4, d)
        other = 3 * (first - first.mean(axis=0)) + first.mean(axis=0) + 7
        inputs = {"first": first, "other": other, "later": columns(rng, 6, d)}
        inputs["options"] = {} if momentum is None else {"momentum": momentum}
        given = "momentum left out" if momentum is None else f"momentum = {momentum}"
        cases.append(Case(f"{d} features, {given}", inputs))
    return cases


def single_rows(rng):
    new = Case("1 sample of 3 features, in a new layer", {"batch": None, "row": columns(rng, 1, 3)})
    return [new] + [
        Case(
            f"1 sample of {d} features, after a batch of {n}",
            {"batch": columns(rng, n, d), "row": columns(rng, 1, d)},
        )
        for n, d in [(3, 2), (4, 4), (2, 5)]
    ]


def loaded(rng, n, d, eps):
    """Draw a batch and the whole state of a layer."""
    return {"x": columns(rng, n, d), "eps": eps} | affine(rng, d) | averages(rng, d)


def evaluation_batches(rng):
    whole = {
        "x": np.array([[5.0, 3.0], [1.0, 7.0], [-3.0, 9.0]]),
        "gamma": np.array([1.0, -2.0]),
        "beta": np.array([0.0, 10.0]),
        "running_mean": np.array([1.0, 3.0]),
        "running_var": np.array([3.0, 8.0]),
        "eps": 1.0,
    }
    cases = [Case("3 samples of 2 features, whole numbers", whole)]
    for n, d, eps in [(4, 4, 0.5), (2, 5, 0.05), (6, 3, 1e-5)]:
        label = f"{n} samples of {d} features, eps = {eps}"
        cases.append(Case(label, loaded(rng, n, d, eps)))
    return cases


def batches_to_evaluate(rng):
    cases = []
    for n, sizes, d, reload in [(4, (3, 2), 3, False), (5, (5,), 5, True), (2, (4, 6), 4, False)]:
        inputs = {"batch": columns(rng, n, d), "others": [columns(rng, m, d) for m in sizes]}
        inputs["reload"] = reload
        label = f"{n} samples of {d} features in training, then {', '.join(map(str, sizes))}"
        label += ", the averages assigned between" if reload else ""
        cases.append(Case(label, inputs))
    return cases


def two_batches(rng):
    return [
        Case(
            f"batches of {n} and {m} samples of {d} features",
            {"batch": columns(rng, n, d), "later": columns(rng, m, d)} | averages(rng, d),
        )
        for n, m, d in [(4, 3, 2), (3, 5, 5), (2, 6, 4)]
    ]


def gradient_batches(rng):
    cases = []
    for n, d, eps in [(6, 3, 0.5), (5, 5, 0.5), (8, 4, 0.05), (7, 2, 1.5)]:
        inputs = {"x": columns(rng, n, d), "dy": rng.standard_normal((n, d)), "eps": eps}
        cases.append(Case(f"{n} samples of {d} features, eps = {eps}", inputs | affine(rng, d)))
    return cases


def evaluation_gradients(rng):
    cases = []
    for n, d, eps in [(6, 3, 0.5), (5, 5, 0.5), (3, 4, 0.05), (2, 3, 1.5)]:
        inputs = {"batch": columns(rng, n, d), "dy": rng.standard_normal((n, d))}
        label = f"{n} samples of {d} features, eps = {eps}"
        cases.append(Case(label, inputs | loaded(rng, n, d, eps)))
    return cases


def switches(rng):
    return [
        Case(
            f"{n} samples of {d} features",
            {"batch": columns(rng, n, d), "dy": rng.standard_normal((n, d))}
            | loaded(rng, n, d, 0.5),
        )
        for n, d in [(6, 3), (5, 5), (7, 4)]
    ]


def arguments(rng):
    return [
        Case(
            f"{n} samples of {d} features",
            {"x": columns(rng, n, d), "dy": rng.standard_normal((n, d))},
        )
        for n, d in [(6, 4), (3, 5)]
    ]


def sessions(rng):
    cases = []
    for d, eps, momentum, plan in [
        (3, 0.5, 0.3, [("train", 4), ("train", 2), ("eval", 2), ("train", 5)]),
        (4, 0.05, 0.2, [("train", 4), ("train", 6), ("eval", 6), ("train", 3)]),
        (1, 0.5, 0.4, [("train", 3), ("train", 5), ("eval", 5), ("train", 2)]),
        (2, 0.5, 0.0, [("train", 3), ("train", 2), ("eval", 2), ("train", 4)]),
        (3, 0.1, 0.0, [("train", 2), ("train", 3), ("eval", 3), ("train", 2)]),
        (4, 9.0, 1.0, [("train", 3), ("train", 2), ("eval", 2), ("train", 4)]),
        (2, 4.0, 1.0, [("train", 2), ("train", 3), ("eval", 3), ("train", 2)]),
    ]:
        steps = [[mode, columns(rng, n, d), rng.standard_normal((n, d))] for mode, n in plan]
        if d > 2:
            steps[1][1][:, 1] = steps[1][1][0, 1]  # a feature that is constant in this batch
        if momentum == 1.0:  # variances below eps
            steps = [[mode, 0.2 * x, dy] for mode, x, dy in steps]
        words = ", ".join(f"{mode} {n}" for mode, n in plan)
        label = f"{d} features, eps = {eps}, momentum = {momentum}, batches: {words}"
        inputs = {"steps": steps, "eps": eps, "momentum": momentum} | affine(rng, d)
        cases.append(Case(label, inputs))
    return cases


def linear_layers(rng):
    whole = {
        "weight": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        "bias": np.array([7.0, 8.0]),
        "state": {
            "gamma": np.array([1.0, -2.0]),
            "beta": np.array([5.0, 10.0]),
            "running_mean": np.array([1.0, 3.0]),
            "running_var": np.array([3.0, 8.0]),
            "eps": 1.0,
        },
    }
    cases = [Case("3 inputs, 2 outputs, whole numbers", whole)]
    for out, into, eps in [
        (4, 4, 0.5),
        (5, 2, 0.05),
        (3, 3, 0.2),
        (3, 6, 0.01),
        (1, 3, 0.1),
        (4, 1, 0.3),
    ]:
        inputs = {"weight": rng.standard_normal((out, into)), "bias": affine(rng, out)["beta"]}
        inputs["state"] = affine(rng, out) | averages(rng, out) | {"eps": eps}
        cases.append(Case(f"{into} inputs, {out} outputs, eps = {eps}", inputs))
    return cases


RUNNING = Probe(ask_running, unequal_batches)
EVALUATION = Probe(ask_eval, evaluation_batches)
FOLD = Probe(ask_fold, linear_layers)
STATE = tuple(
    f"change of {name}"
    for name in ("running_mean", "running_var", "num_batches_tracked", "gamma", "beta")
)
SESSION = ("y", "running_mean", "running_var", "num_batches_tracked")
SESSION += ("dx", "dgamma", "dbeta", "shapes", "y of one sample", "its gradients")

EXERCISE = Exercise(
    name="ex05_running_averages",
    reference={"BatchNorm": BatchNorm, "fold_into_linear": fold_into_linear},
    checks=(
        Check(
            id="initial",
            question="Does a new layer start with gamma 1, beta 0, running_mean 0, running_var 1, each of "
            "shape (D,), and no batch counted?",
            points=1,
            probe=Probe(ask_initial, new_layers),
            compare=("gamma", "beta", "running_mean", "running_var", "num_batches_tracked"),
            function="BatchNorm",
            hint="A new layer does not hold what it should. gamma and running_var are (D,) arrays of "
            "ones, beta and running_mean of zeros, num_batches_tracked is 0, whatever other layers did.",
        ),
        Check(
            id="two_layers",
            question="Does a layer give the same, whatever other layers do between its steps?",
            points=1,
            probe=Probe(ask_two_layers, neighbours),
            compare=(
                "change of y",
                "change of the gradients",
                "change of the running averages",
                "change of num_batches_tracked",
            ),
            function="BatchNorm",
            tolerance=1e-12,
            absolute=True,
            hint="Another layer, in the other mode, is used between this layer's steps, and this layer then "
            "gives something else. Two layers share nothing: whatever a layer keeps belongs to it alone.",
        ),
        Check(
            id="training_output",
            question="Does a new layer normalize by the statistics of the batch, then use gamma and beta "
            "as they are at that time?",
            points=1,
            probe=Probe(ask_training_output, training_batches),
            compare=("y of a new layer", "y with gamma and beta"),
            function="BatchNorm.forward",
            tolerance=1e-9,
            hint="In training, the mode of a new layer, y is gamma * (x - mean) / sqrt(var + eps) + beta "
            "with the mean and the biased variance of the batch itself. Yours differs.",
        ),
        Check(
            id="running_mean",
            question="With momentum 0.5, is running_mean right after each of several unequal batches?",
            points=1,
            probe=RUNNING,
            compare=("running_mean",),
            function="BatchNorm.forward",
            tolerance=1e-10,
            hint="With momentum 0.5 each training batch moves running_mean half of the way to the batch's "
            "mean, starting from 0. Yours goes elsewhere: follow it by hand over two batches.",
        ),
        Check(
            id="running_var",
            question="With momentum 0.5, is running_var right after each of several unequal batches?",
            points=2,
            probe=RUNNING,
            compare=("running_var",),
            function="BatchNorm.forward",
            tolerance=1e-10,
            hint="With momentum 0.5 each training batch moves running_var half of the way to the batch's "
            "unbiased variance, starting from 1. Yours goes elsewhere: follow it by hand for the batch of 2.",
        ),
        Check(
            id="momentum",
            question="Does a batch leave 1 - momentum of both running averages in them, 0.9 if momentum is "
            "left out, and 1 or 0 where momentum is 0 or 1?",
            points=2,
            probe=Probe(ask_momentum, momenta),
            compare=("share of running_mean that is kept", "share of running_var that is kept"),
            function="BatchNorm.forward",
            tolerance=1e-9,
            hint="A training batch must leave the share 1 - momentum of what both running averages held. "
            "Yours leaves another share in at least one of them.",
        ),
        Check(
            id="counter",
            question="Does num_batches_tracked count the training batches?",
            points=1,
            probe=RUNNING,
            compare=("num_batches_tracked",),
            function="BatchNorm.forward",
            tolerance=1e-10,
            hint="num_batches_tracked must go 0, 1, 2, ...: one more with each training batch, whatever its "
            "size.",
        ),
        Check(
            id="batch_of_one",
            question="Does a training batch of one sample raise a ValueError and change nothing?",
            points=1,
            probe=Probe(ask_batch_of_one, single_rows),
            compare=("raises", *STATE),
            function="BatchNorm.forward",
            tolerance=1e-12,
            absolute=True,
            hint="One sample has no unbiased variance (M - 1 is 0). In training such a batch must raise a "
            "ValueError, and no attribute may have changed by then.",
        ),
        Check(
            id="eval_output",
            question="In evaluation, is y computed from running_mean and running_var?",
            points=2,
            probe=EVALUATION,
            compare=("y",),
            function="BatchNorm.forward",
            tolerance=1e-9,
            hint="After eval(), y is gamma * (x - running_mean) / sqrt(running_var + eps) + beta with the "
            "attributes as they are; the batch at hand has no say in it. Yours differs.",
        ),
        Check(
            id="eval_one_row",
            question="In evaluation, is one sample as good as many?",
            points=1,
            probe=EVALUATION,
            compare=("raises", "y of one sample"),
            function="BatchNorm.forward",
            tolerance=1e-9,
            hint="After eval() a batch of one sample is normalized by running_mean and running_var like any "
            "other. Yours raises an error or gives another y.",
        ),
        Check(
            id="eval_keeps_state",
            question="Do eval() and forward passes in evaluation leave every attribute as it is?",
            points=1,
            probe=Probe(ask_eval_state, batches_to_evaluate),
            compare=STATE,
            function="BatchNorm",
            tolerance=1e-12,
            absolute=True,
            hint="Evaluation uses the state and never changes it: after eval() and forward passes all "
            "attributes are what they were. Here at least one is not.",
        ),
        Check(
            id="back_to_training",
            question="Do train() and eval() change the mode only, however often they are called?",
            points=1,
            probe=Probe(ask_back_to_training, two_batches),
            compare=(
                "change of y",
                "change of running_mean",
                "change of running_var",
                "change of num_batches_tracked",
                "change of y by a second train()",
                "change of y by a second eval()",
            ),
            function="BatchNorm",
            tolerance=1e-12,
            absolute=True,
            hint="eval() followed by train() must make no difference to the next training batch, neither to "
            "its y nor to the running averages after it; and either of them called twice in a row must do "
            "what it does when called once. Here one of them makes a difference.",
        ),
        Check(
            id="training_gradients",
            question="In training, are dx, dgamma and dbeta right for the x_hat that your layer computed?",
            points=2,
            probe=Probe(ask_training_gradients, gradient_batches),
            compare=(
                "dx of a constant dy",
                "dx of dy = x_hat, its error",
                "dx of a dy orthogonal to both, its error",
                "error of dgamma",
                "error of dbeta",
                "what train() changes in a new layer's dx",
            ),
            function="BatchNorm.backward",
            tolerance=1e-9,
            absolute=True,
            hint="After a training batch, backward does not give the gradients of the text, with the x_hat "
            "that your own forward pass computed and gamma as it was assigned.",
        ),
        Check(
            id="eval_gradients",
            question="In evaluation, are dx, dgamma and dbeta those of what forward does there?",
            points=2,
            probe=Probe(ask_eval_gradients, evaluation_gradients),
            compare=("error of dx", "error of dgamma", "error of dbeta", "raises for one sample"),
            function="BatchNorm.backward",
            tolerance=1e-9,
            absolute=True,
            hint="After a forward pass in evaluation, backward does not give its gradients. Derive them anew "
            "from y as evaluation computes it: which of its parts depend on x, on gamma, on beta?",
        ),
        Check(
            id="switch",
            question="Does backward belong to the last forward pass, even if the mode was changed since?",
            points=1,
            probe=Probe(ask_switch, switches),
            compare=(
                "change of a training batch's gradients",
                "change of an evaluation batch's gradients",
            ),
            function="BatchNorm.backward",
            tolerance=1e-12,
            absolute=True,
            hint="Calling eval() or train() between forward and backward changes the gradients. They belong "
            "to the forward pass, and to the mode that it ran in.",
        ),
        Check(
            id="untouched",
            question="Are x, dy, gamma and beta the same after forward and backward as before?",
            points=1,
            probe=Probe(ask_arguments, arguments),
            compare=tuple(
                f"{name} is unchanged after {mode}()"
                for mode in ("train", "eval")
                for name in ("x", "dy", "gamma", "beta")
            ),
            function="BatchNorm",
            tolerance=1e-10,
            hint="forward or backward has changed one of x, dy, gamma and beta. Compute in new arrays; "
            "changing gamma and beta is the optimizer's task.",
        ),
        Check(
            id="whole",
            question="Is everything right while a layer is trained, evaluated and trained again?",
            points=1,
            probe=Probe(ask_session, sessions),
            compare=SESSION,
            function="BatchNorm",
            tolerance=1e-9,
            hint="Over several batches in both modes, something differs from what the text asks for. Settle "
            "the questions before this one first.",
        ),
        Check(
            id="fold_weight",
            question="Is the folded weight right?",
            points=1,
            probe=FOLD,
            compare=("raises", "weight"),
            function="fold_into_linear",
            tolerance=1e-10,
            hint="The folded layer's weight is not right. Write out one output of the linear layer, put it "
            "into batch norm's formula in evaluation, and collect what multiplies each input.",
        ),
        Check(
            id="fold_bias",
            question="Is the folded bias right?",
            points=1,
            probe=FOLD,
            compare=("raises", "bias"),
            function="fold_into_linear",
            tolerance=1e-10,
            hint="The folded layer's bias is not right. Put the input 0 through both layers, one after the "
            "other: what comes out is the folded bias.",
        ),
        Check(
            id="fold_untouched",
            question="Are weight, bias and bn the same after the call as before it?",
            points=1,
            probe=FOLD,
            compare=("weight is unchanged", "bias is unchanged", "bn is unchanged"),
            function="fold_into_linear",
            tolerance=1e-10,
            hint="fold_into_linear has changed one of its arguments. Compute in new arrays.",
        ),
    ),
)
