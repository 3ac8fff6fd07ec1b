"""Functions whose first derivatives are wrong."""

from autograder.mistakes.ex09_autograd_function.plain import Functions

CATALOGUE = Functions()
slip = CATALOGUE.slip

EVERY_BACKWARD = (
    "batch_of_one dweight_dbias dx needs strides unchanged twice plain whole second_dy "
)
EVERY_BACKWARD += "second_weight second_x second_whole"
DX = "dx = weight * inv_std * (dy - dbias / len(x) - x_hat * dweight / len(x))"
AGAIN = "\ndbias"  # what follows the statistics in backward, and not in forward

slip(
    "nothing_for_eps",
    "Returns three gradients.",
    fails=EVERY_BACKWARD,
    hint="backward returns three values where forward has four arguments beside ctx. eps is one of them: "
    "its place is taken by None.",
    edits=[("return dx, dweight, dbias, None", "return dx, dweight, dbias")],
)

slip(
    "zero_for_eps",
    "Returns a tensor as the gradient of eps.",
    fails=EVERY_BACKWARD,
    hint="backward returns a tensor for eps, which is a number and has no gradient. Its place is taken by "
    "None.",
    edits=[("return dx, dweight, dbias, None", "return dx, dweight, dbias, torch.zeros(())")],
)

slip(
    "dbias_before_dweight",
    "Returns dbias in the place of dweight.",
    fails="dweight_dbias whole second_whole",
    hint="The gradients of weight and bias have changed places. What backward returns stands in the order "
    "of forward's arguments: x, weight, bias, eps.",
    edits=[("return dx, dweight, dbias, None", "return dx, dbias, dweight, None")],
)

slip(
    "dweight_has_weight",
    "Multiplies dweight by weight.",
    fails="dweight_dbias whole second_whole",
    hint="weight is in its own gradient. y is weight * x_hat + bias, so that dweight is the sum of "
    "dy * x_hat.",
    edits=[("return dx, dweight, dbias, None", "return dx, weight * dweight, dbias, None")],
)

slip(
    "dweight_from_x",
    "Takes dweight with x in place of x_hat.",
    fails="dweight_dbias whole second_whole",
    hint="dweight is taken with x. What weight multiplied in forward is x_hat.",
    edits=[("return dx, dweight, dbias, None", "return dx, (dy * x).sum(dim=0), dbias, None")],
)

slip(
    "dweight_averaged",
    "Takes the mean for dweight.",
    fails="dweight_dbias whole second_whole",
    hint="dweight is a mean over the batch. The gradient adds up what the samples ask for.",
    edits=[("return dx, dweight, dbias, None", "return dx, dweight / len(x), dbias, None")],
)

slip(
    "dbias_averaged",
    "Takes the mean for dbias.",
    fails="dweight_dbias whole second_whole",
    hint="dbias is a mean over the batch. The gradient adds up what the samples ask for.",
    edits=[("return dx, dweight, dbias, None", "return dx, dweight, dbias / len(x), None")],
)

slip(
    "dbias_has_weight",
    "Multiplies dbias by weight.",
    fails="dweight_dbias whole second_whole",
    hint="weight is in dbias. bias is added after weight has multiplied.",
    edits=[("return dx, dweight, dbias, None", "return dx, dweight, weight * dbias, None")],
)

slip(
    "dbias_over_channels",
    "Adds up dbias over the channels.",
    fails="dweight_dbias needs plain whole second_whole",
    hint="dbias is added up over dim=1, which leaves one number for each sample. There is one for each "
    "channel: dim=0.",
    edits=[("return dx, dweight, dbias, None", "return dx, dweight, dy.sum(dim=1), None")],
)

slip(
    "constants",
    "Lets no gradient through the statistics.",
    fails="dx batch_of_one whole second_whole",
    hint="dx is weight * inv_std * dy, as if mean and variance were constants. Both depend on every x of "
    "the channel.",
    edits=[(DX, "dx = weight * inv_std * dy")],
)

slip(
    "no_variance_path",
    "Leaves out the path through the variance.",
    fails="dx whole second_whole",
    hint="The term with x_hat is missing from dx: the variance depends on x too.",
    edits=[(DX, "dx = weight * inv_std * (dy - dbias / len(x))")],
)

slip(
    "no_mean_path",
    "Leaves out the path through the mean.",
    fails="dx batch_of_one whole second_whole",
    hint="The term with the sum of dy is missing from dx: the mean depends on x too.",
    edits=[(DX, "dx = weight * inv_std * (dy - x_hat * dweight / len(x))")],
)

slip(
    "sums_for_means",
    "Subtracts sums where means belong.",
    fails="dx whole second_whole",
    hint="The two sums in dx are not divided by the number of samples.",
    edits=[(DX, "dx = weight * inv_std * (dy - dbias - x_hat * dweight)")],
)

