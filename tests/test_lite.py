"""The exercises in the browser, in a real one that reaches no other host: solved, kept, graded.

Without Chromium, or without Python for the browser ($BROWSER_WHEELS, or what build/ has), these
tests are skipped.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
import zipfile
from html import unescape

import browser as chrome
import nbformat
import pytest
from conftest import ROOT
from test_grade import Course
from test_release import secrets_of
from test_site import DESK, PHONE, browser, site  # noqa: F401
from test_student import put_in_solution

from autograder.checks import EXERCISES, exercise

sys.path[:0] = [str(ROOT / "book"), str(ROOT / "book" / "browser"), str(ROOT / "book" / "_ext")]
import exercise_pages  # noqa: E402
import fetch  # noqa: E402
import lite  # noqa: E402
import python_in_page  # noqa: E402
import serve  # noqa: E402
import zipped  # noqa: E402

NUMPY = [name for name in EXERCISES if exercise(name).packages == ("numpy",)]
QUICK = "ex02_forward"
LONG = 180  # seconds for a notebook on a machine with other work
# No name but that of this machine leads anywhere.
ALONE = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>An exercise</title>
<link rel="icon" href="../../_static/favicon.svg">
<script defer src="../../_static/exercises.js"></script></head><body>{tick}{block}</body></html>"""


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """A site with nothing but the exercises in the browser, and a page for two of them."""
    if chrome.find_chromium() is None:
        pytest.skip("no Chromium is installed")
    if "BROWSER_WHEELS" not in os.environ and fetch.read_made(fetch.TARGET) is None:
        pytest.skip("no Python for the browser: BROWSER_WHEELS is not set")
    place = tmp_path_factory.mktemp("site")
    for name in (QUICK, "ex08_module"):
        path = place / "book" / "exercises" / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        block = lite.block(name, there=False)
        path.write_text(PAGE.format(tick=exercise_pages.tick(name), block=block))
    (place / "_static").mkdir()
    for file in ("exercises.js", "favicon.svg"):
        shutil.copy(ROOT / "book" / "_static" / file, place / "_static")
    said = [part.add_to(place) for part in (python_in_page, lite)]
    if not (place / "lite").is_dir():
        pytest.skip("; ".join(said))
    return place


@pytest.fixture(scope="module")
def base(html):
    with chrome.served(html) as address:
        yield address


@pytest.fixture
def sent(monkeypatch):
    """The bytes that the server sends, one number for each file."""
    sizes = []
    usual = serve.Handler.send_header

    def send_header(self, keyword, value):
        if keyword == "Content-Length":
            sizes.append(int(value))
        usual(self, keyword, value)

    monkeypatch.setattr(serve.Handler, "send_header", send_header)
    return sizes


@pytest.fixture
def page(monkeypatch, tmp_path):
    monkeypatch.setattr(chrome, "FLAGS", chrome.FLAGS + ALONE)
    with chrome.chromium(chrome.find_chromium(), workers=True) as tab:
        place = str(tmp_path / "downloads")
        tab.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=place)
        yield tab


def wait(page, what, seconds=LONG):
    """Wait until an expression of JavaScript is true in the page, and return its value."""
    end = time.monotonic() + seconds
    while not (value := page.run(what)):
        assert time.monotonic() < end, what
        time.sleep(0.2)
    return value


def open_notebook(page, base, name, width=DESK):
    """Open an exercise's notebook, and wait for its Python."""
    page.open(f"{base}/lite/notebooks/index.html?path={name}/{name}.ipynb", width)
    ready = "w => w?.context?.isReady && w.sessionContext?.session?.kernel"
    wait(page, f"!!({ready})(window.jupyterapp?.shell?.currentWidget)")


