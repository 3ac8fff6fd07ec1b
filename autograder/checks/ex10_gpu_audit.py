"""The questions of ex10_gpu about habits: what runs on a device, and what the host waits for.

They are asked on the meta device: its tensors have a shape, a dtype and a layout but no numbers, and
torch refuses there what would make a GPU's host wait. An audit counts what is read and written.
"""

import numpy as np
import torch

from autograder.checks.model import Case, Check, Probe
from autograder.checks.tensors import audited, laid_out, stored

OWN = "torch's own normalization"
TRAIN, BACKWARD = "batchnorm_train", "backward_sums or backward_input"


def ask_train_on_meta(student, shape, dtype, layout):
    """What an audit of the forward pass shows, and of one with a quarter of the channels."""

    def run(channels):
        x = torch.empty(shape[0], channels, *shape[2:], dtype=getattr(torch, dtype), device="meta")
        x, wide = laid_out(x, layout), torch.promote_types(x.dtype, torch.float32)
        vectors = (x.new_empty(channels, dtype=wide) for _ in range(4))
        return x, *audited(student.batchnorm_train, x, *vectors)

    shape, refused = [int(size) for size in shape], False
    try:
        x, result, audit = run(shape[1])
    except RuntimeError as error:
        if "view" not in str(error) or layout == "contiguous":
            raise
        refused, layout = True, "contiguous"  # which costs one question, not five
        x, result, audit = run(shape[1])
    fewer = run(shape[1] // 4)[2]
    y = result[0] if isinstance(result, (tuple, list)) else result
    copies = sum(count >= x.numel() for count in audit.copies) if layout != "contiguous" else 0
    passes = round(audit.moved / stored(x)) - 2 * copies if dtype == "float32" else 0
    return {
        "tensors on the CPU": "used" if audit.devices else "copied" if audit.uploads else "none",
        "y is on": str(getattr(y, "device", "no device")) if result is not None else "meta",
        "the host waits for": ", ".join(dict.fromkeys(audit.waits)) or "nothing",
        "four times the channels take": "more operations"
        if len(audit.operations) > 1.5 * len(fewer.operations)
        else "the same operations",
        "passes over x": passes,
        "passes counted over x": "at most 8" if passes <= 8 else str(passes),
        "copies of x": "refused" if refused else str(copies),
        "torch's own normalization": ", ".join(audit.normalizers) or "not called",
    }


def ask_backward_on_meta(student, shape, dtype, layout):
    """What audits of the two halves of the backward pass show."""

    def run(channels):
        x = torch.empty(shape[0], channels, *shape[2:], dtype=getattr(torch, dtype), device="meta")
        x, wide = laid_out(x, layout), torch.promote_types(x.dtype, torch.float32)
        mean, inv_std, weight, *sums = (x.new_empty(channels, dtype=wide) for _ in range(5))
        dy, saved = torch.empty_like(x), (x, mean, inv_std)
        count = torch.empty((), dtype=torch.int64, device="meta")
        return x, (
            audited(student.backward_sums, dy, saved),
            audited(student.backward_input, dy, saved, weight, *sums, count),
        )

    def each(words):
        """Join what is said of the two functions."""
        return f"{words[0]} in backward_sums, {words[1]} in backward_input"

    shape, refused = [int(size) for size in shape], False
    try:
        x, runs = run(shape[1])
    except RuntimeError as error:
        if "view" not in str(error) or layout == "contiguous":
            raise
        refused, layout = True, "contiguous"
        x, runs = run(shape[1])
    audits, fewer = [audit for _, audit in runs], [audit for _, audit in run(shape[1] // 4)[1]]
    copies = [
        sum(n >= x.numel() for n in a.copies) if layout != "contiguous" else 0 for a in audits
    ]
    passes = [
        round(a.moved / stored(x)) - 2 * copied if dtype == "float32" else 0
        for a, copied in zip(audits, copies, strict=True)
    ]
    homes = [
        {str(t.device) for t in (result if isinstance(result, (tuple, list)) else [result])}
        if result is not None
        else {"meta"}
        for result, _ in runs
    ]
    return {
        "tensors on the CPU": each(
            ["used" if a.devices else "copied" if a.uploads else "none" for a in audits]
        ),
        "results are on": each([", ".join(sorted(home)) for home in homes]),
        "the host waits for": each(
            [", ".join(dict.fromkeys(a.waits)) or "nothing" for a in audits]
        ),
        "four times the channels take": each(
            [
                "more operations"
                if len(a.operations) > 1.5 * len(b.operations)
                else "the same operations"
                for a, b in zip(audits, fewer, strict=True)
            ]
        ),
        "passes over x": np.array(passes),
        "passes counted in backward_sums": "at most 8" if passes[0] <= 8 else str(passes[0]),
        "passes counted in backward_input": "at most 11" if passes[1] <= 11 else str(passes[1]),
        "copies of x": each(["refused"] * 2 if refused else copies),
        "torch's own normalization": each([", ".join(a.normalizers) or "none" for a in audits]),
    }


def ask_merge_on_meta(student, replicas, channels):
    """What an audit of the merging shows."""

    def run(channels):
        counts = torch.empty(replicas, dtype=torch.int64, device="meta")
        means, variances = (torch.empty(replicas, channels, device="meta") for _ in range(2))
        return audited(student.merge_statistics, counts, means, variances)

    (result, audit), (_, fewer) = run(channels), run(channels // 4)
    return {
        "tensors on the CPU": "used" if audit.devices else "copied" if audit.uploads else "none",
        "results are on": ", ".join(
            sorted({str(getattr(t, "device", "no device")) for t in result})
        )
        if result is not None
        else "meta",
        "the host waits for": ", ".join(dict.fromkeys(audit.waits)) or "nothing",
        "four times the channels take": "more operations"
        if len(audit.operations) > 1.5 * len(fewer.operations)
        else "the same operations",
    }


def meta_batches(rng):
    """Draw shapes with a multiple of 4 for channels, and so large that a vector hardly counts."""
    cases = []
    for dtype, layout in [
        ("float32", "contiguous"),
        ("float32", "channels_last"),
        ("bfloat16", "channels_last"),
        ("float32", "contiguous"),
    ]:
        (n, c), (h, w) = rng.integers((8, 8), (33, 17)), rng.integers(24, 33, 2)
        shape = int(n), 4 * int(c), int(h), int(w)
        inputs = {"shape": np.array(shape), "dtype": dtype, "layout": layout}
        cases.append(Case(f"x of shape {shape}, {dtype}, {layout}", inputs))
    return cases


def meta_replicas(rng):
    cases = []
    for _ in range(2):
        r, c = int(rng.integers(3, 7)), 4 * int(rng.integers(16, 25))
        cases.append(Case(f"{r} replicas, {c} channels", {"replicas": r, "channels": c}))
    return cases


TRAIN_PROBE = Probe(ask_train_on_meta, meta_batches)
BACKWARD_PROBE = Probe(ask_backward_on_meta, meta_batches)

TRAIN_HABITS = (
    Check(
        id="device",
        question="Does everything stay on x's device?",
        points=1,
        probe=TRAIN_PROBE,
        compare=("tensors on the CPU", "y is on", OWN),
        function=TRAIN,
        hint="For an x on another device a tensor on the CPU takes part, or y is not on x's device, or "
        "torch's own normalization was called. Make each tensor where x is.",
    ),
    Check(
        id="host_sync",
        question="Does the host never wait for the device?",
        points=1,
        probe=TRAIN_PROBE,
        compare=("the host waits for", OWN),
        function=TRAIN,
        hint="The code asks for a number out of a tensor, so that Python must wait for the device, or "
        "torch's own normalization was called. Leave numbers in tensors.",
    ),
    Check(
        id="channel_loop",
        question="Does the number of operations not depend on the number of channels?",
        points=1,
        probe=TRAIN_PROBE,
        compare=("four times the channels take", OWN),
        function=TRAIN,
        hint="Four times the channels take more operations, or torch's own normalization was called. "
        "Each operation must work on all channels at once.",
    ),
    Check(
        id="passes",
        question="Does it move at most 8 times the bytes of x?",
        points=1,
        probe=TRAIN_PROBE,
        compare=("passes counted over x", OWN),
        fingerprint=("passes over x", OWN),
        function=TRAIN,
        hint="More than 8 times the bytes of x are read and written, or torch's own normalization was "
        "called. Work out on (C,) tensors what is constant in a channel, so that fewer operations "
        "touch x.",
    ),
    Check(
        id="dense_copy",
        question="Is a channels_last x never copied as a whole?",
        points=1,
        probe=TRAIN_PROBE,
        compare=("copies of x", OWN),
        function=TRAIN,
        hint="An operation copies the whole of a channels_last x, to change its layout or for nothing, "
        "or torch's own normalization was called. Reduce over axes 0, 2 and 3 of x as it is.",
    ),
)

BACKWARD_HABITS = (
    Check(
        id="backward_habits",
        question="Are the backward pass's two halves as good to a device?",
        points=1,
        probe=BACKWARD_PROBE,
        compare=(
            "tensors on the CPU",
            "results are on",
            "the host waits for",
            "four times the channels take",
            "copies of x",
            OWN,
        ),
        function=BACKWARD,
        hint="In one of the two a tensor on the CPU takes part, the host waits for a number (count is a "
        "tensor, and stays one), channels are looped over, a channels_last tensor is copied as a "
        "whole, or torch's own normalization is called.",
    ),
    Check(
        id="backward_passes",
        question="Do they move at most 8 and 11 times the bytes of x?",
        points=1,
        probe=BACKWARD_PROBE,
        compare=("passes counted in backward_sums", "passes counted in backward_input"),
        fingerprint=("passes over x",),
        function=BACKWARD,
        hint="backward_sums moves more than 8 times the bytes of x, or backward_input more than 11 "
        "times. Multiply sums, not images, by what is constant in a channel.",
    ),
)

MERGE_HABITS = (
    Check(
        id="merge_habits",
        question="Is merging as good to a device?",
        points=1,
        probe=Probe(ask_merge_on_meta, meta_replicas),
        compare=(
            "tensors on the CPU",
            "results are on",
            "the host waits for",
            "four times the channels take",
        ),
        function="merge_statistics",
        hint="A tensor on the CPU takes part, the host waits for a number or for the size of a "
        "selection, or channels are looped over. Choose with torch.where, and keep count a tensor.",
    ),
)
