"""Modules that hold their state in the wrong way."""

from autograder.mistakes.ex08_module.plain import Pairs

CATALOGUE = Pairs()
slip = CATALOGUE.slip

WEIGHT = "self.weight = torch.nn.Parameter(torch.ones(c)) if affine else None"
BIAS = "self.bias = torch.nn.Parameter(torch.zeros(c)) if affine else None"
MEAN = 'self.register_buffer("running_mean", torch.zeros(c) if tracked else None)'
VAR = 'self.register_buffer("running_var", torch.ones(c) if tracked else None)'
COUNTER = 'self.register_buffer("num_batches_tracked", torch.tensor(0) if tracked else None)'
COUNT = "self.num_batches_tracked += 1"
ITEM = "new = 1 / self.num_batches_tracked.item()"

# --- weight and bias -------------------------------------------------------------------------------

slip(
    "plain_weights",
    "Keeps weight and bias as tensors that require a gradient, and are no Parameters.",
    fails="parameters state_dict moves",
    hint="weight and bias are tensors that require a gradient, but no Parameters: no optimizer finds them, "
    "no checkpoint holds them, double() and to() leave them behind. Wrap them in torch.nn.Parameter.",
    edits=[
        (WEIGHT, "self.weight = torch.ones(c).requires_grad_() if affine else None"),
        (BIAS, "self.bias = torch.zeros(c).requires_grad_() if affine else None"),
    ],
)

slip(
    "weights_as_buffers",
    "Registers weight and bias as buffers.",
    fails="parameters",
    hint="weight and bias are buffers, which no optimizer ever sees. What is learned by gradient is a "
    "torch.nn.Parameter.",
    edits=[
        (WEIGHT, 'self.register_buffer("weight", torch.ones(c) if affine else None)'),
        (BIAS, 'self.register_buffer("bias", torch.zeros(c) if affine else None)'),
    ],
)

slip(
    "frozen_weights",
    "Makes Parameters that require no gradient.",
    fails="parameters",
    hint="weight and bias are Parameters that require no gradient, so that no training changes them. Leave "
    "requires_grad at its default.",
    edits=[
        (WEIGHT, WEIGHT.replace("ones(c))", "ones(c), requires_grad=False)")),
        (BIAS, BIAS.replace("zeros(c))", "zeros(c), requires_grad=False)")),
    ],
)

slip(
    "weight_zero",
    "Starts with weight 0.",
    fails="parameters",
    hint="weight is 0 at first, so that a new module gives the same for every input. It starts at 1.",
    edits=[(WEIGHT, WEIGHT.replace("torch.ones", "torch.zeros"))],
)

slip(
    "affine_ignored",
    "Has a weight and a bias whatever affine says.",
    fails="parameters state_dict whole",
    hint="With affine=False there still are a weight and a bias, which are trained and saved. There must be "
    "none: both attributes are None.",
    edits=[
        (WEIGHT, WEIGHT.removesuffix(" if affine else None")),
        (BIAS, BIAS.removesuffix(" if affine else None")),
    ],
)

slip(
    "shaped_for_images",
    "Keeps weight and bias in the shape (1, C, 1, 1).",
    fails="parameters state_dict",
    hint="weight and bias have the shape (1, C, 1, 1), so that torch's checkpoints do not fit. Keep them in "
    "shape (C,), and reshape where they are used.",
    edits=[
        (WEIGHT, WEIGHT.replace("ones(c)", "ones(1, c, 1, 1)")),
        (BIAS, BIAS.replace("zeros(c)", "zeros(1, c, 1, 1)")),
    ],
    of="BatchNorm2d",
)

slip(
    "gamma_and_beta",
    "Calls the parameters gamma and beta.",
    fails="parameters state_dict scale_and_shift eval_output whole finale",
    hint="The parameters have other names than weight and bias, so that no checkpoint of torch's fits, and "
    "whoever sets weight sets nothing. Use torch's names.",
    edits=[
        (WEIGHT, WEIGHT.replace("weight", "gamma")),
        (BIAS, BIAS.replace("bias", "beta")),
        ("if self.weight is None:", "if self.gamma is None:"),
        (
            "return self.weight.reshape(shape) * x_hat + self.bias.reshape(shape)",
            "return self.gamma.reshape(shape) * x_hat + self.beta.reshape(shape)",
        ),
    ],
    whole=True,
)

# --- running statistics ----------------------------------------------------------------------------

slip(
    "plain_statistics",
    "Keeps the running statistics as plain attributes.",
    fails="buffers state_dict moves",
    hint="running_mean and running_var are plain attributes: state_dict does not save them, double() and "
    "to() leave them behind. Use register_buffer.",
    edits=[
        (MEAN, "self.running_mean = torch.zeros(c) if tracked else None"),
        (VAR, "self.running_var = torch.ones(c) if tracked else None"),
    ],
)

