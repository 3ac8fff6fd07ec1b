"""The book: a cell that raises fails the build; figures, citations and pages keep to the rules."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

sys.path.insert(0, str(ROOT / "book"))
import figures  # noqa: E402

BOOK = ROOT / "book"
PAGES = sorted(BOOK.glob("*.md"))
CHAPTERS = sorted(BOOK.glob("[0-9][0-9]_*.md"))
IDS = {"ids": lambda path: path.name}

# --- the build ---

TOC = "format: jb-book\nroot: book/index\nchapters:\n  - file: book/chapter\n"
HEAD = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# A chapter

As in {cite:t}`IS15`, $\\xhat$ has mean 0.

```{code-cell} ipython3
print("the sum is", 20 + 22)
```
"""
RAISES = '\n```{code-cell} ipython3\nraise ValueError("this cell must fail the build")\n```\n'
END = "\n```{bibliography}\n:style: plain\n```\n"


def tiny_book(folder, chapter):
    """Write a book of one chapter, with the project's own settings, styles and extensions."""
    chapters = shutil.ignore_patterns("*.md", "__pycache__")
    shutil.copytree(BOOK, folder / "book", ignore=chapters)
    shutil.copy(ROOT / "_config.yml", folder)
    (folder / "_toc.yml").write_text(TOC, encoding="utf-8")
    (folder / "book" / "index.md").write_text("# A book\n\nOf one chapter.\n", encoding="utf-8")
    (folder / "book" / "chapter.md").write_text(chapter, encoding="utf-8")
    return folder


def build(folder):
    """Build a book with the words that `make book` uses."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    words = re.search(r"\$\(BIN\)/jupyter-book (build .*)", makefile).group(1)
    bin = Path(sys.executable).parent
    env = os.environ | {"PATH": os.pathsep.join([str(bin), os.environ["PATH"]])}
    command = [str(bin / "jupyter-book"), *shlex.split(words)]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


def page(folder):
    return folder / "_build" / "html" / "book" / "chapter.html"


def test_a_chapter_that_runs_is_built(tmp_path):
    folder = tiny_book(tmp_path, HEAD + END)
    done = build(folder)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert (folder / "_build" / "html" / "index.html").exists()
    assert "the sum is 42" in page(folder).read_text(encoding="utf-8")


def test_a_cell_that_raises_fails_the_build(tmp_path):
    """The first time, and again with what the first build left behind."""
    folder = tiny_book(tmp_path, HEAD + RAISES + END)
    for _ in range(2):
        done = build(folder)
        assert done.returncode != 0
        assert "this cell must fail the build" in done.stdout + done.stderr
        assert "chapter.md" in done.stdout + done.stderr


# --- figures ---

DRAWS = re.compile(
    r"^[^#\n]*\b(plt\.(subplots|figure|show|plot)|figures\.(panels|grid))\(", re.MULTILINE
)


def cells(text):
    """Return the code cells of a page: options and code of each."""
    found = []
    for body in re.findall(r"^```\{code-cell\}[^\n]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        options = re.match(r"---\n(.*?)^---\n", body, re.DOTALL | re.MULTILINE)
        options_text = options.group(1) if options else ""
        found.append((yaml.safe_load(options_text) or {}, body[options.end() if options else 0 :]))
    return found


def draws(code):
    """Say whether a cell draws, and does not only define what draws."""
    top = re.sub(r"^def .*?(?=^\S|\Z)", "", code, flags=re.DOTALL | re.MULTILINE)
    return bool(DRAWS.search(top))


@pytest.mark.parametrize("path", CHAPTERS, **IDS)
def test_every_figure_has_alt_text_caption_and_name(path):
    text = path.read_text(encoding="utf-8")
    for options, code in cells(text):
        if draws(code):
            render = options.get("mystnb", {})
            figure, alt = render.get("figure", {}), render.get("image", {}).get("alt", "")
            assert len(alt.split()) >= 8, code
            assert len(figure.get("caption", "").split()) >= 5, code
            assert figure.get("name", "").startswith("fig-"), code
    for line in re.findall(r"!\[[^\]]*\]\([^)]*\)", text):
        assert len(line.partition("]")[0].split()) >= 5, f"{line} has no alt text"
    for body in re.findall(r"^:::+\{(?:figure|image)\}.*?^:::+$", text, re.DOTALL | re.MULTILINE):
        assert re.search(r"^:alt: \w", body, re.MULTILINE), body


def test_the_pages_have_figures():
    """The rule above is no use on cells that this file does not take for figures."""
    count = sum(
        draws(code) for path in CHAPTERS for _, code in cells(path.read_text(encoding="utf-8"))
    )
    assert count >= 2 * len(CHAPTERS) > 0


@pytest.mark.parametrize(
    "value, text",
    [(1, "1"), (3000, "3000"), (0.001, "0.001"), (1e-4, "1e-4"), (1.5e6, "1.5e6")],
)
def test_numbers_on_logarithmic_axes_have_no_small_exponents(value, text):
    assert figures.number(value) == text


def test_names_of_figures_are_unique():
    names = [
        options["mystnb"]["figure"]["name"]
        for path in CHAPTERS
        for options, _ in cells(path.read_text(encoding="utf-8"))
        if "figure" in options.get("mystnb", {})
    ]
    assert len(set(names)) == len(names)


# --- citations ---


def entries():
    """Return the bibliography: a list of each entry's key and text."""
    text = (BOOK / "references.bib").read_text(encoding="utf-8")
    return re.findall(r"^@\w+\{([^,\s]+),\n(.*?)^\}", text, re.DOTALL | re.MULTILINE)


