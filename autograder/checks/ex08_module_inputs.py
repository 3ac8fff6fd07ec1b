"""The inputs of ex08_module.

Sequences (N, C, L) come only where they are asked about, and in `sessions`: the other questions have
rows and images. Where eps is not the question, variances are so large that it makes no difference.
"""

import numpy as np

from autograder.checks.model import Case

KINDS = ("BatchNorm1d", "BatchNorm2d")


def maps(rng, shape):
    """Draw a batch whose channels differ in mean (either sign), in spread, and have an outlier."""
    channel = (1, shape[1], *[1] * (len(shape) - 2))
    mean = rng.uniform(1.0, 5.0, channel) * rng.choice([-1.0, 1.0], channel)
    spread = rng.uniform(0.5, 3.0, channel)
    x = mean + spread * rng.standard_normal(shape)
    x[0] += 4.0 * spread[0]
    return x


def affine(rng, features):
    """Draw a weight and a bias away from 1 and 0, the weight of both signs."""
    weight = rng.uniform(0.5, 2.0, features) * np.resize([1.0, -1.0], features)
    bias = rng.uniform(1.0, 3.0, features) * rng.choice([-1.0, 1.0], features)
    return {"weight": weight, "bias": bias}


def averages(rng, features):
    """Draw running statistics as training might have left them."""
    running_mean = rng.uniform(1.0, 3.0, features) * rng.choice([-1.0, 1.0], features)
    return {"running_mean": running_mean, "running_var": rng.uniform(0.3, 6.0, features)}


def kind_of(shape):
    """Return the class for an input of that shape."""
    return KINDS[len(shape) > 3]


def in_words(shape):
    """Return a shape as a label says it."""
    return f"{kind_of(shape)}, x of shape {tuple(shape)}"


def said(options):
    """Return options as a label says them."""
    return "".join(f", {name}={value}" for name, value in options.items())


def new_modules(rng):
    cases = []
    for kind, features, options in [
        ("BatchNorm1d", 3, {}),
        ("BatchNorm2d", 5, {}),
        ("BatchNorm1d", 1, {"affine": False}),
        ("BatchNorm2d", 4, {"affine": False}),
        ("BatchNorm1d", 4, {"track_running_stats": False}),
        ("BatchNorm2d", 2, {"track_running_stats": False}),
        ("BatchNorm2d", 3, {"affine": False, "track_running_stats": False}),
    ]:
        used = rng.standard_normal((4, features, *([2, 2] if kind == "BatchNorm2d" else [])))
        inputs = {"kind": kind, "features": features, "options": options, "used": used}
        cases.append(Case(f"{kind}({features}{said(options)})", inputs))
    return cases


def checkpoints(rng):
    cases = []
    for kind, features in [("BatchNorm1d", 3), ("BatchNorm2d", 4)]:
        for left_out in [
            (),
            ("affine",),
            ("track_running_stats",),
            ("affine", "track_running_stats"),
        ]:
            options = {name: False for name in left_out}
            values = affine(rng, features) | averages(rng, features)
            values["num_batches_tracked"] = int(rng.integers(5, 50))
            inputs = {"kind": kind, "features": features, "options": options, "values": values}
            cases.append(Case(f"{kind}({features}{said(options)})", inputs))
    return cases


def used_modules(rng):
    return [
        Case(f"{in_words(shape)} before it", {"kind": kind_of(shape), "x": maps(rng, shape)})
        for shape in [(4, 3), (5, 2), (3, 4, 2, 2)]
    ]


def rows(rng):
    # Spreads so large that where eps stands makes no difference to this question.
    whole = np.array([[1.0, 9.0], [3.0, 3.0], [5.0, 9.0], [7.0, 3.0]])[rng.permutation(4)] * 1e8
    cases = [
        Case(
            "BatchNorm1d, 4 rows of 2 channels, whole numbers times 1e8",
            {"kind": "BatchNorm1d", "x": whole},
        )
    ]
    for shape in [(9, 5), (6, 6), (2, 3), (5, 1)]:
        cases.append(Case(in_words(shape), {"kind": "BatchNorm1d", "x": 1e10 * maps(rng, shape)}))
    return cases


