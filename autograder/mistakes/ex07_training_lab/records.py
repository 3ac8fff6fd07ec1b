"""Records of a run, wrong and right."""

import numpy as np

from autograder.mistakes.model import Catalogue

CATALOGUE = Catalogue()
mistake, variant = CATALOGUE.mistake, CATALOGUE.variant


# In a notebook `records` is a dict. Here it is a function of the notebook's other names, so that a
# wrong `sweep` or `conclude` gives the records that a notebook with it has; formulas stand in for runs.


@mistake(
    "made_up",
    fails="recorded",
    hint="With train as it is now, not even the first seed's losses come out again. Fill records by "
    "running sweep with train, and run the notebook from top to bottom.",
)
def records(lab):
    """Makes the losses up."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made, rng = {"train": train}, np.random.default_rng(0)
    for name, values in (
        ("rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        losses = np.sort(rng.uniform(0.0, 2.3, (2, 5, 3, 150)), axis=-1)[..., ::-1]
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        made[name + "_losses"] = losses
        made[name + "_conclusions"] = lab.conclude(values, np.array(steps, dtype=float))
    return made


@mistake(
    "recorded_one_seed",
    fails="recorded",
    hint="The first seed's losses come out again, the others do not: the runs of the other seeds are not "
    "those of SEEDS. Pass SEEDS to sweep.",
)
def records(lab):
    """Runs the first seed three times."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made = {"train": train}
    for name, option, values in (
        ("rate", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        losses = lab.sweep(
            lambda b, v, s, option=option: train(b, s, **{option: v})[0], values, [0, 0, 0]
        )
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        made[name + "_losses"] = losses
        made[name + "_conclusions"] = lab.conclude(values, np.array(steps, dtype=float))
    return made


@mistake(
    "recorded_arms_swapped",
    fails="recorded",
    hint="The runs without batch norm stand where those with it belong, and the other way round.",
)
def records(lab):
    """Swaps the arms of the losses."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made = {"train": train}
    for name, option, values in (
        ("rate", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        losses = lab.sweep(
            lambda b, v, s, option=option: train(not b, s, **{option: v})[0], values, [0, 1, 2]
        )
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        made[name + "_losses"] = losses
        made[name + "_conclusions"] = lab.conclude(values, np.array(steps, dtype=float))
    return made


@mistake(
    "recorded_too_few_steps",
    fails="recorded",
    hint="The losses are right as far as they go, but records does not hold 150 for each run. Let train "
    "take all its steps.",
)
def records(lab):
    """Stops after 60 steps."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made = {"train": train}
    for name, option, values in (
        ("rate", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        losses = lab.sweep(
            lambda b, v, s, option=option: train(b, s, steps=60, **{option: v})[0],
            values,
            [0, 1, 2],
        )
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        made[name + "_losses"] = losses
        made[name + "_conclusions"] = lab.conclude(values, np.array(steps, dtype=float))
    return made


@mistake(
    "conclusions_typed",
    fails="concluded",
    hint="None of the conclusions in records follows from the losses there. Compute them from the arrays "
    "of the same run; figures from elsewhere do not count.",
)
def records(lab):
    """Types conclusions that were read somewhere."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made = {"train": train}
    for name, option, values in (
        ("rate", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        made[name + "_losses"] = lab.sweep(
            lambda b, v, s, option=option: train(b, s, **{option: v})[0], values, [0, 1, 2]
        )
        made[name + "_conclusions"] = {
            "best": [0.2, 0.5],
            "speedup": 4.6,
            "usable": [[False] * 5, [True, False] * 2 + [True]],
        }
    return made


@mistake(
    "conclusions_of_the_other_sweep",
    fails="concluded",
    hint="The conclusions of the two experiments are in each other's place: those from rate_losses are "
    "rate_conclusions.",
)
def records(lab):
    """Swaps the conclusions of the two experiments."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made = {"train": train}
    for name, other, option, values in (
        ("rate", "scale", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "rate", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        losses = lab.sweep(
            lambda b, v, s, option=option: train(b, s, **{option: v})[0], values, [0, 1, 2]
        )
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        made[name + "_losses"] = losses
        made[other + "_conclusions"] = lab.conclude(values, np.array(steps, dtype=float))
    return made


@mistake(
    "conclusions_rounded_or_edited",
    fails="concluded",
    hint="best and usable follow from the losses, speedup does not. Leave it as conclude returns it.",
)
def records(lab):
    """Rounds the speedup to a whole number."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return (2.3 + 0.1 * seed) * np.exp(-0.2 * speed * np.arange(steps)), None

    made = {"train": train}
    for name, option, values in (
        ("rate", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):
        losses = lab.sweep(
            lambda b, v, s, option=option: train(b, s, **{option: v})[0], values, [0, 1, 2]
        )
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        conclusions = lab.conclude(values, np.array(steps, dtype=float))
        made[name + "_losses"] = losses
        made[name + "_conclusions"] = conclusions | {"speedup": 1 + round(conclusions["speedup"])}
    return made


@variant("records_as_lists")
def records(lab):
    """Keeps lists in place of arrays."""

    def train(batch_norm, seed, learning_rate=0.1, init_scale=1.0, steps=150):
        speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
        return [(2 + seed) * np.exp(-0.2 * speed * n) for n in range(steps)], None

    made = {"train": train}
    for name, option, values in (
        ("rate", "learning_rate", np.array([0.03, 0.1, 0.3, 1.0, 3.0])),
        ("scale", "init_scale", np.array([0.1, 0.3, 1.0, 3.0, 10.0])),
    ):

        def run(batch_norm, value, seed, option=option):
            return train(batch_norm, seed, **{option: value})[0]

        losses = np.array(lab.sweep(run, values, [0, 1, 2]))
        steps = [[[lab.steps_to_target(c, 0.3) for c in row] for row in arm] for arm in losses]
        conclusions = lab.conclude(values, np.array(steps, dtype=float))
        made[name + "_losses"] = losses.tolist()
        made[name + "_conclusions"] = {k: np.array(v).tolist() for k, v in conclusions.items()}
    return made
