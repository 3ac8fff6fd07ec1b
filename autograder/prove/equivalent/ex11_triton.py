"""Mutants of ex11_triton that are right."""

from autograder.prove.equivalent.model import LIKE, SQUARED, WRITTEN, same

REBOUND = "the name that is changed is not read again"
WIDENED = "half precision minus a float32 number, or times one, is float32"
MASKED = "what stands in lanes without a value is not used"
REMAINDER = "a remainder has the sign of the number that is divided"
ANY_BLOCK = "BLOCK is any power of two up to 8192"
WARPS = "how many warps share the work is of the caller's choice"
GRID = "axes of the grid that are left out have one program"
ONE_DEVICE = "all tensors lie on one device"
FLOAT32 = "float32 is what torch makes by itself"
OF_X = "both have x's shape and dtype, and no gaps"
SIZES = "both have the same sizes"
FLAT = "the order in memory is the same, and no more is used of the shape than the last length"
WHOLE = "a copy in float32 holds the same numbers, and what is returned is converted"
RETURNED = "y and dx may be returned in any layout"
TWICE = "it has no gaps already"
EQUAL_ROWS = "all samples and channels are equally long"

IN_PLACE = (
    ("M = N * L", "N *= L\nM = N", REBOUND),
    ("m = start + lanes", "start += lanes\nm = start", REBOUND),
)
REMAINDERS = (
    ("at = (m // L * C + c) * L + m % L", "at = (m // L * C + c) * L + m % -L", REMAINDER),
)


def loaded(name, tail):
    """Return the lines that load a block before a change, and after it."""
    before = f"{name} = tl.load({name}_ptr + at, mask=m < M, other=0.0).to(tl.float32)"
    return before, f"{name} = tl.load({name}_ptr + at, mask=m < M{tail}"


def second_loop(name, tail):
    """Return the pattern of a backward kernel that loads a block so in its second loop."""
    lines = [loaded(name, tail)[1], "x_hat = ..."]
    if name == "dy":
        lines.insert(1, loaded("x", "")[0])
    return "..." + "\n        ".join(lines)


IN_WIDE = ", other=0.0)"
NO_OTHER = ").to(tl.float32)"
OTHER = ", other=1.0).to(tl.float32)"


def blocks():
    """Return the changes of BLOCK in the solution that leave a power of two."""
    sizes = ("N + L", "N ** L", "N", "L", "L * L", "C * L", "N * N", "N * C")
    after = [f"min(triton.next_power_of_2({size}), 4096)" for size in sizes]
    after += ["4096", "min(4096, triton.next_power_of_2(N * L))"]
    after += ["min(triton.next_power_of_2(N * L), 1)"]
    before = "BLOCK = min(triton.next_power_of_2(N * L), 4096)"
    return [(before, f"BLOCK = {size}", ANY_BLOCK) for size in after]


def others(before, names, reason, *origin):
    """Return the changes of the one name, marked by braces, into others."""
    head, name, tail = before.replace("}", "{").split("{")
    return [(head + name + tail, head + other + tail, reason, *origin) for other in names]


