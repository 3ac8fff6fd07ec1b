"""Sleeps in C with the interpreter's lock held, so that no thread of the kernel can run."""
# with --full

# shows: did not finish
import ctypes


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    while True:
        ctypes.PyDLL(None).sleep(9999)
