"""Prints the built website as one PDF, chapter after chapter: `make pdf`.

The pages in the order of _toc.yml become one long page, with links that stay within it, answers
unfolded and the code of figures left out; Chromium prints that.
"""

import argparse
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHAPTER = re.compile(r"(\d\d)_")
LEFT_OUT = (
    "script, .headerlink, details.hide.above-input, details.hide > summary, button, "
    ".predictions-tools, a.download-link, .sd-summary-state-marker"
)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --no-first-run --no-pdf-header-footer "
    "--generate-pdf-document-outline --disable-background-networking --disable-component-update "
    "--disable-sync --disable-dev-shm-usage --virtual-time-budget=60000"
).split()
STYLE = """
@page { size: A4; margin: 18mm 17mm 20mm; }
@page { @bottom-center { content: counter(page); font: 9pt serif; } }
@page :first { @bottom-center { content: none; } }
html { font-size: 10.5pt; scroll-padding: 0; }
body { background: #fff; color: #111; min-height: 0; }
article { break-before: page; padding: 0 !important; }
h1 { margin-top: 0; font-size: 21pt; } h2 { font-size: 15pt; } h3 { font-size: 12pt; }
h1, h2, h3 { break-after: avoid; }
figure, img, tr, .cell_input, .output, .verdict, div.math, fieldset.claim { break-inside: avoid; }
.output.text_html { break-inside: auto; overflow: visible !important; }
img { max-height: 228mm; object-fit: contain; }
summary { break-after: avoid; list-style: none; }
p, li { orphans: 3; widows: 3; }
pre { white-space: pre-wrap !important; overflow-wrap: anywhere; font-size: 8.5pt; }
pre { overflow: visible !important; }
.bd-content table { display: table; font-size: 9pt; overflow: visible; }
.bd-content table:has(th:nth-child(7)) { font-size: 8pt; }
.bd-content .pst-scrollable-table-container { overflow: visible; }
.bd-content :is(td, th) { padding: 2.5pt 4pt; }
table:not(:has(tbody tr:nth-child(16))), .admonition { break-inside: avoid; }
caption { break-after: avoid; }
/* Before a table that breaks, whose head would else stand alone at the foot of a page. */
.room { height: 30mm; margin-bottom: -30mm; break-inside: avoid; }
.bd-content div.math .formula { overflow: visible; }
a { text-decoration: none; }
.title-page { break-before: auto; padding-top: 30vh !important; }
.title-page h1 { font-size: 28pt; }
.contents ul { list-style: none; padding-left: 1em; }
.claim-answers label { min-height: 0; }
.contents li { display: flex; justify-content: space-between; }
.contents :is(p, ul) { margin: 0 0 2pt; line-height: 1.35; }
"""


class CannotPrint(Exception):
    """The PDF cannot be made; the message says why, and what to do."""


def pages(toc: dict) -> list[tuple[str, list[str]]]:
    """Return the parts of the book in order: a caption and the names of its pages.

    Args:
        toc: what _toc.yml holds.
    """
    parts = [("", [toc["root"]])]
    for part in toc["parts"]:
        names = []
        for chapter in part["chapters"]:
            names.append(chapter["file"])
            for section in chapter.get("sections", []):
                found = sorted(ROOT.glob(section["glob"] + ".md"))
                names += [path.relative_to(ROOT).with_suffix("").as_posix() for path in found]
        parts.append((part["caption"], names))
    return parts


def anchor(name: str, fragment: str = "") -> str:
    """Return the id that a place has in the one page.

    Args:
        name: the page, such as "book/02_statistics".
        fragment: the place's id in that page; "" for its top.
    """
    return "-".join(filter(None, [name.replace("/", "-"), fragment]))


def read(site: Path, name: str) -> BeautifulSoup:
    """Return a page of the built website.

    Args:
        site: the website.
        name: the page.

    Raises:
        CannotPrint: the page was not built.
    """
    path = site / f"{name}.html"
    if not path.is_file():
        raise CannotPrint(f"{path} is not there: run `make book` first")
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def article(page: BeautifulSoup, name: str, names: set[str]):
    """Return the text of a page, made fit for the one page.

    Args:
        page: the page; its text is taken out and changed.
        name: the page's.
        names: all pages that are printed.
    """
    found = page.select_one("article")
    for element in found.select(LEFT_OUT):
        element.decompose()
    for element in found.select("details.hide"):
        element.unwrap()  # a cell's folded output, such as the hints for all mistakes
    for element in found.select("a.open-exercise"):
        way = element.parent  # to work in the browser: what to do, the link, what is kept
        for text in (way.find_previous_sibling("p"), way.find_next_sibling("p"), way):
            text.decompose()
    for element in found.select("select"):
        words = [option.get_text() for option in element.select("option")[1:]]
        element.replace_with(f"({' / '.join(words)})")  # to mark with a pencil
    for cell in found.select("td"):
        for text in cell.find_all(string=re.compile("_"), recursive=False):
            pieces = text.split("_")  # a name breaks there: a wide table makes all print smaller
            for piece in pieces[:-1]:
                text.insert_before(f"{piece}_", BeautifulSoup("<wbr>", "html.parser"))
            text.replace_with(pieces[-1])
    for row in found.select("tbody > tr:nth-child(16)"):  # the table will break
        room = BeautifulSoup('<div class="room"></div>', "html.parser")
        row.find_parent("table").insert_before(room)
    for element in found.select("details"):
        element["open"] = ""
    for element in found.select("[id]"):
        element["id"] = anchor(name, element["id"])
    for element in found.select("[src]"):
        element["src"] = "../html/" + within(name, element["src"])
        element.attrs.pop("loading", None)  # a picture that waits to be seen is never printed
    for link in found.select("a[href]"):
        redirect(link, name, names)
    number = CHAPTER.match(posixpath.basename(name))
    if number:
        found.h1.insert(0, f"{int(number[1])}. ")
    found["id"] = anchor(name)
    found["class"] = "bd-article"
    return found


