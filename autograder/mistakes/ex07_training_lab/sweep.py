"""sweep, wrong and right."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant


# --- sweep: wrong ----------------------------------------------------------------------------------


@mistake(
    "with_batch_norm_only",
    fails="every_run",
    hint="Both arms are runs with batch norm. losses[0] is without it: run(False, value, seed).",
)
def sweep(run, values, seeds):
    """Sweeps one arm and uses it twice."""
    arm = [[run(True, value, seed) for seed in seeds] for value in values]
    return np.array([arm, arm])


@mistake(
    "without_batch_norm_only",
    fails="every_run",
    hint="Both arms are runs without batch norm. losses[1] is with it: run(True, value, seed).",
)
def sweep(run, values, seeds):
    """Never turns batch norm on."""
    return np.array([[[run(False, v, s) for s in seeds] for v in values] for _ in range(2)])


@mistake(
    "one_arm",
    fails="every_run recorded concluded",
    hint="Only the runs with batch norm are there. A comparison needs both: losses[0] without, "
    "losses[1] with.",
)
def sweep(run, values, seeds):
    """Sweeps one arm."""
    return np.array([[[run(True, v, s) for s in seeds] for v in values]])


@mistake(
    "baseline_not_swept",
    fails="every_run",
    hint="Without batch norm every run has the first value. Each method deserves its own sweep over all "
    "values.",
)
def sweep(run, values, seeds):
    """Sweeps the arm with batch norm, and runs the other at the first value."""
    without = [[run(False, values[0], seed) for seed in seeds] for _ in values]
    with_it = [[run(True, value, seed) for seed in seeds] for value in values]
    return np.array([without, with_it])


@mistake(
    "arms_swapped",
    fails="every_run",
    hint="The arms are in each other's place: losses[0] is without batch norm, losses[1] with it.",
)
def sweep(run, values, seeds):
    """Puts batch norm first."""
    return np.array([[[run(b, v, s) for s in seeds] for v in values] for b in (True, False)])


@mistake(
    "one_seed",
    fails="every_run",
    hint="Every run has the first seed. Use all seeds: otherwise there are as many copies of one run.",
)
def sweep(run, values, seeds):
    """Uses the first seed for all."""
    return np.array([[[run(b, v, seeds[0]) for _ in seeds] for v in values] for b in (False, True)])


@mistake(
    "seeds_by_position",
    fails="every_run",
    hint="The seeds are 0, 1, 2, ... instead of those in the list. Loop over seeds itself.",
)
def sweep(run, values, seeds):
    """Uses the positions of the seeds."""
    return np.array(
        [[[run(b, v, s) for s in range(len(seeds))] for v in values] for b in (False, True)]
    )


@mistake(
    "values_by_position",
    fails="every_run",
    hint="run gets the position of each value instead of the value. Loop over values itself.",
)
def sweep(run, values, seeds):
    """Uses the positions of the values."""
    return np.array(
        [[[run(b, i, s) for s in seeds] for i in range(len(values))] for b in (False, True)]
    )


@mistake(
    "values_sorted",
    fails="every_run",
    hint="The values are swept in another order than they are given in. Keep their order.",
)
def sweep(run, values, seeds):
    """Sorts the values."""
    return np.array(
        [[[run(b, v, s) for s in seeds] for v in sorted(values)] for b in (False, True)]
    )


@mistake(
    "different_seeds_for_the_arms",
    fails="every_run",
    hint="The arms have their seeds in different orders. losses[b, v, s] is about seeds[s] in both.",
)
def sweep(run, values, seeds):
    """Reverses the seeds for one arm."""
    without = [[run(False, v, s) for s in seeds] for v in values]
    return np.array([without, [[run(True, v, s) for s in seeds[::-1]] for v in values]])


@mistake(
    "running_minimum",
    fails="every_run",
    hint="The losses are not those that run returned: each is the lowest so far. Keep the losses as "
    "they are.",
)
def sweep(run, values, seeds):
    """Keeps the lowest loss so far."""
    losses = np.array([[[run(b, v, s) for s in seeds] for v in values] for b in (False, True)])
    return np.minimum.accumulate(losses, axis=-1)


@mistake(
    "runs_twice",
    fails="every_run",
    hint="run is called more often than there are combinations. Each is run once: keep what it returns; how "
    "long it is, its first result says.",
)
def sweep(run, values, seeds):
    """Runs every combination a second time."""
    for seed in seeds:
        _ = [run(arm, value, seed) for value in values for arm in (False, True)]
    return np.array([[[run(b, v, s) for s in seeds] for v in values] for b in (False, True)])


@mistake(
    "runs_once_more",
    fails="every_run",
    hint="run is called once more than there are combinations. Each is run once: if you need the number of "
    "losses, take it from the first result, and keep that.",
)
def sweep(run, values, seeds):
    """Runs the first combination for the number of losses alone."""
    length = len(run(False, values[0], seeds[0]))
    losses = np.empty((2, len(values), len(seeds), length))
    for b, v, s in np.ndindex(losses.shape[:3]):
        losses[b, v, s] = run(bool(b), values[v], seeds[s])
    return losses


# --- sweep: right ----------------------------------------------------------------------------------


@variant("sweep_filled")
def sweep(run, values, seeds):
    """Fills an array by index, and calls run by keyword."""
    losses = None
    for arm in range(2):
        for i in range(len(values)):
            for j in range(len(seeds)):
                row = run(batch_norm=arm == 1, value=values[i], seed=seeds[j])
                if losses is None:
                    losses = np.zeros((2, len(values), len(seeds), len(row)))
                losses[arm, i, j] = row
    return losses


@variant("sweep_seeds_first")
def sweep(run, values, seeds):
    """Runs seed by seed, and sorts the axes afterwards."""
    losses = [[[run(b, v, s) for v in values] for b in (False, True)] for s in seeds]
    return np.stack(losses, axis=2)
