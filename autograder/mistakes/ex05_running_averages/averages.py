"""Layers whose running averages, or whose output in training, are wrong."""

from autograder.mistakes.ex05_running_averages.plain import Slips

CATALOGUE = Slips()
slip = CATALOGUE.slip

slip(
    "momentum_reversed",
    "Weights the old value by momentum.",
    fails="momentum whole",
    hint="momentum weights the old value, as in Keras. Here it weights the new batch: the average "
    "keeps 1 - momentum of its old value.",
    edits=[
        (
            "old, new = 1 - self.momentum, self.momentum",
            "old, new = self.momentum, 1 - self.momentum",
        ),
    ],
)

slip(
    "momentum_reversed_for_var",
    "Weights the old running_var by momentum.",
    fails="momentum whole",
    hint="running_mean is right, but in running_var momentum weights the old value. It weights the "
    "new batch in both.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = new * self.running_var + old * var * m / (m - 1)",
        ),
    ],
)

slip(
    "momentum_hard_coded",
    "Always uses 0.1.",
    fails="running_mean running_var momentum whole",
    hint="momentum is always 0.1, whatever the caller passes. Use the argument.",
    edits=[
        ("old, new = 1 - self.momentum, self.momentum", "old, new = 0.9, 0.1"),
    ],
    whole=True,
)

slip(
    "momentum_zero_replaced",
    "Takes a momentum of 0 for none given.",
    fails="momentum whole",
    hint="A momentum of 0 is replaced by 0.1, as by `momentum or 0.1`: 0 counts as false. It is a number "
    "like others, and leaves the running averages where they are.",
    edits=[
        (
            "old, new = 1 - self.momentum, self.momentum",
            "new = self.momentum or 0.1\nold = 1 - new",
        ),
    ],
)

slip(
    "momentum_one_replaced",
    "Allows a momentum below 1 only.",
    fails="momentum whole",
    hint="With a momentum of 1 the running averages keep a part of their old value, as if it were less. With 1 "
    "they are those of the last batch.",
    edits=[
        (
            "old, new = 1 - self.momentum, self.momentum",
            "new = min(self.momentum, 0.99)\nold = 1 - new",
        ),
    ],
)

slip(
    "biased_running_var",
    "Keeps the biased variance.",
    fails="running_var whole",
    hint="running_var takes the biased variance. The biased one normalizes; what is kept is the "
    "unbiased one, M/(M - 1) times as large.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = old * self.running_var + new * var",
        ),
    ],
)

slip(
    "inverted_bessel",
    "Multiplies by (M - 1)/M.",
    fails="running_var whole",
    hint="Bessel's correction is upside down: running_var takes (M - 1)/M times the biased variance. "
    "The factor is M/(M - 1).",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = old * self.running_var + new * var * (m - 1) / m",
        ),
    ],
)

