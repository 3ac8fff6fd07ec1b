"""Python in the page: the tagged cells of the chapters, natively and in a reader's browser.

In the browser the site is a copy of the built one, completed here. Where the browser's Python
cannot be had offline (no build/pyodide, and BROWSER_WHEELS not set) those tests are skipped.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import jupytext
import psutil
import pytest
from browser import served
from bs4 import BeautifulSoup
from conftest import ROOT
from test_site import FAULTS, PHONE, browser, site  # noqa: F401

sys.path.insert(0, str(ROOT / "book" / "browser"))
import fetch  # noqa: E402
import python_in_page  # noqa: E402

CHAPTERS = sorted(path.stem for path in (ROOT / "book").glob("0[1-9]_*.md"))
PAGE = "02_statistics"  # where the buttons are tried
PATIENCE = 120  # seconds: a browser that shares two cores with other tests is slow
FIRST, LATER = 8, 0.2  # seconds that a reader waits on 2 cores with nothing else to do

# Runs pages of cells, as JSON has them, with NumPy and the standard library only.
DRIVER = """
import importlib.abc, json, sys
import numpy
import cells

class Nothing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top != "numpy" and top not in sys.stdlib_module_names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Nothing())
results = []
for sources in json.load(sys.stdin):
    numpy.set_printoptions(precision=8, suppress=False)
    page, outputs = cells.Page(), []
    for source in sources:
        number, pieces = sources.index(source) + 1, []
        ok = page.run(number, source, lambda kind, text: pieces.append(text))
        outputs.append([ok, "".join(pieces)])
    results.append(outputs)
json.dump(results, sys.stdout)
"""


def run_natively(*pages: list[str]) -> list[list[tuple[bool, str]]]:
    """Run pages of cells; say of each cell whether it ended well, and what it gave."""
    words = [sys.executable, "-c", DRIVER]
    options = {"cwd": ROOT / "book" / "browser", "capture_output": True, "text": True}
    done = subprocess.run(words, input=json.dumps(pages), **options)
    assert done.returncode == 0, done.stderr
    return [[(ok, text) for ok, text in page] for page in json.loads(done.stdout)]


def tagged(chapter: str) -> list[str]:
    """List the code of a chapter's tagged cells."""
    notebook = jupytext.read(ROOT / "book" / f"{chapter}.md")
    return [c.source for c in notebook.cells if "run" in c.metadata.get("tags", [])]


# --- natively ---


def test_the_tagged_cells_of_each_chapter_need_numpy_only():
    pages = [tagged(chapter) for chapter in CHAPTERS]
    for chapter, page, results in zip(CHAPTERS, pages, run_natively(*pages), strict=True):
        assert len(page) >= 4, chapter
        for source, (ok, text) in zip(page, results, strict=True):
            assert ok, f"{chapter}:\n{source}\n{text}"


def test_the_tagged_cells_give_what_the_book_shows(site):  # noqa: F811
    pages, shown = [], []
    for chapter in CHAPTERS:
        soup = BeautifulSoup((site / "book" / f"{chapter}.html").read_bytes(), "html.parser")
        cells = soup.select(".cell.tag_run")
        pages.append([cell.select_one(".cell_input pre").get_text() for cell in cells])
        shown.append(
            ["".join(o.get_text() for o in cell.select(".cell_output pre")) for cell in cells]
        )
        assert [code.strip() for code in pages[-1]] == [c.strip() for c in tagged(chapter)]
    for chapter, results, texts in zip(CHAPTERS, run_natively(*pages), shown, strict=True):
        for number, ((_, found), text) in enumerate(zip(results, texts, strict=True), 1):
            assert found.strip() == text.strip(), f"{chapter}, cell {number}"
    assert any(text for texts in shown for text in texts)


def one(*sources: str) -> tuple[bool, str]:
    """Run cells as one page and return what the last gave."""
    return run_natively(list(sources))[0][-1]


