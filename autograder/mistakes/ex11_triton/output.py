"""Wrong forward kernels of ex11_triton: y, and where a channel lies."""

import triton.language as tl

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "gamma_of_first_channel",
    fails="normalized forward",
    hint="All channels get gamma and beta of channel 0. Those of channel c are at pointer + c.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Uses gamma and beta of channel 0 for all channels."""
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
    gamma, beta = tl.load(gamma_ptr), tl.load(beta_ptr)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "no_beta",
    fails="normalized forward",
    hint="beta is not added. y = gamma * x_hat + beta.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Leaves beta out."""
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
    gamma = tl.load(gamma_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std)
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "no_gamma",
    fails="normalized forward",
    hint="x_hat is not multiplied by gamma. y = gamma * x_hat + beta.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Leaves gamma out."""
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
    beta = tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = (x - mean) * inv_std + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "gamma_and_beta_swapped",
    fails="normalized forward",
    hint="gamma and beta are exchanged: gamma scales, beta shifts. Look at the order of the "
    "pointers.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Exchanges gamma and beta."""
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
        y = beta * ((x - mean) * inv_std) + gamma
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "beta_before_gamma",
    fails="normalized forward",
    hint="beta is added before the multiplication by gamma, and scaled with it. Scale first, "
    "then shift.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Adds beta before it multiplies by gamma."""
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
        y = gamma * ((x - mean) * inv_std + beta)
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "y_not_centred",
    fails="normalized far_mean forward",
    hint="y is made of x, not of x - mean.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Does not take the mean away in y."""
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
        y = gamma * (x * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "first_sample_only",
    fails="statistics normalized repeat forward",
    hint="Only the positions of the first sample are read and written. A channel has L values "
    "in each of N samples.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Works on the first sample only."""
    c = tl.program_id(0).to(tl.int64)
    M = L
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
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "channels_last",
    fails="statistics normalized large forward",
    hint="x is read as if the channel were its last axis. Value l of channel c in sample n is "
    "number (n * C + c) * L + l.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Takes the channel for the last axis."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = m * C + c
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = m * C + c
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
        at = m * C + c
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "without_channels_between",
    fails="statistics normalized large forward",
    hint="The samples of a channel are taken to follow each other in memory. Between them lie "
    "all other channels: sample n begins at n * C * L.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Reads a channel as if its samples followed each other."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = c * M + m
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        total += tl.sum(x)
    mean = total / M
    squares = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = c * M + m
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
        at = c * M + m
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)
