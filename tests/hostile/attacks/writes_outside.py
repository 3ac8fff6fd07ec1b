"""Writes to the gradebook, the canary, the reference and the folders that hold them."""

import os
import shutil

for place in PLACES:
    for way in (
        lambda: open(place, "ab").write(b"mallory was here"),
        lambda: open(os.path.dirname(place) + "/mallory", "w").write("here"),
        lambda: os.truncate(place, 0),
        lambda: os.chmod(place, 0o777),
        lambda: shutil.rmtree(os.path.dirname(place)),
        lambda: os.makedirs(os.path.dirname(place)),
    ):
        try:
            way()
            print("done", place)
        except OSError:
            pass
print("tried")
