"""steps_to_target, wrong and right."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant


# --- steps_to_target: wrong ------------------------------------------------------------------------


@mistake(
    "single_loss",
    fails="steps",
    hint="A single low loss is taken for the target. It is the mean of the last `window` losses that "
    "must be low.",
)
def steps_to_target(losses, target, window=10):
    """Looks at single losses."""
    low = np.flatnonzero(losses <= target)
    return low[0] + 1 if len(low) else np.inf


@mistake(
    "start_of_window",
    fails="steps",
    hint="The result is where the window starts. What is asked for is the number of steps taken at its "
    "end.",
)
def steps_to_target(losses, target, window=10):
    """Returns the start of the window."""
    for n in range(window, len(losses) + 1):
        if losses[n - window : n].mean() <= target:
            return n - window
    return np.inf


@mistake(
    "index_of_last_loss",
    fails="steps",
    hint="The result is one too small: the index of the window's last loss. Indices start at 0, so "
    "after losses[n - 1], n steps have been taken.",
)
def steps_to_target(losses, target, window=10):
    """Returns the index of the last loss of the window."""
    for n in range(window, len(losses) + 1):
        if losses[n - window : n].mean() <= target:
            return n - 1
    return np.inf


@mistake(
    "one_step_late",
    fails="steps",
    hint="The result is one too large. For the window losses[n - window : n] the answer is n.",
)
def steps_to_target(losses, target, window=10):
    """Counts one step too many."""
    for n in range(window, len(losses) + 1):
        if losses[n - window : n].mean() <= target:
            return n + 1
    return np.inf


@mistake(
    "below_only",
    fails="steps",
    hint="A mean equal to the target does not count. It must be at most the target: <=.",
)
def steps_to_target(losses, target, window=10):
    """Asks for less than the target."""
    for n in range(window, len(losses) + 1):
        if losses[n - window : n].mean() < target:
            return n
    return np.inf


@mistake(
    "short_windows_at_the_start",
    fails="steps",
    hint="Before `window` steps have been taken, the mean of fewer losses is used. The first window "
    "ends after step `window`.",
)
def steps_to_target(losses, target, window=10):
    """Averages fewer losses at the start."""
    for n in range(1, len(losses) + 1):
        if losses[max(n - window, 0) : n].mean() <= target:
            return n
    return np.inf


@mistake(
    "zeros_before_the_start",
    fails="steps",
    hint="Near the start the sum of fewer losses is divided by `window`, as if losses of 0 came before. "
    "The first window ends after step `window`.",
)
def steps_to_target(losses, target, window=10):
    """Divides shorter sums by the whole window."""
    for n in range(1, len(losses) + 1):
        if losses[max(n - window, 0) : n].sum() / window <= target:
            return n
    return np.inf


@mistake(
    "last_window_left_out",
    fails="steps",
    hint="The window that ends with the last loss is never looked at: n may be as large as the number "
    "of losses.",
)
def steps_to_target(losses, target, window=10):
    """Leaves the last window out."""
    for n in range(window, len(losses)):
        if losses[n - window : n].mean() <= target:
            return n
    return np.inf


@mistake(
    "window_past_the_end",
    fails="steps",
    hint="A last window reaches past the end and holds fewer losses. n is at most the number of losses.",
)
def steps_to_target(losses, target, window=10):
    """Looks at one window too many."""
    for n in range(window, len(losses) + 2):
        if losses[n - window : n].mean() <= target:
            return n
    return np.inf


@mistake(
    "first_window_left_out",
    fails="steps",
    hint="The first window is never looked at: n may be as small as `window`.",
)
def steps_to_target(losses, target, window=10):
    """Leaves the first window out."""
    for n in range(window + 1, len(losses) + 1):
        if losses[n - window : n].mean() <= target:
            return n
    return np.inf


@mistake(
    "window_hard_coded",
    fails="steps",
    hint="The window is 10 whatever is asked for. Use the argument.",
)
def steps_to_target(losses, target, window=10):
    """Uses a window of 10."""
    for n in range(10, len(losses) + 1):
        if losses[n - 10 : n].mean() <= target:
            return n
    return np.inf


@mistake(
    "whole_window_low",
    fails="steps",
    hint="Every loss of the window must be low. It is their mean that counts.",
)
def steps_to_target(losses, target, window=10):
    """Asks that all losses of the window are low."""
    for n in range(window, len(losses) + 1):
        if (losses[n - window : n] <= target).all():
            return n
    return np.inf


@mistake(
    "median_of_window",
    fails="steps",
    hint="The median of the window is used. The question is about the mean.",
)
def steps_to_target(losses, target, window=10):
    """Uses the median."""
    for n in range(window, len(losses) + 1):
        if np.median(losses[n - window : n]) <= target:
            return n
    return np.inf


@mistake(
    "mean_since_the_start",
    fails="steps",
    hint="The mean is taken over all losses since the start. Only the last `window` count.",
)
def steps_to_target(losses, target, window=10):
    """Averages all losses so far."""
    for n in range(window, len(losses) + 1):
        if losses[:n].mean() <= target:
            return n
    return np.inf


@mistake(
    "last_time_above",
    fails="steps",
    hint="The result is when the mean has become low for good. The first time counts, even where it "
    "rises again.",
)
def steps_to_target(losses, target, window=10):
    """Waits until the mean stays low."""
    means = np.array([losses[n : n + window].mean() for n in range(len(losses) - window + 1)])
    high = np.flatnonzero(means > target)
    first = high[-1] + 1 if len(high) else 0
    return first + window if first < len(means) else np.inf


@mistake(
    "never_is_the_end",
    fails="steps",
    hint="Where the target is never reached, the number of losses comes back, as if it had been "
    "reached at the end. Return np.inf.",
)
def steps_to_target(losses, target, window=10):
    """Returns the number of losses where the target was not reached."""
    for n in range(window, len(losses) + 1):
        if losses[n - window : n].mean() <= target:
            return n
    return len(losses)


@mistake(
    "never_is_zero",
    fails="steps",
    hint="Where the target is never reached, 0 comes back, which is fewer steps than any. Return "
    "np.inf.",
)
def steps_to_target(losses, target, window=10):
    """Returns 0 where the target was not reached."""
    means = np.array([losses[n : n + window].mean() for n in range(len(losses) - window + 1)])
    low = means <= target
    return low.argmax() + window if low.any() else 0


@mistake(
    "never_is_minus_one",
    fails="steps",
    hint="Where the target is never reached, -1 comes back, which is fewer steps than any. Return "
    "np.inf.",
)
def steps_to_target(losses, target, window=10):
    """Returns -1 where the target was not reached."""
    for n in range(window, len(losses) + 1):
        if losses[n - window : n].mean() <= target:
            return n
    return -1


@mistake(
    "smallest_mean",
    fails="steps",
    hint="The result is where the mean is smallest. It is the first time it is at most the target.",
)
def steps_to_target(losses, target, window=10):
    """Finds the smallest mean."""
    means = np.array([losses[n : n + window].mean() for n in range(len(losses) - window + 1)])
    return means.argmin() + window if means.min() <= target else np.inf


@mistake(
    "window_too_short",
    fails="steps",
    hint="The mean is taken over one loss too few: losses[n - window : n] holds `window` of them.",
)
def steps_to_target(losses, target, window=10):
    """Leaves out the oldest loss of each window."""
    for n in range(window, len(losses) + 1):
        if losses[n - window + 1 : n].mean() <= target:
            return n
    return np.inf


@mistake(
    "window_too_long",
    fails="steps",
    hint="The mean is taken over one loss too many: losses[n - window : n] holds `window` of them.",
)
def steps_to_target(losses, target, window=10):
    """Takes one loss more into each window."""
    for n in range(window, len(losses) + 1):
        if losses[max(n - window - 1, 0) : n].mean() <= target:
            return n
    return np.inf


# --- steps_to_target: right ------------------------------------------------------------------------


@variant("steps_convolved")
def steps_to_target(losses, target, window=10):
    """Convolves with a window of ones."""
    means = np.convolve(losses, np.ones(window), mode="valid") / window
    low = np.flatnonzero(means <= target)
    return float(low[0] + window) if low.size else float("inf")


@variant("steps_cumulated")
def steps_to_target(losses, target, window=10):
    """Takes differences of running sums."""
    sums = np.concatenate([[0.0], np.cumsum(losses)])
    means = (sums[window:] - sums[:-window]) / window
    low = means <= target
    return np.argmax(low) + window if low.any() else np.inf


@variant("steps_in_windows")
def steps_to_target(losses, target, window=10):
    """Looks through a sliding window."""
    means = np.lib.stride_tricks.sliding_window_view(losses, window).mean(axis=1)
    counts = np.arange(window, len(losses) + 1.0)
    return np.min(counts[means <= target], initial=np.inf)
