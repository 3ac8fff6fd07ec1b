"""What ex09_autograd_function asks about y, first derivatives, and what the Function keeps."""

import numpy as np
import torch

from autograder.checks.tensors import Audit, array, saved, stored, tensor


def ask_forward(student, x, weight, bias, eps):
    """The output alone."""
    apply = student.BatchNormFunction.apply
    y = apply(tensor(x), tensor(weight), tensor(bias), eps)
    return {"y": array(y)}


def ask_dtype(student, x, weight, bias, eps):
    """The dtype and the shape of y, for inputs of either dtype."""
    apply = student.BatchNormFunction.apply
    answers = {}
    for dtype in (torch.float32, torch.float64):
        inputs = [tensor(value, dtype) for value in (x, weight, bias)]
        y = apply(*inputs, eps)
        name = str(dtype).removeprefix("torch.")
        answers[f"dtype of y for {name}"] = str(getattr(y, "dtype", type(y).__name__))
        answers[f"shape of y for {name}"] = str(tuple(getattr(y, "shape", ())))
    return answers


def ask_batch_of_one(student, x, weight, bias, dy, eps, more, more_dy):
    """What one sample gives; only x requires a gradient.

    What more samples give tells mistakes apart that look alike here.
    """
    apply = student.BatchNormFunction.apply

    def passes(x, dy):
        given, y = tensor(x, grad=True), None
        try:
            y = apply(given, tensor(weight), tensor(bias), eps)
            (dx,) = torch.autograd.grad(y, given, tensor(dy), allow_unused=True)
        except NotImplementedError:
            raise
        except Exception as error:
            text = f"{type(error).__name__}: {str(error)[:160]}"
            if torch.is_tensor(y):
                return array(y), f"an error in the backward pass, {text}"
            return (f"an error in forward, {text}",) * 2
        return array(y), np.zeros_like(x) if dx is None else array(dx)

    y, dx = passes(x, dy)
    y_of_more, dx_of_more = passes(more, more_dy)
    return {"y": y, "dx": dx, "y of more samples": y_of_more, "dx of more samples": dx_of_more}


def ask_parameters(student, x, weight, bias, dy, eps):
    """Gradients of weight and bias, next to the layer's own x_hat."""
    apply = student.BatchNormFunction.apply
    inputs = [tensor(value, grad=True) for value in (x, weight, bias)]
    try:
        y = apply(*inputs, eps)
        found = torch.autograd.grad(y, inputs[1:], tensor(dy), allow_unused=True)
        x_hat = array(apply(tensor(x), *map(tensor, (np.ones_like(weight), 0 * bias)), eps))
    except NotImplementedError:
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {str(error)[:160]}"
        return {"error of dweight": text, "error of dbias": text}
    dweight, dbias = (0.0 if value is None else array(value) for value in found)
    return {
        "error of dweight": dweight - np.einsum("nc,nc->c", dy, x_hat),
        "error of dbias": dbias - np.einsum("nc->c", dy),
    }


def ask_dx(student, x, weight, bias, dy, eps):
    """Gradient of x, next to the closed form at the layer's own x_hat and inv_std.

    Where weight and bias require gradients too and that raises, x is tried alone: what is wrong
    with the others is a question of its own.
    """
    apply = student.BatchNormFunction.apply
    top, bottom, every = x.argmax(axis=0), x.argmin(axis=0), np.arange(x.shape[1])

    def gradient(others):
        inputs = [tensor(x, grad=True), tensor(weight, grad=others), tensor(bias, grad=others)]
        y = apply(*inputs, eps)
        (dx,) = torch.autograd.grad(y, inputs[0], tensor(dy), allow_unused=True)
        return np.zeros_like(x) if dx is None else array(dx)

    x_hat = array(apply(tensor(x), *map(tensor, (np.ones_like(weight), 0 * bias)), eps))
    try:
        dx = gradient(others=True)
    except NotImplementedError:
        raise
    except Exception:
        try:
            dx = gradient(others=False)
        except Exception as error:
            return {"error of dx": f"{type(error).__name__}: {str(error)[:160]}"}
    slope = (x_hat[top, every] - x_hat[bottom, every]) / (x[top, every] - x[bottom, every])
    sums = np.einsum("nc->c", dy) + x_hat * np.einsum("nc,nc->c", dy, x_hat)
    return {"error of dx": dx - weight * slope * (dy - sums / len(x))}


