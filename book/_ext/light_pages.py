"""After the build: pages that load only what they use.

The theme's style sheets hold every component of Bootstrap; what no page and no script names is
taken out. Figures load when the reader comes near them, in a place that is kept free for them.
The scripts of the search stay on the page of the search; on the others no script keeps the text
waiting, and one style sheet does instead of a dozen. Code is laid out when the reader comes near
it, in a place of its height, and no script measures all boxes of a page while it opens, as one of
the theme's does.
"""

import re
from pathlib import Path

import tinycss2
from one_sheet import SHEET, put_together
from own_pages import own_pages

SEARCH = re.compile(
    r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>'
)
OPTIONS = re.compile(r'<script src="([^"]*/documentation_options\.js)[^"]*"></script>')
SCRIPT = re.compile(r'<script (?=[^>]*\bsrc="[^"]*_static/)(?![^>]*\bdefer\b)([^>]*></script>)')
FIGURE = re.compile(r'<img (?![^>]*\bloading=)([^>]*\bsrc="([^"]*_images/[^"]+\.svg)"[^>]*)>')
CODE = re.compile(r'<div class="highlight">(?=<pre>(.*?)\n?</pre>)', re.DOTALL)
SIDE = r'\b{}="([\d.]+)(pt|px)?"'
NAME = re.compile(r"[.#]((?:[\w-]|\\.)+)")
# What stands in these may be absent, or is another selector's matter.
ASIDE = re.compile(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\]")
# Of the theme's script: it measures every box of code and output as the page opens, and again when
# something changes. _static/scroll_boxes.js does so when the browser has time.
MEASURE = re.compile(
    r"const (\w)=\(\)=>\{document\.querySelectorAll\(\[\"pre\","
    r".{,200}?\.scrollHeight>\w\.clientHeight\?0:-1\}\)\},"
)
MEASURED = re.compile(r"const \w=\(\)=>\{\},")
GROUPS = {"media", "supports", "layer", "container"}  # rules that hold rules


def words_of(texts: list[str]) -> set[str]:
    """Return every word that could be the name of a class or an id.

    Args:
        texts: pages and scripts.
    """
    return {word for text in texts for word in re.findall(r"[A-Za-z_][\w-]*", text)}


def lighter(css: str, words: set[str]) -> str:
    """Return a style sheet without the rules that can match nothing.

    Args:
        css: the style sheet.
        words: see `words_of`.
    """
    return _kept(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), words)


def _kept(rules, words):
    pieces = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [s for s in _selectors(rule.prelude) if _may_match(s, words)]
            if selectors:
                pieces.append(f"{','.join(selectors)}{{{tinycss2.serialize(rule.content)}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword in GROUPS and rule.content:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if kept := _kept(inner, words):
                prelude = tinycss2.serialize(rule.prelude).strip()
                pieces.append(f"@{rule.at_keyword} {prelude}{{{kept}}}")
        elif rule.type != "error":
            pieces.append(rule.serialize())
    return "".join(pieces)


def _selectors(prelude):
    """Split at the commas that stand in no brackets."""
    found = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return [tinycss2.serialize(tokens).strip() for tokens in found]


def _may_match(selector, words):
    names = NAME.findall(ASIDE.sub("", selector))
    return all(name.replace("\\", "") in words for name in names)


def with_lazy_figures(page: str, folder: Path) -> str:
    """Return a page whose figures load when they are needed, and whose text then stays in place.

    Args:
        page: HTML.
        folder: of the page.
    """

    def replace(found):
        attributes = found[1].rstrip("/ ")
        return f'<img {attributes} loading="lazy"{_size(folder / found[2], attributes)}>'

    return FIGURE.sub(replace, page)


def _size(path, attributes):
    """Return the size of a figure as attributes, in CSS pixels; "" where it is not known."""
    if not path.is_file() or re.search(r"\b(width|height)=", attributes):
        return ""
    top = re.search(r"<svg\b[^>]*>", path.read_text(encoding="utf-8"))[0]
    sides = {side: re.search(SIDE.format(side), top) for side in ("width", "height")}
    if not all(sides.values()):
        return ""
    pixels = {side: float(s[1]) * (4 / 3 if s[2] == "pt" else 1) for side, s in sides.items()}
    return "".join(f' {side}="{round(length)}"' for side, length in pixels.items())


def with_places_for_code(page: str) -> str:
    """Return a page whose boxes of code and of output say how many lines they have.

    The style sheet (course.css) then keeps their places free and lets the layout wait: code, with a
    colour for each word, is the largest part of the time in which a long chapter blocks a phone.

    Args:
        page: HTML.
    """

    def replace(found):
        return f'<div class="highlight" style="--lines:{found[1].count(chr(10)) + 1}">'

    return CODE.sub(replace, page)


def with_patient_scripts(page: str, folder: Path) -> str:
    """Return a page whose scripts run when the text is there; what others read is in the page.

    Args:
        page: HTML.
        folder: of the page.
    """

    def replace(found):
        return f"<script>{(folder / found[1]).read_text(encoding='utf-8').strip()}</script>"

    return SCRIPT.sub(r"<script defer \1", OPTIONS.sub(replace, page))


def without_measuring(script: str) -> str:
    """Return the theme's script without what measures every box at once.

    Args:
        script: the script.

    Raises:
        ValueError: it is not as expected; the theme is a new one, perhaps.
    """
    new, count = MEASURE.subn(r"const \1=()=>{},", script)
    if not count and not MEASURED.search(script):
        raise ValueError("pydata-sphinx-theme.js has changed: see MEASURE in light_pages.py")
    return new


def lighten(app, exception):
    """Take from the built site what no page uses."""
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir)
    pages = own_pages(site)
    for path in pages:
        old = path.read_text(encoding="utf-8")
        new = with_places_for_code(with_lazy_figures(old, path.parent))
        if path.name != "search.html":
            new = with_patient_scripts(SEARCH.sub("", new), path.parent)
        if new != old:
            path.write_text(new, encoding="utf-8")
    scripts = [p for p in (site / "_static").rglob("*.js") if p.name != "fontawesome.js"]
    words = words_of([path.read_text(encoding="utf-8") for path in [*pages, *scripts]])
    for path in sorted((site / "_static").rglob("*.css")):
        if "vendor" not in path.parts and path.name != SHEET:
            path.write_text(lighter(path.read_text(encoding="utf-8"), words), encoding="utf-8")
    put_together(pages, site)
    theme = site / "_static" / "scripts" / "pydata-sphinx-theme.js"
    theme.write_text(without_measuring(theme.read_text(encoding="utf-8")), encoding="utf-8")


def setup(app):
    """Called by Sphinx."""
    # After the theme, which writes its colours of code at this event too.
    app.connect("build-finished", lighten, priority=800)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
