"""Fills /tmp, its own folder and /dev/shm until nothing more fits, and leaves it so."""

for folder in ("/tmp", ".", "/dev/shm", "/var/tmp", "/run"):
    written = 0
    for number in range(1000):
        try:
            with open(f"{folder}/fill{number}", "wb") as file:
                while True:
                    written += file.write(bytes(1 << 20))
        except OSError:
            if not written or number > 20:
                break
    print(folder, written >> 20)
print("tried")
