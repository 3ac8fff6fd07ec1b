"""Tries to become root and to get capabilities, by set-user-id calls and programs."""

import os
import subprocess

for change in (
    os.setuid,
    os.setgid,
    os.seteuid,
    os.setfsuid if hasattr(os, "setfsuid") else os.setuid,
):
    try:
        change(0)
        print("LOOT", change)
    except OSError:
        pass
for command in (["su", "-c", "id"], ["sudo", "-n", "id"], ["mount"], ["newgrp", "root"]):
    try:
        done = subprocess.run(command, capture_output=True, timeout=5, stdin=subprocess.DEVNULL)
        print(done.returncode)
    except (OSError, subprocess.SubprocessError):
        pass
status = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines())
if int(status["CapEff"], 16) or int(status["CapPrm"], 16) or status["NoNewPrivs"].strip() != "1":
    print("LOOT", status)
if os.getuid() == 0:
    print("LOOT root")
print("tried")
