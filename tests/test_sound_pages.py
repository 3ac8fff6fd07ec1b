"""Pages are valid HTML, and those who see or hear them differently get the same.

html-validate and axe-core come from npm at the first run, into build/checkers: the script of axe
alone is larger than all the scripts of the site. Without npm or a network these tests are skipped.
"""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from browser import served
from conftest import ROOT
from filelock import FileLock
from test_site import DESK, PHONE, browser, html_files, site  # noqa: F401

sys.path.insert(0, str(ROOT / "book" / "_ext"))
import sound_pages  # noqa: E402

CHECKERS = ROOT / "build" / "checkers"
VERSIONS = {
    "axe-core": "4.14.0",
    "html-validate": "9.7.1",
}  # a later html-validate needs a newer node
AXE = """(async () => {
  const ended = () => document.getAnimations().map((animation) => animation.finished);
  const wait = (time) => new Promise((done) => setTimeout(done, time));
  await wait(150);  // boxes are measured when the browser has time, and again after a change
  for (let i = 0; i < 400 && !document.documentElement.dataset.boxes; i++) await wait(50);
  await new Promise(requestAnimationFrame);
  await Promise.allSettled(ended());  // a colour in the middle of a change is none
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  return violations.flatMap((fault) => fault.nodes.map(
    (node) => `${fault.id}: ${node.html.slice(0, 150)} ${node.failureSummary}`));
})()"""
OPEN = """(() => {
  const folds = [...document.querySelectorAll("details:not([open])")];
  folds.forEach((fold) => { fold.open = true; });
  return folds.length;
})()"""


