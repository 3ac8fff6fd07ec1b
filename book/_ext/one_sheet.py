"""After the build: one style sheet for all pages, in place of a dozen.

Nothing of a page shows before the last of its style sheets is there, and each of them is asked for
on its own. `light_pages` calls this when it has made the sheets small.
"""

import hashlib
import os
import posixpath
import re
from pathlib import Path

SHEET = "site.css"
LINK = re.compile(
    r'\s*<link (?=[^>]*\brel="stylesheet")[^>]*\bhref="[^"?]*_static/([^"?]+\.css)[^"]*"[^>]*>'
)
PART = re.compile(r"/\*! (\S+) \*/")
IMPORT = re.compile(r'@import\s+(?:url\()?"([^"]+)"\)?\s*;')
ADDRESS = re.compile(r"""url\((["']?)(?!data:)([^)"']+)\1\)""")


def put_together(pages: list[Path], site: Path) -> None:
    """Write the sheets that pages name into one, and let the pages name that.

    Args:
        pages: files of the site; those that have only the one sheet already are from an earlier
            build.
        site: the folder of the site.

    Raises:
        ValueError: two pages name their sheets in different orders.
    """
    static = site / "_static"
    texts = {page: page.read_text(encoding="utf-8") for page in pages}
    named = {page: LINK.findall(text) for page, text in texts.items()}
    order = max((names for names in named.values() if names != [SHEET]), key=len, default=[])
    known = _parts(static / SHEET)
    if set(order) <= set(known):
        order = known
    for page, names in named.items():
        places = [order.index(name) if name in order else -1 for name in names if name != SHEET]
        if -1 in places or places != sorted(places):
            raise ValueError(f"{page}: its style sheets {names} are not in the order {order}")
    text = "".join(f"/*! {name} */\n{whole(static, name)}\n" for name in order)
    (static / SHEET).write_text(text, encoding="utf-8")
    version = hashlib.sha256(text.encode()).hexdigest()[:8]
    for page, old in texts.items():
        new = with_one(old, f"{os.path.relpath(static, page.parent)}/{SHEET}?v={version}")
        if new != old:
            page.write_text(new, encoding="utf-8")


def _parts(sheet):
    """List what a sheet was put together from, in order."""
    return PART.findall(sheet.read_text(encoding="utf-8")) if sheet.exists() else []


def whole(static: Path, name: str) -> str:
    """Return a sheet with those that it imports, and addresses as they are seen from `static`.

    Args:
        static: the folder that all addresses are relative to in the end.
        name: the sheet's path there.
    """
    folder = posixpath.dirname(name)

    def placed(address):
        return posixpath.normpath(posixpath.join(folder, address))

    text = (static / name).read_text(encoding="utf-8").strip()
    text = ADDRESS.sub(lambda found: f'url("{placed(found[2])}")', text)
    return IMPORT.sub(lambda found: whole(static, placed(found[1])), text)


def with_one(page: str, address: str) -> str:
    """Return a page that names one sheet, where it named the first of many.

    Args:
        page: HTML.
        address: of the one sheet, as seen from the page.
    """
    link = f'\n<link rel="stylesheet" href="{address}">'
    first = LINK.search(page)
    if first is None:
        return page
    before, rest = page[: first.start()], page[first.start() :]
    return before + link + LINK.sub("", rest)
