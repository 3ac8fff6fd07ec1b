"""After the build: HTML that is valid, and that says the same to everyone.

What the theme and its parts write is read by validators, screen readers and search engines too.
Each of the changes below puts right a fault that one of them found (tests/test_sound_pages.py asks
them again); a text that is no longer there is left alone.
"""

import html
import re
import textwrap
from pathlib import Path

from own_pages import own_pages

LONGEST = 155  # characters of a description that a list of search results shows
# What is wrong, what it is replaced by.
FIXES = [
    # One viewport is enough, and there is no such search service.
    (r'(<meta name="viewport"[^>]*>)(?=[\s\S]*?<meta name="viewport")', ""),
    (r'\s*<meta name="docsearch:[^>]*>', ""),
    # What is heard of a button holds the words that are seen.
    (r'(<button class="btn search-button-field[^>]*?) title="Search" aria-label="Search"', r"\1"),
    # Every part of a page belongs to a landmark.
    (
        r'<div (id="pst-primary-sidebar") (?!role)',
        r'<div \1 role="complementary" aria-label="Contents" ',
    ),
    # A list has items; the role for an entry of a bibliography was given up.
    (r'(<div class="citation"[^>]*) role="doc-biblioentry"', r'\1 role="listitem"'),
    # What unfolds a part of the contents shows an arrow only.
    (r'<summary>(?=<span class="toctree-toggle")', '<summary aria-label="Pages of this part">'),
    # The corner of a table heads nothing.
    (r"<th(?: class=\"head\"| scope=\"col\")?>(?:<p></p>)?</th>", "<td></td>"),
    # The search has no text that would describe it.
    (
        r'<title>(Search - [^<]*)</title>(?!\s*<meta name="description")',
        r'<title>\1</title>\n<meta name="description" content="\1">',
    ),
    # The home page is called what the book is called, once.
    (r"<title>([^<]*) &#8212; \1</title>", r"<title>\1</title>"),
]
FIXES = [(re.compile(old), new) for old, new in FIXES]
CELL = re.compile(r"<t[dh][ >].*?</t[dh]>", re.DOTALL)
NAME = re.compile(r'(?<=<span class="pre">)[^<]*')
PASTED = re.compile(r'(?<=<span class="pasted-text">)[-0-9.e+± ]+(?=</span>)')
# What is not prose, or a space at which a line would end badly.
LONE = re.compile(
    r"<(pre|code|script|style|math|svg|textarea)\b.*?</\1>|<[^>]*>|(?<=[\d>]) (?=%)|(?<=±) ",
    re.DOTALL,
)
FOLD = re.compile(r'<summary aria-label="Toggle hidden content">(.*?)</summary>', re.DOTALL)
FIRST = re.compile(r"<article[^>]*>.*?</h1>(.*?)</article>", re.DOTALL)
WAY_IN = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="icon" href="_static/favicon.svg">
<meta http-equiv="Refresh" content="0; url={target}"></head>
<body><p><a href="{target}">{title}</a></p></body></html>
"""


def sound(page: str) -> str:
    """Return a page with its faults put right.

    Args:
        page: HTML.
    """
    for old, new in FIXES:
        page = old.sub(new, page)
    page = FOLD.sub(lambda found: f"<summary>{_inline(found[1])}</summary>", page)
    page = CELL.sub(lambda found: NAME.sub(_breakable, found[0]), page)
    page = PASTED.sub(lambda found: found[0].replace("-", "\N{MINUS SIGN}"), page)
    page = LONE.sub(_kept_together, page)
    page = page.replace('<span class="pre">--', '<span class="pre option">--')
    if 'name="description"' not in page and (text := description(page)):
        tag = f'<meta name="description" content="{html.escape(text)}">\n'
        page = page.replace("</title>", f"</title>\n{tag}", 1)
    return page


def _text(content):
    return re.sub(r"<[^>]*>", "", content)


def _kept_together(found):
    """No line of prose ends before a % or after a ±."""
    return "\N{NO-BREAK SPACE}" if found[0] == " " else found[0]


def _breakable(name):
    """A long name in a narrow column breaks between its words."""
    return re.sub(r"(?<=\w)_(?=\w)", "_<wbr>", name[0])


def _inline(content):
    """A summary takes no paragraphs."""
    return content.replace("<p ", "<span ").replace("</p>", "</span>")


def description(page: str) -> str:
    """Return the first sentences of a page that need no formula; "" where there are none.

    Args:
        page: HTML.
    """
    article = FIRST.search(page)
    for paragraph in re.findall(r"<p>(.*?)</p>", article[1] if article else "", re.DOTALL):
        marked = re.sub(r"<math.*?</math>", "\0", paragraph, flags=re.DOTALL)
        words = " ".join(html.unescape(_text(marked)).split())
        sentences = re.split(r"(?<=[.?!]) ", words)
        while sentences and "\0" in sentences[0]:
            del sentences[0]
        text = ""
        for sentence in sentences:
            if "\0" in sentence or len(text) + len(sentence) >= LONGEST:
                break
            text += " " * bool(text) + sentence
        if len(text) > LONGEST / 3:
            return text
        if sentences and "\0" not in sentences[0]:
            return textwrap.shorten(" ".join(sentences).split("\0")[0], LONGEST, placeholder=" …")
    return ""


def way_in(page: str, title: str) -> str:
    """Return the page at the root of the site, which leads on at once.

    Args:
        page: as Jupyter Book writes it.
        title: of the book.
    """
    found = re.fullmatch(r'<meta http-equiv="Refresh" content="0; url=([^"]*)" />\s*', page)
    return WAY_IN.format(title=html.escape(title), target=found[1]) if found else page


def name_spans(app, exception):
    """Let the style sheet of the folds name what their words will be; see `FOLD`."""
    if exception or app.builder.format != "html":
        return
    for path in sorted((Path(app.outdir) / "_static").glob("mystnb*.css")):
        _change(path, lambda css: css.replace("summary>p.", "summary>span."))


def put_right(app, exception):
    """Change the pages of the built site."""
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir)
    for path in own_pages(site):
        _change(path, lambda page: sound(way_in(page, app.config.html_title)))


def _change(path, how):
    old = path.read_text(encoding="utf-8")
    new = how(old)
    if new != old:
        path.write_text(new, encoding="utf-8")


def setup(app):
    """Called by Sphinx."""
    app.connect("build-finished", name_spans, priority=700)  # before light_pages makes one sheet
    app.connect("build-finished", put_right, priority=900)  # when the page at the root is there
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