def test_every_entry_is_there_once_and_can_be_looked_up():
    keys = [key for key, _ in entries()]
    assert len(set(keys)) == len(keys) > 0
    text = (BOOK / "references.bib").read_text(encoding="utf-8")
    assert len(keys) == len(re.findall(r"^@", text, re.MULTILINE))
    for key, body in entries():
        doi = re.search(r"^\s*doi = \{10\.\d{4,}/\S+\}", body, re.MULTILINE)
        eprint = re.search(r"^\s*eprint = \{(\d{4}\.\d{4,5}|[a-z-]+/\d{7})\}", body, re.MULTILINE)
        assert doi or eprint, f"{key} has neither a doi nor an eprint"


@pytest.mark.parametrize("path", PAGES, **IDS)
def test_every_citation_is_in_the_bibliography(path):
    known = {key for key, _ in entries()}
    found = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", path.read_text(encoding="utf-8"))
    cited = {key.strip() for keys in found for key in keys.split(",")}
    assert cited <= known


def test_chapters_cite():
    assert any("{cite" in path.read_text(encoding="utf-8") for path in CHAPTERS)


@pytest.mark.parametrize("path", [path for path in CHAPTERS if path.name >= "10"], **IDS)
def test_a_page_on_pytorch_says_where_its_tensors_are(path):
    code = "".join(code for _, code in cells(path.read_text(encoding="utf-8")))
    assert "import torch" not in code or 'are on:", torch.zeros(1).device)' in code


# --- nothing from elsewhere ---

LOADS = (
    r"<(script|img|iframe|source|video|audio|embed|object|link)\b[^>]*\b(src|href|data)\s*=\s*[\"']?"
    r"\s*(https?:)?//",
    r"!\[[^\]]*\]\(\s*(https?:)?//",
    r"\{(figure|image|iframe)\}\s*(https?:)?//",
    r"@import\s+(url\()?[\"']?\s*(https?:)?//",
    r"url\(\s*[\"']?\s*(https?:)?//",
    r"\b(fetch|importScripts|import)\(\s*[\"'](https?:)?//",
    r"\bfrom\s+[\"'](https?:)?//",
)
STYLES = sorted(
    path for ending in ("css", "js", "html", "svg") for path in BOOK.glob(f"_[st]*/**/*.{ending}")
)


def loads(text):
    return [match.group() for rule in LOADS for match in re.finditer(rule, text, re.IGNORECASE)]


@pytest.mark.parametrize("path", PAGES + STYLES, **IDS)
def test_no_page_loads_anything_from_elsewhere(path):
    assert loads(path.read_text(encoding="utf-8")) == []


def test_what_loads_is_seen():
    for line in (
        '<script async src="https://cdn.example/a.js">',
        "<img alt='a' src=//example.org/a.png>",
        "![a plot](https://example.org/a.png)",
        ":::{figure} http://example.org/a.png",
        "@import 'https://example.org/a.css';",
        "background: url(https://example.org/a.png)",
        "import x from 'https://example.org/a.js'",
        '<link rel="stylesheet" href="https://example.org/a.css">',
    ):
        assert loads(line), line
    assert loads("[a page](https://example.org) and <a href='https://example.org'>one</a>") == []
