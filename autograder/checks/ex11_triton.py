"""The questions of ex11_triton: a kernel forward, a kernel backward, and what launches them.

Most compare a kernel with itself under other circumstances: blocks of another size, tensors of half
precision, memory that is not empty. So what is wrong everywhere costs the first questions only.
"""

import numpy as np
import torch

from autograder.checks.asking import largest, parts
from autograder.checks.launching import Launches, cells, run_backward, run_distant, run_forward
from autograder.checks.model import Case, Check, Exercise, Probe
from autograder.checks.tensors import array
from autograder.reference.fused import (
    backward_kernel,
    forward_kernel,
    launch_backward,
    launch_forward,
)

FAR = 2.0**17  # what is far from 0 for float32, and leaves room for the digits of multiples of 1/4


def ask_statistics(student, x, gamma, beta, eps, block):
    """Mean and inv_std, where one block holds a channel exactly."""
    _, found = run_forward(student.forward_kernel, x, gamma, beta, eps, block)
    return found


def ask_normalized(student, x, gamma, beta, eps, block):
    """How far y is from what the kernel's own mean and inv_std give."""
    _, found = run_forward(student.forward_kernel, x, gamma, beta, eps, block)
    mean, inv_std, gamma, beta = (
        each.reshape(1, -1, 1) for each in (found["mean"], found["inv_std"], gamma, beta)
    )
    wanted = gamma * ((x - mean) * inv_std) + beta
    return {"y minus (gamma * (x - mean) * inv_std + beta)": found["y"] - wanted, "y": found["y"]}


def ask_blocks(student, x, gamma, beta, eps, blocks):
    """What several blocks for a channel change, against one that holds it exactly."""
    large, small = blocks
    _, one = run_forward(student.forward_kernel, x, gamma, beta, eps, large)
    _, several = run_forward(student.forward_kernel, x, gamma, beta, eps, small)
    changes = {f"change of {name}": several[name] - one[name] for name in one}
    return changes | {"y is not empty": largest(one["y"]) > 0}


def ask_ragged(student, x, gamma, beta, eps, blocks):
    """What lanes without a value change, against a block that holds the channel exactly."""
    exact, large = blocks
    _, full = run_forward(student.forward_kernel, x, gamma, beta, eps, exact)
    memory, ragged = run_forward(student.forward_kernel, x, gamma, beta, eps, large)
    changes = {f"change of {name}": ragged[name] - full[name] for name in full}
    outside = np.array(memory.reads)
    return changes | {"y is not empty": largest(full["y"]) > 0, "read outside": outside}


def ask_bounds(student, x, gamma, beta, eps, block):
    """Whether the kernel keeps to its tensors, and leaves alone what it is given."""
    memory, found = run_forward(student.forward_kernel, x, gamma, beta, eps, block)
    return {
        "values read outside of its tensors": np.array(memory.reads),
        "values written outside of its tensors": np.array(memory.writes),
        "changes what it is given": memory.changed(),
        "y is not empty": largest(found["y"]) > 0,
        **found,
    }


def ask_far(student, x, gamma, beta, eps, block, offset, exact):
    """What adding a large number to x does to y and inv_std."""
    _, near = run_forward(student.forward_kernel, x, gamma, beta, eps, block)
    _, far = run_forward(student.forward_kernel, x + np.float32(offset), gamma, beta, eps, block)
    changes = {f"change of {name}": far[name] - near[name] for name in ("inv_std", "y")}
    if not exact:  # the mean is rounded, as often as it is written down, and y moves by as much
        moved = changes["change of y"]
        changes["change of y"] = np.where(np.abs(moved) < 0.08, 0.0, moved)
    return changes | {"y is not empty": largest(near["y"]) > 0}


def ask_half(student, x, gamma, beta, eps, block, dtype):
    """What half precision of x changes, against the same numbers in float32."""
    x = array(torch.tensor(x).to(getattr(torch, dtype)))
    _, single = run_forward(student.forward_kernel, x, gamma, beta, eps, block)
    _, half = run_forward(student.forward_kernel, x, gamma, beta, eps, block, dtype)
    off = largest(half["y"] - single["y"]) / largest(single["y"])
    return {
        "change of mean": (half["mean"] - single["mean"]) / largest(x),
        "change of inv_std": (half["inv_std"] - single["inv_std"]) / largest(single["inv_std"]),
        "y is off by more than rounding": bool(off > 0.03),
    }


def ask_repeat(student, x, gamma, beta, eps, block):
    """What a second call changes, on outputs that were not empty before the first."""
    _, once = run_forward(student.forward_kernel, x, gamma, beta, eps, block)
    _, twice = run_forward(student.forward_kernel, x, gamma, beta, eps, block, start=3.0, times=2)
    return {f"change of {name}": twice[name] - once[name] for name in once}


def ask_large(student, x, gamma, beta, eps, block, channels):
    """What changes where the same channel lies in a tensor of more than 2**31 values."""
    small = [gamma, beta]
    near = run_distant(student.forward_kernel, [x], small, 1, eps, block=block)
    far = run_distant(student.forward_kernel, [x], small, channels, eps, block=block)
    names = ("y", "mean", "inv_std")
    changes = {f"change of {name}": far[i] - near[i] for i, name in enumerate(names)}
    return changes | {"y is not empty": largest(near[0]) > 0, "read outside": far[-1]}


