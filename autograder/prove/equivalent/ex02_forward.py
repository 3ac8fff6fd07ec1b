"""Mutants of ex02_forward that are right."""

from autograder.prove.equivalent.model import (
    BROADCAST,
    LIKE,
    NARROW,
    OWN,
    REPLACED,
    SAME_AXIS,
    same,
)

NO_LOSS = "the sample that shifts lies as far from the mean as the mean is large: no digits go"
CACHE = "what the cache holds is the student's own, and is not marked"
NOT_NEGATIVE = "a mean of squares is never below 0, so the clamp does nothing"
SAME_D = "x, gamma and beta have the same number of features"
SAME_DTYPE = "x, gamma and beta have one dtype, and what is computed from them keeps it"

TABLE = (
    *same(
        "ex02_forward",
        "batchnorm_forward",
        # The second of the two that are returned; each variant has its own.
        ("return (gamma * x_hat + beta, (x_hat...", "return (gamma * x_hat + beta, ...", CACHE),
        ("return (gamma * x_hat + beta, [x_hat...", "return (gamma * x_hat + beta, [...", CACHE),
        ("return (gamma * x_hat + beta, x_hat)", "return (gamma * x_hat + beta, ...)", CACHE),
        (
            "return (np.einsum(...",
            "return (np.einsum('nd,d->nd', x_hat, gamma) + beta, (...",
            CACHE,
        ),
        ("return (x * scale...", "return (x * scale + (beta - mean * scale), (...", CACHE),
        ("return ((gamma...", "return ((gamma * x_hat + beta).astype(x.dtype), {...", CACHE),
        ("return (centred...", "return (centred * inv_std * gamma + beta, (...", CACHE),
        ("return [...'my cache']", "return [np.stack(columns, axis=1), 'my cache_']", CACHE),
        (
            "return (gamma * ((x - mean) / np.sqrt(var + eps)) + beta, x)",
            "return (gamma * ((x - mean) / np.sqrt(var + eps)) + beta, ...)",
            CACHE,
        ),
        # Work in place on an array of the function's own.
        ("...", "var += eps\n...", OWN),
        ("x_hat = centred ...", "centred ...= ...\nx_hat = centred", OWN),
        ("mean = mean + delta / count", "mean += delta / count...", OWN),
        ("m2 = m2 + delta * (row - mean)", "m2 += delta * (row - mean)...", OWN),
        ("m2 = m2 + delta * (row - mean)", "delta *= row - mean...", OWN),
        ("...m2 / len(x)...", "m2 /= len(x)\n...", OWN),
        ("return (x * scale...", "mean *= scale\n...", OWN),
        ("x_hat = (wide - wide.mean(0))...", "wide -= wide.mean(0)\n...var(0) + eps)", OWN),
        ("x_hat = (shifted - mean)...", "shifted -= mean\n...", OWN),
        ("return (centred * inv_std...", "centred *= inv_std\n...", OWN),
        # The shape of the statistics.
        ("...mean(axis=0)...", "...mean(axis=0, keepdims=True)...", BROADCAST),
        ("...var(axis=0)...", "...var(axis=0, keepdims=True)...", BROADCAST),
        ("...mean(0)...", "...mean(0, keepdims=True)...", BROADCAST),
        ("...var(0)...", "...var(0, keepdims=True)...", BROADCAST),
        ("...mean()...", "...mean(keepdims=True)...", BROADCAST),
        ("...var()...", "...var(keepdims=True)...", BROADCAST),
        ("...(axis=0, keepdims=True)...", "...(axis=0)...", BROADCAST),
        ("...(axis=0, keepdims=True)...", "...(axis=0, keepdims=False)...", BROADCAST),
        ("...np.ones((1, m), ...", "...np.ones((m,), ...", BROADCAST),
        ("...np.zeros_like(x[0])...", "...np.zeros_like(x)...", BROADCAST),
        ("...np.zeros_like(x[0])...", "...np.zeros_like(gamma[0])...", BROADCAST),
        ("...np.zeros_like(x[0])...", "...np.zeros_like(beta[0])...", BROADCAST),
        ("...axis=1...", "...axis=-1...", SAME_AXIS),
        # What a loop or a sum starts from.
        ("y = np.zeros_like(x)", "y = np.ones_like(x)", "every entry is written"),
        ("m, d = x.shape", "m, d = y.shape", "y has x's shape"),
        (
            "mean, m2 = (np.zeros_like(x[0]), ...",
            "mean, m2 = (x[0], ...",
            REPLACED,
        ),
        (
            "mean, m2 = (np.zeros_like(x[0]), ...",
            "mean, m2 = (np.ones_like(x[0]), ...",
            REPLACED,
        ),
        ("...np.zeros_like(x[0])...", "...np.zeros_like(x[-1])...", LIKE),
        ("shifted = x - x[0]", "shifted = x - x[-1]", "any sample serves as the shift"),
        ("...gamma, beta, strict=True):", "...gamma, beta):", SAME_D),
        ("...gamma, beta, strict=True):", "...gamma, beta, strict=False):", SAME_D),
        # Clamps, and dtypes.
        ("var = np.maximum(np.square(...", "var = np.square(...", NOT_NEGATIVE),
        ("var = np.maximum(np.square(...", "var = np.maximum(np.square(..., -1)", NOT_NEGATIVE),
        (
            "var = np.maximum((shifted ** 2)...",
            "var = (shifted ** 2)...",
            NO_LOSS,
        ),
        (
            "var = np.maximum((shifted ** 2)...",
            "var = np.maximum(..., -1)",
            NO_LOSS,
        ),
        ("wide = x.astype(np.float64)", "wide = x", NARROW),
        ("x_hat = (wide - wide.mean(0))...", "x_hat = (x - wide.mean(0))...", NARROW),
        ("x_hat = (wide - wide.mean(0))...", "x_hat = (wide - x.mean(0))...", NARROW),
        ("x_hat = (wide - wide.mean(0))...", "...x.var(0)...", NARROW),
        ("...(x.dtype)...", "...(gamma.dtype)...", SAME_DTYPE),
        ("...(x.dtype)...", "...(beta.dtype)...", SAME_DTYPE),
        ("inv_std = np.power(...", "inv_std = np.power(... + eps, -0.5)", SAME_DTYPE),
        ("...(x.dtype)", "...(ones.dtype)", SAME_DTYPE),
        ("...(x.dtype)", "...(centred.dtype)", SAME_DTYPE),
        ("...dtype=x.dtype)", "...dtype=gamma.dtype)", SAME_DTYPE),
        ("...dtype=x.dtype)", "...dtype=beta.dtype)", SAME_DTYPE),
    ),
)
