"""Catches every interrupt and goes on for ever, in each question."""
# with --full

# shows: did not finish
import signal
import time

signal.signal(signal.SIGINT, signal.SIG_IGN)


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    while True:
        try:
            time.sleep(9999)
        except BaseException:
            pass
