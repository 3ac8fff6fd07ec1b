"""The audit: each fault that costs a GPU its time is caught, each right idiom is not.

Everything here runs on the meta device or on the CPU; the table of faults is that of the exercise.
"""

import pytest
import torch

from autograder.checks.tensors import (
    Audit,
    array,
    audited,
    autocast_on_meta,
    laid_out,
    layout_kept,
    saved,
    stored,
)

CHANNELS = 8


def images(layout="contiguous", dtype=torch.float32):
    """Return a meta tensor (4, 8, 6, 5)."""
    return laid_out(torch.empty(4, CHANNELS, 6, 5, dtype=dtype, device="meta"), layout)


def faults(audit):
    """Return what an audit found fault with, as a set of words."""
    found = set(audit.waits)
    found |= {"two devices"} if audit.devices else set()
    found |= {"upload"} if audit.uploads else set()
    found |= {"copy within the device"} if audit.copies else set()
    return found | {name for name in audit.normalizers}


def assign(value, index, new):
    """Write to a part of a tensor."""
    value[index] = new
    return value


def differentiated(normalize, x):
    """Return the gradient of a normalization in training."""
    x = x.detach().requires_grad_()
    (dx,) = torch.autograd.grad(normalize(x, None, None, training=True), x, torch.empty_like(x))
    return dx


FAULTS = {
    "item": (lambda x: x.sum().item(), {"a number"}),
    "float": (lambda x: float(x.sum()), {"a number"}),
    "int": (lambda x: int(x.sum()), {"a number"}),
    "range over a tensor": (lambda x: range(x.sum().long()), {"a number"}),
    "a tensor as an index": (lambda x: x[x[:, 0, 0, 0].argmax()], {"a number"}),
    "a tensor in an if": (lambda x: 1 if x.sum() > 0 else 2, {"a truth value"}),
    "a tensor after not": (lambda x: not (x > 0).all(), {"a truth value"}),
    "max of Python": (lambda x: max(x.sum(), x.mean()), {"a truth value"}),
    "allclose": (lambda x: torch.allclose(x, x), {"a comparison"}),
    "equal": (lambda x: torch.equal(x, x), {"a comparison"}),
    "a mask as an index": (lambda x: x[x > 0], {"a selection"}),
    "several numbers at a mask": (
        lambda x: assign(torch.zeros_like(x), x > 0, x[0, 0, 0]),
        {"a selection"},
    ),
    "nonzero": (lambda x: x.nonzero(), {"a selection"}),
    "where of one argument": (lambda x: torch.where(x > 0), {"a selection"}),
    "masked_select": (lambda x: torch.masked_select(x, x > 0), {"a selection"}),
    "cpu": (lambda x: x.cpu() + 1, {"a copy"}),
    "to the CPU": (lambda x: x.to("cpu", torch.float64, non_blocking=True), {"a copy"}),
    "tolist": (lambda x: x.sum((0, 2, 3)).tolist(), {"a copy"}),
    "numpy": (lambda x: x.sum((0, 2, 3)).numpy() + 1, {"a copy"}),
    "copied into a CPU tensor": (lambda x: torch.empty(x.shape).copy_(x), {"a copy"}),
    "to the host and back": (lambda x: x.sum((0, 2, 3)).cpu().to(x.device), {"a copy", "upload"}),
    "a CPU tensor": (lambda x: x.sum((0, 2, 3)) + torch.zeros(CHANNELS), {"two devices"}),
    "a CPU tensor changed": (
        lambda x: torch.zeros(CHANNELS).add_(x.sum((0, 2, 3))),
        {"two devices"},
    ),
    "made on the CPU": (lambda x: torch.zeros(CHANNELS).to(x.device), {"upload"}),
    "clone": (lambda x: x.clone(), {"copy within the device"}),
    "contiguous": (lambda x: x.contiguous(), {"copy within the device"}),
    "reshape that copies": (
        lambda x: x.reshape(4 * CHANNELS, -1),
        {"copy within the device"},
    ),
    "F.batch_norm": (
        lambda x: torch.nn.functional.batch_norm(x, None, None, training=True),
        {"native_batch_norm"},
    ),
    "nn.BatchNorm2d": (
        lambda x: torch.nn.BatchNorm2d(CHANNELS, device=x.device)(x),
        {"native_batch_norm"},
    ),
    "nn.BatchNorm2d in evaluation": (
        lambda x: torch.nn.BatchNorm2d(CHANNELS, device=x.device).eval()(x),
        {"native_batch_norm"},
    ),
    "torch.batch_norm": (
        lambda x: torch.batch_norm(x, None, None, None, None, True, 0.1, 1e-5, False),
        {"native_batch_norm"},
    ),
    "torch.native_batch_norm": (
        lambda x: torch.native_batch_norm(x, None, None, None, None, True, 0.1, 1e-5),
        {"native_batch_norm"},
    ),
    "another of the operators": (
        lambda x: torch.ops.aten._native_batch_norm_legit(x, None, None, True, 0.1, 1e-5),
        {"_native_batch_norm_legit"},
    ),
    "autograd of F.batch_norm": (
        lambda x: differentiated(torch.nn.functional.batch_norm, x),
        {"native_batch_norm", "native_batch_norm_backward"},
    ),
    "F.group_norm": (
        lambda x: torch.nn.functional.group_norm(x, 2),
        {"native_group_norm", "copy within the device"},
    ),
    "einsum of two": (
        lambda x: torch.einsum("nchw,nchw->c", x, x),
        {"copy within the device"},
    ),
    "F.layer_norm": (lambda x: torch.nn.functional.layer_norm(x, (5,)), {"native_layer_norm"}),
}

