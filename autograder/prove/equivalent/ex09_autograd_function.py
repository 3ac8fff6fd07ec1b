"""Mutants of ex09_autograd_function that are right."""

from autograder.prove.equivalent.model import (
    BROADCAST,
    CENTRED,
    COMMUTES,
    OWN,
    SAME_AXIS,
    SAME_LENGTH,
    SAME_SHAPE,
    SQUARED,
    same,
)

STATIC = "the methods are called on the class, where staticmethod makes no difference"
ADDED_UP = "autograd adds a gradient up over the axes along which its input was broadcast"
CENTRED_TWICE = (
    "what is centred stays as it is when it is centred again, and the means are the same"
)
SYMMETRIC = "this matrix is symmetric"
NO_VMAP = "whether vmap can be used is not asked"
NO_THIRD = "third derivatives are not asked for"
NUMBERED = "of four, -2 is 2"
COMPUTED = "what is computed without need may be returned too"
SAME_DTYPE = "all have the same dtype"
DTYPE_OF_X = "computing in the dtype of x is right as well"
WIDE_TWICE = "what is float64 stays as it is"
FLOAT = "eps is a float already, or any number"
PASSED_ON = "gradients of the further outputs come from autograd, and nobody else has them"
DETACHED_TWICE = "a second detached tensor takes the place of the first"
RETAINED = "create_graph=True retains the graph as well"
ONLY_ONE = "there is one, so that the first is the last"
ANY_SHAPE = "one number may be in a tensor of any shape, and all entries are added up"
ONES = "ones are the same in float32"

LENGTHS = (  # the start of a line, and whose length may stand there for that of x
    ("n = ", "dy centred x_hat"),
    ("dx = weight * inv_std * (dy - (dbias + x_hat * dweight) / ", "dy x_hat"),
    ("dx = dx + (dmean - dinv_std * inv_std ** 2 * x_hat) / ", "dy dx x_hat"),
    ("dx -= x_hat * (dweight / ", "dy centred x_hat dx"),
    ("ctx.options = {'eps': eps, 'samples': ", "x_wide"),
    ("std = torch.sqrt(torch.einsum('nc,nc->c', centred, centred) / ", "centring centred"),
    ("jacobian = centring - torch.outer(x_hat[:, c], x_hat[:, c]) / ", "dy x_hat centring"),
    ("return (dx, (dy * x_hat).sum(0), torch.ones(", "dy dx x_hat centring jacobian"),
    ("centred = x[:, c] - x[:, c].sum() / ", "y dy"),
    ("inner = dy_c - dy_c.mean() - x_hat * dweight[-1] / ", "dy centred x_hat dy_c"),
    ("inv_std = (centred @ centred / ", "dy centred"),
    ("y[:, c] = weight[c] * centred / (centred @ centred / ", "y centred"),
)

