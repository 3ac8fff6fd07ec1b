# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   course:
#     version: "1"
# ---

# %% [markdown]
# # Exercise 11: fused kernels in Triton
#
# You will write batch norm as two kernels for a GPU, one forward and one backward, and the two functions
# that launch them. Plain PyTorch operations read and write the whole tensor again for each step; a fused
# kernel keeps what it has read and does all steps with it.
#
# **After this exercise you can** find a channel's values in memory from a pointer, and mask the lanes of a
# block that have none; take a mean and a variance in blocks, in float32, from half-precision values; say why
# outputs come unfilled, why an offset can outgrow int32, and what a layout has to do with all this.
#
# **Time**: about {{minutes}} minutes. **Points**: {{points}}, in {{questions}} questions.
# **Chapter**: 14, Triton (`book/14_triton.md`, or the page of that name on the website).
#
# Write your code where it says `YOUR CODE HERE`. The cells that call `check` ask one question each, say
# what went wrong where something did, and are worth the points named there. They may run as often as you
# like. Marks are given with other inputs than those you see here, on the same questions. Nothing is asked
# that this text does not state.
#
# No GPU is needed. Where there is none, Triton's own interpreter runs the kernels on the CPU, one program
# after the other, in NumPy: slow, and the same results. Where there is one, this notebook uses it. Marks are
# given under the interpreter.

# %% nbgrader={"grade_id": "setup"}
import importlib.util
import os

import torch

if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"  # Triton reads it when it is imported
if importlib.util.find_spec("triton") is None:
    raise ModuleNotFoundError(
        "this exercise needs Triton, on Linux: python -m pip install triton, and start again"
    )

import triton
import triton.language as tl

device = "cpu" if triton.knobs.runtime.interpret else "cuda"

try:
    from check_ex11_triton import check
except ModuleNotFoundError:
    raise FileNotFoundError(
        "check_ex11_triton.py must lie beside this notebook; take it from the exercise's folder"
    ) from None

# %% [markdown] nbgrader={"grade_id": "kernel_text"}
# ## What a kernel sees
#
# A kernel is a function that runs many times at once; each run is a *program* and asks for its number with
# `tl.program_id(0)`. A tensor reaches it as a pointer to its first value, so shapes and strides do not.
# A program works on a *block* of values at once: `tl.arange(0, BLOCK)` is the block `0, 1, ..., BLOCK - 1`,
# `x_ptr + offsets` a block of pointers, and `tl.load` and `tl.store` read and write what they point to.
# `BLOCK` is known when the kernel is compiled, hence `tl.constexpr`, and it is a power of two.
#
# Here is a kernel that doubles `count` values:
#
# ```python
# def double_kernel(x_ptr, y_ptr, count, BLOCK: tl.constexpr):
#     offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
#     mask = offsets < count
#     x = tl.load(x_ptr + offsets, mask=mask, other=0.0)
#     tl.store(y_ptr + offsets, 2 * x, mask=mask)
#
# triton.jit(double_kernel)[(triton.cdiv(count, 128),)](x, y, count, BLOCK=128)
# ```
#
# The last line launches it: in the brackets the *grid*, how many programs there are. Write your kernels as
# plain functions, as this one; `triton.jit` is applied where they are launched. (You may as well write it
# above them as a decorator, as is usual.)
#
# What you may need: `tl.program_id`, `tl.arange`, `tl.load`, `tl.store`, `tl.sum` (over a block, one number),
# `tl.where`, `tl.sqrt`, `tl.zeros([BLOCK], tl.float32)`, `.to(tl.float32)`, `.to(tl.int64)`, `+ - * / // %`
# and comparisons, and `for start in range(0, end, BLOCK):`.
#
# **Five things that this exercise asks of both kernels**
#
# 1. *Lanes without a value.* Where `BLOCK` does not divide the number of values, the last block has lanes
#    that stand for none. A kernel reads and writes nothing outside of its tensors, not even in vain. A load
#    whose `mask` is False gives `other`, and where there is no `other` it gives something undefined. (The
#    interpreter happens to give 0 there. While a check runs, it gives NaN.)
# 2. *float32.* `x`, `y`, `dy` and `dx` are float32, bfloat16 or float16, all of one dtype; whatever is
#    computed is computed in float32. All other tensors are float32. `tl.store` converts to its tensor's dtype.
# 3. *Digits.* Adding 131072 to all of `x`, where its spread is about 4 or more, changes `y` and `inv_std` by
#    no more than 0.08, and no gradient by more than 0.0001. float32 has 7 digits: take the mean away before
#    you square or multiply.
# 4. *Outputs come unfilled*: they hold anything. Every value of them is written, and a second call gives
#    what the first gave. The other tensors are not changed.
# 5. *Large tensors.* `N * L` is less than 2**31, `N * C * L` need not be. Sizes and program numbers are
#    int32, and so are products of them; what is to be larger must be made `tl.int64` before it is multiplied.
#
# While a check runs under the interpreter it looks at each access to memory. That looks over a kernel's
# shoulder; it is no wall.

