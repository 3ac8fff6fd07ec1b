"""Modules whose running statistics or counter go wrong in training."""

from autograder.mistakes.ex08_module.plain import Pairs

CATALOGUE = Pairs()
slip = CATALOGUE.slip

MEAN = "self.running_mean = (1 - new) * self.running_mean + new * mean"
VAR = "self.running_var = (1 - new) * self.running_var + new * var * m / (m - 1)"
COUNT = "self.num_batches_tracked += 1"
NEW = "new = self.momentum"
NONE = "if new is None:"
ITEM = "new = 1 / self.num_batches_tracked.item()"
CALL = "self.track(mean, var, m)"

# --- what is stored --------------------------------------------------------------------------------

slip(
    "biased_running_var",
    "Stores the biased variance.",
    fails="running_var whole finale",
    hint="running_var takes the biased variance, the one that normalizes. It takes the unbiased one, M / (M "
    "- 1) times as large.",
    edits=[(VAR, "self.running_var = (1 - new) * self.running_var + new * var")],
)

slip(
    "bessel_inverted",
    "Stores the variance times (M - 1) / M.",
    fails="running_var whole finale",
    hint="running_var takes the biased variance times (M - 1) / M. The factor is M / (M - 1).",
    edits=[(VAR, VAR.replace("m / (m - 1)", "(m - 1) / m"))],
)

slip(
    "bessel_by_samples",
    "Corrects the variance by N / (N - 1) where a channel has more values.",
    fails="running_var whole finale",
    hint="For x with more than two axes running_var is corrected by N / (N - 1). Its M is the number of a "
    "channel's values, N L or N H W.",
    edits=[
        (CALL, "self.track(mean, var, len(x) if len(x) > 1 else m)"),
    ],
    of="BatchNorm2d",
)

slip(
    "deviation_stored",
    "Stores the standard deviation.",
    fails="running_var whole finale",
    hint="running_var takes the deviation of the batch. Store its variance; evaluation takes the root.",
    edits=[(VAR, VAR.replace("var * m / (m - 1)", "(var * m / (m - 1)).sqrt()"))],
)

slip(
    "eps_stored",
    "Stores the variance with eps added.",
    fails="running_var whole finale",
    hint="running_var takes the variance with eps already added, and evaluation adds it again. Store the "
    "variance without it.",
    edits=[(VAR, VAR.replace("var * m / (m - 1)", "(var * m / (m - 1) + self.eps)"))],
)

slip(
    "never_tracked",
    "Never updates the running statistics.",
    fails="running_mean running_var momentum cumulative whole finale",
    hint="Training leaves the running statistics at what they were. Each training batch moves both.",
    edits=[(MEAN, ""), (VAR, "")],
)

slip(
    "mean_not_tracked",
    "Updates the running variance only.",
    fails="running_mean momentum cumulative whole finale",
    hint="running_mean never moves; running_var does. Each training batch moves both.",
    edits=[(MEAN, "")],
)

slip(
    "var_not_tracked",
    "Updates the running mean only.",
    fails="running_var momentum cumulative whole finale",
    hint="running_var never moves; running_mean does. Each training batch moves both.",
    edits=[(VAR, "")],
)

slip(
    "only_with_gradients",
    "Tracks only where gradients are recorded.",
    fails="running_mean running_var counter",
    hint="Under torch.no_grad() the batch is not tracked. Whether it is depends on training alone: that is "
    "how running statistics are estimated anew after training.",
    edits=[
        (
            "if self.running_mean is not None:",
            "if self.running_mean is not None and torch.is_grad_enabled():",
        )
    ],
)

slip(
    "statistics_from_zero",
    "Replaces the initial values by the first batch.",
    fails="running_mean running_var momentum whole",
    hint="The first batch replaces what a new module holds. Its initial values, 0 and 1, are blended like "
    "any others.",
    edits=[(NONE, "if new is None or self.num_batches_tracked == 1:")],
)

