"""Counts cells wrong, empties the namespace and reloads every module before it is asked."""
# with --full

import importlib
import sys

for name in ("json", "copy", "base64", "warnings"):
    importlib.reload(sys.modules[name])
get_ipython().execution_count = -5
print("tried")
get_ipython().reset(new_session=True)