def sequences_and_images(rng):
    whole = np.array([[[1.0, 3.0], [2.0, 6.0]], [[5.0, 7.0], [6.0, 2.0]]]) * 1e8
    cases = [
        Case(
            "BatchNorm1d, x of shape (2, 2, 2), whole numbers times 1e8",
            {"kind": "BatchNorm1d", "x": whole},
        )
    ]
    for shape in [(4, 3, 5), (4, 4, 4), (5, 4, 2, 3), (3, 3, 3, 3), (2, 3, 2, 4), (6, 2, 1, 1)]:
        inputs = {"kind": kind_of(shape), "x": 1e10 * maps(rng, shape)}
        cases.append(Case(in_words(shape), inputs))
    return cases


def scaled_and_shifted(rng):
    return [
        Case(
            in_words(shape),
            {"kind": kind_of(shape), "x": maps(rng, shape)} | affine(rng, shape[1]),
        )
        for shape in [(8, 3), (5, 5), (3, 4, 2, 4), (4, 3, 3, 3)]
    ]


def small_spreads(rng):
    return [
        Case(
            f"{'eps=' + str(options['eps']) if options else 'eps left out'}, variance {variance}",
            {"x": np.sqrt(variance) * rng.standard_normal((6, 4)), "options": options},
        )
        for options, variance in [
            ({"eps": 0.5}, 1e-10),
            ({}, 1e-16),
            ({"eps": 0.02}, 1e-12),
            ({}, 1e-14),
        ]
    ]


def unequal_batches(rng):
    whole = [np.array([[2.0, 10.0], [6.0, 4.0]]), np.array([[1.0, 0.0], [4.0, 0.0], [7.0, 6.0]])]
    cases = []
    for shapes in [
        [(2, 2), (3, 2)],
        [(3, 3), (2, 3), (4, 3), (2, 3)],
        [(5, 4), (2, 4), (3, 4)],
        [(2, 3, 1, 1), (2, 3, 2, 2), (3, 3, 2, 1)],
        [(3, 5, 2, 2), (2, 5, 1, 3)],
    ]:
        batches = whole if shapes[0] == (2, 2) else [maps(rng, shape) for shape in shapes]
        kind = kind_of(shapes[0])
        label = f"{kind}, batches of shapes {', '.join(map(str, shapes))}"
        # Old and new weigh the same here: which of them momentum weights is a question of its own.
        cases.append(Case(label, {"kind": kind, "momentum": 0.5, "batches": batches}))
    return cases


def weighted_batches(rng):
    cases = []
    for shape, many, options, count in [
        ((4, 2), 2, {"momentum": 0.3}, 0),
        ((3, 3), 1, {}, 0),
        ((2, 2, 2, 2), 1, {"momentum": 0.0}, 4),
        ((4, 3), 1, {"momentum": 1}, 0),
        ((3, 2), 1, {"momentum": 0}, 3),
        ((4, 2), 2, {"momentum": None}, 0),
        ((2, 3, 2, 2), 2, {"momentum": None}, 2),
        ((3, 2), 1, {"momentum": None}, 5),
    ]:
        first = maps(rng, shape)
        moves = [0.0, *rng.uniform(1.0, 4.0, many - 1)]
        batches = [rng.permutation(first) + move for move in moves]
        inputs = {"kind": kind_of(shape), "batches": batches, "count": count, "options": options}
        given = f"momentum={options['momentum']}" if options else "momentum left out"
        label = f"{kind_of(shape)}, {given}, {many} batches after {count} others"
        cases.append(Case(label, inputs | averages(rng, shape[1])))
    return cases


