"""Answers each question with ten million characters, as text, as numbers and as names."""
# with --full
# shows: batchnorm_forward


class Long(Exception):
    pass


Long.__name__ = "L" * 10_000_000
CALLS = []


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    CALLS.append(1)
    x += 1
    if len(CALLS) % 2:
        raise Long("x" * 10_000_000)
    return np.ones(999_999), "x" * 10_000_000
