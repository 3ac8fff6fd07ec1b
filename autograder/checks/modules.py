"""What asking about torch modules takes beyond `tensors`: making one, its state, its outputs.

Like `tensors` this file is copied into the check file of the exercise that uses it, and into the
student's kernel.
"""

import numpy as np
import torch

from autograder.checks.asking import NotDefined, WrongReturn
from autograder.checks.tensors import array, tensor

STATE = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def built(make, *args, **options):
    """Return a new module in float64.

    Its constructor runs with float64 as the default too: that `double()` reaches everything is a
    question of its own.

    Args:
        make: the student's class.
        *args, **options: its arguments.
    """
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        module = make(*args, **options)
    finally:
        torch.set_default_dtype(before)
    parts = [*module.parameters(), *module.buffers()]
    return module.double() if any(part.dtype == torch.float32 for part in parts) else module


def put(module, **values):
    """Write values into the state of a module, in place, whatever it is made of.

    Args:
        module: a batch norm; what it does not have is left out.
        **values: name in its state to an array or a number.
    """
    for name, value in values.items():
        old = getattr(module, name, None)
        if isinstance(old, torch.Tensor):
            with torch.no_grad():
                old.copy_(tensor(value).reshape(old.shape))
        elif old is not None:
            setattr(module, name, value)


def into(module, mode):
    """Put a module into "training" or "evaluation" and return it."""
    return module.train() if mode == "training" else module.eval()


def state(module, name):
    """Return a part of a module's state as an array; "None" or "missing" where it has none."""
    value = getattr(module, name, "missing")
    return "None" if value is None else array(value)


def holds(module):
    """Say what kind of thing each part of a module's state is, in a str."""
    parts = [(name, getattr(module, name, None)) for name in STATE]
    kinds = (f"{n} {type(v).__name__} {getattr(v, 'requires_grad', '')}" for n, v in parts)
    return ", ".join(kinds) + "; buffers " + ", ".join(n for n, _ in module.named_buffers())


def snapshot(module):
    """Return the whole state of a module, name to array or str."""
    return {name: state(module, name) for name in STATE}


def differing(before, after):
    """Return the names of what differs in two snapshots, as a str; "nothing" where none does."""
    return ", ".join(n for n in before if not np.array_equal(before[n], after[n])) or "nothing"


def output(module, x):
    """Call a module on a tensor.

    Raises:
        WrongReturn: what it returned is no tensor.
    """
    y = module(x)
    if not isinstance(y, torch.Tensor):
        raise WrongReturn(f"returned {type(y).__name__} where a tensor is asked for")
    return y


def raised(action):
    """Return the name of what a call raises, or "nothing"; let through what `ask` tells apart."""
    try:
        action()
    except (NotDefined, NotImplementedError, WrongReturn):
        raise
    except ValueError:
        return "ValueError"  # whatever class of their own it is
    except Exception as error:
        return type(error).__name__
    return "nothing"


def tried(action):
    """Return what `raised` does, and what the call gave: an empty array where it raised."""
    found = []
    error = raised(lambda: found.append(action()))
    return error, found[0] if found else np.zeros(0)


def backward(y, leaves, dy):
    """Return the gradients of (dy * y).sum() as arrays, zeros where there is none.

    Args:
        y: a tensor.
        leaves: what to differentiate with respect to; what is no tensor has the gradient 0.
        dy: array of y's shape.
    """
    wanted = [leaf for leaf in leaves if isinstance(leaf, torch.Tensor) and leaf.requires_grad]
    found = {}
    if y.requires_grad and wanted:
        gradients = torch.autograd.grad(y, wanted, tensor(dy), allow_unused=True)
        found = {id(leaf): g for leaf, g in zip(wanted, gradients, strict=True) if g is not None}
    return [
        array(found[id(leaf)]) if id(leaf) in found else np.zeros(getattr(leaf, "shape", ()))
        for leaf in leaves
    ]


def blended(value):
    """Return weighted sums of an array, one for each channel (axis 1): few numbers for many."""
    weights = np.cos(1.0 + np.arange(value.size)).reshape(value.shape)
    return (weights * value).sum(axis=(0, *range(2, value.ndim)) if value.ndim > 1 else None)


def trained(module, name):
    """Return a part of a module's state that is to be differentiated with respect to."""
    value = getattr(module, name, None)
    if isinstance(value, torch.Tensor) and value.is_leaf:
        return value.requires_grad_()  # that it does so by itself is a question of its own
    return value


class Given1d(torch.nn.modules.batchnorm._BatchNorm):
    """Takes the place of a batch norm, in questions about replacing only."""

    def __init__(
        self,
        num_features,
        eps=1e-5,
        momentum=0.1,
        affine=True,
        track_running_stats=True,  # and no more: torch's own take a device and a dtype too
    ):
        super().__init__(num_features, eps, momentum, affine, track_running_stats)

    def _check_input_dim(self, x):
        """Take any."""


class Given2d(Given1d):
    """Likewise."""


class Block(torch.nn.Module):
    """A network that holds one module as an attribute and others in a list."""

    def __init__(self, norm, *others):
        super().__init__()
        self.norm = norm
        self.others = torch.nn.ModuleList(others)

    def forward(self, x):
        """Call one after the other."""
        x = self.norm(x)
        for other in self.others:
            x = other(x)
        return x


def kept(network):
    """Write down the state and the mode of a network; return a function that brings them back."""
    tensors = [*network.parameters(), *network.buffers()]
    values = [value.detach().clone() for value in tensors]
    modes = [(module, module.training) for module in network.modules()]

    def restore():
        with torch.no_grad():
            for value, old in zip(tensors, values, strict=True):
                value.copy_(old)
        for module, mode in modes:
            module.training = mode

    return restore


def network(plan, seed, mode="training"):
    """Make a float64 network that looks as if it had been trained.

    Args:
        plan: list of a class's name ("Sequential", "Block", or a layer of torch's), its arguments
            (numbers, or plans of what it holds) and, last, a dict of options. "name" gives it a
            name under which `["Same", name]` has it stand once more; "odd" puts it into the other
            mode than the rest, with a weight that is not trained.
        seed: of all parameters and buffers, an int.
        mode: "training" or "evaluation".
    """
    named, odd = {}, []

    def made(plan):
        if not isinstance(plan, list):
            return plan
        kind, *args = plan
        if kind == "Same":
            return named[args[0]]
        options = dict(args.pop()) if args and isinstance(args[-1], dict) else {}
        name, is_odd = options.pop("name", None), options.pop("odd", False)
        make = Block if kind == "Block" else getattr(torch.nn, kind)
        named[name] = module = make(*[made(arg) for arg in args], **options)
        odd.extend([module] if is_odd else [])
        return module

    whole = into(made(plan).double(), mode)
    for module in odd:
        module.train(mode != "training")
        for parameter in list(module.parameters())[:1]:
            parameter.requires_grad_(False)
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in [*whole.named_parameters(), *whole.named_buffers()]:
            if value.is_floating_point():
                value.copy_(torch.randn(value.shape, generator=rng, dtype=value.dtype))
                value.copy_(0.3 + value.abs() if name.endswith("var") else value)
            else:
                value.fill_(3)
    return whole
