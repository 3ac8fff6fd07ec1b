"""Walks through every folder but the system's and prints each small file that looks like the course's."""

import os

SYSTEM = {"proc", "sys", "usr", "lib", "lib64", "bin", "sbin", "packages", "dev"}
for top, folders, files in os.walk("/"):
    if top == "/" or len(folders) > 300:
        folders[:] = set(folders) - SYSTEM
    folders[:] = [name for name in folders if name not in ("lib", "site-packages", "include")]
    for name in files:
        try:
            with open(os.path.join(top, name), "rb") as file:
                print(os.path.join(top, name), file.read(300))
        except OSError:
            pass
print("tried")
