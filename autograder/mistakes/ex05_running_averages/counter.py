"""Layers that miscount, or take a training batch of one sample wrongly."""

from autograder.mistakes.ex05_running_averages.plain import Slips

CATALOGUE = Slips()
slip = CATALOGUE.slip

slip(
    "counter_missing",
    "Never counts.",
    fails="counter whole",
    hint="num_batches_tracked never changes. Add 1 for each training batch.",
    edits=[
        ("self.num_batches_tracked += 1", ""),
    ],
)

slip(
    "counts_samples",
    "Counts samples.",
    fails="counter whole",
    hint="num_batches_tracked counts samples. It counts batches: add 1 for each, whatever its size.",
    edits=[
        ("self.num_batches_tracked += 1", "self.num_batches_tracked += m"),
    ],
)

slip(
    "counts_evaluation",
    "Counts every forward pass.",
    fails="eval_keeps_state whole",
    hint="num_batches_tracked grows in evaluation too. It counts training batches only.",
    edits=[
        ("self.num_batches_tracked += 1", ""),
        (
            "self.cache = x_hat, self.gamma * inv_std, self.training",
            """
self.cache = x_hat, self.gamma * inv_std, self.training
self.num_batches_tracked += 1
""",
        ),
    ],
)

slip(
    "accepts_one",
    "Accepts a training batch of one.",
    fails="batch_of_one",
    hint="A training batch of one sample is accepted. Its unbiased variance does not exist (M - 1 is "
    "0): raise a ValueError before anything is changed.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            "",
        ),
        (
            "mean, var = x.mean(axis=0), x.var(axis=0)",
            "m, mean, var = len(x), x.mean(axis=0), x.var(axis=0)",
        ),
        (
            "m, mean, var = len(x), self.running_mean, self.running_var",
            "mean, var = self.running_mean, self.running_var",
        ),
    ],
)

slip(
    "skips_one",
    "Returns a training batch of one as beta, without an error.",
    fails="batch_of_one",
    hint="A training batch of one sample is passed over in silence. It must raise a ValueError, so "
    "that nobody trains on it unawares.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            """
if m == 1:
    return x * 0 + self.beta
""",
        ),
    ],
)

slip(
    "biased_for_one",
    "Divides by max(M - 1, 1), so that one sample goes through.",
    fails="batch_of_one",
    hint="max(M - 1, 1) lets a training batch of one sample through, with a variance of 0. It must "
    "raise a ValueError and change nothing.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            "",
        ),
        (
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
            "self.running_var = old * self.running_var + new * var * m / max(m - 1, 1)",
        ),
    ],
)

slip(
    "raises_too_late",
    "Updates running_mean before it raises.",
    fails="batch_of_one",
    hint="The ValueError comes too late: something was updated by then. Look at the size of the "
    "batch first.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            "",
        ),
        (
            "self.running_mean = old * self.running_mean + new * mean",
            """
self.running_mean = old * self.running_mean + new * mean
if m == 1:
    raise ValueError("one sample in training")
""",
        ),
    ],
)

slip(
    "counts_before_raising",
    "Counts the batch before it raises.",
    fails="batch_of_one",
    hint="A training batch of one raises a ValueError, but was counted before. Look at the size of "
    "the batch first.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            """
self.num_batches_tracked += 1
if m == 1:
    raise ValueError("one sample in training")
""",
        ),
        (
            """
self.running_var = old * self.running_var + new * var * m / (m - 1)
self.num_batches_tracked += 1
""",
            "self.running_var = old * self.running_var + new * var * m / (m - 1)",
        ),
    ],
)

slip(
    "asserts",
    "Raises an AssertionError.",
    fails="batch_of_one",
    hint="A training batch of one sample raises an AssertionError. Raise a ValueError, as the text "
    "says: assert is switched off by python -O.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            "assert m > 1",
        ),
    ],
)

slip(
    "raises_in_evaluation",
    "Raises for one sample in evaluation too.",
    fails="eval_one_row whole",
    hint="One sample raises an error in evaluation too. Only training needs more than one; in "
    "evaluation the statistics are there already.",
    edits=[
        (
            """
if m == 1:
    raise ValueError("one sample in training")
""",
            "",
        ),
        (
            "m, mean, var = len(x), self.running_mean, self.running_var",
            """
m, mean, var = len(x), self.running_mean, self.running_var
if m == 1:
    raise ValueError("one sample")
""",
        ),
    ],
)