@pytest.mark.parametrize(
    "source, expected",
    [
        ("print(1)\n2 + 3", "1\n5\n"),
        ("2 + 3;", ""),
        ("2 + 3  # why;", "5\n"),
        ("x = 2 + 3", ""),
        ("None", ""),
        ("", ""),
        ("import sys\nprint('a', file=sys.stderr)\nprint('b')", "a\nb\n"),
    ],
)
def test_a_cell_gives_what_a_notebook_gives(source, expected):
    assert one(source) == (True, expected)


def test_an_error_shows_the_readers_own_lines():
    define = "import numpy as np\n\ndef f(x):\n    return np.ones(3) @ x\n"
    ok, text = one(define, "y = 1\nf(np.ones(4))")
    assert not ok
    lines = text.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1:3] == ["  Cell 2, line 2, in <module>", "    f(np.ones(4))"]
    assert "  Cell 1, line 4, in f" in lines and "    return np.ones(3) @ x" in lines
    assert lines[-1].startswith("ValueError: matmul")
    assert "File" not in text and ".py" not in text


@pytest.mark.parametrize(
    "source, first, last",
    [
        ("x = 1\nx = (2,\n", "  Cell 1, line 2", "SyntaxError: '(' was never closed"),
        ("  x = 1", "  Cell 1, line 1", "IndentationError: unexpected indent"),
        ("raise SystemExit", "Traceback (most recent call last):", "SystemExit"),
        ("import torch", "Traceback (most recent call last):", "The page has NumPy and"),
    ],
)
def test_other_ways_to_fail(source, first, last):
    ok, text = one(source)
    assert not ok
    assert text.splitlines()[0] == first and text.splitlines()[-1].startswith(last)


def test_a_warning_comes_each_time():
    source = "import warnings\nwarnings.warn('careful')"
    for ok, text in run_natively([source, source])[0]:
        assert ok and text.startswith("cell 1:2: UserWarning: careful\n")


# --- the files ---


def a_site(folder: Path) -> Path:
    """Make two pages, one with a cell to run, as Sphinx writes them."""
    (folder / "book").mkdir()
    cell = '<div class="cell tag_run docutils container"><div class="cell_input"></div></div>'
    (folder / "book" / "a.html").write_text(f"<html><head></head><body>{cell}</body></html>")
    plain = cell.replace("tag_run", "tag_hide-input")
    (folder / "index.html").write_text(f"<html><head></head><body>{plain}</body></html>")
    return folder


def a_python(folder: Path) -> Path:
    """Make a folder with small files in place of the browser's Python."""
    folder.mkdir()
    for name in (*fetch.CORE, "numpy.whl", "made.json"):
        (folder / name).write_text(name)
    return folder


def test_only_pages_with_cells_to_run_get_the_script(tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "TARGET", a_python(tmp_path / "python"))
    monkeypatch.setattr(fetch, "fetch", lambda: "a Python")
    (tmp_path / "html").mkdir()
    html = a_site(tmp_path / "html")
    before = (html / "index.html").read_bytes(), (html / "book" / "a.html").read_bytes()

    assert python_in_page.add_to(html) == "Python in 1 pages: a Python"
    page = (html / "book" / "a.html").read_text()
    assert page.count('<script defer src="../_python/run_cells.js?v=') == 1
    assert page.count('<link rel="stylesheet" href="../_python/run_cells.css?v=') == 1
    assert (html / "index.html").read_bytes() == before[0]
    assert (html / "_python" / "numpy.whl").read_text() == "numpy.whl"

    times = {path: path.stat().st_mtime_ns for path in html.rglob("*")}
    python_in_page.add_to(html)
    assert times == {path: path.stat().st_mtime_ns for path in html.rglob("*")}

    def nothing():
        raise fetch.Missing("the network is gone")

    monkeypatch.setattr(fetch, "fetch", nothing)
    assert python_in_page.add_to(html) == "No Python in the pages: the network is gone"
    assert (html / "book" / "a.html").read_bytes() == before[1]
    assert not (html / "_python").exists()


