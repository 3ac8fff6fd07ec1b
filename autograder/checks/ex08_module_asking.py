"""The asking half of ex08_module: what is put to a student's modules, and what comes of it.

Modules are asked in float64, and their state is written from outside, so that what a module holds,
what it computes and what it keeps are questions apart.
"""

import numpy as np
import torch

from autograder.checks.asking import largest
from autograder.checks.modules import (
    STATE,
    Given1d,
    Given2d,
    backward,
    blended,
    built,
    differing,
    holds,
    into,
    network,
    output,
    put,
    raised,
    snapshot,
    state,
    trained,
)
from autograder.checks.tensors import Audit, array, tensor


def ask_state(student, kind, features, options, used):
    """What a new module holds, after another one was used."""
    make = getattr(student, kind)
    other = make(features, **options)
    try:
        other(tensor(used, torch.float32))
    except Exception:  # forward is not written yet, say
        pass
    module = make(features, **options)
    parameters, buffers = dict(module.named_parameters()), dict(module.named_buffers())

    def shapes(names):
        values = [(name, getattr(module, name, None)) for name in names]
        values = [f"{n} {tuple(v.shape)}" for n, v in values if isinstance(v, torch.Tensor)]
        return ", ".join(values) or "none"

    counter = getattr(module, "num_batches_tracked", None)
    return {
        "parameters": ", ".join(sorted(parameters)) or "none",
        "parameters that require a gradient": ", ".join(
            name for name in sorted(parameters) if parameters[name].requires_grad
        ),
        "shapes of weight and bias": shapes(STATE[:2]),
        "weight": state(module, "weight"),
        "bias": state(module, "bias"),
        "buffers": ", ".join(name for name in STATE[2:] if name in buffers) or "none",
        "shapes of the buffers": shapes(STATE[2:]),
        "running_mean": state(module, "running_mean"),
        "running_var": state(module, "running_var"),
        "num_batches_tracked": state(module, "num_batches_tracked"),
        "dtype of num_batches_tracked": str(getattr(counter, "dtype", None)),
        "all buffers": ", ".join(sorted(buffers)),  # tells mistakes apart that look alike here
    }


def ask_state_dict(student, kind, features, options, values):
    """The keys of a state_dict, and what comes over where it is loaded into torch's, and back."""
    ours = built(getattr(student, kind), features, **options)
    theirs = built(getattr(torch.nn, kind), features, **options)
    names = sorted(theirs.state_dict())

    def moved(source, target):
        put(source, **values)
        put(target, **{name: 0 * np.asarray(value) for name, value in values.items()})
        error = raised(lambda: target.load_state_dict(source.state_dict(), strict=True))
        held = target.state_dict()
        held = [np.ravel(array(held[name])) for name in names if name in held]
        return error, np.concatenate([np.zeros(0), *held])

    keys = ", ".join(sorted(ours.state_dict())) or "none"
    into = moved(ours, theirs)
    out = moved(theirs, ours)
    return {
        "keys of the state_dict": keys,
        "loading it into torch's module raises": into[0],
        "what torch's module then holds": into[1],
        "loading that of torch's module raises": out[0],
        "what yours then holds": out[1],
        "what it is made of": holds(ours),  # tells mistakes apart that look alike here
    }


def ask_moves(student, kind, x):
    """What double() and to() leave as it was, in a module that has seen a batch."""

    def left(move, is_there):
        module = getattr(student, kind)(x.shape[1])
        try:
            module(tensor(x, torch.float32))
        except Exception:  # not written yet, say
            pass
        module = move(module)
        found = []
        for name in STATE:
            value = getattr(module, name, None)
            if isinstance(value, np.ndarray):
                found.append(name)
            elif isinstance(value, torch.Tensor) and not is_there(value):
                found.append(name)
        return ", ".join(found) or "nothing"

    def is_double(value):
        return not value.is_floating_point() or value.dtype == torch.float64

    return {
        "left in float32 by double()": left(lambda module: module.double(), is_double),
        "left in float32 by to(torch.float64)": left(lambda m: m.to(torch.float64), is_double),
        "left behind by to('meta')": left(lambda m: m.to("meta"), lambda value: value.is_meta),
    }