slip(
    "bessel_twice",
    "Corrects the unbiased variance once more.",
    fails="running_var whole",
    hint="Bessel's correction is applied twice: M/(M - 1) belongs to the biased variance, not to one "
    "that was divided by M - 1 already.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            """
unbiased = x.var(axis=0, ddof=1)
self.running_var = old * self.running_var + new * unbiased * m / (m - 1)
""",
        ),
    ],
)

slip(
    "bessel_on_the_average",
    "Corrects the old average along with the new variance.",
    fails="running_var momentum whole",
    hint="Bessel's factor multiplies the whole running_var, the old value included, which grows at "
    "every step. It belongs to the new batch's variance only.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = (old * self.running_var + new * var) * m / (m - 1)",
        ),
    ],
)

slip(
    "bessel_by_features",
    "Takes the number of features for that of samples.",
    fails="running_var whole",
    hint="Bessel's correction uses the number of features. M is the number of samples that the "
    "variance was taken over: x.shape[0].",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            """
d = x.shape[1]
self.running_var = old * self.running_var + new * var * d / (d - 1)
""",
        ),
    ],
)

slip(
    "bessel_on_the_mean",
    "Corrects the mean too.",
    fails="running_mean whole",
    hint="Bessel's correction is applied to the mean. It belongs to the variance only.",
    edits=[
        (
            "self.running_mean = old * self.running_mean + new * mean",
            "self.running_mean = old * self.running_mean + new * mean * m / (m - 1)",
        ),
    ],
)

slip(
    "overwrites",
    "Keeps the last batch only.",
    fails="running_mean running_var momentum whole",
    hint="The running averages are overwritten by the last batch. Blend old and new, with the "
    "weights of the text.",
    edits=[
        ("old, new = 1 - self.momentum, self.momentum", ""),
        ("self.running_mean = old * self.running_mean + new * mean", "self.running_mean = mean"),
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = var * m / (m - 1)",
        ),
    ],
    whole=True,
)

slip(
    "cumulative",
    "Gives every batch the same weight.",
    fails="running_mean running_var momentum whole",
    hint="All batches get the same weight, and momentum is not used. Blend old and new with the same "
    "weights at every batch, those of the text.",
    edits=[
        (
            "old, new = 1 - self.momentum, self.momentum",
            """
new = 1 / (self.num_batches_tracked + 1)
old = 1 - new
""",
        ),
    ],
    whole=True,
)

slip(
    "never_updates",
    "Never updates the running averages.",
    fails="running_mean running_var momentum whole",
    hint="The running averages never change. Computing a new value is not enough: assign it back to "
    "the attribute.",
    edits=[
        ("old, new = 1 - self.momentum, self.momentum", ""),
        ("self.running_mean = old * self.running_mean + new * mean", ""),
        ("self.running_var = old * self.running_var + new * var * m / (m - 1)", ""),
    ],
    whole=True,
)

slip(
    "mean_only",
    "Updates running_mean only.",
    fails="running_var momentum whole",
    hint="running_mean is updated, running_var never. Both are, at each training batch.",
    edits=[
        ("self.running_var = old * self.running_var + new * var * m / (m - 1)", ""),
    ],
    whole=True,
)

slip(
    "var_only",
    "Updates running_var only.",
    fails="running_mean momentum whole",
    hint="running_var is updated, running_mean never. Both are, at each training batch.",
    edits=[
        ("self.running_mean = old * self.running_mean + new * mean", ""),
    ],
    whole=True,
)

slip(
    "averages_exchanged",
    "Assigns the two the other way round.",
    fails="running_mean running_var whole",
    hint="The batch mean goes into running_var and the variance into running_mean. Check the order "
    "of what you unpack.",
    edits=[
        (
            "self.running_mean = old * self.running_mean + new * mean",
            "self.running_var = old * self.running_var + new * mean",
        ),
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_mean = old * self.running_mean + new * var * m / (m - 1)",
        ),
    ],
    whole=True,
)

slip(
    "adds_up",
    "Does not shrink the old value.",
    fails="running_mean running_var momentum whole",
    hint="The new batch is added without taking anything off the old value, so that the averages "
    "grow without end. The two weights add up to 1.",
    edits=[
        ("old, new = 1 - self.momentum, self.momentum", "old, new = 1, self.momentum"),
    ],
    whole=True,
)

slip(
    "old_not_kept_whole",
    "Weights the old value, but adds the new one unweighted.",
    fails="running_mean running_var whole",
    hint="The batch is added with weight 1, and only the old value is weighted. The two weights add "
    "up to 1.",
    edits=[
        ("old, new = 1 - self.momentum, self.momentum", "old, new = 1 - self.momentum, 1"),
    ],
    whole=True,
)

slip(
    "moves_away",
    "Moves away from the batch.",
    fails="running_mean running_var momentum whole",
    hint="The averages move away from the batch: the difference has the wrong sign. They move "
    "towards it.",
    edits=[
        (
            "old, new = 1 - self.momentum, self.momentum",
            "old, new = 1 + self.momentum, -self.momentum",
        ),
    ],
    whole=True,
)

slip(
    "first_batch_sets",
    "Takes the first batch as it is.",
    fails="running_mean running_var whole",
    hint="The first batch replaces the initial values. It is blended with them like any other: they "
    "start at 0 and 1.",
    edits=[
        (
            "old, new = 1 - self.momentum, self.momentum",
            """
new = self.momentum if self.num_batches_tracked else 1
old = 1 - new
""",
        ),
    ],
    whole=True,
)

slip(
    "debiased",
    "Corrects for the initial value.",
    fails="running_mean running_var momentum whole",
    hint="The running averages are divided by 1 - (1 - momentum)^t, as Adam does. Keep the plain "
    "blend; the initial values' weight fades by itself.",
    edits=[
        (
            "self.num_batches_tracked += 1",
            """
self.num_batches_tracked += 1
self.running_mean = self.running_mean / (1 - old**self.num_batches_tracked)
self.running_var = self.running_var / (1 - old**self.num_batches_tracked)
""",
        ),
    ],
    whole=True,
)

slip(
    "running_std",
    "Keeps the standard deviation.",
    fails="running_var whole",
    hint="running_var takes the standard deviation. Keep the variance; the root is taken when it is "
    "used.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = old * self.running_var + new * (var * m / (m - 1)) ** 0.5",
        ),
    ],
)

slip(
    "around_the_running_mean",
    "Takes squared distances from the running mean.",
    fails="running_var momentum whole",
    hint="running_var takes the distances from running_mean. A batch's variance is taken around the "
    "batch's own mean.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            """
spread = ((x - self.running_mean) ** 2).sum(axis=0) / (m - 1)
self.running_var = old * self.running_var + new * spread
""",
        ),
    ],
)

slip(
    "weights_by_size",
    "Weights a batch by its size.",
    fails="running_mean running_var momentum whole",
    hint="A batch gets a weight that depends on its size. Its weight is momentum, whatever its size.",
    edits=[
        (
            "old, new = 1 - self.momentum, self.momentum",
            """
new = self.momentum * m / (m + 1)
old = 1 - new
""",
        ),
    ],
    whole=True,
)

slip(
    "global_statistics",
    "Averages over all features.",
    fails="running_mean running_var whole",
    hint="The running averages take one mean and one variance of the whole batch. Each feature has "
    "its own: axis=0.",
    edits=[
        (
            "self.running_mean = old * self.running_mean + new * mean",
            "self.running_mean = old * self.running_mean + new * x.mean()",
        ),
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = old * self.running_var + new * x.var() * m / (m - 1)",
        ),
    ],
    whole=True,
)

slip(
    "updates_twice",
    "Updates the running averages twice for each batch.",
    fails="running_mean running_var momentum whole",
    hint="Each training batch updates the running averages twice. Once is enough.",
    edits=[
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            """
self.running_var = old * self.running_var + new * var * m / (m - 1)
self.running_mean = old * self.running_mean + new * mean
self.running_var = old * self.running_var + new * var * m / (m - 1)
""",
        ),
    ],
    whole=True,
)

slip(
    "updates_in_backward",
    "Updates the running averages in backward.",
    fails="running_mean running_var momentum",
    hint="The running averages do not change before backward is called. forward updates them.",
    edits=[
        ("old, new = 1 - self.momentum, self.momentum", ""),
        ("self.running_mean = old * self.running_mean + new * mean", ""),
        ("self.running_var = old * self.running_var + new * var * m / (m - 1)", ""),
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
self.seen = mean, var * m / max(m - 1, 1)
self.cache = x_hat, self.gamma * inv_std, self.training
""",
        ),
        (
            "dx = dx - scale * (dbeta + x_hat * dgamma) / len(dy)",
            """
dx = dx - scale * (dbeta + x_hat * dgamma) / len(dy)
old, new = 1 - self.momentum, self.momentum
self.running_mean = old * self.running_mean + new * self.seen[0]
self.running_var = old * self.running_var + new * self.seen[1]
""",
        ),
    ],
    whole=True,
)

