"""Kills every process that it may, the first one and its parent with it."""

# shows: kernel died
import os
import signal

for process in (os.getppid(), 1, -1, 0):
    try:
        os.kill(process, signal.SIGKILL)
    except OSError:
        pass
os._exit(0)