def ask_needs(student, x, weight, bias, dy, eps):
    """By how much a gradient changes when some of the inputs require none."""
    apply = student.BatchNormFunction.apply
    values = {"x": x, "weight": weight, "bias": bias}

    def gradients(wanted):
        inputs = {name: tensor(value, grad=name in wanted) for name, value in values.items()}
        y = apply(*inputs.values(), eps)
        leaves = [inputs[name] for name in wanted]
        found = torch.autograd.grad(y, leaves, tensor(dy), allow_unused=True)
        return {
            name: np.zeros_like(values[name]) if value is None else array(value)
            for name, value in zip(wanted, found, strict=True)
        }

    answers = {}
    for wanted in (["x"], ["weight"], ["bias"], ["x", "weight"], ["x", "bias"], ["weight", "bias"]):
        name = f"change where {' and '.join(wanted)} alone need gradients"
        try:
            every, some = gradients(list(values)), gradients(wanted)
            answers[name] = np.concatenate([np.ravel(some[n] - every[n]) for n in wanted])
        except NotImplementedError:
            raise
        except Exception as error:
            answers[name] = f"{type(error).__name__}: {str(error)[:160]}"
    return answers


def ask_strides(student, x, weight, bias, dy, eps, x_layout, dy_layout):
    """By how much y and the gradients change when x and dy lie in memory in another way."""
    apply = student.BatchNormFunction.apply

    def laid_out(value, layout):
        if layout == "transposed":
            return tensor(value.T.copy()).T
        if layout == "every second column":
            return tensor(np.repeat(value, 2, axis=1))[:, ::2]
        if layout == "expanded":
            return tensor(value[:, :1]).expand(value.shape)
        return tensor(value)

    def results(contiguous):
        x_given, dy_given = laid_out(x, x_layout), laid_out(dy, dy_layout)
        if contiguous:
            x_given, dy_given = x_given.clone(), dy_given.clone()
            x_given = x_given.contiguous(memory_format=torch.contiguous_format)
            dy_given = dy_given.contiguous(memory_format=torch.contiguous_format)
        x_given = x_given.detach().requires_grad_()
        scale = tensor(weight, grad=True)
        y = apply(x_given, scale, tensor(bias), eps)
        found = torch.autograd.grad(y, (x_given, scale), dy_given, allow_unused=True)
        found = [np.zeros_like(weight) if value is None else array(value) for value in found]
        return [array(y), *found]

    names = ("change of y", "change of dx", "change of dweight")
    try:
        pairs = zip(results(contiguous=False), results(contiguous=True), strict=True)
        return {name: a - b for name, (a, b) in zip(names, pairs, strict=True)}
    except NotImplementedError:
        raise
    except Exception as error:
        return dict.fromkeys(names, f"{type(error).__name__}: {str(error)[:160]}")


def ask_arguments(student, x, weight, bias, dy, eps):
    """Whether what forward and backward were given is what it was."""
    apply = student.BatchNormFunction.apply
    given = {"x": tensor(x, grad=True), "weight": tensor(weight, grad=True), "bias": tensor(bias)}
    upstream, names = tensor(dy), ("x", "weight", "bias", "dy")
    same = {}
    try:
        y = apply(*given.values(), eps)
        for name, value in (("x", x), ("weight", weight), ("bias", bias)):
            same[f"{name} is unchanged by forward"] = np.array_equal(array(given[name]), value)
        before = {name: array(value) for name, value in given.items()} | {"dy": dy}
        torch.autograd.grad(y, (given["x"], given["weight"]), upstream, allow_unused=True)
        given["dy"] = upstream
        for name in names:
            same[f"{name} is unchanged by backward"] = np.array_equal(
                array(given[name]), before[name]
            )
    except NotImplementedError:
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {str(error)[:160]}"
        failed = {f"{name} is unchanged by forward": text for name in names[:3]}
        failed |= {f"{name} is unchanged by backward": text for name in names}
        same = failed | same
    return same


