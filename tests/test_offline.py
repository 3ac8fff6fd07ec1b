"""The site with the network gone: visited once, then read from what the service worker has kept.

A copy of the built site stands in a folder of its host, as it does on GitHub Pages. The server is
stopped for good when a test says that there is no network, so nothing can come from it.
"""

import re
import shutil
import sys
import threading
import time
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

import pytest
from browser import chromium, find_chromium
from conftest import ROOT
from test_site import browser, site  # noqa: F401

sys.path[:0] = [str(ROOT / "book"), str(ROOT / "book" / "browser")]
import offline  # noqa: E402
import serve  # noqa: E402

FOLDER = "some/path"
PATIENCE = 60  # seconds for a copy of the site, on a machine that does other things too
COPIED = """(async () => {
  if (!navigator.serviceWorker.controller) return -1;
  const names = (await caches.keys()).filter((name) => name.startsWith("offline "));
  return names.length === 1 ? (await (await caches.open(names[0])).keys()).length : -1;
})()"""


class Host:
    """A web host that can be cut off, and notes what it is asked for.

    Args:
        folder: what it serves.
    """

    def __init__(self, folder):
        self.folder, self.asked, self.port = folder, [], 0

    @contextmanager
    def running(self):
        """Answer, at the same address each time."""
        host = self

        class Handler(serve.Handler):
            def __init__(self, *args):
                super().__init__(*args, directory=str(host.folder))

            def do_GET(self):
                host.asked.append(self.path.split("?")[0].removeprefix(f"/{FOLDER}/"))
                super().do_GET()

        with ThreadingHTTPServer(("127.0.0.1", self.port), Handler) as server:
            self.port = server.server_port
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield
            server.shutdown()

    def address(self, name):
        return f"http://127.0.0.1:{self.port}/{FOLDER}/{name}"


def until(question, expected, what):
    """Ask until the answer is the one expected."""
    end = time.monotonic() + PATIENCE
    while (answer := question()) != expected:
        assert time.monotonic() < end, f"{what}: {answer!r}, not {expected!r}"
        time.sleep(0.1)


def copied(reader, html):
    """Wait until the reader's browser has everything that it fetches by itself."""
    count = len(offline.files(html)[0])
    until(lambda: reader.run(COPIED), count, "files of the copy")


@pytest.fixture
def reader():
    """A browser that has never been here, with service workers."""
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium is installed")
    with chromium(program, workers=True) as page:
        yield page


@pytest.fixture
def html(reader, tmp_path):
    """Three pages that work offline."""
    html = tmp_path / FOLDER
    (html / "book").mkdir(parents=True)
    (html / "_python").mkdir()
    for name in ("one", "two", "three"):
        (html / "book" / f"{name}.html").write_text(SMALL.format(name=name), encoding="utf-8")
    (html / "book" / "style.css").write_text("p { color: rgb(1, 1, 1); }")
    (html / "book" / "figure.svg").write_text(FIGURE.format(width=10))
    (html / "_python" / "large.js").write_text("window.large = 1;")
    offline.add_to(html)
    return html


SMALL = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}</title>\n'
    '<link rel="icon" href="data:,"><link rel="stylesheet" href="style.css">\n</head>\n'
    '<body><p>{name} of old</p><img alt="" src="figure.svg"></body></html>\n'
)
FIGURE = '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="9"/>'
SEEN = """[
  document.querySelector("p").textContent,
  getComputedStyle(document.querySelector("p")).color,
  document.querySelector("img").naturalWidth,
]"""
WAITING = "navigator.serviceWorker.getRegistration().then((it) => it.waiting?.state ?? null)"
OLD, NEW = ["{} of old", "rgb(1, 1, 1)", 10], ["{} of new", "rgb(2, 2, 2)", 20]
USE = """(async () => {
  const script = document.createElement("script");
  script.src = "../_python/large.js";
  document.head.append(script);
  while (!window.large) await new Promise((done) => setTimeout(done, 20));
  return window.large;
})()"""


def seen(kind, name):
    return [kind[0].format(name), *kind[1:]]