def run_cells(page):
    """Run each cell of the notebook, as with its button; return the notebook with its outputs."""
    page.run(
        """(window.ran = null, (async () => {
          const { content } = jupyterapp.shell.currentWidget;
          for (let i = 0; i < content.widgets.length; i++) {
            content.deselectAll();
            content.activeCellIndex = i;
            await jupyterapp.commands.execute("notebook:run-cell");
          }
          window.ran = content.model.toJSON();
        })().catch((error) => { window.ran = { failed: String(error) }; }), 0)"""
    )
    found = wait(page, "window.ran")
    assert "failed" not in found, found
    return nbformat.from_dict(found)


def write_solution(page, name):
    """Put the reference solution into the open notebook, cell by cell."""
    notebook = nbformat.read(ROOT / "exercises" / name / f"{name}.ipynb", as_version=4)
    before = {cell.id: cell.source for cell in notebook.cells}
    put_in_solution(notebook, name)
    solved = {cell.id: cell.source for cell in notebook.cells if cell.source != before[cell.id]}
    assert solved
    count = page.run(
        f"""(() => {{
          const solved = {json.dumps(solved)};
          const {{ content }} = jupyterapp.shell.currentWidget;
          const cells = content.widgets.filter((cell) => cell.model.id in solved);
          cells.forEach((cell) => cell.model.sharedModel.setSource(solved[cell.model.id]));
          return cells.length;
        }})()"""
    )
    assert count == len(solved)


def said_by_checks(notebook):
    """Return what each graded cell shows, by the id of its check."""
    found = {}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            texts = [output.get("text") or output.get("evalue") or "" for output in cell.outputs]
            found[cell.metadata.nbgrader.grade_id] = "".join("".join(text) for text in texts)
    return found


def passed(name):
    """Return what the checks of an exercise show when all is right."""
    return {
        check.id: f"{check.id}: passed ({check.points} point{'s' * (check.points > 1)})\n"
        for check in exercise(name).checks
    }


def saved(page, needle):
    """Wait until the notebook as the browser keeps it has a text in it."""
    wait(page, "!jupyterapp.shell.currentWidget.context.model.dirty", 30)
    text = page.run("JSON.stringify(jupyterapp.shell.currentWidget.context.model.toJSON())")
    assert needle in text
    # No dialog stops who goes away while something of no weight is being saved.
    quiet = "(leaving) => leaving.stopImmediatePropagation()"
    page.run(f"window.addEventListener('beforeunload', {quiet}, true)")


def downloaded(folder, seconds=20):
    """Wait for one file in a folder, take it out and return its path elsewhere."""
    end = time.monotonic() + seconds
    while not (found := [p for p in folder.glob("*") if p.suffix != ".crdownload"]):
        assert time.monotonic() < end, "nothing was downloaded"
        time.sleep(0.1)
    (path,) = found
    return path.rename(folder.parent / f"{time.monotonic_ns()}_{path.name}")


@pytest.mark.full
@pytest.mark.parametrize("name", NUMPY)
def test_right_code_passes_every_check_there_and_a_blank_none(page, base, name):
    open_notebook(page, base, name)
    blank = said_by_checks(run_cells(page))
    assert list(blank) == [check.id for check in exercise(name).checks]
    assert [text for text in blank.values() if "Not yet (0 of " not in text] == []
    write_solution(page, name)
    assert said_by_checks(run_cells(page)) == passed(name)
    assert page.visit.errors == []