slip(
    "statistics_are_parameters",
    "Makes Parameters of the running statistics.",
    fails="parameters buffers no_history finale",
    hint="running_mean and running_var are Parameters, so that an optimizer with weight decay pulls them "
    "to 0. No gradient makes them: they are buffers.",
    edits=[
        (MEAN, "self.running_mean = torch.nn.Parameter(torch.zeros(c)) if tracked else None"),
        (VAR, "self.running_var = torch.nn.Parameter(torch.ones(c)) if tracked else None"),
        (
            "self.running_mean = (1 - new) * self.running_mean + new * mean",
            "self.running_mean.lerp_(mean, new)",
        ),
        (
            "self.running_var = (1 - new) * self.running_var + new * var * m / (m - 1)",
            "self.running_var.lerp_(var * m / (m - 1), new)",
        ),
    ],
)

slip(
    "not_persistent",
    "Registers buffers that are not saved.",
    fails="state_dict",
    hint="The running statistics are registered with persistent=False: they move with the module, and no "
    "checkpoint holds them. Leave persistent at its default.",
    edits=[
        (MEAN, MEAN.replace("else None)", "else None, persistent=False)")),
        (VAR, VAR.replace("else None)", "else None, persistent=False)")),
    ],
)

slip(
    "running_var_zero",
    "Starts with running_var 0.",
    fails="buffers",
    hint="running_var is 0 at first, so that evaluation before any training divides by the root of eps. It "
    "starts at 1.",
    edits=[(VAR, VAR.replace("torch.ones", "torch.zeros"))],
)

slip(
    "statistics_shaped_for_images",
    "Keeps the running statistics in the shape (1, C, 1, 1).",
    fails="buffers state_dict finale",
    hint="running_mean and running_var have the shape (1, C, 1, 1), so that torch's checkpoints do not fit. "
    "Keep them in shape (C,), and reshape where they are used.",
    edits=[
        (MEAN, MEAN.replace("zeros(c)", "zeros(1, c, 1, 1)")),
        (VAR, VAR.replace("ones(c)", "ones(1, c, 1, 1)")),
        (
            "self.running_mean = (1 - new) * self.running_mean + new * mean",
            "self.running_mean = (1 - new) * self.running_mean + new * mean.view(1, -1, 1, 1)",
        ),
        (
            "self.running_var = (1 - new) * self.running_var + new * var * m / (m - 1)",
            """
var = var.view(1, -1, 1, 1)
self.running_var = (1 - new) * self.running_var + new * var * m / (m - 1)
""",
        ),
    ],
    of="BatchNorm2d",
)

slip(
    "tracking_ignored",
    "Has running statistics whatever track_running_stats says.",
    fails="buffers state_dict without_tracking one_value whole",
    hint="With track_running_stats=False there still are running statistics, and evaluation uses them. "
    "There must be none: the three attributes are None.",
    edits=[
        (MEAN, MEAN.replace(" if tracked else None", "")),
        (VAR, VAR.replace(" if tracked else None", "")),
        (COUNTER, COUNTER.replace(" if tracked else None", "")),
    ],
    whole=True,
)

slip(
    "eps_is_saved",
    "Registers eps as a buffer.",
    fails="state_dict",
    hint="Something more stands in the state_dict than in torch's: options such as eps and momentum are "
    "plain attributes, no buffers.",
    edits=[
        (
            "self.eps, self.momentum = eps, momentum",
            """
self.momentum = momentum
self.register_buffer("eps", torch.tensor(eps, dtype=torch.float64))
""",
        )
    ],
)

# --- the counter -----------------------------------------------------------------------------------

slip(
    "no_counter",
    "Has no num_batches_tracked.",
    fails="buffers state_dict cumulative counter whole",
    hint="There is no num_batches_tracked, which torch's state_dict has. Torch forgives that when it loads "
    "yours, which is why the keys are compared. Register it, and count.",
    edits=[
        (COUNTER, "self.count = 0"),
        (COUNT, "self.count += 1"),
        (ITEM, "new = 1 / self.count"),
    ],
    whole=True,
)

slip(
    "counter_is_an_int",
    "Counts in a Python int.",
    fails="buffers state_dict counter",
    hint="num_batches_tracked is a Python int, which state_dict does not save. Register an int64 tensor.",
    edits=[
        (COUNTER, "self.num_batches_tracked = 0 if tracked else None"),
        (ITEM, "new = 1 / self.num_batches_tracked"),
    ],
    whole=True,
)

slip(
    "counter_is_a_float",
    "Counts in a float tensor.",
    fails="buffers counter",
    hint="num_batches_tracked is a float, which half() turns into one that stops at 2048. Make it an int64 "
    "tensor: torch.tensor(0), not torch.zeros(()).",
    edits=[(COUNTER, COUNTER.replace("torch.tensor(0)", "torch.zeros(())"))],
)

slip(
    "counter_becomes_a_float",
    "Counts on in float.",
    fails="counter",
    hint="num_batches_tracked is int64 at first, and a float after the first batch. Add the int 1, not 1.0.",
    edits=[(COUNT, "self.num_batches_tracked = self.num_batches_tracked + 1.0")],
)

slip(
    "buffers_become_attributes",
    "Replaces the buffers by plain attributes in training.",
    fails="moves",
    hint="The buffers are registered, and then deleted and set anew as plain attributes in the first batch: "
    "from there on double() and to() miss them. Assign to the registered name, or change it in place.",
    edits=[
        (
            "self.running_mean = (1 - new) * self.running_mean + new * mean",
            """
running_mean = (1 - new) * self.running_mean + new * mean
self.__dict__["running_mean"] = running_mean
""",
        ),
    ],
)