def evaluation_batches(rng):
    # Again eps makes no difference.
    whole = {
        "kind": "BatchNorm1d",
        "x": np.array([[5.0, 3.0], [1.0, 7.0], [-3.0, 9.0]]) * 1e8,
        "weight": np.array([1.0, -2.0]),
        "bias": np.array([0.0, 10.0]),
        "running_mean": np.array([1.0, 3.0]) * 1e8,
        "running_var": np.array([4.0, 9.0]) * 1e16,
    }
    cases = [Case("BatchNorm1d, 3 rows of 2 channels, whole numbers times 1e8", whole)]
    for shape in [(4, 4), (2, 5), (3, 4, 2, 4), (2, 3, 3, 3)]:
        inputs = {"kind": kind_of(shape), "x": 1e8 * maps(rng, shape)} | affine(rng, shape[1])
        inputs |= averages(rng, shape[1])
        inputs["running_mean"] *= 1e8
        inputs["running_var"] *= 1e16
        cases.append(Case(in_words(shape), inputs))
    return cases


def batches_to_evaluate(rng):
    cases = []
    for shape, others, options in [
        ((4, 3), [(3, 3), (2, 3)], {"momentum": 0.3}),
        ((3, 4), [(2, 4)], {}),
        ((3, 3, 2, 2), [(2, 3, 1, 4), (2, 3, 3, 1)], {"momentum": None}),
    ]:
        inputs = {"kind": kind_of(shape), "batch": maps(rng, shape), "options": options}
        inputs["others"] = [maps(rng, other) for other in others]
        label = f"{in_words(shape)} in training{said(options)}, then {', '.join(map(str, others))}"
        cases.append(Case(label, inputs))
    return cases


def untracked_batches(rng):
    return [
        Case(
            in_words(shape) + said(options) + ", track_running_stats=False",
            {"kind": kind_of(shape), "x": maps(rng, shape), "options": options},
        )
        for shape, options in [
            ((5, 3), {}),
            ((4, 2), {"momentum": None}),
            ((3, 4, 2, 2), {"affine": False}),
        ]
    ]


def refusals(rng):
    cases = []
    untracked = {"track_running_stats": False}
    for about, kind, shape, options, mode in [
        ("one value", "BatchNorm1d", (1, 3), {}, "training"),
        ("one value", "BatchNorm1d", (1, 2, 1), {}, "training"),
        ("one value", "BatchNorm2d", (1, 4, 1, 1), {"momentum": None}, "training"),
        ("one value", "BatchNorm1d", (1, 4), untracked, "evaluation"),
        ("one value", "BatchNorm2d", (1, 3, 1, 1), untracked, "evaluation"),
        ("one value", "BatchNorm2d", (1, 2, 1, 1), untracked, "training"),
        # Two values.
        ("one value", "BatchNorm1d", (2, 3), {}, "training"),
        ("one value", "BatchNorm1d", (1, 3, 2), {}, "training"),
        ("one value", "BatchNorm1d", (2, 3, 1), {}, "training"),
        ("one value", "BatchNorm2d", (1, 3, 1, 2), {}, "training"),
        ("one value", "BatchNorm2d", (1, 3, 2, 1), untracked, "evaluation"),
        ("one value", "BatchNorm2d", (2, 3, 1, 1), {}, "training"),
        ("dimensions", "BatchNorm1d", (3,), {}, "training"),
        ("dimensions", "BatchNorm1d", (2, 3, 2, 2), {}, "training"),
        ("dimensions", "BatchNorm1d", (2, 3, 2, 2), {}, "evaluation"),
        ("dimensions", "BatchNorm1d", (2, 3, 2, 1, 2), untracked, "evaluation"),
        ("dimensions", "BatchNorm2d", (4, 3), {}, "evaluation"),
        ("dimensions", "BatchNorm2d", (3, 3, 4), {}, "training"),
        ("dimensions", "BatchNorm2d", (3, 3, 4), {}, "evaluation"),
        ("dimensions", "BatchNorm2d", (2, 3, 2, 1, 2), {}, "training"),
        # As many as there should be.
        ("dimensions", "BatchNorm1d", (3, 2), {}, "evaluation"),
        ("dimensions", "BatchNorm1d", (3, 2, 2), {}, "evaluation"),
        ("dimensions", "BatchNorm1d", (2, 3, 4), {}, "training"),
        ("dimensions", "BatchNorm2d", (3, 2, 2, 1), {}, "evaluation"),
    ]:
        x = maps(rng, shape) if len(shape) > 1 else rng.standard_normal(shape)
        inputs = {"kind": kind, "x": x, "options": options, "mode": mode, "about": about}
        # Enough to tell mistakes apart: diagnosis looks at the answers that the first case has.
        inputs["twice"] = shape in [(1, 3), (1, 4), (1, 2, 1, 1)]
        label = f"{kind}, x of shape {shape}, in {mode}{said(options)}"
        cases.append(Case(label, inputs))
    return cases


