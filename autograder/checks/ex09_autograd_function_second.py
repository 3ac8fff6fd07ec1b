"""What ex09_autograd_function asks about second derivatives, and about their use in a penalty."""

import numpy as np
import torch

from autograder.checks.tensors import Audit, array, saved, tensor


def ask_second(student, x, weight, bias, dy, eps, mix, steps, target, last):
    """Second derivatives, next to differences of the Function's own first ones; and a penalty.

    A mix of dx and dweight is differentiated by x, by weight and by dy, along several directions;
    a difference takes four points, so that its own error is of the fourth order in h. The penalty
    is the squared norm of a loss's gradient, and is differentiated by all inputs. What is saved,
    and where, tells mistakes apart that look alike here.
    """
    apply = student.BatchNormFunction.apply
    values = {"x": x, "weight": weight, "dy": dy}

    def mixed(values, history):
        given = {name: tensor(value, grad=True) for name, value in values.items()}
        inputs = given["x"], given["weight"]
        y = apply(*inputs, tensor(bias), eps)
        upstream = given["dy"].clone()
        first = torch.autograd.grad(y, inputs, upstream, create_graph=history, allow_unused=True)
        pairs = zip(("x", "weight"), first, strict=True)
        terms = [(tensor(mix[name]) * part).sum() for name, part in pairs if part is not None]
        total = sum(terms, torch.zeros((), dtype=torch.float64))
        return total, given, (*inputs, upstream)

    def difference(name, direction, h=1e-3):
        def at(distance):
            moved = values | {name: values[name] + distance * direction}
            return mixed(moved, history=False)[0].item()

        return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)

    def penalized(wanted):
        inputs = {
            name: tensor(value, grad=name in wanted)
            for name, value in (("x", last), ("weight", weight), ("bias", bias))
        }
        leaves = [inputs[name] for name in wanted]
        loss = (torch.tanh(apply(*inputs.values(), eps)) * tensor(target)).sum()
        first = torch.autograd.grad(loss, leaves, create_graph=True, allow_unused=True)
        terms = [part.square().sum() for part in first if part is not None]
        penalty = sum(terms, torch.zeros((), dtype=torch.float64))
        if penalty.requires_grad:
            penalty.backward()
        return penalty, leaves

    def gradients(leaves):
        return [np.zeros(leaf.shape) if leaf.grad is None else array(leaf.grad) for leaf in leaves]

    answers = {}
    try:
        total, given, used = mixed(values, history=True)
        before = [array(value) for value in used]
        if total.requires_grad:
            total.backward()
        answers["x, weight and dy are unchanged"] = all(
            np.array_equal(array(value), copy) for value, copy in zip(used, before, strict=True)
        )
        for name, found in zip(values, gradients(given.values()), strict=True):
            answers[f"derivative by {name}"] = found
            answers[f"error of the derivative by {name}"] = np.array(
                [
                    (found * direction).sum() - difference(name, direction)
                    for direction in steps[name]
                ]
            )
    except NotImplementedError:
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {str(error)[:160]}"
        answers = {f"error of the derivative by {name}": text for name in values}
        answers["x, weight and dy are unchanged"] = text
    names = ("gradient by x", "gradient by weight", "gradient by bias", "gradient by x alone")
    try:
        penalty, leaves = penalized(["x", "weight", "bias"])
        found = gradients(leaves) + gradients(penalized(["x"])[1])
        answers |= {"penalty": array(penalty)} | dict(zip(names, found, strict=True))
    except Exception as error:
        text = f"{type(error).__name__}: {str(error)[:160]}"
        answers |= dict.fromkeys(("penalty", *names), text)
    runs = set()

    class Watch(Audit):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            runs.add(torch._C._current_graph_task_id())
            return super().__torch_dispatch__(func, types, args, kwargs)

    deviation, square = x - x.mean(axis=0), x.var(axis=0) + eps
    statistics = (x.mean(axis=0), x.var(axis=0), square, square**0.5, square**-0.5)
    inputs = [tensor(value, grad=True) for value in (x, weight, bias)]
    try:
        with saved() as kept:
            y = apply(*inputs, eps)
        with Watch():
            y.register_hook(lambda dy: runs.add(torch._C._current_graph_task_id()))
            torch.autograd.grad(y, inputs, tensor(dy), allow_unused=True)
    except Exception:
        return answers
    hung = [str(type(thing)) for thing in getattr(y.grad_fn, "__dict__", {}).values()]
    copies = [array(value).squeeze() for value in kept]

    def is_saved(*candidates):
        return any(
            copy.shape == candidate.squeeze().shape and np.allclose(copy, candidate.squeeze())
            for copy in copies
            for candidate in candidates
        )

    where = {value.data_ptr() for value in kept}
    return answers | {
        "x is saved": inputs[0].data_ptr() in where,
        "the values of x are saved": is_saved(x),
        "x_hat is saved": is_saved(deviation, deviation / square**0.5),
        "a statistic is saved": is_saved(*statistics),
        "weight is saved": inputs[1].data_ptr() in where,
        "an array hangs on ctx": any("ndarray" in kind for kind in hung),
        "a tensor hangs on ctx": any("Tensor" in kind or "list" in kind for kind in hung),
        "autograd is used in backward": len(runs - {-1}) > 1,
    }


def ask_penalty(student, kind, x, inner, outer, steps):
    """The penalty of a model, its derivatives next to differences of its own values, and traces.

    A trace is what the call leaves behind: in x, or in the gradients of the model's parameters.
    """

    def scores(x, parameters):
        if kind == "squares":
            return (x.square() * parameters["outer"]).sum(dim=1) + x @ parameters["inner"][:, 0]
        if kind == "batch":
            x = (x - x.mean(0)) / (x.var(0, correction=0) + 0.5).sqrt()
        return torch.tanh(x @ parameters["inner"]) @ parameters["outer"]

    values = {"inner": inner, "outer": outer}

    def called(values):
        parameters = {name: tensor(value, grad=True) for name, value in values.items()}
        for parameter in parameters.values():
            parameter.grad = torch.ones_like(parameter)
        given = tensor(x)
        penalty = student.gradient_penalty(lambda x: scores(x, parameters), given)
        return penalty, given, parameters

    def difference(name, direction, h=1e-3):
        def at(distance):
            moved = values | {name: values[name] + distance * direction}
            return float(called(moved)[0])

        return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)

    penalty, given, parameters = called(values)
    answers = {
        "penalty": array(penalty),
        "x is unchanged": np.array_equal(array(given), x),
        "x requires a gradient": given.requires_grad,
        "x has a gradient": given.grad is not None,
        "the parameters' gradients are unchanged": all(
            parameter.grad is not None and bool((parameter.grad == 1).all())
            for parameter in parameters.values()
        ),
        "what is returned": type(penalty).__name__,
    }
    for name, parameter in parameters.items():
        label = f"error of the derivative by {name}"
        found = np.zeros_like(values[name])
        try:
            if getattr(penalty, "requires_grad", False):
                (derivative,) = torch.autograd.grad(
                    penalty, parameter, retain_graph=True, allow_unused=True
                )
                found = found if derivative is None else array(derivative)
            answers[label] = np.array(
                [
                    (found * direction).sum() - difference(name, direction)
                    for direction in steps[name]
                ]
            )
        except Exception as error:
            answers[label] = f"{type(error).__name__}: {str(error)[:160]}"
    return answers
