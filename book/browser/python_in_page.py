"""Puts Python into the pages whose cells are tagged `run`, and nothing into the others.

The folder _python of the site gets the browser's Python (fetch.py) and what drives it; the pages
get a style sheet and a script, which adds the buttons. Nothing else is loaded before a Run.
"""

import gzip
import hashlib
import re
import shutil
from pathlib import Path

import fetch

HERE = Path(__file__).resolve().parent
DRIVERS = ("run_cells.js", "run_cells.css", "worker.js", "cells.py")
CELL = re.compile(r'<div class="cell [^"]*\btag_run\b')
TAGS = re.compile(r'<link rel="stylesheet" href="[^"]*_python/.*?</script>\n', re.DOTALL)


def add_to(html: Path) -> str:
    """Give a built site its Python.

    Args:
        html: the folder of the site.

    Returns:
        What was done, in words for the user.
    """
    target = html / "_python"
    try:
        words = fetch.fetch()
    except fetch.Missing as error:
        shutil.rmtree(target, ignore_errors=True)
        tag_pages(html, "")
        return f"No Python in the pages: {error}"
    files = [path for path in sorted(fetch.TARGET.iterdir()) if path.name != "made.json"]
    files += [HERE / name for name in DRIVERS]
    copy(files, target)
    count = tag_pages(html, tags(target))
    return f"Python in {count} pages: {words}"


def copy(files: list[Path], target: Path):
    """Make a folder hold these files and no others; one that is there already stays untouched.

    Args:
        files: to copy.
        target: the folder.
    """
    target.mkdir(exist_ok=True)
    for old in {path.name for path in target.iterdir()} - {path.name for path in files}:
        (target / old).unlink()
    for path in files:
        there = target / path.name
        if not (there.is_file() and there.read_bytes() == path.read_bytes()):
            shutil.copyfile(path, there)


def tags(target: Path) -> str:
    """Return what goes into the head of a page, with {root} for the way to the site's top.

    Args:
        target: the folder _python.
    """
    drivers = b"".join((target / name).read_bytes() for name in DRIVERS)
    version = hashlib.sha256(drivers).hexdigest()[:8]
    # What the worker sees arrive, and what that is on the way, about.
    loaded = [path for path in sorted(target.iterdir()) if path.suffix in (".wasm", ".zip", ".whl")]
    size = sum(path.stat().st_size for path in loaded)
    way = sum(len(gzip.compress(path.read_bytes(), 1)) for path in [*loaded, *target.glob("*.mjs")])
    return (
        f'<link rel="stylesheet" href="{{root}}_python/run_cells.css?v={version}">'
        f'<script defer src="{{root}}_python/run_cells.js?v={version}"'
        f' data-bytes="{size}" data-megabytes="{round(way / 1e6)}"></script>\n'
    )


def tag_pages(html: Path, text: str) -> int:
    """Write the tags into the pages that have cells to run, and take older ones out of all.

    Args:
        html: the folder of the site.
        text: see `tags`; "" for none.

    Returns:
        The number of pages that have them.
    """
    count = 0
    for path in sorted(html.rglob("*.html")):
        parts = path.relative_to(html).parts
        if parts[0] in ("_static", "_python", "lite"):
            continue
        old = path.read_text(encoding="utf-8")
        new = TAGS.sub("", old)
        if text and CELL.search(new):
            count += 1
            new = new.replace("</head>", text.format(root="../" * (len(parts) - 1)) + "</head>", 1)
        if new != old:
            path.write_text(new, encoding="utf-8")
    return count