def core(folder: Path) -> Path:
    """Make a folder as it is before NumPy comes."""
    folder.mkdir()
    numpy = {"file_name": "numpy.whl", "version": "2", "sha256": "0" * 64}
    lock = {"info": {}, "packages": {"numpy": numpy, "scipy": {}}}
    (folder / fetch.LOCK).write_text(json.dumps(lock))
    return folder


def test_numpy_comes_from_the_folder_of_wheels(tmp_path):
    (tmp_path / "wheels").mkdir()
    with pytest.raises(fetch.Missing, match="wheels has no numpy.whl"):
        fetch.add_numpy(core(tmp_path / "first"), tmp_path / "wheels")
    (tmp_path / "wheels" / "numpy.whl").write_bytes(b"a wheel")
    new = core(tmp_path / "new")
    fetch.add_numpy(new, tmp_path / "wheels")
    lock = json.loads((new / fetch.LOCK).read_text())
    assert list(lock["packages"]) == ["numpy"]
    assert lock["packages"]["numpy"]["sha256"] == fetch.sha256_of(new / "numpy.whl")

    assert fetch.read_made(new)["wheel"] == fetch.sha256_of(new / "numpy.whl")
    (new / "numpy.whl").write_bytes(b"half")
    assert fetch.read_made(new) is None


def test_a_wheel_with_another_sha256_is_refused(tmp_path, monkeypatch):
    asked = []

    def answer(address, timeout):
        asked.append(address)
        return (tmp_path / "wheel").open("rb")

    (tmp_path / "wheel").write_bytes(b"a wheel")
    (tmp_path / "pyodide.mjs").write_text("a(`https://host/pyodide/v${U}/full/`)")
    monkeypatch.setattr(fetch.urllib.request, "urlopen", answer)
    right = fetch.sha256_of(tmp_path / "wheel")
    assert fetch.download_wheel(tmp_path, "numpy.whl", right) == b"a wheel"
    assert asked == [f"https://host/pyodide/v{fetch.VERSION}/full/numpy.whl"]
    with pytest.raises(fetch.Missing, match="another sha256"):
        fetch.download_wheel(tmp_path, "numpy.whl", "0" * 64)


# --- in the browser ---


@pytest.fixture(scope="module")
def folder(browser, site, tmp_path_factory):  # noqa: F811
    """A copy of the site, with Python."""
    if "BROWSER_WHEELS" not in os.environ and fetch.read_made(fetch.TARGET) is None:
        pytest.skip("no Python for the browser: BROWSER_WHEELS is not set, no build/pyodide")
    copy = tmp_path_factory.mktemp("run") / "html"
    others = shutil.ignore_patterns("_python", "lite", "sw.js", "_sources", "_downloads")
    shutil.copytree(site, copy, ignore=others)
    line = python_in_page.add_to(copy)
    if line.startswith("No "):
        pytest.skip(line)
    return copy


@pytest.fixture(scope="module")
def base(folder):
    with served(folder) as address:
        yield address


