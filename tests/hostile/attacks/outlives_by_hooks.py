"""Registers atexit functions, signal handlers and threads that refuse to end."""
# with --full

import atexit
import signal
import threading
import time

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGQUIT):
    signal.signal(number, lambda *_: None)
atexit.register(time.sleep, 9999)
for _ in range(5):
    threading.Thread(target=time.sleep, args=(9999,)).start()
print("tried")
