"""The page of all verdicts: two directives, and a check that no chapter's verdict is out of date.

    ```{verdict-table}                every claim with a verdict: number, claim, verdict, chapter
    ```{verdicts} GROUP               the boxes of one topic, pasted from their chapters
    ```{open-claims}                  every claim with none, and the chapter that will settle it

What was executed once comes from a cache that knows the cells and not `claims.yml`. So each box
bears the mark of the entry that it was made from, and a box with another mark fails the build
(with -W).
"""

import sys
from pathlib import Path

from docutils import nodes
from myst_nb.ext.glue.crossref import read_glue_cache
from myst_nb.ext.glue.utils import create_pending_glue_ref
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

BOOK = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(BOOK))
import claims  # noqa: E402
import claims_file  # noqa: E402

LOGGER = logging.getLogger(__name__)


def settled():
    """List the claims that have a verdict, topic by topic, else as the file has them."""
    data = claims_file.load()
    return [
        claim
        for group in data["groups"]
        for claim in data["claims"]
        if claim["group"] == group and "verdict" in claim
    ]


class _FromClaims(SphinxDirective):
    """A directive whose page is read again when `claims.yml` has changed."""

    def run(self):
        self.env.note_dependency(str(BOOK / "claims.yml"))
        return self.make()


class VerdictTable(_FromClaims):
    def make(self):
        rows = []
        for claim in settled():
            number, verdict = claim["id"], claim["verdict"]
            page = claims_file.claim_page(claim)
            rows.append(
                (
                    f'<a href="#verdict-{number}">{number}</a>',
                    claims.prose(claim["claim"]),
                    f'<span class="verdict-word">{claims.sign(verdict)} {verdict}</span>',
                    f'<a href="{page}.html#verdict-{number}">{claim["chapter"]}</a>',
                )
            )
        table = claims.table(("No.", "Claim", "Verdict", "Ch."), rows).data
        return [nodes.raw("", table, format="html")]


class Verdicts(_FromClaims):
    required_arguments = 1

    def make(self):
        group = self.arguments[0]
        if group not in claims_file.load()["groups"]:
            raise self.error(f"claims.yml has no group {group!r}")
        chosen = [claim for claim in settled() if claim["group"] == group]
        if not chosen:
            return [nodes.paragraph("", "No verdict yet.")]
        return [self.paste(claim) for claim in chosen]

    def paste(self, claim):
        page = claims_file.claim_page(claim)
        name = f"claim-{claim['id']:02d}"
        source, line = self.get_source_info()
        self.env.note_dependency(str(BOOK / f"{page}.md"))
        return create_pending_glue_ref(self.state.document, source, line, f"{page}.md", name)


class OpenClaims(_FromClaims):
    def make(self):
        still = [claim for claim in claims_file.load()["claims"] if "verdict" not in claim]
        still.sort(key=lambda claim: (claim["chapter"], claim["id"]))
        rows = [(str(c["id"]), claims.prose(c["claim"]), str(c["chapter"])) for c in still]
        if not rows:
            return [nodes.paragraph("", "None: every claim has its verdict.")]
        table = claims.table(("No.", "Claim", "Ch."), rows).data
        return [nodes.raw("", table, format="html")]


def check_boxes(app, env):
    """Warn of a verdict that its chapter does not show, or shows as it once was."""
    for claim in settled():
        page = claims_file.claim_page(claim)
        docname = f"{BOOK.name}/{page}"
        if page is None or docname not in env.found_docs:
            continue  # someone builds a part of the book
        output = read_glue_cache(env.mystnb_config.output_folder, docname)
        box = output.get(f"claim-{claim['id']:02d}", {}).get("data", {}).get("text/html")
        number, fault = claim["id"], ""
        if box is None:
            fault = f"its chapter never calls claims.settle({number}, ...)"
        elif f'data-entry="{claims.mark(claim)}"' not in box:
            fault = "the box comes from the execution cache; remove _build and build again"
        if fault:
            LOGGER.warning("verdict on claim %s in claims.yml: %s", number, fault, location=docname)


def setup(app):
    app.add_directive("verdict-table", VerdictTable)
    app.add_directive("verdicts", Verdicts)
    app.add_directive("open-claims", OpenClaims)
    app.connect("env-check-consistency", check_boxes)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
