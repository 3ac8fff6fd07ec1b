"""Wrong forward kernels of ex11_triton: masks."""

import triton.language as tl

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "deviations_not_masked",
    fails="ragged forward",
    hint="A lane without a value holds 0, and 0 - mean is not 0: its square enters the "
    "variance. Mask the deviations too, with tl.where.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Lets lanes without a value deviate from the mean."""
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
        centred = x - mean
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
    "divides_by_block",
    fails="blocks ragged forward",
    hint="The sums are divided by BLOCK, which is how many lanes there are. Divide by M, how "
    "many values there are.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Divides by BLOCK in place of M."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        total += tl.sum(x)
    mean = total / BLOCK
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        centred = tl.where(m < M, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / BLOCK
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
    "divides_squares_by_block",
    fails="blocks ragged forward",
    hint="The sum of squares is divided by BLOCK, which is how many lanes there are. Divide by "
    "M, how many values there are.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Divides the squares by BLOCK in place of M."""
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
    var = squares / BLOCK
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
    "mask_of_lanes",
    fails="bounds forward",
    hint="The mask compares the lane with M, so it is the same in every block. What must be "
    "below M is start + lane.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Masks by the lane in place of the value."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=lanes < M, other=0.0).to(tl.float32)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=lanes < M, other=0.0).to(tl.float32)
        centred = tl.where(lanes < M, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=lanes < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=lanes < M)


@mistake(
    "mask_one_too_far",
    fails="ragged bounds forward",
    hint="The mask lets one lane too many through: the values of a channel are numbered from 0 "
    "to M - 1, so m < M.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Masks one value too few."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m <= M, other=0.0).to(tl.float32)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m <= M, other=0.0).to(tl.float32)
        centred = tl.where(m <= M, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m <= M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m <= M)


@mistake(
    "mask_one_too_near",
    fails="statistics normalized far_mean repeat forward",
    hint="The mask leaves out the last value of the channel: the values are numbered from 0 to "
    "M - 1, so m < M.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Leaves out the last value."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M - 1, other=0.0).to(tl.float32)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M - 1, other=0.0).to(tl.float32)
        centred = tl.where(m < M - 1, x - mean, 0.0)
        squares += tl.sum(centred * centred)
    var = squares / M
    inv_std = 1 / tl.sqrt(var + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M - 1, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M - 1)


@mistake(
    "store_not_masked",
    fails="bounds",
    hint="The store has no mask: lanes past the last value write behind the tensor, into "
    "whatever lies there. Mask it as the loads are.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Stores without a mask."""
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
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y)
