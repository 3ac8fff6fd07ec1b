"""Closes its own stdout and stderr and puts files in their place."""

import os
import sys

print("tried", flush=True)
sys.stdout.close()
sys.stderr = sys.stdout = open("/tmp/out", "w")
for number in (0, 1, 2):
    os.close(number)
