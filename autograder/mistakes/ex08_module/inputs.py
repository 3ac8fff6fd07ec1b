"""Modules that take the wrong inputs, or harm what they are given; and those that are torch's own."""

from autograder.mistakes.ex08_module.plain import Pairs

CATALOGUE = Pairs()
slip = CATALOGUE.slip
written = CATALOGUE.written

ONE = """
if m == 1:
    raise ValueError(f"shape {tuple(x.shape)}")
"""
DIMENSIONS = """
if x.dim() not in self.dimensions:
    raise ValueError(f"shape {tuple(x.shape)}")
"""
BATCH = "mean, var = x.mean(axes), x.var(axes, correction=0)"
X_HAT = "x_hat = (x - mean.reshape(shape)) * inv_std.reshape(shape)"
COUNT = "self.num_batches_tracked += 1"
MEAN = "self.running_mean = (1 - new) * self.running_mean + new * mean"
VAR = "self.running_var = (1 - new) * self.running_var + new * var * m / (m - 1)"
Y = "return self.weight.reshape(shape) * x_hat + self.bias.reshape(shape)"

# --- what is refused -------------------------------------------------------------------------------

slip(
    "one_value_accepted",
    "Takes one value per channel in training.",
    fails="one_value",
    hint="One value per channel is accepted in training, and M - 1 = 0 turns running_var into inf or NaN. "
    "Raise a ValueError.",
    edits=[(ONE, ""), (VAR, VAR.replace("(m - 1)", "max(m - 1, 1)"))],
)

slip(
    "one_image_refused",
    "Refuses any batch of one sample in training.",
    fails="one_value",
    hint="A batch of one image is refused in training. It has H W values for each channel: refuse M = 1, "
    "not N = 1.",
    edits=[("if m == 1:", "if len(x) == 1:")],
    of="BatchNorm2d",
)

slip(
    "one_value_by_assertion",
    "Raises an AssertionError for one value per channel.",
    fails="one_value",
    hint="One value per channel raises an error, but no ValueError: an assert can be switched off, and says "
    "that the module itself is wrong. Raise a ValueError.",
    edits=[(ONE, "assert m > 1")],
)

slip(
    "counted_before_refused",
    "Counts a batch that it then refuses.",
    fails="one_value",
    hint="A batch with one value per channel is refused after the state has changed, as in PyTorch's own "
    "module, which counts it. Check first.",
    edits=[
        (COUNT, ""),
        (
            "m = x.numel() // x.shape[1]",
            "m = x.numel() // x.shape[1]\nif self.running_mean is not None:\n    self.num_batches_tracked += 1",
        ),
    ],
)

slip(
    "one_value_refused_in_training_only",
    "Takes one value per channel in evaluation without running statistics.",
    fails="one_value",
    hint="With track_running_stats=False one value per channel is refused in training only. Evaluation "
    "computes its statistics from the batch too, and must refuse it.",
    edits=[("if m == 1:", "if m == 1 and self.training:")],
)

slip(
    "any_dimensions",
    "Takes x of any number of dimensions.",
    fails="dimensions",
    hint="x of any number of dimensions is accepted, so that BatchNorm1d takes images and nobody notices. "
    "Raise a ValueError.",
    edits=[(DIMENSIONS, "")],
)

slip(
    "dimensions_in_training_only",
    "Looks at the number of dimensions in training only.",
    fails="dimensions",
    hint="In evaluation x of any number of dimensions is accepted. Look at them in both modes.",
    edits=[
        (
            "if x.dim() not in self.dimensions:",
            "if self.training and x.dim() not in self.dimensions:",
        )
    ],
)

slip(
    "one_image_without_batch",
    "Takes x (C, H, W) for one image.",
    fails="dimensions",
    hint="BatchNorm2d takes x (C, H, W), as if it were a batch of one. It takes four dimensions only.",
    edits=[
        (
            "if x.dim() not in self.dimensions:",
            """
if x.dim() == 3 and 3 not in self.dimensions:
    return self.forward(x[None])[0]
if x.dim() not in self.dimensions:
""",
        )
    ],
    of="BatchNorm2d",
)

slip(
    "sequences_refused",
    "Refuses x (N, C, L).",
    fails="training_maps one_value dimensions whole",
    hint="BatchNorm1d refuses x (N, C, L). It takes two or three dimensions.",
    edits=[("dimensions = (2, 3)", "dimensions = (2,)")],
)

# --- layout, dtype, arguments ----------------------------------------------------------------------

slip(
    "needs_contiguous_input",
    "Views x, which only works if it is contiguous.",
    fails="layout",
    hint="x.view raises an error where the axes of x do not lie in memory in their order, as with "
    "channels_last. Use reshape, or reduce the axes as they are.",
    edits=[(BATCH, f"{BATCH}\nx.view(-1)")],
)

slip(
    "reads_as_it_lies",
    "Reads x as it lies in memory.",
    fails="layout",
    hint="x is read as it lies in memory, whatever its strides say, so that a transposed x is taken for "
    "another one. Let torch follow the strides.",
    edits=[
        (
            X_HAT,
            """
if x.numel() == x.untyped_storage().nbytes() // x.element_size():
    x = torch.as_strided(x, x.shape, torch.empty(x.shape, device="meta").stride())
"""
            + X_HAT,
        )
    ],
)