def within(name: str, address: str) -> str:
    """Return the path within the site of an address that a page names."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(address)))


def redirect(link, name, names):
    """Let a link lead within the one page; one to a file that is not in it becomes plain text."""
    if urlsplit(link["href"]).scheme:
        return
    address, fragment = urldefrag(link["href"])
    target = within(name, address).removesuffix(".html") if address else name
    if target in names:
        link["href"] = "#" + anchor(target, fragment)
    else:
        link.unwrap()


def one_page(site: Path, toc: dict) -> str:
    """Return the whole book as one page of HTML.

    Args:
        site: the built website.
        toc: what _toc.yml holds.

    Raises:
        CannotPrint: a page was not built.
    """
    parts = pages(toc)
    names = {name for _, part in parts for name in part}
    first = read(site, toc["root"])
    title = first.select_one("article h1")
    title = title.get_text().removesuffix("#").strip()
    sheets = {}  # in the order in which they come; some pages have one of their own
    contents, bodies = [], []
    for caption, part in parts:
        rows = []
        for name in part:
            page = read(site, name)
            for link in page.select("link[rel=stylesheet]"):
                sheets[within(name, link["href"])] = None
            found = article(page, name, names)
            number = f'<span data-of="{anchor(name)}"></span>'  # see numbered
            rows.append(f'<li><a href="#{anchor(name)}">{found.h1.get_text()}</a>{number}</li>')
            bodies.append(str(found))
        contents.append(f"<p><strong>{caption}</strong></p><ul>{''.join(rows)}</ul>")
    links = "".join(f'<link rel="stylesheet" href="../html/{sheet}">' for sheet in sheets)
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f"<title>{title}</title>{links}<style>{STYLE}</style></head>"
        f'<body><main class="bd-content" style="display: block">'
        f'<article class="title-page"><h1>{title}</h1></article>'
        f'<article class="contents"><h2>Contents</h2>{"".join(contents)}</article>'
        f"{''.join(bodies)}</main></body></html>"
    )


def numbered(page: str, pdf: bytes) -> str:
    """Return the one page with the numbers of pages in its contents.

    Args:
        page: the one page of HTML.
        pdf: what Chromium made of it; CSS cannot count in Chromium where a link leads.
    """
    order = re.findall(rb"\n(\d+) 0 obj\s*<</Type /Page\s", pdf)
    places = dict(re.findall(rb"/([\w.-]+) \[(\d+) 0 R /XYZ", pdf))

    def fill(span):
        at = places.get(span[1].encode())
        return span[0] + str(order.index(at) + 1) if at in order else span[0]

    return re.sub(r'<span data-of="([^"]+)">', fill, page)


def print_page(page: Path, target: Path) -> None:
    """Let Chromium print a page.

    Args:
        page: a file of HTML.
        target: the PDF to write.

    Raises:
        CannotPrint: there is no Chromium, or it printed nothing.
    """
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        raise CannotPrint("no Chromium is installed: install it (apt install chromium)")
    target.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={target}"]
        done = subprocess.run([*command, page.as_uri()], capture_output=True, text=True)
    if not target.is_file():
        raise CannotPrint(f"Chromium printed nothing: {done.stderr.strip()[-300:]}")


def main() -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python book/printed.py", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--site", type=Path, default=SITE, help="the built website")
    arguments = parser.parse_args()
    site = arguments.site.resolve()
    made = site.parent / "pdf"
    try:
        page = one_page(site, yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))
        made.mkdir(exist_ok=True)
        (made / "book.html").write_text(page, encoding="utf-8")
        print_page(made / "book.html", made / "batchnorm.pdf")
        page = numbered(page, (made / "batchnorm.pdf").read_bytes())
        (made / "book.html").write_text(page, encoding="utf-8")
        print_page(made / "book.html", made / "batchnorm.pdf")
    except CannotPrint as error:
        print(f"make pdf: {error}", file=sys.stderr)
        return 1
    print(f"Printed {made / 'batchnorm.pdf'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
