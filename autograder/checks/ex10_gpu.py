"""The questions of ex10_gpu: batch norm on any device, and over several, marked without a GPU.

1. Here: the values that `batchnorm_train` gives, in float64, in half precision, in any layout.
2. `ex10_gpu_backward`: the values of the backward pass and of several replicas together.
3. `ex10_gpu_audit`: habits, asked about on the meta device, whose tensors have no numbers.
"""

import numpy as np
import torch

from autograder.checks.asking import largest, parts
from autograder.checks.ex02_forward import affine
from autograder.checks.ex10_gpu_audit import BACKWARD_HABITS, MERGE_HABITS, TRAIN_HABITS
from autograder.checks.ex10_gpu_backward import BACKWARD, MERGE, REPLICAS
from autograder.checks.model import Case, Check, Exercise, Probe
from autograder.checks.tensors import Audit, array, laid_out, layout_kept, tensor
from autograder.reference.device import (
    backward_input,
    backward_sums,
    batchnorm_train,
    merge_statistics,
)

OWN = "torch's own normalization"  # an answer to each question of batchnorm_train
TRAIN = "batchnorm_train"


def ask_forward(student, x, vectors, options):
    """Output in float64, and whether the arguments that are no running statistics changed."""
    x, weight, bias, *running = (tensor(x), *map(tensor, vectors))
    before = [x.clone(), weight.clone(), bias.clone()]
    with Audit() as audit:
        y, _ = parts(student.batchnorm_train(x, weight, bias, *running, **options), "y", "saved")
    return {
        "y": array(y),
        "x, weight and bias are unchanged": all(map(torch.equal, (x, weight, bias), before)),
        "torch's own normalization": ", ".join(audit.normalizers) or "not called",
    }


def ask_saved(student, x, vectors, dtype, layout, eps):
    """What is kept for the backward pass: x itself, the statistics, and nothing large besides."""
    x = tensor(x, getattr(torch, dtype))
    wide = torch.promote_types(x.dtype, torch.float32)

    def run(x):
        weight, bias, *running = (tensor(vector, wide) for vector in vectors)
        return student.batchnorm_train(x, weight, bias, *running, eps=eps)

    with Audit() as audit:
        try:
            other = laid_out(x, layout)
            result, x = run(other), other
        except RuntimeError as error:
            if "view" not in str(error):
                raise
            result = run(x)  # which layouts it takes is another question
    kept = parts(parts(result, "y", "saved")[1], "x", "mean", "inv_std")
    first = kept[0]
    if not torch.is_tensor(first) or first.shape != x.shape:
        named = "something else"
    elif first.dtype != x.dtype:
        named = "x in another dtype" if torch.equal(first.to(x.dtype), x) else "something else"
    elif first.data_ptr() != x.data_ptr() or first.stride() != x.stride():
        named = "a copy of x" if torch.equal(first, x) else "something else"
    else:
        named = "x itself"
    storages = [t.untyped_storage() for t in kept[1:] if torch.is_tensor(t)]
    beside = sum({s.data_ptr(): s.nbytes() for s in storages}.values())
    limit = 64 * x.shape[1]
    exact = dtype == "float64"  # how right they are in half precision is another question
    return {
        "mean": array(kept[1]) if exact else "not asked",
        "inv_std": array(kept[2]) if exact else "not asked",
        "saved[0]": named,
        "the others keep": "little" if beside <= limit else "much",
        "memory behind saved[1] and saved[2]": f"at most {limit} bytes"
        if beside <= limit
        else f"{beside} bytes",
        "torch's own normalization": ", ".join(audit.normalizers) or "not called",
    }


def ask_running(student, x, vectors, options):
    """The running statistics after a call."""
    weight, bias, running_mean, running_var = map(tensor, vectors)
    with Audit() as audit:
        student.batchnorm_train(tensor(x), weight, bias, running_mean, running_var, **options)
    return {
        "running_mean": array(running_mean),
        "running_var": array(running_var),
        "torch's own normalization": ", ".join(audit.normalizers) or "not called",
    }


