"""Wrong forward kernels of ex11_triton: digits, outputs that are not empty, large tensors."""

import triton.language as tl

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "one_pass_variance",
    fails="far_mean",
    hint="The variance is the mean of squares less the square of the mean. Where the mean is "
    "large both have the same digits, and float32 has no others left. Take the mean away "
    "first.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Computes the variance as E[x*x] - E[x]**2."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total, squares = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        total += tl.sum(x)
        squares += tl.sum(x * x)
    mean = total / M
    inv_std = 1 / tl.sqrt(squares / M - mean * mean + eps)
    tl.store(mean_ptr + c, mean)
    tl.store(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        tl.store(y_ptr + at, gamma * ((x - mean) * inv_std) + beta, mask=m < M)


@mistake(
    "sums_in_half",
    fails="half",
    hint="The values are added up as they come, in half precision: 3 or 4 digits, no more. "
    "(The interpreter cannot even add bfloat16.) Convert what is loaded with "
    ".to(tl.float32) before anything else.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Adds up half-precision values as they are loaded."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0)
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
    "mean_in_half",
    fails="half",
    hint="The mean is rounded to the dtype of x. Only y is stored in that; whatever is "
    "computed stays float32.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Rounds the mean to the dtype of x."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    total = 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        total += tl.sum(x)
    mean = (total / M).to(x_ptr.dtype.element_ty).to(tl.float32)
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
    "deviations_in_half",
    fails="half",
    hint="The deviations are rounded to the dtype of x before they are squared. Whatever is "
    "computed stays float32.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Rounds the deviations to the dtype of x."""
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
        centred = tl.where(m < M, x - mean, 0.0).to(x_ptr.dtype.element_ty).to(tl.float32)
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
    "adds_to_outputs",
    fails="repeat",
    hint="mean and inv_std are added to what their tensors held before. These come unfilled: "
    "store, do not add.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Adds mean and inv_std to what is there."""
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
    tl.atomic_add(mean_ptr + c, mean)
    tl.atomic_add(inv_std_ptr + c, inv_std)
    gamma, beta = tl.load(gamma_ptr + c), tl.load(beta_ptr + c)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inv_std) + beta
        tl.store(y_ptr + at, y, mask=m < M)


@mistake(
    "sum_kept_in_output",
    fails="repeat",
    hint="The sum is added up in the mean's own place, which is not emptied first: it comes "
    "with what it held before. Add up in a variable.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Adds the sum up in the output, which it does not empty."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        tl.store(mean_ptr + c, tl.load(mean_ptr + c) + tl.sum(x))
    mean = tl.load(mean_ptr + c) / M
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
    "adds_to_y",
    fails="repeat",
    hint="y is added to what its tensor held before. That comes unfilled: store, do not add.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Adds to what is in y."""
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
        before = tl.load(y_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        tl.store(y_ptr + at, before + y, mask=m < M)


@mistake(
    "writes_into_x",
    fails="bounds repeat",
    hint="x - mean is written back into x, which is the caller's. Write to outputs only.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Leaves x - mean in x."""
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
        tl.store(x_ptr + at, centred, mask=m < M)
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
    "int32_offsets",
    fails="large",
    hint="The offset is a product of int32 numbers, and past 2**31 it wraps around to "
    "somewhere else. Convert a factor with .to(tl.int64) before you multiply; afterwards "
    "is too late.",
)
def forward_kernel(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, mean_ptr, inv_std_ptr, N, C, L, eps, BLOCK: tl.constexpr
):
    """Computes offsets in int32."""
    c = tl.program_id(0)
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
        tl.store(y_ptr + at, y, mask=m < M)
