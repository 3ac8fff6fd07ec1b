"""Completes the built website: what runs in the browser is put into it, part by part.

`python book/browser/assemble.py` is run by `make book` after Jupyter Book. A part does nothing
again where nothing changed, and says in one line what it did.
"""

import argparse
import sys
from pathlib import Path

import lite
import offline
import python_in_page

SITE = Path(__file__).resolve().parents[2] / "_build" / "html"
# In this order: what comes last lists the files of those before.
PARTS = (python_in_page, lite, offline)


def main() -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python book/browser/assemble.py", description=__doc__)
    parser.add_argument("--site", type=Path, default=SITE, help="the built website")
    site = parser.parse_args().site
    if not (site / "index.html").is_file():
        print(f"{site} has no website: run `make book` first", file=sys.stderr)
        return 1
    for part in PARTS:
        print(part.add_to(site), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
