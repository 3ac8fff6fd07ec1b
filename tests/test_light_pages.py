"""What is taken out of the built pages, and how they are served."""

import gzip
import re
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pydata_sphinx_theme
import pytest
from conftest import ROOT

sys.path[:0] = [str(ROOT / "book"), str(ROOT / "book" / "_ext")]
import light_pages  # noqa: E402
import one_sheet  # noqa: E402
import serve  # noqa: E402

WORDS = light_pages.words_of(['<div class="used sd-card" id="place">', "toggle('shown')"])


@pytest.mark.parametrize(
    "css, kept",
    [
        (".used{a:b}", ".used{a:b}"),
        (".unused{a:b}", ""),
        (".used .unused{a:b}", ""),
        (".unused,.used>p{a:b}", ".used>p{a:b}"),
        (".shown{a:b}", ".shown{a:b}"),
        ("#place{a:b}#elsewhere{a:b}", "#place{a:b}"),
        ("p:not(.unused){a:b}", "p:not(.unused){a:b}"),
        (".used:is(.unused,p){a:b}", ".used:is(.unused,p){a:b}"),
        ('a[href$=".unused"]{a:b}', 'a[href$=".unused"]{a:b}'),
        ("@media print{.used{a:b}.unused{a:b}}", "@media print{.used{a:b}}"),
        ("@media print{.unused{a:b}}", ""),
        ("@font-face{font-family:x}", "@font-face{font-family:x}"),
        (":root{--x:1}", ":root{--x:1}"),
        (r".sd-card\:wide{a:b}", ""),
        ("@keyframes k{from{a:b}}", "@keyframes k{from{a:b}}"),
        ("/* words */.used{a:b}", ".used{a:b}"),
    ],
)
def test_rules_that_can_match_nothing_go(css, kept):
    assert light_pages.lighter(css, WORDS) == kept
    assert light_pages.lighter(kept, WORDS) == kept


LINKS = '<link rel="stylesheet" href="{}_static/{}?v=1" />'


@pytest.fixture
def sheets(tmp_path):
    """A site of two pages: one below the other, and with a sheet more."""
    texts = {
        "a.css": '@import "styles/b.css"; a{b:c}',
        "styles/b.css": "b{c:url(../icons.woff)}",
        "c.css": 'c{d:url("data:x")}',
        "d.css": "d{e:f}",
    }
    for name, text in texts.items():
        path = tmp_path / "_static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "book").mkdir()
    top, below = tmp_path / "top.html", tmp_path / "book" / "below.html"
    top.write_text("<head>" + "".join(LINKS.format("", name) for name in ("a.css", "d.css")))
    below.write_text(
        "<head>" + "".join(LINKS.format("../", name) for name in ("a.css", "c.css", "d.css"))
    )
    return tmp_path, [top, below]


def test_all_pages_have_one_style_sheet(sheets):
    """In the order of the pages' own, with what is imported; addresses still lead there."""
    site, (top, below) = sheets
    one_sheet.put_together([top, below], site)
    text = (site / "_static" / "site.css").read_text()
    rules = ['b{c:url("icons.woff")}', "a{b:c}", 'c{d:url("data:x")}', "d{e:f}"]
    places = [text.index(rule) for rule in rules]
    assert places == sorted(places) and "@import" not in text
    versions = set()
    for page, root in ((top, ""), (below, "../")):
        (link,) = re.findall(r'<link rel="stylesheet" href="([^"]*)"', page.read_text())
        address, _, version = link.partition("?v=")
        assert address == f"{root}_static/site.css"
        versions.add(version)
    assert len(versions) == 1


def test_a_page_that_is_built_again_gets_the_one_sheet_again(sheets):
    site, (top, below) = sheets
    before = top.read_text()
    one_sheet.put_together([top, below], site)
    made = [(site / "_static" / "site.css").read_text(), top.read_text(), below.read_text()]
    top.write_text(before)
    one_sheet.put_together([top, below], site)
    assert [(site / "_static" / "site.css").read_text(), top.read_text(), below.read_text()] == made

    (site / "_static" / "d.css").write_text("d{e:g}")
    one_sheet.put_together([top, below], site)
    assert "d{e:g}" in (site / "_static" / "site.css").read_text()
    assert top.read_text() != made[1] and below.read_text() != made[2]


def test_pages_that_disagree_on_the_order_of_sheets_are_named(sheets):
    site, (top, below) = sheets
    top.write_text("<head>" + "".join(LINKS.format("", name) for name in ("d.css", "a.css")))
    with pytest.raises(ValueError, match=r"top\.html.*not in the order"):
        one_sheet.put_together([top, below], site)


THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"


def test_a_build_with_nothing_changed_changes_nothing(sheets):
    site, pages = sheets
    (site / "_static" / "scripts").mkdir()
    name = "scripts/pydata-sphinx-theme.js"
    (site / "_static" / name).write_bytes((THEME / name).read_bytes())
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=str(site))
    contents = []
    for _ in range(2):
        light_pages.lighten(app, None)
        contents.append({p: p.read_bytes() for p in site.rglob("*") if p.is_file()})
    assert contents[0] == contents[1]
    assert "a{b:c}" in (site / "_static" / "site.css").read_text()


