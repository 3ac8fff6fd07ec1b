"""conclude, wrong and right."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant


# --- conclude: wrong -------------------------------------------------------------------------------


@mistake(
    "best_seed",
    fails="best",
    hint="best goes by the luckiest seed. Average over the seeds first.",
)
def conclude(values, steps):
    """Chooses by the best seed."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[steps.min(axis=2).argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means)}


@mistake(
    "best_seed_throughout",
    fails="best speedup",
    hint="The luckiest seed stands for each value, where the mean over the seeds is asked for. One lucky "
    "run says little.",
)
def conclude(values, steps):
    """Reports the best seed instead of the mean."""
    lucky = steps.min(axis=2)
    without, with_it = lucky.min(axis=1)
    usable = np.isfinite(steps).all(axis=2)
    return {"best": values[lucky.argmin(axis=1)], "speedup": without / with_it, "usable": usable}


@mistake(
    "worst_seed",
    fails="best speedup",
    hint="The slowest seed stands for each value, where the mean over the seeds is asked for.",
)
def conclude(values, steps):
    """Reports the worst seed instead of the mean."""
    slowest = steps.max(axis=2)
    without, with_it = slowest.min(axis=1)
    best = values[slowest.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(slowest)}


@mistake(
    "median_over_seeds",
    fails="best speedup",
    hint="The median over the seeds is used, which overlooks a seed that failed. The mean is asked for.",
)
def conclude(values, steps):
    """Uses the median."""
    middle = np.median(steps, axis=2)
    without, with_it = middle.min(axis=1)
    usable = np.isfinite(steps).all(axis=2)
    return {"best": values[middle.argmin(axis=1)], "speedup": without / with_it, "usable": usable}


@mistake(
    "failed_seeds_left_out",
    fails="best",
    hint="Seeds that never reached the target are left out of the mean. They count: their mean is "
    "infinite.",
)
def conclude(values, steps):
    """Averages over the seeds that reached the target."""
    reached = np.isfinite(steps)
    means = np.where(reached, steps, 0).sum(axis=2) / reached.sum(axis=2)
    means = np.where(reached.any(axis=2), means, np.inf)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": reached.all(axis=2)}


@mistake(
    "same_value_for_both",
    fails="best speedup",
    hint="Both arms are compared at the same value, the best with batch norm. Each has its own best "
    "value: that is what makes it fair.",
)
def conclude(values, steps):
    """Compares at the best value with batch norm."""
    means = steps.mean(axis=2)
    i = means[1].argmin()
    best = values[[i, i]]
    return {"best": best, "speedup": means[0, i] / means[1, i], "usable": np.isfinite(means)}


@mistake(
    "same_baseline_for_both",
    fails="best speedup",
    hint="Both arms are compared at the best value without batch norm. Each has its own best value: "
    "that is what makes it fair.",
)
def conclude(values, steps):
    """Compares at the best value without batch norm."""
    means = steps.mean(axis=2)
    i = means[0].argmin()
    best = values[[i, i]]
    return {"best": best, "speedup": means[0, i] / means[1, i], "usable": np.isfinite(means)}


@mistake(
    "speedup_at_one_value",
    fails="speedup",
    hint="The speedup compares both arms at the value that is best with batch norm. Without it, take "
    "the value that is best there.",
)
def conclude(values, steps):
    """Takes the speedup at the best value with batch norm."""
    means = steps.mean(axis=2)
    i = means[1].argmin()
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": means[0, i] / means[1, i], "usable": np.isfinite(means)}


@mistake(
    "speedup_upside_down",
    fails="speedup",
    hint="The speedup is upside down: the steps without batch norm over those with it.",
)
def conclude(values, steps):
    """Divides with by without."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": with_it / without, "usable": np.isfinite(means)}


@mistake(
    "speedup_difference",
    fails="speedup",
    hint="The speedup is the number of steps saved. How many times fewer is a ratio.",
)
def conclude(values, steps):
    """Subtracts."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without - with_it, "usable": np.isfinite(means)}


@mistake(
    "speedup_share_saved",
    fails="speedup",
    hint="The speedup is the share of the steps that is saved. How many times fewer is the ratio of the "
    "two means.",
)
def conclude(values, steps):
    """Returns the share of steps saved."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": 1 - with_it / without, "usable": np.isfinite(means)}


@mistake(
    "mean_of_ratios",
    fails="speedup",
    hint="The ratio is taken seed by seed and then averaged. Take the mean of each arm first, then one "
    "ratio.",
)
def conclude(values, steps):
    """Averages the seeds' ratios."""
    means = steps.mean(axis=2)
    i, j = means.argmin(axis=1)
    speedup = (steps[0, i] / steps[1, j]).mean()
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": speedup, "usable": np.isfinite(means)}