class Cells:
    """The cells of a page that is open in the browser, counted from 1 as the reader does."""

    def __init__(self, browser):  # noqa: F811
        self.browser = browser
        self.count = browser.run(
            "(window.cells = [...document.querySelectorAll('.tag_run')]).length"
        )

    def get(self, number, code):
        """Evaluate an expression in which `cell` is the cell's element."""
        return self.browser.run(f"((cell) => {code})(cells[{number - 1}])")

    def press(self, number, name):
        self.get(
            number,
            f"""[...cell.querySelectorAll("button")].find((b) => b.textContent === {name!r})
                .dispatchEvent(new MouseEvent("click"))""",
        )

    def buttons(self, number):
        """List the buttons that are to be seen."""
        code = """[...cell.querySelectorAll(".run-bar button")].filter((b) => b.checkVisibility())
            .map((b) => b.textContent)"""
        return self.get(number, code)

    def state(self, number):
        return self.get(number, 'cell.querySelector(".run-state").textContent')

    def wait(self, number, pattern):
        """Wait until the line beside the buttons matches; return it."""
        end = time.monotonic() + PATIENCE
        while not re.search(pattern, text := self.state(number)):
            assert time.monotonic() < end, f"cell {number} still says {text!r}"
            time.sleep(0.02)
        return text

    def run(self, number, pattern="^(Ran|Ended|Not run)"):
        """Press Run; return what the line says in the end, and the seconds it took."""
        self.get(
            number,
            """{
              const state = cell.querySelector(".run-state"), start = performance.now();
              state.textContent = "";
              new MutationObserver(() => { cell.dataset.time = performance.now() - start; })
                .observe(state, { childList: true });
            }""",
        )
        self.press(number, "Run")
        text = self.wait(number, pattern)
        return text, float(self.get(number, "cell.dataset.time")) / 1000

    def write(self, number, code):
        """Put code into a cell as a reader does."""
        if "Edit" in self.buttons(number):
            self.press(number, "Edit")
        self.get(
            number,
            f"""{{
              const field = cell.querySelector("textarea");
              field.focus(); field.select();
              document.execCommand("insertText", false, {json.dumps(code)});
            }}""",
        )

    def key(self, name, modifiers=0):
        for kind in ("rawKeyDown", "keyUp"):
            self.browser.call(
                "Input.dispatchKeyEvent", type=kind, key=name, code=name, modifiers=modifiers
            )

    def output(self, number):
        """The reader's own output; None where the cell shows none."""
        code = """cell.querySelector(".run-output").checkVisibility()
            ? (cell.querySelector(".run-output pre")?.textContent ?? "") : null"""
        return self.get(number, code)

    def book(self, number):
        """What the book shows below the cell, whether it is in sight or not."""
        code = (
            """[...cell.querySelectorAll(".cell_output pre")].map((e) => e.textContent).join("")"""
        )
        return self.get(number, code)

    def book_is_shown(self, number):
        return self.get(number, 'cell.querySelector(".cell_output").checkVisibility()')