def ask_whole(student, x, gamma, beta, eps, block):
    """All that the forward kernel writes."""
    memory, found = run_forward(student.forward_kernel, x, gamma, beta, eps, block)
    return found | {"read outside": np.array(memory.reads)}


def ask_gradients(student, dy, x, gamma, eps, block):
    """All that the backward kernel writes, where one block holds a channel exactly."""
    _, found = run_backward(student.backward_kernel, dy, x, gamma, eps, block)
    return {name: found[name] for name in ("dgamma", "dbeta", "dx")}


def ask_backward_blocks(student, dy, x, gamma, eps, blocks):
    """What several blocks for a channel change, against one that holds it exactly."""
    large, small = blocks
    _, one = run_backward(student.backward_kernel, dy, x, gamma, eps, large)
    _, several = run_backward(student.backward_kernel, dy, x, gamma, eps, small)
    names = ("dgamma", "dbeta", "dx")
    changes = {f"change of {name}": several[name] - one[name] for name in names}
    return changes | {"dx is not empty": largest(one["dx"]) > 0}


def ask_backward_ragged(student, dy, x, gamma, eps, blocks):
    """What lanes without a value change, against a block that holds the channel exactly."""
    exact, large = blocks
    _, full = run_backward(student.backward_kernel, dy, x, gamma, eps, exact)
    memory, ragged = run_backward(student.backward_kernel, dy, x, gamma, eps, large)
    names = ("dgamma", "dbeta", "dx")
    changes = {f"change of {name}": ragged[name] - full[name] for name in names}
    outside = np.array(memory.reads)
    return changes | {"dx is not empty": largest(full["dx"]) > 0, "read outside": outside}


def ask_backward_bounds(student, dy, x, gamma, eps, block):
    """Whether the kernel keeps to its tensors, and leaves alone what it is given."""
    memory, found = run_backward(student.backward_kernel, dy, x, gamma, eps, block)
    return {
        "values read outside of its tensors": np.array(memory.reads),
        "values written outside of its tensors": np.array(memory.writes),
        "changes what it is given": memory.changed(),
        "dx is not empty": largest(found["dx"]) > 0,
        **{name: found[name] for name in ("dgamma", "dbeta", "dx")},
    }


def ask_backward_far(student, dy, x, gamma, eps, block, offset):
    """What adding a large number to x does to the gradients."""
    _, near = run_backward(student.backward_kernel, dy, x, gamma, eps, block)
    _, far = run_backward(student.backward_kernel, dy, x + np.float32(offset), gamma, eps, block)
    changes = {f"change of {name}": far[name] - near[name] for name in ("dgamma", "dx")}
    return changes | {"dx is not empty": largest(near["dx"]) > 0}


def ask_backward_half(student, dy, x, gamma, eps, block, dtype):
    """What half precision of x and dy changes, against the same numbers in float32."""
    dy, x = (array(torch.tensor(each).to(getattr(torch, dtype))) for each in (dy, x))
    _, single = run_backward(student.backward_kernel, dy, x, gamma, eps, block)
    _, half = run_backward(student.backward_kernel, dy, x, gamma, eps, block, dtype)
    off = largest(half["dx"] - single["dx"]) / largest(single["dx"])
    changes = {
        f"change of {name}": (half[name] - single[name]) / largest(single[name])
        for name in ("dgamma", "dbeta")
    }
    return changes | {"dx is off by more than rounding": bool(off > 0.03)}


def ask_backward_repeat(student, dy, x, gamma, eps, block):
    """What a second call changes, on outputs that were not empty before the first."""
    kernel, names = student.backward_kernel, ("dgamma", "dbeta", "dx")
    _, once = run_backward(kernel, dy, x, gamma, eps, block)
    _, twice = run_backward(kernel, dy, x, gamma, eps, block, start=3.0, times=2)
    return {f"change of {name}": twice[name] - once[name] for name in names}


def ask_backward_large(student, dy, x, gamma, mean, inv_std, block, channels):
    """What changes where the same channel lies in tensors of more than 2**31 values."""
    small = [gamma, mean, inv_std]
    near = run_distant(student.backward_kernel, [dy, x], small, 1, block=block)
    far = run_distant(student.backward_kernel, [dy, x], small, channels, block=block)
    names = ("dx", "dgamma", "dbeta")
    changes = {f"change of {name}": far[i] - near[i] for i, name in enumerate(names)}
    return changes | {"dx is not empty": largest(near[0]) > 0, "read outside": far[-1]}


def ask_backward_whole(student, dy, x, gamma, eps, block):
    """All that the backward kernel writes."""
    memory, found = run_backward(student.backward_kernel, dy, x, gamma, eps, block)
    gradients = {name: found[name] for name in ("dgamma", "dbeta", "dx")}
    return gradients | {"read outside": np.array(memory.reads)}


def ask_forward_launch(student, shape, gamma, beta, options):
    """Over which grid the forward kernel is launched, and with which numbers."""
    kernel = Launches("forward")
    given = [torch.zeros(list(map(int, shape))), torch.tensor(gamma), torch.tensor(beta)]
    student.launch_forward(kernel, *given, **options)
    if len(kernel.grids) != 1:
        return {"launches": str(len(kernel.grids))}
    found = kernel.arguments[0]
    block = int(found["BLOCK"])
    return {
        "launches": "1",
        "programs": np.array(kernel.grids[0]),
        "BLOCK is a power of two, at most 8192": 0 < block <= 8192 and block & (block - 1) == 0,
        "N, C, L": np.array([int(found[name]) for name in "NCL"]),
        "eps": np.array(float(found["eps"])),
        "gamma": array(cells(found["gamma_ptr"], gamma.size)),
        "beta": array(cells(found["beta_ptr"], beta.size)),
        "BLOCK": np.array(block),
    }


