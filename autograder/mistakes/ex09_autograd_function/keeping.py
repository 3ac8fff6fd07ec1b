"""Functions that keep the wrong things, too many of them, or in the wrong place."""

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

slip(
    "x_hat_on_ctx",
    "Hangs x_hat and inv_std on ctx.",
    fails="saved second_x second_whole",
    hint="x_hat and inv_std are attributes of ctx. Tensors go through save_for_backward, which watches over "
    "them; and what forward computed is a constant to the second derivative, wherever it is kept.",
    edits=[
        (SAVED, "ctx.x_hat, ctx.inv_std = x_hat, inv_std\n" + SAVED),
        (STATISTICS, "x_hat, inv_std = ctx.x_hat, ctx.inv_std\ndbias"),
    ],
)

slip(
    "inputs_on_ctx",
    "Hangs x and weight on ctx.",
    fails="saved",
    hint="Inputs are attributes of ctx. Nothing then notices when somebody changes them in place before "
    "backward; save_for_backward does.",
    edits=[
        (SAVED, "ctx.x, ctx.weight = x, weight"),
        ("x, weight = ctx.saved_tensors", "x, weight = ctx.x, ctx.weight"),
    ],
)

slip(
    "arrays_on_ctx",
    "Keeps NumPy arrays on ctx.",
    fails="saved second_x second_whole",
    hint="An attribute of ctx holds a NumPy array. autograd knows nothing of it, so that the second "
    "derivative by x is lost, and a GPU could not hold it. Save tensors, by save_for_backward.",
    edits=[
        (SAVED, "ctx.array = x.detach().numpy()\n" + SAVED),
        (TAKEN, "x, weight = ctx.saved_tensors\nx = torch.tensor(ctx.array)\neps = ctx.eps"),
    ],
)

slip(
    "kept_by_the_class",
    "Keeps x_hat and inv_std in the class.",
    fails="twice saved second_x second_whole",
    hint="What forward computed is kept in the class, which all uses of the Function share: the next forward "
    "overwrites it. ctx belongs to one use.",
    edits=[
        (SAVED, "BatchNormFunction.kept = x_hat, inv_std, weight"),
        ("x, weight = ctx.saved_tensors", "x_hat, inv_std, weight = BatchNormFunction.kept"),
        (STATISTICS, "x = x_hat\ndbias"),
    ],
)

slip(
    "eps_kept_by_the_class",
    "Keeps eps in the class.",
    fails="twice",
    hint="eps is kept in the class, which all uses of the Function share: a use with another eps changes "
    "it. ctx belongs to one use.",
    edits=[
        ("ctx.eps = eps", "BatchNormFunction.eps = eps"),
        ("ctx.eps\n", "BatchNormFunction.eps\n"),
    ],
)

slip(
    "forgets_eps_after_use",
    "Deletes eps from ctx in backward.",
    fails="twice second_whole",
    hint="backward deletes what it has used from ctx. With retain_graph=True it is called again and finds "
    "nothing.",
    edits=[("eps = ctx.eps", "eps = ctx.eps\ndel ctx.eps")],
)

slip(
    "centres_the_saved_x",
    "Subtracts the mean from the saved x in place.",
    fails="unchanged twice second_dy second_weight second_x second_whole",
    hint="backward changes the saved x in place. It is not a copy: it is the caller's x, and the next pass "
    "needs it as well.",
    edits=[
        (
            STATISTICS,
            """
x -= x.mean(dim=0)
inv_std = 1 / torch.sqrt(x.square().mean(dim=0) + eps)
x_hat = x * inv_std
dbias
""",
        )
    ],
)

slip(
    "saves_y_too",
    "Saves y and bias, which it does not need.",
    fails="budget",
    hint="y is saved too. It takes as much memory as x, and backward can do without it.",
    edits=[
        (
            SAVED + "\nctx.eps = eps\nreturn weight * x_hat + bias",
            "y = weight * x_hat + bias\nctx.save_for_backward(x, weight, bias, y)\nctx.eps = eps\n"
            "return y",
        ),
        ("x, weight = ctx.saved_tensors", "x, weight, bias, y = ctx.saved_tensors"),
    ],
)

slip(
    "saves_all_steps",
    "Saves every tensor of forward.",
    fails="budget",
    hint="Every step of forward is saved, several of them as large as x. Whatever follows from x by a few "
    "operations can be computed again.",
    edits=[
        (SAVED, "ctx.save_for_backward(x, weight, x - mean, x_hat, mean, var, inv_std)"),
        ("x, weight = ctx.saved_tensors", "x, weight, *_ = ctx.saved_tensors"),
    ],
)

slip(
    "saves_x_and_x_hat",
    "Saves x_hat beside x, and uses it.",
    fails="budget second_x second_whole",
    hint="x_hat is saved beside x: that is twice the memory, and the second derivative takes it for a "
    "constant. It follows from x by a few operations.",
    edits=[
        (SAVED, "ctx.save_for_backward(x, weight, x_hat)"),
        ("x, weight = ctx.saved_tensors", "x, weight, saved_x_hat = ctx.saved_tensors"),
        ("\ndbias = dy.sum(dim=0)", "\nx_hat = saved_x_hat\ndbias = dy.sum(dim=0)"),
    ],
)

slip(
    "x_hat_from_y",
    "Saves y, and takes x_hat from it.",
    fails="whole second_x second_whole",
    hint="x_hat is taken from y, by subtracting bias and dividing by weight. A weight of 0 leaves nothing to "
    "divide; and the saved inv_std is a constant to the second derivative.",
    edits=[
        (
            SAVED + "\nctx.eps = eps\nreturn weight * x_hat + bias",
            "y = weight * x_hat + bias\nctx.save_for_backward(y, weight, bias, inv_std)\nreturn y",
        ),
        (TAKEN, "y, weight, bias, inv_std = ctx.saved_tensors"),
        (STATISTICS, "x = x_hat = (y - bias) / weight\ndbias"),
    ],
)
