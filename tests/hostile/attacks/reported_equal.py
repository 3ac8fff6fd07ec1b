"""Calls nbgrader's old way in: sys.displayhook(14) and a display of the points within the function."""
# with --full

import sys

from IPython.display import display

WRONG = batchnorm_forward


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    sys.displayhook(14)
    display(14)
    get_ipython().displayhook(14)
    return WRONG(x, gamma, beta, eps)


print("tried")
