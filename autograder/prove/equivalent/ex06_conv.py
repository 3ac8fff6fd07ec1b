"""Mutants of ex06_conv that are right."""

from autograder.prove.equivalent.model import (
    BROADCAST,
    COMMUTES,
    LIKE,
    OWN,
    SAME_AXIS,
    TWICE,
    WRITTEN,
    same,
)

FOUR_AXES = "of four axes, -2 is axis 2"
GUESSED = "NumPy takes any negative length for the one to work out"
WHOLE_NUMBER = "the sizes divide without a remainder"
SAME_SHAPE = "dy and x_hat have one shape; gamma, beta and inv_std have another"
NO_PLACE = "an axis of length 1 in front is added by broadcasting"
DEVIATIONS = "deviations add up to 0, so the mean drops out of their product with x"
PRODUCT = "only the product of gamma and inv_std is used"
EQUAL = "a mean of equal values is that value"
AGAIN = "some sets are normalized more than once, each time from x"

TABLE = (
    *same(
        "ex06_conv",
        "batchnorm2d_forward",
        ("...(0, 2, 3)...", "...(0, -2, 3)...", FOUR_AXES),
        ("...(axis=(2, 3))...", "...(axis=(-2, 3))...", FOUR_AXES),
        ("...(axis=(0, 1, 2))...", "...(axis=(0, 1, -2))...", FOUR_AXES),
        ("...transpose(0, 2, 3, 1)", "...transpose(0, -2, 3, 1)", FOUR_AXES),
        ("...transpose(0, 3, 1, 2)", "...transpose(0, 3, 1, -2)", FOUR_AXES),
        ("...reshape(-1...", "...reshape(-2...", GUESSED),
        ("...reshape(1, -1, 1, 1)", "...reshape(1, -2, 1, 1)", GUESSED),
        ("...reshape(1, -1, 1, 1)", "...reshape(-1, 1, 1)", NO_PLACE),
        ("...[None, :, None, None]...", "...[:, None, None]...", NO_PLACE),
        ("inv_std = 1 / np.sqrt(var + eps)", "var += eps...", OWN),
        *(
            ("y, x_hat, inv_std = (...", f"y, x_hat, inv_std = ({changed})", WRITTEN)
            for changed in (
                "np.ones_like(x), np.zeros_like(x), np.zeros_like(gamma)",
                "np.zeros_like(x), np.ones_like(x), np.zeros_like(gamma)",
                "np.zeros_like(x), np.zeros_like(x), np.ones_like(gamma)",
            )
        ),
        ("y, x_hat, inv_std = (...", "y, x_hat, inv_std = (...np.zeros_like(beta))", LIKE),
        ("for c in range(x.shape[1]):", "for c in range(y.shape[1]):", LIKE),
        ("for c in range(x.shape[1]):", "for c in range(x_hat.shape[1]):", LIKE),
        ("m = x.size / x.shape[1]", "m = x.size // x.shape[1]", WHOLE_NUMBER),
        (
            "mean, var = (rows.mean(axis=0), <1>)",
            "mean, var = (rows.mean(axis=0, keepdims=True), <1>)",
            BROADCAST,
        ),
        (
            "mean, std = (t.mean(axis=(0, 1, 2)), <1>)",
            "mean, std = (t.mean(axis=(0, 1, 2), keepdims=True), <1>)",
            BROADCAST,
        ),
        (
            "rows = (rows - mean) * inv_std",
            "rows = (moved - mean) * inv_std",
            "the rows have moved's shape again where y is made",
        ),
        ("...centred, centred) / m", "...x, centred) / m", DEVIATIONS),
        ("...centred, centred) / m", "...centred, x) / m", DEVIATIONS),
        ("cache['more'] = None", "", "an entry that is not asked for"),
        ("...gamma.copy()...", "...'gamma': gamma}", "the cache may hold gamma itself"),
        ("wide_... = np.broadcast_to(...", "wide_... = ...reshape(-1, 1, 1)", BROADCAST),
        ("wide_<1>, x.shape)", "wide_<1>, x_hat.shape)", LIKE),
        ("wide_beta = <1>, x.shape)", "wide_beta = <1>, wide_gamma.shape)", LIKE),
    ),
    *same(
        "ex06_conv",
        "batchnorm2d_backward",
        ("...(0, 2, 3)...", "...(0, -2, 3)...", FOUR_AXES),
        ("<1>.reshape(1, -1<2>", "<1>.reshape(1, -2<2>", GUESSED),
        ("<1>.reshape(-1, len(gamma))", "<1>.reshape(-2, len(gamma))", GUESSED),
        ("up, hat = <1>.reshape(c, -1)<2>", "up, hat = <1>.reshape(c, -2)<2>", GUESSED),
        ("...reshape(1, -1, 1, 1)...", "...reshape(-1, 1, 1)...", NO_PLACE),
        (
            "x_hat, inv_std, gamma = ...",
            "x_hat, inv_std, gamma = (cache['x_hat'], cache['gamma'], cache['inv_std'])",
            PRODUCT,
        ),
        ("m = dy.size / dy.shape[1]", "m = dy.size // dy.shape[1]", WHOLE_NUMBER),
        ("m = dy.size // dy.shape[1]", "m = dy.size / dy.shape[1]", WHOLE_NUMBER),
        ("m = dy.size /... dy.shape[1]", "m = x_hat.size /... dy.shape[1]", SAME_SHAPE),
        ("m = dy.size /... dy.shape[1]", "m = dy.size /... x_hat.shape[1]", SAME_SHAPE),
        ("dx = dx_hat * r...", "dx_hat *= r...", OWN),
        ("dx = inv_std...", "dx_hat -= first...", OWN),
        (
            "centred = x_hat / r",
            "centred = -(x_hat / r)",
            TWICE,
        ),
        (
            "centred = x_hat / r",
            "centred = -x_hat / r",
            TWICE,
        ),
        (
            "centred = x_hat / r",
            "centred = x_hat / -r",
            TWICE,
        ),
        (
            "return (dx, np.einsum(...dy, x_hat)...",
            "return (dx, np.einsum(...x_hat, dy)...",
            COMMUTES,
        ),
        ("m = len(hat)", "m = len(up)", SAME_SHAPE),
        ("...up @ hat...", "...hat @ up...", COMMUTES),
        ("...jacobian @ up...", "...up @ (...jacobian)...", "the Jacobian is symmetric"),
        ("...np.ones((m, m))...", "...np.ones((m,))...", BROADCAST),
        *(
            ("dx, dgamma, dbeta = (...", f"dx, dgamma, dbeta = ({changed})", reason)
            for changed, reason in (
                ("np.ones(dy.shape), np.zeros(len(gamma)), np.zeros(len(gamma))", WRITTEN),
                ("np.zeros(dy.shape), np.ones(len(gamma)), np.zeros(len(gamma))", WRITTEN),
                ("np.zeros(dy.shape), np.zeros(len(gamma)), np.ones(len(gamma))", WRITTEN),
                ("np.zeros(x_hat.shape), np.zeros(len(gamma)), np.zeros(len(gamma))", SAME_SHAPE),
                ("np.zeros(dy.shape), np.zeros(len(inv_std)), np.zeros(len(gamma))", SAME_SHAPE),
                ("np.zeros(dy.shape), np.zeros(len(gamma)), np.zeros(len(inv_std))", SAME_SHAPE),
            )
        ),
        ("for c in range(dy.shape[1]):", "for c in range(dx.shape[1]):", SAME_SHAPE),
        ("for c in range(dy.shape[1]):", "for c in range(x_hat.shape[1]):", SAME_SHAPE),
        (
            "dx[:, c] = <1>.reshape(dy[:, c].shape)",
            "dx[:, c] = <1>.reshape(x_hat[:, c].shape)",
            SAME_SHAPE,
        ),
        (
            "dx[:, c] = <1>.reshape(dy[:, c].shape)",
            "dx[:, c] = <1>.reshape(dx[:, c].shape)",
            SAME_SHAPE,
        ),
        (
            "dx[:, c] = <1>.reshape(dy[:, c].shape)",
            "dx[:, c] = <1>.reshape(dy[:, -c].shape)",
            SAME_SHAPE,
        ),
        ("...len(gamma))", "...len(inv_std))", SAME_SHAPE),
        ("dx = ...len(rows)...", "dx = ...len(hats)...", SAME_SHAPE),
        ("...swapaxes(0, 1)...", "...swapaxes(1, 0)...", "two axes are exchanged in either order"),
        ("m = up.shape[1]", "m = up.shape[-1]", SAME_AXIS),
        ("m = up.shape[1]", "m = hat.shape[1]", SAME_SHAPE),
        ("c = dy.shape[1]", "c = x_hat.shape[1]", SAME_SHAPE),
    ),
    *same(
        "ex06_conv",
        "normalize",
        ("...(var + eps)...", "var += eps...", OWN),
        ("flat = centred /...", "centred /=...", OWN),
        ("return ...square - mean * mean...", "square -= mean * mean...", OWN),
        ("...reshape(..., -1)", "...reshape(..., -2)", GUESSED),
        (
            "kept = [1 if axis in axes <1>",
            "kept = [size for axis, size in enumerate(x.shape)]",
            AGAIN,
        ),
        (
            "kept = [1 if axis in axes <1>",
            "kept = [1 if False <1>",
            AGAIN,
        ),
        (
            "kept = [1 if axis in axes <1>",
            "kept = [2 if axis in axes <1>",
            AGAIN,
        ),
        (
            "kept = [1 if axis in axes <1>",
            "kept = [1 if axes in axes <1>",
            "a tuple is not in itself, and so " + AGAIN,
        ),
        ("kept = <1>(x.shape)]", "kept = <1>(x_hat.shape)]", LIKE),
        ("x_hat = np.zeros(x.shape)", "x_hat = np.ones(x.shape)", WRITTEN),
        ("x_hat[part] = ...", "x_hat[part] = ...keepdims=True...", BROADCAST),
        ("", "mean, square = (mean.mean(axis=axis, ...", EQUAL),
        (
            "mean, square = (mean.mean(axis=axis, <1>",
            "mean, square = (mean.mean(axis=axes, <1>",
            EQUAL,
        ),
        (
            "<1>square.mean(axis=axis, keepdims=True))",
            "<1>square.mean(axis=axes, keepdims=True))",
            EQUAL,
        ),
    ),
    *same(
        "ex06_conv",
        "group_norm",
        ("...", "var += eps...", OWN),
        ("...reshape(..., -1)", "...reshape(..., -2)", GUESSED),
        (
            "grouped = x.reshape(x.shape[0], groups, -1)",
            "grouped = x.reshape(groups, x.shape[0], -1)",
            "each row of the last axis is the same group of the same sample",
        ),
        (
            "size = x.shape[1] // groups",
            "size = (x.shape[1] + 1) // groups",
            "it differs with one group only, whose slice ends at C all the same",
        ),
        ("x_hat = np.zeros(x.shape)", "x_hat = np.ones(x.shape)", WRITTEN),
        ("for ... in range(...x.shape...", "for ... in range(...x_hat.shape...", LIKE),
        (
            "for start in range(0, x.shape[1], size):",
            "for start in range(0, x.shape[1] + 1, size):",
            "the block past the end is empty",
        ),
        ("x_hat[n, start...", "x_hat[n, start...keepdims=True...", BROADCAST),
        ("mean, var = (block...", "mean, var = (block...(1, -2, 3)...", FOUR_AXES),
        ("return (centred / ...", "centred /= ...", OWN),
        (
            "var = np.einsum('rm,rm->r', centred, centred)...",
            "var = np.einsum('rm,rm->r', rows, centred)...",
            DEVIATIONS,
        ),
        (
            "var = np.einsum('rm,rm->r', centred, centred)...",
            "var = np.einsum('rm,rm->r', centred, rows)...",
            DEVIATIONS,
        ),
        ("...rows.shape[1]", "...rows.shape[-1]", SAME_AXIS),
        ("...rows.shape[1]", "...centred.shape[1]", LIKE),
        (
            "centred = rows - rows.mean(axis=1<1>",
            "centred = rows - rows.mean(axis=-1<1>",
            SAME_AXIS,
        ),
        (
            "mean, var = (np.repeat(mean, size, axis=1<1>",
            "mean, var = (np.repeat(mean, size, axis=-1<1>",
            SAME_AXIS,
        ),
        ("mean, var = <1>axis=1))", "mean, var = <1>axis=-1))", SAME_AXIS),
        ("size = c // groups", "c //= groups...", "c is the function's own, and is not read again"),
        ("", "means, variances = (means.reshape(n, groups, size)...", "it has this shape already"),
        (
            "means, variances = (x.mean...",
            "means, variances = (...keepdims=True...",
            "the reshape that follows drops the axes of length 1",
        ),
        ("means, variances = (x.mean...", "means, variances = (...(-2, 3)...", FOUR_AXES),
        (
            "n, c = x.shape[:2]",
            "n, c = x.shape[:-2]",
            "of four axes, the first two are those before the last two",
        ),
    ),
)