def ask_rows(student, kind, x):
    """Output in training for x (N, C), with weight = 1 and bias = 0.

    The others tell mistakes apart that look alike in it.
    """

    def y(weight, bias):
        module = built(getattr(student, kind), x.shape[1])
        ones = np.ones(x.shape[1])
        put(module, weight=weight * ones, bias=bias * ones)
        return array(output(module, tensor(x))), state(module, "running_var")

    plain, running_var = y(1, 0)
    return {"y": plain, "y with weight = 2 and bias = 3": y(2, 3)[0], "running_var": running_var}


def ask_maps(student, kind, x):
    """Output in training for x (N, C, L) or (N, C, H, W), with weight = 1 and bias = 0.

    The others tell mistakes apart that look alike in it.
    """

    def y(weight, bias):
        module = built(getattr(student, kind), x.shape[1])
        ones = np.ones(x.shape[1])
        put(module, weight=weight * ones, bias=bias * ones)
        return array(output(module, tensor(x))), state(module, "running_var")

    plain, running_var = y(1, 0)
    return {"y": plain, "y with weight = 2 and bias = 3": y(2, 3)[0], "running_var": running_var}


def ask_affine(student, kind, x, weight, bias):
    """How far y is from weight * x_hat + bias, x_hat being the student's own."""
    shape = [1, -1, *(1 for _ in x.shape[2:])]

    def y(weight, bias, **options):
        module = built(getattr(student, kind), x.shape[1], **options)
        if not options:
            put(module, weight=weight, bias=bias)
        return array(output(module, tensor(x)))

    x_hat = y(np.ones_like(weight), np.zeros_like(bias))
    answers = {
        "y minus (weight * x_hat + bias)": y(weight, bias)
        - (weight.reshape(shape) * x_hat + bias.reshape(shape)),
        "y with affine=False, minus x_hat": np.zeros(0),
    }
    error = raised(lambda: y(weight, bias, affine=False))
    if error == "nothing":
        answers["y with affine=False, minus x_hat"] = y(weight, bias, affine=False) - x_hat
    return answers | {
        "affine=False raises": error,
        "x_hat": x_hat,  # tells mistakes apart that look alike here
    }


def ask_eps(student, x, options):
    """By how much a channel whose variance is far below eps is stretched, in both modes.

    In evaluation the running statistics are those of the batch, so that it makes no difference
    which of the two are used.
    """
    top, bottom, every = x.argmax(axis=0), x.argmin(axis=0), np.arange(x.shape[1])

    def gain(mode, x=x):
        module = built(student.BatchNorm1d, x.shape[1], **options)
        ones = np.ones(x.shape[1])
        into(module, mode)
        put(module, weight=ones, bias=0 * ones)
        put(module, running_mean=x.mean(axis=0), running_var=x.var(axis=0))
        y = array(output(module, tensor(x)))
        return (y[top, every] - y[bottom, every]) / (x[top, every] - x[bottom, every])

    return {
        "gain in training": gain("training"),
        "gain in evaluation": gain("evaluation"),
        "gain where the variance is large": gain("training", x * 1e12),
    }


def ask_running(student, kind, momentum, batches):
    """The running statistics and the counter after each of several training batches."""
    module = built(getattr(student, kind), batches[0].shape[1], momentum=momentum)
    zeros = np.zeros(batches[0].shape[1])
    put(module, running_mean=zeros, running_var=zeros + 1, num_batches_tracked=0)
    means, variances, counts = [], [], []
    for number, batch in enumerate(batches):
        with torch.set_grad_enabled(number % 2 == 0):
            output(module, tensor(batch, grad=True) * 1)
        means.append(np.ravel(state(module, "running_mean")))
        variances.append(np.ravel(state(module, "running_var")))
        counts.append(np.ravel(state(module, "num_batches_tracked")))
    counter = getattr(module, "num_batches_tracked", None)
    other = built(getattr(student, kind), batches[0].shape[1], momentum=None)
    raised(lambda: output(other, tensor(batch)))
    return {
        "running_mean": means,
        "running_var": variances,
        "num_batches_tracked": counts,
        "dtype of num_batches_tracked": str(getattr(counter, "dtype", None)),
        # tells mistakes apart that look alike here
        "num_batches_tracked with momentum=None": state(other, "num_batches_tracked"),
    }