def test_a_student_solves_keeps_downloads_and_resets(page, base, html, sent, checkout, tmp_path):
    """One student's day with one exercise, in one browser that is never closed."""
    name = QUICK
    exercise_page = f"{base}/book/exercises/{name}.html"
    visit = page.open(exercise_page)
    assert page.run("document.querySelector('.exercise-buttons').hidden")
    address = page.run("document.querySelector('.open-exercise').href")
    assert address == f"{base}/lite/notebooks/index.html?path={name}/{name}.ipynb"
    assert page.run("indexedDB.databases()") == visit.errors == []

    # Blank, every check fails with its own message. That much was loaded for it, from here alone.
    sent.clear()
    open_notebook(page, base, name)
    shown = said_by_checks(run_cells(page))
    assert list(shown) == [check.id for check in exercise(name).checks]
    for check in exercise(name).checks:
        assert shown[check.id].startswith(f"{check.id}: {check.question} Not yet (0 of ")
    assert 0.8 * lite.MEGABYTES < sum(sent) / 1e6 < 1.1 * lite.MEGABYTES

    # Solved, every one passes; what was written is kept by itself, and is there after a reload.
    write_solution(page, name)
    assert said_by_checks(run_cells(page)) == passed(name)
    mark = "x - x.mean(axis=0)  # typed by a student"
    page.run(
        "(() => { const { content } = jupyterapp.shell.currentWidget;"
        " content.activeCellIndex = 1; content.mode = 'edit'; })()"
    )
    page.run("jupyterapp.commands.execute('notebook:insert-cell-below').then(() => 0)")
    page.run("jupyterapp.commands.execute('notebook:enter-edit-mode').then(() => 0)")
    page.call("Input.insertText", text=mark)
    saved(page, mark)
    errors = page.visit.errors
    assert errors == []
    open_notebook(page, base, name)
    text = page.run("JSON.stringify(jupyterapp.shell.currentWidget.context.model.toJSON())")
    assert mark in text and "raise NotImplementedError" not in text
    assert said_by_checks(nbformat.reads(text, as_version=4)) == passed(name)

    # JupyterLite's own download, and that of the exercise's page: both are graded as they are.
    page.run("jupyterapp.commands.execute('docmanager:download').then(() => 0)")
    theirs = downloaded(tmp_path / "downloads")
    page.open(exercise_page)
    count = len(exercise(name).checks)
    kept = (
        f"This browser keeps your notebook. When they last ran, {count} of {count} checks passed."
    )
    wait(page, f"document.querySelector('.exercise-saved').textContent === {json.dumps(kept)}", 10)
    page.run("document.querySelector('.exercise-download').click()")
    ours = downloaded(tmp_path / "downloads")
    for who, path in (("theirs", theirs), ("ours", ours)):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        original = nbformat.read(ROOT / "exercises" / name / f"{name}.ipynb", as_version=4)
        assert notebook.metadata.kernelspec.name == "python3"
        assert [c.metadata.nbgrader for c in notebook.cells if "nbgrader" in c.metadata] == [
            c.metadata.nbgrader for c in original.cells if "nbgrader" in c.metadata
        ]
        assert mark in path.read_text()
        (tmp_path / "class" / who / name).mkdir(parents=True)
        shutil.copy(path, tmp_path / "class" / who / name / f"{name}.ipynb")
    assert notebook.metadata.kernelspec == original.metadata.kernelspec
    course = tmp_path / "course"
    done = checkout.autograder("grade", tmp_path / "class", course=course)
    assert done.returncode == 0, done.stderr
    for who in ("theirs", "ours"):
        assert Course(course, done).score(who, name) == str(exercise(name).points)

    # An original that has changed since is named.
    path = html / "lite" / "files" / name / f"{name}.ipynb"
    text = path.read_text()
    checksum = re.search(r'"checksum": "(\w+)"', text)[1]
    path.write_text(text.replace(checksum, "0" * 32))
    page.open(exercise_page)
    wait(page, "document.querySelector('.exercise-saved').textContent.includes('has changed')", 10)
    path.write_text(text)

    # The tick is kept, and the count of all is said.
    page.run("document.querySelector('.exercise-tick input').click()")
    count = f"1 of {len(exercise_pages.names())} exercises done."
    page.open(exercise_page)
    assert page.run("document.querySelector('.exercise-count').textContent") == count
    assert page.run("document.querySelector('.exercise-tick input').checked")

    # Reset asks first, and then reaches a notebook that is open, too.
    page.open(exercise_page)
    wait(page, "!document.querySelector('.exercise-buttons').hidden", 10)
    page.run("window.confirm = () => false; document.querySelector('.exercise-reset').click()")
    time.sleep(1)
    assert page.run("document.querySelector('.exercise-saved').textContent") == kept
    page.run(
        f"""(() => {{
          const frame = document.createElement("iframe");
          frame.src = "../../lite/notebooks/index.html?path={name}/{name}.ipynb";
          frame.width = frame.height = 600;
          document.body.append(frame);
        }})()"""
    )
    inside = "document.querySelector('iframe').contentWindow"
    text = f"{inside}.jupyterapp?.shell?.currentWidget?.context?.isReady && JSON.stringify("
    text += f"{inside}.jupyterapp.shell.currentWidget.context.model.toJSON())"
    assert mark in wait(page, text)
    page.run("window.confirm = () => true; document.querySelector('.exercise-reset').click()")
    wait(page, "document.querySelector('.exercise-buttons').hidden", 10)
    assert "as it was handed out" in page.run(
        "document.querySelector('.exercise-saved').textContent"
    )
    wait(page, f"!({text} || {json.dumps(mark)}).includes({json.dumps(mark)})")
    assert "raise NotImplementedError" in page.run(text)


