"""Wrong forward kernels of ex11_triton: mean and inv_std."""

import triton.language as tl

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "unbiased",
    fails="statistics forward",
    hint="The sum of squares is divided by M - 1. What normalizes in training is the biased "
    "variance: divide by M.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Divides the squares by M - 1."""
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
    var = squares / (M - 1)
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
    "eps_outside_root",
    fails="statistics forward",
    hint="eps is added to the standard deviation, outside the root. It joins the variance: "
    "sqrt(var + eps).",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Adds eps outside the root."""
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
    inv_std = 1 / (tl.sqrt(var) + eps)
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
    "no_eps",
    fails="statistics forward",
    hint="eps makes no difference. It is added to the variance inside the root.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Leaves eps out."""
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
    inv_std = 1 / tl.sqrt(var)
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
    "eps_hard_coded",
    fails="statistics forward",
    hint="eps is always 1e-5, whatever the launch passes. Use the argument.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Always uses 1e-5."""
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
    inv_std = 1 / tl.sqrt(var + 1e-5)
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
    "no_root",
    fails="statistics forward",
    hint="The root is missing: inv_std is 1 / (var + eps). It is 1 / sqrt(var + eps).",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Divides by the variance."""
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
    inv_std = 1 / (var + eps)
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
    "squares_not_centred",
    fails="statistics far_mean forward",
    hint="The squares are those of x itself. The variance is the mean of the squares of x - mean.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Takes the mean of the squares for the variance."""
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
        centred = x
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
    "absolute_deviation",
    fails="statistics forward",
    hint="The deviations enter without being squared. The variance is the mean of their squares.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Takes the mean absolute deviation for the standard deviation."""
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
        squares += tl.sum(tl.abs(centred))
    var = squares / M
    inv_std = 1 / (var + eps)
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
    "stores_variance",
    fails="statistics normalized forward",
    hint="What is stored as inv_std is the variance. The backward pass wants 1 / sqrt(var + eps).",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Stores the variance as inv_std."""
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
    tl.store(inv_std_ptr + c, var)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "stores_std",
    fails="statistics normalized forward",
    hint="What is stored as inv_std is sqrt(var + eps). It is one over that, so that the "
    "backward pass need not divide.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Stores the standard deviation as inv_std."""
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
    tl.store(inv_std_ptr + c, tl.sqrt(var + eps))
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "mean_and_inv_std_swapped",
    fails="statistics normalized far_mean forward",
    hint="mean is stored where inv_std belongs, and inv_std where mean does. Look at the order "
    "of the pointers.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Stores mean and inv_std each in the place of the other."""
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
    tl.store(mean_ptr + c, inv_std)
    tl.store(inv_std_ptr + c, mean)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "statistics_in_first_place",
    fails="statistics normalized repeat forward",
    hint="All programs write mean and inv_std to the same place, the first. Program c writes "
    "to pointer + c.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Every program stores its statistics in the first place."""
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
    tl.store(mean_ptr, mean)
    tl.store(inv_std_ptr, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)
