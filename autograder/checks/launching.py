"""What asking about Triton kernels takes: memory with a watch over it, and a launch written down.

Like `asking` and `tensors` this file is copied into the check file of the exercise that has triton,
and into the student's kernel. Where triton interprets kernels, on a CPU, every access that a kernel
makes passes the watch: one outside of its tensors reads NaN or writes nothing, and is counted; and
a load whose mask is False reads NaN where no `other` is given: on a device that is undefined. On a
device there is no watch; what surrounds the tensors tells of wrong writes there.
"""

import dataclasses
import inspect

import numpy as np
import torch
import triton
import triton.language as tl
import triton.runtime.interpreter

from autograder.checks.tensors import array

AROUND = 64  # elements before and after each tensor that belong to nobody
MARK = 7.0  # what they hold around a tensor that is written to; around others they hold NaN
DISTANT = 1 << 60  # an address that no process has
PATIENCE = 2_000  # accesses to memory in one launch, ten times the need; more is taken to hang
OPTIONS = ("num_warps", "num_stages", "num_ctas", "maxnreg")  # of a launch; no kernel sees them

PARAMETERS = {
    "forward": "x_ptr gamma_ptr beta_ptr y_ptr mean_ptr inv_std_ptr N C L eps BLOCK",
    "backward": "dy_ptr x_ptr gamma_ptr mean_ptr inv_std_ptr dx_ptr dgamma_ptr dbeta_ptr N C L "
    "BLOCK",
}