TABLE = (
    *same(
        "ex09_autograd_function",
        "BatchNormFunction",
        ("@staticmethod", "", STATIC),
        ("generate_vmap_rule = True", "", NO_VMAP),
        ("generate_vmap_rule = True", "generate_vmap_rule = False", NO_VMAP),
        ("@torch.autograd.function.once_differentiable", "", NO_THIRD),
        # Axes of length 1, and what autograd adds up.
        ("<1>dim=0)<2>", "<1>dim=0, keepdims=True)<2>", BROADCAST),
        ("<1>(0)<2>", "<1>(0, keepdims=True)<2>", BROADCAST),
        ("<1>unbiased=False)<2>", "<1>unbiased=False, keepdims=True)<2>", BROADCAST),
        ("<1>keepdim=True<2>", "<1>keepdim=False<2>", BROADCAST),
        ("<1>, keepdim=True<2>", "<1><2>", BROADCAST),
        ("return (dx, dweight, dbias<1>", "return (dx, dweight, dy<1>", ADDED_UP),
        ("return (<1>, dy.sum(dim=0), None)", "return (<1>, dy, None)", ADDED_UP),
        ("return (<1>, dy.sum(0), None)", "return (<1>, dy, None)", ADDED_UP),
        ("return (<1>, dy, None)", "return (<1>, total, None)", ADDED_UP),
        ("return (dx, (dy * x_hat).sum(<1>), <2>", "return (dx, dy * x_hat, <2>", ADDED_UP),
        ("return (<1>, torch.ones(...) @ dy, None)", "return (<1>, dy, None)", ADDED_UP),
        ("d<1> = torch.sum(<2>, dim=0)", "d<1> = <2>", ADDED_UP),
        ("to_weight = <1>.sum(dim=0)", "to_weight = <1>", ADDED_UP),
        # Lengths, axes, dtypes.
        *(
            (f"{line}len(x)<1>", f"{line}len({name})<1>", SAME_LENGTH)
            for line, names in LENGTHS
            for name in names.split()
        ),
        *(("<1>len(dy)", f"<1>len({name})", SAME_LENGTH) for name in ("dx_hat", "inner", "x_hat")),
        ("M = x.shape[0]", "M = dy.shape[0]", SAME_SHAPE),
        ("for c in range(x.shape[1]):", "for c in range(dy.shape[1]):", SAME_SHAPE),
        ("for c in range(x.shape[1]):", "for c in range(y.shape[1]):", SAME_SHAPE),
        (
            "for c in range(x.shape[1]):",
            "for c in range(x_hat.shape[1]):",
            SAME_SHAPE,
            "jacobian_of_each_channel",
        ),
        ("for c in range(x.shape[1]):", "for c in range(x.shape[-1]):", SAME_AXIS),
        ("<1>torch.stack(columns, dim=1)", "<1>torch.stack(columns, dim=-1)", SAME_AXIS),
        ("<1>torch.stack(dx, 1)<2>", "<1>torch.stack(dx, -1)<2>", SAME_AXIS),
        *(
            ("<1>dtype=dy.dtype<2>", f"<1>dtype={name}.dtype<2>", SAME_DTYPE)
            for name in ("centring", "dx", "jacobian", "std", "weight", "x", "x_hat")
        ),
        ("return <1>.to(x.dtype)", "return <1>.to(weight.dtype)", SAME_DTYPE),
        ("return <1>.to(x.dtype)", "return <1>.to(bias.dtype)", SAME_DTYPE),
        ("x_wide = x.double()", "x_wide = x", DTYPE_OF_X),
        ("<1>x_wide<2>", "<1>x<2>", DTYPE_OF_X),
        ("x, dy = (x.double(), dy.contiguous().double())", "", DTYPE_OF_X),
        ("x, dy = (x.double(), <1>)", "x, dy = (x, <1>)", DTYPE_OF_X),
        ("x, dy = (<1>, dy.contiguous().double())", "x, dy = (<1>, dy.contiguous())", DTYPE_OF_X),
        (
            "x, dy = (<1>, dy.contiguous().double())",
            "x, dy = (<1>, dy.double())",
            "dy may lie in memory in any way",
        ),
        ("", "x, dy = (x.double(), dy.contiguous().double())", WIDE_TWICE),
        ("ctx.eps = float(eps)", "ctx.eps = eps", FLOAT),
        # What is computed where there is no need.
        ("if needs[<1>]:\n<2>", "<2>", COMPUTED),
        ("if needs[<1>]:", "if needs:", COMPUTED),
        ("if needs[0]:", "if inv_std[0]:", COMPUTED),
        ("if needs[1]:", "if inv_std[1]:", COMPUTED),
        ("if needs[2]:", "if needs[-2]:", NUMBERED),
        # Products, squares, sums that are 0.
        (
            "<1>torch.einsum('nc,nc->c', dy, x_hat)<2>",
            "<1>torch.einsum('nc,nc->c', x_hat, dy)<2>",
            COMMUTES,
        ),
        ("return torch.addcmul(<1>, <2>, <3>)", "return torch.addcmul(<1>, <3>, <2>)", COMMUTES),
        ("<1>torch.addcmul(<2>, dy, a)", "<1>torch.addcmul(<2>, a, dy)", COMMUTES),
        ("<1>torch.addcmul(c, x, k)<2>", "<1>torch.addcmul(c, k, x)<2>", COMMUTES),
        ("dweight.append(dy_c @ x_hat)", "dweight.append(x_hat @ dy_c)", COMMUTES),
        ("<1>(jacobian @ dy[:, c])<2>", "<1>(dy[:, c] @ jacobian)<2>", SYMMETRIC),
        ("<1>(x - mean).square()<2>", "<1>(mean - x).square()<2>", SQUARED),
        ("<1>torch.mean(centred * centred<2>", "<1>torch.mean(x * centred<2>", CENTRED),
        ("<1>torch.mean(centred * centred<2>", "<1>torch.mean(centred * x<2>", CENTRED),
        ("<1>'nc,nc->c', centred, centred<2>", "<1>'nc,nc->c', x, centred<2>", CENTRED),
        ("<1>'nc,nc->c', centred, centred<2>", "<1>'nc,nc->c', centred, x<2>", CENTRED),
        ("", "y -= y.mean(dim=0)", CENTRED_TWICE),
        ("y -= y.mean(dim=0)", "y -= x.mean(dim=0)", CENTRED_TWICE),
        ("centred -= x.mean(dim=0)", "centred -= centred.mean(dim=0)", CENTRED_TWICE),
        ("dx -= dy.mean(dim=0)", "dx -= dx.mean(dim=0)", CENTRED_TWICE),
        # In place.
        ("return weight * (centred <1>", "centred <2>\nreturn weight * centred + bias", OWN),
        ("<1>torch.rsqrt(var + <2>", "var += <3>\n<1>torch.rsqrt(var)<4>", OWN),
        (
            "return torch.addcmul(bias - mean * scale, <1>",
            "mean *= scale\nreturn torch.addcmul(bias - mean, <1>",
            OWN,
        ),
        (
            "dx = weight * inv_std * <1>",
            "x_hat *= dweight\ndx = weight * inv_std * <2>",
            OWN,
            "second_function",
        ),
        ("dx = dx + <1>", "dx += <1>\ndx = dx", OWN),
        ("inner = dx_hat - <1>", "dx_hat -= <2>\ninner = dx_hat - <3>", OWN),
        ("dx = <1>", "dinv_std *= inv_std ** 2\ndx = <2>", PASSED_ON),
        ("dx_hat = dx_hat + weight * dy", "dx_hat += weight * dy\ndx_hat = dx_hat", PASSED_ON),
    ),
    *same(
        "ex09_autograd_function",
        "gradient_penalty",
        ("", "x = x.detach().requires_grad_()", DETACHED_TWICE),
        ("<1>dim=1)<2>", "<1>dim=1, keepdims=True)<2>", BROADCAST),
        ("<1>dim=1)<2>", "<1>dim=-1)<2>", SAME_AXIS),
        ("<1>.sum(1).mean(0)", "<1>.sum(1).mean(0, keepdims=True)", ANY_SHAPE),
        ("<1>.sum(1).mean(0)", "<1>.sum(1, keepdims=True).mean(0)", ANY_SHAPE),
        ("<1>.sum(1).mean(0)", "<1>.sum(1).mean(-1)", ONLY_ONE),
        ("<1>.sum(1).mean(0)", "<1>.sum(-1).mean(0)", SAME_AXIS),
        ("gradient = <1>", "gradient = -<1>", SQUARED),
        ("scores = model(x + step)", "scores = -model(x + step)", SQUARED),
        ("scores = model(x + step)", "scores = model(x - step)", SQUARED),
        ("scores = model(x + step)", "scores = model(x + -step)", SQUARED),
        ("ones = torch.ones_like(scores)", "ones = -torch.ones_like(scores)", SQUARED),
        ("<1>, retain_graph=True<2>", "<1><2>", RETAINED),
        ("gradient = <1>[0]", "gradient = <1>[-1]", ONLY_ONE),
        ("<1>len(x)", "<1>len(gradient)", SAME_LENGTH),
        ("<1>torch.ones(len(x), dtype=x.dtype)<2>", "<1>torch.ones(len(x))<2>", ONES),
        ("return <1>.reshape(1) / <2>", "return <1> / <2>", ANY_SHAPE),
        ("return <1>.reshape(1) / <2>", "return <1>.reshape(-1) / <2>", ANY_SHAPE),
        ("return gradient.flatten()<1>", "return gradient<1>", ANY_SHAPE),
        ("<1>x.shape[:1]<2>", "<1>x.shape[:-1]<2>", "of two, -1 is 1"),
        ("<1>x.shape[:1]<2>", "<1>_.shape[:1]<2>", SAME_LENGTH),
        ("<1>x.shape[:1]<2>", "<1>gradient.shape[:1]<2>", SAME_LENGTH),
    ),
)