def test_a_notebook_is_only_opened_on_a_phone(page, base):
    """Kernel, Restart Kernel is what ends a loop; and nothing is said of checks that never ran."""
    open_notebook(page, base, QUICK, PHONE)
    menu = "[...document.querySelectorAll('.lm-MenuBar-item')].find(m => m.innerText === 'Kernel')"
    touched = """(menu) => {
      const { x, y, width, height } = menu.getBoundingClientRect();
      return menu.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    }"""
    wait(page, "!!document.querySelector('.jp-NotebookKernelStatus-fade')", 30)
    time.sleep(1)  # what lies over the menus comes late
    assert page.run(f"({touched})({menu})")
    page.run("jupyterapp.commands.execute('docmanager:save').then(() => 0)")
    page.open(f"{base}/book/exercises/{QUICK}.html", PHONE)
    wait(page, "!document.querySelector('.exercise-buttons').hidden", 10)
    said = wait(page, "document.querySelector('.exercise-saved').textContent", 10)
    assert said == "This browser keeps your notebook. No check has run yet."


def test_a_notebook_runs_with_no_network_after_one_visit(page, html):
    name = QUICK
    with chrome.served(html) as address:
        open_notebook(page, address, name)
        shown = said_by_checks(run_cells(page))
        wait(page, "!jupyterapp.shell.currentWidget.context.model.dirty", 30)
    open_notebook(page, address, name)
    assert said_by_checks(run_cells(page)) == shown != {}
    assert [error for error in page.visit.errors if "beforeunload" not in error] == []


def test_an_exercise_is_offered_where_it_can_be_opened(html):
    pages = {p.stem: p.read_text() for p in (html / "book" / "exercises").glob("*.html")}
    assert "open-exercise" in pages[QUICK]
    assert "open-exercise" not in pages["ex08_module"]
    assert sorted(p.name for p in (html / "lite" / "files").iterdir()) == NUMPY
    for name in NUMPY:
        there = {p.name: p.read_bytes() for p in (html / "lite" / "files" / name).iterdir()}
        assert there == {p.name: p.read_bytes() for p in lite.handed_out(name)}


def test_nothing_is_made_again_and_without_python_there_is_nothing(html, tmp_path):
    copy = shutil.copytree(html, tmp_path / "site")
    times = {path: path.stat().st_mtime_ns for path in copy.rglob("*")}
    assert lite.add_to(copy).endswith("(unchanged)")
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("*")} == times
    shutil.rmtree(copy / "_python")
    assert lite.add_to(copy).startswith("no exercises in the browser")
    assert not (copy / "lite").exists()
    assert "open-exercise" not in (copy / "book" / "exercises" / f"{QUICK}.html").read_text()


