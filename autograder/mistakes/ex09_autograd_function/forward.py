"""Functions whose output is wrong, or that change what they were given."""

from autograder.mistakes.ex09_autograd_function.plain import BOTH, Functions

CATALOGUE = Functions()
slip = CATALOGUE.slip

slip(
    "unbiased_variance",
    "Takes torch.var as it comes.",
    fails="forward batch_of_one whole second_whole",
    hint="The variance is the unbiased one: torch.var divides by N - 1 unless it is told correction=0. "
    "Batch norm normalizes by the biased variance, which divides by N.",
    edits=[("var = (x - mean).square().mean(dim=0)", "var = x.var(dim=0)", BOTH)],
)

slip(
    "eps_outside_the_root",
    "Adds eps to the standard deviation.",
    fails="forward whole second_whole",
    hint="eps is added to the standard deviation. It joins the variance, inside the root.",
    edits=[("torch.sqrt(var + eps)", "(torch.sqrt(var) + eps)", BOTH)],
)

slip(
    "no_eps",
    "Leaves eps out.",
    fails="forward batch_of_one whole second_whole",
    hint="eps is left out. Without it a channel that is constant, or a batch of one, divides 0 by 0.",
    edits=[("torch.sqrt(var + eps)", "torch.sqrt(var)", BOTH)],
)

slip(
    "eps_fixed",
    "Has its own eps of 1e-5.",
    fails="forward whole second_whole",
    hint="eps is 1e-5 whatever was passed. Use the fourth argument of forward; ctx can keep the number "
    "for backward.",
    edits=[("torch.sqrt(var + eps)", "torch.sqrt(var + 1e-5)", BOTH)],
)

slip(
    "variance_for_deviation",
    "Divides by the variance.",
    fails="forward whole second_whole",
    hint="x is divided by the variance. The root is missing.",
    edits=[("1 / torch.sqrt(var + eps)", "1 / (var + eps)", BOTH)],
)

slip(
    "other_axis",
    "Takes the statistics of each sample.",
    fails="forward batch_of_one dx whole second_whole",
    hint="mean and variance are those of each sample, over its channels, which is layer norm. Batch norm "
    "takes them over the batch, dim=0, for each channel.",
    edits=[
        ("mean = x.mean(dim=0)", "mean = x.mean(dim=1, keepdim=True)", BOTH),
        (
            "var = (x - mean).square().mean(dim=0)",
            "var = (x - mean).square().mean(dim=1, keepdim=True)",
            BOTH,
        ),
    ],
)

slip(
    "one_statistic_for_all",
    "Takes one mean and one variance of the whole of x.",
    fails="forward batch_of_one whole second_whole",
    hint="There is one mean and one variance for all channels. Each channel has its own: dim=0.",
    edits=[
        ("mean = x.mean(dim=0)", "mean = x.mean()", BOTH),
        ("var = (x - mean).square().mean(dim=0)", "var = (x - mean).square().mean()", BOTH),
    ],
)

slip(
    "not_centred",
    "Does not subtract the mean.",
    fails="forward batch_of_one whole second_whole",
    hint="x is divided by its deviation, and its mean is still there. Subtract the mean first.",
    edits=[("x_hat = (x - mean) * inv_std", "x_hat = x * inv_std", BOTH)],
)

slip(
    "weight_and_bias_exchanged",
    "Multiplies by bias and adds weight.",
    fails="forward batch_of_one dweight_dbias dx whole second_whole",
    hint="weight and bias have changed places. The arguments are x, weight, bias, eps; weight "
    "multiplies.",
    edits=[("return weight * x_hat + bias", "return bias * x_hat + weight")],
)

slip(
    "no_bias",
    "Does not add bias.",
    fails="forward batch_of_one whole second_whole",
    hint="bias is not added.",
    edits=[("return weight * x_hat + bias", "return weight * x_hat")],
)

slip(
    "no_weight",
    "Does not multiply by weight.",
    fails="forward whole second_whole",
    hint="forward does not multiply by weight.",
    edits=[("return weight * x_hat + bias", "return x_hat + bias")],
)

slip(
    "shift_first",
    "Adds bias before it multiplies by weight.",
    fails="forward batch_of_one whole second_whole",
    hint="bias is added before weight multiplies. Scale first, then shift.",
    edits=[("return weight * x_hat + bias", "return weight * (x_hat + bias)")],
)

slip(
    "promotes",
    "Returns float64 for float32.",
    fails="dtype",
    hint="y is float64 whatever x is. Computing in float64 is fine; y is returned in x's dtype.",
    edits=[("return weight * x_hat + bias", "return (weight * x_hat + bias).double()")],
)

slip(
    "refuses_one",
    "Raises an error for one sample.",
    fails="batch_of_one",
    hint="A batch of one sample raises an error. That belongs to layers with running averages, where the "
    "unbiased variance is needed; here y is bias.",
    edits=[
        (
            "mean = x.mean(dim=0)\nvar = (x - mean).square().mean(dim=0)\n"
            "inv_std = 1 / torch.sqrt(var + eps)\nx_hat = (x - mean) * inv_std\nctx",
            "if len(x) == 1:\n    raise ValueError('expected more than one sample')\n"
            "mean = x.mean(dim=0)\nvar = (x - mean).square().mean(dim=0)\n"
            "inv_std = 1 / torch.sqrt(var + eps)\nx_hat = (x - mean) * inv_std\nctx",
        )
    ],
)

slip(
    "centres_in_place",
    "Subtracts the mean from x itself.",
    fails="unchanged",
    hint="forward changes x: x -= mean, or an operation whose name ends in _, writes into the tensor that "
    "the caller still has.",
    edits=[
        ("x_hat = (x - mean) * inv_std\nctx", "x -= mean\nx_hat = x * inv_std\nctx"),
    ],
)

slip(
    "marks_dirty",
    "Normalizes x in place and says so.",
    fails="batch_of_one dweight_dbias dx needs strides unchanged twice saved budget plain whole "
    "second_dy second_weight second_x second_whole",
    hint="x itself is normalized, and mark_dirty says so: autograd then refuses a leaf, and others lose "
    "their x. Compute in new tensors; nothing is to be marked.",
    edits=[
        (
            "return weight * x_hat + bias",
            "ctx.mark_dirty(x)\nx.copy_(weight * x_hat + bias)\nreturn x",
        )
    ],
)

slip(
    "flattens_x",
    "Needs x in one piece of memory.",
    fails="strides",
    hint="forward raises an error for an x that is transposed or has gaps: view wants one piece of "
    "memory. reshape makes a copy where it must.",
    edits=[
        (
            "x_hat = (x - mean) * inv_std\nctx",
            "x_hat = (x.view(-1) - mean.repeat(len(x))).view(len(x), -1) * inv_std\nctx",
        )
    ],
)

slip(
    "shifts_bias_in_place",
    "Takes the mean out of bias in place.",
    fails="unchanged",
    hint="forward changes bias: the scaled mean is subtracted from it in place, and it is another bias for "
    "everyone from then on.",
    edits=[
        (
            "return weight * x_hat + bias",
            "scale = weight * inv_std\nbias -= scale * mean\nreturn scale * x + bias",
        )
    ],
)
