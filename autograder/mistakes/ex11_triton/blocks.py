"""Wrong forward kernels of ex11_triton: blocks of another size than the channel."""

import triton.language as tl

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "one_block_only",
    fails="blocks forward",
    hint="Only the first BLOCK values of a channel are worked on. Loop over its blocks until "
    "all N * L values are done.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Takes a channel for one block."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, BLOCK, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, BLOCK, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        centred = tl.where(m < M, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, BLOCK, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "last_block_counts",
    fails="blocks forward",
    hint="The sum over a channel is that of its last block alone: each round of the loop "
    "replaces what the rounds before have added up.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Keeps the sum of the last block only."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        total = tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        centred = tl.where(m < M, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "last_squares_count",
    fails="blocks forward",
    hint="The sum of squares is that of the last block alone: each round of the loop replaces "
    "what the rounds before have added up.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Keeps the squares of the last block only."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        centred = tl.where(m < M, x - mean, 0.0)
        squares = tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "only_first_block_of_y",
    fails="blocks forward",
    hint="The statistics are taken over all blocks, and y is written for the first of them only.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Writes the first block of y only."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        centred = tl.where(m < M, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, BLOCK, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "variances_of_blocks_averaged",
    fails="blocks forward",
    hint="Each block's squares are taken around its own mean and then added up. What the "
    "blocks' means differ by is lost: take the mean of the whole channel first, or merge "
    "as Chan does.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Averages the variances of the blocks."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        here = tl.sum(x) / tl.sum(tl.where(m < M, 1.0, 0.0))
        centred = tl.where(m < M, x - here, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "means_of_blocks_averaged",
    fails="ragged forward",
    hint="The mean is that of the blocks' means, each a sum divided by BLOCK. The last block "
    "may have fewer values: divide the sum of all by M.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Averages the means of the blocks, each divided by BLOCK."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        total += tl.sum(x) / BLOCK
    mean = total / tl.cdiv(M, BLOCK)
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        centred = tl.where(m < M, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "whole_blocks_only",
    fails="ragged bounds forward",
    hint="The number of blocks is rounded down, so what is left after the last full block is "
    "never read or written. Round up, and mask.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Leaves the last, incomplete block out."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M // BLOCK * BLOCK, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M // BLOCK * BLOCK, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        centred = tl.where(m < M, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M // BLOCK * BLOCK, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "no_load_masks",
    fails="ragged bounds forward",
    hint="The loads have no mask: lanes past the last value read what lies behind the tensor, "
    "and it enters the sums. Mask each load with m < M.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Loads without masks."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at).to(tl.float32)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at).to(tl.float32)
        centred = tl.where(m < M, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "reads_in_vain",
    fails="bounds",
    hint="Lanes past the last value read what lies behind the tensor. That it is thrown away "
    "afterwards does not help: on a GPU the read itself can fail. Mask each load.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Loads without masks and throws away what is no value."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.where(m < M, tl.load(x_ptr + at).to(tl.float32), 0.0)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.where(m < M, tl.load(x_ptr + at).to(tl.float32), 0.0)
        centred = tl.where(m < M, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.where(m < M, tl.load(x_ptr + at).to(tl.float32), 0.0)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "no_other",
    fails="ragged forward",
    hint="A load gives something undefined where its mask is False and there is no `other`, "
    "and here that enters a sum. Give other=0.0.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Loads with a mask and without `other`, and relies on 0."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M).to(tl.float32)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M).to(tl.float32)
        centred = tl.where(m < M, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "other_is_one",
    fails="ragged forward",
    hint="Lanes without a value load 1, which is added to the sum. With other=0.0 they add "
    "nothing.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Loads 1 where there is no value."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=1.0).to(tl.float32)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=1.0).to(tl.float32)
        centred = tl.where(m < M, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=1.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)