def ask_history(student, x, vectors):
    """Whether the running statistics have a gradient history after a call that records one."""
    weight, bias, *running = map(tensor, vectors)
    x, weight, bias = (value.requires_grad_() for value in (tensor(x), weight, bias))
    history = "none"
    with Audit() as audit:
        try:
            student.batchnorm_train(x, weight, bias, *running)
        except RuntimeError as error:
            if "in-place" not in str(error):
                raise
            history = "an argument that requires a gradient is changed in place"
    if any(value.requires_grad for value in running):
        history = "that of the batch"
    return {
        "gradient history": history,
        "torch's own normalization": ", ".join(audit.normalizers) or "not called",
    }


def ask_statistics(student, x, vectors, dtype):
    """How far the statistics of x in a narrow dtype are from the student's own in float64."""

    def run(dtype, wide):
        # In float64 with the numbers that a float32 holds, so that nothing else differs.
        weight, bias, *running = (tensor(v, torch.float32).to(wide) for v in vectors)
        x_in = tensor(x, narrow).to(dtype)
        result = student.batchnorm_train(x_in, weight, bias, *running, momentum=0.25)
        kept = parts(parts(result, "y", "saved")[1], "x", "mean", "inv_std")
        return *kept[1:], *running

    narrow, names = getattr(torch, dtype), ("mean", "inv_std", "running_mean", "running_var")
    with Audit() as audit:
        exact, got = run(torch.float64, torch.float64), run(narrow, torch.float32)
    distances = {
        name: largest(array(a) - array(b)) / largest(array(b))
        for name, a, b in zip(names, got, exact, strict=True)
    }
    off = [name for name, distance in distances.items() if not distance < 1e-4]
    return {
        f"relative error of {name} against your own in float64": distance
        for name, distance in distances.items()
    } | {
        "off are": ", ".join(off) or "none",
        "dtypes of mean and inv_std": f"{got[0].dtype} and {got[1].dtype}",
        "torch's own normalization": ", ".join(audit.normalizers) or "not called",
    }


def ask_half(student, x, vectors, dtype):
    """How far y in half precision is from the student's own in float64, rounded once."""

    def run(dtype, wide):
        arguments = [tensor(vector, torch.float32).to(wide) for vector in vectors]
        result = student.batchnorm_train(tensor(x, narrow).to(dtype), *arguments)
        y, saved = parts(result, "y", "saved")
        return y.detach(), parts(saved, "x", "mean", "inv_std")[2]

    narrow = getattr(torch, dtype)
    with Audit() as audit:
        (exact, inv_std), (y, own) = run(torch.float64, torch.float64), run(narrow, torch.float32)
    once = exact.to(narrow).double()
    distances = array((y.double() - once).abs() / once.abs().clamp(min=1e-3 * once.abs().max()))
    # Now and then the last digit of float32 leads to another number, and that is no mistake. One
    # rounding more changes every fifth.
    distance = largest(np.quantile(distances, 0.95))
    return {
        "relative error of y (against your own from float64, rounded once; the worst 5 in 100 "
        "entries are left out)": distance,
        "in each channel": np.quantile(distances, 0.95, axis=(0, 2, 3)),
        "y is off": distance > 3e-5,
        "inv_std is": f"{own.dtype}, off: {largest(array(own) / array(inv_std) - 1) > 1e-4}",
        "dtype of y": str(y.dtype),
        "torch's own normalization": ", ".join(audit.normalizers) or "not called",
    }


def ask_autocast(student, x, vectors):
    """What an autocast region changes for a float32 x."""

    def run():
        weight, bias, *running = (tensor(vector, torch.float32) for vector in vectors)
        result = student.batchnorm_train(tensor(x, torch.float32), weight, bias, *running)
        y, saved = parts(result, "y", "saved")
        return y, *parts(saved, "x", "mean", "inv_std")[1:], *running

    outside = run()
    with Audit() as audit, torch.autocast("cpu", dtype=torch.bfloat16):
        inside = run()
    names = ("y", "mean", "inv_std", "running_mean", "running_var")
    changes = {
        f"change of {name}": largest(array(a) - array(b))
        for name, a, b in zip(names, inside, outside, strict=True)
    }
    return changes | {
        "dtype of y": str(inside[0].dtype),
        "torch's own normalization": ", ".join(audit.normalizers) or "not called",
    }