TABLE = (
    *same(
        "ex11_triton",
        "forward_kernel",
        *IN_PLACE,
        ("mean = total / M", "total /= M\nmean = total", REBOUND),
        ("inv_std = <1>squares / M + <2>", "squares /= M\ninv_std = <1>squares + <2>", REBOUND),
        ("gamma = <1>_ptr + c)", "gamma_ptr += c\ngamma = <1>_ptr)", REBOUND),
        ("beta = <1>_ptr + c)", "beta_ptr += c\nbeta = <1>_ptr)", REBOUND),
        ("centred = <1>x - mean<2>", "x -= mean\ncentred = <1>x<2>", REBOUND),
        ("squares += <1>centred * centred)", "centred *= centred\nsquares += <1>centred)", REBOUND),
        *REMAINDERS,
        ("centred = tl.where(<1>)", "centred = -tl.where(<1>)", SQUARED),
        ("centred = <1>x - mean<2>", "centred = <1>mean - x<2>", SQUARED),
        (*loaded("x", IN_WIDE), WIDENED),
        (*loaded("x", NO_OTHER), MASKED),
        (*loaded("x", OTHER), MASKED),
    ),
    *same(
        "ex11_triton",
        "backward_kernel",
        *IN_PLACE,
        ("mean = <1>_ptr + c)", "mean_ptr += c\nmean = <1>_ptr)", REBOUND),
        ("inv_std = <1>_ptr + c)", "inv_std_ptr += c\ninv_std = <1>_ptr)", REBOUND),
        ("scale = <1>_ptr + c) * inv_std", "gamma_ptr += c\nscale = <1>_ptr) * inv_std", REBOUND),
        ("dgamma += <1>(x - mean)<2>", "x -= mean\ndgamma += <1>x<2>", REBOUND),
        ("x_hat = (x - mean)<1>", "x -= mean\nx_hat = x<1>", REBOUND),
        *REMAINDERS,
        (*loaded("x", IN_WIDE), WIDENED),
        (*loaded("x", OTHER), MASKED),
        (*loaded("x", NO_OTHER), MASKED, "solution", second_loop("x", NO_OTHER)),
        *(
            (*loaded("dy", tail), reason, "solution", second_loop("dy", tail))
            for tail, reason in ((IN_WIDE, WIDENED), (NO_OTHER, MASKED), (OTHER, MASKED))
        ),
    ),
    *same(
        "ex11_triton",
        "launch_forward",
        ("", "x = x.contiguous()", TWICE),
        *blocks(),
        ("mean = torch.empty(C, dtype=torch.float32, <1>", "mean = torch.empty(C, <1>", FLOAT32),
        *others("inv_std = torch.empty_like({mean})", ("gamma", "beta"), LIKE),
        *others("mean = torch.empty(<1>device={x}.device)", ("gamma", "beta", "y"), ONE_DEVICE),
        # launch_one_view_for_all
        ("kernel[grid](<1>, num_warps=8)", "kernel[grid](<1>)", WARPS),
        ("kernel[grid](<1>, num_warps=8)", "kernel[grid](<1>, num_warps=1)", WARPS),
        ("kernel[grid](<1>1024<2>", "kernel[grid](<1>1<2>", ANY_BLOCK),
        ("kernel[grid](<1>rows.shape[2]<2>", "kernel[grid](<1>y.shape[2]<2>", SIZES),
        ("<1> = torch.zeros<2>", "<1> = torch.ones<2>", WRITTEN),
        ("rows = x.reshape(N, C, -1)<1>", "rows = x.reshape(C, N, -1)<1>", FLAT),
        *others(
            "mean, inv_std = <1>device={x}.device)", ("gamma", "beta", "rows", "y"), ONE_DEVICE
        ),
        # launch_by_name
        (
            "<1> = (gamma.new_empty(<2>, dtype=torch.float32)<3>",
            "<1> = (gamma.new_empty(<2>)<3>",
            LIKE,
        ),
        *others("<1> = ({gamma}.new_empty(<2>", ("x", "beta", "rows", "out"), ONE_DEVICE),
        *others("<1>.new_empty({x}.size(1)<2>", ("rows", "out"), SIZES),
        *others("y = torch.empty_like({x})", ("rows", "out"), RETURNED),
        ("return (y.copy_(out), mean, inv_std)", "return (out, mean, inv_std)", RETURNED),
        (
            "return (y.copy_(out), mean, inv_std)",
            "return (out.copy_(out), mean, inv_std)",
            RETURNED,
        ),
        ("rows = <1>dtype=x.dtype, <2>", "rows = <1><2>", WHOLE),
        *others("rows = <1>dtype={x}.dtype<2>", ("gamma", "beta"), WHOLE),
        *others("rows = <1>device={x}.device<2>", ("gamma", "beta"), ONE_DEVICE),
        ("kernel[x.size(1), 1, 1]<1>", "kernel[x.size(1), 1]<1>", GRID),
        ("kernel[<1>BLOCK=256)", "kernel[<1>BLOCK=1)", ANY_BLOCK),
        *others("kernel[{x}.size(1), <1>", ("rows", "out"), SIZES),
        *others("kernel[<1>N={x}.size(0)<2>", ("rows", "out"), SIZES),
        *others("kernel[<1>C={x}.size(1)<2>", ("rows", "out"), SIZES),
        *others("kernel[<1>L={x}[0, 0]<2>", ("rows", "out"), SIZES),
        *others("kernel[<1>L=x[{0, 0}]<2>", ("-1, 0", "0, -1"), EQUAL_ROWS),
    ),
    *same(
        "ex11_triton",
        "launch_backward",
        ("", "dy, x = (dy.contiguous(), x.contiguous())", TWICE),
        *blocks(),
        (
            "dgamma = torch.empty(C, dtype=torch.float32, <1>",
            "dgamma = torch.empty(C, <1>",
            FLOAT32,
        ),
        ("dx = torch.empty_like(x)", "dx = torch.empty_like(dy)", OF_X),
        *others("dbeta = torch.empty_like({dgamma})", ("gamma", "mean", "inv_std"), LIKE),
        ("N, C = x.shape[:2]", "N, C = dy.shape[:2]", SIZES),
        ("L = x.numel() // (N * C)", "L = dy.numel() // (N * C)", SIZES),
        *others(
            "dgamma = torch.empty(<1>device={x}.device)",
            ("dy", "gamma", "mean", "inv_std", "dx"),
            ONE_DEVICE,
        ),
        # backward_launch_one_view_for_all
        ("<1> = torch.zeros<2>", "<1> = torch.ones<2>", WRITTEN),
        ("dx = torch.zeros_like(rows)", "dx = torch.zeros_like(upstream)", OF_X),
        ("kernel[C, 1](<1>, 512)", "kernel[C, 1](<1>, 1)", ANY_BLOCK),
        ("kernel[C, 1](<1>", "kernel[C,](<1>", GRID),
        ("N, C = (x.shape[0], x.shape[1])", "N, C = (dy.shape[0], x.shape[1])", SIZES),
        ("N, C = (x.shape[0], x.shape[1])", "N, C = (x.shape[0], dy.shape[1])", SIZES),
        ("<1>x.reshape(N, C, -1)<2>", "<1>x.reshape(C, N, -1)<2>", FLAT),
        *others(
            "<1>dy{.reshape(N, C, -1)}.contiguous())",
            (".reshape(C, -1)", ".reshape(N, -1)", "", ".reshape(C, N, -1)", ".reshape(N, -1, C)"),
            FLAT,
        ),
        *others(
            "dgamma, dbeta = torch.zeros(<1>device={x}.device)",
            ("dy", "gamma", "mean", "inv_std", "dx", "rows", "upstream"),
            ONE_DEVICE,
        ),
        *others("sizes = (N, C, {rows}.shape[2])", ("dx", "upstream"), SIZES),
        ("return (dx.reshape(x.shape), <1>", "return (dx.reshape(dy.shape), <1>", SIZES),
        # backward_launch_by_name
        ("out = torch.empty_like(rows)", "out = torch.empty_like(upstream)", OF_X),
        ("kernel[x.size(1), 1, 1]<1>", "kernel[x.size(1), 1]<1>", GRID),
        ("return (torch.empty_like(x).copy_(out), <1>", "return (out, <1>", RETURNED),
        *others(
            "return (torch.empty_like({x}).copy_(out), <1>",
            ("dy", "out", "rows", "upstream"),
            RETURNED,
        ),
        *others("<1>(torch.empty_like({gamma}) for <2>", ("mean", "inv_std"), LIKE),
        ("kernel[<1>BLOCK=128)", "kernel[<1>BLOCK=1)", ANY_BLOCK),
        ("rows, upstream = <1>dtype=x.dtype, <2>", "rows, upstream = <1><2>", WHOLE),
        *others("rows, upstream = <1>dtype={x}.dtype<2>", ("gamma", "mean", "inv_std"), WHOLE),
        *others("rows, upstream = <1>dtype={x}.dtype<2>", ("dy", "each"), OF_X),
        *others(
            "rows, upstream = <1>device={x}.device<2>",
            ("dy", "gamma", "mean", "inv_std", "each"),
            ONE_DEVICE,
        ),
        *others("rows, upstream = <1>.empty({x}.shape<2>", ("dy", "each"), SIZES),
        *others("kernel[{x}.size(1), <1>", ("dy", "out", "rows", "upstream"), SIZES),
        *others("kernel[<1>N={x}.size(0)<2>", ("dy", "out", "rows", "upstream"), SIZES),
        *others("kernel[<1>C={x}.size(1)<2>", ("dy", "out", "rows", "upstream"), SIZES),
        *others("kernel[<1>L={x}[0, 0]<2>", ("dy", "out", "rows", "upstream"), SIZES),
        *others("kernel[<1>L=x[{0, 0}]<2>", ("-1, 0", "0, -1"), EQUAL_ROWS),
    ),
)