def test_what_cannot_be_loaded_leaves_a_site_without(html, tmp_path, monkeypatch):
    """As with no network: pip says so in a line, and the pages of the exercises too."""
    copy = shutil.copytree(html, tmp_path / "site")
    wanted = tmp_path / "tools.txt"
    wanted.write_text("no-such-package-of-ours==1 --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setattr(lite, "PLACE", tmp_path / "build")
    monkeypatch.setattr(lite, "TOOLS", wanted)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    said = lite.add_to(copy)
    assert said.startswith("no exercises in the browser: JupyterLite cannot be installed: ")
    assert "\n" not in said and not (copy / "lite").exists()
    assert "open-exercise" not in (copy / "book" / "exercises" / f"{QUICK}.html").read_text()


def test_every_exercise_has_a_page():
    pages = (ROOT / "book" / "exercises").glob("*.md")
    assert sorted(path.stem for path in pages) == exercise_pages.names()
    assert set(EXERCISES) <= set(exercise_pages.names())
    for name in EXERCISES:
        this, facts = exercise(name), exercise_pages.Facts(name)
        assert facts.with_torch == this.uses_torch
        assert facts.points == this.points
        assert [key for _, key in facts.questions] == [check.id for check in this.checks]
        assert facts.title in (source := exercise_pages.page(name))
        assert facts.chapter in source and (ROOT / "book" / f"{facts.chapter}.md").is_file()


def squeezed(text):
    return re.sub(r"\s+", "", text)


def text_of(name, content):
    """Return what a file of the site says: pages without their tags, notebooks cell by cell."""
    text = content.decode(errors="replace")
    if name.endswith(".html"):
        return unescape(re.sub(r"<[^>]*>", "", text))
    if name.endswith(".ipynb"):
        return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    return text


def leaks(files):
    """Yield each solution that stands whole in a file, or with its marks."""
    known = {
        name: {squeezed(c.partition("\n")[2]) for origin, c in secrets_of(name) if "the" in origin}
        for name in EXERCISES
    }
    for file, content in files.items():
        text = squeezed(text_of(file, content))
        if "###BEGINSOLUTION" in text:
            yield file, "a mark"
        for name, bodies in known.items():
            if any(body in text for body in bodies if len(body) > 60):
                yield file, name


def test_no_solution_is_in_the_zip(site):  # noqa: F811
    """What the exercises in the browser have is what is handed out, see above."""
    files = zipped.members(site)
    for needed in ("README.txt", "serve.py", "site/index.html", "data/digits.csv.gz"):
        assert needed in files
    for name in EXERCISES:
        assert f"exercises/{name}/{name}.ipynb" in files
    assert "chapters/02_statistics.ipynb" in files
    assert [n for n in files if re.search(r"solutions?/|autograder/|__pycache__", n)] == []
    texts = {
        name: content if isinstance(content, bytes) else content.read_bytes()
        for name, content in files.items()
        if re.search(r"\.(html|ipynb|py|md|txt)$", name) and "_static/" not in name
    }
    assert list(leaks(texts)) == []
    # The test sees one where it is.
    solved = nbformat.read(ROOT / "exercises" / QUICK / f"{QUICK}.ipynb", as_version=4)
    put_in_solution(solved, QUICK)
    assert list(leaks({"a.ipynb": nbformat.writes(solved).encode()})) == [("a.ipynb", QUICK)]


def test_the_zip_shows_its_site_and_is_the_same_each_time(tmp_path):
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").write_text("the course")
    zipped.write(tmp_path / "html", tmp_path / "course.zip")
    os.utime(tmp_path / "html" / "index.html", (10**9, 10**9))
    zipped.write(tmp_path / "html", tmp_path / "again.zip")
    assert (tmp_path / "course.zip").read_bytes() == (tmp_path / "again.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "course.zip") as archive:
        archive.extractall(tmp_path)
    command = [sys.executable, str(tmp_path / zipped.TOP / "serve.py"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            address = running.stdout.readline().split()[0]
            with urllib.request.urlopen(f"{address}/") as answer:
                assert answer.read() == b"the course"
        finally:
            running.terminate()
