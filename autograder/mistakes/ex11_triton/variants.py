"""Right but unusual forward kernels of ex11_triton."""

import triton.language as tl

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
variant = CATALOGUE.variant


@variant("by_samples", mutated=False)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Goes through the samples, each in blocks, and selects values where it gives no `other`."""
    c = tl.program_id(0).to(tl.int64)
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for n in range(N):
        for start in range(0, L, BLOCK):
            inside = start + lanes < L
            x = tl.load(x_ptr + (n * C + c) * L + start + lanes, mask=inside).to(tl.float32)
            total += tl.sum(tl.where(inside, x, 0.0))
    mean = total / (N * L)
    squares = 0.0
    for n in range(N):
        for start in range(0, L, BLOCK):
            inside = start + lanes < L
            x = tl.load(x_ptr + (n * C + c) * L + start + lanes, mask=inside).to(tl.float32)
            squares += tl.sum(tl.where(inside, (x - mean) * (x - mean), 0.0))
    inv_std = tl.rsqrt(squares / (N * L) + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    scale = tl.load(gamma_ptr + c) * inv_std
    for n in range(N):
        for start in range(0, L, BLOCK):
            inside = start + lanes < L
            at = (n * C + c) * L + start + lanes
            x = tl.load(x_ptr + at, mask=inside).to(tl.float32)
            tl.store(y_ptr + at, (x - mean) * scale + tl.load(beta_ptr + c), mask=inside)


@variant("chan", mutated=False)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Merges the blocks as Chan does, in one pass; folds y into one scale and one shift."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    count, mean, squares = 0.0, 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        here = tl.minimum(M - start, BLOCK).to(tl.float32)
        local = tl.sum(x) / here
        centred = tl.where(m < M, x - local, 0.0)
        delta = local - mean
        squares += tl.sum(centred * centred) + delta * delta * count * here / (count + here)
        mean += delta * here / (count + here)
        count += here
    inv_std = 1 / tl.sqrt(squares / M + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    scale = tl.load(gamma_ptr + c) * inv_std
    shift = tl.load(beta_ptr + c) - mean * scale
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        tl.store(y_ptr + at, x * scale + shift, mask=m < M)


@variant("shifted", mutated=False)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Adds up x less its first value, lane by lane, in one pass; lanes without a value load that."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK).to(tl.int64)
    first = tl.load(x_ptr + c * L).to(tl.float32)
    totals = tl.zeros([BLOCK], tl.float32)
    squares = tl.zeros([BLOCK], tl.float32)
    for block in range(tl.cdiv(M, BLOCK)):
        m = block * BLOCK + lanes
        at = m // L * C * L + c * L + m % L
        moved = tl.load(x_ptr + at, mask=m < M, other=first).to(tl.float32) - first
        totals += moved
        squares += moved * moved
    moved_mean = tl.sum(totals) / M
    mean = first + moved_mean
    inv_std = 1 / tl.sqrt(tl.sum(squares) / M - moved_mean * moved_mean + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma = tl.load(gamma_ptr + c)
    beta = tl.load(beta_ptr + c)
    for block in range(tl.cdiv(M, BLOCK)):
        m = block * BLOCK + lanes
        at = m // L * C * L + c * L + m % L
        x_hat = (tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32) - mean) * inv_std
        tl.store(y_ptr + at, gamma * x_hat + beta, mask=m < M)
