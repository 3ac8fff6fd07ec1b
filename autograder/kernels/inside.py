"""The first thing that runs inside the sandbox: set the limits, become nobody, start the kernel.

Called as `python inside.py UID ADDRESS_SPACE PROCESSES FILE_SIZE COMMAND...`; needs the standard
library only. The walls themselves are in `sandbox.py`.
"""

import os
import resource
import sys


def main():
    """Set what the arguments say and replace this process by the command."""
    uid, address_space, processes, file_size = (int(word) for word in sys.argv[1:5])
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
    os.execv(sys.argv[5], sys.argv[5:])


main()