def ask_weights(student, kind, batches, running_mean, running_var, count, options):
    """With which weight each batch, and what was there before, enter the running statistics.

    All batches have the same spread. One is moved by 1 and spread twice as wide: by how much that
    changes the running mean is its weight there; its share in the changes of the running variance,
    whatever variance it is, is its weight there.
    """

    def after(number=None, start=0.0):
        module = built(getattr(student, kind), batches[0].shape[1], **options)
        put(module, running_mean=running_mean + start, running_var=running_var + start)
        put(module, num_batches_tracked=count)
        for i, x in enumerate(batches):
            if i == number:
                middle = x.mean(axis=(0, *range(2, x.ndim)), keepdims=True)
                x = middle + 1 + 2 * (x - middle)
            output(module, tensor(x))
        averages = np.stack([np.ravel(state(module, name)) for name in STATE[2:4]])
        return averages, state(module, "num_batches_tracked")

    what = "momentum=None: " if options.get("momentum", 0) is None else ""
    found = []
    answers = {f"{what}it raises": raised(lambda: found.extend(after()))}
    changes = shares = start = np.zeros(0)
    if found:
        usual, kept = found
        changes = np.stack([after(number)[0] - usual for number in range(len(batches))])
        start = after(start=1.0)[0] - usual
        shares = changes[:, 1] / changes[:, 1].sum(axis=0) * (1 - start[1])
        changes = changes[:, 0]
        answers["num_batches_tracked"] = kept  # tells mistakes apart that look alike here
    return answers | {
        f"{what}weights of the batches in running_mean": changes,
        f"{what}weights of the batches in running_var": shares,
        f"{what}weight of what was there before": start,
    }


def ask_eval(student, kind, x, weight, bias, running_mean, running_var):
    """Output in evaluation with a state that was written into the module."""

    def evaluated(x, inside=False):
        module = built(getattr(student, kind), x.shape[1])
        put(module, weight=weight, bias=bias, running_mean=running_mean, running_var=running_var)
        put(module, num_batches_tracked=7)
        # A network sets the mode of what it holds by another way than the module's own eval().
        whole = torch.nn.Sequential(module)
        whole.eval()
        if not inside:
            module.eval()
        return array(output(whole, tensor(x)))

    one = x[:1, :, :1, :1] if x.ndim == 4 else x[:1, :, :1] if x.ndim == 3 else x[:1]
    answers = {"y": evaluated(x), "y of one value per channel": np.zeros(0)}
    answers["one value per channel raises"] = raised(lambda: evaluated(one))
    if answers["one value per channel raises"] == "nothing":
        answers["y of one value per channel"] = evaluated(one)
    module = built(getattr(student, kind), x.shape[1])
    put(module, weight=weight, bias=bias)
    return answers | {
        "y in a network whose eval() was called": evaluated(x, inside=True),
        # tells mistakes apart that look alike here
        "y in training": array(output(module, tensor(x))),
    }


def ask_eval_state(student, kind, batch, others, options):
    """What eval() and forward passes in evaluation change in a trained module."""
    module = built(getattr(student, kind), batch.shape[1], **options)
    output(module, tensor(batch))
    before = snapshot(module)
    module.eval()
    at_once = differing(before, snapshot(module))
    for x in others:
        output(module, tensor(x))
    return {
        "changed by eval()": at_once,
        "changed in evaluation": differing(before, snapshot(module)),
    }


def ask_untracked(student, kind, x, options):
    """What track_running_stats=False changes in the output, in either mode."""

    def y(**more):
        mode = more.pop("mode", "training")
        module = into(built(getattr(student, kind), x.shape[1], **options, **more), mode)
        return array(output(module, tensor(x)))

    module = built(getattr(student, kind), x.shape[1], track_running_stats=False)
    usual, answers = y(), {"what it is made of": holds(module)}  # tells alike mistakes apart
    for mode in ("training", "evaluation"):
        error = raised(lambda mode=mode: y(track_running_stats=False, mode=mode))
        answers[f"it raises in {mode}"] = error
        answers[f"y in {mode}, minus y of a batch in training"] = (
            y(track_running_stats=False, mode=mode) - usual if error == "nothing" else np.zeros(0)
        )
    return answers