def ask_forward_layout(student, x, gamma, beta, layout):
    """What the forward kernel reads and where it writes, for x in unusual layouts."""
    whole = torch.tensor(x)
    given = {
        "channels_last": lambda: whole.contiguous(memory_format=torch.channels_last),
        "every second sample": lambda: whole[::2],
        "transposed": lambda: whole.transpose(0, 2),
        "without its border": lambda: whole[:, :, 1:-1],
    }[layout]()

    def fill(given):
        cells(given["y_ptr"], count).copy_(2 * cells(given["x_ptr"], count) + 1)

    kernel = Launches("forward", fill)
    before, count = given.clone(), given.numel()
    small = torch.tensor(gamma), torch.tensor(beta)
    y, _, _ = parts(student.launch_forward(kernel, given, *small), "y", "mean", "inv_std")
    read = cells(kernel.arguments[0]["x_ptr"], before.numel())
    return {
        "what the kernel reads": array(read),
        "y, where the kernel writes 2 * x + 1": array(y),
        "x is unchanged": bool(torch.equal(given, before)),
    }


def ask_forward_returned(student, shape, dtype, device, written):
    """Shape, dtype and device of all that is returned, and what the kernel has written there."""

    def fill(given):
        for number, name in zip(written, ("y", "mean", "inv_std"), strict=True):
            given[name + "_ptr"].fill_(float(number))

    kernel = Launches("forward", fill)
    shape = [int(size) for size in shape]
    x = torch.empty(shape, dtype=getattr(torch, dtype), device=device)
    small = [torch.empty(shape[1], device=device) for _ in range(2)]
    names = ("y", "mean", "inv_std")
    try:
        found = parts(student.launch_forward(kernel, x, *small), *names)
    except NotImplementedError as error:  # torch's own, where values are read from "meta"
        if not error.args:
            raise
        return {"shape, dtype and device of y": f"none: {error}"[:200]}
    answers = {}
    for name, tensor in zip(names, found, strict=True):
        of = f"{tuple(tensor.shape)}, {tensor.dtype}, {tensor.device}"
        answers[f"shape, dtype and device of {name}"] = of
        # Nothing can be read on the device "meta", which only knows shapes and dtypes.
        values = array(tensor).ravel()[:4] if device == "cpu" else "none"
        answers[f"{name} begins"] = values
    return answers


def ask_backward_launch(student, shape, gamma, mean, inv_std):
    """Over which grid the backward kernel is launched, and with which numbers."""
    kernel = Launches("backward")
    arrays = {"gamma": gamma, "mean": mean, "inv_std": inv_std}
    large = [torch.zeros(list(map(int, shape))) for _ in range(2)]
    student.launch_backward(kernel, *large, *(torch.tensor(each) for each in arrays.values()))
    if len(kernel.grids) != 1:
        return {"launches": str(len(kernel.grids))}
    found = kernel.arguments[0]
    block = int(found["BLOCK"])
    return {
        "launches": "1",
        "programs": np.array(kernel.grids[0]),
        "BLOCK is a power of two, at most 8192": 0 < block <= 8192 and block & (block - 1) == 0,
        "N, C, L": np.array([int(found[name]) for name in "NCL"]),
        **{name: array(cells(found[name + "_ptr"], gamma.size)) for name in arrays},
        "BLOCK": np.array(block),
    }


def ask_backward_layout(student, dy, x, gamma, mean, inv_std, layout):
    """What the backward kernel reads and where it writes, for x and dy in different layouts."""
    x, dy = torch.tensor(x), torch.tensor(dy)
    if layout == "x channels_last":
        x = x.contiguous(memory_format=torch.channels_last)
    elif layout == "dy channels_last":
        dy = dy.contiguous(memory_format=torch.channels_last)
    elif layout == "both channels_last":
        x, dy = (each.contiguous(memory_format=torch.channels_last) for each in (x, dy))
    elif layout == "dy expanded":
        dy = dy[:1, :1, :1, :1].expand(x.shape)

    def fill(given):
        read = cells(given["dy_ptr"], count), cells(given["x_ptr"], count)
        cells(given["dx_ptr"], count).copy_(2 * read[0] + read[1])

    kernel = Launches("backward", fill)
    before, count = (dy.clone(), x.clone()), x.numel()
    small = [torch.tensor(each) for each in (gamma, mean, inv_std)]
    dx, _, _ = parts(student.launch_backward(kernel, dy, x, *small), "dx", "dgamma", "dbeta")
    found = kernel.arguments[0]
    return {
        "what the kernel reads of dy": array(cells(found["dy_ptr"], x.numel())),
        "what the kernel reads of x": array(cells(found["x_ptr"], x.numel())),
        "dx, where the kernel writes 2 * dy + x": array(dx),
        "dy and x are unchanged": bool(torch.equal(dy, before[0]) and torch.equal(x, before[1])),
    }


