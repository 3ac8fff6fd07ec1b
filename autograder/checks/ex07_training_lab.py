"""The questions of ex07_training_lab: the pieces of a training run, and conclusions from its losses."""

import numpy as np

from autograder.checks.asking import parts
from autograder.checks.model import Case, Check, Exercise, Probe
from autograder.reference.lab import (
    conclude,
    cross_entropy,
    linear_backward,
    predict,
    records,
    steps_to_target,
    sweep,
    train_step,
)


def ask_linear(student, dy, x, weight):
    """Gradients of a linear layer."""
    gradients = student.linear_backward(dy, x, weight)
    dx, dweight, dbias = parts(gradients, "dx", "dweight", "dbias")
    return {"dx": dx, "dweight": dweight, "dbias": dbias}


def ask_loss(student, logits, labels):
    """The loss of some logits, and its gradient."""
    loss, dlogits = parts(student.cross_entropy(logits, labels), "loss", "dlogits")
    return {"loss": loss, "dlogits": dlogits}


def ask_far_loss(student, logits, labels):
    """The same for logits that are thousands apart."""
    loss, dlogits = parts(student.cross_entropy(logits, labels), "loss", "dlogits")
    return {"loss": loss, "dlogits": dlogits}


def ask_step(student, kinds, params, running, x, target, learning_rate, options):
    """One step of training of a network of made-up layers, and what it changed."""

    class Layer:
        def statistics(self, cache):
            return ()

        def infer(self, x, params, running):
            return self.forward(x, params)[0]

    class Curve(Layer):  # y = a x + b x^2
        def forward(self, x, params):
            a, b = params
            return a * x + b * x**2, (x, a, b)

        def backward(self, dy, cache):
            x, a, b = cache
            return dy * (a + 2 * b * x), ((dy * x).sum(axis=0), (dy * x**2).sum(axis=0))

    class Sums(Layer):  # sums from the left
        def forward(self, x, params):
            return np.cumsum(x, axis=1), None

        def backward(self, dy, cache):
            return np.cumsum(dy[:, ::-1], axis=1)[:, ::-1], ()

    class Batch(Layer):  # y = w x + the product of the first and the last sample
        def forward(self, x, params):
            (w,) = params
            return w * x + x[0] * x[-1], (x, w)

        def backward(self, dy, cache):
            x, w = cache
            dx, shared = w * dy, dy.sum(axis=0)
            dx[0], dx[-1] = dx[0] + shared * x[-1], dx[-1] + shared * x[0]
            return dx, ((dy * x).sum(axis=0),)

        def statistics(self, cache):
            return cache[0].max(axis=0), cache[0].min(axis=0)

        def infer(self, x, params, running):
            (w,), (high, low) = params, running
            return w * x + high - low

    class Many(Layer):  # y = x times the sums of a matrix's columns + b: arrays of unlike shapes
        def forward(self, x, params):
            a, b = params
            return x * np.sum(a, axis=0) + b, (x, a)

        def backward(self, dy, cache):
            x, a = cache
            shared = np.einsum("nd,nd->d", dy, x)
            return dy * np.sum(a, axis=0), (shared + np.zeros_like(a), dy.sum(axis=0))

        def statistics(self, cache):
            x, _ = cache
            return x.max(axis=0), np.outer(x[0], x[-1])

        def infer(self, x, params, running):
            return self.forward(x - running[0], params)[0]

    def loss(y):
        return float(((y - target) ** 2).sum()), 2 * (y - target)

    def flat(tuples):
        return [np.concatenate([np.zeros(0), *map(np.ravel, arrays)]) for arrays in tuples]

    made = {"curve": Curve, "sums": Sums, "batch": Batch, "many": Many}
    network = [made[kind]() for kind in kinds]
    params, running = [tuple(p) for p in params], [tuple(r) for r in running]
    before = flat(params), flat([(x,), (target,)]), flat(running)
    step = student.train_step(network, params, running, x, loss, learning_rate, **options)
    value, new_params, new_running = parts(step, "value", "params", "running")
    after = flat(params), flat([(x,), (target,)]), flat(running)
    same = [
        len(b) == len(a) and all(map(np.array_equal, b, a))
        for b, a in zip(before, after, strict=True)
    ]
    answers = {"value": value, "network is unchanged": len(network) == len(kinds)}
    for name, unchanged in zip(("params are", "x is", "running is"), same, strict=True):
        answers[f"{name} unchanged"] = unchanged
    none = [()] * (4 - len(kinds))  # each network counts as one of four layers
    for i, arrays in enumerate(flat([*new_params, *none])):
        answers[f"params of layer {i}"] = arrays
    for i, arrays in enumerate(flat([*new_running, *none])):
        answers[f"running of layer {i}"] = arrays
    return answers


