"""Layers whose gradients are wrong, or that change what is not theirs."""

from autograder.mistakes.ex05_running_averages.plain import Slips

CATALOGUE = Slips()
slip = CATALOGUE.slip

slip(
    "training_gradient_in_evaluation",
    "Uses training's dx in evaluation.",
    fails="eval_gradients whole",
    hint="In evaluation dx is computed by training's formula. There running_mean and running_var are "
    "constants: no path leads from them back to x.",
    edits=[
        (
            """
if training:
    dx = dx
""",
            """
if True:
    dx = dx
""",
        ),
    ],
)

slip(
    "constants_in_training",
    "Treats mean and variance as constants in training.",
    fails="training_gradients whole",
    hint="In training dx is gamma * inv_std * dy, as if the mean and the variance were constants. "
    "Both depend on every x of the batch.",
    edits=[
        (
            """
if training:
    dx = dx - scale * (dbeta + x_hat * dgamma) / len(dy)
""",
            "",
        ),
        ("x_hat, scale, training = self.cache", "x_hat, scale, _ = self.cache"),
    ],
)

slip(
    "modes_exchanged_in_backward",
    "Has the two gradients the other way round.",
    fails="training_gradients eval_gradients whole",
    hint="The gradients of the two modes are exchanged: training has the two extra terms, since its "
    "mean and variance depend on x.",
    edits=[
        (
            """
if training:
    dx = dx
""",
            """
if not training:
    dx = dx
""",
        ),
    ],
)

slip(
    "no_variance_path",
    "Leaves the variance path out.",
    fails="training_gradients whole",
    hint="In training the term with x_hat is missing from dx: the variance depends on x too.",
    edits=[
        (
            "dx = dx - scale * (dbeta + x_hat * dgamma) / len(dy)",
            "dx = dx - scale * dbeta / len(dy)",
        ),
    ],
)

slip(
    "no_mean_path",
    "Leaves the mean path out.",
    fails="training_gradients whole",
    hint="In training the term with the sum of dy is missing from dx: the mean depends on x too.",
    edits=[
        (
            "dx = dx - scale * (dbeta + x_hat * dgamma) / len(dy)",
            "dx = dx - scale * x_hat * dgamma / len(dy)",
        ),
    ],
)

slip(
    "mode_of_now",
    "Asks for the mode when backward is called.",
    fails="switch",
    hint="backward asks for the mode of the layer as it is now. The gradient belongs to the last "
    "forward pass: keep its mode with what else you keep.",
    edits=[
        (
            """
if training:
    dx
""",
            """
if self.training:
    dx
""",
        ),
        ("x_hat, scale, training = self.cache", "x_hat, scale, _ = self.cache"),
    ],
)

slip(
    "stale_in_evaluation",
    "Keeps nothing in evaluation.",
    fails="eval_gradients whole",
    hint="A forward pass in evaluation keeps nothing for backward, which then uses what the last "
    "training batch has left. Keep x_hat, the scale and the mode in either mode.",
    edits=[
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
if self.training:
    self.cache = x_hat, self.gamma * inv_std, True
""",
        ),
    ],
)

slip(
    "backward_refuses_one",
    "Raises in backward for one sample.",
    fails="eval_gradients whole",
    hint="backward raises an error for a single sample. Only forward in training needs more than one; in "
    "evaluation a single sample has its gradients like any other.",
    edits=[
        (
            "dx = scale * dy",
            """
if len(dy) < 2:
    raise ValueError("one sample")
dx = scale * dy
""",
        ),
    ],
)

slip(
    "no_gamma_in_evaluation_dx",
    "Leaves gamma out of dx in evaluation.",
    fails="eval_gradients whole",
    hint="In evaluation gamma is missing from dx. y is gamma * x_hat + beta there too.",
    edits=[
        ("dx = scale * dy", "dx = scale * dy if training else scale / self.gamma * dy"),
    ],
)

slip(
    "identity_in_evaluation",
    "Passes dy through in evaluation.",
    fails="eval_gradients whole",
    hint="In evaluation dx is dy itself. The layer is still a scale and a shift there: dx has that "
    "scale.",
    edits=[
        ("dx = scale * dy", "dx = scale * dy if training else dy"),
    ],
)

slip(
    "frozen_in_evaluation",
    "Returns zeros for dgamma and dbeta in evaluation.",
    fails="eval_gradients whole",
    hint="In evaluation dgamma and dbeta are 0. Only the running averages are frozen there; y still "
    "depends on gamma and beta.",
    edits=[
        (
            "return dx, dgamma, dbeta",
            """
if not training:
    dgamma, dbeta = 0 * dgamma, 0 * dbeta
return dx, dgamma, dbeta
""",
        ),
    ],
)

slip(
    "gamma_of_the_batch_in_evaluation",
    "Takes dgamma from the batch's own x_hat in evaluation.",
    fails="eval_gradients whole",
    hint="In evaluation dgamma is taken with x normalized by its own batch. gamma multiplied another "
    "x_hat: the one by the running averages.",
    edits=[
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
own = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + self.eps)
kept = x_hat if self.training else own
self.cache = kept, self.gamma * inv_std, self.training
""",
        ),
    ],
)

