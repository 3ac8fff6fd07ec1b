"""Stands beside the notebook as what a kernel's start looks for, and ends or delays that start."""
# beside: orjson.py msgpack.py argcomplete.py storemagic.py django.py

import builtins
import os
import time

if __name__ == "__main__":  # in the notebook, whose kernel is up
    import django

    print(django.__file__, "tried")
elif not hasattr(builtins, "get_ipython"):
    time.sleep(60 if "django" in __name__ else 0)
    os._exit(1)