# %% [markdown] nbgrader={"grade_id": "forward_text"}
# ## Forward
#
# `x` has the shape `(N, C, L)`: samples, channels, positions. (An image has `L = H * W` positions.) It lies
# in memory without gaps, so that the value of sample $n$, channel $c$, position $l$ is number
# $(n \cdot C + c) \cdot L + l$. A channel has $M = N \cdot L$ values, and
#
# $$\mu_c = \frac{1}{M} \sum_{n,l} x_{ncl}, \qquad v_c = \frac{1}{M} \sum_{n,l} (x_{ncl} - \mu_c)^2,
# \qquad r_c = \frac{1}{\sqrt{v_c + \varepsilon}},$$
#
# $$y_{ncl} = \gamma_c \, (x_{ncl} - \mu_c) \, r_c + \beta_c.$$
#
# Write `forward_kernel(x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK)`:
#
# - It is launched with the grid `(C,)`: program $c$ does all the work for channel $c$.
# - `x_ptr` points to `x`, `y_ptr` to `y`, of `x`'s shape and dtype; the other four to `(C,)` tensors.
# - It writes `y`, and $\mu$ and $r$ into `mean` and `inv_std`, for the backward pass.
# - `N`, `C` and `L` are ints >= 1, in any proportion to each other. `eps` is a number > 0.
# - `BLOCK` is a power of two: it may be smaller than `N * L`, larger, or the same. The result does not
#   depend on it.
#
# A small case to check by eye: with `eps = 4` and
#
# $$x_{0} = \begin{pmatrix} 1 & 3 & 5 & 7 \\ 9 & 3 & 9 & 3 \end{pmatrix}, \quad
# x_{1} = \begin{pmatrix} 7 & 5 & 3 & 1 \\ 3 & 9 & 3 & 9 \end{pmatrix}$$
#
# (two samples, two channels, four positions) the means are 4 and 6, the variances 5 and 9, and `inv_std` is
# $1/3$ and $1/\sqrt{13}$.


