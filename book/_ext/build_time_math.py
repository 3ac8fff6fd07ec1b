"""Formulas become MathML while the book is built, by Temml: a page needs no script to show them.

A formula that Temml cannot read ends the build, with its file and line.
"""

import json
from functools import cache
from pathlib import Path

import quickjs
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.math import get_node_equation_number

TEMML = Path(__file__).parent / "temml" / "temml.min.js"
# Inline formulas may break after a relation, so that a line fits on a phone. The answer is JSON:
# the engine hands over flat strings only, and what Temml returns was put together from pieces.
RENDER = r"""
(function (tex, display, macros) {
  try {
    return JSON.stringify({mathml: temml.renderToString(tex, {
      displayMode: display, macros: JSON.parse(macros), throwOnError: true,
      wrap: display ? "none" : "tex",
    })});
  } catch (error) {
    return JSON.stringify({error: String(error.message || error)});
  }
})
"""


class FormulaError(ExtensionError):
    """A formula that cannot be shown; the message says where it stands."""

    category = "Formula error"


@cache
def _engine():
    context = quickjs.Context()
    context.eval(TEMML.read_text(encoding="utf-8"))
    return context.eval(RENDER)


@cache
def mathml(tex: str, display: bool, macros: str = "{}") -> str:
    """Turn a formula into MathML.

    Args:
        tex: the formula, without dollars.
        display: whether it stands on lines of its own.
        macros: what each macro stands for, as JSON; names have their backslash.

    Returns:
        A `<math>` element.

    Raises:
        ValueError: Temml cannot read it, or it would number itself.
    """
    tex = tex.strip()
    if display and "\\\\" in tex and "\\begin{" not in tex:
        tex = f"\\begin{{aligned}}{tex}\\end{{aligned}}"
    answer = json.loads(_engine()(tex, display, macros))
    if "error" in answer:
        # Temml marks the fault with a combining line under each character: noise in a terminal.
        raise ValueError(" ".join(answer["error"].replace("\u0332", "").split()))
    html = answer["mathml"]
    if "tml-eqn" in html:
        raise ValueError("it would number itself: use aligned, and $$ ... $$ (label) for a number")
    return html


def _render(node, config) -> str:
    macros = json.dumps({"\\" + name: body for name, body in config.math_macros.items()})
    try:
        return mathml(node.astext(), isinstance(node, nodes.math_block), macros)
    except ValueError as error:
        above = node
        while above.line is None and above.parent is not None:
            above = above.parent
        raise FormulaError(
            f"{above.source or node.source}:{above.line}: {error}\n  in: {node.astext().strip()}"
        ) from None


def check_formulas(app, doctree):
    """Fail while a page is read: a page that was only written badly would not be written again.

    Raises:
        FormulaError: names every formula of the page that Temml cannot read.
    """
    errors = []
    for node in doctree.findall(lambda n: isinstance(n, nodes.math | nodes.math_block)):
        try:
            _render(node, app.config)
        except FormulaError as error:
            errors.append(str(error))
    if errors:
        raise FormulaError("\n".join(errors))


def visit_inline(self, node):
    """Write a formula in a line of text."""
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(_render(node, self.config) + "</span>")
    raise nodes.SkipNode


def visit_block(self, node):
    """Write a displayed formula: a box that scrolls, and beside it the number."""
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    self.body.append(f'<div class="formula">{_render(node, self.config)}</div>')
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    """Called by Sphinx."""
    app.add_config_value("math_macros", {}, "env")
    app.add_html_math_renderer("build_time", (visit_inline, None), (visit_block, None))
    app.connect("doctree-read", check_formulas)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