@pytest.fixture(scope="session")
def checkers():
    """The folder of the packages, with exactly these versions."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not (npm and node):
        pytest.skip("no npm is installed, which brings axe-core and html-validate")
    CHECKERS.parent.mkdir(exist_ok=True)
    with FileLock(f"{CHECKERS}.lock"):
        there = CHECKERS / "versions.json"
        if not (there.exists() and json.loads(there.read_text()) == VERSIONS):
            words = [f"{name}@{version}" for name, version in VERSIONS.items()]
            command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(CHECKERS), *words]
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
            if done.returncode != 0:
                pytest.skip(f"npm could not bring {', '.join(words)}: {done.stderr[-300:]}")
            there.write_text(json.dumps(VERSIONS))
    return CHECKERS / "node_modules"


def invalid(checkers, files, folder):
    """List what is not valid in pages; through a file, since a pipe would cut the answer."""
    (folder / ".htmlvalidate.json").write_text(
        '{"root": true, "extends": ["html-validate:standard"]}'
    )
    command = ["node", str(checkers / "html-validate" / "bin" / "html-validate.mjs")]
    words = [
        *command,
        "--config",
        str(folder / ".htmlvalidate.json"),
        "--formatter",
        "json",
        *files,
    ]
    with (folder / "found.json").open("w") as out:
        subprocess.run(list(map(str, words)), stdout=out, cwd=folder)
    found = json.loads((folder / "found.json").read_text())
    return [
        f"{Path(page['filePath']).name}:{fault['line']}: {fault['message']}"
        for page in found
        for fault in page["messages"]
    ]


def test_every_page_is_valid(checkers, site, tmp_path):  # noqa: F811
    assert invalid(checkers, [site / "index.html", *html_files(site)], tmp_path) == []


def test_what_is_sound_stays_as_it_is(site):  # noqa: F811
    """A second build goes over the pages of the first that it does not write anew."""
    for path in html_files(site):
        page = path.read_text(encoding="utf-8")
        assert sound_pages.sound(page) == page, path.name


def test_an_invalid_page_is_seen(checkers, tmp_path):
    (tmp_path / "a.html").write_text("<!DOCTYPE html><html><body><p><div></p></body></html>")
    assert invalid(checkers, [tmp_path / "a.html"], tmp_path)


def violations(browser, script, base, name, widths):  # noqa: F811
    """List what axe finds in a page, with its folds closed and open."""
    faults = []
    for width, dark in widths:
        browser.open(f"{base}/{name}", width, dark)
        browser.run(script + "; 0")
        found = browser.run(AXE)
        if browser.run(OPEN):
            time.sleep(0.5)  # what opens fades in, on the next frame
            found += browser.run(AXE)
        faults += [f"{name} at {width} px: {fault}" for fault in found]
    return faults


SOME = ("index", "bibliography", "exercises", "search")  # one of each kind; each in a few seconds


def test_no_page_shuts_anybody_out(request, checkers, browser, site):  # noqa: F811
    """The first of the chapters and a page of each other kind; with --full all, in four ways."""
    script = (checkers / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    pages, widths = html_files(site), [(DESK, False), (PHONE, True)]
    if request.config.getoption("--full"):
        widths += [(DESK, True), (PHONE, False)]
    else:
        pages = [page for page in pages if page.stem in SOME or page.stem.startswith("01_")]
        assert len(pages) == len(SOME) + 1
    faults = []
    with served(site) as base:
        for page in pages:
            name = page.relative_to(site).as_posix()
            faults += violations(browser, script, base, name, widths)
    assert faults == []


def test_a_page_that_shuts_somebody_out_is_seen(checkers, browser, tmp_path):  # noqa: F811
    script = (checkers / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    (tmp_path / "a.html").write_text(
        '<!DOCTYPE html><html lang="en"><title>a</title><link rel="icon" href="data:,">'
        "<main><h1>a</h1><details><summary>b</summary><button></button></details></main></html>"
    )
    with served(tmp_path) as base:
        (fault,) = violations(browser, script, base, "a.html", [(DESK, False)])
    assert "button-name" in fault


# --- what is changed ---

FOLD = (
    '<summary aria-label="Toggle hidden content">\n<p class="collapsed admonition-title">Show</p>\n'
    '<p class="expanded admonition-title">Hide</p>\n</summary>'
)
OPEN_FOLD = (
    '<summary>\n<span class="collapsed admonition-title">Show</span>\n'
    '<span class="expanded admonition-title">Hide</span>\n</summary>'
)
VIEW = '<meta name="viewport" content="a"/>'


@pytest.mark.parametrize(
    "old, new",
    [
        (FOLD, OPEN_FOLD),
        (f"{VIEW}b{VIEW}", f"b{VIEW}"),
        ('<th class="head"><p></p></th>', "<td></td>"),
        ('<th scope="col"></th>', "<td></td>"),
        ('<th class="head"><p>a</p></th>', '<th class="head"><p>a</p></th>'),
        ('<td><span class="pre">a_b_</span></td>', '<td><span class="pre">a_<wbr>b_</span></td>'),
        ('<p><span class="pre">a_b</span></p>', '<p><span class="pre">a_b</span></p>'),
        ('<span class="pasted-text">a-1</span>', '<span class="pasted-text">a-1</span>'),
        (
            '<span class="pasted-text">-5e-06 ± 1</span>',
            '<span class="pasted-text">\u22125e\u221206 ±\xa01</span>',
        ),
        (
            '<code><span class="pre">--no-run</span></code>',
            '<code><span class="pre option">--no-run</span></code>',
        ),
        (
            "<p><b>5</b> % of 2 ± 1 % <code>5 % 2</code></p><pre>5 % 2 ± 1</pre>",
            "<p><b>5</b>\xa0% of 2 ±\xa01\xa0% <code>5 % 2</code></p><pre>5 % 2 ± 1</pre>",
        ),
        (
            '<div class="citation" id="id8" role="doc-biblioentry">',
            '<div class="citation" id="id8" role="listitem">',
        ),
    ],
)
def test_faults_are_put_right_once(old, new):
    assert sound_pages.sound(old) == new
    assert sound_pages.sound(new) == new


@pytest.mark.parametrize(
    "text, expected",
    [
        ("<p>" + "One sentence. " * 5 + "</p>", "One sentence. " * 4 + "One sentence."),
        ("<p>A <math>x</math> is one. " + "It is <em>said</em> &amp; done. " * 4 + "</p>", "It is"),
        ("<p>" + "long " * 99 + "</p>", "long long"),
        ("<p><math>x</math> is one.</p>", ""),
        ("", ""),
    ],
)
def test_a_page_is_described_by_its_first_sentences(text, expected):
    page = f"<title>a</title><article><h1>a</h1>{text}</article>"
    found = sound_pages.description(page)
    assert found.startswith(expected) and len(found) <= sound_pages.LONGEST
    assert bool(found) == bool(expected) and "<" not in found
    changed = sound_pages.sound(page)
    assert ('name="description"' in changed) == bool(expected)
    assert sound_pages.sound(changed) == changed


def test_the_way_in_is_a_page():
    old = '<meta http-equiv="Refresh" content="0; url=book/index.html" />\n'
    new = sound_pages.way_in(old, "A & B")
    assert 'http-equiv="Refresh" content="0; url=book/index.html"' in new
    assert 'rel="icon" href="_static/favicon.svg"' in new  # else a browser asks at the root
    assert "<title>A &amp; B</title>" in new and sound_pages.way_in(new, "A & B") == new


def test_every_page_has_a_description_and_one_title(site):  # noqa: F811
    titles = []
    for path in html_files(site):
        page = path.read_text(encoding="utf-8")
        titles += re.findall("<title>(.*?)</title>", page)
        if path.parent.name == "book" or path.name == "search.html":
            assert page.count('<meta name="description"') == 1, path.name
    assert len(set(titles)) == len(html_files(site))