def test_the_theme_measures_no_box():
    script = THEME / "scripts" / "pydata-sphinx-theme.js"
    text = script.read_text(encoding="utf-8")
    light = light_pages.without_measuring(text)
    assert "clientHeight?0:-1" in text and "clientHeight?0:-1" not in light
    assert len(text) - len(light) < 300
    assert light_pages.without_measuring(light) == light
    with pytest.raises(ValueError, match="has changed"):
        light_pages.without_measuring(text.replace("pre", "code"))


SVG = '<?xml version="1.0"?>\n<svg height="72pt" width="{}" viewBox="0 0 1 1"><g/></svg>'


@pytest.mark.parametrize(
    "width, size", [("36pt", ' width="48" height="96"'), ("30", ' width="30" height="96"')]
)
def test_a_figure_waits_in_a_place_of_its_size(tmp_path, width, size):
    (tmp_path / "_images").mkdir()
    (tmp_path / "_images" / "a.svg").write_text(SVG.format(width))
    (tmp_path / "book").mkdir()
    page = '<img alt="x > y" src="../_images/a.svg" class="ink" />'
    light = f'<img alt="x > y" src="../_images/a.svg" class="ink" loading="lazy"{size}>'
    page, light = page.replace(" > ", " "), light.replace(" > ", " ")
    assert light_pages.with_lazy_figures(page, tmp_path / "book") == light
    assert light_pages.with_lazy_figures(light, tmp_path / "book") == light


def test_a_figure_of_unknown_size_waits_too(tmp_path):
    page = '<img src="../_images/none.svg">'
    light = '<img src="../_images/none.svg" loading="lazy">'
    assert light_pages.with_lazy_figures(page, tmp_path) == light


@pytest.mark.parametrize("code, lines", [("x", 1), ("x\n", 1), ("x\n\ny\n", 3), ("\n", 1)])
def test_code_says_how_many_lines_it_has(code, lines):
    page = f'<div class="highlight"><pre>{code}</pre></div>'
    placed = f'<div class="highlight" style="--lines:{lines}"><pre>{code}</pre></div>'
    assert light_pages.with_places_for_code(page + page) == placed + placed
    assert light_pages.with_places_for_code(placed) == placed


def test_no_script_keeps_the_text_waiting(tmp_path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "documentation_options.js").write_text("const A = 1;\n")
    (tmp_path / "book").mkdir()
    page = (
        '<script src="../_static/documentation_options.js?v=1"></script>'
        '<script data-a="b" src="../_static/a.js?v=1"></script><script>A.b = 2;</script>'
        '<script defer="defer" src="../_static/b.js"></script>'
    )
    light = (
        "<script>const A = 1;</script>"
        '<script defer data-a="b" src="../_static/a.js?v=1"></script><script>A.b = 2;</script>'
        '<script defer="defer" src="../_static/b.js"></script>'
    )
    assert light_pages.with_patient_scripts(page, tmp_path / "book") == light
    assert light_pages.with_patient_scripts(light, tmp_path / "book") == light


@pytest.fixture
def address(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "index.html").write_text("<p>index</p>")
    (tmp_path / "a.css").write_text("p{}" * 100)
    (tmp_path / "a.woff").write_bytes(b"font" * 100)
    with serve.server(tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def ask(address, **headers):
    return urllib.request.urlopen(urllib.request.Request(address, headers=headers))


def test_text_is_served_compressed(address, tmp_path):
    with ask(f"{address}/a.css?v=1", **{"Accept-Encoding": "br, gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Content-Type"] == "text/css"
        assert gzip.decompress(answer.read()) == (tmp_path / "a.css").read_bytes()
    (tmp_path / "a.css").write_text("q{}")
    with ask(f"{address}/a.css", **{"Accept-Encoding": "gzip"}) as answer:
        assert gzip.decompress(answer.read()) == b"q{}"
    with ask(f"{address}/folder/", **{"Accept-Encoding": "gzip"}) as answer:
        assert gzip.decompress(answer.read()) == b"<p>index</p>"


def test_the_rest_is_served_as_it_is(address, tmp_path):
    for name, headers in (("a.css", {}), ("a.woff", {"Accept-Encoding": "gzip"})):
        with ask(f"{address}/{name}", **headers) as answer:
            assert answer.headers["Content-Encoding"] is None
            assert answer.read() == (tmp_path / name).read_bytes()
    with ask(f"{address}/folder", **{"Accept-Encoding": "gzip"}) as answer:
        assert answer.url.endswith("/folder/")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        ask(f"{address}/none.css", **{"Accept-Encoding": "gzip"})


def test_what_is_missing_is_said_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["serve", "--site", str(tmp_path)])
    assert serve.main() == 1
    assert "run `make book` first" in capsys.readouterr().err
    (tmp_path / "index.html").touch()
    with serve.server(tmp_path, 0) as taken:
        monkeypatch.setattr(sys, "argv", [*sys.argv, "--port", str(taken.server_port)])
        assert serve.main() == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"port {taken.server_port}: ") and "--port" in line
