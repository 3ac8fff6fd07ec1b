"""Mutants of ex07_training_lab that are right."""

from autograder.prove.equivalent.model import LISTS, WRITTEN, same

LENGTHS = "these have the same length"
STRICT = "the lengths are equal, so strict changes nothing"
ONE = (
    "the numbers are asked for: an axis of length 1 more or less is no matter, here and everywhere"
)
OWN = "the array that is changed is the function's own, or one that the exercise lets it change"
SAME_AXIS = "the last axis by its number, or as -1, or by default"
TWICE = "doing it a second time changes nothing"
SUMS = "a factor other than 0 that all means share changes neither their order nor their ratio"
ANOTHER = "an entry of the student's own is not asked for"
TOY = "a formula stands in for training: the records must agree with it, whatever it is"


def each(before, reason, *afters):
    """Return (before, after, reason) for one line and what it became in each mutant."""
    return tuple((before, after, reason) for after in afters)


SPEED = "speed = learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)"
SPEEDS = """\
learning_rate / (0.1 + init_scale) / (3 if batch_norm else 1)
learning_rate / (0.1 + init_scale) + (3 if batch_norm else 1)
learning_rate / (0.1 + init_scale) - (3 if batch_norm else 1)
(learning_rate / (0.1 + init_scale)) ** (3 if batch_norm else 1)
learning_rate / (0.1 + init_scale)
3 if batch_norm else 1
-(learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1))
learning_rate * (0.1 + init_scale) * (3 if batch_norm else 1)
(learning_rate + (0.1 + init_scale)) * (3 if batch_norm else 1)
(learning_rate - (0.1 + init_scale)) * (3 if batch_norm else 1)
learning_rate // (0.1 + init_scale) * (3 if batch_norm else 1)
(0.1 + init_scale) / learning_rate * (3 if batch_norm else 1)
learning_rate * (3 if batch_norm else 1)
(0.1 + init_scale) * (3 if batch_norm else 1)
-(learning_rate / (0.1 + init_scale)) * (3 if batch_norm else 1)
learning_rate / (0.1 + init_scale) * 3
learning_rate / (0.1 + init_scale) * 1
learning_rate / (0.1 + init_scale) * (1 if batch_norm else 3)
batch_norm / (0.1 + init_scale) * (3 if batch_norm else 1)
seed / (0.1 + init_scale) * (3 if batch_norm else 1)
init_scale / (0.1 + init_scale) * (3 if batch_norm else 1)
-learning_rate / (0.1 + init_scale) * (3 if batch_norm else 1)
learning_rate / (0.1 - init_scale) * (3 if batch_norm else 1)
learning_rate / (0.1 * init_scale) * (3 if batch_norm else 1)
learning_rate / (0.1 / init_scale) * (3 if batch_norm else 1)
learning_rate / 0.1 * (3 if batch_norm else 1)
learning_rate / init_scale * (3 if batch_norm else 1)
learning_rate / -(0.1 + init_scale) * (3 if batch_norm else 1)
learning_rate / (0.1 + init_scale) * (3 if lab else 1)
learning_rate / (0.1 + init_scale) * (3 if seed else 1)
learning_rate / (0.1 + init_scale) * (3 if learning_rate else 1)
learning_rate / (0.1 + init_scale) * (3 if init_scale else 1)
learning_rate / (0.1 + init_scale) * (3 if steps else 1)
learning_rate / (0.1 + init_scale) * (3 if option else 1)
learning_rate / (0.1 + init_scale) * (3 if made else 1)
learning_rate / (0.1 + init_scale) * (3 if name else 1)
learning_rate / (0.1 + init_scale) * (4 if batch_norm else 1)
learning_rate / (0.1 + init_scale) * (2 if batch_norm else 1)
learning_rate / (0.1 + init_scale) * (0 if batch_norm else 1)
learning_rate / (0.1 + init_scale) * (1 if batch_norm else 1)
learning_rate / (0.1 + init_scale) * (-3 if batch_norm else 1)
learning_rate / (0.1 + init_scale) * (3 if batch_norm else 2)
learning_rate / (0.1 + init_scale) * (3 if batch_norm else 0)
learning_rate / (0.1 + init_scale) * (3 if batch_norm else -1)
learning_rate / (0.2 + init_scale) * (3 if batch_norm else 1)
learning_rate / (0.05 + init_scale) * (3 if batch_norm else 1)
learning_rate / (1.0 + init_scale) * (3 if batch_norm else 1)
learning_rate / (0.01 + init_scale) * (3 if batch_norm else 1)
learning_rate / (0.0 + init_scale) * (3 if batch_norm else 1)
learning_rate / (-0.1 + init_scale) * (3 if batch_norm else 1)
learning_rate / (0.1 + batch_norm) * (3 if batch_norm else 1)
learning_rate / (0.1 + seed) * (3 if batch_norm else 1)
learning_rate / (0.1 + learning_rate) * (3 if batch_norm else 1)
learning_rate / (0.1 + -init_scale) * (3 if batch_norm else 1)
"""
LOSSES = "return ([(2 + seed) * np.exp(-0.2 * speed * n) for n in range(steps)], None)"
LOSS = """\
(2 + seed) / np.exp(-0.2 * speed * n)
2 + seed + np.exp(-0.2 * speed * n)
2 + seed - np.exp(-0.2 * speed * n)
(2 + seed) ** np.exp(-0.2 * speed * n)
2 + seed
np.exp(-0.2 * speed * n)
(2 - seed) * np.exp(-0.2 * speed * n)
2 * seed * np.exp(-0.2 * speed * n)
2 * np.exp(-0.2 * speed * n)
seed * np.exp(-0.2 * speed * n)
-(2 + seed) * np.exp(-0.2 * speed * n)
(2 + seed) * (-0.2 * speed * n)
(2 + seed) * -np.exp(-0.2 * speed * n)
(3 + seed) * np.exp(-0.2 * speed * n)
(1 + seed) * np.exp(-0.2 * speed * n)
(0 + seed) * np.exp(-0.2 * speed * n)
(-2 + seed) * np.exp(-0.2 * speed * n)
(2 + batch_norm) * np.exp(-0.2 * speed * n)
(2 + learning_rate) * np.exp(-0.2 * speed * n)
(2 + init_scale) * np.exp(-0.2 * speed * n)
(2 + speed) * np.exp(-0.2 * speed * n)
(2 + n) * np.exp(-0.2 * speed * n)
(2 + -seed) * np.exp(-0.2 * speed * n)
(2 + seed) * np.exp(-0.2 * speed / n)
(2 + seed) * np.exp(-0.2 * speed + n)
(2 + seed) * np.exp(-0.2 * speed - n)
(2 + seed) * np.exp((-0.2 * speed) ** n)
(2 + seed) * np.exp(-0.2 * speed)
(2 + seed) * np.exp(n)
(2 + seed) * np.exp(-0.2 / speed * n)
(2 + seed) * np.exp((-0.2 + speed) * n)
(2 + seed) * np.exp((-0.2 - speed) * n)
(2 + seed) * np.exp((-0.2) ** speed * n)
(2 + seed) * np.exp(-0.2 * n)
(2 + seed) * np.exp(speed * n)
(2 + seed) * np.exp(-(-0.2 * speed) * n)
(2 + seed) * np.exp(-0.2 * speed * batch_norm)
(2 + seed) * np.exp(-0.2 * speed * seed)
(2 + seed) * np.exp(-0.2 * speed * learning_rate)
(2 + seed) * np.exp(-0.2 * speed * init_scale)
(2 + seed) * np.exp(-0.2 * speed * speed)
(2 + seed) * np.exp(-0.2 * speed * -n)
(2 + seed) * np.exp(0.2 * speed * n)
(2 + seed) * np.exp(-0.2 * batch_norm * n)
(2 + seed) * np.exp(-0.2 * seed * n)
(2 + seed) * np.exp(-0.2 * learning_rate * n)
(2 + seed) * np.exp(-0.2 * init_scale * n)
(2 + seed) * np.exp(-0.2 * n * n)
(2 + seed) * np.exp(-0.2 * -speed * n)
(2 + seed) * np.exp(-0.4 * speed * n)
(2 + seed) * np.exp(-0.1 * speed * n)
(2 + seed) * np.exp(-2.0 * speed * n)
(2 + seed) * np.exp(-0.02 * speed * n)
(2 + seed) * np.exp(-0.0 * speed * n)
(2 + seed) * np.exp(-1.0 * speed * n)
(2 + seed) * np.exp(--0.2 * speed * n)
"""

