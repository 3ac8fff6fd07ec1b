"""Modules that keep something from autograd, or hand it too much."""

from autograder.mistakes.ex08_module.plain import Pairs

CATALOGUE = Pairs()
slip = CATALOGUE.slip

BATCH = "mean, var = x.mean(axes), x.var(axes, correction=0)"
Y = "return self.weight.reshape(shape) * x_hat + self.bias.reshape(shape)"
SHAPE = "shape = (1, -1) + (1,) * (x.dim() - 2)"
WITH = "with torch.no_grad():"
MEAN = "self.running_mean = (1 - new) * self.running_mean + new * mean"
VAR = "self.running_var = (1 - new) * self.running_var + new * var * m / (m - 1)"

slip(
    "statistics_without_gradient",
    "Takes the statistics under no_grad.",
    fails="gradients whole finale",
    hint="The statistics of the batch are taken under no_grad, so that the gradients are those of "
    "evaluation. Mean and variance depend on x: only what is stored is cut off.",
    edits=[(BATCH, f"with torch.no_grad():\n    {BATCH}")],
)

slip(
    "mean_detached",
    "Detaches the mean.",
    fails="gradients whole finale",
    hint="The mean that is subtracted is cut off from the graph: a shift of the whole batch changes nothing, "
    "and autograd says that it does. Detach only what is stored.",
    edits=[(BATCH, "mean, var = x.mean(axes).detach(), x.var(axes, correction=0)")],
)

slip(
    "variance_detached",
    "Detaches the variance.",
    fails="gradients whole finale",
    hint="The variance that divides is cut off from the graph: a stretch of the whole batch changes next to "
    "nothing, and autograd says that it does. Detach only what is stored.",
    edits=[(BATCH, "mean, var = x.mean(axes), x.var(axes, correction=0).detach()")],
)

slip(
    "input_detached",
    "Detaches x.",
    fails="gradients whole finale",
    hint="x is cut off from the graph, so that no layer before this one learns anything.",
    edits=[(SHAPE, f"x = x.detach()\n{SHAPE}")],
)

slip(
    "output_detached",
    "Detaches y.",
    fails="gradients whole finale",
    hint="y is cut off from the graph: neither x nor weight nor bias gets a gradient.",
    edits=[
        ("return x_hat", "return x_hat.detach()"),
        (Y, "return (self.weight.reshape(shape) * x_hat + self.bias.reshape(shape)).detach()"),
    ],
)

slip(
    "weight_data",
    "Uses the data of weight and bias.",
    fails="gradients whole finale",
    hint="weight.data and bias.data are cut off from the graph, so that neither gets a gradient. Use the "
    "Parameters themselves.",
    edits=[(Y, "return self.weight.data.reshape(shape) * x_hat + self.bias.data.reshape(shape)")],
)

slip(
    "evaluation_without_gradient",
    "Evaluates under no_grad.",
    fails="gradients whole finale",
    hint="In evaluation nothing has a gradient. Whether gradients are recorded is for the caller to say: "
    "whoever freezes batch norms in a network that is trained needs them.",
    edits=[
        (
            SHAPE,
            f"if not self.training and self.running_mean is not None:\n    x = x.detach()\n{SHAPE}",
        )
    ],
)

slip(
    "history_kept",
    "Stores running statistics with their history.",
    fails="no_history",
    hint="The running statistics are computed from tensors with a gradient history, and keep it: the graph "
    "of every batch stays in memory. Update them under torch.no_grad(), or from detached tensors.",
    edits=[(WITH, "if True:")],
)

slip(
    "running_mean_requires_gradient",
    "Has running statistics that require a gradient from the start.",
    fails="no_history",
    hint="The running statistics require a gradient from the start, though nothing is to train them. A "
    "buffer is a plain tensor.",
    edits=[
        (
            'self.register_buffer("num_batches_tracked"',
            """
if tracked:
    self.running_mean.requires_grad_()
    self.running_var.requires_grad_()
self.register_buffer("num_batches_tracked"
""",
        ),
        (MEAN, "self.running_mean.lerp_(mean, new)"),
        (VAR, "self.running_var.lerp_(var * m / (m - 1), new)"),
    ],
)
