"""Starts children with LD_PRELOAD, PYTHONPATH and PYTHONSTARTUP of its own, and waits for the grader's."""
# with --full

import os
import subprocess

os.makedirs("/tmp/lib", exist_ok=True)
open("/tmp/lib/sitecustomize.py", "w").write("print('loaded')")
for name in ("numpy", "json", "IPython", "usercustomize"):
    open(f"/tmp/lib/{name}.py", "w").write("print('loaded')")
    open(f"{name}.py", "w").write("raise SystemExit('loaded')")
os.environ |= {
    "LD_PRELOAD": "/tmp/lib/none.so",
    "PYTHONPATH": "/tmp/lib",
    "PYTHONSTARTUP": "/tmp/x",
}
try:
    print(subprocess.run(["python3", "-c", "1"], capture_output=True, timeout=5).stdout)
except (OSError, subprocess.SubprocessError) as error:
    print(error)
print("tried")
