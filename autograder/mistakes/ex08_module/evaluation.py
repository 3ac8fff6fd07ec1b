"""Modules that are wrong in evaluation, or without running statistics."""

from autograder.mistakes.ex08_module.plain import Pairs

CATALOGUE = Pairs()
slip = CATALOGUE.slip

USE = "mean, var = self.running_mean, self.running_var"
MODE = "if self.training or self.running_mean is None:"
TRACKED = "if self.running_mean is not None:"
CALL = "self.track(mean, var, m)"
INV_STD = "inv_std = 1 / torch.sqrt(var + self.eps)"
X_HAT = "x_hat = (x - mean.reshape(shape)) * inv_std.reshape(shape)"
INIT = "self.eps, self.momentum = eps, momentum"
ONE = """
if m == 1:
    raise ValueError(f"shape {tuple(x.shape)}")
"""
EVALUATING = "if not self.training and self.running_mean is not None:"

# --- which statistics ------------------------------------------------------------------------------

slip(
    "no_evaluation",
    "Does in evaluation what it does in training.",
    fails="eval_output eval_keeps_state whole finale",
    hint="Evaluation does what training does. Look at self.training: in evaluation the running statistics "
    "are used, and left as they are.",
    edits=[(MODE, "if True:")],
    whole=True,
)

slip(
    "batch_statistics_in_evaluation",
    "Normalizes by the batch in evaluation.",
    fails="eval_output whole finale",
    hint="In evaluation the batch is normalized by its own statistics, so that an output depends on its "
    "neighbours. Use running_mean and running_var.",
    edits=[
        (MODE, "if True:"),
        (ONE, "if m == 1 and (self.training or self.running_mean is None):\n    raise ValueError"),
        (TRACKED, "if self.running_mean is not None and self.training:"),
    ],
)

slip(
    "batch_variance_in_evaluation",
    "Divides by the deviation of the batch in evaluation.",
    fails="eval_output whole finale",
    hint="In evaluation x is divided by the batch's own deviation, though centred by running_mean. Use "
    "running_var.",
    edits=[(INV_STD, f"{EVALUATING}\n    var = x.var(axes, correction=0)\n{INV_STD}")],
)

slip(
    "running_statistics_in_training",
    "Normalizes by the running statistics in training too.",
    fails="training_rows training_maps without_tracking gradients whole finale",
    hint="In training x is normalized by the running statistics. These are for evaluation: a training batch "
    "is normalized by its own.",
    edits=[(CALL, f"{CALL}\n{USE}")],
)

slip(
    "running_deviation_in_evaluation",
    "Divides by running_var itself.",
    fails="eps eval_output whole finale",
    hint="In evaluation the root is missing: x - running_mean is divided by running_var + eps.",
    edits=[(INV_STD, f"{INV_STD}\n{EVALUATING}\n    inv_std = 1 / (var + self.eps)")],
)

slip(
    "not_centred_in_evaluation",
    "Does not centre in evaluation.",
    fails="eval_output whole finale",
    hint="In evaluation running_mean is not subtracted. First centre, then scale.",
    edits=[(INV_STD, f"{EVALUATING}\n    mean = torch.zeros_like(mean)\n{INV_STD}")],
)

slip(
    "fixed_on_first_use",
    "Computes the statistics of evaluation once.",
    fails="whole",
    hint="What evaluation needs is computed on its first use and kept, so that later training, or a "
    "checkpoint that is loaded, makes no difference. Look at the buffers each time.",
    edits=[
        (
            INV_STD,
            f"""
{INV_STD}
{EVALUATING}
    if not hasattr(self, "fixed"):
        self.fixed = mean, inv_std
    mean, inv_std = self.fixed
""",
        )
    ],
)

# --- the mode --------------------------------------------------------------------------------------

