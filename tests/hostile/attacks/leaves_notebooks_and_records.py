"""Writes a graded notebook, a record and a gradebook of its own into every folder it can write to."""
# with --full

import json
import sqlite3

record = {"exercise": "ex02_forward", "version": "1", "problem": "", "verdicts": []}
for folder in (".", "/tmp", "..", "/home", "/"):
    for name in ("record.json", "ex02_forward.ipynb", "verdicts.json"):
        try:
            with open(f"{folder}/{name}", "w") as file:
                json.dump(record, file)
        except OSError:
            pass
    try:
        sqlite3.connect(f"{folder}/gradebook.db").execute("CREATE TABLE grade (score)")
    except sqlite3.Error:
        pass
print("tried")