def ask_backward_returned(student, shape, dtype, device, written):
    """Shape, dtype and device of all that is returned, and what the kernel has written there."""

    def fill(given):
        for number, name in zip(written, ("dx", "dgamma", "dbeta"), strict=True):
            given[name + "_ptr"].fill_(float(number))

    kernel = Launches("backward", fill)
    shape = [int(size) for size in shape]
    large = [torch.empty(shape, dtype=getattr(torch, dtype), device=device) for _ in range(2)]
    small = [torch.empty(shape[1], device=device) for _ in range(3)]
    names = ("dx", "dgamma", "dbeta")
    try:
        found = parts(student.launch_backward(kernel, *large, *small), *names)
    except NotImplementedError as error:  # torch's own, where values are read from "meta"
        if not error.args:
            raise
        return {"shape, dtype and device of dx": f"none: {error}"[:200]}
    answers = {}
    for name, tensor in zip(names, found, strict=True):
        of = f"{tuple(tensor.shape)}, {tensor.dtype}, {tensor.device}"
        answers[f"shape, dtype and device of {name}"] = of
        # Nothing can be read on the device "meta", which only knows shapes and dtypes.
        values = array(tensor).ravel()[:4] if device == "cpu" else "none"
        answers[f"{name} begins"] = values
    return answers


def channels(rng, n, c, length):
    """Draw x (N, C, L) with another mean and another spread for each channel."""
    means = rng.uniform(1, 5, (1, c, 1)) * rng.choice([-1.0, 1.0], (1, c, 1))
    spreads = rng.uniform(0.5, 2, (1, c, 1))
    return (means + spreads * rng.standard_normal((n, c, length))).astype(np.float32)


def affine(rng, c):
    """Draw gamma and beta away from 1 and 0, gamma of both signs."""
    gamma = rng.uniform(0.5, 2, c) * np.resize([1.0, -1.0], c)
    beta = rng.uniform(1, 3, c) * rng.choice([-1.0, 1.0], c)
    return {"gamma": gamma.astype(np.float32), "beta": beta.astype(np.float32)}


def upstream(rng, x):
    """Draw dy for an x, with a sum that is not 0."""
    return (0.5 + rng.standard_normal(x.shape)).astype(np.float32)


def named(shape):
    """Return a shape in words."""
    n, c, length = shape
    return f"N = {n}, C = {c}, L = {length}"


def exact_blocks(rng):
    whole = np.array([[[1, 3, 5, 7], [9, 3, 9, 3]], [[7, 5, 3, 1], [3, 9, 3, 9]]])
    whole = whole[:, :, rng.permutation(4)].astype(np.float32)
    cases = [
        Case(
            "whole numbers, N = 2, C = 2, L = 4, eps = 4, BLOCK = 8",
            {"x": whole, "eps": 4.0, "block": 8} | affine(rng, 2),
        )
    ]
    for shape, eps, block in [
        ((4, 3, 2), 0.5, 8),
        ((2, 3, 4), 0.1, 8),
        ((8, 2, 1), 1.0, 8),
        ((1, 2, 16), 0.02, 16),
    ]:
        # In the last case eps and its default, 1e-5, are both of the order of the variance.
        x = channels(rng, *shape) * np.float32(0.01 if eps == 0.02 else 1)
        inputs = {"x": x, "eps": eps, "block": block} | affine(rng, shape[1])
        cases.append(Case(f"{named(shape)}, eps = {eps}, BLOCK = {block}", inputs))
    return cases


def normalized(rng):
    return exact_blocks(rng)[1:4]


def two_sizes(rng, shapes, blocks):
    cases = []
    for shape, pair in zip(shapes, blocks, strict=True):
        inputs = {"x": channels(rng, *shape), "eps": 0.1, "blocks": np.array(pair)}
        label = f"{named(shape)}, BLOCK = {pair[0]} and BLOCK = {pair[1]}"
        cases.append(Case(label, inputs | affine(rng, shape[1])))
    return cases


def several_blocks(rng):
    return two_sizes(rng, [(4, 1, 4), (2, 2, 4)], [(16, 4), (8, 4)])


def partial_blocks(rng):
    return two_sizes(rng, [(4, 1, 2), (2, 2, 2)], [(8, 16), (4, 16)])


def within(rng):
    cases = []
    for shape, block in [((3, 2, 2), 8), ((2, 1, 5), 8), ((5, 1, 1), 4)]:
        inputs = {"x": channels(rng, *shape), "eps": 0.1, "block": block} | affine(rng, shape[1])
        cases.append(Case(f"{named(shape)}, BLOCK = {block}", inputs))
    return cases


def far_away(rng):
    cases = []
    for shape, block, offset in [((4, 1, 4), 16, FAR), ((2, 2, 8), 16, -FAR)]:
        # Multiples of 1/4, and 16 of them: neither adding the offset nor their mean rounds anything.
        x = (np.round(16 * channels(rng, *shape)) / 4).astype(np.float32)
        inputs = {"x": x, "eps": 0.1, "block": block, "offset": offset} | affine(rng, shape[1])
        cases.append(Case(f"{named(shape)}, {offset:g} added", inputs))
    return cases