def ask_layout(student, x, vectors, layout):
    """What another layout of x changes in y, and which layout y has."""

    def run(x):
        result = student.batchnorm_train(x, *map(tensor, vectors))
        return parts(result, "y", "saved")[0]

    expected, other = run(tensor(x)), laid_out(tensor(x), layout)
    with Audit() as audit:
        try:
            y = run(other)
        except RuntimeError as error:
            if "view" not in str(error):
                raise
            y = None
    return {
        "change of y": "an error" if y is None else array(y) - array(expected),
        "layout of y": "none"
        if y is None
        else layout_kept(y, other).replace(", as x", ", though x"),
        "copies of x": sum(count >= x.size for count in audit.copies),
        "torch's own normalization": ", ".join(audit.normalizers) or "not called",
    }


def images(rng, n, c, h, w):
    """Draw x (N, C, H, W) whose channels differ in mean and in spread."""
    mean, spread = rng.uniform(-3, 3, (c, 1, 1)), rng.uniform(0.5, 3, (c, 1, 1))
    return mean + spread * rng.standard_normal((n, c, h, w))


def far_images(rng, n, c, h, w, mean, spread):
    """Draw x whose channels lie far from 0, on either side, by their spread."""
    mean = mean * rng.uniform(1, 2, (c, 1, 1)) * rng.choice([-1, 1], (c, 1, 1))
    return mean + spread * rng.uniform(1, 2, (c, 1, 1)) * rng.standard_normal((n, c, h, w))


def vectors(rng, c):
    """Draw weight, bias, running_mean and running_var as the rows of an array (4, C)."""
    gamma, beta = affine(rng, c).values()
    return np.stack([gamma, beta, rng.uniform(-2, 2, c), rng.uniform(0.5, 2, c)])


def forward_batches(rng):
    whole = np.array([[[[1.0, 3.0]], [[9.0, 3.0]]], [[[5.0, 7.0]], [[9.0, 3.0]]]])
    simple = np.array([[1.0, -2.0], [0.0, 10.0], [0.0, 0.0], [1.0, 1.0]])
    options = {"momentum": 0.5, "eps": 4.0}
    inputs = {"x": whole, "vectors": simple, "options": options}
    cases = [
        Case(
            "a batch of whole numbers, eps = 4 (vectors: weight, bias and the running two)", inputs
        )
    ]
    for shape, options in [
        ((4, 3, 5, 2), {"momentum": 0.2, "eps": 0.3}),
        ((3, 4, 2, 4), {}),
        ((3, 3, 3, 3), {"momentum": 0.7, "eps": 1e-9}),
        ((1, 5, 2, 3), {"momentum": 0.0, "eps": 0.05}),
        ((6, 2, 1, 1), {"momentum": 1.0, "eps": 1.0}),
        ((4, 1, 3, 2), {"eps": 0.02}),
    ]:
        x = images(rng, *shape)
        x[:, 0] *= 1e-2  # a spread at which the default of eps shows
        inputs = {"x": x, "vectors": vectors(rng, shape[1]), "options": options}
        cases.append(Case(f"x of shape {shape}, {options or 'defaults'}", inputs))
    return cases


def saved_batches(rng):
    cases = []
    for shape, dtype, layout, eps in [
        ((4, 3, 5, 2), "float64", "contiguous", 0.3),
        ((3, 4, 2, 4), "float64", "contiguous", 1e-3),
        ((16, 3, 4, 5), "bfloat16", "contiguous", 1e-5),
        ((9, 4, 5, 5), "float32", "channels_last", 1e-5),
        ((9, 2, 8, 5), "float32", "contiguous", 1e-5),
        ((8, 3, 6, 5), "float16", "channels_last", 1e-5),
    ]:
        inputs = {"x": images(rng, *shape), "vectors": vectors(rng, shape[1])}
        inputs |= {"dtype": dtype, "layout": layout, "eps": eps}
        cases.append(Case(f"x of shape {shape}, {dtype}, {layout}", inputs))
    return cases