RIGHT = {
    "var_mean": lambda x: torch.var_mean(x, (0, 2, 3), correction=0),
    "mean and var": lambda x: (x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)),
    "mean in another dtype": lambda x: x.mean((0, 2, 3), dtype=torch.float64),
    "plain arithmetic": lambda x: (x - x.mean((0, 2, 3))[:, None, None]) * 2 + 1,
    "addcmul": lambda x: torch.addcmul(x[0, :, :1, :1], x, x[1, :, :1, :1]),
    "into set aside memory": lambda x: torch.mul(x, x, out=torch.empty_like(x)),
    "autocast off": lambda x: torch.autocast(x.device.type, enabled=False).__enter__(),
    "autocast off for CUDA": lambda x: torch.autocast("cuda", enabled=False),
    "where": lambda x: torch.where(x > 0, x, 0),
    "one number at a mask": lambda x: assign(torch.zeros_like(x), x[:, 0, 0, 0] > 0, 0.0),
    "masked_fill": lambda x: x.masked_fill(x > 0, 0),
    "made where x is": lambda x: x.new_zeros(CHANNELS) + torch.ones(CHANNELS, device=x.device),
    "a number made into a tensor": lambda x: (
        x * torch.tensor(3.0) + torch.tensor(2.0, device="meta")
    ),
    "another dtype": lambda x: x.double().to(torch.bfloat16),
    "converted for nothing": lambda x: x.to(torch.float32).contiguous(
        memory_format=torch.channels_last
    ),
    "einsum of one": lambda x: torch.einsum("nchw->c", x),
    "a view": lambda x: x.flatten(2).unflatten(2, (6, 5)).permute(0, 2, 3, 1).reshape(-1, CHANNELS),
    "loops over replicas": lambda x: sum(row.sum() for row in x),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_caught(name):
    code, expected = FAULTS[name]
    _, audit = audited(code, images("channels_last"))
    assert faults(audit) == expected


@pytest.mark.parametrize("name", RIGHT)
def test_right_idioms_pass(name):
    _, audit = audited(RIGHT[name], images("channels_last"))
    assert faults(audit) == set()


def test_the_audit_sees_what_comes_after_a_fault():
    def code(x):
        scale = 1 / float(x.var())
        if torch.isnan(x).any():
            raise ValueError("x is no number")
        return (x * scale).cpu() + torch.zeros(x.shape)

    result, audit = audited(code, images())
    assert audit.waits == ["a number", "a truth value", "a copy"]
    assert result.device.type == "cpu" and audit.operations[-1] == "add"


def test_errors_of_its_own_reach_the_student():
    with pytest.raises(ValueError, match="mine"):
        audited(lambda x: (_ for _ in ()).throw(ValueError("mine")), images())
    with pytest.raises(NotImplementedError):
        audited(lambda x: (_ for _ in ()).throw(NotImplementedError()), images())