slip(
    "answers_in_float64",
    "Computes in float64, and stays there.",
    fails="dtype",
    hint="A float32 x gives a float64 y. Computing in float64 is fine; give y back in the dtype of x.",
    edits=[(X_HAT, f"x = x.double()\n{X_HAT}")],
)

slip(
    "statistics_in_float64",
    "Stores the running statistics in float64.",
    fails="dtype",
    hint="After a batch running_mean or running_var is float64, whatever it was. What is stored keeps its "
    "dtype.",
    edits=[
        (MEAN, MEAN.replace("new * mean", "new * mean.double()")),
        (VAR, VAR.replace("new * var", "new * var.double()")),
        (X_HAT, "mean, inv_std = mean.to(x.dtype), inv_std.to(x.dtype)\n" + X_HAT),
    ],
)

slip(
    "x_changed",
    "Centres x in place.",
    fails="untouched gradients no_history whole finale",
    hint="x -= ... changes the tensor of the caller. Compute in a new one.",
    edits=[(X_HAT, "x -= mean.reshape(shape)\nx_hat = x * inv_std.reshape(shape)")],
)

slip(
    "weight_clamped",
    "Clamps the weight at 0 in place.",
    fails="scale_and_shift untouched eval_output gradients whole finale",
    hint="Negative weights are set to 0 before they are used, in the Parameter itself. They may be negative, "
    "and no forward pass changes them.",
    edits=[(Y, f"with torch.no_grad():\n    self.weight.clamp_(min=0)\n{Y}")],
)

# --- torch's own -----------------------------------------------------------------------------------

slip(
    "calls_batch_norm",
    "Calls torch.nn.functional.batch_norm.",
    fails="one_value own_work",
    hint="The forward pass calls torch's own batch norm. That is what you are to write: from means, "
    "variances, products and roots.",
    edits=[
        (
            "shape = (1, -1) + (1,) * (x.dim() - 2)",
            """
counted = self.training and self.num_batches_tracked is not None
if counted:
    self.num_batches_tracked += 1
new = self.momentum
if new is None:
    new = 1 / self.num_batches_tracked.item() if counted else 0.0
return torch.nn.functional.batch_norm(
    x,
    self.running_mean,
    self.running_var,
    self.weight,
    self.bias,
    self.training or self.running_mean is None,
    new,
    self.eps,
)
shape = (1, -1) + (1,) * (x.dim() - 2)
""",
        ),
    ],
)

slip(
    "calls_batch_norm_in_evaluation",
    "Calls torch.nn.functional.batch_norm in evaluation.",
    fails="own_work",
    hint="In evaluation the forward pass calls torch's own batch norm. It takes a difference, a quotient and "
    "a root: write it out.",
    edits=[
        (
            "shape = (1, -1) + (1,) * (x.dim() - 2)",
            """
if not self.training and self.running_mean is not None:
    state = self.running_mean, self.running_var, self.weight, self.bias
    return torch.nn.functional.batch_norm(x, *state, eps=self.eps)
shape = (1, -1) + (1,) * (x.dim() - 2)
""",
        ),
    ],
)

slip(
    "calls_layer_norm",
    "Lets torch's layer_norm normalize the channels, one to a row.",
    fails="own_work",
    hint="The channels are laid out as rows, and one of torch's other normalizations does the work. It is "
    "yours to write, from means, variances, products and roots.",
    edits=[
        (
            X_HAT,
            f"""
{X_HAT}
if self.training or self.running_mean is None:
    rows = x.transpose(0, 1).flatten(1)
    rows = torch.nn.functional.layer_norm(rows, rows.shape[1:], eps=self.eps)
    x_hat = rows.reshape(x.transpose(0, 1).shape).transpose(0, 1)
""",
        )
    ],
)

written(
    "inherits_batch_norm",
    "Inherits from torch's own classes.",
    fails="one_value own_work",
    hint="The classes inherit from torch's own batch norm, and do nothing themselves. Inherit from "
    "torch.nn.Module.",
    text="""
class BatchNorm1d(torch.nn.BatchNorm1d):
    pass


class BatchNorm2d(torch.nn.BatchNorm2d):
    pass
""",
)

written(
    "inherits_and_overrides",
    "Inherits from torch's own classes, and has a forward pass of its own.",
    fails="own_work",
    hint="The forward pass is your own, but the state, the options and the refusals come from a class of "
    "torch's. Inherit from torch.nn.Module, and register the state yourself.",
    text="""
class Own:
    def forward(self, x):
        self._check_input_dim(x)
        axes = [0, *range(2, x.dim())]
        shape = [1, -1] + [1] * (x.dim() - 2)
        if self.training or self.running_mean is None:
            m = x.numel() // x.shape[1]
            if m < 2:
                raise ValueError("one value")
            var, mean = torch.var_mean(x, axes, correction=0)
            if self.running_mean is not None:
                self.num_batches_tracked += 1
                new = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
                with torch.no_grad():
                    self.running_mean.lerp_(mean, new)
                    self.running_var.lerp_(var * m / (m - 1), new)
        else:
            mean, var = self.running_mean, self.running_var
        y = (x - mean.reshape(shape)) / torch.sqrt(var + self.eps).reshape(shape)
        if self.affine:
            y = y * self.weight.reshape(shape) + self.bias.reshape(shape)
        return y


class BatchNorm1d(Own, torch.nn.BatchNorm1d):
    pass


class BatchNorm2d(Own, torch.nn.BatchNorm2d):
    pass
""",
    of="BatchNorm2d",
)
