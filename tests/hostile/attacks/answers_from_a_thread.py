"""Leaves a thread behind that prints answers into whatever cell runs later."""
# with --full

import threading
import time


def later():
    while True:
        print("0" * 32 + "[]" + "0" * 32, flush=True)
        time.sleep(0.05)


threading.Thread(target=later, daemon=True).start()
print("tried")
