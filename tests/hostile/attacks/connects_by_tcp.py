"""Connects to a server on this machine, by TCP and UDP, by address, by name, over IPv4 and IPv6."""

import socket

for family, host in [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(family, kind) as link:
                link.settimeout(2)
                link.connect((host, PORT))
                link.sendall(b"here I am")
                print("sent", family, kind)
        except OSError as error:
            print(error)
try:
    print(socket.getaddrinfo("example.org", 80))
    print("LOOT")
except OSError as error:
    print(error)
print("tried")