def ask_predict(student, kinds, params, running, x):
    """The output in evaluation of a network of made-up layers."""

    class Slope:  # y = w x, and no running averages
        def forward(self, x, params):
            (w,) = params
            return w * x, None

        def statistics(self, cache):
            return ()

        def infer(self, x, params, running):
            return self.forward(x, params)[0]

    class Batch:  # the largest sample of the batch in training, an average of it in evaluation
        def forward(self, x, params):
            (w,) = params
            return w * (x - 2 * x.max(axis=0)), x

        def statistics(self, cache):
            return (cache.max(axis=0),)

        def infer(self, x, params, running):
            (w,), (high,) = params, running
            return w * (x - high)

    class Square(Slope):  # sums of squares from the left: x must be (N, D); doubled in training
        def forward(self, x, params):
            return 2 * np.cumsum(x**2, axis=1), None

        def infer(self, x, params, running):
            return np.cumsum(x**2, axis=1)

    made = {"slope": Slope, "batch": Batch, "square": Square}
    network = [made[kind]() for kind in kinds]
    params, running = [tuple(p) for p in params], [tuple(r) for r in running]
    y = student.predict(network, params, running, x)
    return {"y": y, "shape": str(np.shape(y))}


def ask_steps(student, losses, target, options):
    """Steps to a target."""
    return {"steps": student.steps_to_target(losses, target, **options)}


def ask_sweep(student, values, seeds, length):
    """The losses of a sweep over runs that are formulas, and how many runs there were."""
    count = 0

    def run(batch_norm, value, seed):
        nonlocal count
        count += 1
        arm = 5.0 if batch_norm else 1.0
        return arm * (value + 10.0 * seed) * (np.arange(length) % 3 + 1)

    losses = student.sweep(run, values, seeds)
    return {"losses": losses, "number of runs": count}


def ask_best(student, values, steps):
    """The best values that a sweep shows."""
    said = student.conclude(values, steps)
    return {"best": said["best"], "speedup": dict(said).get("speedup", np.nan)}


def ask_speedup(student, values, steps):
    """The speedup that a sweep shows."""
    said = student.conclude(values, steps)
    return {"speedup": said["speedup"], "best": dict(said).get("best", np.nan)}


def ask_usable(student, values, steps):
    """The usable values that a sweep shows."""
    return {"usable": student.conclude(values, steps)["usable"]}


def ask_records(student, name, other, option, values, seeds, steps, again, target):
    """Whether the records of one experiment agree with the notebook's functions."""

    def alike(a, b):
        a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
        return a.shape == b.shape and bool(np.allclose(a, b, 1e-6, 0.0, equal_nan=True))

    made = student.records
    made = made(student) if callable(made) else made  # a function where the checks are proven
    losses = np.asarray(made[f"{name}_losses"], dtype=np.float64)

    def briefly(batch_norm, value, seed):
        return made["train"](batch_norm, seed, **{option: value}, steps=again)[0]

    rerun = np.asarray(student.sweep(briefly, values.copy(), list(seeds)), dtype=np.float64)
    whole = losses.shape == (*rerun.shape[:-1], steps)
    rerun_alike = alike(losses[..., :again], rerun)
    seed_alike = alike(losses[..., :1, :again], rerun[..., :1, :])

    counts = [
        student.steps_to_target(curve, target) for curve in losses.reshape(-1, losses.shape[-1])
    ]
    counts = np.array(counts, dtype=np.float64).reshape(losses.shape[:-1])
    follows = student.conclude(values.copy(), counts)
    answers = {
        "the shape of the losses is as promised": whole,
        "a run again gives the same losses": rerun_alike,
        "and so does the first seed": seed_alike,
        "the losses without batch norm are the others": alike(losses[::-1, ..., :again], rerun),
    }
    said = made[f"{name}_conclusions"]
    for entry in ("best", "speedup", "usable"):
        answers[f"{entry} follows from the losses"] = alike(said[entry], follows[entry])
    swapped = made[f"{other}_conclusions"]
    answers["the other conclusions follow"] = alike(swapped["best"], follows["best"])
    return answers


