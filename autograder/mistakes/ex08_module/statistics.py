"""Modules that normalize, scale or shift in the wrong way."""

from autograder.mistakes.ex08_module.plain import Pairs

CATALOGUE = Pairs()
slip = CATALOGUE.slip

BATCH = "mean, var = x.mean(axes), x.var(axes, correction=0)"
INV_STD = "inv_std = 1 / torch.sqrt(var + self.eps)"
X_HAT = "x_hat = (x - mean.reshape(shape)) * inv_std.reshape(shape)"
PLAIN = "if self.weight is None:"
Y = "return self.weight.reshape(shape) * x_hat + self.bias.reshape(shape)"
OWN = "if self.training or self.running_mean is None:\n    "


def over(axes):
    """Normalize in training over some axes, whatever is stored."""
    return (
        X_HAT,
        f"""
{X_HAT}
if self.training or self.running_mean is None:
    over = {axes}
    var = x.var(over, keepdim=True, correction=0)
    x_hat = (x - x.mean(over, keepdim=True)) / torch.sqrt(var + self.eps)
""",
    )


# --- which variance, which mean --------------------------------------------------------------------

slip(
    "torch_var_default",
    "Normalizes by the unbiased variance, torch.var's default, and corrects it once more.",
    fails="training_rows training_maps running_var whole finale",
    hint="The batch is normalized by its unbiased variance, which is what torch.var gives if nothing is "
    "said, and running_var is corrected twice. The biased one normalizes: correction=0.",
    edits=[(BATCH, "mean, var = x.mean(axes), x.var(axes)")],
)

slip(
    "unbiased_everywhere",
    "Normalizes by the unbiased variance, and stores that.",
    fails="training_rows training_maps whole finale",
    hint="The unbiased variance, which is for running_var, normalizes the batch too. Divide by M where the "
    "batch is normalized (correction=0), by M - 1 where it is stored.",
    edits=[
        (BATCH, "mean, var = x.mean(axes), x.var(axes)"),
        ("new * var * m / (m - 1)", "new * var"),
    ],
)

slip(
    "not_centred",
    "Does not subtract the mean of the batch.",
    fails="training_rows training_maps whole finale",
    hint="In training x is divided by its deviation and not centred: with weight 1 and bias 0 every channel "
    "must have the mean 0. Subtract the mean first.",
    edits=[(X_HAT, f"{X_HAT}\n{OWN}x_hat = x * inv_std.reshape(shape)")],
)

slip(
    "divided_by_the_variance",
    "Divides by the variance.",
    fails="training_rows training_maps eps eval_output whole finale",
    hint="x - mean is divided by var + eps. The square root is missing.",
    edits=[(INV_STD, "inv_std = 1 / (var + self.eps)")],
)

slip(
    "one_pass_variance",
    "Takes the mean of the squares minus the square of the mean.",
    fails="dtype",
    hint="The variance is taken as E[x^2] - E[x]^2. In float32, with a mean of thousands of deviations, "
    "nothing of it is left. Centre first, then square.",
    edits=[(BATCH, "mean = x.mean(axes)\nvar = (x * x).mean(axes) - mean * mean")],
)

# --- which axes ------------------------------------------------------------------------------------

slip(
    "over_samples_only",
    "Takes the statistics over axis 0 only.",
    fails="training_maps whole finale",
    hint="Each position of x has statistics of its own: they are taken over axis 0 only. A channel has one "
    "mean and one variance, over the samples and all positions.",
    edits=[over("(0,)")],
)

slip(
    "instance_norm",
    "Takes the statistics of each image by itself.",
    fails="training_maps whole finale",
    hint="Each image is normalized by itself, over its positions: that is instance norm. Axis 0 belongs to "
    "the statistics too.",
    edits=[over("tuple(range(2, x.dim())) or (0,)")],
    of="BatchNorm2d",
)

slip(
    "layer_norm",
    "Takes the statistics of each image over all of its channels.",
    fails="training_maps whole finale",
    hint="Each image is normalized by itself, over channels and positions: that is layer norm. Keep axis 1, "
    "reduce all others.",
    edits=[over("tuple(range(1, x.dim())) if x.dim() > 2 else (0,)")],
    of="BatchNorm2d",
)

slip(
    "over_features",
    "Normalizes each row over its features.",
    fails="training_rows eps whole finale",
    hint="Each row is normalized over its channels. A channel's statistics are taken over the rows: reduce "
    "axis 0.",
    edits=[over("(1,) if x.dim() == 2 else axes")],
)

slip(
    "one_mean_for_all",
    "Takes one mean and one variance over everything.",
    fails="training_rows training_maps whole finale",
    hint="There is one mean and one variance for all channels together. Each channel has its own: do not "
    "reduce axis 1.",
    edits=[over("tuple(range(x.dim()))")],
)

slip(
    "width_forgotten",
    "Leaves the last axis out of the statistics of images.",
    fails="training_maps whole finale",
    hint="The statistics of x (N, C, H, W) are taken over axes 0 and 2: each column of the images has its "
    "own. Axis 3 belongs to them too.",
    edits=[over("axes[:2]")],
    of="BatchNorm2d",
)

slip(
    "channels_last_assumed",
    "Takes the last axis for the channels.",
    fails="training_maps whole finale",
    hint="The last axis is taken for the channels, as Keras has it. In PyTorch they are axis 1.",
    edits=[over("tuple(range(x.dim() - 1))")],
)

