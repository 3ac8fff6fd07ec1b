"""Tries unshare, setns, mount, chroot, pivot_root, keyctl, bpf, io_uring and their newer relatives."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x10000000) == 0 or libc.unshare(0x20000) == 0:
    print("LOOT a namespace")
if libc.mount(b"/", b"/tmp", None, 4096, None) == 0 or libc.mount(None, b"/", None, 32, None) == 0:
    print("LOOT a mount")
if libc.chroot(b"/tmp") == 0:
    print("LOOT a root")
NUMBERS = {  # x86-64
    "ptrace": 101, "pivot_root": 155, "keyctl": 250, "add_key": 248, "bpf": 321,
    "userfaultfd": 323, "io_uring_setup": 425, "open_tree": 428, "fsopen": 430, "clone3": 435,
    "perf_event_open": 298, "kexec_load": 246, "mount_setattr": 442, "pidfd_getfd": 438,
}  # fmt: skip
if os.uname().machine == "x86_64":
    for name, number in NUMBERS.items():
        if libc.syscall(number, 0, 0, 0, 0, 0) >= 0:
            print("LOOT", name)
    for bit in (0x10000000, 0x20000, 0x40000000, 0x20000000):  # clone with a new namespace
        child = libc.syscall(56, bit | 17, 0, 0, 0, 0)
        if child == 0:
            os._exit(0)
        if child > 0:
            print("LOOT clone", hex(bit))
print("tried")
