"""Wrong backward kernels of ex11_triton: blocks of another size than the channel."""

import triton.language as tl

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "backward_one_block_only",
    fails="backward_blocks backward",
    hint="Only the first BLOCK values of a channel are worked on. Loop over its blocks until "
    "all N * L values are done.",
)
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
    """Takes a channel for one block."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, BLOCK, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, BLOCK, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_last_block_counts",
    fails="backward_blocks backward",
    hint="The sums over a channel are those of its last block alone: each round of the loop "
    "replaces what the rounds before have added up.",
)
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
    """Keeps the sums of the last block only."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        dgamma = tl.sum(dy * ((x - mean) * inv_std))
        dbeta = tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_dx_of_first_block_only",
    fails="backward_blocks backward",
    hint="The sums are taken over all blocks, and dx is written for the first of them only.",
)
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
    """Writes the first block of dx only."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, BLOCK, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_dx_before_sums_are_complete",
    fails="backward_blocks backward",
    hint="dx is computed in the same round in which the sums are added up, so its first blocks "
    "see a part of the sums. dx needs all of them: it takes a second loop.",
)
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
    """Writes dx in the loop that adds up the sums."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)


@mistake(
    "backward_whole_blocks_only",
    fails="backward_ragged backward_bounds backward",
    hint="The number of blocks is rounded down, so what is left after the last full block is "
    "never read or written. Round up, and mask.",
)
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
    """Leaves the last, incomplete block out."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M // BLOCK * BLOCK, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, M // BLOCK * BLOCK, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_divides_by_block",
    fails="backward_blocks backward_ragged backward",
    hint="In dx the sums are divided by BLOCK, which is how many lanes there are. Divide by M, "
    "how many values there are.",
)
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
    """Divides by BLOCK in place of M."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / BLOCK - x_hat * (dgamma / BLOCK))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_no_load_masks",
    fails="backward_ragged backward_bounds backward",
    hint="The loads have no mask: lanes past the last value read what lies behind the tensors, "
    "and it enters the sums. Mask each load with m < M.",
)
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
    """Loads without masks."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at).to(tl.float32)
        x = tl.load(x_ptr + at).to(tl.float32)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at).to(tl.float32)
        x = tl.load(x_ptr + at).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_no_mask_on_x",
    fails="backward_ragged backward_bounds backward",
    hint="dy is loaded with a mask and x without: lanes past the last value read what lies "
    "behind x, and 0 times that need not be 0. Mask each load.",
)
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
    """Loads x without a mask."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at).to(tl.float32)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_reads_in_vain",
    fails="backward_bounds",
    hint="Lanes past the last value read what lies behind the tensors. That it is thrown away "
    "afterwards does not help: on a GPU the read itself can fail. Mask each load.",
)
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
    """Loads without masks and throws away what is no value."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.where(m < M, tl.load(dy_ptr + at).to(tl.float32), 0.0)
        x = tl.where(m < M, tl.load(x_ptr + at).to(tl.float32), 0.0)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.where(m < M, tl.load(dy_ptr + at).to(tl.float32), 0.0)
        x = tl.where(m < M, tl.load(x_ptr + at).to(tl.float32), 0.0)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_no_other",
    fails="backward_ragged backward",
    hint="A load gives something undefined where its mask is False and there is no `other`, "
    "and here that enters a sum. Give other=0.0.",
)
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
    """Loads with a mask and without `other`, and relies on 0."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M).to(tl.float32)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)
