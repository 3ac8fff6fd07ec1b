"""Makes the built site work with no network after one visit: `python book/browser/offline.py HTML`.

1. Each page gets `register.js`, a few lines that start the service worker once the page is there.
2. `sw.js` is written with the hashes of the site's files: those that a reader needs on every page
   are fetched in the background at the first visit, the large ones are kept when first used.
3. `version.txt` is written, by which an open site notices that there is a newer one.

Pages are changed first and the lists are made last, so this is the last step of a build.
"""

import argparse
import gzip
import hashlib
import json
import os
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORKER, VERSION = "sw.js", "version.txt"
# What a page, a search or a figure can ask for; the rest is kept when first used.
FIRST = {".css", ".html", ".js", ".png", ".svg", ".webp", ".woff", ".woff2"}
LATER = ("_downloads/", "_python/", "_sources/", "_static/vendor/", "lite/")
BUTTONS = {"_python/run_cells.css", "_python/run_cells.js"}  # which pages with cells to run load
# What no reader's browser asks for, and what is a download by itself.
NEVER = re.compile(r"\.(map|mo|po|inv|zip|buildinfo)$|webpack-macros\.html$|/fontawesome\.js$")
NAME = re.compile(r"[\w./~+@-]+", re.ASCII)  # what is the same in an address
SCRIPT = re.compile(r"<script data-offline>.*?</script>\n", re.DOTALL)


def add_to(html: Path) -> str:
    """Make a built site work offline; nothing changes where nothing has.

    Args:
        html: the folder of the site.

    Returns:
        What a reader's browser will fetch, in a line.

    Raises:
        ValueError: the folder has no page.
    """
    for path in _pages(html):
        register(path, html)
    first, later = files(html)
    if not first:
        raise ValueError(f"{html} has no page")
    lists = f"const FIRST = {_as_json(first)};\nconst LATER = {_as_json(later)};\n"
    source = (HERE / WORKER).read_text(encoding="utf-8")
    version = _hash((lists + source).encode())
    _write(html / WORKER, f'const VERSION = "{version}";\n{lists}{source}')
    _write(html / VERSION, version + "\n")
    contents = [(html / name).read_bytes() for name in first]
    raw = sum(map(len, contents)) / 1e6
    compressed = sum(len(gzip.compress(content, 6)) for content in contents) / 1e6
    return (
        f"Offline: {len(first)} files, {raw:.1f} MB ({compressed:.1f} MB compressed), after the"
        f" first visit; {len(later)} more when first used"
    )


def _pages(html):
    """List the site's own pages, without the one that leads on to another at once."""
    names = (path.relative_to(html).as_posix() for path in sorted(html.rglob("*.html")))
    own = [html / name for name in names if not name.startswith(("_static/", *LATER))]
    return [path for path in own if 'http-equiv="Refresh"' not in path.read_text(encoding="utf-8")]


def register(page: Path, html: Path) -> None:
    """Put the lines that start the worker into a page, in place of those that it has.

    Args:
        page: the file.
        html: the folder of the site.
    """
    root = os.path.relpath(html, page.parent).replace(os.sep, "/")
    lines = (HERE / "register.js").read_text(encoding="utf-8").replace("ROOT", root)
    text = SCRIPT.sub("", page.read_text(encoding="utf-8"))
    script = f"<script data-offline>\n{lines}</script>\n"
    _write(page, text.replace("</head>", script + "</head>", 1))


def files(html: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Give the files of a site with their hashes: those for the first visit, and the others.

    Args:
        html: the folder of the site.
    """
    first, later = {}, {}
    for path in sorted(html.rglob("*")):
        name = path.relative_to(html).as_posix()
        if name in (WORKER, VERSION) or NEVER.search(name) or not NAME.fullmatch(name):
            continue
        if path.is_file():
            in_pages = name in BUTTONS or not name.startswith(LATER)
            at_once = path.suffix in FIRST and in_pages
            (first if at_once else later)[name] = _hash(path.read_bytes())
    return first, later


def _hash(content):
    return hashlib.sha256(content).hexdigest()[:16]


def _as_json(table):
    return json.dumps(table, separators=(",", ":"))


def _write(path, text):
    """Write a file that is new or has changed; the rest keep their times."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")


def main() -> int:
    """Run the command; return its exit code."""
    description = __doc__.splitlines()[0].split(":")[0] + "."
    parser = argparse.ArgumentParser(prog="python book/browser/offline.py", description=description)
    parser.add_argument("html", type=Path, help="the folder of the built site")
    try:
        print(add_to(parser.parse_args().html))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
