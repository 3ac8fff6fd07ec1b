"""The claims of the four articles, shown: as a list that takes predictions, and as verdicts.

`load` reads `claims.yml`; `form` makes the HTML of one topic's claims, with radio buttons that
`_static/predictions.js` remembers; `settle` makes the box of one claim's verdict.
"""

import hashlib
import json
import re
from html import escape
from string import Formatter

from claims_file import EVIDENCE as EVIDENCE  # chapter 1 counts by it
from claims_file import claim_page, load, references
from IPython.display import HTML

PREDICTIONS = ("true", "depends", "false", "unsure")
# A sign for each verdict, so that its colour is not all that tells it from the others.
SIGNS = {
    "true": '<path d="M4 10.5l4 4 8-9"/>',
    "depends": '<circle cx="10" cy="10" r="6"/><path d="M10 4a6 6 0 0 1 0 12z" class="full"/>',
    "false": '<path d="M5 5l10 10M15 5L5 15"/>',
    "unsettled": '<path d="M6.5 7a3.5 3.5 0 1 1 5 3.1c-1 .5-1.5 1-1.5 2.4M10 16v.2"/>',
}
# What is typed in `claims.yml`, and what is printed.
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
PRINTED = [
    (
        r"\b(\d[\d.]*)e([+-]\d+)",
        lambda found: f"{found[1]} · 10{str(int(found[2])).translate(RAISED)}".removeprefix("1 · "),
    ),
    (r"(?<![\w.])-(?=\d)", "\N{MINUS SIGN}"),
    (r"(?<=\d) ?%", "\N{NO-BREAK SPACE}%"),
    (r'"(?=\w)', "\N{LEFT DOUBLE QUOTATION MARK}"),
    ('"', "\N{RIGHT DOUBLE QUOTATION MARK}"),
    ("'", "\N{RIGHT SINGLE QUOTATION MARK}"),
]
# Where a long name may break: after its joints, between Batch and Norm, and not in a tag.
BREAK = re.compile(r"((?<=[A-Za-z][.(=])|(?<=[^\W_]_)|(?<=[a-z]{4})(?=[A-Z]))(?=[^\W_])(?![^<]*>)")


def form(data, group):
    """Show the claims of one topic, each with radio buttons for a prediction.

    Args:
        data: what `load` returned, a dict.
        group: a key of `data["groups"]`, a string.

    Returns:
        The list, an `IPython.display.HTML`; it reads well with no script too.
    """
    chosen = [claim for claim in data["claims"] if claim["group"] == group]
    return HTML("\n".join(_fieldset(claim, data["kinds"]) for claim in chosen))


def settle(number, **figures):
    """Show the verdict on a claim, and keep the box under the name `claim-NN` for other pages.

    Call it where the chapter settles the claim, as the last line of a cell.

    Args:
        number: the claim's, an int.
        **figures: what `found` and `when` of the claim name in braces, all of it and nothing else.

    Returns:
        The box, an `IPython.display.HTML`.

    Raises:
        ValueError: the claim has no verdict, or a figure is missing, not used, or not finite.
    """
    from myst_nb import glue  # here, since only a build needs it

    claim = next((c for c in load()["claims"] if c["id"] == number), None)
    if claim is None or "verdict" not in claim:
        raise ValueError(f"claims.yml has no verdict on claim {number}")
    box = HTML(verdict_box(claim, figures))
    glue(f"claim-{number:02d}", box, display=False)
    return box


def verdict_box(claim, figures):
    """Make the HTML of a verdict.

    Args:
        claim: one of `load()["claims"]` that has a verdict.
        figures: a dict, as for `settle`.

    Returns:
        HTML text, a string.

    Raises:
        ValueError: as for `settle`.
    """
    number, verdict, page = claim["id"], claim["verdict"], claim_page(claim)
    marks = f'class="verdict verdict-{verdict}" id="verdict-{number}" data-entry="{mark(claim)}"'
    found, when = (prose(text) for text in _fill(claim, figures))
    sources = "; ".join(
        f'<a href="{escape(address)}">{escape(label)}</a>'
        for label, address in (references()[key] for key in claim["sources"])
    )
    return f"""<div {marks}>
<p class="verdict-head">{sign(verdict)} <b>Claim {number}: {verdict}</b></p>
<p class="verdict-claim">{prose(claim["claim"])}
<span class="claim-articles">({", ".join(claim["articles"])})</span></p>
<p>{found}</p>
<p><b>When:</b> {when}</p>
<p class="verdict-sources"><b>Sources:</b> {sources}. <b>Evidence:</b> {claim["evidence"]},
<a href="{page}.html#verdict-{number}">chapter {claim["chapter"]}</a>.</p>
</div>"""


