"""Matches a regular expression that takes for ever."""
# with --full

# shows: did not finish
import re


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    re.match(r"(a+)+$", "a" * 60 + "b")