def linear_batches(rng):
    cases = []
    for n, d_in, d_out in [(2, 3, 4), (7, 5, 3), (4, 4, 4)]:
        inputs = {
            "dy": rng.standard_normal((n, d_out)) + 0.5,
            "x": rng.standard_normal((n, d_in)) * 2 + 1,
            "weight": rng.standard_normal((d_out, d_in)),
        }
        if n == 2:
            inputs = {name: rng.permutation(a.size) + 1.0 for name, a in inputs.items()}
            inputs["dy"] = inputs["dy"].reshape(n, d_out)
            inputs["x"] = inputs["x"].reshape(n, d_in)
            inputs["weight"] = inputs["weight"].reshape(d_out, d_in)
        label = f"{n} samples, {d_in} inputs, {d_out} outputs"
        cases.append(Case(label + (", whole numbers" if n == 2 else ""), inputs))
    return cases


def some_labels(rng, samples, classes):
    """Draw labels among which at least two differ, and one class is missing."""
    return np.resize(rng.permutation(classes)[: classes - 1], samples)


def logits(rng):
    return [
        Case(
            f"{n} samples of {k} classes",
            {"logits": rng.uniform(-2, 2, (n, k)), "labels": some_labels(rng, n, k)},
        )
        for n, k in [(2, 3), (6, 4), (5, 5), (1, 4)]
    ]


def far_logits(rng):
    cases = []
    for n, k in [(5, 3), (4, 5)]:
        values = np.round(rng.uniform(-3, 3, (n, k)), 3)
        labels = values.argmin(axis=1)
        values[0] += 4000.0
        values[1] -= 4000.0
        values[2, labels[2]] -= rng.integers(1000, 3000)
        values[3, values[3].argmax()] += rng.integers(2000, 4000)
        inputs = {"logits": values, "labels": labels}
        cases.append(Case(f"{n} samples of {k} classes, logits in the thousands", inputs))
    return cases


def made_up_networks(rng):
    cases = []
    for n, d, kinds, rate, options in [
        (4, 3, ["curve", "batch", "sums", "curve"], 0.05, {"momentum": 0.3}),
        (5, 5, ["batch", "sums", "curve", "batch"], 0.02, {}),
        (6, 2, ["sums", "curve", "batch", "curve"], 0.1, {"momentum": 0.6}),
        (3, 4, ["curve", "batch", "sums"], 0.05, {"momentum": 0.2}),
        (4, 3, ["many", "curve", "batch"], 0.02, {"momentum": 0.0}),
        (5, 2, ["many"], 0.05, {"momentum": 0}),
        (4, 2, ["batch", "many"], 0.03, {"momentum": 1.0}),
    ]:
        params, running = [], []
        for kind in kinds:
            draw = rng.uniform(0.5, 1.0, (2, d)) * rng.choice([-1.0, 1.0], (2, d))
            params.append({"curve": [draw[0], 0.3 * draw[1]], "batch": [draw[0]]}.get(kind, []))
            averages = rng.uniform(1.0, 2.0, (2, d)) * rng.choice([-1.0, 1.0], (2, d))
            running.append([averages[0], averages[1]] if kind == "batch" else [])
            if kind == "many":
                params[-1] = [rng.uniform(0.2, 0.8, (d, d)), draw[1]]
                running[-1] = [averages[0], rng.uniform(1.0, 2.0, (d, d))]
        inputs = {"kinds": kinds, "params": params, "running": running, "options": options}
        inputs |= {"x": rng.uniform(0.3, 0.9, (n, d)) * rng.choice([-1.0, 1.0], (n, d))}
        inputs |= {"target": rng.standard_normal((n, d)), "learning_rate": rate}
        momentum = f"momentum {options['momentum']}" if options else "momentum left out"
        cases.append(Case(f"{n} samples, layers {', '.join(kinds)}, {momentum}", inputs))
    return cases


def trained_networks(rng):
    cases = []
    for n, d, kinds in [
        (3, 2, ["slope", "batch", "square", "slope"]),
        (4, 4, ["batch", "square", "batch", "slope"]),
        (1, 3, ["square", "batch", "slope", "batch"]),
        (2, 3, ["batch", "slope", "square"]),
    ]:
        params, running = [], []
        for kind in kinds:
            signs = rng.choice([-1.0, 1.0], d)
            params.append([] if kind == "square" else [rng.uniform(0.6, 1.5, d) * signs])
            running.append([rng.uniform(2.0, 3.0, d)] if kind == "batch" else [])
        inputs = {"kinds": kinds, "params": params, "running": running}
        inputs["x"] = rng.uniform(0.5, 1.8, (n, d))
        cases.append(Case(f"{n} samples, layers {', '.join(kinds)}", inputs))
    return cases


