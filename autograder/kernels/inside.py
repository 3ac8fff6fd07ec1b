"""The first thing that runs inside the sandbox: set the limits, become nobody, start the kernel.

Called as `python inside.py UID ADDRESS_SPACE PROCESSES FILE_SIZE FOLDER SOCKETS COMMAND...`; needs
the standard library only. The walls themselves are in `sandbox.py`.
"""

import json
import os
import resource
import socket
import sys


def main():
    """Set what the arguments say and replace this process by the command."""
    uid, address_space, processes, file_size, folder = (int(word) for word in sys.argv[1:6])
    limits = {
        resource.RLIMIT_AS: address_space,  # a MemoryError comes before a kill
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: file_size,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_NPROC: processes,
    }
    for limit, value in limits.items():
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))
    if uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    os.umask(0o077)
    made = {name: listen(f"/proc/self/fd/{folder}/{name}") for name in json.loads(sys.argv[6])}
    if made:
        os.environ["SOCKETS"] = json.dumps(made)
        os.close(folder)  # the way out of the box: whoever has it can write there
    os.execv(sys.argv[7], sys.argv[7:])


def listen(path):
    """Return the descriptor of a new unix socket that the next program keeps.

    Args:
        path: its name.
    """
    made = socket.socket(socket.AF_UNIX)
    made.bind(path)
    made.listen()
    made.set_inheritable(True)
    return made.detach()


main()
