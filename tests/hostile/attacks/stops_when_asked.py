"""Stops its own process at the first question, with SIGSTOP."""
# with --full

# shows: did not finish
import os
import signal


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    os.kill(os.getpid(), signal.SIGSTOP)