def running_batches(rng):
    cases = []
    for shape, options in [
        ((1, 3, 1, 2), {"momentum": 0.3}),
        ((4, 3, 5, 2), {}),
        ((3, 4, 1, 1), {"momentum": 0.9, "eps": 0.7}),
        ((3, 3, 3, 3), {"momentum": 0.6, "eps": 0.2}),
        ((2, 4, 1, 3), {"momentum": 0.0}),
        ((1, 2, 5, 1), {"momentum": 1.0}),
    ]:
        inputs = {"x": images(rng, *shape), "vectors": vectors(rng, shape[1]), "options": options}
        cases.append(Case(f"x of shape {shape}, {options or 'defaults'}", inputs))
    return cases


def plain_batches(rng):
    return [
        Case(f"x of shape {shape}", {"x": images(rng, *shape), "vectors": vectors(rng, shape[1])})
        for shape in [(4, 3, 5, 2), (3, 4, 2, 4)]
    ]


def far_batches(rng):
    cases = []
    for shape, dtype, mean, spread in [
        ((4, 7, 12, 9), "bfloat16", 32, 1),
        ((5, 5, 11, 10), "float16", 200, 10),
        ((3, 7, 12, 13), "bfloat16", 32, 1),
        ((6, 6, 9, 8), "float16", 200, 10),
        ((4, 3, 7, 6), "float32", 500, 1),
        ((3, 4, 8, 8), "float32", 500, 1),
    ]:
        x = far_images(rng, *shape, mean, spread)
        x = x.astype(np.float32 if dtype == "float32" else np.float16)
        inputs = {"x": x, "vectors": vectors(rng, shape[1]), "dtype": dtype}
        cases.append(Case(f"x of shape {shape}, {dtype}, mean about {mean}", inputs))
    return cases


def half_batches(rng):
    cases = []
    for shape, dtype, mean, spread in [
        ((4, 7, 12, 9), "bfloat16", 6, 1),
        ((5, 5, 11, 10), "float16", 200, 40),
        ((3, 7, 12, 13), "bfloat16", 6, 1),
        ((6, 6, 9, 8), "float16", 200, 40),
    ]:
        x = far_images(rng, *shape, mean, spread).astype(np.float16)
        inputs = {"x": x, "vectors": vectors(rng, shape[1]), "dtype": dtype}
        cases.append(Case(f"x of shape {shape}, {dtype}, mean about {mean}", inputs))
    return cases


def laid_out_batches(rng):
    cases = []
    for shape, layout in [
        ((4, 3, 5, 2), "channels_last"),
        ((2, 4, 3, 5), "sliced"),
        ((3, 3, 3, 3), "channels_last"),
        ((2, 5, 4, 3), "transposed"),
        ((2, 5, 4, 3), "contiguous"),
    ]:
        inputs = {"x": images(rng, *shape), "vectors": vectors(rng, shape[1]), "layout": layout}
        cases.append(Case(f"x of shape {shape}, {layout}", inputs))
    return cases