# %% nbgrader={"grade_id": "forward_kernel"}
def forward_kernel(
    x_ptr,
    gamma_ptr,
    beta_ptr,
    y_ptr,
    mean_ptr,
    inv_std_ptr,
    N,
    C,
    L,
    eps,
    BLOCK: tl.constexpr,
):
    """Normalize channel tl.program_id(0), scale and shift it; write y, mean and inv_std.

    Args:
        x_ptr, y_ptr: to (N, C, L) tensors without gaps, float32, bfloat16 or float16.
        gamma_ptr, beta_ptr, mean_ptr, inv_std_ptr: to (C,) tensors, float32.
        N, C, L: the sizes, ints >= 1.
        eps: added to the variance inside the root, a number > 0.
        BLOCK: a power of two.
    """
    ### BEGIN SOLUTION
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)

    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        total += tl.sum(tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32))
    mean = total / M

    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        centred = tl.where(m < M, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    inv_std = 1 / tl.sqrt(squares / M + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)

    gamma = tl.load(gamma_ptr + c)
    beta = tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        tl.store(y_ptr + at, gamma * (x - mean) * inv_std + beta, mask=m < M)
    ### END SOLUTION


# %%
# Try your kernel here, as you like.
x = torch.tensor([[[1.0, 3, 5, 7], [9, 3, 9, 3]], [[7, 5, 3, 1], [3, 9, 3, 9]]], device=device)
gamma, beta = torch.tensor([1.0, -2.0], device=device), torch.tensor([0.0, 10.0], device=device)
y, mean, inv_std = torch.empty_like(x), torch.empty_like(gamma), torch.empty_like(gamma)


def wanted(x, gamma, beta, mean, inv_std):
    """The formula for y in plain PyTorch, to hold against what your kernel writes."""
    gamma, beta, mean, inv_std = (each.view(1, -1, 1) for each in (gamma, beta, mean, inv_std))
    return gamma * ((x - mean) * inv_std) + beta


# %% nbgrader={"grade_id": "statistics"}
check("statistics")

# %% nbgrader={"grade_id": "normalized"}
check("normalized")

# %% nbgrader={"grade_id": "blocks"}
check("blocks")

# %% nbgrader={"grade_id": "ragged"}
check("ragged")

# %% nbgrader={"grade_id": "bounds"}
check("bounds")

# %% nbgrader={"grade_id": "far_mean"}
check("far_mean")

# %% nbgrader={"grade_id": "half"}
check("half")

# %% nbgrader={"grade_id": "repeat"}
check("repeat")

# %% nbgrader={"grade_id": "large"}
check("large")

# %% nbgrader={"grade_id": "forward"}
check("forward")

# %% [markdown] nbgrader={"grade_id": "backward_text"}
# ## Backward
#
# With $\hat{x}_{ncl} = (x_{ncl} - \mu_c) \, r_c$ the gradients are
#
# $$d\gamma_c = \sum_{n,l} dy_{ncl} \, \hat{x}_{ncl}, \qquad d\beta_c = \sum_{n,l} dy_{ncl},$$
#
# $$dx_{ncl} = \gamma_c \, r_c \left(dy_{ncl} - \frac{d\beta_c}{M} - \hat{x}_{ncl} \frac{d\gamma_c}{M}\right).$$
#
# Write `backward_kernel(dy_ptr, x_ptr, gamma_ptr, mean_ptr, inv_std_ptr, dx_ptr, dgamma_ptr, dbeta_ptr,
# N, C, L, BLOCK)`:
#
# - It is launched with the grid `(C,)`: program $c$ does all the work for channel $c$.
# - `dy_ptr` and `x_ptr` point to `dy` and `x`, of one dtype, `dx_ptr` to `dx`, of their shape and dtype; the
#   other five to `(C,)` tensors. `mean` and `inv_std` are what the forward pass has written for this `x`.
# - It writes `dx`, `dgamma` and `dbeta`.
# - `N`, `C`, `L` and `BLOCK` are as in the forward kernel.
#
# The five things at the top are asked here too. (Where 131072 is added to `x`, `mean` is that of the new `x`.)


# %% nbgrader={"grade_id": "backward_kernel"}
def backward_kernel(
    dy_ptr,
    x_ptr,
    gamma_ptr,
    mean_ptr,
    inv_std_ptr,
    dx_ptr,
    dgamma_ptr,
    dbeta_ptr,
    N,
    C,
    L,
    BLOCK: tl.constexpr,
):
    """Take the gradient of channel tl.program_id(0) back; write dx, dgamma and dbeta.

    Args:
        dy_ptr, x_ptr, dx_ptr: to (N, C, L) tensors without gaps, float32, bfloat16 or float16.
        gamma_ptr, mean_ptr, inv_std_ptr, dgamma_ptr, dbeta_ptr: to (C,) tensors, float32.
        N, C, L: the sizes, ints >= 1.
        BLOCK: a power of two.
    """
    ### BEGIN SOLUTION
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    mean = tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)

    dgamma = 0.0
    dbeta = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        dgamma += tl.sum(dy * (x - mean)) * inv_std
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)

    scale = tl.load(gamma_ptr + c) * inv_std
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        tl.store(dx_ptr + at, scale * (dy - dbeta / M - x_hat * (dgamma / M)), mask=m < M)
    ### END SOLUTION