def ask_twice(student, x, weight, bias, dy, eps, other, other_eps):
    """By how much another use of the Function, or a second backward pass, changes the gradients."""
    apply = student.BatchNormFunction.apply

    def applied(x, eps):
        inputs = [tensor(x, grad=True), tensor(weight, grad=True), tensor(bias)]
        return apply(*inputs, eps), inputs[:2]

    def gradients(y, inputs, dy):
        found = torch.autograd.grad(y, inputs, dy, retain_graph=True, allow_unused=True)
        values = zip(found, inputs, strict=True)
        found = [np.zeros(leaf.shape) if value is None else array(value) for value, leaf in values]
        return np.concatenate([np.ravel(value) for value in found])

    answers = {}

    def difference(name, between):
        try:
            alone = gradients(*applied(x, eps), tensor(dy))
            y, inputs = applied(x, eps)
            between(y, inputs)
            answers[name] = gradients(y, inputs, tensor(dy)) - alone
        except NotImplementedError:
            raise
        except Exception as error:
            answers[name] = f"{type(error).__name__}: {str(error)[:160]}"

    def another(y, inputs):
        y, inputs = applied(other, other_eps)
        gradients(y, inputs, torch.ones_like(y))

    difference("change by another batch", another)
    difference("change by a backward pass", lambda y, inputs: gradients(y, inputs, tensor(dy)))
    return answers


def ask_saved(student, x, weight, bias, eps):
    """What is saved for the backward pass, how much, and which attributes of ctx hold tensors.

    An attribute may hold them in lists, in functions, in objects of a class.
    """
    apply = student.BatchNormFunction.apply
    inputs = [tensor(value, grad=True) for value in (x, weight, bias)]
    narrow = [tensor(value, torch.float32, grad=True) for value in (x, weight, bias)]
    limits = [f"saves no more than x and 8 C numbers of {name}" for name in ("float64", "float32")]
    try:
        with saved() as kept:
            y = apply(*inputs, eps)
        with saved() as kept_narrow:
            _ = apply(*narrow, eps)
    except NotImplementedError:
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {str(error)[:160]}"
        names = ("what went through save_for_backward", "attributes of ctx that hold tensors")
        names += tuple(f"bytes saved of {name}" for name in ("float64", "float32"))
        return dict.fromkeys((*names, *limits), text)
    found, seen = {}, {id(y.grad_fn)}
    given = {value.data_ptr() for value in inputs}

    def search(name, thing):
        if id(thing) in seen or isinstance(thing, type):
            return
        seen.add(id(thing))
        if isinstance(thing, torch.Tensor):
            if thing.dim() > 0:
                kind = "an input" if thing.data_ptr() in given else "what forward computed"
                kind = kind if thing.grad_fn is None else "a history"
                found.setdefault(name, set()).add(kind)
        elif isinstance(thing, np.ndarray):
            found.setdefault(name, set()).add("an array")
        elif isinstance(thing, dict):
            search_all(name, thing.values())
        elif isinstance(thing, (list, tuple, set)):
            search_all(name, thing)
        elif getattr(thing, "__closure__", None):
            search_all(name, [cell.cell_contents for cell in thing.__closure__])
        elif isinstance(getattr(thing, "__dict__", None), dict) and thing.__class__ is not type(np):
            search_all(name, vars(thing).values())

    def search_all(name, things):
        for thing in things:
            search(name, thing)

    for name, thing in getattr(y.grad_fn, "__dict__", {}).items():
        search(name, thing)
    large = [array(value) for value in kept if value.shape == y.shape]
    sizes = [sum(stored(value) for value in tensors) for tensors in (kept, kept_narrow)]
    most = [stored(given[0]) + 8 * stored(given[1]) for given in (inputs, narrow)]
    counted = [
        f"at most {limit} (x and 8 C numbers)" if size <= limit else str(size)
        for size, limit in zip(sizes, most, strict=True)
    ]
    deviation = x - x.mean(axis=0)
    normal = deviation / (x.var(axis=0) + eps) ** 0.5
    return {
        "what went through save_for_backward": "tensors" if kept else "nothing",
        "attributes of ctx that hold tensors": ", ".join(found) or "none",
        "what they hold": ", ".join(sorted({kind for each in found.values() for kind in each})),
        limits[0]: sizes[0] <= most[0],
        limits[1]: sizes[1] <= most[1],
        "bytes saved of float64": counted[0],
        "bytes saved of float32": counted[1],
        "y is saved": any(np.allclose(value, array(y)) for value in large),
        "x_hat is saved": any(np.allclose(value, normal) for value in large),
        "x - mean is saved": any(np.allclose(value, deviation) for value in large),
        "x is saved": any(value.data_ptr() == inputs[0].data_ptr() for value in kept),
        "y comes from the Function": isinstance(
            y.grad_fn, torch.autograd.function.BackwardCFunction
        ),
    }