class Memory:
    """Tensors that belong to one kernel.

    Attributes:
        reads, writes: how many values the kernel has read or written outside of its tensors.
    """

    def __init__(self):
        self.device = "cpu" if triton.knobs.runtime.interpret else "cuda"
        self.reads = self.writes = 0
        self._given, self._wanted, self._ranges, self._distant = [], [], [], []
        self._accesses = 0

    def given(self, values, dtype="float32"):
        """Return a tensor that a kernel reads, NaN around it.

        Args:
            values: NumPy array.
            dtype: name of a dtype of torch's.
        """
        tensor = self._inside(values.shape, dtype, float("nan"))
        tensor.copy_(torch.tensor(values))
        self._given.append((tensor, tensor.clone()))
        return tensor

    def wanted(self, shape, dtype="float32", start=0.0):
        """Return a tensor that a kernel is to fill; before that it holds `start`.

        Args:
            shape: tuple of ints.
            dtype: name of a dtype of torch's.
            start: a number.
        """
        self._wanted.append(self._inside(shape, dtype, MARK).fill_(start))
        return self._wanted[-1]

    def distant(self, tensor, channels):
        """Return a pointer to a huge tensor of which there is only the first channel.

        Args:
            tensor: that channel (N, 1, L), float32, one of this memory's.
            channels: how many the tensor has.
        """
        start = DISTANT * (len(self._distant) + 1)
        self._distant.append((start, tensor, channels))
        ty = tl.pointer_type(tl.float32)
        handle = triton.runtime.interpreter.TensorHandle(np.array([start], dtype=np.uint64), ty)
        return tl.tensor(handle, ty)

    def run(self, kernel, grid, *arguments, **options):
        """Launch a kernel on tensors of this memory; see `compiled`."""
        launch = compiled(kernel)[grid]
        try:
            if triton.knobs.runtime.interpret:
                with np.errstate(all="ignore"):
                    self._watch(lambda: launch(*arguments, **options))
            else:
                launch(*arguments, **options)
        except Exception as error:
            while error.__cause__ is not None:  # the interpreter wraps what the kernel raised
                error = error.__cause__
            if isinstance(error, NotImplementedError):  # some operation of triton's own
                error = RuntimeError(str(error))
            raise error from None
        for tensor in self._wanted:  # of use on a device, where nobody watches
            around = torch.cat([tensor._base[:AROUND], tensor._base[-AROUND:]])
            self.writes += int((around != MARK).sum())

    def changed(self):
        """Return whether a tensor that was given is not what it was."""
        return not all(
            torch.equal(tensor.view(torch.uint8), before.view(torch.uint8))
            for tensor, before in self._given
        )

    def _inside(self, shape, dtype, around):
        count = int(np.prod(shape))
        buffer = torch.full((count + 2 * AROUND,), around, dtype=getattr(torch, dtype))
        tensor = buffer.to(self.device)[AROUND : AROUND + count].view(*shape)
        start = tensor.data_ptr()
        self._ranges.append((start, start + count * tensor.element_size()))
        return tensor

    def _watch(self, work):
        """Do some work while every access to memory is looked at."""
        interpreter = triton.runtime.interpreter
        builder, handle = interpreter.interpreter_builder, interpreter.TensorHandle
        usual = {
            name: getattr(builder, name)
            for name in ("create_masked_load", "create_masked_store", "create_atomic_rmw")
        }

        def masked_load(pointers, mask, other, *rest):
            if other is None:
                other = handle(nothing(pointers), pointers.get_element_ty())
            at, within = self._look(pointers.data, mask.data)
            read = mask.data & within
            outside = int((mask.data & ~within).sum())
            self.reads += outside
            if outside:
                lost = np.where(mask.data, nothing(pointers), other.data)
                other = handle(lost, other.dtype)
            return usual["create_masked_load"](
                handle(at, pointers.dtype), handle(read, mask.dtype), other, *rest
            )

        def masked_store(pointers, value, mask, *rest):
            at, within = self._look(pointers.data, mask.data)
            self.writes += int((mask.data & ~within).sum())
            written = handle(mask.data & within, mask.dtype)
            return usual["create_masked_store"](handle(at, pointers.dtype), value, written, *rest)

        def atomic(operation, pointers, value, mask, *rest):
            at, within = self._look(pointers.data, mask.data)
            self.writes += int((mask.data & ~within).sum())
            written = handle(mask.data & within, mask.dtype)
            return usual["create_atomic_rmw"](
                operation, handle(at, pointers.dtype), value, written, *rest
            )

        prepare, prepared = interpreter._patch_lang, set()

        def once(function):  # not for each call of `tl.sum` again: that takes longer than the sum
            if function in prepared:
                return interpreter._LangPatchScope()
            prepared.add(function)
            return prepare(function)

        options = builder.options
        # Three operations for each on ints, and nothing is made of what they find.
        builder.options = dataclasses.replace(options, sanitize_overflow=False)
        builder.create_masked_load, builder.create_masked_store = masked_load, masked_store
        builder.create_atomic_rmw, interpreter._patch_lang = atomic, once
        try:
            work()
        finally:
            builder.options, interpreter._patch_lang = options, prepare
            for name in usual:
                delattr(builder, name)

    def _look(self, addresses, mask):
        """Return the addresses, those in distant tensors made real, and which lie in a tensor.

        Raises:
            RuntimeError: there have been too many of them.
        """
        self._accesses += 1
        if self._accesses > PATIENCE:
            raise RuntimeError(f"after {PATIENCE} accesses to memory it has not come to its end")
        if self._distant and (addresses[mask] >= DISTANT).any():
            addresses = addresses.copy()
            for start, tensor, channels in self._distant:
                samples, _, length = tensor.shape
                # Far on either side: what has gone wrong may have wrapped around.
                here = (addresses >= start - DISTANT // 2) & (addresses < start + DISTANT // 2)
                element = (addresses.astype(np.int64) - start) // tensor.element_size()
                sample, place = np.divmod(element, channels * length)
                found = (sample >= 0) & (sample < samples) & (place < length)
                real = tensor.data_ptr() + tensor.element_size() * (sample * length + place)
                moved = np.where(found, real, 0).astype(np.uint64)
                addresses = np.where(here, moved, addresses)
        within = np.zeros(np.shape(addresses), dtype=bool)
        for start, end in self._ranges:
            within |= (addresses >= start) & (addresses < end)
        return addresses, within


def nothing(pointers):
    """Return NaN for each pointer, in the form in which the interpreter keeps its dtype."""
    kind = pointers.get_element_ty()
    if kind == tl.bfloat16:
        return np.full(pointers.data.shape, 0x7FC0, dtype=np.uint16)
    numbers = {tl.float16: np.float16, tl.float32: np.float32, tl.float64: np.float64}
    if kind in numbers:
        return np.full(pointers.data.shape, np.nan, dtype=numbers[kind])
    width = kind.primitive_bitwidth
    return np.full(pointers.data.shape, 99, dtype=f"int{max(width, 8)}")


def compiled(kernel):
    """Return a kernel as something to launch: what a student wrote, passed through `triton.jit`.

    Args:
        kernel: a function; or what `triton.jit` has made of one.

    Raises:
        NotImplementedError: it is not written yet.
    """
    written = getattr(kernel, "fn", kernel)
    if "NotImplementedError" in getattr(getattr(written, "__code__", None), "co_names", ()):
        raise NotImplementedError
    return kernel if hasattr(kernel, "fn") else triton.jit(kernel)


def run_forward(kernel, x, gamma, beta, eps, block, dtype="float32", start=0.0, times=1):
    """Run a forward kernel, one program for each channel.

    Args:
        kernel: the student's.
        x: (N, C, L) array; gamma, beta: (C,) arrays.
        eps: a float.
        block: BLOCK, an int.
        dtype: of x and y, the name of one of torch's.
        start: what the outputs hold before.
        times: how often it runs on the same tensors, an int.

    Returns:
        The memory, and a dict of "y", "mean" and "inv_std", arrays.
    """
    memory = Memory()
    given = [memory.given(x, dtype), memory.given(gamma), memory.given(beta)]
    made = [memory.wanted(x.shape, dtype, start)]
    made += [memory.wanted(gamma.shape, start=start) for _ in range(2)]
    for _ in range(times):
        memory.run(kernel, (x.shape[1],), *given, *made, *x.shape, eps, BLOCK=int(block))
    return memory, dict(zip(("y", "mean", "inv_std"), map(array, made), strict=True))


def run_distant(kernel, given, values, channels, *numbers, block):
    """Run one program of a kernel on tensors so large that int32 does not reach their end.

    On a device it is the first channel alone: nobody has that much memory to spare.

    Args:
        kernel: the student's.
        given: list of (N, 1, L) arrays, the first channel of huge tensors that it reads.
        values: list of (1,) arrays, of the small ones that it reads.
        channels: how many channels the huge tensors have.
        *numbers: what it takes between the sizes and BLOCK.
        block: BLOCK, an int.

    Returns:
        A list of what it wrote, a (N, 1, L) array and two (1,) arrays, and of how many values it
        has read outside of its tensors.
    """
    memory = Memory()
    shape = given[0].shape
    large = [memory.given(each) for each in given]
    made = [memory.wanted(shape), memory.wanted((1,)), memory.wanted((1,))]
    pointers, small = [*large, made[0]], [memory.given(each) for each in values]
    if memory.device == "cpu":
        pointers = [memory.distant(tensor, channels) for tensor in pointers]
    else:
        channels = 1
    arguments = [*pointers[:-1], *small, pointers[-1], *made[1:]]
    memory.run(kernel, (1,), *arguments, shape[0], channels, shape[2], *numbers, BLOCK=block)
    return [*map(array, made), np.array(memory.reads)]


def run_backward(kernel, dy, x, gamma, eps, block, dtype="float32", start=0.0, times=1):
    """Run a backward kernel, one program for each channel, on the right statistics of x.

    Args:
        kernel: the student's.
        dy, x: (N, C, L) arrays; gamma: (C,) array.
        eps, block, dtype, start, times: see `run_forward`.

    Returns:
        The memory, and a dict of "dx", "dgamma", "dbeta", "mean" and "inv_std", arrays.
    """
    memory = Memory()
    given = [memory.given(dy, dtype), memory.given(x, dtype), memory.given(gamma)]
    variance, mean = torch.var_mean(given[1].double(), dim=(0, 2), correction=0)
    given += [memory.given(array(each)) for each in (mean, variance.add(eps).rsqrt())]
    made = [memory.wanted(x.shape, dtype, start)]
    made += [memory.wanted(gamma.shape, start=start) for _ in range(2)]
    for _ in range(times):
        memory.run(kernel, (x.shape[1],), *given, *made, *x.shape, BLOCK=int(block))
    found = dict(zip(("dx", "dgamma", "dbeta"), map(array, made), strict=True))
    return memory, found | {"mean": array(given[3]), "inv_std": array(given[4])}


class Launches:
    """Stands for a kernel in a launch, writes down what it is given, and fills what it may.

    Args:
        direction: "forward" or "backward".
        fill: function of a dict of its arguments, which fills tensors; or None.
    """

    def __init__(self, direction, fill=None):
        self.names = PARAMETERS[direction].split()
        self.fill, self.grids, self.arguments = fill, [], []

    def __getitem__(self, grid):
        """Return the launch over a grid: what takes the arguments."""
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        signature = inspect.Signature([inspect.Parameter(name, kind) for name in self.names])

        def launch(*args, **kwargs):
            options = {name: kwargs.pop(name) for name in OPTIONS if name in kwargs}
            warps = options.get("num_warps", 1)
            if warps < 1 or warps & (warps - 1):  # what a device would say
                raise ValueError("num_warps must be a power of 2")
            given = signature.bind(*args, **kwargs).arguments
            size = grid(given | options) if callable(grid) else grid
            size = [int(n) for n in size] + [1] * (3 - len(size))
            self.grids.append(size)
            self.arguments.append(given)
            if self.fill is not None:
                self.fill(given)

        return launch


def cells(tensor, count):
    """Return what a kernel finds behind a tensor's pointer: `count` elements, one after the other.

    Raises:
        ValueError: there are fewer.
    """
    left = tensor.untyped_storage().nbytes() // tensor.element_size() - tensor.storage_offset()
    if left < count:
        raise ValueError(f"a kernel is given a tensor of {left} elements in place of {count}")
    return tensor.detach().as_strided((count,), (1,))
