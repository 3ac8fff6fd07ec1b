"""Layers that are wrong in evaluation, or in changing between the modes."""

from autograder.mistakes.ex05_running_averages.plain import Slips

CATALOGUE = Slips()
slip = CATALOGUE.slip

slip(
    "batch_statistics_in_evaluation",
    "Uses the batch in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation the batch is normalized by its own statistics, so that a sample's output "
    "depends on its neighbours, and one sample alone gives beta. Use running_mean and "
    "running_var.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training:
    mean, var = x.mean(axis=0), x.var(axis=0)
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "batch_mean_in_evaluation",
    "Centres by the batch in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation x is centred by its own mean, though divided by the running deviation. "
    "Subtract running_mean.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training:
    mean = x.mean(axis=0)
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "batch_variance_in_evaluation",
    "Divides by the spread of the batch in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation x is divided by the batch's own deviation, though centred by running_mean. "
    "Use running_var.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training:
    var = x.var(axis=0)
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "batch_statistics_if_many",
    "Uses the running averages for one sample only.",
    fails="eval_output whole",
    hint="In evaluation the running averages are used for one sample only; larger batches are "
    "normalized by their own statistics. The size of the batch makes no difference.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training and m > 1:
    mean, var = x.mean(axis=0), x.var(axis=0)
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "no_modes",
    "Trains on everything.",
    fails="eval_output eval_one_row eval_keeps_state eval_gradients whole",
    hint="Evaluation does what training does. eval() must make forward use the running averages and "
    "leave them alone.",
    edits=[
        (
            """
if self.training:
    if m
""",
            """
if True:
    if m
""",
        ),
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            "self.cache = x_hat, self.gamma * inv_std, True",
        ),
    ],
    whole=True,
)

slip(
    "evaluation_updates",
    "Updates the running averages in evaluation.",
    fails="eval_keeps_state whole",
    hint="Forward passes in evaluation move the running averages. Only training does.",
    edits=[
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
if not self.training and m > 1:
    old, new = 1 - self.momentum, self.momentum
    self.running_mean = old * self.running_mean + new * x.mean(axis=0)
    self.running_var = old * self.running_var + new * x.var(axis=0, ddof=1)
self.cache = x_hat, self.gamma * inv_std, self.training
""",
        ),
    ],
)

slip(
    "eps_into_the_state",
    "Adds eps to running_var in place.",
    fails="eval_keeps_state whole",
    hint="Every forward pass in evaluation adds eps to running_var itself: var += eps works on the "
    "very array that the layer keeps. Compute in a new array.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
var += self.eps
inv_std = 1 / np.sqrt(var)
""",
        ),
    ],
)