def mark(claim):
    """Make a short mark of a claim's entry: another one as soon as any field is changed.

    Args:
        claim: one of `load()["claims"]`.

    Returns:
        Hexadecimal digits, a string.
    """
    return hashlib.sha256(json.dumps(claim, sort_keys=True).encode()).hexdigest()[:12]


def sign(verdict):
    """Draw the sign of a verdict; it needs the word beside it.

    Args:
        verdict: a key of `SIGNS`.

    Returns:
        HTML text, a string.
    """
    drawing = SIGNS[verdict]
    return f'<svg class="verdict-sign" viewBox="0 0 20 20" aria-hidden="true">{drawing}</svg>'


def _fill(claim, figures):
    """Put the figures into `found` and `when`, and insist that they fit."""
    texts = [claim["found"], claim["when"]]
    named = {
        re.split(r"[.\[]", field)[0]
        for text in texts
        for _, field, _, _ in Formatter().parse(text)
        if field is not None
    }
    for fault, names in (("missing", named - figures.keys()), ("not used", figures.keys() - named)):
        if names:
            raise ValueError(f"claim {claim['id']}: figures {fault}: {', '.join(sorted(names))}")
    filled = [text.format(**figures) for text in texts]
    if re.search(r"(?<![a-z])(nan|inf)(?![a-z])", " ".join(filled)):
        raise ValueError(f"claim {claim['id']}: a figure is not finite: {filled}")
    return filled


def prose(text):
    """Make HTML of a text of `claims.yml`; its signs, powers of ten and quotes are those of print.

    Args:
        text: a string; backticks mark code.

    Returns:
        HTML text, a string.
    """
    pieces = text.split("`")
    pieces[::2] = map(_printed, pieces[::2])
    return _code(escape("`".join(pieces)))


def _printed(words):
    for typed, printed in PRINTED:
        words = re.sub(typed, printed, words)
    return words


def _code(markup):
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", markup)


def table(head, rows):
    """Show a table.

    Args:
        head: the heading of each column, strings.
        rows: an iterable of rows, each of as many strings; they may contain HTML,
            and code between backticks.

    Returns:
        An `IPython.display.HTML`.
    """
    head = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    rows = ("".join(f"<td>{_cell(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return HTML(f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def _cell(markup):
    """Make a cell, in which a long name breaks between its words."""
    return BREAK.sub("<wbr>", _code(markup))


def links(ids):
    """Link to claims in the list of the same page.

    Args:
        ids: numbers of claims, ints.

    Returns:
        HTML text such as "2 and 5", a string.
    """
    return " and ".join(f'<a href="#claim-{number}">{number}</a>' for number in ids)


def toolbar():
    """Show how many claims have a prediction, with the buttons Export and Clear.

    Returns:
        An `IPython.display.HTML`; hidden until `predictions.js` runs.
    """
    return HTML(
        """<div class="predictions-tools" hidden>
<span class="predictions-count"></span>
<button type="button" class="predictions-export">Export</button>
<button type="button" class="predictions-clear">Clear</button>
<span class="predictions-message" role="status"></span>
</div>"""
    )


def _fieldset(claim, kinds):
    number = claim["id"]
    radios = " ".join(
        f'<label><input type="radio" name="claim-{number}" value="{value}"> {value}</label>'
        for value in PREDICTIONS
    )
    options = "".join(f"<option>{kind}</option>" for kind in kinds)
    return f"""<fieldset class="claim" id="claim-{number}" data-claim="{number}">
<legend><b>{number}.</b> {prose(claim["claim"])}
<span class="claim-articles">({", ".join(claim["articles"])})</span></legend>
<div class="claim-answers">{radios}
<label>kind <select><option value="">choose</option>{options}</select></label></div>
<details><summary>Our test of claim {number}</summary>
<p><b>Test:</b> {prose(claim["test"])}</p>
<p><b>True if:</b> {prose(claim["true_if"])}</p>
<p><b>Kind:</b> {claim["kind"]}. <b>Evidence:</b> {claim["evidence"]}.
<b>Settled in:</b> chapter {claim["chapter"]}.</p></details>
</fieldset>"""