def ask_refused(student, kind, x, options, mode, about):
    """What a module raises, and what it has changed by then."""
    module = built(getattr(student, kind), x.shape[1 if x.ndim > 1 else 0], **options)
    put(module, running_mean=1.0 + np.arange(len(x[0]) if x.ndim > 1 else len(x)))
    into(module, mode)
    before = snapshot(module)
    error = raised(lambda: output(module, tensor(x)))
    changed = "nothing" if error == "nothing" else differing(before, snapshot(module))
    again, twice = [], tensor(np.concatenate([x, x]))
    torch_s = isinstance(module, torch.nn.modules.batchnorm._NormBase)
    if about == "one value":
        with Audit() as audit:
            raised(lambda: again.append(array(output(module, twice))))
    return {
        f"{about}: raises": error,
        f"{about}: changed by what was refused": changed,
        # tells mistakes apart that look alike here
        "what it is made of": holds(module),
        "torch's own": about == "one value" and str((torch_s, audit.normalizers)),
        "y of it twice": again[0] if again else "an error",
    }


def ask_layout(student, kind, mode, x, how):
    """What the layout of x in memory changes in the output."""

    def laid(x):
        if how == "channels last":
            return torch.movedim(torch.movedim(x, 1, -1).contiguous(), -1, 1)
        if how == "the batch last":
            return torch.movedim(torch.movedim(x, 0, -1).contiguous(), -1, 0)
        if how == "every second sample":
            return torch.stack([x, x + 1], dim=1).flatten(0, 1)[::2]
        return torch.stack([x, -x], dim=-1)[..., 0]

    def y(x):
        return array(output(into(built(getattr(student, kind), x.shape[1]), mode), x))

    usual = laid(tensor(x)).contiguous()
    error = raised(lambda: y(laid(tensor(x))))
    change = y(laid(tensor(x))) - y(usual) if error == "nothing" else np.zeros(0)
    return {"raises": error, "change of y": change}


def ask_dtype(student, kind, x):
    """The dtypes in a float32 module, and how far its y is from that in float64."""
    module, ones = getattr(student, kind)(x.shape[1]), np.ones(x.shape[1])
    put(module, weight=ones, bias=0 * ones)
    y = output(module, tensor(x, torch.float32))
    dtypes = [str(getattr(getattr(module, name, None), "dtype", None)) for name in STATE[2:4]]
    module.eval()
    later = output(module, tensor(x, torch.float32))
    wide = built(getattr(student, kind), x.shape[1])
    put(wide, weight=ones, bias=0 * ones)
    exact = output(wide, tensor(x.astype(np.float64)))
    return {
        "dtype of y in training": str(y.dtype),
        "dtype of y in evaluation": str(later.dtype),
        "dtypes of running_mean and running_var": " and ".join(dtypes),
        "dtype of y in a float64 module": str(exact.dtype),
        "distance from y in float64": largest(array(y) - array(exact)),
    }


def ask_untouched(student, kind, mode, x, values):
    """Whether x, weight and bias are what they were."""
    module = into(built(getattr(student, kind), x.shape[1]), mode)
    put(module, **values)
    before, given = snapshot(module), tensor(x)
    output(module, given)
    after = snapshot(module)
    return {
        "x is unchanged": np.array_equal(array(given), x),
        "weight is unchanged": np.array_equal(before["weight"], after["weight"]),
        "bias is unchanged": np.array_equal(before["bias"], after["bias"]),
    }


def ask_gradients(student, kind, mode, x, dy, along, values, steps):
    """Errors of autograd's slopes: against difference quotients of the student's own output.

    Along a shift of the batch, a stretch of it, any direction, and along weight and bias.
    """
    axes = (0, *range(2, x.ndim))
    middle, shift = x.mean(axis=axes, keepdims=True), along.mean(axis=axes, keepdims=True)

    def ready(weight=0.0, bias=0.0):
        module = built(getattr(student, kind), x.shape[1], eps=0.5)
        put(module, **values)
        put(module, weight=values["weight"] + weight, bias=values["bias"] + bias)
        return into(module, mode)

    def value(x, **change):
        return float(np.sum(dy * array(output(ready(**change), tensor(x)))))

    def quotient(along, h=1e-5, **along_state):
        up = value(x + h * along, **{n: h * v for n, v in along_state.items()})
        down = value(x - h * along, **{n: -h * v for n, v in along_state.items()})
        return (up - down) / (2 * h)

    module, leaf = ready(), tensor(x, grad=True)
    leaves = [leaf, trained(module, "weight"), trained(module, "bias")]
    y, found = output(module, leaf * 1), []
    answers = {"backward raises": raised(lambda: found.extend(backward(y, leaves, dy)))}
    dx, dweight, dbias = found or [np.zeros(array(leaf).shape) for leaf in leaves]
    for name, direction in (
        ("a shift of x", shift + 0 * x),
        ("a stretch of x", (1 + shift**2) * (x - middle)),
        ("any change of x", along),
    ):
        answers[f"slope along {name}, its error"] = quotient(direction) - np.sum(dx * direction)
    for name, slope in (("weight", dweight), ("bias", dbias)):
        slope = np.sum(np.ravel(slope) * steps)
        answers[f"slope along {name}, its error"] = quotient(0 * x, **{name: steps}) - slope
    return answers


