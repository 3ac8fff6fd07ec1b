"""Raises and prints text that cannot be written as UTF-8, and names that are no text."""
# with --full
# shows: batchnorm_forward


class Strange(Exception):
    def __str__(self):
        return "\udcff\ud800\x00"


Strange.__name__ = "\ud800"


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    raise Strange


try:
    print("\udcff")
except Exception:
    pass