def test_a_loop_over_channels_shows_in_the_number_of_operations():
    def looped(x):
        return torch.stack([channel.mean() for channel in x.unbind(1)])

    def count(code, channels):
        x = torch.empty(2, channels, 3, 3, device="meta")
        return len(audited(code, x)[1].operations)

    assert count(looped, 64) > 1.5 * count(looped, 16)
    assert count(lambda x: x.mean((0, 2, 3)), 64) == count(lambda x: x.mean((0, 2, 3)), 16)


PASSES = [
    (lambda x: x[:, :, 1:].transpose(0, 1), 0),
    (lambda x: torch.empty_like(x), 0),
    (lambda x: x.new_empty(x.shape), 0),
    (lambda x: torch.zeros_like(x), 1),
    (lambda x: x.sum(), 1),
    (lambda x: torch.var_mean(x, (0, 2, 3)), 1),
    (lambda x: x + 1, 2),
    (lambda x: x.clone(), 2),
    (lambda x: torch.empty_like(x).copy_(x), 2),
    (lambda x: x.double(), 3),
    (lambda x: x * x[:1, :1, :1, :1], 2),
    (lambda x: x + x[0, :, 0, 0][:, None, None].expand_as(x), 2),
    (lambda x: x * torch.empty_like(x), 3),
    (lambda x: torch.mul(x, 2, out=torch.empty_like(x)), 2),
    (lambda x: torch.empty_like(x).mul_(2), 2),
    (lambda x: torch.empty_like(x).addcmul_(x, x[0, :, :1, :1]), 3),
    (lambda x: x.transpose(0, 1).reshape(x.shape[1], -1).sum(1), 3),
]


@pytest.mark.parametrize("number", range(len(PASSES)))
def test_bytes_are_counted_by_what_is_read_and_written(number):
    code, passes = PASSES[number]
    x = torch.empty(16, 4, 32, 32, device="meta")
    _, audit = audited(code, x)
    assert audit.moved / stored(x) == pytest.approx(passes, abs=0.01)


def test_without_a_way_through_nothing_is_made_up():
    with Audit() as audit, pytest.raises(RuntimeError, match="meta"):
        images().sum().item()
    assert audit.waits == ["a number"]


def test_on_the_cpu_numbers_are_what_they_are():
    with Audit() as audit:
        assert torch.ones(3).sum().item() == 3
    assert audit.waits == ["a number"]


def test_autocast_is_as_before_afterwards():
    before = torch.autocast.__init__
    with pytest.raises(ZeroDivisionError), autocast_on_meta():
        with torch.autocast("meta", enabled=False):
            assert not torch.is_autocast_enabled("cpu")
        raise ZeroDivisionError
    assert torch.autocast.__init__ is before
    with pytest.raises(RuntimeError):
        torch.autocast("meta", enabled=False)


@pytest.mark.parametrize("layout", ["contiguous", "channels_last", "transposed", "sliced"])
def test_layouts_hold_the_same_numbers(layout):
    x = torch.arange(120.0).reshape(2, 3, 4, 5)
    other = laid_out(x, layout)
    assert torch.equal(other, x)
    assert other.is_contiguous() == (layout == "contiguous")
    assert other.is_contiguous(memory_format=torch.channels_last) == (layout == "channels_last")
    if layout in ("contiguous", "channels_last"):
        assert layout_kept(other, other) == "that of x"
        wrong = laid_out(x, {"contiguous": "channels_last"}.get(layout, "contiguous"))
        assert layout_kept(wrong, other) == f"not {layout}, as x is"
    else:
        assert layout_kept(x, other) == layout_kept(other, other) == "that of x"


def test_what_autograd_saves_is_collected_once():
    x = torch.ones(5, requires_grad=True)
    with saved() as tensors:
        y = x * x  # saved twice, one piece of memory
        (y * y).sum()
    assert [tuple(t.shape) for t in tensors] == [(5,), (5,)]


def test_half_precision_becomes_an_array():
    for dtype in (torch.bfloat16, torch.float16):
        assert array(torch.tensor([1.5], dtype=dtype, requires_grad=True)).tolist() == [1.5]