def renew(html):
    """Put a newer version of the three pages into the place of the old."""
    for path in (html / "book").glob("*.html"):
        path.write_text(path.read_text(encoding="utf-8").replace("of old", "of new"))
    (html / "book" / "style.css").write_text("p { color: rgb(2, 2, 2); }")
    (html / "book" / "figure.svg").write_text(FIGURE.format(width=20))
    offline.add_to(html)


# --- the course itself ---


@pytest.fixture
def course(site, tmp_path):  # noqa: F811
    """A copy of the built site, in a folder of its host."""
    html = tmp_path / FOLDER
    shutil.copytree(site, html, ignore=shutil.ignore_patterns("lite", "*.map"))
    offline.add_to(html)
    return html


LOOK = """(async () => {
  const images = [...document.images];
  images.forEach((image) => { image.loading = "eager"; });
  await Promise.all(images.map((image) => image.decode()));
  await document.fonts.ready;
  return {
    title: document.querySelector("h1").firstChild.textContent,
    blank: images.filter((image) => image.naturalWidth === 0).length,
    images: images.length,
    drawings: document.querySelectorAll("[data-explorable] input").length,
    sheets: [...document.styleSheets].every((sheet) => sheet.cssRules.length > 0),
    formulas: !document.querySelector("math")
      || [...document.fonts].some((font) => /STIX/.test(font.family) && font.status === "loaded"),
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  };
})()"""
FOUND = """(async () => {
  const results = () => [...document.querySelectorAll("#search-results ul.search li")];
  const excerpts = () => document.querySelectorAll("#search-results p.context").length;
  for (let i = 0; i < 200 && excerpts() < 3; i++) await new Promise((d) => setTimeout(d, 50));
  return [results().length, excerpts(), results().map((e) => e.textContent).join("|")];
})()"""


def test_after_one_visit_the_course_needs_no_network(course, reader):
    host = Host(course.parents[1])
    with host.running():
        visit = reader.open(host.address("book/01_claims.html"), 360)
        copied(reader, course)
        assert visit.errors == []
        assert "sw.js" in host.asked
        assert not [name for name in host.asked if name.startswith(("_downloads", "_sources"))]
    before, images, drawings = len(host.asked), 0, 0
    pages = sorted(path.relative_to(course) for path in (course / "book").rglob("*.html"))
    for name in map(str, pages):
        visit = reader.open(host.address(name), 360)
        look = reader.run(LOOK)
        assert look["sheets"] and look["formulas"] and look["title"] and not look["wide"], name
        assert look["blank"] == 0 and visit.errors == [], name
        images, drawings = images + look["images"], drawings + look["drawings"]
    assert images > 20 and drawings > 8
    visit = reader.open(host.address("search.html?q=Welford"), 360)
    results, excerpts, text = reader.run(FOUND)
    assert results >= 3 and excerpts >= 3 and "Batch statistics" in text and "Welford" in text
    assert visit.errors == []
    assert len(host.asked) == before


