"""Wrong backward kernels of ex11_triton: dx, and where a channel lies."""

import triton.language as tl

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "backward_statistics_are_constants",
    fails="gradient backward",
    hint="dx is gamma * inv_std * dy, as if mean and inv_std did not depend on x. Every x "
    "moves both of them.",
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
    """Takes mean and inv_std for constants."""
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
        dx = gamma * inv_std * dy
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_no_mean_path",
    fails="gradient backward",
    hint="dx lacks the term of the mean: every x moves it, and so dbeta / M is taken away.",
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
    """Leaves out the path through the mean."""
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
        dx = gamma * inv_std * (dy - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_no_variance_path",
    fails="gradient backward",
    hint="dx lacks the term of the variance: every x moves it, and so x_hat * dgamma / M is "
    "taken away.",
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
    """Leaves out the path through the variance."""
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
        dx = gamma * inv_std * (dy - dbeta / M)
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_no_gamma",
    fails="gradient backward",
    hint="dx is not multiplied by gamma, which stands between x_hat and y.",
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
    """Leaves gamma out of dx."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    mean = tl.load(mean_ptr + c)
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
        dx = inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_gamma_twice",
    fails="gradient backward",
    hint="gamma is in dx twice. It is in it once: dgamma and dbeta are sums of dy, not of "
    "gamma * dy.",
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
    """Multiplies dx by gamma twice."""
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
        dx = gamma * gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_gamma_of_first_channel",
    fails="gradient backward",
    hint="All channels get gamma of channel 0. That of channel c is at pointer + c.",
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
    """Uses gamma of channel 0 for all channels."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr), tl.load(mean_ptr + c)
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
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_no_inv_std",
    fails="gradient backward",
    hint="dx is not multiplied by inv_std, which stands between x and x_hat.",
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
    """Leaves inv_std out of dx."""
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
        dx = gamma * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_inv_std_of_x_hat_missing",
    fails="gradient backward",
    hint="In dx the sum dgamma is multiplied by x - mean. It is multiplied by x_hat = (x - "
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
    """Leaves inv_std out of x_hat in dx."""
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
        x_hat = x - mean
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_sums_not_divided",
    fails="gradient backward",
    hint="In dx the sums are taken away whole. It is their share of each value that counts: "
    "divide both by M.",
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
    """Does not divide the sums by M in dx."""
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
        dx = gamma * inv_std * (dy - dbeta - x_hat * dgamma)
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_divided_by_fewer",
    fails="gradient backward",
    hint="In dx the sums are divided by M - 1. The variance that normalizes is the biased one, "
    "so it is M.",
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
    """Divides the sums by M - 1 in dx."""
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
        dx = gamma * inv_std * (dy - dbeta / (M - 1) - x_hat * (dgamma / (M - 1)))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_divided_by_samples",
    fails="gradient backward",
    hint="In dx the sums are divided by N, the number of samples. A channel has M = N * L values.",
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
    """Divides the sums by N in dx."""
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
        dx = gamma * inv_std * (dy - dbeta / N - x_hat * (dgamma / N))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_variance_path_added",
    fails="gradient backward",
    hint="The term x_hat * dgamma / M has the wrong sign in dx: it is taken away.",
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
    """Adds the term of the variance in place of taking it away."""
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
        dx = gamma * inv_std * (dy - dbeta / M + x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_dx_of_another_sign",
    fails="gradient backward",
    hint="dx has the wrong sign: it is dy less its two corrections, not the other way round.",
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
    """Gives dx the other sign."""
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
        dx = gamma * inv_std * (dbeta / M + x_hat * (dgamma / M) - dy)
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_channels_last",
    fails="sums gradient backward_large backward",
    hint="dy and x are read as if the channel were their last axis. Value l of channel c in "
    "sample n is number (n * C + c) * L + l.",
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
    """Takes the channel for the last axis."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = m * C + c
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = m * C + c
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_first_sample_only",
    fails="sums gradient backward_repeat backward",
    hint="Only the positions of the first sample are read and written. A channel has L values "
    "in each of N samples.",
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
    """Works on the first sample only."""
    c = tl.program_id(0).to(tl.int64)
    M = L
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
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_without_channels_between",
    fails="sums gradient backward_large backward",
    hint="The samples of a channel are taken to follow each other in memory. Between them lie "
    "all other channels: sample n begins at n * C * L.",
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
    """Reads a channel as if its samples followed each other."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = c * M + m
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = c * M + m
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)
