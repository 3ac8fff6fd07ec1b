"""A page for each exercise, made from its notebook as students get it, and the table of them all.

`book/exercises/NAME.md` only holds the place; what Sphinx reads instead is written here from
`exercises/NAME/`. The files of an exercise go into the site under `_downloads/exercises/NAME/`,
with a zip of them all; the executed chapters, as notebooks, under `_downloads/chapters/`.

    ```{exercise-table}             every exercise: its page, chapter, questions, points and time

Where the exercise can be opened in the browser, the page has the two marks between which
`book/browser/lite.py` writes how. `book/_static/exercises.js` keeps the ticks.
"""

import ast
import json
import re
import shutil
import sys
import zipfile
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from autograder.checks import EXERCISES, OPTIONAL
from autograder.paths import EXERCISES as RELEASED

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
import lite  # noqa: E402

PLACE = "_downloads/exercises"
OLD = (1980, 1, 1, 0, 0, 0)  # every file of a zip, so that a rebuild gives the same bytes
WITH_TORCH = """\
**In the browser** it does not run: PyTorch has no version for browsers. The exercises that need
NumPy only do; {doc}`../exercises` lists them all."""
WITH_TRITON = """\

**Triton** is needed as well, which runs on Linux and takes 0.7 GB: `python -m pip install triton`,
or `make triton` in a checkout of the course. No GPU is needed: where there is none, Triton's own
interpreter runs the kernels.
"""


def names() -> list[str]:
    """List the exercises that are handed out, in their order."""
    return [name for name in sorted({*EXERCISES, *OPTIONAL}) if (RELEASED / name).is_dir()]


class Facts:
    """What a page says of an exercise, read from its notebook.

    Args:
        name: of the exercise.
    """

    def __init__(self, name: str):
        self.name = name
        self.notebook = RELEASED / name / f"{name}.ipynb"
        found = json.loads(self.notebook.read_text(encoding="utf-8"))
        cells = [(cell, "".join(cell["source"])) for cell in found["cells"]]
        header = cells[0][1]
        title, rest = header.split("\n", 1)
        self.title = title.removeprefix("# ")
        self.with_torch = lite.needs_torch(name)
        self.needs = ["PyTorch" if self.with_torch else "NumPy"]
        if name in OPTIONAL:
            self.needs.append(OPTIONAL[name].capitalize())
        self.text = rest.split("**Time**")[0].strip()
        self.minutes = int(re.search(r"about (\d+) minutes", header)[1])
        self.chapter = re.search(r"`book/(\w+)\.md`", header)[1]
        self.version = found["metadata"]["course"]["version"]
        graded = [(c["metadata"]["nbgrader"], s) for c, s in cells if _is(c, "grade")]
        self.questions = [
            (ast.get_docstring(ast.parse(source)), about["grade_id"]) for about, source in graded
        ]
        self.points = sum(about["points"] for about, _ in graded)
        self.tasks = [task for c, source in cells if _is(c, "solution") for task in _tasks(source)]


def _is(cell, kind):
    return cell["metadata"].get("nbgrader", {}).get(kind, False)


def _tasks(source):
    """Yield the head of each function or class of a stub, and the first line of its docstring."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            arguments = re.sub(r"(\de-)0(\d)", r"\1\2", ast.unparse(node.args))  # 1e-05
            yield f"{node.name}({arguments})", ast.get_docstring(node).split("\n")[0]
        elif isinstance(node, ast.ClassDef):
            yield f"class {node.name}", ast.get_docstring(node).split("\n")[0]


def page(name: str) -> str:
    """Return the source of an exercise's page.

    Args:
        name: of the exercise.
    """
    facts = Facts(name)
    browser = (
        f"**In the browser**, with nothing installed:\n\n{_raw(lite.block(name, there=False))}"
    )
    tasks = [(f"<code>{escape(head)}</code>", _words(what)) for head, what in facts.tasks]
    asked = [(_words(question), f"<code>{_name(key)}</code>") for question, key in facts.questions]
    return f"""\
({name})=
# {facts.title}

{facts.text}

**Time**: about {facts.minutes} minutes.
**Points**: {facts.points}, in {len(facts.questions)} questions.
**Chapter**: {{doc}}`../{facts.chapter}`.
**Version** of the exercise: {facts.version}.

{_raw(tick(name))}

## Ways to work on it

{WITH_TORCH if facts.with_torch else browser}
{WITH_TRITON if "Triton" in facts.needs else ""}
**On your own computer** or in a notebook service: put these files into one folder.

{_raw(_downloads(facts))}

The page {{doc}}`../student` says how to start Jupyter there, how to read what a check says, and how
you are marked.

## What you write

{_raw(_table(("Name", "What it does"), tasks))}

## What is asked

{_raw(_table(("Question", "Its name"), asked))}
"""


def _words(text):
    """Mark what stands between backticks as code; keep "(1 point)" in one line."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return re.sub(r"\((\d+) (points?)\)", "(\\1\u00a0\\2)", text)


