"""Mutants of ex10_gpu that are right."""

from autograder.prove.equivalent.model import (
    BROADCAST,
    COMMUTES,
    LIKE,
    OWN,
    SAME_LENGTH,
    same,
)

ANY_ORDER = "axes are reduced in any order, and of four axes -2 is axis 2"
TWO_AXES = "two axes are exchanged or reduced in any order, and of four axes -2 is axis 2"
ONE_DTYPE = "all these tensors have the wide dtype"
OF_X = "dy has x's dtype"
WIDENED = "half precision minus a float32 tensor with dimensions is float32"
WHOLE = "x has a whole number of samples per channel"
DEFAULT = "this is what torch does by itself"
ONE_DEVICE = "all tensors lie on one device"
NO_PRODUCTS = "autocast leaves these operations in the dtype of their arguments"
NO_GRADIENT = "nothing here requires a gradient"
ALL_KEPT = "of x's shape and memory, the tensor is as right as the detached one"
OF_ANY = "which of two dtypes is named first makes no difference"
LENGTH_1 = "axes of length 1 are not marked, here and everywhere"
REBOUND = "momentum is a number, so that its name is bound to a new tensor"
NEAR = "taken from any point that is not far from x, the sums are right after their correction"
TWO = "of two, -1 is 1"
THREE = "mean and inv_std have the same dtype; of three, -1 is 2"
LISTED = "a list of the two sums holds the same"
RESIZED = "memory of another shape is made as large as it must be, and laid out like x"
REPLACED = "the first replica with samples replaces whatever the mean and the variance start from"
NOTHING = "it is multiplied by a share of 0"
NO_SAMPLES = "a replica with a share has samples, and one with samples has a share"
NOT_LESS = "it is never negative, and NaN is not greater than 0 either"
ONE_ROW = "there is one row, so that the first is the last"
VECTOR = "counts have one axis"
ROUNDING = "below 0 the variance is by rounding only, which is less than the digits asked for"
INTEGERS = "an integer tensor is converted when it is divided or multiplied by a float32 one"
CLONED = "a clone of a clone holds the same"

AXES = tuple(
    (f"<1>{left}0, 2, 3{right}<2>", f"<1>{left}{axes}{right}<2>", ANY_ORDER)
    for left, right in ("()", "[]")
    for axes in ("2, 0, 3", "0, 3, 2", "0, -2, 3")
)