def ask_plain(student, x, weight, bias, dy, eps):
    """Which operations that normalize run, and where autograd runs inside the Function.

    Each run of autograd's engine has a number. In forward there is none; in backward there is one,
    that of the run which called it. What differentiates going forward (`torch.func.jacfwd`) has no
    run, and a level of its own.
    """
    apply = student.BatchNormFunction.apply

    class Watch(Audit):
        def __init__(self):
            super().__init__()
            self.runs, self.forward_mode = set(), False

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            self.runs.add(torch._C._current_graph_task_id())
            self.forward_mode |= torch.autograd.forward_ad._current_level >= 0
            return super().__torch_dispatch__(func, types, args, kwargs)

    names = ("operations that normalize", "autograd is used")
    inputs, upstream = [tensor(value, grad=True) for value in (x, weight, bias)], tensor(dy)
    try:
        with Watch() as forward:
            y = apply(*inputs, eps)
        with Watch() as backward:
            y.register_hook(lambda dy: backward.runs.add(torch._C._current_graph_task_id()))
            torch.autograd.grad(y, inputs, upstream, allow_unused=True)
    except NotImplementedError:
        raise
    except Exception as error:
        return dict.fromkeys(names, f"{type(error).__name__}: {str(error)[:160]}")
    try:  # tells mistakes apart that look alike here
        again = apply(*inputs, eps)
        dx = torch.autograd.grad(again, inputs, upstream, create_graph=True, allow_unused=True)[0]
    except Exception:
        dx = None
    nodes = [y.grad_fn]
    for node in nodes:
        nodes += [before for before, _ in getattr(node, "next_functions", ()) if before is not None]
    own = [isinstance(node, torch.autograd.function.BackwardCFunction) for node in nodes]
    leaves = [type(node).__name__ == "AccumulateGrad" for node in nodes]
    used = []
    if not any(own):
        used.append("instead of the Function")
    elif not own[0] or not all(leaves[1:]):
        used.append("around the Function")
    if forward.runs - {-1}:
        used.append("in forward")
    if len(backward.runs - {-1}) > 1:
        used.append("in backward")
    if forward.forward_mode or backward.forward_mode:
        used.append("in forward mode")
    found = dict.fromkeys(forward.normalizers + backward.normalizers)
    return {
        "operations that normalize": ", ".join(found) or "none",
        "autograd is used": ", ".join(used) or "nowhere",
        "dx has a history": bool(getattr(dx, "requires_grad", False)),
        "lists or tensors hang on ctx": any(
            isinstance(thing, (list, tuple, torch.Tensor))
            for thing in getattr(y.grad_fn, "__dict__", {}).values()
        ),
    }


def ask_whole(student, x, weight, bias, dy, eps):
    """The output and all three gradients."""
    apply = student.BatchNormFunction.apply
    inputs = [tensor(value, grad=True) for value in (x, weight, bias)]
    names, y = ("dx", "dweight", "dbias"), None
    try:
        y = apply(*inputs, eps)
        found = torch.autograd.grad(y, inputs, tensor(dy), allow_unused=True)
    except NotImplementedError:
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {str(error)[:160]}"
        return {"y": text if y is None else array(y)} | dict.fromkeys(names, text)
    return {"y": array(y)} | {n: array(value) for n, value in zip(names, found, strict=True)}