slip(
    "divides_by_channels",
    "Divides by the number of channels.",
    fails="dx batch_of_one whole second_whole",
    hint="The two sums in dx are divided by the number of channels. They ran over the samples.",
    edits=[(DX, DX.replace("len(x)", "x.shape[1]"))],
)

slip(
    "no_weight_in_dx",
    "Leaves weight out of dx.",
    fails="dx whole second_whole",
    hint="weight is missing from dx. It multiplies x_hat in forward, so it multiplies dx.",
    edits=[(DX, DX.replace("weight * inv_std", "inv_std"))],
)

slip(
    "weight_twice_in_dx",
    "Has weight in dx twice.",
    fails="dx whole second_whole",
    hint="weight is in dx twice. Either dy is multiplied by it first, or the whole at the end.",
    edits=[(DX, DX.replace("weight * inv_std", "weight * weight * inv_std"))],
)

slip(
    "deviation_for_its_inverse",
    "Multiplies dx by the standard deviation.",
    fails="dx whole second_whole",
    hint="dx is multiplied by the standard deviation, and x was divided by it.",
    edits=[(DX, DX.replace("weight * inv_std", "weight / inv_std"))],
)

slip(
    "backward_without_eps",
    "Forgets eps when it computes the statistics again.",
    fails="dweight_dbias dx whole second_whole batch_of_one",
    hint="backward computes inv_std without eps, so that it is not the one of forward. A number can be an "
    "attribute of ctx.",
    edits=[("eps = ctx.eps", "eps = 0.0")],
)

slip(
    "backward_with_its_own_eps",
    "Has its own eps of 1e-5 in backward.",
    fails="dweight_dbias dx whole second_whole",
    hint="backward uses an eps of 1e-5 where forward had another one. Keep the number in ctx.",
    edits=[("eps = ctx.eps", "eps = 1e-5")],
)

slip(
    "backward_unbiased",
    "Computes the statistics again with the unbiased variance.",
    fails="dweight_dbias dx whole second_whole batch_of_one",
    hint="backward computes the variance again, and not as forward did: torch.var divides by N - 1 unless "
    "it is told correction=0.",
    edits=[
        (
            "var = (x - mean).square().mean(dim=0)\ninv_std = 1 / torch.sqrt(var + eps)\n"
            f"x_hat = (x - mean) * inv_std{AGAIN}",
            "var = x.var(dim=0)\ninv_std = 1 / torch.sqrt(var + eps)\n"
            f"x_hat = (x - mean) * inv_std{AGAIN}",
        )
    ],
)

slip(
    "all_or_nothing",
    "Returns nothing at all where x needs no gradient.",
    fails="needs",
    hint="Where x needs no gradient, weight and bias get none either. They may need theirs all the same, as "
    "in the first layer of a network.",
    edits=[
        (
            "return dx, dweight, dbias, None",
            "if not ctx.needs_input_grad[0]:\n    return None, None, None, None\n"
            "return dx, dweight, dbias, None",
        )
    ],
)

slip(
    "needs_counted_from_one",
    "Reads needs_input_grad one place off.",
    fails="dweight_dbias needs whole second_whole",
    hint="ctx.needs_input_grad is read one place off: its first entry is that of x, and ctx itself has "
    "none.",
    edits=[
        (
            "return dx, dweight, dbias, None",
            "_, x_needs, weight_needs, bias_needs = ctx.needs_input_grad\n"
            "return (\n    dx if x_needs else None,\n    dweight if weight_needs else None,\n"
            "    dbias if bias_needs else None,\n    None,\n)",
        )
    ],
)

slip(
    "frozen_weight_stops_bias",
    "Has one switch for weight and bias.",
    fails="needs",
    hint="Where weight needs no gradient, bias gets none either. Each argument has its own entry in "
    "ctx.needs_input_grad.",
    edits=[
        (
            "return dx, dweight, dbias, None",
            "if not ctx.needs_input_grad[1]:\n    return dx, None, None, None\n"
            "return dx, dweight, dbias, None",
        )
    ],
)

slip(
    "flattens_dy",
    "Needs dy in one piece of memory.",
    fails="strides",
    hint="backward raises an error for a dy that is transposed or expanded: view wants one piece of "
    "memory. The gradient of a sum is expanded, so that this happens every day.",
    edits=[("dbias = dy.sum(dim=0)", "dbias = dy.view(-1).view(len(x), -1).sum(dim=0)")],
)

slip(
    "centres_dy_in_place",
    "Subtracts the mean from dy itself.",
    fails="strides unchanged",
    hint="backward changes dy: its mean is subtracted in place. dy may belong to others, and an expanded one "
    "cannot be written to at all.",
    edits=[
        ("dbias = dy.sum(dim=0)", "dbias = dy.sum(dim=0)\ndy -= dbias / len(x)"),
        (DX, "dx = weight * inv_std * (dy - x_hat * dweight / len(x))"),
    ],
)
