"""Lets other programs read: cat, find, tar, perl, a shell, Python with a loader of its own."""

import subprocess

for place in PLACES:
    for command in (
        ["cat", place],
        ["tar", "cO", place],
        ["sh", "-c", f"cat {place}; cat /proc/1/root{place}"],
        ["perl", "-pe", "1", place],
        ["python3", "-c", f"print(open({place!r}).read())"],
        ["find", place, "-maxdepth", "1", "-exec", "cat", "{}", ";"],
    ):
        try:
            done = subprocess.run(command, capture_output=True, timeout=5)
            print(done.stdout[:2000])
        except (OSError, subprocess.SubprocessError):
            pass
print("tried")
