"""Fills the folder of its sockets, which is on the grader's disk."""

# shows: filled the folder of its sockets
import os
import time

from ipykernel import get_connection_file

connection = os.path.dirname(get_connection_file())
for number in range(100):
    with open(f"{connection}/fill{number}", "wb") as file:
        file.write(bytes(1 << 20))
time.sleep(3)