# %%
# Try your kernel here, as you like.

# %% nbgrader={"grade_id": "sums"}
check("sums")

# %% nbgrader={"grade_id": "gradient"}
check("gradient")

# %% nbgrader={"grade_id": "backward_blocks"}
check("backward_blocks")

# %% nbgrader={"grade_id": "backward_ragged"}
check("backward_ragged")

# %% nbgrader={"grade_id": "backward_bounds"}
check("backward_bounds")

# %% nbgrader={"grade_id": "backward_far_mean"}
check("backward_far_mean")

# %% nbgrader={"grade_id": "backward_half"}
check("backward_half")

# %% nbgrader={"grade_id": "backward_repeat"}
check("backward_repeat")

# %% nbgrader={"grade_id": "backward_large"}
check("backward_large")

# %% nbgrader={"grade_id": "backward"}
check("backward")

# %% [markdown] nbgrader={"grade_id": "launch_text"}
# ## Launch
#
# What calls a kernel makes its outputs, chooses `BLOCK` and the grid, and sees to it that the tensors lie in
# memory as the kernel expects. It gets the kernel as an argument, compiled, so that these questions do not
# depend on your kernels: the checks hand over something that takes `kernel[grid](...)` and writes down what
# it is given.
#
# Write `launch_forward(kernel, x, gamma, beta, eps=1e-5)`, which returns `y, mean, inv_std`:
#
# - `x` has the shape `(N, C)`, `(N, C, L)` or `(N, C, H, W)`; for `(N, C)`, `L` is 1. It is float32,
#   bfloat16 or float16, on any device, and in any layout: channels_last, a part of another tensor, transposed.
#   `gamma` and `beta` are `(C,)` tensors without gaps, float32, on `x`'s device. None of them is changed.
# - It launches the kernel once, with the grid `(C,)`, and with the arguments of `forward_kernel`, in their
#   order or by their names; `BLOCK` is a power of two, at most 8192, of your choice.
# - What the pointers of `x` and `y` lead to lies in the order `(N, C, L)` without gaps.
# - `y` is a tensor of `x`'s shape and dtype, in any layout, `mean` and `inv_std` are `(C,)` and float32, all
#   three on `x`'s device.
#
# Write `launch_backward(kernel, dy, x, gamma, mean, inv_std)`, which returns `dx, dgamma, dbeta`: likewise
# with `backward_kernel`. `dy` has `x`'s shape and dtype; its layout may be another than `x`'s, and it may be
# expanded from a single value, as it is where the loss is a sum. `dx` has `x`'s shape and dtype.


