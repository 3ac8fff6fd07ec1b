"""The reference kernels against torch in float64, the launches, and what watches over memory."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

triton = pytest.importorskip("triton", reason="triton is an extra: `make triton` installs it")

import triton.language as tl  # noqa: E402

from autograder.checks.asking import ask  # noqa: E402
from autograder.checks.ex11_triton import EXERCISE  # noqa: E402
from autograder.checks.launching import Memory, cells, run_forward  # noqa: E402
from autograder.mistakes import mistakes_of  # noqa: E402
from autograder.reference.fused import (  # noqa: E402
    backward_kernel,
    forward_kernel,
    launch_backward,
    launch_forward,
)

CLOSE = {"rtol": 1e-12, "atol": 1e-12}


def draw(rng, n, c, length):
    x = rng.uniform(1, 5, (1, c, 1)) + rng.standard_normal((n, c, length))
    gamma = rng.uniform(0.5, 2, c) * rng.choice([-1.0, 1.0], c)
    arrays = x, gamma, rng.standard_normal(c), rng.standard_normal(x.shape)
    return [torch.tensor(array) for array in arrays]


def random_shapes(seed, count=12):
    rng = np.random.default_rng(seed)
    return [(*map(int, rng.integers(1, 7, 3)), int(2 ** rng.integers(0, 6))) for _ in range(count)]


@pytest.mark.parametrize("n, c, length, block", [(3, 5, 7, 8), (4, 3, 4, 16), *random_shapes(0)])
def test_kernels_are_torchs(n, c, length, block):
    x, gamma, beta, dy = draw(np.random.default_rng(1), n, c, length + (n == 1))
    n, c, length = x.shape
    leaves = [tensor.clone().requires_grad_() for tensor in (x, gamma, beta)]
    expected = F.batch_norm(leaves[0], None, None, *leaves[1:], training=True, eps=0.3)
    expected.backward(dy)

    y, dx = torch.empty_like(x), torch.empty_like(x)
    mean, inv_std, dgamma, dbeta = torch.empty(4, c, dtype=torch.float64)
    sizes = n, c, length
    forward, backward = triton.jit(forward_kernel), triton.jit(backward_kernel)
    forward[(c,)](x, gamma, beta, y, mean, inv_std, *sizes, 0.3, BLOCK=block)
    backward[(c,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, *sizes, BLOCK=block)

    np.testing.assert_allclose(mean, x.mean(dim=(0, 2)), **CLOSE)
    variance = x.var(dim=(0, 2), correction=0)
    np.testing.assert_allclose(inv_std, (variance + 0.3) ** -0.5, **CLOSE)
    np.testing.assert_allclose(y, expected.detach(), **CLOSE)
    for got, leaf in zip((dx, dgamma, dbeta), leaves, strict=True):
        np.testing.assert_allclose(got, leaf.grad, **CLOSE)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("shape", [(5, 3), (4, 3, 5), (2, 3, 4, 5)])
def test_launches_take_any_shape_dtype_and_layout(shape, dtype):
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(shape, generator=generator).to(dtype) + 3
    dy = torch.randn(shape, generator=generator).to(dtype)
    if len(shape) == 4:
        x = x.contiguous(memory_format=torch.channels_last)
    gamma, beta = torch.tensor([1.5, -0.5, 2.0]), torch.tensor([0.5, 1.0, -2.0])
    y, mean, inv_std = launch_forward(triton.jit(forward_kernel), x, gamma, beta)
    kernel = triton.jit(backward_kernel)
    dx, dgamma, dbeta = launch_backward(kernel, dy, x, gamma, mean, inv_std)

    wide = x.double().requires_grad_()
    affine = [tensor.double().requires_grad_() for tensor in (gamma, beta)]
    expected = F.batch_norm(wide, None, None, *affine, training=True)
    expected.backward(dy.double())
    # What is stored in half precision loses digits, and nothing else does. The interpreter cuts
    # those of bfloat16 off.
    rounding = {torch.float32: 1e-6, torch.bfloat16: 2**-7, torch.float16: 2**-11}[dtype]
    for got, wanted in [(y, expected.detach()), (dx, wide.grad)]:
        assert got.dtype == dtype and got.shape == x.shape
        assert (got.double() - wanted).abs().max() <= rounding * wanted.abs().max() * 1.01
    for got, leaf in zip((dgamma, dbeta), affine, strict=True):
        assert got.dtype == torch.float32
        np.testing.assert_allclose(got, leaf.grad, rtol=1e-5, atol=1e-5)


def scaled(x_ptr, y_ptr, shift, count, BLOCK: tl.constexpr):
    """Write twice what is found `shift` further on."""
    at = tl.arange(0, BLOCK)
    x = tl.load(x_ptr + at + shift, mask=at < count)
    tl.store(y_ptr + at + shift, 2 * x, mask=at < count)


def launched(shift, count, block=4):
    memory = Memory()
    given, made = memory.given(np.arange(4.0)), memory.wanted((4,), start=9.0)
    memory.run(scaled, (1,), given, made, shift, count, BLOCK=block)
    return memory, made


def test_watch_lets_a_kernel_work():
    memory, made = launched(0, 4)
    assert made.tolist() == [0, 2, 4, 6]
    assert (memory.reads, memory.writes, memory.changed()) == (0, 0, False)


def test_watch_counts_what_lies_outside_and_writes_nothing_there():
    memory, made = launched(2, 4)
    assert made.tolist() == [9, 9, 4, 6]
    assert (memory.reads, memory.writes) == (2, 2)
    memory, made = launched(1 << 40, 4)  # no memory of this process at all
    assert made.tolist() == [9, 9, 9, 9]
    assert (memory.reads, memory.writes) == (4, 4)


def test_load_without_other_reads_no_number():
    def twice(x_ptr, y_ptr, BLOCK: tl.constexpr):
        at = tl.arange(0, BLOCK)
        tl.store(y_ptr + at, tl.load(x_ptr + at, mask=at < 2))

    memory = Memory()
    given, made = memory.given(np.arange(4.0)), memory.wanted((4,))
    memory.run(twice, (1,), given, made, BLOCK=4)
    assert made.tolist()[:2] == [0, 1] and made.isnan().tolist() == [False, False, True, True]


def test_surroundings_tell_of_wrong_writes_where_nobody_watches():
    memory = Memory()
    memory._watch = lambda work: work()  # as on a device
    given, made = memory.given(np.arange(4.0)), memory.wanted((4,))
    memory.run(scaled, (1,), given, made, 2, 4, BLOCK=4)
    assert memory.writes == 2


def test_kernel_that_raises_is_told_with_its_own_error():
    def broken(x_ptr, BLOCK: tl.constexpr):
        tl.arange(0, 3)

    with pytest.raises(ValueError, match="power of 2"):
        Memory().run(broken, (1,), torch.zeros(4), BLOCK=4)


def test_kernel_with_its_decorator_is_as_good():
    case = EXERCISE.probes["ask_whole"].cases(np.random.default_rng(0))[0]
    _, plain = run_forward(forward_kernel, **case.inputs)
    _, decorated = run_forward(triton.jit(forward_kernel), **case.inputs)
    for name in plain:
        np.testing.assert_array_equal(plain[name], decorated[name])


def test_kernel_that_is_not_written_is_called_so():
    def forward_kernel(x_ptr, BLOCK: tl.constexpr):
        raise NotImplementedError()

    probe = EXERCISE.probes["ask_whole"]
    case = probe.cases(np.random.default_rng(0))[0]
    names = {"forward_kernel": forward_kernel}
    assert ask(probe.ask, names, case.inputs) == {"blank": True}


def test_cells_are_those_of_memory_and_not_of_the_layout():
    x = torch.arange(6.0).view(2, 3)
    assert cells(x.T, 6).tolist() == [0, 1, 2, 3, 4, 5]
    with pytest.raises(ValueError, match="2 elements in place of 6"):
        cells(x[1, 1:], 6)


def test_reference_and_solution_pass_and_a_mistake_of_each_function_does_not():
    key = EXERCISE.key(3, mistakes=False)
    answers = EXERCISE.answers(EXERCISE.reference, key)
    assert all(verdict["passed"] for verdict in EXERCISE.decide(answers, key))
    wanted = ("unbiased", "backward_dgamma_averaged", "launch_grid_cut_off")
    for mistake in mistakes_of(EXERCISE.name):
        if mistake.id in wanted:
            answers = EXERCISE.answers(EXERCISE.reference | mistake.names, key)
            verdicts = EXERCISE.decide(answers, key)
            failed = [verdict["id"] for verdict in verdicts if not verdict["passed"]]
            assert tuple(failed) == mistake.fails
