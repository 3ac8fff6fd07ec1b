"""Wrong backward kernels of ex11_triton: dgamma and dbeta."""

import triton.language as tl

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "backward_dgamma_with_gamma",
    fails="sums backward",
    hint="dgamma is multiplied by gamma. gamma's own gradient is the sum of dy * x_hat; gamma "
    "is not in it.",
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
    """Multiplies dgamma by gamma."""
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
    tl.store(dgamma_ptr + c, gamma * dgamma)
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
    "backward_dgamma_averaged",
    fails="sums backward",
    hint="dgamma is divided by M. It is a sum over the channel, not a mean.",
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
    """Stores the mean in place of the sum for dgamma."""
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
    tl.store(dgamma_ptr + c, dgamma / M)
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
    "backward_dbeta_averaged",
    fails="sums backward",
    hint="dbeta is divided by M. It is a sum over the channel, not a mean.",
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
    """Stores the mean in place of the sum for dbeta."""
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
    tl.store(dbeta_ptr + c, dbeta / M)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_dbeta_with_gamma",
    fails="sums backward",
    hint="dbeta is multiplied by gamma. beta is added after gamma has done its work, so its "
    "gradient is the sum of dy.",
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
    """Multiplies dbeta by gamma."""
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
    tl.store(dbeta_ptr + c, gamma * dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_dgamma_and_dbeta_swapped",
    fails="sums backward",
    hint="dgamma is stored where dbeta belongs, and dbeta where dgamma does. Look at the order "
    "of the pointers.",
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
    """Stores dgamma and dbeta each in the place of the other."""
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
    tl.store(dgamma_ptr + c, dbeta)
    tl.store(dbeta_ptr + c, dgamma)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_sums_in_first_place",
    fails="sums backward_repeat backward",
    hint="All programs write dgamma and dbeta to the same place, the first. Program c writes "
    "to pointer + c.",
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
    """Every program stores its sums in the first place."""
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
    tl.store(dgamma_ptr, dgamma)
    tl.store(dbeta_ptr, dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_sums_without_inv_std",
    fails="sums gradient backward",
    hint="dgamma is the sum of dy * (x - mean). x_hat is that times inv_std.",
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
    """Leaves inv_std out of x_hat in dgamma."""
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
        dgamma += tl.sum(dy * (x - mean))
        dbeta += tl.sum(dy)
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
    "backward_sums_of_x",
    fails="sums gradient backward_far_mean backward",
    hint="dgamma is the sum of dy * x. It is that of dy * x_hat, with x_hat = (x - mean) * "
    "inv_std.",
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
    """Takes x for x_hat in dgamma."""
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
        dgamma += tl.sum(dy * x)
        dbeta += tl.sum(dy)
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
    "backward_sums_not_centred",
    fails="sums gradient backward_far_mean backward",
    hint="dgamma is the sum of dy * x * inv_std: the mean is not taken away. x_hat = (x - "
    "mean) * inv_std.",
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
    """Does not take the mean away in dgamma."""
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
        dgamma += tl.sum(dy * (x * inv_std))
        dbeta += tl.sum(dy)
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
