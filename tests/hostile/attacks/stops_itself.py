"""Stops its own process with SIGSTOP, so that nothing answers any more."""

# shows: could not be stopped
import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