def far_and_wide(rng):
    """Cases whose sum is exact far from 0, and some whose sum lies halfway between two floats."""
    cases = []
    for shape, block, offset, steps in [
        ((4, 1, 4), 16, FAR, 4),
        ((2, 2, 8), 16, -FAR, 4),
        ((4, 1, 4), 16, FAR, 8),
        ((2, 2, 8), 16, -FAR, 8),
    ]:
        exact = steps == 4  # quarters, see `far_away`; and eighths with an odd sum
        x = np.round(8 * steps * channels(rng, *shape))
        if not exact:
            x[0, :, 0] += x.sum(axis=(0, 2)) % 2 == 0
        inputs = {"x": (x / steps).astype(np.float32), "eps": 0.1, "block": block}
        inputs |= {"offset": offset, "exact": exact} | affine(rng, shape[1])
        size = rng.uniform(1.5, 2, shape[1])  # of gamma, so that an error can be seen in y
        inputs["gamma"] = np.copysign(size, inputs["gamma"]).astype(np.float32)
        cases.append(Case(f"{named(shape)}, {offset:g} added, multiples of 1/{steps}", inputs))
    return cases


def half_precision(rng):
    cases = []
    for shape, dtype, center in [
        ((4, 1, 4), "bfloat16", 0.0),
        ((2, 1, 8), "bfloat16", 0.0),
        ((4, 1, 4), "float16", 300.0),
        ((2, 1, 8), "float16", -400.0),
    ]:
        x = np.float32(center) + np.float32(30) * channels(rng, *shape)
        inputs = {"x": x, "eps": 0.1, "block": 16, "dtype": dtype} | affine(rng, shape[1])
        cases.append(Case(f"{named(shape)}, {dtype}", inputs))
    return cases


def plain_cases(rng):
    cases = []
    for shape, block in [((4, 2, 2), 8), ((2, 2, 4), 8)]:
        inputs = {"x": channels(rng, *shape), "eps": 0.1, "block": block} | affine(rng, shape[1])
        cases.append(Case(f"{named(shape)}, BLOCK = {block}", inputs))
    return cases


def large_tensors(rng):
    cases = []
    for shape, count in [((16, 1, 64), 1 << 22), ((32, 1, 32), 1 << 23)]:
        inputs = {"x": channels(rng, *shape), "eps": 0.1, "block": 1024, "channels": count}
        label = f"the first channel of N = {shape[0]}, C = {count}, L = {shape[2]}"
        cases.append(Case(label, inputs | affine(rng, 1)))
    return cases


def everything(rng):
    cases = []
    for shape, block, eps in [
        ((4, 3, 5), 8, 0.05),
        ((2, 5, 3), 4, 0.5),
        ((3, 3, 3), 16, 1e-5),
        ((7, 2, 1), 4, 1.0),
        ((1, 2, 5), 2, 0.02),
        ((2, 2, 2), 1, 0.1),
    ]:
        x = channels(rng, *shape) * np.float32(0.01 if eps == 0.02 else 1)
        inputs = {"x": x, "eps": eps, "block": block} | affine(rng, shape[1])
        cases.append(Case(f"{named(shape)}, BLOCK = {block}, eps = {eps}", inputs))
    return cases


def backwards(cases):
    """Return cases for the forward kernel as cases for the backward kernel: dy, and no beta."""

    def made(rng):
        return [
            Case(
                case.label,
                {"dy": upstream(rng, case.inputs["x"])}
                | {name: value for name, value in case.inputs.items() if name != "beta"},
            )
            for case in cases(rng)
        ]

    return made


def large_gradients(rng):
    cases = []
    for case in backwards(large_tensors)(rng):
        x, eps = case.inputs["x"], case.inputs["eps"]
        statistics = {"mean": x.mean(axis=(0, 2)), "inv_std": (x.var(axis=(0, 2)) + eps) ** -0.5}
        inputs = {name: value for name, value in case.inputs.items() if name != "eps"}
        cases.append(Case(case.label, inputs | statistics))
    return cases


def launched(rng):
    cases = []
    for shape, options in [
        ((3, 5, 7), {"eps": 0.3}),
        ((2, 129, 1), {}),
        ((4, 3, 5, 2), {"eps": 0.01}),
        ((300, 2, 41), {}),
        ((90, 3, 10, 11), {"eps": 0.1}),
        ((1, 200, 2, 1), {}),
        ((5, 1, 3), {"eps": 0.2}),
        ((6, 4), {"eps": 2.0}),
    ]:
        inputs = {"shape": np.array(shape), "options": options}
        label = f"x of shape {shape}, eps {options.get('eps', 'left out')}"
        cases.append(Case(label, inputs | affine(rng, shape[1])))
    return cases


def launched_backward(rng):
    return [
        Case(
            f"x of shape {tuple(case.inputs['shape'].tolist())}",
            {"shape": case.inputs["shape"]} | per_channel(rng, case.inputs["shape"][1]),
        )
        for case in launched(rng)
    ]


def per_channel(rng, c):
    names = ("gamma", "mean", "inv_std")
    return {name: rng.uniform(0.5, 2, c).astype(np.float32) for name in names}


def layouts(rng):
    cases = []
    for layout, shape in [
        ("channels_last", (2, 3, 4, 5)),
        ("every second sample", (6, 3, 4)),
        ("transposed", (4, 3, 2)),
        ("without its border", (2, 3, 6)),
    ]:
        inputs = {"x": rng.standard_normal(shape).astype(np.float32), "layout": layout}
        cases.append(Case(f"x {layout}", inputs | affine(rng, 3)))
    return cases


