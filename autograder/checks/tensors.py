"""What asking about torch code takes beyond `asking`: plain arrays in and out, and an audit.

Like `asking` this file is copied into the check files of the exercises that use torch, and into the
student's kernel. An audit runs beside the student's code, in the same process: it names a habit to
a student who has it, and does not stop one who sets out to deceive it.
"""

import contextlib

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

# Operators that normalize a tensor by themselves, by a part of their names.
NORMALIZES = ("batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm", "renorm")
MOVES_NOTHING = ("empty", "new_empty", "_unsafe_view", "_reshape_alias", "lift", "detach", "alias")
OVERWRITES = ("copy_", "fill_", "zero_")  # write their first argument without reading it


def tensor(array, dtype=None, grad=False):
    """Return a NumPy array as a new tensor that shares no memory with it.

    Args:
        array: the array, or a number.
        dtype: torch's, or None for that of the array.
        grad: whether the tensor requires a gradient.
    """
    return torch.tensor(array, dtype=dtype).requires_grad_(grad)


def array(value):
    """Return a tensor as a NumPy array that shares no memory with it; anything else as it is.

    Args:
        value: what the student's code made; half precision becomes float32, which NumPy has.
    """
    if not isinstance(value, torch.Tensor):
        return value
    value = value.detach().to("cpu")
    if value.dtype in (torch.bfloat16, torch.float16):
        value = value.float()
    return value.resolve_conj().resolve_neg().contiguous().numpy().copy()


def laid_out(value, layout):
    """Return a tensor of the same numbers in another layout.

    Args:
        value: (N, C, H, W) tensor.
        layout: "contiguous", "channels_last", "transposed" (height and width exchanged in memory)
            or "sliced" (every other column of a wider tensor).
    """
    if layout == "channels_last":
        return value.contiguous(memory_format=torch.channels_last)
    if layout == "transposed":
        return value.transpose(2, 3).contiguous().transpose(2, 3)
    if layout == "sliced":
        return value.repeat_interleave(2, dim=3)[..., ::2]
    return value.contiguous()


def layout_kept(value, x):
    """Say whether a tensor has the layout of x, where that is contiguous or channels_last."""
    for layout, name in (
        (torch.contiguous_format, "contiguous"),
        (torch.channels_last, "channels_last"),
    ):
        if x.is_contiguous(memory_format=layout) and not value.is_contiguous(memory_format=layout):
            return f"not {name}, as x is"
    return "that of x"