def used() -> float:
    """Return the seconds of processor time that the browsers of this process have used."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it has just ended
            times = process.cpu_times()
            total += times.user + times.system
    return total


def open_page(browser, base, chapter=PAGE, **options) -> Cells:  # noqa: F811
    """Open a chapter in a browser that keeps nothing of earlier visits."""
    browser.open(f"{base}/book/index.html")
    browser.run("localStorage.clear()")
    browser.open(f"{base}/book/{chapter}.html", **options)
    return Cells(browser)


@pytest.fixture
def cells(browser, base):  # noqa: F811
    """The page as a reader first sees it; where the last test left it open, Python is there."""
    if browser.run("location.href") == f"{base}/book/{PAGE}.html":
        page = Cells(browser)
        for number in range(1, page.count + 1):
            for name in ("Stop", "Reset"):
                if name in page.buttons(number):
                    page.press(number, name)
    else:
        page = open_page(browser, base)
    yield page
    assert browser.visit.errors == []
    others = [r for r in browser.visit.requests if not r.startswith((base + "/", "data:"))]
    assert others == []


def test_the_first_result_comes_soon_and_is_the_books(browser, base, capsys):  # noqa: F811
    cells = open_page(browser, base)
    assert [r for r in browser.visit.requests if re.search(r"pyodide|worker|wasm", r)] == []
    assert cells.buttons(3) == ["Run", "Edit"]
    before = used()
    text, first = cells.run(3)
    work = used() - before
    assert re.fullmatch(r"Ran in .* m?s\. Ran the cells above first\.", text)
    assert cells.output(3).strip() == cells.book(3).strip() != ""
    assert not cells.book_is_shown(3)
    assert "Your output" in cells.get(3, "cell.textContent")
    assert cells.buttons(3) == ["Run", "Edit", "Reset"]
    later = min(cells.run(3)[1] for _ in range(9))
    words = f"first result {first:.1f} s ({work:.1f} s of work), later {1000 * later:.0f} ms"
    with capsys.disabled():
        print(f"\n[{words}] ", end="")
    # Other tests may have most of the two cores, so the work counts and not the time.
    assert work < 2 * FIRST
    assert later < 2 * LATER


@pytest.mark.parametrize(
    "chapter",
    [c if c[:2] in ("04", "05") else pytest.param(c, marks=pytest.mark.full) for c in CHAPTERS],
)
def test_every_cell_gives_in_the_browser_what_the_book_shows(browser, base, chapter):  # noqa: F811
    page = open_page(browser, base, chapter)
    for number in range(1, page.count + 1):
        text, _ = page.run(number)
        assert text.startswith("Ran"), (number, text, page.output(number))
        assert (page.output(number) or "").strip() == page.book(number).strip()
    assert browser.visit.errors == []


def test_an_edit_changes_the_output_and_is_kept_until_reset(cells, browser, base):  # noqa: F811
    book, original = cells.book(3), cells.get(3, 'cell.querySelector("pre").textContent')
    cells.write(3, original.replace("sum(axis=0) / M", "sum(axis=1) / M"))
    cells.run(3)
    changed = cells.output(3)
    assert changed.startswith("(4,)") and changed.strip() != book.strip()

    browser.open(f"{base}/book/{PAGE}.html")  # another day
    again = Cells(browser)
    assert "sum(axis=1)" in again.get(3, 'cell.querySelector("textarea").value')
    assert again.state(3).startswith("Your code") and again.output(3) is None
    again.run(3)
    assert again.output(3) == changed
    again.press(3, "Reset")
    assert again.output(3) is None and again.book_is_shown(3)
    assert again.get(3, 'cell.querySelector("textarea") === null')
    assert again.get(3, 'cell.querySelector("pre").checkVisibility()')
    again.run(3)
    assert again.output(3).strip() == book.strip()
    assert "axis=1" not in browser.run("JSON.stringify(localStorage)")


def test_an_edit_goes_when_the_book_has_changed(cells, browser, base, folder):  # noqa: F811
    cells.write(3, "M = N + 1")
    cells.write(4, "print('kept')")
    old = (folder / "book" / f"{PAGE}.html").read_text(encoding="utf-8")
    line = '<span class="n">M</span> <span class="o">=</span> <span class="n">N</span>'
    assert old.count(line + "\n") == 1
    new = old.replace(line, line + '  <span class="c1"># so far</span>')
    (folder / "book" / "changed.html").write_text(new, encoding="utf-8")
    browser.open(f"{base}/book/changed.html")
    again = Cells(browser)
    assert again.get(3, 'cell.querySelector("textarea") === null')
    assert again.get(4, 'cell.querySelector("textarea").value') == "print('kept')"


def test_a_change_above_reaches_the_cells_below(cells):
    """As a notebook from the top: what has changed, and what comes after it, runs first."""
    cells.run(4)
    before = cells.output(4)
    cells.write(2, "x = np.array([[0.0], [4.0]])\nN, D = x.shape")
    cells.run(4)
    assert cells.output(4) != before
    assert "[-2.]" in cells.output(4) and "[2." in cells.output(4).replace(" ", "")
    assert cells.output(3).strip() == "(1,) [2.]"


def test_an_error_is_shown_and_stops_what_needs_it(cells):
    cells.write(2, "x = np.ones(4)\nN, D = x.shape")
    text, _ = cells.run(3)
    assert text == "Not run: cell 2, above, ended with an error."
    error = cells.output(2)
    assert "Cell 2, line 2, in <module>\n    N, D = x.shape" in error
    assert error.strip().endswith("ValueError: not enough values to unpack (expected 2, got 1)")
    assert not re.search(r"pyodide|\.py|File", error)
    assert cells.output(3) is None and cells.book_is_shown(3)


def test_an_endless_loop_can_be_stopped(cells, browser):  # noqa: F811
    browser.run(
        """{
          const end = Worker.prototype.terminate;
          window.ended = 0;
          Worker.prototype.terminate = function () { window.ended += 1; end.call(this); };
        }"""
    )
    cells.write(2, "while True:\n    print('again and again')\n")
    cells.press(2, "Run")
    end = time.monotonic() + PATIENCE
    while "again" not in (cells.output(2) or "") or "Stop" not in cells.buttons(2):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert "Run" not in cells.buttons(2)
    cells.press(3, "Run")
    assert cells.state(3) == "Cell 2 is still running."
    cells.press(2, "Stop")
    assert "names of all cells are gone" in cells.wait(2, "Stopped")
    assert cells.buttons(2) == ["Run", "Reset"]
    assert browser.run("window.ended") == 1  # nothing goes on unseen
    cells.press(2, "Reset")
    cells.run(3)
    assert cells.output(3).strip() == cells.book(3).strip()


def test_much_output_is_cut(cells):
    cells.write(
        3, "for i in range(20_000):\n    print('again and again')\nraise ValueError('seen')\n"
    )
    cells.run(3)
    assert len(cells.output(3)) < 60_000
    assert "left out" in cells.output(3) and "ValueError: seen" in cells.output(3)


def test_the_keyboard_is_enough(cells, browser):  # noqa: F811
    cells.press(3, "Edit")
    assert browser.run("document.activeElement.localName") == "textarea"
    assert "Ctrl+Enter" in cells.state(3)
    cells.write(3, "")
    for letters, after in (("if True:", "Enter"), ("print(6)", "Enter"), ("", "Backspace")):
        browser.call("Input.insertText", text=letters)
        cells.key(after)
    browser.call("Input.insertText", text="print(7)")
    field = 'cell.querySelector("textarea").value'
    assert cells.get(3, field) == "if True:\n    print(6)\nprint(7)"
    cells.key("Enter", modifiers=2)  # with Control
    cells.wait(3, "^Ran")
    assert cells.output(3) == "6\n7\n"
    cells.key("Tab")
    assert browser.run("document.activeElement.textContent") == "Run"


def test_nothing_is_asked_of_another_host(cells):
    """Not even from the worker, whose requests the page does not see."""
    cells.write(
        3, "from js import performance\nfor e in performance.getEntries():\n    print(e.name)"
    )
    cells.run(3)
    asked = [line for line in cells.output(3).splitlines() if line.startswith("http")]
    own = cells.browser.run("location.origin")
    assert any(line.endswith(".wasm") for line in asked)
    assert [line for line in asked if not line.startswith(own + "/_python/")] == []


def test_cells_fit_on_a_phone_in_the_dark(browser, base):  # noqa: F811
    page = open_page(browser, base, width=PHONE, dark=True)
    page.write(3, f"# {'a long line ' * 20}\nx = 'abcdefghij' * 20\nprint(x)\nraise ValueError(x)")
    page.run(3)
    assert browser.run(FAULTS)["wide"] == []


def test_without_a_server_or_without_python_nothing_changes(browser, base, site, tmp_path):  # noqa: F811
    names = "document.querySelectorAll('.run-bar, .run-ready').length"
    copy = tmp_path / "html"
    shutil.copytree(site, copy, ignore=shutil.ignore_patterns("_python", "lite", "sw.js"))
    python_in_page.add_to(copy)
    visit = browser.open(f"file://{copy}/book/{PAGE}.html")
    assert any("run_cells.js" in r for r in visit.requests)
    assert browser.run(names) == 0
    python_in_page.tag_pages(copy, "")
    shutil.rmtree(copy / "_python")
    with served(copy) as address:
        visit = browser.open(f"{address}/book/{PAGE}.html")
        assert browser.run(names) == 0 and visit.errors == []