def curves(rng):
    high = float(rng.integers(6, 10))
    unit = 2.0 ** rng.integers(-2, 3)  # of two: means of 2, 4 and 8 losses are exact
    lows = [[3, 1, 0, 0, 0], [0, 4, 0, 0, 1], [1, 2, 1, 0, 0]][rng.integers(3)]
    patterns = [
        ("a low loss early on", [high, 0, high, high, *lows, high, 0, 0, 0, 0], 1, 4),
        ("low losses at the start", [0, 1, high + 6, high, 4, 0, 2, 2, 0, 0, high, high], 2, 4),
        ("a window of 2", [high, 2, high, 2, 0, 9, 0, 0, 0], 1, 2),
        ("never low enough", [high, 4, 0, high, high, 4, 0, high, high, 4], 2, 8),
        ("a little too high at once", [1, 1, 1, 1.125, high, 0, 0, 0, 0, high], 1, 4),
        ("low only at the end", [high, high, high, 6, 0, 0, 0], 1, 4),
        ("low only at the end", [high, 1, high, 5, 1], 2, 2),
        ("diverged", [high, high, high + 2, high + 9, *[np.inf] * 5], 3, 4),
        ("low, then diverged", [high, 7, 1, 1, 2, high + 2, *[np.inf] * 6], 3, 4),
        ("low enough at the last step", [high, high, high, 0, 4, 3, 1], 2, 4),
        ("low enough at the last step", [high, 4, high, 5, 3, 1], 2, 2),
        ("low enough at once", [0, 0, 2, 1, 4, high, 0, 1, 1, 0], 1, 4),
        ("low enough at once", [4, 1, high, 4, 0, 0, 0, 9], 3, 2),
        ("low once", [high, 3, high, 2, 0, high, 0], 2, 1),
        ("low only at the end", [high, high + 1, high, 4], 4, 1),
        ("as many losses as the window", [2, high - 6, 1, 4, 0], 3, 5),
        ("as many losses as the window", [high, 0, high], 5, 3),
    ]
    cases = [
        Case(
            f"{label}, window {window}",
            {
                "losses": unit * np.array(losses, dtype=np.float64),
                "target": unit * target,
                "options": {"window": window},
            },
        )
        for label, losses, target, window in patterns
    ]
    for head in (13, 17):
        losses = np.array([high] * 3 + [0.0] + [high] * (head - 4) + [0.0] * 14)
        inputs = {"losses": losses, "target": 0.35 * high, "options": {}}
        cases.append(Case("the window left out", inputs))
    return cases


def sweeps(rng):
    return [
        Case(
            f"{v} values, {len(seeds)} seeds",
            {
                "values": (np.arange(v, 0.0, -1.0) + 0.5) * rng.integers(1, 4),  # falling
                "seeds": [int(seed) for seed in np.array(seeds) + rng.integers(0, 3)],
                "length": length,
            },
        )
        for v, seeds, length in [(3, [7, 2], 4), (2, [5, 8, 3], 6), (3, [4, 9, 6], 3)]
    ]


def many_steps(rng):
    """Two arms in which the best value depends on what is taken for the best."""
    rows = np.array(
        [
            [20, 33, 37, 50],  # the smallest mean
            [5, 64, 65, 66],  # the smallest minimum
            [28, 29, 30, 100],  # a small median
            [44, 43, 45, 44],  # the smallest maximum
            [8, 9, np.inf, np.inf],  # some seeds failed
            [6, 7, 10, np.inf],  # one did
            [70, 71, 72, 73],  # the largest finite mean
            [np.inf] * 4,
        ]
    )
    cases = []
    for v, scale in ((7, 1), (8, 1), (8, 1000)):
        values = np.sort(rng.choice(np.arange(1, 60), v, replace=False)) / 16
        orders = [rng.permutation(v), rng.permutation(v)]
        while orders[0].argmin() == orders[1].argmin():  # of row 0: the arms differ in the best
            orders[1] = rng.permutation(v)
        without = rng.integers(3, 6) * rows[orders[0]][:, rng.permutation(4)] + 1
        with_it = rows[orders[1]][:, rng.permutation(4)] + rng.integers(3, 7)
        inputs = {"values": values, "steps": scale * np.array([without, with_it])}
        cases.append(Case(f"{v} values, 4 seeds", inputs))
    return cases


