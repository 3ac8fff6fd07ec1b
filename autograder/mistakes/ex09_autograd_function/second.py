"""Functions whose first derivatives are right, and whose second ones are not."""

from autograder.mistakes.ex09_autograd_function.plain import Functions

CATALOGUE = Functions()
slip = CATALOGUE.slip

STATISTICS = """
mean = x.mean(dim=0)
var = (x - mean).square().mean(dim=0)
inv_std = 1 / torch.sqrt(var + eps)
x_hat = (x - mean) * inv_std
dbias
"""
TAKEN = "x, weight = ctx.saved_tensors\neps = ctx.eps"
SAVED = "ctx.save_for_backward(x, weight)"
RETURN = "return dx, dweight, dbias, None"
NOTHING = "second_dy second_weight second_x second_whole"

slip(
    "saves_mean_and_inv_std",
    "Saves mean and inv_std of forward.",
    fails="second_x second_whole",
    hint="mean and inv_std were computed in forward and saved. To the second derivative they are constants: "
    "autograd did not see how they came from x. Compute them again in backward, from the saved x.",
    edits=[
        (SAVED, "ctx.save_for_backward(x, weight, mean, inv_std)"),
        (TAKEN, "x, weight, mean, inv_std = ctx.saved_tensors"),
        (STATISTICS, "x_hat = (x - mean) * inv_std\ndbias"),
    ],
)

slip(
    "saves_x_hat",
    "Saves x_hat and inv_std in place of x.",
    fails="second_x second_whole",
    hint="x_hat and inv_std are saved, and x is not. backward has nothing left that autograd could follow to "
    "x: as far as it knows dx does not depend on x at all.",
    edits=[
        (SAVED, "ctx.save_for_backward(x_hat, weight, inv_std)"),
        (TAKEN, "x_hat, weight, inv_std = ctx.saved_tensors"),
        (STATISTICS, "x = x_hat\ndbias"),
    ],
)

slip(
    "saves_inv_std",
    "Saves inv_std of forward, and computes the mean again.",
    fails="second_x second_whole",
    hint="inv_std was computed in forward and saved; only the mean is computed again. inv_std depends on x "
    "just as much, and to the second derivative the saved one is a constant.",
    edits=[
        (SAVED, "ctx.save_for_backward(x, weight, inv_std)"),
        (TAKEN, "x, weight, inv_std = ctx.saved_tensors"),
        (STATISTICS, "x_hat = (x - x.mean(dim=0)) * inv_std\ndbias"),
    ],
)

slip(
    "saves_mean",
    "Saves the mean of forward, and computes inv_std again.",
    fails="second_x second_whole",
    hint="The mean was computed in forward and saved; only inv_std is computed again. The mean depends on x "
    "just as much, and to the second derivative the saved one is a constant.",
    edits=[
        (SAVED, "ctx.save_for_backward(x, weight, mean)"),
        (TAKEN, "x, weight, mean = ctx.saved_tensors\neps = ctx.eps"),
        (STATISTICS, STATISTICS.replace("mean = x.mean(dim=0)\n", "")),
    ],
)

slip(
    "saves_weight_times_inv_std",
    "Saves weight * inv_std of forward.",
    fails="second_weight second_x second_whole",
    hint="The product weight * inv_std was computed in forward and saved. To the second derivative it is a "
    "constant, which hides both weight and x in it. Save the inputs, and multiply in backward.",
    edits=[
        (SAVED, "ctx.save_for_backward(x, weight * inv_std)"),
        ("x, weight = ctx.saved_tensors", "x, scale = ctx.saved_tensors"),
        ("dx = weight * inv_std *", "dx = scale *"),
    ],
)

slip(
    "saves_a_copy_of_weight",
    "Saves a copy of weight.",
    fails="second_weight second_whole",
    hint="What backward multiplies by is a copy of weight, made in forward, of which autograd knows "
    "nothing. save_for_backward gives back the weight itself where the weight itself was saved.",
    edits=[(SAVED, "ctx.save_for_backward(x, weight.clone())")],
)

slip(
    "saves_a_copy_of_x",
    "Saves a copy of x.",
    fails="second_x second_whole",
    hint="What backward starts from is a copy of x, made in forward, of which autograd knows nothing. "
    "save_for_backward gives back x itself where x itself was saved; it needs no copy.",
    edits=[(SAVED, "ctx.save_for_backward(x.clone(), weight)")],
)

