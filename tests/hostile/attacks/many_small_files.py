"""Makes a hundred thousand files and folders nested a thousand deep, and files with odd names."""
# with --full

import os

try:
    for number in range(100_000):
        open(f"/tmp/{number}", "w").close()
except OSError as error:
    print(error)
try:
    for _ in range(1000):
        os.mkdir("deep")
        os.chdir("deep")
except OSError as error:
    print(error)
print("tried")
