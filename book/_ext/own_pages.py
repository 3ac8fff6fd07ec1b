"""Which pages of the built site are the book's own."""

from pathlib import Path

OTHERS = {"_static", "_python", "lite"}  # what the theme brings, and what book/browser/ has added


def own_pages(site: Path) -> list[Path]:
    """List the book's pages.

    Args:
        site: the folder of the built site.
    """
    found = sorted(site.rglob("*.html"))
    return [path for path in found if path.relative_to(site).parts[0] not in OTHERS]
