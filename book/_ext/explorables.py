"""Figures with controls: drawn while the book is built, moved in the browser.

    ```{explorable} NAME
    ---
    name: fig-label
    alt: what the figure shows
    ---
    The caption.
    ```

The drawing is that of `book/explorables/NAME.js` at its start values, computed by quickjs-ng: it
stands in the page as SVG, with no script needed. The scripts, which add the controls, and their
style sheet come only into pages that have such a figure.
"""

import json
import shutil
from functools import cache
from html import escape
from pathlib import Path

import quickjs
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

SOURCES = Path(__file__).resolve().parents[1] / "explorables"
SHARED, SHEET = "explorable.js", "explorable.css"


def names():
    """List the explorables that there are."""
    return sorted(path.stem for path in SOURCES.glob("*.js") if path.name != SHARED)


def load(name: str) -> quickjs.Context:
    """Return an engine that has read the shared script and one explorable.

    Args:
        name: of the explorable; its file is NAME.js.
    """
    context = quickjs.Context()
    for file in (SHARED, f"{name}.js"):
        context.eval((SOURCES / file).read_text(encoding="utf-8"))
    return context


def ask(context: quickjs.Context, name: str, method: str, values: dict | None = None):
    """Call a method of an explorable.

    Args:
        context: see `load`.
        name: of the explorable.
        method: compute, draw or say.
        values: of its controls, by key; those left out are at their start.

    Returns:
        What the method returns, as JSON has it.
    """
    key = json.dumps(name)
    given = f"Object.assign(Explorables.starts({key}), {json.dumps(values or {})})"
    return json.loads(context.eval(f"JSON.stringify(Explorables.all[{key}].{method}({given}))"))


@cache
def _still(name, stamps):
    context = load(name)
    return ask(context, name, "draw"), ask(context, name, "say")


def body(name: str, alt: str) -> str:
    """Return the HTML of an explorable at its start values.

    Args:
        name: of the explorable.
        alt: what the figure shows, for who cannot see it.
    """
    stamps = tuple((SOURCES / file).stat().st_mtime_ns for file in (SHARED, f"{name}.js"))
    svg, state = _still(name, stamps)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(alt)}" ', 1)
    return (
        f'<div class="explorable-body" data-explorable="{name}">{svg}'
        f'<p class="explorable-say" aria-live="polite">{escape(state)}</p></div>'
    )


class Explorable(SphinxDirective):
    """A numbered figure that a reader can move."""

    required_arguments = 1
    has_content = True
    option_spec = {"alt": directives.unchanged_required, "name": directives.unchanged_required}

    def run(self):
        name = self.arguments[0]
        if name not in names():
            raise self.error(f"no explorable {name!r}; there are {', '.join(names())}")
        if not {"alt", "name"} <= self.options.keys():
            raise self.error("an explorable needs the options alt and name")
        for file in (SHARED, f"{name}.js"):
            self.env.note_dependency(str(SOURCES / file))
        figure = nodes.figure(classes=["explorable"], explorable=name)
        self.set_source_info(figure)
        figure += nodes.raw("", body(name, " ".join(self.options["alt"].split())), format="html")
        text = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, text)
        if len(text) != 1 or not isinstance(text[0], nodes.paragraph):
            raise self.error("the caption of an explorable is one paragraph")
        figure += nodes.caption(text[0].rawsource, "", *text[0].children)
        self.add_name(figure)
        return [figure]


def copy_files(app):
    """Put the scripts where pages find them, before a page is written with their checksums."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "explorables"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in (SHEET, SHARED, *(f"{name}.js" for name in names())):
        shutil.copy(SOURCES / file, target)


def add_files(app, pagename, templatename, context, doctree):
    """Load on a page what its explorables need."""
    if doctree is None:
        return
    used = {
        figure["explorable"] for figure in doctree.findall(nodes.figure) if "explorable" in figure
    }
    if used:
        app.add_css_file(f"explorables/{SHEET}")
        for file in (SHARED, *(f"{name}.js" for name in sorted(used))):
            app.add_js_file(f"explorables/{file}", defer="defer")


def setup(app):
    """Called by Sphinx."""
    app.add_directive("explorable", Explorable)
    app.connect("builder-inited", copy_files)
    app.connect("html-page-context", add_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