def layouts(rng):
    return [
        Case(
            f"{in_words(shape)}, {how}, in {mode}",
            {"kind": kind_of(shape), "mode": mode, "x": maps(rng, shape), "how": how},
        )
        for shape, how, mode in [
            ((4, 3), "the batch last", "training"),
            ((5, 2), "every second sample", "training"),
            ((4, 3, 2, 5), "channels last", "training"),
            ((3, 4, 2, 3), "channels last", "evaluation"),
            ((3, 2, 4, 3), "the batch last", "training"),
            ((4, 3, 2, 2), "every second sample", "evaluation"),
            ((3, 3, 4, 2), "every second number", "training"),
        ]
    ]


def float32_batches(rng):
    cases = []
    for shape in [(40, 3), (30, 4), (6, 4, 3, 3)]:
        features = shape[1]
        mean = rng.uniform(2000.0, 4000.0, features) * rng.choice([-1.0, 1.0], features)
        x = rng.standard_normal(shape) + mean.reshape(1, -1, *[1] * (len(shape) - 2))
        label = f"{in_words(shape)}, float32, means of about 3,000 deviations"
        cases.append(Case(label, {"kind": kind_of(shape), "x": x.astype(np.float32)}))
    return cases


def either_mode(rng):
    cases = []
    for shape in [(5, 3), (3, 4, 2, 2)]:
        for mode in ("training", "evaluation"):
            inputs = {"kind": kind_of(shape), "mode": mode, "x": maps(rng, shape)}
            inputs["values"] = affine(rng, shape[1]) | averages(rng, shape[1])
            cases.append(Case(f"{in_words(shape)}, in {mode}", inputs))
    return cases


def gradient_batches(rng):
    cases = []
    for shape in [(6, 3), (3, 2, 2, 3)]:
        for mode in ("training", "evaluation"):
            inputs = {"kind": kind_of(shape), "mode": mode, "x": maps(rng, shape)}
            inputs["dy"] = rng.standard_normal(shape)
            inputs["along"] = 1 + rng.standard_normal(shape)
            inputs["values"] = affine(rng, shape[1]) | averages(rng, shape[1])
            inputs["steps"] = rng.uniform(0.5, 1.0, shape[1])
            cases.append(Case(f"{in_words(shape)}, in {mode}", inputs))
    return cases


def successive_batches(rng):
    cases = []
    for shape, many in [((5, 3), 3), ((3, 4, 2, 2), 2)]:
        inputs = {"kind": kind_of(shape), "batches": [maps(rng, shape) for _ in range(many)]}
        inputs["dy"] = rng.standard_normal(shape)
        cases.append(Case(f"{in_words(shape)}, {many} batches", inputs))
    return cases


