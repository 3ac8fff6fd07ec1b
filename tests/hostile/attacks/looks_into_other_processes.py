"""Attaches to every process with ptrace and reads their memory with process_vm_readv and /proc."""

import ctypes
import glob
import os

libc = ctypes.CDLL(None, use_errno=True)
print("processes:", len(glob.glob("/proc/[0-9]*")))
for process in [os.getppid(), 1, 2, 3]:
    print(libc.ptrace(16, process, 0, 0))
    here, there = ctypes.create_string_buffer(100), (ctypes.c_uint64 * 2)(0x400000, 100)
    local = (ctypes.c_uint64 * 2)(ctypes.addressof(here), 100)
    print(libc.process_vm_readv(process, local, 1, there, 1, 0))
    try:
        print(open(f"/proc/{process}/mem", "rb").read(1))
        print("LOOT")
    except (OSError, OverflowError):
        pass
print("tried")
