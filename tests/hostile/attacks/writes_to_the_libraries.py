"""Writes to NumPy's folder, the standard library, the check file, inside.py and /etc/passwd."""

import os
import sys

targets = [np.__file__, os.__file__, "check_ex02_forward.py", "/inside.py", "/etc/passwd"]
targets += [sys.executable, "/usr/bin/true", "/packages/new.py", "/etc/ld.so.preload"]
for target in targets:
    for way in (
        lambda: open(target, "ab").write(b"\n"),
        lambda: os.rename(target, target + ".old"),
        lambda: os.unlink(target),
        lambda: os.chmod(target, 0o777),
        lambda: os.utime(target),
    ):
        try:
            way()
            print("LOOT", target)
        except OSError:
            pass
print("tried")
