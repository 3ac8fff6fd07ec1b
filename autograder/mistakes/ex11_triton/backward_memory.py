"""Wrong backward kernels of ex11_triton: masks, digits, memory."""

import triton.language as tl

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake = CATALOGUE.mistake


@mistake(
    "backward_other_is_one",
    fails="backward_ragged backward",
    hint="Lanes without a value load 1, which enters the sums. With other=0.0 they add nothing.",
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
    """Loads 1 where there is no value."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=1.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=1.0).to(tl.float32)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=1.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=1.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_mask_of_lanes",
    fails="backward_bounds backward",
    hint="The mask compares the lane with M, so it is the same in every block. What must be "
    "below M is start + lane.",
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
    """Masks by the lane in place of the value."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=lanes < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=lanes < M, other=0.0).to(tl.float32)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=lanes < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=lanes < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=lanes < M)


@mistake(
    "backward_mask_one_too_far",
    fails="backward_ragged backward_bounds backward",
    hint="The mask lets one lane too many through: the values of a channel are numbered from 0 "
    "to M - 1, so m < M.",
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
    """Masks one value too few."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m <= M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m <= M, other=0.0).to(tl.float32)
        dgamma += tl.sum(dy * ((x - mean) * inv_std))
        dbeta += tl.sum(dy)
    tl.store(dgamma_ptr + c, dgamma)
    tl.store(dbeta_ptr + c, dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m <= M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m <= M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m <= M)


@mistake(
    "backward_store_not_masked",
    fails="backward_bounds",
    hint="The store has no mask: lanes past the last value write behind the tensor, into "
    "whatever lies there. Mask it as the loads are.",
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
    """Stores without a mask."""
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
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx)


@mistake(
    "backward_multiplied_out",
    fails="backward_far_mean",
    hint="dgamma is computed as the sum of dy * x less mean times the sum of dy. Where the "
    "mean is large both have the same digits, and float32 has no others left. Take the "
    "mean away first.",
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
    """Multiplies x - mean out in dgamma."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    products, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        products += tl.sum(dy * x)
        dbeta += tl.sum(dy)
    dgamma = (products - mean * dbeta) * inv_std
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
    "backward_sums_in_half",
    fails="backward_half",
    hint="dy is added up as it comes, in half precision: 3 or 4 digits, no more. (The "
    "interpreter cannot even add bfloat16.) Convert what is loaded with .to(tl.float32) "
    "before anything else.",
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
    """Adds up half-precision values as they are loaded."""
    c = tl.program_id(0).to(tl.int64)
    M = N * L
    lanes = tl.arange(0, BLOCK)
    gamma, mean = tl.load(gamma_ptr + c), tl.load(mean_ptr + c)
    inv_std = tl.load(inv_std_ptr + c)
    dgamma, dbeta = 0.0, 0.0
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0)
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
    "backward_x_hat_in_half",
    fails="backward_half",
    hint="x_hat is rounded to the dtype of x before it is multiplied. Only dx is stored in "
    "that; whatever is computed stays float32.",
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
    """Rounds x_hat to the dtype of x."""
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
        dgamma += tl.sum(dy * ((x - mean) * inv_std).to(x_ptr.dtype.element_ty).to(tl.float32))
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
    "backward_adds_to_outputs",
    fails="backward_repeat",
    hint="dgamma and dbeta are added to what their tensors held before. These come unfilled: "
    "store, do not add.",
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
    """Adds dgamma and dbeta to what is there."""
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
    tl.atomic_add(dgamma_ptr + c, dgamma)
    tl.atomic_add(dbeta_ptr + c, dbeta)
    for start in range(0, M, BLOCK):
        m = start + lanes
        at = (m // L * C + c) * L + m % L
        dy = tl.load(dy_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        x_hat = (x - mean) * inv_std
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)


@mistake(
    "backward_adds_to_dx",
    fails="backward_repeat",
    hint="dx is added to what its tensor held before. That comes unfilled: store, do not add.",
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
    """Adds to what is in dx."""
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
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        before = tl.load(dx_ptr + at, mask=m < M, other=0.0).to(tl.float32)
        tl.store(dx_ptr + at, before + dx, mask=m < M)


@mistake(
    "backward_writes_into_dy",
    fails="backward_bounds backward_repeat",
    hint="dx is written into dy too, which is the caller's. Write to outputs only.",
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
    """Writes dx into dy as well."""
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
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)
        tl.store(dy_ptr + at, dx, mask=m < M)


@mistake(
    "backward_int32_offsets",
    fails="backward_large",
    hint="The offset is a product of int32 numbers, and past 2**31 it wraps around to "
    "somewhere else. Convert a factor with .to(tl.int64) before you multiply; afterwards "
    "is too late.",
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
    """Computes offsets in int32."""
    c = tl.program_id(0)
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
        dx = gamma * inv_std * (dy - dbeta / M - x_hat * (dgamma / M))
        tl.store(dx_ptr + at, dx, mask=m < M)