def _name(name):
    """Let a long name break after an underscore."""
    return re.sub(r"(?<=\w)_(?=\w)", "_<wbr>", name)


def _raw(text):
    return f"```{{raw}} html\n{text}\n```"


def tick(name: str) -> str:
    """Return the box to tick when an exercise is done; a script shows it and keeps the tick.

    Args:
        name: of the exercise.
    """
    return (
        f'<p class="exercise-tick" hidden><label><input type="checkbox" data-exercise="{name}">'
        f" I have done this exercise.</label> {_count()}</p>"
    )


def _count():
    listed = " ".join(names())
    return f'<span class="exercise-count" data-names="{listed}" aria-live="polite"></span>'


def _downloads(facts):
    place = f"../../{PLACE}/{facts.name}"
    kinds = {".ipynb": "the notebook", ".py": "the checks"}
    items = []
    for path in lite.handed_out(facts.name):
        kind = kinds.pop(path.suffix, None)
        kind = f": {kind}" if kind else ""
        items.append(f'<a href="{place}/{path.name}" download>{path.name}</a>{kind}')
    items.append(f'<a href="{place}.zip" download>{facts.name}.zip</a>: all of them in one file')
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _table(heads, rows):
    # A line for each, so that the search's excerpts keep them apart.
    head = "\n".join(f'<th scope="col">{head}</th>' for head in heads)
    cells = ("\n".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    body = "\n".join(f"<tr>{row}</tr>" for row in cells)
    return (
        '<div class="pst-scrollable-table-container"><table class="table">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


class ExerciseTable(SphinxDirective):
    """Every exercise, with its tick."""

    def run(self):
        lines = [
            '<div class="exercise-progress" hidden><p>'
            f'<progress max="{len(names())}" value="0" aria-label="Exercises done"></progress> '
            f"{_count()}</p></div>",
            "",
            "| Exercise | Chapter | Needs | Questions | Points | Time |",
            "|--|--|--|--|--|--|",
        ]
        for name in names():
            facts = Facts(name)
            self.env.note_dependency(str(facts.notebook))
            cells = (
                f'<span class="exercise-done" data-exercise="{name}"></span>'
                f"{{doc}}`exercises/{name}`",
                f"{{doc}}`{facts.chapter}`",
                ", ".join(facts.needs),
                str(len(facts.questions)),
                str(facts.points),
                f"{facts.minutes}\u00a0min",
            )
            lines.append(f"| {' | '.join(cells)} |")
        place = nodes.Element()
        self.state.nested_parse(StringList(lines), self.content_offset, place)
        return place.children


def write_page(app, docname, source):
    """Let Sphinx read an exercise's page where a file only holds its place."""
    folder, _, name = docname.rpartition("/")
    if folder != "book/exercises":
        return
    if name not in names():
        raise ValueError(f"{docname}.md: there is no exercise {name!r}")
    app.env.note_dependency(str(RELEASED / name / f"{name}.ipynb"))
    app.env.note_dependency(__file__)
    source[0] = page(name)


def copy_files(app, exception):
    """Put what students download into the site."""
    if exception or app.builder.format != "html":
        return
    target, chapters = Path(app.outdir) / PLACE, Path(app.outdir) / "_downloads" / "chapters"
    for folder in (target, chapters):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for page_name in sorted(app.env.found_docs):
        if path := executed(app, page_name):
            shutil.copyfile(path, chapters / path.name)
    for name in names():
        (target / name).mkdir()
        with zipfile.ZipFile(target / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in lite.handed_out(name):
                shutil.copyfile(path, target / name / path.name)
                archive.writestr(zipfile.ZipInfo(f"{name}/{path.name}", OLD), path.read_bytes())


def executed(app, pagename: str) -> Path | None:
    """Return a chapter as the notebook that was executed; None where the page is none.

    Args:
        app: Sphinx.
        pagename: of the page.
    """
    path = Path(app.env.mystnb_config.output_folder) / f"{pagename}.ipynb"
    is_chapter = re.fullmatch(r"book/\d\d_\w+", pagename)
    return path if is_chapter and path.is_file() else None


def add_to_page(app, pagename, templatename, context, doctree):
    """Load the script that keeps the ticks where there are any; link a chapter's notebook."""
    if pagename == "book/exercises" or pagename.startswith("book/exercises/"):
        app.add_js_file("exercises.js", defer="defer")
    if executed(app, pagename):
        name = pagename.rpartition("/")[2]
        context["body"] += (
            f'<p class="page-notebook"><a href="../_downloads/chapters/{name}.ipynb" download>'
            "Download this page as a notebook</a>, with what its cells printed.</p>"
        )


def setup(app):
    """Called by Sphinx."""
    app.add_directive("exercise-table", ExerciseTable)
    app.connect("source-read", write_page)
    app.connect("html-page-context", add_to_page)
    app.connect("build-finished", copy_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
