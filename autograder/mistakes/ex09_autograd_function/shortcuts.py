"""Functions that let something else do the work."""

from autograder.mistakes.ex09_autograd_function.plain import Functions

CATALOGUE = Functions()
slip = CATALOGUE.slip

FORWARD = """
mean = x.mean(dim=0)
var = (x - mean).square().mean(dim=0)
inv_std = 1 / torch.sqrt(var + eps)
x_hat = (x - mean) * inv_std
ctx.save_for_backward(x, weight)
ctx.eps = eps
return weight * x_hat + bias
"""
BACKWARD = """
mean = x.mean(dim=0)
var = (x - mean).square().mean(dim=0)
inv_std = 1 / torch.sqrt(var + eps)
x_hat = (x - mean) * inv_std
dbias = dy.sum(dim=0)
dweight = (dy * x_hat).sum(dim=0)
dx = weight * inv_std * (dy - dbias / len(x) - x_hat * dweight / len(x))
return dx, dweight, dbias, None
"""

slip(
    "functional_batch_norm",
    "Calls torch.nn.functional.batch_norm.",
    fails="batch_of_one plain",
    hint="forward calls torch.nn.functional.batch_norm, which does the work that is to be done here, and "
    "refuses a batch of one. Write it from sums, products and roots.",
    edits=[
        (
            FORWARD,
            """
ctx.save_for_backward(x, weight)
ctx.eps = eps
return torch.nn.functional.batch_norm(x, None, None, weight, bias, training=True, eps=eps)
""",
        )
    ],
)

slip(
    "native_batch_norm",
    "Calls torch.native_batch_norm and the operation for its gradient.",
    fails="plain",
    hint="torch's own batch norm runs in forward, and the operation for its gradient in backward. Write both "
    "from sums, products and roots.",
    edits=[
        (
            FORWARD,
            """
y, _, _ = torch.native_batch_norm(x, weight, bias, None, None, True, 0.0, eps)
ctx.save_for_backward(x, weight, bias)
ctx.eps = eps
return y
""",
        ),
        ("x, weight = ctx.saved_tensors", "x, weight, bias = ctx.saved_tensors"),
        (
            BACKWARD,
            """
_, mean, inv_std = torch.native_batch_norm(x, weight, bias, None, None, True, 0.0, eps)
gradients = torch.ops.aten.native_batch_norm_backward(
    dy, x, weight, None, None, mean, inv_std, True, eps, [True, True, True]
)
return *gradients, None
""",
        ),
    ],
)

slip(
    "layer_norm_of_the_transpose",
    "Calls layer_norm on x transposed.",
    fails="plain",
    hint="layer_norm of the transposed x does the work. Write it from sums, products and roots.",
    edits=[
        (
            FORWARD,
            """
x_hat = torch.nn.functional.layer_norm(x.t(), (len(x),), eps=eps).t()
ctx.save_for_backward(x, weight)
ctx.eps = eps
return weight * x_hat + bias
""",
        )
    ],
)

slip(
    "autograd_in_backward",
    "Runs forward again in backward, and autograd through it.",
    fails="plain",
    hint="backward runs the forward pass again and lets autograd differentiate it. That is a fine way to "
    "save memory, and derives nothing: write the closed form.",
    edits=[
        (
            BACKWARD,
            """
with torch.enable_grad():
    bias = torch.zeros_like(weight, requires_grad=True)
    x, weight = (t if t.requires_grad else t.detach().requires_grad_() for t in (x, weight))
    mean = x.mean(dim=0)
    inv_std = 1 / torch.sqrt((x - mean).square().mean(dim=0) + eps)
    y = weight * (x - mean) * inv_std + bias
    return *torch.autograd.grad(y, (x, weight, bias), dy, create_graph=True), None
""",
        )
    ],
)

slip(
    "jacobian_by_forward_mode",
    "Takes Jacobians of forward by torch.func.jacfwd in backward.",
    fails="plain",
    hint="backward lets autograd differentiate the forward pass in forward mode, as torch.func.jvp and "
    "jacfwd do. That derives nothing: write the closed form.",
    edits=[
        (
            BACKWARD,
            """
def forward(x, weight):
    mean = x.mean(dim=0)
    inv_std = 1 / torch.sqrt((x - mean).square().mean(dim=0) + eps)
    return weight * (x - mean) * inv_std
jacobians = torch.func.jacfwd(forward, argnums=(0, 1))(x, weight)
dx, dweight = (torch.tensordot(dy, jacobian, 2) for jacobian in jacobians)
return dx, dweight, dy.sum(dim=0), None
""",
        )
    ],
)

slip(
    "autograd_of_detached_copies",
    "Runs forward again on detached copies, and autograd through it.",
    fails="plain second_dy second_weight second_x second_whole",
    hint="backward runs the forward pass again on detached copies and lets autograd differentiate it: "
    "nothing is derived, and no history leads on to a second derivative. Write the closed form.",
    edits=[
        (
            BACKWARD,
            """
with torch.enable_grad():
    bias = torch.zeros_like(weight, requires_grad=True)
    x, weight = x.detach().requires_grad_(), weight.detach().requires_grad_()
    mean = x.mean(dim=0)
    inv_std = 1 / torch.sqrt((x - mean).square().mean(dim=0) + eps)
    y = weight * (x - mean) * inv_std + bias
return *torch.autograd.grad(y, (x, weight, bias), dy), None
""",
        )
    ],
)

slip(
    "graph_kept_on_ctx",
    "Records forward with autograd, and keeps the recording on ctx.",
    fails="saved budget plain second_dy second_weight second_x second_whole",
    hint="forward records itself with autograd, and ctx keeps the recording for backward to run through. "
    "Nothing is derived, all steps stay in memory, and there is no second derivative.",
    edits=[
        (
            BACKWARD,
            "return *torch.autograd.grad(ctx.y, ctx.inputs, dy, retain_graph=True), None",
        ),
        (
            FORWARD,
            """
with torch.enable_grad():
    ctx.inputs = [t.detach().requires_grad_() for t in (x, weight, bias)]
    x, weight, bias = ctx.inputs
    mean = x.mean(dim=0)
    inv_std = 1 / torch.sqrt((x - mean).square().mean(dim=0) + eps)
    ctx.y = weight * (x - mean) * inv_std + bias
return ctx.y.detach()
""",
        ),
        ("x, weight = ctx.saved_tensors\neps = ctx.eps\n", ""),
    ],
)

slip(
    "no_function_at_all",
    "Overrides apply by plain operations.",
    fails="budget plain",
    hint="apply was overridden and runs operations that autograd records, so that neither forward nor "
    "backward is used. Leave apply as it is inherited.",
    edits=[
        (
            "@staticmethod\ndef forward",
            """
@classmethod
def apply(cls, x, weight, bias, eps):
    mean = x.mean(dim=0)
    inv_std = 1 / torch.sqrt((x - mean).square().mean(dim=0) + eps)
    return weight * (x - mean) * inv_std + bias

@staticmethod
def forward
""",
        )
    ],
)

slip(
    "affine_around_the_function",
    "Leaves weight and bias to autograd.",
    fails="budget plain",
    hint="weight and bias are applied outside the Function, where autograd differentiates them. The Function "
    "is to do all of it.",
    edits=[
        (
            "@staticmethod\ndef forward",
            """
@classmethod
def apply(cls, x, weight, bias, eps):
    one, zero = torch.ones_like(weight), torch.zeros_like(bias)
    return weight * super().apply(x, one.detach(), zero.detach(), eps) + bias

@staticmethod
def forward
""",
        )
    ],
)
