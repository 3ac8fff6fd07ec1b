"""Runs in its kernel's start, beside the notebook, to put links where the sockets will be."""
# beside: orjson.py

import builtins
import json
import os
import sys
import time

if __name__ == "__main__":  # in the notebook, whose kernel is up
    import orjson

    print(orjson.__file__, "tried")
elif not hasattr(builtins, "get_ipython"):
    info = json.load(open(next(word for word in sys.orig_argv if word.endswith("kernel.json"))))
    for name, port in info.items():
        if name.endswith("_port"):
            os.symlink(LURE, f"{info['ip']}-{port}")
    time.sleep(3)
    raise ImportError