def clear_sweeps(rng):
    """Two arms in which one value is the best for every seed, another in each arm."""
    cases = []
    for v, s in [(3, 2), (4, 3), (5, 4), (3, 1)]:
        steps = rng.integers(60, 120, (2, v, s)).astype(np.float64)
        steps[1] -= 20.0
        best = rng.permutation(v)[:2]
        for arm, low in ((0, 40), (1, 10)):
            steps[arm, best[arm]] = low + np.arange(s) ** 2 * rng.integers(1, 3)
        others = [i for i in range(v) if i not in best]
        steps[0, others[0], 0] = np.inf
        cases.append(
            Case(f"{v} values, {s} seeds", {"values": np.arange(1.0, v + 1), "steps": steps})
        )
    return cases


def experiments(rng):
    shared = {"seeds": [0, 1, 2], "steps": 150, "again": 20, "target": 0.3}
    rates, scales = np.array([0.03, 0.1, 0.3, 1.0, 3.0]), np.array([0.1, 0.3, 1.0, 3.0, 10.0])
    rate = {"name": "rate", "other": "scale", "option": "learning_rate", "values": rates}
    scale = {"name": "scale", "other": "rate", "option": "init_scale", "values": scales}
    return [
        Case("the learning rates", rate | shared),
        Case("the initial scales", scale | shared),
    ]


LINEAR = Probe(ask_linear, linear_batches)
LOSS = Probe(ask_loss, logits)
STEP = Probe(ask_step, made_up_networks)
RECORDS = Probe(ask_records, experiments)