# %% nbgrader={"grade_id": "launch_forward"}
def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Make outputs and launch the forward kernel, one program for each channel.

    Args:
        kernel: what takes `kernel[grid](...)`, with the arguments of `forward_kernel`.
        x: (N, C), (N, C, L) or (N, C, H, W) tensor, float32, bfloat16 or float16, in any layout.
        gamma, beta: (C,) tensors, float32.
        eps: a number > 0.

    Returns:
        y, of x's shape and dtype; mean and inv_std (C,), float32.
    """
    ### BEGIN SOLUTION
    x = x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    y = torch.empty_like(x)
    mean = torch.empty(C, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](x, gamma, beta, y, mean, inv_std, N, C, L, eps, BLOCK=BLOCK)
    return y, mean, inv_std
    ### END SOLUTION


# %% nbgrader={"grade_id": "launch_backward"}
def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Make outputs and launch the backward kernel, one program for each channel.

    Args:
        kernel: what takes `kernel[grid](...)`, with the arguments of `backward_kernel`.
        dy, x: (N, C), (N, C, L) or (N, C, H, W) tensors of one dtype, each in any layout.
        gamma, mean, inv_std: (C,) tensors, float32.

    Returns:
        dx, of x's shape and dtype; dgamma and dbeta (C,), float32.
    """
    ### BEGIN SOLUTION
    dy, x = dy.contiguous(), x.contiguous()
    N, C = x.shape[:2]
    L = x.numel() // (N * C)
    dx = torch.empty_like(x)
    dgamma = torch.empty(C, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    BLOCK = min(triton.next_power_of_2(N * L), 4096)
    kernel[(C,)](dy, x, gamma, mean, inv_std, dx, dgamma, dbeta, N, C, L, BLOCK=BLOCK)
    return dx, dgamma, dbeta
    ### END SOLUTION


# %%
# Try your functions here, as you like.

# %% nbgrader={"grade_id": "launch"}
check("launch")

# %% nbgrader={"grade_id": "layout"}
check("layout")

# %% nbgrader={"grade_id": "returned"}
check("returned")

# %% nbgrader={"grade_id": "backward_launch"}
check("backward_launch")

# %% nbgrader={"grade_id": "backward_layout"}
check("backward_layout")

# %% nbgrader={"grade_id": "backward_returned"}
check("backward_returned")

# %% [markdown]
# ## All together
#
# Your four functions against PyTorch's own batch norm, on 5 channels_last images of 3 channels: the largest
# differences are those of float32, about 1e-6.


# %%
def differences():
    """Print the largest differences from PyTorch's batch norm, forward and backward."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(5, 3, 7, 9, generator=generator) + 3
    dy = torch.randn(5, 3, 7, 9, generator=generator).to(device)
    gamma, beta = torch.tensor([1.5, -0.5, 2.0]), torch.tensor([0.0, 1.0, -2.0])
    x = x.contiguous(memory_format=torch.channels_last).to(device).requires_grad_()
    gamma, beta = (t.to(device).requires_grad_() for t in (gamma, beta))
    torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True).backward(dy)

    with torch.no_grad():
        y, mean, inv_std = launch_forward(triton.jit(forward_kernel), x, gamma, beta)
        expected = torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True)
        kernel = triton.jit(backward_kernel)
        dx, dgamma, dbeta = launch_backward(kernel, dy, x, gamma, mean, inv_std)
    print(f"y {(y - expected).abs().max():.0e}, dx {(dx - x.grad).abs().max():.0e}")
    relative = [(dgamma / gamma.grad - 1).abs().max(), (dbeta / beta.grad - 1).abs().max()]
    print(f"dgamma {relative[0]:.0e}, dbeta {relative[1]:.0e} (relative)")


differences()


# %%
def race():
    """Print how long the forward kernels take on a large batch, yours and PyTorch's."""
    x = torch.randn(256, 256, 28, 28, device="cuda")
    gamma, beta = torch.ones(256, device="cuda"), torch.zeros(256, device="cuda")
    kernel = triton.jit(forward_kernel)
    yours = triton.testing.do_bench(lambda: launch_forward(kernel, x, gamma, beta))
    torchs = triton.testing.do_bench(
        lambda: torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True)
    )
    print(f"yours {yours:.2f} ms, PyTorch's {torchs:.2f} ms")


if device == "cuda":
    race()
else:
    print("No GPU here: this cell is skipped.")

# %% [markdown]
# **Where next**: a GPU has more than a hundred multiprocessors, and a batch with 64 channels gives work to 64
# of them. Split each channel among several programs, let each write a count, a mean and a sum of squares, and
# merge them as in exercise 1.