def ask_history(student, kind, batches, dy):
    """Whether running statistics require a gradient after training, and what backward then says."""
    module = built(getattr(student, kind), batches[0].shape[1])
    errors = []
    for batch in batches:
        y = output(module, tensor(batch, grad=True) * 1)
        errors.append(raised(lambda y=y: y.backward(tensor(dy)) if y.requires_grad else None))
    tracked = [(name, getattr(module, name, None)) for name in STATE[2:]]
    found = [name for name, v in tracked if isinstance(v, torch.Tensor) and v.requires_grad]
    module.eval()
    leaf = tensor(batches[0], grad=True)
    y = output(module, leaf * 1)
    errors.append(raised(lambda: y.backward(tensor(dy)) if y.requires_grad else None))
    return {
        "require a gradient after training": ", ".join(found) or "nothing",
        "backward raises": ", ".join(errors),
        "what it is made of": holds(module),  # tells mistakes apart that look alike here
    }


def ask_work(student, kind, x, options):
    """Which operations that normalize by themselves the module uses, and what it inherits from."""
    module = built(getattr(student, kind), x.shape[1], **options)
    answers = {}
    for mode in ("training", "evaluation"):
        into(module, mode)
        with Audit() as audit:
            error = raised(lambda: output(module, tensor(x)))
        used = ", ".join(audit.normalizers) or ("nothing" if error == "nothing" else error)
        # Whether it works without running statistics is a question of its own.
        answers[f"torch's own in {mode}"] = used if audit.normalizers or not options else "nothing"
    known = torch.nn.modules.batchnorm._NormBase
    inherits = [base.__name__ for base in type(module).__mro__ if issubclass(base, known)]
    return answers | {"inherits from torch's own": bool(inherits)}


def ask_session(student, kind, options, steps, values, later):
    """Everything that a module gives while it is trained, evaluated and trained again."""
    module = built(getattr(student, kind), len(values["weight"]), **options)
    put(module, **values)
    names = ("y", "weighted sums of dx", "dweight", "dbias", "running_mean", "running_var")
    record = {name: [] for name in names}
    for number, (mode, x, dy) in enumerate(steps):
        if number == len(steps) - 1:  # another state, as load_state_dict would write it
            put(module, **later)
        into(module, mode)
        leaf, learned = tensor(x, grad=True), options.get("affine", True)
        leaves = [trained(module, name) if learned else None for name in STATE[:2]]
        y = output(module, leaf * 1)
        dx, *found = backward(y, [leaf, *leaves], dy)
        found = [array(y), blended(dx), *found]
        found += [state(module, name) for name in STATE[2:4]]
        for name, value in zip(record, found, strict=True):
            record[name].append(value)
    # The last tells mistakes apart that look alike here.
    rest = {"what it is made of": holds(module), "count": state(module, "num_batches_tracked")}
    return rest | {
        name: "none"
        if any(isinstance(value, str) for value in values)
        else np.concatenate([np.ravel(value) for value in values])
        for name, values in record.items()
    }