TRAIN_VALUES = (
    Check(
        id="forward",
        question="Is y right, in float64, and are x, weight and bias unchanged?",
        points=2,
        probe=Probe(ask_forward, forward_batches),
        compare=("y", "x, weight and bias are unchanged", OWN),
        function=TRAIN,
        tolerance=1e-10,
        hint="y is not weight * (x - mean) / sqrt(var + eps) + bias with each channel's mean and "
        "biased variance, or x, weight or bias was changed, or torch's own normalization was called. "
        "Work the batch of whole numbers by hand.",
    ),
    Check(
        id="saved",
        question="Does saved hold x itself, the mean and inv_std, and nothing large besides?",
        points=1,
        probe=Probe(ask_saved, saved_batches),
        compare=("saved[0]", "memory behind saved[1] and saved[2]", "mean", "inv_std", OWN),
        fingerprint=("saved[0]", "the others keep", "mean", "inv_std", OWN),
        function=TRAIN,
        tolerance=1e-10,
        hint="saved must be (x, mean, inv_std): x the tensor that was given, no copy of it in any "
        "form, and two (C,) tensors that keep no large tensor alive; and torch's own normalization must "
        "not be called.",
    ),
    Check(
        id="running",
        question="Are the running statistics updated in place?",
        points=1,
        probe=Probe(ask_running, running_batches),
        compare=("running_mean", "running_var", OWN),
        function=TRAIN,
        tolerance=1e-10,
        hint="After the call the tensors that were passed in must hold (1 - momentum) * old + "
        "momentum * new, the new variance being the unbiased one, and torch's own normalization must "
        "not be called.",
    ),
    Check(
        id="history",
        question="Do the running statistics stay free of gradient history?",
        points=1,
        probe=Probe(ask_history, plain_batches),
        compare=("gradient history", OWN),
        function=TRAIN,
        hint="x, weight and bias require gradients in this question. The call must change none of "
        "them in place, leave running statistics that require none, and not be that of torch's own "
        "normalization.",
    ),
    Check(
        id="wide_statistics",
        question="Are the statistics those of float32 where x is in half precision, or far from 0?",
        points=2,
        probe=Probe(ask_statistics, far_batches),
        compare=(
            *(
                f"relative error of {n} against your own in float64"
                for n in ("mean", "inv_std", "running_mean", "running_var")
            ),
            "dtypes of mean and inv_std",
            OWN,
        ),
        fingerprint=("off are", "dtypes of mean and inv_std", OWN),
        function=TRAIN,
        tolerance=1e-4,
        absolute=True,
        hint="mean, inv_std and the running statistics are float32 here, and must be as right as that "
        "allows, without torch's own normalization. Convert before you reduce, and subtract the mean "
        "before you square.",
    ),
    Check(
        id="half_output",
        question="Is y of x's dtype, and rounded only at the end?",
        points=1,
        probe=Probe(ask_half, half_batches),
        compare=(
            "relative error of y (against your own from float64, rounded once; the worst 5 in 100 "
            "entries are left out)",
            "dtype of y",
            OWN,
        ),
        fingerprint=("y is off", "inv_std is", "dtype of y", OWN),
        function=TRAIN,
        tolerance=3e-5,
        absolute=True,
        hint="In half precision y must be of x's dtype, and worked out in float32 up to its last step, "
        "without torch's own normalization. Something here has another dtype or was rounded earlier.",
    ),
    Check(
        id="autocast",
        question="Does nothing change inside an autocast region?",
        points=1,
        probe=Probe(ask_autocast, plain_batches),
        compare=(
            *(f"change of {n}" for n in ("y", "mean", "inv_std", "running_mean", "running_var")),
            "dtype of y",
            OWN,
        ),
        function=TRAIN,
        tolerance=1e-5,
        absolute=True,
        hint="Inside torch.autocast a float32 x does not give what it gives outside, or torch's own "
        "normalization was called. Autocast runs some operations in half precision.",
    ),
    Check(
        id="layout",
        question="Is y right in every layout of x, and laid out like x?",
        points=1,
        probe=Probe(ask_layout, laid_out_batches),
        compare=("change of y", "layout of y", OWN),
        fingerprint=("change of y", "layout of y", "copies of x", OWN),
        function=TRAIN,
        tolerance=1e-4,
        absolute=True,
        hint="The same numbers in another layout give another y, or an error, or y is not contiguous "
        "(channels_last) where x is, or torch's own normalization was called.",
    ),
)

EXERCISE = Exercise(
    name="ex10_gpu",
    reference={
        "batchnorm_train": batchnorm_train,
        "backward_sums": backward_sums,
        "backward_input": backward_input,
        "merge_statistics": merge_statistics,
    },
    checks=(
        *TRAIN_VALUES,
        *TRAIN_HABITS,
        *BACKWARD,
        *BACKWARD_HABITS,
        *MERGE,
        *MERGE_HABITS,
        *REPLICAS,
    ),
    packages=("numpy", "torch"),
    limits={"memory": 3 << 30, "mapped": 24 << 30, "processes": 128},
    question_seconds=20,
)
