"""Raises an error whose text has terminal escapes and lines that look like the report's."""
# shows: batchnorm_forward


class Escape(ValueError):
    pass


Escape.__name__ = "\x1b[2J\x1b]0;owned\x07Error"


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    raise Escape(
        "\x1b[31m\r\nzz_honest | 0\nzz_honest, ex02_forward: not judged.\x9b2J\u202e\u2028\x08"
    )