def test_only_pages_of_a_web_server_start_a_worker(html, reader):
    visit = reader.open(f"file://{html}/book/one.html")
    assert reader.run("document.title") == "one" and visit.errors == []
    host = Host(html.parents[1])
    with host.running():
        saving = "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
        reader.call("Page.addScriptToEvaluateOnNewDocument", source=saving)
        reader.open(host.address("book/one.html"))
        time.sleep(1)
        assert (
            reader.run("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
        )
        assert "sw.js" not in host.asked


# --- versions ---


def test_what_is_large_is_kept_when_it_was_used(html, reader):
    host = Host(html.parents[1])
    with host.running():
        reader.open(host.address("book/one.html"))
        copied(reader, html)
        assert host.asked.count("_python/large.js") == 0
        assert reader.run(USE) == 1
        until(lambda: reader.run(COPIED), len(offline.files(html)[0]) + 1, "with the large one")
    reader.open(host.address("book/two.html"))
    assert reader.run(USE) == 1
    assert host.asked.count("_python/large.js") == 1


def test_a_new_version_is_seen_at_once_and_whole(html, reader):
    host = Host(html.parents[1])
    with host.running():
        reader.open(host.address("book/one.html"))
        copied(reader, html)
        reader.run(USE)
        reader.open(host.address("book/two.html"))
        assert reader.run(SEEN) == seen(OLD, "two")
        renew(html)
        host.asked.clear()
        reader.open(host.address("book/three.html"))
        until(lambda: reader.run(SEEN), seen(NEW, "three"), "the first page after the change")
        # The browser asks for the new worker, which fetches what has changed, and waits.
        until(lambda: reader.run(WAITING), "installed", "the new worker")
        assert "_python/large.js" not in host.asked
        reader.open(host.address("book/one.html"))
        until(lambda: reader.run(SEEN), seen(NEW, "one"), "the second page")
        until(lambda: reader.run(WAITING), None, "what waits when the new worker is in charge")
        until(lambda: reader.run(COPIED), len(offline.files(html)[0]) + 1, "files that are kept")
    for name in ("two", "three", "one"):
        visit = reader.open(host.address(f"book/{name}.html"))
        assert reader.run(SEEN) == seen(NEW, name) and visit.errors == []
    assert reader.run(USE) == 1


def test_only_what_has_changed_is_fetched_again(html, reader):
    host = Host(html.parents[1])
    with host.running():
        reader.open(host.address("book/one.html"))
        copied(reader, html)
        (html / "book" / "figure.svg").write_text(FIGURE.format(width=20))
        offline.add_to(html)
        host.asked.clear()
        reader.run(
            "navigator.serviceWorker.getRegistration().then((it) => it.update()).then(() => 0)"
        )
        until(lambda: reader.run(WAITING), "installed", "the new worker")
        assert sorted(host.asked) == ["book/figure.svg", "sw.js"]


def test_a_version_that_is_half_there_is_not_kept(html, reader):
    """The list is of the new version, a file still of the old, as from a cache on the way."""
    host = Host(html.parents[1])
    with host.running():
        reader.open(host.address("book/one.html"))
        copied(reader, html)
        old = (html / "book" / "two.html").read_text(encoding="utf-8")
        renew(html)
        (html / "book" / "two.html").write_text(old, encoding="utf-8")
        reader.run(
            "navigator.serviceWorker.getRegistration().then((it) => it.update()).catch(() => 0)"
        )
        time.sleep(1)
        assert reader.run(WAITING) is None  # it was not taken for complete
    for name in ("three", "two"):
        reader.open(host.address(f"book/{name}.html"))
        assert reader.run(SEEN) == seen(OLD, name)


# --- the step of the build ---


def test_the_lists_and_the_pages(tmp_path):
    html = tmp_path / "html"
    names = "book/a.html index.html x.css search.js _images/a-b.svg _python/p.wasm lite/index.html"
    names += " _python/run_cells.js"
    never = "_static/x.js.map .buildinfo course.zip _static/scripts/fontawesome.js"
    for name in (names + " " + never).split():
        (html / name).parent.mkdir(parents=True, exist_ok=True)
        (html / name).write_text("<head>\n</head>" if "a.html" in name else "x")
    said = offline.add_to(html)
    first, later = offline.files(html)
    own = ["_images/a-b.svg", "book/a.html", "index.html", "search.js", "x.css"]
    assert sorted(first) == sorted([*own, "_python/run_cells.js"])
    assert sorted(later) == ["_python/p.wasm", "lite/index.html"]
    assert re.fullmatch(r"Offline: 6 files, 0\.0 MB \(0\.0 MB .* 2 more when first used", said)
    page = (html / "book" / "a.html").read_text()
    assert page.count("<script data-offline>") == 1 and 'register("../sw.js"' in page
    assert (html / "index.html").read_text() == "x"
    times = {path: path.stat().st_mtime_ns for path in html.rglob("*")}
    worker = (html / "sw.js").read_text()
    assert offline.add_to(html) == said
    assert {path: path.stat().st_mtime_ns for path in html.rglob("*")} == times
    (html / "lite" / "index.html").write_text("y")
    offline.add_to(html)
    assert (html / "sw.js").read_text() != worker
    assert (html / "version.txt").read_text().strip() in (html / "sw.js").read_text()


def test_the_command_says_what_it_did(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["offline", str(tmp_path)])
    assert offline.main() == 1
    assert "has no page" in capsys.readouterr().err
    (tmp_path / "a.html").write_text("<head></head>")
    assert offline.main() == 0
    assert capsys.readouterr().out.startswith("Offline: 1 files")
