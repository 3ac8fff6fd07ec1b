"""Opens files and sockets until it may open no more, so that the kernel cannot either."""
# with --full

import socket

OPEN = []
try:
    while True:
        OPEN.append(socket.socketpair())
except OSError as error:
    OPEN.pop()
    print(error)
print("tried")