slip(
    "reshaped_to_rows",
    "Reshapes to (-1, C) without moving the channels to the end.",
    fails="training_maps whole finale",
    hint="x is reshaped to (-1, C) as it lies in memory, which mixes the channels: axis 1 is not the last. "
    "Move it there first, or reduce the other axes.",
    edits=[
        (
            X_HAT,
            f"""
{X_HAT}
if self.training or self.running_mean is None:
    rows = x.reshape(-1, x.shape[1])
    deviation = torch.sqrt(rows.var(0, correction=0) + self.eps)
    x_hat = ((rows - rows.mean(0)) / deviation).reshape(x.shape)
""",
        )
    ],
)

slip(
    "divided_by_samples",
    "Divides the sums over all positions by the number of samples.",
    fails="training_maps whole finale",
    hint="The sums over a channel's values are divided by N. There are M = N L or N H W of them.",
    edits=[
        (
            X_HAT,
            f"""
{X_HAT}
if self.training or self.running_mean is None:
    centred = x - x.sum(axes).reshape(shape) / len(x)
    var = (centred**2).sum(axes).reshape(shape) / len(x)
    x_hat = centred / torch.sqrt(var + self.eps)
""",
        )
    ],
)

slip(
    "mean_of_variances",
    "Averages the variances of the images.",
    fails="training_maps whole finale",
    hint="The variance is the mean of the images' own variances: what their means differ by is left out. "
    "Take the deviations from the channel's one mean.",
    edits=[
        (
            X_HAT,
            f"""
{X_HAT}
if (self.training or self.running_mean is None) and x.dim() > 2:
    var = x.flatten(2).var(2, correction=0).mean(0).reshape(shape)
    x_hat = (x - mean.reshape(shape)) / torch.sqrt(var + self.eps)
""",
        )
    ],
)

# --- eps -------------------------------------------------------------------------------------------

slip(
    "eps_outside",
    "Adds eps to the deviation.",
    fails="eps whole finale",
    hint="eps is added to the deviation, outside the root. It joins the variance, inside.",
    edits=[(INV_STD, "inv_std = 1 / (torch.sqrt(var) + self.eps)")],
)

slip(
    "no_eps",
    "Leaves eps out.",
    fails="eps whole finale",
    hint="eps is left out. Add it to the variance, inside the root.",
    edits=[(INV_STD, "inv_std = 1 / torch.sqrt(var)")],
)

slip(
    "eps_fixed",
    "Takes 1e-5 whatever eps was given.",
    fails="eps whole finale",
    hint="eps is 1e-5 whatever was given. Keep the argument, and use it.",
    edits=[(INV_STD, "inv_std = 1 / torch.sqrt(var + 1e-5)")],
)

slip(
    "eps_of_keras",
    "Has 1e-3 as the default of eps.",
    fails="eps whole",
    hint="eps is 1e-3 if none is given, as in Keras. Its default is 1e-5.",
    edits=[("eps=1e-5,", "eps=1e-3,")],
)

slip(
    "eps_for_small_variances",
    "Takes eps in the place of smaller variances.",
    fails="whole finale",
    hint="eps takes the place of variances that are smaller, and is not added to the others. Add it, "
    "always.",
    edits=[(INV_STD, "inv_std = 1 / torch.sqrt(torch.clamp(var, min=self.eps))")],
)

slip(
    "no_eps_in_evaluation",
    "Adds eps in training only.",
    fails="eps whole finale",
    hint="eps is added in training only. The formula of evaluation is the same.",
    edits=[
        (
            INV_STD,
            "inv_std = 1 / torch.sqrt(var if var is self.running_var else var + self.eps)",
        )
    ],
)

# --- weight and bias -------------------------------------------------------------------------------

slip(
    "weight_not_used",
    "Does not multiply by the weight.",
    fails="scale_and_shift eval_output whole finale",
    hint="weight is never used. y is weight * x_hat + bias.",
    edits=[(Y, "return x_hat + self.bias.reshape(shape) + 0 * self.weight.reshape(shape)")],
)

slip(
    "bias_not_used",
    "Does not add the bias.",
    fails="scale_and_shift eval_output whole finale",
    hint="bias is never used. y is weight * x_hat + bias.",
    edits=[(Y, "return self.weight.reshape(shape) * x_hat")],
)

slip(
    "shifted_first",
    "Adds the bias before it multiplies.",
    fails="scale_and_shift eval_output whole finale",
    hint="The bias is added to x_hat before the weight multiplies both. Scale first, then shift.",
    edits=[(Y, "return self.weight.reshape(shape) * (x_hat + self.bias.reshape(shape))")],
)

slip(
    "weight_and_bias_exchanged",
    "Multiplies by the bias and adds the weight.",
    fails="training_rows training_maps scale_and_shift eps eval_output whole finale",
    hint="weight and bias have changed places: weight multiplies, bias is added.",
    edits=[(Y, "return self.bias.reshape(shape) * x_hat + self.weight.reshape(shape)")],
)

slip(
    "weight_along_the_last_axis",
    "Lets weight and bias run along the last axis where they fit there.",
    fails="scale_and_shift eval_output whole",
    hint="weight and bias run along the last axis of x, where it is as long as the channels'. Reshape them "
    "so that they run along axis 1.",
    edits=[
        (
            Y,
            f"""
if x.shape[-1] == x.shape[1]:
    return self.weight * x_hat + self.bias
{Y}
""",
        )
    ],
    of="BatchNorm2d",
)

slip(
    "affine_in_training_only",
    "Leaves weight and bias out in evaluation.",
    fails="eval_output whole finale",
    hint="In evaluation weight and bias are left out. The formula is the same as in training, with other "
    "statistics.",
    edits=[(PLAIN, "if self.weight is None or not self.training:")],
)