def ask_replace(student, plan, seed, mode, x, shared):
    """What replacing the batch norms of a network changes in it, with classes that are right."""
    whole, twin = network(plan, seed, mode), network(plan, seed, mode)
    before = dict(whole.named_modules(remove_duplicate=False))
    parameters = dict(whole.named_parameters(remove_duplicate=False))
    classes = {torch.nn.BatchNorm1d: Given1d, torch.nn.BatchNorm2d: Given2d}
    count = student.replace_batchnorms(whole, dict(classes))
    after = dict(whole.named_modules(remove_duplicate=False))
    now = dict(whole.named_parameters(remove_duplicate=False))
    if shared:
        places = [[n for n in before if before[n] is module] for module in before.values()]
        return {
            "shared: number returned": count,
            "shared: what stands where": ", ".join(
                f"{name} {type(module).__name__}" for name, module in after.items() if name
            ),
            "shared: one module in all its places": all(
                after.get(name) is after.get(same[0]) for same in places for name in same
            ),
        }

    def use(network):
        y = array(output(network, tensor(x)))
        held = dict(network.named_buffers())
        held = [np.ravel(array(held[name])) for name in sorted(held)]
        return [y, np.concatenate(held), array(output(network.eval(), tensor(x)))]

    expected, got = use(twin), []
    answers = {
        "number returned": count,
        "what stands where": ", ".join(
            f"{name} {type(module).__name__}" for name, module in after.items() if name
        ),
        "other modules are the same": all(
            after.get(name) is module
            for name, module in before.items()
            if type(module) not in classes
        ),
        "parameters are the same objects": parameters.keys() == now.keys()
        and all(now[name] is value for name, value in parameters.items()),
        "parameters that are not trained": ", ".join(
            name for name, value in now.items() if not value.requires_grad
        ),
        "parameters": ", ".join(now),  # tells mistakes apart that look alike here
        "arguments that differ": ", ".join(
            f"{argument} of {name}"
            for name, old in before.items()
            if type(after.get(name)) in (Given1d, Given2d)
            for argument in ("num_features", "eps", "momentum", "affine", "track_running_stats")
            if getattr(old, argument) != getattr(after[name], argument)
        )
        or "none",
        "the network raises": raised(lambda: got.extend(use(whole))),
    }
    names = ("y", "the buffers after it", "y in evaluation")
    for name, one, other in zip(names, got or expected, expected, strict=True):
        same = one.shape == other.shape
        answers[f"change of {name}"] = one - other if same else "another shape"
    return answers


def ask_finale(student, plan, seed, mode, x, dy):
    """What changes in a network where the student's own modules take the places of torch's."""
    replace, makes = student.replace_batchnorms, (student.BatchNorm1d, student.BatchNorm2d)
    kinds = (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)
    alone = built(makes[0], 3).eval()
    twin = network(plan, seed, mode)
    places = [name for name, module in twin.named_modules() if type(module) in kinds]
    learned = [name for name, _ in twin.named_parameters()]

    def replaced(makes):
        whole = network(plan, seed, mode)
        return whole, replace(whole, dict(zip(kinds, makes, strict=True)))

    def use(network):
        leaf, named = tensor(x, grad=True), dict(network.named_parameters())
        y = output(network, leaf * 1)
        dx, *others = backward(y, [leaf, *(named.get(name) for name in learned)], dy)
        held = [state(network.get_submodule(n), part) for n in places for part in STATE[2:4]]
        held = [np.ravel(part) for part in held if not isinstance(part, str)]
        later = array(output(network.eval(), tensor(x)))
        held = np.concatenate([*held, [0.0]])
        return [array(y), blended(dx), np.array([blended(g).sum() for g in others]), held, later]

    def stands(whole):
        return ", ".join(type(whole.get_submodule(name)).__name__ for name in places)

    expected, got, now = use(twin), [], []

    def all_of_it():
        whole, count = replaced(makes)
        now.extend([count, stands(whole)])
        got.extend(use(whole))

    error = raised(all_of_it)
    count, now = now or ["none", "none"]
    answers = {"it raises": error, "number returned": count, "batch norms now": now}
    names = ("y", "dx", "other gradients", "the running statistics", "y in evaluation")
    for name, one, other in zip(names, got or expected, expected, strict=True):
        answers[f"change of {name}"] = one - other if one.shape == other.shape else "another shape"
    # The rest tells apart mistakes that look alike here: which of the three makes them?
    whole, _ = replaced((Given1d, Given2d))
    given = []
    error = raised(
        lambda: given.extend([output(whole, tensor(x)), output(whole.eval(), tensor(x))])
    )
    given = [array(y) for y in given] if error == "nothing" else [expected[0], expected[-1]]
    return answers | {
        "y after its own eval()": array(output(alone, tensor(np.arange(6.0).reshape(2, 3)))),
        "with others: batch norms now": stands(whole),
        "with others: it raises": error,
        "with others: change of y": given[0] - expected[0],
        "with others: change of y in evaluation": given[-1] - expected[-1],
    }