@mistake(
    "positions_not_values",
    fails="best",
    hint="best holds the positions of the best values. Look the values up.",
)
def conclude(values, steps):
    """Returns indices."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = means.argmin(axis=1)
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means)}


@mistake(
    "most_steps",
    fails="best speedup",
    hint="The value with the most steps is taken for the best. Fewer steps are better.",
)
def conclude(values, steps):
    """Takes the largest finite mean."""
    means = steps.mean(axis=2)
    finite = np.where(np.isfinite(means), means, 0)
    without, with_it = finite.max(axis=1)
    best = values[finite.argmax(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means)}


@mistake(
    "steps_for_values",
    fails="best",
    hint="best holds the smallest numbers of steps. It is the values that reach them that are asked for.",
)
def conclude(values, steps):
    """Returns the smallest means as the best values."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = means.min(axis=1)
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means)}


@mistake(
    "best_swapped",
    fails="best",
    hint="The two best values are in each other's place: without batch norm first, then with it.",
)
def conclude(values, steps):
    """Returns the best value with batch norm first."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)][::-1]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means)}


@mistake(
    "largest_usable",
    fails="best",
    hint="best is the largest usable value. It is the one with the fewest steps.",
)
def conclude(values, steps):
    """Takes the largest usable value for the best."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = [values[np.isfinite(row)].max() for row in means]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means)}


@mistake(
    "usable_by_any_seed",
    fails="usable",
    hint="A value counts as usable where some seed reached the target. Every seed must: all, not any.",
)
def conclude(values, steps):
    """Asks for one seed that reached the target."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    usable = np.isfinite(steps).any(axis=2)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": usable}


@mistake(
    "usable_upside_down",
    fails="usable",
    hint="usable is True where a seed failed, and False where all reached the target. Turn it around.",
)
def conclude(values, steps):
    """Marks the values that are not usable."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.isinf(means)}


@mistake(
    "usable_by_seed",
    fails="usable",
    hint="usable has an entry for each seed. It has one for each value, True where all seeds reached the "
    "target.",
)
def conclude(values, steps):
    """Keeps the axis of the seeds."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(steps)}


@mistake(
    "usable_in_both",
    fails="usable",
    hint="A value counts as usable only where it is so in both arms. Each arm has its own row.",
)
def conclude(values, steps):
    """Asks that both arms reached the target."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    both = np.isfinite(means).all(axis=0)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.array([both, both])}


@mistake(
    "usable_with_only",
    fails="usable",
    hint="usable is about the arm with batch norm alone. It has two rows: without and with.",
)
def conclude(values, steps):
    """Returns one row of usable."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(means[1])}


@mistake(
    "usable_by_most_seeds",
    fails="usable",
    hint="A value counts as usable where more than half of the seeds reached the target. Every seed must.",
)
def conclude(values, steps):
    """Asks for the median to be finite."""
    means = steps.mean(axis=2)
    without, with_it = means.min(axis=1)
    usable = np.isfinite(np.median(steps, axis=2))
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": usable}


@mistake(
    "failed_seed_is_the_slowest",
    fails="best",
    hint="A seed that never reached the target counts as a large number of steps, such as the largest there "
    "is. It makes the mean infinite, so that no such value can be the best.",
)
def conclude(values, steps):
    """Replaces infinity by the largest number of steps."""
    means = np.minimum(steps, steps[np.isfinite(steps)].max()).mean(axis=2)
    without, with_it = means.min(axis=1)
    best = values[means.argmin(axis=1)]
    return {"best": best, "speedup": without / with_it, "usable": np.isfinite(steps).all(axis=2)}


# --- conclude: right -------------------------------------------------------------------------------


@variant("conclude_loops")
def conclude(values, steps):
    """Loops over the arms and values, and returns lists."""
    best, lowest, usable = [], [], []
    for arm in steps:
        means = [sum(row) / len(row) for row in arm]
        place = means.index(min(means))
        best.append(values[place])
        lowest.append(means[place])
        usable.append([all(np.isfinite(s) for s in row) for row in arm])
    return {"usable": usable, "speedup": lowest[0] / lowest[1], "best": best}


@variant("conclude_sums")
def conclude(values, steps):
    """Works with sums over the seeds, and adds an entry of its own."""
    sums = np.einsum("bvs->bv", steps)
    order = np.argsort(sums, axis=1)[:, 0]
    lowest = np.take_along_axis(sums, order[:, None], axis=1)
    speedup = lowest[0] / lowest[1]
    return {
        "best": tuple(np.take(values, order)),
        "speedup": speedup,
        "usable": np.where(sums < np.inf, 1.0, 0.0),
        "sums": sums,
    }
