"""Detaches a process by two forks and setsid, that would stay for hours and write outside."""

import os
import subprocess
import sys

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(256):
            try:
                os.close(number)
            except OSError:
                pass
        os.execv(sys.executable, [sys.executable, "-c", f"import time; time.sleep(9999)  # {MARK}"])
    os._exit(0)
subprocess.Popen(
    ["sh", "-c", f"trap '' HUP INT TERM; sleep 9999; : {MARK}"], start_new_session=True
)
print("tried")
