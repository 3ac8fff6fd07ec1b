"""Starts threads without end, which all wait."""

import threading
import time

try:
    while True:
        threading.Thread(target=time.sleep, args=(9999,), daemon=True).start()
except RuntimeError as error:
    print(error)
print("tried")