class Audit(TorchDispatchMode):
    """Writes down every operation of torch's that runs inside `with Audit() as audit:`.

    Tensors on device="meta" have no numbers. With `through=True` code that asks for one of them
    gets one that is made up, so that the audit sees what comes after it.

    Args:
        through: whether to make up what meta tensors cannot give.

    Attributes:
        operations: names of the operations in order, such as "var_mean"; views included.
        normalizers: those among them that normalize by themselves, each once, in order.
        moved: bytes read and written by operations that are no views; a dimension that was
            expanded counts once, and memory that is only set aside does not count.
        devices: sets of devices that met in one operation, where there was more than one; a tensor
            without dimensions may be on any.
        uploads: how many tensors of one dimension or more were copied from the CPU elsewhere.
        waits: what the host waited for, in order: "a number" (`.item()`, `float()`), "a truth
            value" (a tensor in an `if`), "a comparison" (`allclose`), "a selection" (a mask as an
            index), "a copy" (`.cpu()`).
        copies: how many elements each copy had that changed neither device nor dtype.
    """

    def __init__(self, through=False):
        super().__init__()
        self.through = through
        self.operations, self.normalizers, self.devices, self.moved = [], [], [], 0
        self.uploads, self.waits, self.copies = 0, [], []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Write an operation down and run it; see `TorchDispatchMode`."""
        kwargs = kwargs or {}
        if func.namespace != "aten":
            return func(*args, **kwargs)
        name = func.overloadpacket.__name__
        self.operations.append(name)
        if any(part in name for part in NORMALIZES) and name not in self.normalizers:
            self.normalizers.append(name)
        read = tensors_in((args, kwargs))
        moves = name in ("_to_copy", "copy_")  # alone may have tensors on two devices
        devices = {str(t.device) for t in read if t.dim() > 0}
        if len(devices) > 1 and not moves:
            self.devices.append(devices)
        if wait := waits_for(name, args, kwargs):
            self.waits.append(wait)
            if self.through and read[-1].is_meta and name in MADE_UP:
                return MADE_UP[name](*args, **kwargs)
        if self.through and len(devices) > 1 and not moves:
            args, kwargs = tree_map(on_meta, (args, kwargs))
        result = func(*args, **kwargs)
        made = tensors_in(result)
        if moves or name == "clone":
            source, target = read[-1], made[0]
            self.uploads += source.is_cpu and not target.is_cpu and source.dim() > 0
            if (source.device, source.dtype) == (target.device, target.dtype):
                self.copies.append(target.numel())
        if not func.is_view and not name.startswith(MOVES_NOTHING):
            unread = args[:1] if name in OVERWRITES else kwargs.get("out")
            unread = read if name.endswith("_like") or name.startswith("new_") else unread
            self.moved += sum(map(stored, read + made)) - sum(map(stored, tensors_in(unread)))
        return result


def tensors_in(things):
    """Return the tensors in nested lists, tuples and dicts, as a list."""
    return [t for t in tree_leaves(things) if isinstance(t, torch.Tensor)]


def on_meta(thing):
    """Return a tensor without its numbers; anything else as it is."""
    return thing.to("meta") if isinstance(thing, torch.Tensor) and thing.dim() > 0 else thing


def waits_for(name, args, kwargs):
    """Say what the host waits for in an operation of that name; see `Audit.waits`."""
    if name == "_local_scalar_dense":
        return "a truth value" if args[0].dtype == torch.bool else "a number"
    if name in ("allclose", "equal"):
        return "a comparison"
    # A mask that says where to put one number is no selection: its size is known.
    selects = name == "index" or (name == "index_put_" and args[2].numel() != 1)
    masked = selects and any(t.dtype == torch.bool for t in tensors_in(args[1]))
    if masked or name in ("nonzero", "masked_select"):
        return "a selection"
    if name == "_to_copy" and not args[0].is_cpu:
        return "a copy" if str(kwargs.get("device")) == "cpu" else ""
    return "a copy" if name == "copy_" and args[0].is_cpu and not args[1].is_cpu else ""


# What an operation gives on meta tensors, for code that would stop there.
MADE_UP = {
    "_local_scalar_dense": lambda value: False if value.dtype == torch.bool else 1,
    "allclose": lambda *args, **kwargs: True,
    "equal": lambda *args: True,
    "_to_copy": lambda value, device, dtype=None, **_: value.new_zeros(
        value.shape, device=device, dtype=dtype
    ),
    "copy_": lambda target, *args: target,
}


def stored(value):
    """Return the bytes of a tensor, an int; a dimension that was expanded counts once."""
    count = value.element_size()
    for size, stride in zip(value.shape, value.stride(), strict=True):
        count *= size if stride else min(size, 1)
    return count


@contextlib.contextmanager
def saved():
    """Collect what autograd saves for the backward pass inside `with saved() as tensors:`.

    Yields:
        A list that fills with tensors, one for each piece of memory, parameters included.
    """
    seen, kept = set(), []

    def pack(value):
        if (where := value.untyped_storage()._cdata) not in seen:
            seen.add(where)
            kept.append(value)
        return value

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda value: value):
        yield kept


@contextlib.contextmanager
def autocast_on_meta():
    """Let `torch.autocast(x.device.type)` be written for meta tensors too, which torch refuses."""
    init = torch.autocast.__init__

    def __init__(self, device_type, *args, **kwargs):
        init(self, "cpu" if device_type == "meta" else device_type, *args, **kwargs)

    torch.autocast.__init__ = __init__
    try:
        yield
    finally:
        torch.autocast.__init__ = init


def audited(call, *args):
    """Run code on meta tensors under an audit.

    Args:
        call: the code.
        *args: its arguments.

    Returns:
        What it returned, or None where it stopped for something that the audit has written down;
        and the audit.
    """
    result = None
    with autocast_on_meta(), Audit(through=True) as audit:
        try:
            result = call(*args)
        except Exception as error:
            if "meta device type tensor to numpy" in str(error):
                audit.waits.append("a copy")
            if not (audit.waits or audit.devices):
                raise
    return result, audit