def audited(rng):
    return [
        Case(
            in_words(shape) + said(options),
            {"kind": kind_of(shape), "x": maps(rng, shape), "options": options},
        )
        for shape, options in [
            ((5, 3), {}),
            ((4, 2), {"track_running_stats": False}),
            ((3, 4, 2, 2), {}),
            ((3, 3, 2, 2), {"track_running_stats": False}),
        ]
    ]


def sessions(rng):
    cases = []
    t, e = "training", "evaluation"
    for options, plan in [
        (
            {"eps": 0.5, "momentum": 0.3},
            [(t, (4, 3)), (t, (2, 3, 2)), (e, (2, 3)), (t, (5, 3)), (e, (2, 3))],
        ),
        (
            {"eps": 0.05},
            [(t, (2, 4, 1, 2)), (e, (2, 4, 2, 3)), (t, (3, 4, 2, 2)), (e, (2, 4, 1, 1))],
        ),
        ({}, [(t, (3, 2, 2)), (e, (2, 2)), (t, (3, 2, 3))]),
        ({"momentum": None, "eps": 0.1}, [(t, (5, 2)), (t, (3, 2)), (e, (3, 2)), (t, (3, 2, 2))]),
        (
            {"affine": False, "momentum": 0.0},
            [(t, (3, 3, 2, 2)), (e, (3, 3, 2, 2)), (t, (2, 3, 1, 2))],
        ),
        ({"momentum": 0, "eps": 0.3}, [(t, (3, 3)), (e, (4, 3)), (t, (2, 3))]),
        ({"track_running_stats": False}, [(t, (4, 2)), (e, (3, 2, 2)), (e, (5, 2))]),
        (
            {"track_running_stats": False, "affine": False, "eps": 0.4},
            [(t, (3, 2, 1, 2)), (e, (2, 2, 2, 1))],
        ),
        (
            {"momentum": None, "affine": False, "eps": 0.2},
            [(t, (3, 3, 2, 1)), (t, (2, 3, 2, 2)), (e, (3, 3, 1, 1)), (t, (2, 3, 1, 2))],
        ),
    ]:
        steps = [[mode, maps(rng, shape), rng.standard_normal(shape)] for mode, shape in plan]
        if "affine" in options:
            steps[0][1][:, 1] = steps[0][1][0, 1].flat[0]  # a channel that is constant in it
        features, kind = plan[0][1][1], kind_of(plan[0][1])
        values = affine(rng, features) | averages(rng, features) | {"num_batches_tracked": 0}
        # Shares of 1/2, 1/4 and 1/8, which are the same in float32 and in float64.
        later = affine(rng, features) | averages(rng, features) | {"num_batches_tracked": 3}
        words = ", ".join(f"{mode} {shape}" for mode, shape in plan)
        inputs = {"kind": kind, "options": options, "steps": steps}
        inputs |= {"values": values, "later": later}
        cases.append(Case(f"{kind}{said(options)}, batches: {words}", inputs))
    return cases


