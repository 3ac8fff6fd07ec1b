"""The claims of the four articles: read, checked, and shown as a list that takes predictions.

`claims.yml` holds the claims. `load` reads it and refuses a file that is not consistent; `form`
makes the HTML of one topic's claims, with radio buttons that `_static/predictions.js` remembers.
"""

from html import escape
from pathlib import Path

import yaml
from IPython.display import HTML

PREDICTIONS = ("true", "depends", "false", "unsure")
EVIDENCE = ("measured", "derived", "literature")
FIELDS = {"id", "articles", "kind", "group", "claim", "test", "true_if", "evidence", "chapter"}


def load():
    """Read `claims.yml` and check that it is complete and consistent.

    Returns:
        A dict with `articles`, `kinds`, `groups` (dicts of text), `claims` and `conflicts` (lists).

    Raises:
        ValueError: a claim lacks a field, repeats an id, or names something that is not defined.
    """
    data = yaml.safe_load(Path(__file__).with_name("claims.yml").read_text(encoding="utf-8"))
    ids = [claim["id"] for claim in data["claims"]]
    if len(set(ids)) != len(ids):
        raise ValueError("two claims have the same id")
    for claim in data["claims"]:
        known = (
            FIELDS <= claim.keys()
            and set(claim["articles"]) <= data["articles"].keys()
            and claim["kind"] in data["kinds"]
            and claim["group"] in data["groups"]
            and claim["evidence"] in EVIDENCE
        )
        if not known:
            raise ValueError(f"claim {claim['id']} is not complete")
    for conflict in data["conflicts"]:
        if not set(conflict["claims"]) <= set(ids):
            raise ValueError(f"a conflict names unknown claims: {conflict['claims']}")
    return data


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


def table(head, rows):
    """Show a table.

    Args:
        head: the heading of each column, strings.
        rows: an iterable of rows, each of as many strings; they may contain HTML.

    Returns:
        An `IPython.display.HTML`.
    """
    head = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return HTML(f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


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
<legend><b>{number}.</b> {escape(claim["claim"])}
<span class="claim-articles">({", ".join(claim["articles"])})</span></legend>
<div class="claim-answers">{radios}
<label>kind <select><option value="">choose</option>{options}</select></label></div>
<details><summary>Our test of claim {number}</summary>
<p><b>Test:</b> {escape(claim["test"])}</p>
<p><b>True if:</b> {escape(claim["true_if"])}</p>
<p><b>Kind:</b> {claim["kind"]}. <b>Evidence:</b> {claim["evidence"]}.
<b>Settled in:</b> chapter {claim["chapter"]}.</p></details>
</fieldset>"""