def layouts_backward(rng):
    cases = []
    for layout in ("x channels_last", "dy channels_last", "both channels_last", "dy expanded"):
        shape = (2, 3, 4, 5)
        large = {name: rng.standard_normal(shape).astype(np.float32) for name in ("dy", "x")}
        cases.append(Case(layout, large | {"layout": layout} | per_channel(rng, 3)))
    return cases


def returned(rng):
    cases = []
    for axes, dtype, device in [
        (3, "float32", "cpu"),
        (4, "bfloat16", "cpu"),
        (2, "float16", "cpu"),
        (3, "bfloat16", "meta"),
        (4, "float32", "meta"),
    ]:
        # All different: the sizes, so that none stands for another, and what the kernel writes.
        shape, written = rng.permutation(np.arange(2, 9))[:axes], rng.permutation(8)[:3] + 2.0
        inputs = {"shape": shape, "dtype": dtype, "device": device, "written": written}
        label = f"x of shape {tuple(shape.tolist())}, {dtype}, on the device {device}"
        cases.append(Case(label, inputs))
    return cases


GRADIENTS = Probe(ask_gradients, backwards(exact_blocks))
FORWARD, BACKWARD = "forward_kernel", "backward_kernel"

EXERCISE = Exercise(
    name="ex11_triton",
    reference={
        "forward_kernel": forward_kernel,
        "backward_kernel": backward_kernel,
        "launch_forward": launch_forward,
        "launch_backward": launch_backward,
    },
    packages=("numpy", "torch", "triton"),
    question_seconds=20,
    limits={"memory": 3 << 30, "mapped": 24 << 30, "processes": 128},
    checks=(
        Check(
            id="statistics",
            question="Where BLOCK is N * L, are mean and inv_std those of each channel?",
            points=2,
            probe=Probe(ask_statistics, exact_blocks),
            compare=("mean", "inv_std"),
            fingerprint=("mean", "inv_std"),
            function=FORWARD,
            tolerance=1e-4,
            hint="mean or inv_std is not that of its channel: inv_std is 1 / sqrt(var + eps), the "
            "variance divided by M = N * L. Work the case of whole numbers by hand.",
        ),
        Check(
            id="normalized",
            question="Is y = gamma * (x - mean) * inv_std + beta, with the mean and inv_std that the kernel writes?",
            points=1,
            probe=Probe(ask_normalized, normalized),
            compare=("y minus (gamma * (x - mean) * inv_std + beta)",),
            function=FORWARD,
            tolerance=1e-4,
            absolute=True,
            hint="y is not gamma * (x - mean) * inv_std + beta with the mean and inv_std that the same "
            "call has written for the channel, whether these are right or not.",
        ),
        Check(
            id="blocks",
            question="Does the forward kernel write the same where a channel takes several blocks?",
            points=1,
            probe=Probe(ask_blocks, several_blocks),
            compare=("change of y", "change of mean", "change of inv_std", "y is not empty"),
            function=FORWARD,
            tolerance=1e-4,
            absolute=True,
            hint="With a smaller BLOCK the kernel writes something else, or it writes nothing at all. A "
            "channel has N * L values; where BLOCK is smaller, every loop takes several rounds.",
        ),
        Check(
            id="ragged",
            question="Does the forward kernel write the same where BLOCK is larger than N * L?",
            points=2,
            probe=Probe(ask_ragged, partial_blocks),
            compare=("change of y", "change of mean", "change of inv_std", "y is not empty"),
            fingerprint=("change of y", "change of mean", "change of inv_std", "read outside"),
            function=FORWARD,
            tolerance=1e-4,
            absolute=True,
            hint="With BLOCK larger than N * L the kernel writes something else, or it writes nothing at "
            "all. The lanes past the last value must count for nothing, in every sum and every number.",
        ),
        Check(
            id="bounds",
            question="Does the forward kernel touch nothing but its tensors, and write only to its outputs?",
            points=1,
            probe=Probe(ask_bounds, within),
            compare=(
                "values read outside of its tensors",
                "values written outside of its tensors",
                "changes what it is given",
                "y is not empty",
            ),
            fingerprint=(
                "values read outside of its tensors",
                "values written outside of its tensors",
                "changes what it is given",
                "y",
                "mean",
                "inv_std",
            ),
            function=FORWARD,
            tolerance=1e-4,
            hint="The kernel reads or writes past the end of a tensor, changes a tensor that it is given, "
            "or writes nothing at all. Each load and store of a block takes a mask.",
        ),
        Check(
            id="far_mean",
            question="Do y and inv_std stay as they are when 131072 is added to every value?",
            points=1,
            probe=Probe(ask_far, far_and_wide),
            compare=("change of inv_std", "change of y", "y is not empty"),
            function=FORWARD,
            tolerance=0.08,
            absolute=True,
            hint="Adding the same number to every value must not change y, and there must be a y; here it "
            "changes. Where digits are lost: float32 has 7, and squares need twice as many.",
        ),
        Check(
            id="half",
            question="Are mean and inv_std of half-precision x as right as those of the same numbers in float32?",
            points=1,
            probe=Probe(ask_half, half_precision),
            compare=("change of mean", "change of inv_std", "y is off by more than rounding"),
            function=FORWARD,
            tolerance=2e-5,
            absolute=True,
            hint="With bfloat16 or float16 in x the kernel does not give what it gives for the same "
            "numbers in float32. Convert what is loaded before anything is computed with it.",
        ),
        Check(
            id="repeat",
            question="Does a second call, on outputs that hold something, write the same as the first?",
            points=1,
            probe=Probe(ask_repeat, plain_cases),
            compare=("change of y", "change of mean", "change of inv_std"),
            function=FORWARD,
            tolerance=1e-4,
            absolute=True,
            hint="What the kernel writes depends on what its outputs held before, or it leaves some of it "
            "there. Outputs come unfilled: every value is written, and none is read first.",
        ),
        Check(
            id="large",
            question="Is a channel treated the same in a tensor of more than 2**31 values?",
            points=1,
            probe=Probe(ask_large, large_tensors),
            compare=("change of y", "change of mean", "change of inv_std", "y is not empty"),
            fingerprint=("change of y", "change of mean", "change of inv_std", "read outside"),
            function=FORWARD,
            tolerance=1e-4,
            absolute=True,
            hint="In a tensor of more than 2**31 values the kernel does not find its channel, or writes "
            "nothing at all. An offset is a product of numbers that are int32, unless you convert one.",
        ),
        Check(
            id="forward",
            question="Is all that the forward kernel writes right, for any N, C, L, BLOCK and eps?",
            points=1,
            probe=Probe(ask_whole, everything),
            compare=("y", "mean", "inv_std"),
            fingerprint=("y", "mean", "inv_std", "read outside"),
            function=FORWARD,
            tolerance=1e-4,
            hint="y, mean or inv_std differs from batch normalization's over samples and positions. "
            "Settle the questions before this one first.",
        ),
        Check(
            id="sums",
            question="Where BLOCK is N * L, are dgamma and dbeta right?",
            points=1,
            probe=GRADIENTS,
            compare=("dgamma", "dbeta"),
            function=BACKWARD,
            tolerance=1e-4,
            hint="dgamma is not the sum of dy * x_hat over the channel, or dbeta not the sum of dy. "
            "x_hat is (x - mean) * inv_std, with what the kernel is given for them.",
        ),
        Check(
            id="gradient",
            question="Where BLOCK is N * L, is dx right?",
            points=2,
            probe=GRADIENTS,
            compare=("dx",),
            function=BACKWARD,
            tolerance=1e-4,
            hint="dx is not gamma * inv_std * (dy - dbeta / M - x_hat * dgamma / M), with M = N * L and "
            "the right sums dgamma and dbeta.",
        ),
        Check(
            id="backward_blocks",
            question="Does the backward kernel write the same where a channel takes several blocks?",
            points=1,
            probe=Probe(ask_backward_blocks, backwards(several_blocks)),
            compare=("change of dgamma", "change of dbeta", "change of dx", "dx is not empty"),
            function=BACKWARD,
            tolerance=1e-4,
            absolute=True,
            hint="With a smaller BLOCK the kernel writes something else, or it writes nothing at all. Both "
            "loops take several rounds, and the sums are complete only after all of the first.",
        ),
        Check(
            id="backward_ragged",
            question="Does the backward kernel write the same where BLOCK is larger than N * L?",
            points=1,
            probe=Probe(ask_backward_ragged, backwards(partial_blocks)),
            compare=("change of dgamma", "change of dbeta", "change of dx", "dx is not empty"),
            fingerprint=("change of dgamma", "change of dbeta", "change of dx", "read outside"),
            function=BACKWARD,
            tolerance=1e-4,
            absolute=True,
            hint="With BLOCK larger than N * L the kernel writes something else, or it writes nothing at "
            "all. The lanes past the last value must count for nothing.",
        ),
        Check(
            id="backward_bounds",
            question="Does the backward kernel touch nothing but its tensors, and write only to its outputs?",
            points=1,
            probe=Probe(ask_backward_bounds, backwards(within)),
            compare=(
                "values read outside of its tensors",
                "values written outside of its tensors",
                "changes what it is given",
                "dx is not empty",
            ),
            fingerprint=(
                "values read outside of its tensors",
                "values written outside of its tensors",
                "changes what it is given",
                "dx",
                "dgamma",
                "dbeta",
            ),
            function=BACKWARD,
            tolerance=1e-4,
            hint="The kernel reads or writes past the end of a tensor, changes a tensor that it is given, "
            "or writes nothing at all. Each load and store of a block takes a mask.",
        ),
        Check(
            id="backward_far_mean",
            question="Do dgamma and dx stay as they are when 131072 is added to every value of x?",
            points=1,
            probe=Probe(ask_backward_far, backwards(far_away)),
            compare=("change of dgamma", "change of dx", "dx is not empty"),
            function=BACKWARD,
            tolerance=1e-4,
            absolute=True,
            hint="Adding the same number to every value of x moves the mean with it and must not change "
            "a gradient, and there must be one; here it changes. Take the mean away before you multiply.",
        ),
        Check(
            id="backward_half",
            question="Are dgamma and dbeta of half-precision x and dy as right as in float32?",
            points=1,
            probe=Probe(ask_backward_half, backwards(half_precision)),
            compare=("change of dgamma", "change of dbeta", "dx is off by more than rounding"),
            function=BACKWARD,
            tolerance=2e-5,
            absolute=True,
            hint="With bfloat16 or float16 in x and dy the kernel does not give what it gives for the same "
            "numbers in float32. Convert what is loaded before anything is computed with it.",
        ),
        Check(
            id="backward_repeat",
            question="Does a second call, on outputs that hold something, write the same as the first?",
            points=1,
            probe=Probe(ask_backward_repeat, backwards(plain_cases)),
            compare=("change of dgamma", "change of dbeta", "change of dx"),
            function=BACKWARD,
            tolerance=1e-4,
            absolute=True,
            hint="What the kernel writes depends on what its outputs held before, or it leaves some of it "
            "there. Outputs come unfilled: every value is written, and none is read first.",
        ),
        Check(
            id="backward_large",
            question="Is a channel treated the same in tensors of more than 2**31 values?",
            points=1,
            probe=Probe(ask_backward_large, large_gradients),
            compare=("change of dx", "change of dgamma", "change of dbeta", "dx is not empty"),
            fingerprint=("change of dx", "change of dgamma", "change of dbeta", "read outside"),
            function=BACKWARD,
            tolerance=1e-4,
            absolute=True,
            hint="In tensors of more than 2**31 values the kernel does not find its channel, or writes "
            "nothing at all. An offset is a product of numbers that are int32, unless you convert one.",
        ),
        Check(
            id="backward",
            question="Is all that the backward kernel writes right, for any N, C, L and BLOCK?",
            points=1,
            probe=Probe(ask_backward_whole, backwards(everything)),
            compare=("dx", "dgamma", "dbeta"),
            fingerprint=("dx", "dgamma", "dbeta", "read outside"),
            function=BACKWARD,
            tolerance=1e-4,
            hint="dx, dgamma or dbeta differs from batch normalization's over samples and positions. "
            "Settle the questions before this one first.",
        ),
        Check(
            id="launch",
            question="Is the forward kernel launched once, one program a channel, with the right numbers?",
            points=1,
            probe=Probe(ask_forward_launch, launched),
            compare=(
                "launches",
                "programs",
                "BLOCK is a power of two, at most 8192",
                "N, C, L",
                "eps",
                "gamma",
                "beta",
            ),
            fingerprint=("launches", "programs", "BLOCK", "N, C, L", "eps", "gamma", "beta"),
            function="launch_forward",
            tolerance=1e-6,
            hint="The kernel is to be launched once, with a grid of C programs, N, C and L as they are (L "
            "the product of what follows C), gamma, beta, eps, and a power of two up to 8192 as BLOCK.",
        ),
        Check(
            id="layout",
            question="Does x of any layout reach the forward kernel without gaps, and come back as y?",
            points=1,
            probe=Probe(ask_forward_layout, layouts),
            compare=(
                "what the kernel reads",
                "y, where the kernel writes 2 * x + 1",
                "x is unchanged",
            ),
            function="launch_forward",
            tolerance=1e-6,
            hint="A kernel knows nothing of strides. What lies behind its pointers must be in the order "
            "(N, C, L) without gaps, and so must what it writes to; or the caller's x has changed.",
        ),
        Check(
            id="returned",
            question="Are y, mean and inv_std of the right shapes and dtypes, on x's device, as the kernel wrote them?",
            points=1,
            probe=Probe(ask_forward_returned, returned),
            compare=(
                "shape, dtype and device of y",
                "shape, dtype and device of mean",
                "shape, dtype and device of inv_std",
                "y begins",
                "mean begins",
                "inv_std begins",
            ),
            function="launch_forward",
            tolerance=1e-6,
            hint="y has x's shape and dtype, mean and inv_std are (C,) and float32, all on x's device; "
            "and each is what the kernel has written. One of these is not so.",
        ),
        Check(
            id="backward_launch",
            question="Is the backward kernel launched once, one program a channel, with the right numbers?",
            points=1,
            probe=Probe(ask_backward_launch, launched_backward),
            compare=(
                "launches",
                "programs",
                "BLOCK is a power of two, at most 8192",
                "N, C, L",
                "gamma",
                "mean",
                "inv_std",
            ),
            fingerprint=("launches", "programs", "BLOCK", "N, C, L", "gamma", "mean", "inv_std"),
            function="launch_backward",
            tolerance=1e-6,
            hint="The kernel is to be launched once, with a grid of C programs, N, C and L as they are (L "
            "the product of what follows C), gamma, mean, inv_std, and a power of two up to 8192 as BLOCK.",
        ),
        Check(
            id="backward_layout",
            question="Do dy and x of any layouts reach the backward kernel without gaps, and come back as dx?",
            points=1,
            probe=Probe(ask_backward_layout, layouts_backward),
            compare=(
                "what the kernel reads of dy",
                "what the kernel reads of x",
                "dx, where the kernel writes 2 * dy + x",
                "dy and x are unchanged",
            ),
            function="launch_backward",
            tolerance=1e-6,
            hint="A kernel knows nothing of strides. What lies behind its pointers must be in the order "
            "(N, C, L) without gaps, and so must what it writes to; or the caller's tensors have changed.",
        ),
        Check(
            id="backward_returned",
            question="Are dx, dgamma and dbeta of the right shapes and dtypes, on x's device, as the kernel wrote them?",
            points=1,
            probe=Probe(ask_backward_returned, returned),
            compare=(
                "shape, dtype and device of dx",
                "shape, dtype and device of dgamma",
                "shape, dtype and device of dbeta",
                "dx begins",
                "dgamma begins",
                "dbeta begins",
            ),
            function="launch_backward",
            tolerance=1e-6,
            hint="dx has x's shape and dtype, dgamma and dbeta are (C,) and float32, all on x's device; "
            "and each is what the kernel has written. One of these is not so.",
        ),
    ),
)
