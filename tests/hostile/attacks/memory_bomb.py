"""Takes memory until there is none, in one process, at the first question."""
# with --full
# shows: batchnorm_forward


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    taken = []
    while True:
        taken.append(np.ones(10_000_000))
