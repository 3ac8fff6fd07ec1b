"""Replaces the heartbeat's socket by a link, then restarts nothing and waits to be asked."""
# with --full

import os

from ipykernel import get_connection_file

connection = os.path.dirname(get_connection_file())
for name in sorted(os.listdir(connection)):
    try:
        os.unlink(f"{connection}/{name}")
        os.symlink(CANARY, f"{connection}/{name}")
    except OSError as error:
        print(error)
print("tried")