TABLE = (
    *same(
        "ex07_training_lab",
        "linear_backward",
        ("return ...dy.sum(axis=0))", "return ...dy.sum(axis=0, keepdims=True))", ONE),
        ("dx, ... = (np.zeros(x.shape), ...", "dx, ... = (np.ones(x.shape), ...", WRITTEN),
        ("...np.zeros((1, len(weight))))", "...np.zeros((len(weight),)))", ONE),
    ),
    *same(
        "ex07_training_lab",
        "cross_entropy",
        ("shifted = ...", "logits -= ...\nshifted = logits", OWN),
        ("log_p = ...", "shifted -= ...\nlog_p = shifted", OWN),
        ("log_p = ...", "logits -= ...\nlog_p = logits", OWN),
        ("return ...", "dlogits /= logits.shape[0]\nreturn (np.array([loss]), dlogits)", OWN),
        ("exponentials = ...", "row -= max(row)\nexponentials = np.exp(row)", OWN),
        ("dlogits[n] = ...", "exponentials /= total\n...", OWN),
        ("", "logits -= ...", TWICE),
        ("...axis=1...", "...axis=-1...", SAME_AXIS),
        ("...axis=1).mean()", "...labels[:, None]).mean()", SAME_AXIS),
        ("...shape[1]...", "...shape[-1]...", SAME_AXIS),
        *each(
            "target = np.eye(logits.shape[1])[labels]",
            LENGTHS,
            "target = np.eye(shifted.shape[1])[labels]",
            "target = np.eye(log_p.shape[1])[labels]",
        ),
        *each(
            "dlogits -= np.arange(logits.shape[1]) == labels[:, None]",
            LENGTHS,
            "dlogits -= np.arange(log_p.shape[1]) == labels[:, None]",
            "dlogits -= np.arange(dlogits.shape[1]) == labels[:, None]",
        ),
        *each(
            "return (np.array([loss]), dlogits / logits.shape[0])",
            LENGTHS,
            "return (np.array([loss]), dlogits / labels.shape[0])",
            "return (np.array([loss]), dlogits / log_p.shape[0])",
            "return (np.array([loss]), dlogits / dlogits.shape[0])",
        ),
        *each("...len(logits)...", LENGTHS, "...len(labels)...", "...len(shifted)..."),
        *each("...len(logits)...", LENGTHS, "...len(log_p)...", "...len(target)..."),
        ("...len(logits)...", "...len(dlogits)...", LENGTHS),
        ("logits /= len(logits)", "logits /= len(rows)", LENGTHS),
        ("....sum() / len...", "....sum(keepdims=True) / len...", ONE),
        ("loss = ....mean()", "loss = ....mean(keepdims=True)", ONE),
        ("loss = -np.mean([...])", "loss = -np.mean([...], keepdims=True)", ONE),
        ("total = ....sum()", "total = ....sum(keepdims=True)", ONE),
        ("return (np.array([loss]), ...", "return ([loss], ...", LISTS),
        ("...strict=True)):", "...labels)):", STRICT),
        ("...strict=True)):", "...strict=False)):", STRICT),
        ("loss, dlogits = (0.0, np.zeros(...", "loss, dlogits = (0.0, np.ones(...", WRITTEN),
    ),
    *same(
        "ex07_training_lab",
        "train_step",
        ("...strict=True)...", "...strict=False)...", STRICT),
        ("for layer, p in ...", "for layer, p in zip(network, params):", STRICT),
        ("for layer, p, r in ...", "for layer, p, r in zip(network, params, running):", STRICT),
        ("for average, new in ...", "for average, new in zip(r, layer.statistics(cache)):", STRICT),
        (
            "pairs = ...caches[i])...",
            "pairs = zip(running[i], network[i].statistics(caches[i]))",
            STRICT,
        ),
        ("pairs = ...cache)...", "pairs = zip(running[i], network[i].statistics(cache))", STRICT),
        (
            "params[i] = tuple(...",
            "params[i] = tuple((p - learning_rate * dp for p, dp in zip(params[i], grads)))",
            STRICT,
        ),
        (
            "stepped[i] = ...",
            "stepped[i] = [p - learning_rate * g for p, g in zip(params[i], grads)]",
            STRICT,
        ),
        ("updates += ...", "updates += zip(p, grads)", STRICT),
        ("", "params, running = (list(params), list(running))", TWICE),
        ("", "params = ...", TWICE),
        ("", "running = ...", TWICE),
        *each("...len(network)...", LENGTHS, "...len(params)...", "...len(running)..."),
        ("for i in ...", "for i in reversed(range(len(caches))):", LENGTHS),
        ("if i == ...", "if i == len(stepped):", LENGTHS),
        ("if i == ...", "if i == len(averaged):", LENGTHS),
        *each(
            "return [np.array(value), tuple(params), tuple(running)]",
            LISTS,
            "return [value, tuple(params), tuple(running)]",
            "return [np.array(value), params, tuple(running)]",
            "return [np.array(value), tuple(params), running]",
        ),
    ),
    *same(
        "ex07_training_lab",
        "predict",
        ("for layer, p, r in ...", "for layer, p, r in zip(network, params, running):", STRICT),
        ("for layer, p, r in ...", "for layer, p, r in ...strict=False):", STRICT),
        *each("if not network:", LENGTHS, "if not params:", "if not running:"),
        *each("...len(network)...", LENGTHS, "...len(params)...", "...len(running)..."),
        ("return np.stack(rows)", "return rows", LISTS),
        ("rows.append(row[0])", "rows.append(row[-1])", "there is one row"),
    ),
    *same(
        "ex07_training_lab",
        "steps_to_target",
        (
            "for n in range(window, len(losses) + 1):",
            "for n in range(len(losses) + 1):",
            "a window that starts before the first loss is empty, and its mean no number",
        ),
        ("if ....mean() <= target:", "if ....mean(keepdims=True) <= target:", ONE),
        (
            "means = np.convolve(losses, np.ones(window), ...",
            "means = np.convolve(np.ones(window), losses, ...",
            "a convolution is the same in either order",
        ),
        ("return float(...) if ...", "return low[0] + window if ...", "an int is a number too"),
        ("...axis=1...", "...axis=-1...", SAME_AXIS),
        *each(
            "counts = np.arange(window, len(losses) + 1.0)",
            "the last of these numbers is the same",
            "counts = np.arange(window, len(losses) + 0.5)",
            "counts = np.arange(window, len(losses) + 0.1)",
        ),
    ),
    *same(
        "ex07_training_lab",
        "sweep",
        ("return np.array(...)", "return [...]", LISTS),
        ("losses = np.zeros(...", "losses = np.ones(...", WRITTEN),
        ("losses[arm, i, j] = row", "losses[-arm, i, j] = row", "of two, -1 is the second"),
        ("...axis=2)", "...axis=-2)", "of four axes, -2 is axis 2"),
    ),
    *same(
        "ex07_training_lab",
        "conclude",
        ("return ...", "without /= with_batch_norm\n...", OWN),
        ("means = steps.mean(axis=2)", "means = steps.mean(axis=2, keepdims=True)", ONE),
        ("means = steps.mean(axis=2)", "means = steps.sum(axis=2)", SUMS),
        ("...means.min(axis=1)", "...-means.min(axis=1)", SUMS),
        ("lowest = np...", "lowest = -np...axis=1)", SUMS),
        *each(
            "means = [sum(row) / len(row) for row in arm]",
            SUMS,
            "means = [sum(row) * len(row) for row in arm]",
            "means = [sum(row) for row in arm]",
            "means = [sum(row) / (len(row) + 1) for row in arm]",
            "means = [sum(row) / len(values) for row in arm]",
            "means = [sum(row) / len(steps) for row in arm]",
            "means = [sum(row) / len(arm) for row in arm]",
        ),
        ("...axis=1)...", "...axis=-1)...", SAME_AXIS),
        ("lowest = ...", "lowest = np.take_along_axis(sums, order[:, None])", SAME_AXIS),
        ("order = ...", "order = np.argsort(sums)[:, 0]", SAME_AXIS),
        ("<1>lowest[1]<2>", "<1>lowest[-1]<2>", "there are two"),
        (
            "return ...'sums': sums}",
            "return ...'usable': np.where(sums < np.inf, 1.0, 0.0)}",
            ANOTHER,
        ),
        ("return ...'sums': sums}", "return ...'sums_': sums}", ANOTHER),
        *each(
            "return ...'sums': sums}",
            ANOTHER,
            "return ...'sums': values}",
            "return ...'sums': steps}",
        ),
        *each(
            "return ...'sums': sums}",
            ANOTHER,
            "return ...'sums': order}",
            "return ...'sums': lowest}",
        ),
        ("return ...'sums': sums}", "return ...'sums': speedup}", ANOTHER),
        (
            "return ...tuple(np.take(values, order))...",
            "return ...: np.take(values, order)...",
            LISTS,
        ),
        *each(
            "return ...'usable': np.where(sums < np.inf, 1.0, 0.0)...",
            "True and 1, False and 0 are equal",
            "return ...'usable': sums < np.inf...",
            "return ...'usable': np.where(1.0, sums < np.inf, 0.0)...",
        ),
    ),
    *same(
        "ex07_training_lab",
        "records",
        *each(SPEED, TOY, *(f"speed = {speed}" for speed in SPEEDS.splitlines())),
        (SPEED, "learning_rate /= ...\nspeed = ...", "a number is bound anew, and not read again"),
        *each(
            LOSSES,
            TOY,
            *(f"return ([{loss} for n in range(steps)], None)" for loss in LOSS.splitlines()),
        ),
        (
            LOSSES,
            "return ([... for n in range(steps)],)",
            "only the losses are read of what train returns",
        ),
        ("def train(...", "def train(..., steps=150):", TOY),
        (
            "for name, option, values in (('rate', <1>), ('scale', <2>)):",
            "for name, option, values in (('scale', <2>), ('rate', <1>)):",
            "the other order",
        ),
        ("...np.array([0.03...])...", "...'learning_rate', [0.03...", LISTS),
        ("...np.array([0.1...])...", "...'init_scale', [0.1...", LISTS),
        (
            "losses = np.array(...)",
            "losses = lab.sweep(run, values, [0, 1, 2])",
            "sweep returns an array",
        ),
        ("...losses.tolist()", "...losses", LISTS),
        ("conclusions = ...", "conclusions = lab.conclude(values, steps)", LISTS),
        (
            "conclusions = ...",
            "conclusions = lab.conclude(values, np.array(steps))",
            "an int is a number too",
        ),
        (
            "...'_conclusions'] = ...",
            "name += '_conclusions'\nmade[name] = ...",
            "a str is bound anew, and not read again",
        ),
        ("...'_conclusions'] = ...", "...{k: np.array(v) for k, v in conclusions.items()}", LISTS),
        (
            "...'_conclusions'] = ...",
            "...{k: v.tolist() for k, v in conclusions.items()}",
            "conclude returns arrays and NumPy's numbers",
        ),
    ),
)