slip(
    "evaluation_updates_and_counts",
    "Updates the whole state in evaluation.",
    fails="eval_keeps_state whole",
    hint="Forward passes in evaluation move the running averages and are counted. Only training does "
    "that.",
    edits=[
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
if not self.training and m > 1:
    old, new = 1 - self.momentum, self.momentum
    self.running_mean = old * self.running_mean + new * x.mean(axis=0)
    self.running_var = old * self.running_var + new * x.var(axis=0, ddof=1)
    self.num_batches_tracked += 1
self.cache = x_hat, self.gamma * inv_std, self.training
""",
        ),
    ],
)

slip(
    "plain_evaluation",
    "Leaves gamma and beta out in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation gamma and beta are left out. The formula is the same as in training, with "
    "other statistics.",
    edits=[
        (
            "return self.gamma * x_hat + self.beta",
            "return self.gamma * x_hat + self.beta if self.training else x_hat",
        ),
    ],
)

slip(
    "no_beta_in_evaluation",
    "Leaves beta out in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation beta is left out. The formula is the same as in training, with other "
    "statistics.",
    edits=[
        (
            "return self.gamma * x_hat + self.beta",
            "return self.gamma * x_hat + (self.beta if self.training else 0)",
        ),
    ],
)

slip(
    "no_eps_in_evaluation",
    "Leaves eps out in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation eps is left out. It is added to running_var inside the root, as to the "
    "variance in training.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            "inv_std = 1 / np.sqrt(var + (self.eps if self.training else 0))",
        ),
    ],
)

slip(
    "divides_by_variance_in_evaluation",
    "Divides by running_var itself.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation the root is missing: x - running_mean is divided by running_var + eps. Take "
    "its root.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            "inv_std = 1 / np.sqrt(var + self.eps) if self.training else 1 / (var + self.eps)",
        ),
    ],
)

slip(
    "not_centred_in_evaluation",
    "Does not centre in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation running_mean is not subtracted. First centre, then scale.",
    edits=[
        (
            "x_hat = (x - mean) * inv_std",
            "x_hat = (x - mean) * inv_std if self.training else x * inv_std",
        ),
    ],
)

slip(
    "bessel_undone_in_evaluation",
    "Takes the correction back in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation running_var is rescaled by the size of the batch at hand. That size has no "
    "say there: use running_var as it is.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training:
    var = var * (m - 1) / m
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "blends_in_evaluation",
    "Blends the batch into the statistics in evaluation.",
    fails="eval_output eval_one_row whole",
    hint="In evaluation the statistics are a blend of the running averages and the batch. Use the "
    "running averages as they are.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training:
    mean = (1 - self.momentum) * mean + self.momentum * x.mean(axis=0)
    var = (1 - self.momentum) * var + self.momentum * x.var(axis=0)
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "debiased_in_evaluation",
    "Corrects the running mean for its initial value where it is used.",
    fails="whole",
    hint="In evaluation running_mean is divided by 1 - (1 - momentum)^t. Use it as it is.",
    edits=[
        (
            "inv_std = 1 / np.sqrt(var + self.eps)",
            """
if not self.training and self.num_batches_tracked:
    mean = mean / (1 - (1 - self.momentum) ** self.num_batches_tracked)
inv_std = 1 / np.sqrt(var + self.eps)
""",
        ),
    ],
)

slip(
    "eval_resets",
    "Resets the running averages on eval().",
    fails="eval_output eval_one_row eval_keeps_state back_to_training whole",
    hint="eval() puts the running averages back to 0 and 1, and all that was learned is lost. It "
    "changes the mode, no more.",
    edits=[
        (
            """
def eval(self):
    self.training = False
""",
            """
def eval(self):
    self.training = False
    self.running_mean = np.zeros_like(self.running_mean)
    self.running_var = np.ones_like(self.running_var)
""",
        ),
    ],
    whole=True,
)

slip(
    "eval_debiases",
    "Corrects running_mean on eval().",
    fails="eval_keeps_state back_to_training whole",
    hint="eval() rescales running_mean by the weight of its initial value. It changes the mode, no "
    "more.",
    edits=[
        (
            """
def eval(self):
    self.training = False
""",
            """
def eval(self):
    self.training = False
    weight = 1 - (1 - self.momentum) ** self.num_batches_tracked
    if weight:
        self.running_mean = self.running_mean / weight
""",
        ),
    ],
)

slip(
    "eval_only_once",
    "Does nothing on train().",
    fails="back_to_training whole",
    hint="train() does not take the layer back from evaluation. It must set the mode that eval() has "
    "changed.",
    edits=[
        (
            """
def train(self):
    self.training = True
""",
            """
def train(self):
    pass
""",
        ),
    ],
)

slip(
    "train_resets",
    "Resets the running averages on train().",
    fails="back_to_training whole",
    hint="train() puts the running averages back to 0 and 1. It changes the mode, no more.",
    edits=[
        (
            """
def train(self):
    self.training = True
""",
            """
def train(self):
    self.training = True
    self.running_mean = np.zeros_like(self.running_mean)
    self.running_var = np.ones_like(self.running_var)
""",
        ),
    ],
    whole=True,
)

slip(
    "eval_resets_counter",
    "Resets the counter on eval().",
    fails="eval_keeps_state back_to_training whole",
    hint="eval() sets num_batches_tracked back to 0. It changes the mode, no more.",
    edits=[
        (
            """
def eval(self):
    self.training = False
""",
            """
def eval(self):
    self.training = False
    self.num_batches_tracked = 0
""",
        ),
    ],
    whole=True,
)

slip(
    "train_resets_counter",
    "Resets the counter on train().",
    fails="back_to_training whole",
    hint="train() sets num_batches_tracked back to 0. It changes the mode, no more.",
    edits=[
        (
            """
def train(self):
    self.training = True
""",
            """
def train(self):
    self.training = True
    self.num_batches_tracked = 0
""",
        ),
    ],
    whole=True,
)

slip(
    "eval_toggles",
    "Changes the mode over on eval().",
    fails="back_to_training",
    hint="eval() called a second time goes back into training: it changes the mode over. It sets the "
    "mode to evaluation, whatever it was.",
    edits=[
        (
            """
def eval(self):
    self.training = False
""",
            """
def eval(self):
    self.training = not self.training
""",
        ),
    ],
)

slip(
    "train_toggles",
    "Changes the mode over on train().",
    fails="back_to_training whole",
    hint="train() called in training goes into evaluation: it changes the mode over. It sets the mode to "
    "training, whatever it was.",
    edits=[
        (
            """
def train(self):
    self.training = True
""",
            """
def train(self):
    self.training = not self.training
""",
        ),
    ],
)

slip(
    "scale_of_the_first_eval",
    "Computes the scale and the shift on the first eval() only.",
    fails="whole",
    hint="The scale and the shift of evaluation are those of the first time that eval() was called. Training "
    "in between, or whoever assigns the averages, changes them: eval() must look again.",
    edits=[
        (
            "x_hat = (x - mean) * inv_std",
            """
if not self.training:
    if not hasattr(self, "fixed"):
        self.fixed = mean, inv_std
    mean, inv_std = self.fixed
x_hat = (x - mean) * inv_std
""",
        ),
    ],
)

# --- what layers share -----------------------------------------------------------------------------

slip(
    "cache_on_the_class",
    "Keeps what backward needs on the class.",
    fails="two_layers",
    hint="What forward keeps for backward is on the class, so that all layers share it, and a layer "
    "differentiates what another one has computed last. Keep it on self.",
    edits=[
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            "BatchNorm.cache = x_hat, self.gamma * inv_std, self.training",
        ),
    ],
)

slip(
    "mode_on_the_class",
    "Keeps the mode on the class.",
    fails="two_layers",
    hint="The mode is kept on the class, so that train() and eval() of one layer change all others. Keep "
    "it on self.",
    edits=[
        (
            "self.eps, self.momentum, self.training = eps, momentum, True",
            "self.eps, self.momentum, BatchNorm.training = eps, momentum, True",
        ),
        (
            """
def train(self):
    self.training = True
""",
            """
def train(self):
    BatchNorm.training = True
""",
        ),
        (
            """
def eval(self):
    self.training = False
""",
            """
def eval(self):
    BatchNorm.training = False
""",
        ),
    ],
)

slip(
    "counter_on_the_class",
    "Counts on the class.",
    fails="two_layers",
    hint="num_batches_tracked is kept on the class, so that each layer counts the batches of all. Keep it "
    "on self.",
    edits=[
        ("self.num_batches_tracked = 0", "BatchNorm.num_batches_tracked = 0"),
        ("self.num_batches_tracked += 1", "BatchNorm.num_batches_tracked += 1"),
    ],
)

slip(
    "options_on_the_class",
    "Keeps eps and momentum on the class.",
    fails="two_layers",
    hint="eps or momentum is kept on the class, so that a new layer changes them in all others. Keep both "
    "on self.",
    edits=[
        (
            "self.eps, self.momentum, self.training = eps, momentum, True",
            """
BatchNorm.eps, BatchNorm.momentum = eps, momentum
self.training = True
""",
        ),
    ],
)