# --- momentum --------------------------------------------------------------------------------------

slip(
    "momentum_of_keras",
    "Weights the old value by momentum.",
    fails="momentum whole finale",
    hint="momentum weights the old value, as in Keras. In PyTorch it weights the new one.",
    edits=[(NEW, "new = self.momentum if self.momentum is None else 1 - self.momentum")],
)

slip(
    "momentum_fixed",
    "Takes 0.1 whatever momentum was given.",
    fails="running_mean running_var momentum whole finale",
    hint="The new batch weighs 0.1 whatever momentum was given. Keep the argument, and use it.",
    edits=[(NEW, "new = None if self.momentum is None else 0.1")],
)

slip(
    "overwritten",
    "Replaces the running statistics by those of the batch.",
    fails="running_mean running_var momentum cumulative whole finale",
    hint="Each batch replaces the running statistics. It is blended into them, with the weight momentum.",
    edits=[(NEW, "new = 1.0")],
    whole=True,
)

slip(
    "added_up",
    "Adds the new value without taking of the old.",
    fails="running_mean running_var momentum cumulative whole finale",
    hint="momentum times the new value is added to the old, of which nothing is taken away, so that both "
    "grow without end. The old value keeps the weight 1 - momentum.",
    edits=[
        (MEAN, "self.running_mean = self.running_mean + new * mean"),
        (VAR, "self.running_var = self.running_var + new * var * m / (m - 1)"),
    ],
    whole=True,
)

slip(
    "zero_means_none",
    "Takes momentum=0 for None.",
    fails="momentum whole",
    hint="momentum=0 is taken for None, since 0 is false. Ask whether it is None.",
    edits=[(NONE, "if not new:")],
)

# --- momentum=None ---------------------------------------------------------------------------------

slip(
    "none_means_default",
    "Takes momentum=None for 0.1.",
    fails="cumulative whole",
    hint="With momentum=None the new batch weighs 0.1. It weighs 1 / num_batches_tracked.",
    edits=[(ITEM, "new = 0.1")],
)

slip(
    "always_cumulative",
    "Averages over all batches whatever momentum is.",
    fails="running_mean running_var momentum whole finale",
    hint="All batches weigh the same whatever momentum is. That is for momentum=None only.",
    edits=[(NONE, "if True:")],
)

slip(
    "counted_afterwards",
    "Divides by the count that holds one batch too many.",
    fails="cumulative whole",
    hint="With momentum=None the new batch weighs 1 / (t + 1): the initial values are counted as if they "
    "were a batch. The first batch weighs 1, the second 1/2.",
    edits=[(ITEM, "new = 1 / (self.num_batches_tracked.item() + 1)")],
)

slip(
    "count_of_its_own",
    "Divides by a count that no checkpoint holds.",
    fails="cumulative whole",
    hint="With momentum=None the weight comes from a count other than num_batches_tracked, one that no "
    "checkpoint holds: after loading it starts anew.",
    edits=[
        (
            "self.eps, self.momentum = eps, momentum",
            "self.eps, self.momentum, self.seen = eps, momentum, 0",
        ),
        (COUNT, f"{COUNT}\nself.seen += 1"),
        (ITEM, "new = 1 / self.seen"),
    ],
)

# --- the counter -----------------------------------------------------------------------------------

slip(
    "not_counted",
    "Does not count.",
    fails="cumulative counter whole",
    hint="num_batches_tracked stays 0. Each training batch adds 1.",
    edits=[
        (COUNT, ""),
        (ITEM, "new = 1 / (self.num_batches_tracked.item() + 1)"),
    ],
)

slip(
    "samples_counted",
    "Counts samples.",
    fails="cumulative counter whole",
    hint="num_batches_tracked grows by the number of values. It counts batches: 1 for each.",
    edits=[(COUNT, "self.num_batches_tracked += m")],
    whole=True,
)
