"""Opens packet, raw, netlink, vsock, bluetooth, alg and other kinds of sockets."""
# with --full

import ctypes
import socket

libc = ctypes.CDLL(None, use_errno=True)
for family in (3, 9, 17, 21, 29, 31, 38, 40, 44):
    if libc.socket(family, 3, 0) >= 0 or libc.socket(family, 2, 0) >= 0:
        print("LOOT", family)
for protocol in (1, 255):
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)
        print("LOOT raw")
    except OSError:
        pass
print(socket.if_nameindex())
print("tried")