TABLE = (
    *same(
        "ex10_gpu",
        "batchnorm_train",
        *AXES,
        *(
            ("<1>weight.dtype<2>", f"<1>{other}.dtype<2>", ONE_DTYPE)
            for other in ("bias", "running_mean", "running_var")
        ),
        ("<1>x.to(weight.dtype).var(<2>", "<1>x.to(mean.dtype).var(<2>", ONE_DTYPE),
        ("unbiased = x.to(weight.dtype).var(<1>", "unbiased = x.to(var.dtype).var(<1>", ONE_DTYPE),
        ("unbiased = x.to(weight.dtype).var(<1>", "unbiased = x.to(rows.dtype).var(<1>", ONE_DTYPE),
        *(
            ("wide = x.to(<1>(x.dtype, <2>", f"wide = x.to(<1>({other}.dtype, <2>", ONE_DTYPE)
            for other in ("weight", "bias", "running_mean", "running_var")
        ),
        ("<1>(x.dtype, torch.float32)<2>", "<1>(torch.float32, x.dtype)<2>", OF_ANY),
        ("y = (wide - <1>", "y = (x - <1>", WIDENED),
        ("count = x.numel() / x.shape[1]", "count = x.numel() // x.shape[1]", WHOLE),
        ("count = x.numel() // x.shape[1]", "count = x.numel() / x.shape[1]", WHOLE),
        ("<1>torch.addcmul(<2>, <3>, <4>)", "<1>torch.addcmul(<2>, <4>, <3>)", COMMUTES),
        ("torch.addcmul(<1>, <2>, <3>, out=y)", "torch.addcmul(<1>, <3>, <2>, out=y)", COMMUTES),
        ("inv_std = <1>", "var += eps\ninv_std = <2>", OWN, "plain_folded"),
        ("inv_std = <1>", "var += eps\ninv_std = <2>", OWN, "compilable"),
        ("inv_std = <1>", "squares /= count\ninv_std = <2>", OWN),
        ("inv_std = <1>", "unbiased *= 1 - x.shape[1] / x.numel()\ninv_std = <2>", OWN),
        (
            "running_var += momentum * (var - running_var)",
            "momentum *= var - running_var\nrunning_var += momentum",
            REBOUND,
        ),
        ("<1>, correction=1)", "<1>)", DEFAULT),
        ("<1>, unbiased=True)", "<1>)", DEFAULT),
        *(
            ("<1>torch.autocast(x.device<2>", f"<1>torch.autocast({other}.device<2>", ONE_DEVICE)
            for other in ("weight", "bias", "running_mean", "running_var")
        ),
        ("<1>torch.full_like(rows[0], <2>", "<1>torch.full_like(rows[-1], <2>", LIKE),
        ("<1>.mean((0, 2))", "<1>.mean((2, 0))", TWO_AXES),
        ("<1>.mean((0, 2))", "<1>.mean((0, -2))", TWO_AXES),
        ("<1>dim=(0, 2), <2>", "<1>dim=(2, 0), <2>", TWO_AXES),
        ("<1>.var((0, 2))<2>", "<1>.var((2, 0))<2>", TWO_AXES),
        ("<1>x.flatten(2)<2>", "<1>x.flatten(-2)<2>", TWO_AXES),
        ("<1>x.shape[2:]<2>", "<1>x.shape[-2:]<2>", TWO_AXES),
        ("<1>(x, mean.flatten(), inv_std))", "<1>(x, mean, inv_std))", LENGTH_1),
        ("<1>[None, :, None, None]<2>", "<1>[:, None, None]<2>", BROADCAST),
        ("<1>(x.detach(), mean, inv_std))", "<1>(x, mean, inv_std))", ALL_KEPT),
    ),
    *same(
        "ex10_gpu",
        "backward_sums",
        *AXES,
        ("<1>mean.dtype<2>", "<1>inv_std.dtype<2>", ONE_DTYPE),
        ("<1>mean.dtype<2>", "<1>product.dtype<2>", ONE_DTYPE, "solution"),
        ("<1>mean.dtype<2>", "<1>product.dtype<2>", ONE_DTYPE, "sums_in_wide"),
        ("<1>dtype=mean.dtype)", "<1>dtype=near.dtype)", ONE_DTYPE),
        ("with torch.no_grad(), torch.autocast(...):\n<1>", "<1>", NO_PRODUCTS),
        ("<1>.type, enabled=False):", "<1>.type):", NO_PRODUCTS),
        ("<1>.type, enabled=False):", "<1>.type, enabled=True):", NO_PRODUCTS),
        *(
            ("<1>device_type=dy.device<2>", f"<1>device_type={other}.device<2>", ONE_DEVICE)
            for other in ("x", "mean", "inv_std")
        ),
        ("<1>mean.reshape(1, -1, 1, 1)<2>", "<1>mean.reshape(-1, 1, 1)<2>", BROADCAST),
        *(
            ("near = x[0, :, 0, 0] + torch.zeros_like(mean)", f"near = {other}", NEAR)
            for other in (
                "x[0, :, 0, 0] - torch.zeros_like(mean)",
                "x[0, :, 0, 0] * torch.zeros_like(mean)",
                "torch.zeros_like(mean)",
                "-(x[0, :, 0, 0] + torch.zeros_like(mean))",
                "-x[0, :, 0, 0] + torch.zeros_like(mean)",
                "x[0, :, 0, 0] + mean",
                "dy[0, :, 0, 0] + torch.zeros_like(mean)",
                "x[0, :, 0, 0] + torch.ones_like(mean)",
                "x[0, :, 0, 0] + torch.zeros_like(inv_std)",
                "x[-1, :, 0, 0] + torch.zeros_like(mean)",
                "x[0, :, -1, 0] + torch.zeros_like(mean)",
                "x[0, :, 0, -1] + torch.zeros_like(mean)",
            )
        ),
        ("sums = torch.stack([<1>])", "sums = [<1>]", LISTED),
        ("<1>sums[1]<2>", "<1>sums[-1]<2>", TWO),
        ("<1>dtype=saved[1].dtype<2>", "<1>dtype=saved[2].dtype<2>", THREE),
        ("<1>dtype=saved[1].dtype<2>", "<1>dtype=saved[-1].dtype<2>", THREE),
    ),
    *same(
        "ex10_gpu",
        "backward_input",
        ("<1>.to(x.dtype)", "<1>.to(dy.dtype)", OF_X),
        ("<1>torch.addcmul(<2>, <3>, <4>)<5>", "<1>torch.addcmul(<2>, <4>, <3>)<5>", COMMUTES),
        ("torch.addcmul(<1>, <2>, <3>, out=dx)", "torch.addcmul(<1>, <3>, <2>, out=dx)", COMMUTES),
        ("<1>dx.addcmul_(<2>, <3>)<4>", "<1>dx.addcmul_(<3>, <2>)<4>", COMMUTES),
        ("with torch.no_grad():\n<1>", "<1>", NO_GRADIENT),
        *(
            ("dx = torch.empty_like(x, <1>", f"dx = torch.empty_like({other}, <1>", RESIZED)
            for other in "weight sum_dy sum_dy_x_hat count scale slope shift mean inv_std".split()
        ),
        *(
            ("dx = <1>mean.dtype)", f"dx = <1>{other}.dtype)", ONE_DTYPE)
            for other in "weight sum_dy sum_dy_x_hat scale slope shift inv_std".split()
        ),
        ("<1>.transpose(1, 3)<2>", "<1>.transpose(3, 1)<2>", TWO_AXES),
    ),
    *same(
        "ex10_gpu",
        "merge_statistics",
        (
            "<1>torch.where(share > 0, spread, 0)<2>",
            "<1>torch.where(spread > 0, spread, 0)<2>",
            NOT_LESS,
        ),
        ("<1>, strict=True):", "<1>):", SAME_LENGTH),
        ("<1>, strict=True):", "<1>, strict=False):", SAME_LENGTH),
        ("<1> = <1> + <2>", "<1> += <2>\n<1> = <1>", OWN),
        ("var = <1>", "delta **= 2\nvar = <2>", OWN),
        ("var = <1>", "near *= near\nvar = <2>", OWN),
        ("return <1>", "variances += (means - mean) ** 2\nreturn <2>", OWN, "masked_in_place"),
        ("return <1>", "means -= mean\nreturn <2>", OWN, "masked_in_place"),
        ("count = torch.zeros_like(counts[0])", "count = torch.zeros_like(counts[-1])", LIKE),
        *(
            ("mean, var = (<1>, torch.zeros_like(means[0]))", f"mean, var = (<1>, {other})", reason)
            for other, reason in (
                ("torch.ones_like(means[0])", REPLACED),
                ("torch.zeros_like(variances[0])", LIKE),
                ("torch.zeros_like(means[-1])", LIKE),
            )
        ),
        *(
            ("mean, var = (torch.zeros_like(means[0]), <1>)", f"mean, var = ({other}, <1>)", reason)
            for other, reason in (
                ("torch.ones_like(means[0])", REPLACED),
                ("torch.zeros_like(counts[0])", REPLACED),
                ("torch.zeros_like(variances[0])", LIKE),
                ("torch.zeros_like(means[-1])", LIKE),
            )
        ),
        (
            "delta = torch.where(n > 0, m - mean, 0)",
            "delta = torch.where(n > 0, m - mean, 1)",
            NOTHING,
        ),
        (
            "delta = torch.where(n > 0, m - mean, 0)",
            "delta = torch.where(n > 0, m - mean, -1)",
            NOTHING,
        ),
        ("<1>torch.where(n > 0, <2>", "<1>torch.where(share > 0, <2>", NO_SAMPLES),
        ("<1>counts.argmax(dim=0, keepdim=True)<2>", "<1>counts.argmax(keepdim=True)<2>", VECTOR),
        (
            "<1>counts.argmax(dim=0, keepdim=True)<2>",
            "<1>counts.argmax(dim=-1, keepdim=True)<2>",
            VECTOR,
        ),
        ("<1>counts.argmax(dim=0, keepdim=True)<2>", "<1>counts.argmax(dim=0)<2>", ONE_ROW),
        (
            "<1>counts.argmax(dim=0, keepdim=True)<2>",
            "<1>counts.argmax(dim=0, keepdim=False)<2>",
            ONE_ROW,
        ),
        ("<1>origin[0]<2>", "<1>origin[-1]<2>", ONE_ROW),
        ("<1>counts.sum(dtype=torch.int64)<2>", "<1>counts.sum()<2>", DEFAULT),
        ("<1>var.clamp(min=0))", "<1>var)", ROUNDING),
        ("<1>var.clamp(min=0))", "<1>var.clamp(min=-1))", ROUNDING),
        ("share = (counts.double() / <1>", "share = (counts / <1>", INTEGERS),
        ("<1>means.dtype<2>", "<1>variances.dtype<2>", "means and variances are float32"),
        ("<1>counts.to(means.dtype)<2>", "<1>counts<2>", INTEGERS),
        ("<1>counts.to(means.dtype)<2>", "<1>counts.to(counts.dtype)<2>", INTEGERS),
        ("", "means, variances = (means.clone(), variances.clone())", CLONED),
        ("means[counts == 0] = 0", "means[counts == 0] = 1", NOTHING),
        ("means[counts == 0] = 0", "means[counts == 0] = -1", NOTHING),
        ("variances.masked_fill_(<1>, 0)", "variances.masked_fill_(<1>, 1)", NOTHING),
        ("variances.masked_fill_(<1>, 0)", "variances.masked_fill_(<1>, -1)", NOTHING),
    ),
)
