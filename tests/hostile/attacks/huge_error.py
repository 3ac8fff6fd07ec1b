"""Raises an error whose text is 100 MB, from within a question, so that the reply itself is huge."""
# with --full
# shows: batchnorm_forward


class Huge(BaseException):
    pass


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    raise Huge("x" * 100_000_000)