slip(
    "mode_of_its_own",
    "Keeps a flag that its own eval() sets.",
    fails="eval_output finale",
    hint="The module keeps its mode in a flag that its own eval() sets. A network's eval() does not call "
    "that: it sets self.training in all modules. Look there, and leave train() and eval() alone.",
    edits=[
        (INIT, f"{INIT}\nself.evaluating = False"),
        (
            "def track(",
            """
def eval(self):
    super().eval()
    self.evaluating = True
    return self

def train(self, mode=True):
    self.evaluating = False
    return super().train(mode)

def track(""",
        ),
        (MODE, "if not self.evaluating or self.running_mean is None:"),
    ],
)

slip(
    "evaluation_updates",
    "Moves the running statistics in evaluation.",
    fails="eval_keeps_state whole finale",
    hint="Forward passes in evaluation move the running statistics. Only training does.",
    edits=[
        (
            INV_STD,
            f"""
{INV_STD}
if not self.training and self.running_mean is not None:
    m = x.numel() // x.shape[1]
    if m > 1:
        self.track(x.mean(axes), x.var(axes, correction=0), m)
        self.num_batches_tracked -= 1
""",
        )
    ],
)

slip(
    "evaluation_counts",
    "Counts batches in evaluation.",
    fails="eval_keeps_state",
    hint="Forward passes in evaluation are counted. num_batches_tracked counts training batches.",
    edits=[
        (
            INV_STD,
            f"{INV_STD}\n{EVALUATING}\n    self.num_batches_tracked += 1",
        )
    ],
)

slip(
    "eps_into_the_buffer",
    "Adds eps to running_var in place.",
    fails="eval_keeps_state whole finale",
    hint="Each forward pass in evaluation adds eps to running_var itself: var += eps works on the very "
    "tensor that the module keeps. Compute in a new one.",
    edits=[
        (
            INV_STD,
            "if self.training or self.running_mean is None:\n    var = var.clone()\nvar += self.eps\ninv_std = 1 / torch.sqrt(var)",
        )
    ],
)

slip(
    "eval_resets",
    "Resets the running statistics on eval().",
    fails="eval_output eval_keeps_state whole finale",
    hint="eval() puts the running statistics back to 0 and 1. It changes the mode, no more: leave train() "
    "and eval() alone.",
    edits=[
        (
            "def track(",
            """
def train(self, mode=True):
    if not mode and self.running_mean is not None:
        self.running_mean.zero_()
        self.running_var.fill_(1)
    return super().train(mode)

def track(""",
        )
    ],
    whole=True,
)

# --- one value per channel -------------------------------------------------------------------------

slip(
    "refuses_one_in_evaluation",
    "Refuses one value per channel in evaluation too.",
    fails="eval_output",
    hint="One value per channel is refused in evaluation too, where nothing is computed from the batch. "
    "Refuse it only where the batch's statistics are needed.",
    edits=[
        (
            MODE,
            f"""
if x.numel() == x.shape[1]:
    raise ValueError(tuple(x.shape))
{MODE}
""",
        )
    ],
)

# --- track_running_stats=False ---------------------------------------------------------------------

slip(
    "untracked_means_initial",
    "Normalizes by 0 and 1 in evaluation, with track_running_stats=False.",
    fails="without_tracking one_value whole finale",
    hint="With track_running_stats=False evaluation leaves x as it is, as if the running statistics were 0 "
    "and 1. There is nothing to normalize by but the batch: use its statistics in both modes.",
    edits=[
        (
            MODE,
            """
if self.running_mean is None and not self.training:
    mean, var = x.new_zeros(x.shape[1]), x.new_ones(x.shape[1])
elif self.training:
""",
        )
    ],
)

slip(
    "untracked_crashes",
    "Reads running statistics in evaluation whether there are any or not.",
    fails="without_tracking one_value whole finale",
    hint="With track_running_stats=False evaluation reads running statistics, which are None. Use those of "
    "the batch, in both modes.",
    edits=[(MODE, "if self.training:")],
)