EXERCISE = Exercise(
    name="ex07_training_lab",
    data=("digits.csv.gz", "digits.py"),
    cell_seconds=120,
    question_seconds=30,
    reference={
        "linear_backward": linear_backward,
        "cross_entropy": cross_entropy,
        "train_step": train_step,
        "predict": predict,
        "steps_to_target": steps_to_target,
        "sweep": sweep,
        "conclude": conclude,
        "records": records,
    },
    checks=(
        Check(
            id="linear_input",
            question="Is dx the gradient with respect to the layer's input?",
            points=1,
            probe=LINEAR,
            compare=("dx",),
            function="linear_backward",
            tolerance=1e-9,
            hint="dx is not the gradient with respect to x. Write out one entry: x[n, i] enters "
            "y[n, o] with the factor weight[o, i], for every o.",
        ),
        Check(
            id="linear_parameters",
            question="Are dweight and dbias the gradients with respect to weight and bias?",
            points=1,
            probe=LINEAR,
            compare=("dweight", "dbias"),
            function="linear_backward",
            tolerance=1e-9,
            hint="dweight or dbias is not the gradient with respect to weight or bias. Write out one "
            "entry of each: in how many entries of y does it stand, and with which factor?",
        ),
        Check(
            id="loss",
            question="Is loss the mean over the samples of minus ln of the right class's probability?",
            points=2,
            probe=LOSS,
            compare=("loss",),
            fingerprint=("loss", "dlogits"),
            function="cross_entropy",
            tolerance=1e-9,
            hint="loss is not the mean over the samples of minus the natural logarithm of the softmax "
            "probability of the right class. Work the small case by hand.",
        ),
        Check(
            id="loss_gradient",
            question="Is dlogits the gradient of that loss with respect to the logits?",
            points=2,
            probe=LOSS,
            compare=("dlogits",),
            function="cross_entropy",
            tolerance=1e-9,
            hint="dlogits is not the gradient of the mean loss. Work the small case by hand: each row "
            "adds up to 0, and only the right class's entry is negative.",
        ),
        Check(
            id="loss_far",
            question="Are loss and dlogits right where logits are thousands apart?",
            points=1,
            probe=Probe(ask_far_loss, far_logits),
            compare=("loss", "dlogits"),
            function="cross_entropy",
            tolerance=1e-9,
            hint="With logits thousands away from 0, or thousands apart, loss or dlogits is wrong. If "
            "the questions before this one pass, look at what overflows or becomes 0 on the way.",
        ),
        Check(
            id="step",
            question="Are the loss and the new params those of one step of gradient descent?",
            points=3,
            probe=STEP,
            compare=("value", *(f"params of layer {i}" for i in range(4))),
            function="train_step",
            tolerance=1e-9,
            hint="value is not the loss of the batch before the step, or params are not the old ones "
            "minus learning_rate times their gradient. Follow the gradient layer by layer on paper.",
        ),
        Check(
            id="step_running",
            question="Are the new running averages right?",
            points=1,
            probe=STEP,
            compare=tuple(f"running of layer {i}" for i in range(4)),
            function="train_step",
            tolerance=1e-9,
            hint="running is not (1 - momentum) * running + momentum * statistics, with the momentum "
            "given (0.1 where it is not) and the statistics of this batch in this layer.",
        ),
        Check(
            id="step_untouched",
            question="Are the arguments the same after the call as before it?",
            points=1,
            probe=STEP,
            compare=(
                "network is unchanged",
                "params are unchanged",
                "x is unchanged",
                "running is unchanged",
            ),
            function="train_step",
            hint="The function has changed a list or an array of its caller's. Put new arrays into new "
            "lists.",
        ),
        Check(
            id="evaluation",
            question="Is the output in evaluation made with the running averages?",
            points=1,
            probe=Probe(ask_predict, trained_networks),
            compare=("y", "shape"),
            function="predict",
            tolerance=1e-9,
            hint="The result is not what the last layer returns when each layer's infer gets the "
            "output of the layer before it, with its own params and running averages.",
        ),
        Check(
            id="steps",
            question="Is it the first number of steps after which the mean of the window is low enough?",
            points=2,
            probe=Probe(ask_steps, curves),
            compare=("steps",),
            function="steps_to_target",
            tolerance=1e-9,
            hint="The result is not the smallest n >= window for which the mean of losses[n - window : n] "
            "is at most target, or np.inf where there is none. Work the small case by hand.",
        ),
        Check(
            id="every_run",
            question="Are all runs there, without and with batch norm, in the order asked for, each run once?",
            points=2,
            probe=Probe(ask_sweep, sweeps, replayed=False),  # it counts its own calls
            compare=("losses", "number of runs"),
            function="sweep",
            tolerance=1e-9,
            hint="losses[b, v, s] must be what run(bool(b), values[v], seeds[s]) returns, for both b "
            "and for every v and s, and run must be called once for each.",
        ),
        Check(
            id="best",
            question="Is each arm's best value the one with the smallest mean over all seeds?",
            points=1,
            probe=Probe(ask_best, many_steps),
            compare=("best",),
            function="conclude",
            tolerance=1e-9,
            hint="best does not hold, without and with batch norm, the value with the smallest mean "
            "number of steps over all seeds, a seed that never arrived making it infinite.",
        ),
        Check(
            id="speedup",
            question="Does the speedup compare the means, each arm at its own best value?",
            points=1,
            probe=Probe(ask_speedup, clear_sweeps),
            compare=("speedup",),
            function="conclude",
            tolerance=1e-9,
            hint="speedup is not the mean number of steps without batch norm over that with it, each at "
            "its own best value.",
        ),
        Check(
            id="usable",
            question="Is a value usable where every seed reached the target, and only there?",
            points=1,
            probe=Probe(ask_usable, many_steps),
            compare=("usable",),
            function="conclude",
            tolerance=1e-9,
            hint="usable[b, v] must be True where all of steps[b, v] are finite, and False elsewhere.",
        ),
        Check(
            id="recorded",
            question="Are the losses in records those of the runs asked for?",
            points=2,
            probe=RECORDS,
            compare=(
                "the shape of the losses is as promised",
                "a run again gives the same losses",
            ),
            fingerprint=(
                "the shape of the losses is as promised",
                "a run again gives the same losses",
                "and so does the first seed",
                "the losses without batch norm are the others",
            ),
            function="records",
            hint="The losses in records are not what sweep gives with train, with the learning rates, "
            "scales, seeds and number of steps asked for. Run the notebook from top to bottom.",
        ),
        Check(
            id="concluded",
            question="Do the conclusions in records follow from the losses in records?",
            points=1,
            probe=RECORDS,
            compare=(
                "best follows from the losses",
                "speedup follows from the losses",
                "usable follows from the losses",
            ),
            fingerprint=(
                "best follows from the losses",
                "speedup follows from the losses",
                "usable follows from the losses",
                "the other conclusions follow",
            ),
            function="records",
            hint="The conclusions in records are not what conclude gives for the losses in records. "
            "Compute them in the same run, with the right losses and values.",
        ),
    ),
)
