"""Fills the folder of its sockets, which is on the grader's disk: files, hidden, nameless, below."""

import os

from ipykernel import get_connection_file

connection = os.path.dirname(get_connection_file())
WAYS = {
    "a file": lambda: os.open(f"{connection}/fill", os.O_RDWR | os.O_CREAT),
    "no name": lambda: os.open(connection, os.O_RDWR | os.O_TMPFILE),
    "a folder": lambda: os.mkdir(f"{connection}/d"),
    "a pipe": lambda: os.mkfifo(f"{connection}/pipe"),
    "the connection file": lambda: os.open(get_connection_file(), os.O_RDWR),
    "more rights": lambda: os.chmod(connection, 0o777),
}
for name, way in WAYS.items():
    try:
        way()
        print("LOOT", name)
    except OSError as error:
        print(name, error)
print("tried")
