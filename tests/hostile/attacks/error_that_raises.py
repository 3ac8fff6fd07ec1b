"""Raises an error whose text raises another, and a class that is no error."""
# with --full
# shows: batchnorm_forward


class Nested(Exception):
    def __str__(self):
        raise Nested

    __repr__ = __str__


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    raise Nested
