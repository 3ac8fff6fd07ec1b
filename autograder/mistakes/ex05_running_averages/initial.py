"""Layers that start wrong."""

from autograder.mistakes.ex05_running_averages.plain import Slips

CATALOGUE = Slips()
slip = CATALOGUE.slip

slip(
    "starts_in_evaluation",
    "Starts in evaluation.",
    fails="training_output training_gradients",
    hint="A new layer is in evaluation until train() is called. It starts in training.",
    edits=[
        (
            "self.eps, self.momentum, self.training = eps, momentum, True",
            "self.eps, self.momentum, self.training = eps, momentum, False",
        ),
    ],
)

slip(
    "variance_starts_at_zero",
    "Starts running_var at 0.",
    fails="initial running_var whole",
    hint="running_var starts at 0. It starts at 1, so that evaluation before any training leaves x "
    "nearly as it is.",
    edits=[
        (
            "self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)",
            "self.running_mean, self.running_var = np.zeros(num_features), np.zeros(num_features)",
        ),
    ],
)

slip(
    "mean_starts_at_one",
    "Starts running_mean at 1.",
    fails="initial running_mean whole",
    hint="running_mean starts at 1. A mean of 0 and a variance of 1 are what change nothing.",
    edits=[
        (
            "self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)",
            "self.running_mean, self.running_var = np.ones(num_features), np.ones(num_features)",
        ),
    ],
)

slip(
    "gamma_starts_at_zero",
    "Starts gamma at 0.",
    fails="initial training_output",
    hint="gamma starts at 0, which makes a new layer return 0 whatever comes in. It starts at 1.",
    edits=[
        (
            "self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)",
            "self.gamma, self.beta = np.zeros(num_features), np.zeros(num_features)",
        ),
    ],
)

slip(
    "beta_starts_at_one",
    "Starts beta at 1.",
    fails="initial training_output",
    hint="beta starts at 1. It starts at 0.",
    edits=[
        (
            "self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)",
            "self.gamma, self.beta = np.ones(num_features), np.ones(num_features)",
        ),
    ],
)

slip(
    "scalar_state",
    "Keeps one number for all features until the first batch.",
    fails="initial",
    hint="The attributes of a new layer are single numbers. Each is an array of shape "
    "(num_features,), from the start.",
    edits=[
        (
            "self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)",
            "self.gamma, self.beta = 1.0, 0.0",
        ),
        (
            "self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)",
            "self.running_mean, self.running_var = 0.0, 1.0",
        ),
    ],
)

slip(
    "counter_starts_at_one",
    "Starts the counter at 1.",
    fails="initial counter whole",
    hint="num_batches_tracked starts at 1. No batch was seen yet: it starts at 0.",
    edits=[
        ("self.num_batches_tracked = 0", "self.num_batches_tracked = 1"),
    ],
)

slip(
    "one_array_for_two",
    "Has beta and running_mean in one array, which it updates in place.",
    fails="training_output untouched",
    hint="beta and running_mean are one and the same array, so that each update of the average moves "
    "beta. a = b = np.zeros(n) makes one array with two names: make two.",
    edits=[
        (
            "self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)",
            "self.gamma = np.ones(num_features)",
        ),
        (
            "self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)",
            """
self.beta = self.running_mean = np.zeros(num_features)
self.running_var = np.ones(num_features)
""",
        ),
        (
            "self.running_mean = old * self.running_mean + new * mean",
            """
self.running_mean *= old
self.running_mean += new * mean
""",
        ),
    ],
    whole=True,
)

slip(
    "eps_default_1e_3",
    "Has the default eps of Keras.",
    fails="training_output",
    hint="When eps is left out, 1e-3 is used, which is the default of Keras. Here it is 1e-5.",
    edits=[
        ("num_features, eps=1e-5, momentum=0.1", "num_features, eps=1e-3, momentum=0.1"),
    ],
)

slip(
    "momentum_default_0_9",
    "Has a default momentum of 0.9.",
    fails="momentum",
    hint="When momentum is left out, 0.9 is used. Here momentum weights the new batch, and its "
    "default is 0.1.",
    edits=[
        ("num_features, eps=1e-5, momentum=0.1", "num_features, eps=1e-5, momentum=0.9"),
    ],
)

slip(
    "arguments_exchanged",
    "Takes momentum before eps.",
    fails="whole",
    hint="momentum and eps are taken in the other order when they are passed by position. The order "
    "is num_features, eps, momentum.",
    edits=[
        ("num_features, eps=1e-5, momentum=0.1", "num_features, momentum=0.1, eps=1e-5"),
    ],
)
