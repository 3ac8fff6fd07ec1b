"""Answers in turn with object arrays, 0-d and empty ones, nan, bool and str subclasses, and huge ones."""

import itertools


class Text(str):
    pass


class Whole(int):
    pass


ANSWERS = itertools.cycle(
    [
        np.array([None, {}], dtype=object),
        np.array(1.0),
        np.zeros((0, 3)),
        np.full((4, 2), np.nan),
        Whole(1),
        Text("passed"),
        np.zeros(3_000_000),
        np.array(["passed"]),
        np.zeros(2, dtype="V8"),
        np.array(["2020"], dtype="M8"),
        np.full((4, 2), 1j),
        [[1, 2], [3]],
        range(10**9),
        2**5000,
        b"passed",
        float("inf"),
    ]
)


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    x += 1
    return next(ANSWERS), None


print("tried")