slip(
    "once_differentiable",
    "Is marked with once_differentiable.",
    fails=NOTHING,
    hint="once_differentiable declares that there is no second derivative. Whoever asks for one gets an error "
    "at times, and at others a wrong number without a word. Here it is needed: take the mark away, and "
    "see which tensors in backward are constants.",
    edits=[
        (
            "@staticmethod\ndef backward",
            "@staticmethod\n@torch.autograd.function.once_differentiable\ndef backward",
        )
    ],
)

slip(
    "no_grad_in_backward",
    "Computes under no_grad in backward.",
    fails=NOTHING,
    hint="Nothing that backward does is recorded: it runs under no_grad, on detached tensors or in NumPy. "
    "With create_graph=True autograd differentiates backward's own operations, and here it sees none.",
    edits=[("def backward", "@torch.no_grad()\ndef backward")],
)

slip(
    "dx_detached",
    "Detaches dx.",
    fails=NOTHING,
    hint="dx is cut off from its history, by detach, .data or NumPy. Nothing complains, dweight goes on as "
    "it should, and every second derivative of dx is missing.",
    edits=[(RETURN, "return dx.detach(), dweight, dbias, None")],
)

slip(
    "dweight_detached",
    "Detaches dweight.",
    fails="second_dy second_x second_whole",
    hint="dweight is cut off from its history, by detach, .data or NumPy: it depends on dy and on x, and "
    "those derivatives are missing.",
    edits=[(RETURN, "return dx, dweight.detach(), dbias, None")],
)

slip(
    "sums_detached",
    "Detaches the sums in dx.",
    fails="second_dy second_x second_whole",
    hint="The two sums are cut off from their history where dx uses them. They depend on dy, and one of "
    "them on x.",
    edits=[
        (
            "(dy - dbias / len(x) - x_hat * dweight / len(x))",
            "(dy - dbias.detach() / len(x) - x_hat * dweight.detach() / len(x))",
        )
    ],
)

slip(
    "dy_detached",
    "Detaches dy.",
    fails="second_dy second_whole",
    hint="dy is cut off from its history at the start of backward. It depends on y through the loss, and "
    "dx and dweight depend on it.",
    edits=[(TAKEN, TAKEN + "\ndy = dy.detach()")],
)

slip(
    "weight_detached",
    "Detaches weight in backward.",
    fails="second_weight second_whole",
    hint="weight is cut off from its history in backward, by detach or .data. dx has it as a factor, and "
    "that derivative is missing.",
    edits=[("dx = weight * inv_std *", "dx = weight.detach() * inv_std *")],
)

slip(
    "statistics_under_no_grad",
    "Computes the statistics again, under no_grad.",
    fails="second_x second_whole",
    hint="The statistics are computed again in backward, but under no_grad, so that they are constants to the "
    "second derivative. Computing them again helps only where autograd can watch.",
    edits=[
        (
            STATISTICS,
            """
with torch.no_grad():
    mean = x.mean(dim=0)
    inv_std = 1 / torch.sqrt((x - mean).square().mean(dim=0) + eps)
x_hat = (x - mean) * inv_std
dbias
""",
        )
    ],
)

slip(
    "x_detached",
    "Detaches x in backward.",
    fails="second_x second_whole",
    hint="x is cut off from its history in backward. Everything is computed again from it, and autograd "
    "cannot follow to the x that came in.",
    edits=[(TAKEN, TAKEN + "\nx = x.detach()")],
)

slip(
    "second_function_without_x",
    "Calls a second Function, which has no gradient for x.",
    fails="second_x second_whole",
    hint="backward calls a Function of its own, and that one's backward returns None for x. dx depends on x, "
    "through x_hat and inv_std.",
    edits=[
        (
            "@staticmethod\ndef backward",
            """
class Closed(torch.autograd.Function):
    @staticmethod
    def forward(ctx, dy, x, weight, inv_std, x_hat):
        ctx.save_for_backward(dy, weight, inv_std, x_hat)
        dy_mean, along = dy.mean(dim=0), (dy * x_hat).mean(dim=0)
        return weight * inv_std * (dy - dy_mean - x_hat * along)

    @staticmethod
    def backward(ctx, u):
        dy, weight, inv_std, x_hat = ctx.saved_tensors
        v = inv_std * (u - u.mean(dim=0) - x_hat * (u * x_hat).mean(dim=0))
        return weight * v, None, (dy * v).sum(dim=0), None, None

@staticmethod
def backward
""",
        ),
        (
            "dx = weight * inv_std * (dy - dbias / len(x) - x_hat * dweight / len(x))",
            "dx = BatchNormFunction.Closed.apply(dy, x, weight, inv_std.detach(), x_hat.detach())",
        ),
    ],
)