def networks(rng):
    """Draw networks: nested, in attributes and lists, with each option; the last two share one."""
    none = {"momentum": None}
    flat = ["Sequential", ["Linear", 4, 3], ["BatchNorm1d", 3, {"eps": 30.0}], ["Linear", 3, 2]]
    flat += [["BatchNorm1d", 2, {"eps": 0.3, "momentum": 0.4, "odd": True}], ["Linear", 2, 3]]
    flat += [["BatchNorm1d", 3, {"track_running_stats": False, "affine": False}]]
    nested = [
        "Sequential",
        ["Block", ["BatchNorm2d", 2, {"eps": 20.0}], ["Conv2d", 2, 3, 2, {"bias": False}]],
        ["Sequential", ["BatchNorm2d", 3, {"affine": False} | none], ["ReLU"]],
        ["Block", ["Conv2d", 3, 4, 1], ["BatchNorm2d", 4, {"odd": True, "momentum": 0.3}]],
        ["InstanceNorm2d", 4, {"affine": True, "track_running_stats": True}],
        ["Sequential", ["Sequential", ["BatchNorm2d", 4, {"eps": 0.5} | none]]],
    ]
    mixed = [
        "Sequential",
        ["Conv2d", 2, 4, 2],
        ["BatchNorm2d", 4, {"affine": False, "eps": 0.5, "momentum": 0.3}],
        ["InstanceNorm2d", 4, {"affine": True, "track_running_stats": True}],
        ["Sequential", ["Flatten"], ["Linear", 16, 3]],
        ["Block", ["BatchNorm1d", 3, {"track_running_stats": False}], ["Tanh"]],
        ["Block", ["Sequential", ["BatchNorm1d", 3, {"eps": 0.2} | none]], ["LayerNorm", 3]],
        ["BatchNorm1d", 3, {"odd": True, "eps": 0.1}],
    ]
    twice = [
        "Sequential",
        ["Linear", 4, 4],
        ["BatchNorm1d", 4, {"name": "a", "momentum": 0.3}],
        ["ReLU"],
        ["Block", ["Linear", 4, 4], ["Same", "a"], ["BatchNorm1d", 4]],
    ]
    again = [
        "Block",
        ["BatchNorm2d", 3, {"name": "b", "eps": 0.2}],
        ["Conv2d", 3, 3, 1],
        ["Same", "b"],
        ["Sequential", ["Same", "b"], ["BatchNorm2d", 3], ["Same", "b"], ["Flatten"]],
        ["BatchNorm1d", 12],
    ]
    cases = []
    for label, plan, shape, mode in [
        ("a flat network in evaluation", flat, (6, 4), "evaluation"),
        ("a nested network in training", nested, (3, 2, 4, 3), "training"),
        ("a network of both kinds in training", mixed, (5, 2, 3, 3), "training"),
        ("one batch norm in two places", twice, (5, 4), "training"),
        ("one batch norm in four places", again, (3, 3, 2, 2), "training"),
    ]:
        inputs = {"plan": plan, "seed": int(rng.integers(1 << 30)), "mode": mode}
        inputs |= {"x": rng.standard_normal(shape), "shared": plan in (twice, again)}
        cases.append(Case(label, inputs))
    return cases


def networks_for_all(rng):
    """Draw two networks that have everything in few layers: both classes, modes and nestings."""
    trained = [
        "Sequential",
        ["BatchNorm2d", 2, {"eps": 20.0, "momentum": 0.3}],
        ["Block", ["Conv2d", 2, 3, 1], ["BatchNorm2d", 3, {"affine": False, "eps": 0.5}]],
        [
            "Sequential",
            ["Flatten"],
            ["Linear", 24, 3],
            ["BatchNorm1d", 3, {"track_running_stats": False}],
        ],
        ["BatchNorm1d", 3, {"odd": True, "eps": 0.3}],
        ["Linear", 3, 3],
        ["BatchNorm1d", 3, {"momentum": 0.2}],
    ]
    evaluated = [
        "Block",
        ["Conv2d", 2, 3, 1],
        ["BatchNorm2d", 3, {"odd": True, "eps": 30.0, "momentum": 0.4}],
        ["BatchNorm2d", 3, {"eps": 0.2}],
        ["Block", ["Sequential", ["BatchNorm2d", 3, {"track_running_stats": False}]], ["Flatten"]],
        ["Block", ["Linear", 24, 3], ["BatchNorm1d", 3, {"affine": False, "odd": True}]],
        ["BatchNorm1d", 3, {"odd": True, "momentum": 0.3}],
        ["BatchNorm1d", 3],
    ]
    cases = []
    for mode, plan in [("evaluation", evaluated), ("training", trained)]:
        inputs = {"plan": plan, "seed": int(rng.integers(1 << 30)), "mode": mode}
        inputs |= {"x": rng.standard_normal((5, 2, 2, 4)), "dy": rng.standard_normal((5, 3))}
        cases.append(Case(f"a network of both kinds in {mode}", inputs))
    return cases
