"""Prints a gigabyte, line by line, at the first question."""
# with --full
# shows: batchnorm_forward


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    for _ in range(1000):
        print("x" * 1_000_000)
    x += 1
    return x, None
