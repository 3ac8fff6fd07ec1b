"""After the build: fonts that hold only the characters which the pages show.

Formulas get STIX Two Math with its MATH table, icons the theme's own font. Both are made from the
built pages, so a symbol that is new in a chapter is there without anyone's doing. They are WOFF,
not WOFF2: fontTools writes it with Python's own zlib.
"""

import html
import re
import unicodedata
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from own_pages import own_pages
from sphinx.util import logging

log = logging.getLogger(__name__)
STIX = Path(__file__).parent / "stix" / "stix-two-math.woff"
ICONS = Path("_static/vendor/fontawesome/webfonts/fa-solid-900.ttf")  # in the built site
FORMULAS, ICONS_IN_USE = "_static/formulas.woff", "_static/icons.woff"
# Chromium gives every root the width of the widest radical sign, which leaves a hole behind a
# low one. Low roots (course.css says which) get a font whose only radical sign is the small one.
LOW_ROOTS = "_static/low_roots.woff"
# A browser shows <mi>x</mi> as the italic letter, which has a character of its own.
ITALIC = {
    chr(int(unicodedata.decomposition(chr(code)).split()[1], 16)): chr(code)
    for code in (*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C))
    if code != 0x1D455  # a hole in Unicode's table: an italic h is older
} | {"h": "\u210e"}


def characters_of_formulas(page: str) -> set[str]:
    """Say which characters a page's formulas need.

    Args:
        page: HTML.

    Returns:
        The characters, with the italic forms of letters; without line ends and invisible operators.
    """
    found = set()
    for formula in re.findall(r"<math\b.*?</math>", page, re.DOTALL):
        found |= set(html.unescape(re.sub(r"<[^>]*>", "", formula)))
        if re.search(r"<m(sqrt|root)\b", formula):
            found.add("√")  # drawn by the element, so not in its text
    found = {c for c in found if unicodedata.category(c) not in ("Cc", "Cf")}
    return found | {ITALIC[c] for c in found if c in ITALIC}


def characters_of_icons(pages: list[str], sheets: list[str]) -> set[str]:
    r"""Say which icons pages show: those of a class such as fa-bars, and those of other rules.

    Args:
        pages: HTML and scripts.
        sheets: CSS, where `.fa-bars:before{content:"\f0c9"}` and the like stand.

    Returns:
        The characters.
    """
    used = {name for page in pages for name in re.findall(r"\bfa-[a-z0-9-]+", page)}
    found = set()
    for selectors, body in re.findall(r"([^{}]*)\{([^{}]*)\}", "".join(sheets)):
        names = set(re.findall(r"\.(fa-[a-z0-9-]+)", selectors))
        if not names or names & used:
            found |= {chr(int(code, 16)) for code in re.findall(r'"\\(f[0-9a-f]{3})"', body)}
            found |= set(re.findall(r'"([\ue000-\uf8ff])"', body))
    return found


def write_subset(source: Path, target: Path, characters: set[str], larger: bool = True) -> set[str]:
    """Write a WOFF font with these characters and their other forms.

    Args:
        source: the whole font.
        target: the file to write.
        characters: what to keep.
        larger: whether a font for formulas keeps the larger forms of brackets, sums and roots.

    Returns:
        The characters that the whole font lacks.
    """
    font = TTFont(source, recalcTimestamp=False)
    if not larger:
        font["MATH"].table.MathVariants = None
    lacking = {c for c in characters if ord(c) not in font.getBestCmap()}
    # No hints: they are for screens of low resolution. The licence and the names of the font stay.
    options = subset.Options(layout_features=["*"], hinting=False, name_IDs=["*"], flavor="woff")
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(c) for c in characters])
    subsetter.subset(font)
    font.flavor = "woff"
    font.save(target)
    return lacking


def write_fonts(app, exception):
    """Write both fonts into the built site."""
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir)
    pages = [path.read_text(encoding="utf-8") for path in own_pages(site)]
    formulas = set().union(*(characters_of_formulas(page) for page in pages))
    lacking = write_subset(STIX, site / FORMULAS, formulas)
    write_subset(STIX, site / LOW_ROOTS, {"√"}, larger=False)
    if lacking:
        log.warning(
            "STIX Two Math lacks these characters of formulas: %s", " ".join(sorted(lacking))
        )
    scripts = [
        path.read_text(encoding="utf-8")
        for path in (site / "_static").rglob("*.js")
        if path.name != "fontawesome.js"  # names every icon; no page loads it
    ]
    sheets = [path.read_text(encoding="utf-8") for path in (site / "_static").rglob("*.css")]
    # Characters that this font lacks are of the theme's other icon fonts.
    write_subset(site / ICONS, site / ICONS_IN_USE, characters_of_icons(pages + scripts, sheets))


def preload(app, pagename, templatename, context, doctree):
    """Have the fonts fetched with the style sheets, so that no line moves when they arrive."""
    fonts = [ICONS_IN_USE]
    if doctree is not None and app.env.get_domain("math").has_equations(pagename):
        fonts.append(FORMULAS)
    context["metatags"] = context.get("metatags", "") + "".join(
        f'<link rel="preload" as="font" crossorigin href="{context["pathto"](name, 1)}">\n'
        for name in fonts
    )


def setup(app):
    """Called by Sphinx."""
    app.connect("html-page-context", preload)
    app.connect("build-finished", write_fonts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