slip(
    "running_deviation_in_training",
    "Divides by the running deviation in backward.",
    fails="training_gradients whole",
    hint="In training dx is divided by the running deviation. The batch's own deviation normalized "
    "it.",
    edits=[
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
scale = self.gamma / np.sqrt(self.running_var + self.eps)
self.cache = x_hat, scale, self.training
""",
        ),
    ],
)

slip(
    "momentum_in_the_gradient",
    "Weights the paths through the statistics by momentum.",
    fails="training_gradients whole",
    hint="In training the terms of mean and variance are weighted by momentum. y is computed from "
    "the statistics of the batch; the running averages play no part in it.",
    edits=[
        (
            "dx = dx - scale * (dbeta + x_hat * dgamma) / len(dy)",
            "dx = dx - self.momentum * scale * (dbeta + x_hat * dgamma) / len(dy)",
        ),
    ],
)

slip(
    "gamma_twice",
    "Multiplies dx by gamma twice.",
    fails="training_gradients eval_gradients whole",
    hint="gamma multiplies dx twice. It enters once.",
    edits=[
        (
            "dx = scale * dy",
            """
scale = scale * self.gamma
dx = scale * dy
""",
        ),
    ],
)

slip(
    "gamma_missing",
    "Leaves gamma out of dx.",
    fails="training_gradients eval_gradients whole",
    hint="gamma is missing from dx. dx_hat is gamma * dy.",
    edits=[
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            "self.cache = x_hat, inv_std, self.training",
        ),
    ],
)

slip(
    "averages_parameters",
    "Averages dgamma and dbeta over the batch.",
    fails="training_gradients eval_gradients whole",
    hint="dgamma and dbeta are averaged over the samples. They are sums: every sample used the same "
    "gamma and beta.",
    edits=[
        ("return dx, dgamma, dbeta", "return dx, dgamma / len(dy), dbeta / len(dy)"),
    ],
)

slip(
    "dgamma_without_x_hat",
    "Takes the sum of dy for dgamma.",
    fails="training_gradients eval_gradients whole",
    hint="dgamma is the sum of dy. gamma is multiplied by x_hat: its gradient is the sum of dy * "
    "x_hat.",
    edits=[
        ("return dx, dgamma, dbeta", "return dx, dbeta, dbeta"),
    ],
)

slip(
    "parameters_exchanged",
    "Returns dbeta before dgamma.",
    fails="training_gradients eval_gradients whole",
    hint="dgamma and dbeta come back in the wrong order. It is dx, dgamma, dbeta.",
    edits=[
        ("return dx, dgamma, dbeta", "return dx, dbeta, dgamma"),
    ],
)

slip(
    "overwrites_x_hat",
    "Scales the x_hat that it keeps in place.",
    fails="training_gradients eval_gradients whole",
    hint="x_hat is scaled and shifted in place after it was kept for backward, so that dgamma is "
    "taken with y. Compute y in a new array.",
    edits=[
        (
            "return self.gamma * x_hat + self.beta",
            """
x_hat *= self.gamma
x_hat += self.beta
return x_hat
""",
        ),
    ],
)

slip(
    "accumulates",
    "Adds gradients up over the batches.",
    fails="whole",
    hint="dgamma and dbeta are added up over all backward passes. Each call returns the gradients of "
    "its own batch.",
    edits=[
        (
            "self.num_batches_tracked = 0",
            """
self.num_batches_tracked = 0
self.dgamma, self.dbeta = 0.0, 0.0
""",
        ),
        (
            "return dx, dgamma, dbeta",
            """
self.dgamma, self.dbeta = self.dgamma + dgamma, self.dbeta + dbeta
return dx, self.dgamma, self.dbeta
""",
        ),
    ],
)

slip(
    "gradients_keep_dimensions",
    "Returns dgamma and dbeta with shape (1, D).",
    fails="whole",
    hint="dgamma and dbeta have the shape (1, D). One number for each feature means the shape (D,): "
    "leave keepdims out.",
    edits=[
        ("return dx, dgamma, dbeta", "return dx, dgamma[None], dbeta[None]"),
    ],
)

slip(
    "state_keeps_dimensions",
    "Gives the running averages the shape (1, D).",
    fails="whole",
    hint="The running averages get the shape (1, D) in training. Their shape is (D,): leave keepdims "
    "out.",
    edits=[
        (
            "mean, var = x.mean(axis=0), x.var(axis=0)",
            "mean, var = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)",
        ),
    ],
)

slip(
    "centres_in_place",
    "Centres x in place.",
    fails="untouched",
    hint="The caller's x is changed, as by x -= mean. Write what is computed from it to a new array.",
    edits=[
        (
            "x_hat = (x - mean) * inv_std",
            """
x -= mean
x_hat = x * inv_std
""",
        ),
    ],
)

slip(
    "dy_in_place",
    "Scales dy in place.",
    fails="untouched",
    hint="The caller's dy is changed, as by dy *= gamma. Compute in a new array.",
    edits=[
        (
            "dx = scale * dy",
            """
dy *= scale
dx = dy
""",
        ),
    ],
)

slip(
    "steps_inside",
    "Updates gamma and beta in backward.",
    fails="untouched whole",
    hint="gamma and beta are changed by the layer itself. backward returns their gradients; changing "
    "them is the optimizer's task.",
    edits=[
        (
            "return dx, dgamma, dbeta",
            """
self.gamma = self.gamma - 0.1 * dgamma
self.beta = self.beta - 0.1 * dbeta
return dx, dgamma, dbeta
""",
        ),
    ],
)
