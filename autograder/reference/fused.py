"""The reference of fused kernels: batch norm of x (N, C, L), forward and backward, in Triton.

The kernels are plain functions, for `triton.jit` to compile or to interpret. They compute in
float64, whatever they read.
"""

import torch
import triton
import triton.language as tl

LARGEST_BLOCK = 4096


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
    """Normalize one channel over samples and positions, then scale and shift it.

    Args:
        x_ptr, y_ptr: pointers to (N, C, L) tensors without gaps, of any floating dtype.
        gamma_ptr, beta_ptr: pointers to (C,) tensors.
        mean_ptr, inv_std_ptr: pointers to (C,) tensors, which get the batch's mean and
            1 / sqrt(var + eps).
        N, C, L: samples, channels, positions; N * L < 2**31.
        eps: added to the variance inside the root, a float > 0.
        BLOCK: how many values are worked on at once, a power of two.

    Source: Ioffe and Szegedy 2015, Section 3.2.
    """
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = tl.zeros([BLOCK], tl.float64)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = ((m // L).to(tl.int64) * C + c) * L + m % L
        total += tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float64)
    mean = tl.sum(total) / M
    squares = tl.zeros([BLOCK], tl.float64)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = ((m // L).to(tl.int64) * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float64)
        centred = tl.where(m < M, x - mean, 0.0)  # a lane without a value has no deviation
        squares += centred * centred
    var = tl.sum(squares) / M  # biased
    inv_std = 1.0 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma = tl.load(gamma_ptr + c).to(tl.float64)
    beta = tl.load(beta_ptr + c).to(tl.float64)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = ((m // L).to(tl.int64) * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float64)
        y = gamma * ((x - mean) * inv_std) + beta
        if y_ptr.dtype.element_ty == tl.bfloat16:  # the interpreter knows no way there from float64
            y = y.to(tl.float32)
        tl.store(y_ptr + at, y, mask=m < M)


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
    """Take the gradient of one channel back through batch normalization.

    Args:
        dy_ptr, x_ptr, dx_ptr: pointers to (N, C, L) tensors without gaps, of any floating dtype.
        gamma_ptr, mean_ptr, inv_std_ptr: pointers to (C,) tensors; the last two are what the
            forward pass wrote for this x.
        dgamma_ptr, dbeta_ptr: pointers to (C,) tensors.
        N, C, L: samples, channels, positions; N * L < 2**31.
        BLOCK: how many values are worked on at once, a power of two.

    Source: the closed form of Ioffe and Szegedy 2015, Section 3, with M = N * L.
    """
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma = tl.load(gamma_ptr + c).to(tl.float64)
    mean = tl.load(mean_ptr + c).to(tl.float64)
    inv_std = tl.load(inv_std_ptr + c).to(tl.float64)
    sums = tl.zeros([BLOCK], tl.float64)
    products = tl.zeros([BLOCK], tl.float64)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = ((m // L).to(tl.int64) * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float64)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float64)
        sums += dy
        products += dy * ((x - mean) * inv_std)
    dbeta = tl.sum(sums)
    dgamma = tl.sum(products)
    tl.store(dbeta_ptr + c, dbeta)
    tl.store(dgamma_ptr + c, dgamma)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = ((m // L).to(tl.int64) * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float64)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float64)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        if dx_ptr.dtype.element_ty == tl.bfloat16:
            dx = dx.to(tl.float32)
        tl.store(dx_ptr + at, dx, mask=m < M)


def launch_forward(kernel, x, gamma, beta, eps=1e-5):
    """Run a forward kernel on a tensor, one program for each channel.

    Args:
        kernel: `forward_kernel`, compiled; or whatever takes `kernel[grid](...)`.
        x: (N, C, ...) tensor of any floating dtype and any layout.
        gamma, beta: (C,) tensors, float32.
        eps: added to the variance inside the root, a float > 0.

    Returns:
        y, of x's shape and dtype; mean and inv_std (C,), float32.
    """
    x = x.contiguous()
    n, c = x.shape[:2]
    length = x.shape[2:].numel()
    y = torch.empty_like(x)
    mean = torch.empty(c, dtype=torch.float32, device=x.device)
    inv_std = torch.empty_like(mean)
    block = min(triton.next_power_of_2(n * length), LARGEST_BLOCK)
    kernel[(c,)](x, gamma, beta, y, mean, inv_std, n, c, length, eps, BLOCK=block)
    return y, mean, inv_std


def launch_backward(kernel, dy, x, gamma, mean, inv_std):
    """Run a backward kernel on tensors, one program for each channel.

    Args:
        kernel: `backward_kernel`, compiled; or whatever takes `kernel[grid](...)`.
        dy, x: (N, C, ...) tensors of one floating dtype and any layouts.
        gamma, mean, inv_std: (C,) tensors, float32.

    Returns:
        dx, of x's shape and dtype; dgamma and dbeta (C,), float32.
    """
    x, dy = x.contiguous(), dy.contiguous()
    n, c = x.shape[:2]
    length = x.shape[2:].numel()
    dx = torch.empty_like(x)
    dgamma = torch.empty(c, dtype=torch.float32, device=x.device)
    dbeta = torch.empty_like(dgamma)
    block = min(triton.next_power_of_2(n * length), LARGEST_BLOCK)
    arguments = (dy, x, gamma, mean, inv_std, dx, dgamma, dbeta)
    kernel[(c,)](*arguments, n, c, length, BLOCK=block)
    return dx, dgamma, dbeta
