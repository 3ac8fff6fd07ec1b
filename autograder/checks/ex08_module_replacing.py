"""The asking half of ex08_module's questions about batch norms in a network, and their replacing."""

import numpy as np
import torch

from autograder.checks.modules import (
    STATE,
    Given1d,
    Given2d,
    backward,
    blended,
    built,
    kept,
    network,
    output,
    state,
    tried,
)
from autograder.checks.tensors import array, tensor


def ask_replace(student, plan, seed, mode, x, shared):
    """What replacing the batch norms of a network changes in it, with classes that are right."""
    whole, expected = network(plan, seed, mode), []

    def use():
        y = array(output(whole, tensor(x)))
        held = dict(whole.named_buffers())
        held = [np.ravel(array(held[name])) for name in sorted(held)]
        return [y, np.concatenate(held), array(output(whole.eval(), tensor(x)))]

    if not shared:
        restore = kept(whole)
        expected = use()
        restore()
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
    }
    answers["the network raises"], got = tried(use)
    names = ("y", "the buffers after it", "y in evaluation")
    for name, one, other in zip(names, got if len(got) else expected, expected, strict=True):
        same = one.shape == other.shape
        answers[f"change of {name}"] = one - other if same else "another shape"
    return answers


def ask_finale(student, plan, seed, mode, x, dy):
    """What changes in a network where the student's own modules take the places of torch's."""
    replace, makes = student.replace_batchnorms, (student.BatchNorm1d, student.BatchNorm2d)
    kinds = (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)
    whole = network(plan, seed, mode)
    restore = kept(whole)
    places = [name for name, module in whole.named_modules() if type(module) in kinds]
    learned = [name for name, _ in whole.named_parameters()]

    def use():
        leaf, named = tensor(x, grad=True), dict(whole.named_parameters())
        y = output(whole, leaf * 1)
        dx, *others = backward(y, [leaf, *(named.get(name) for name in learned)], dy)
        held = [state(whole.get_submodule(n), part) for n in places for part in STATE[2:4]]
        held = [np.ravel(part) for part in held if not isinstance(part, str)]
        later = array(output(whole.eval(), tensor(x)))
        held = np.concatenate([*held, [0.0]])
        return [array(y), blended(dx), np.array([blended(g).sum() for g in others]), held, later]

    def stands(whole):
        return ", ".join(type(whole.get_submodule(name)).__name__ for name in places)

    expected, now = use(), []
    restore()

    def all_of_it():
        count = replace(whole, dict(zip(kinds, makes, strict=True)))
        now.extend([count, stands(whole)])
        return use()

    error, got = tried(all_of_it)
    count, now = now or ["none", "none"]
    answers = {"it raises": error, "number returned": count, "batch norms now": now}
    names = ("y", "dx", "other gradients", "the running statistics", "y in evaluation")
    for name, one, other in zip(names, got if len(got) else expected, expected, strict=True):
        answers[f"change of {name}"] = one - other if one.shape == other.shape else "another shape"
    if mode == "training":
        return answers
    # Tells apart mistakes that look alike here: which of the three makes them? Once is enough.
    alone, other = built(makes[0], 3).eval(), network(plan, seed, mode)
    replace(other, {kinds[0]: Given1d, kinds[1]: Given2d})

    def in_both_modes():
        first = array(output(other, tensor(x)))
        return np.stack([first, array(output(other.eval(), tensor(x)))])

    error, y = tried(in_both_modes)
    return answers | {
        "y after its own eval()": array(output(alone, tensor(np.arange(6.0).reshape(2, 3)))),
        "with others: batch norms now": stands(other),
        "with others: it raises": error,
        "with others: y": y,
    }