slip(
    "normalizes_by_running",
    "Normalizes by the running averages in training.",
    fails="training_output training_gradients whole",
    hint="In training, x is normalized by the running averages. There the batch itself gives mean "
    "and variance; the averages are kept for evaluation.",
    edits=[
        (
            "self.num_batches_tracked += 1",
            """
self.num_batches_tracked += 1
mean, var = self.running_mean, self.running_var
""",
        ),
    ],
)

slip(
    "unbiased_everywhere",
    "Normalizes by the unbiased variance too.",
    fails="training_output whole",
    hint="Training normalizes by the unbiased variance. That one is for running_var only: divide by "
    "M to normalize.",
    edits=[
        (
            "mean, var = x.mean(axis=0), x.var(axis=0)",
            "mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)",
        ),
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = old * self.running_var + new * var",
        ),
    ],
)

slip(
    "over_features",
    "Takes the statistics that normalize over the features.",
    fails="training_output training_gradients whole",
    hint="In training each sample is normalized over its features, which is layer norm. Take the "
    "statistics over the samples: axis 0.",
    edits=[
        (
            "self.num_batches_tracked += 1",
            """
self.num_batches_tracked += 1
mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
""",
        ),
    ],
)

slip(
    "ignores_gamma_and_beta_in_training",
    "Leaves gamma and beta out in training.",
    fails="training_output whole",
    hint="In training gamma and beta are not used. They are, in either mode, as they are at that "
    "time.",
    edits=[
        (
            "return self.gamma * x_hat + self.beta",
            "return x_hat if self.training else self.gamma * x_hat + self.beta",
        ),
    ],
)

slip(
    "eps_outside_root",
    "Adds eps to the standard deviation.",
    fails="training_output eval_output eval_one_row whole",
    hint="eps is added to the standard deviation, outside the root. It joins the variance: sqrt(var "
    "+ eps).",
    edits=[
        ("inv_std = 1 / np.sqrt(var + self.eps)", "inv_std = 1 / (np.sqrt(var) + self.eps)"),
    ],
)

slip(
    "eps_hard_coded",
    "Always uses 1e-5.",
    fails="training_output eval_output eval_one_row whole",
    hint="eps is always 1e-5, whatever the caller passes. Use the argument.",
    edits=[
        ("inv_std = 1 / np.sqrt(var + self.eps)", "inv_std = 1 / np.sqrt(var + 1e-5)"),
    ],
)

slip(
    "no_eps",
    "Leaves eps out.",
    fails="training_output eval_output eval_one_row whole",
    hint="eps is left out. It is added to the variance inside the root, in either mode.",
    edits=[
        ("inv_std = 1 / np.sqrt(var + self.eps)", "inv_std = 1 / np.sqrt(var)"),
    ],
)
