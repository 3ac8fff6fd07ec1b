"""The book as one page, and as a PDF."""

import sys
from pathlib import Path

import pytest
import yaml
from browser import find_chromium
from bs4 import BeautifulSoup
from conftest import ROOT

sys.path.insert(0, str(ROOT / "book"))
import printed  # noqa: E402

TOC = {"root": "book/index", "parts": [{"caption": "Part", "chapters": [{"file": "book/02_two"}]}]}
INDEX = """<html><head><link rel="stylesheet" href="../_static/a.css"></head><body><article>
<h1 id="top">The book<a class="headerlink" href="#top">#</a></h1>
<p><a href="02_two.html#place">there</a> <a href="02_two.html">two</a> <a href="#top">up</a>
<a href="https://example.org/x">out</a> <a href="../_downloads/a.ipynb">file</a></p>
</article></body></html>"""
TWO = """<html><body><article><h1>Two</h1><script>never()</script>
<details class="hide above-input"><pre>code of a figure</pre></details>
<details class="hide below-input"><summary>Show code cell output</summary><table><tbody>
<tr><td>a_name</td><td id="cell">a_long_name</td></tr></tbody></table></details>
<p>In the browser:</p><p><a class="open-exercise" href="lite.html">Open</a></p><p>16 MB</p>
<p>At home</p>
<label>kind <select><option>choose</option><option>a</option><option>b</option></select></label>
<details><summary>Answer</summary><p id="place">42</p></details>
<img src="../_images/a%20b.svg" loading="lazy"></article></body></html>"""


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "html"
    (folder / "book").mkdir(parents=True)
    (folder / "book" / "index.html").write_text(INDEX)
    (folder / "book" / "02_two.html").write_text(TWO)
    return folder


def test_the_book_becomes_one_page_whose_links_stay_in_it(site):
    page = BeautifulSoup(printed.one_page(site, TOC), "html.parser")
    assert page.title.string == "The book"
    assert [link["href"] for link in page.select("link")] == ["../html/_static/a.css"]
    ids = [element["id"] for element in page.select("[id]")]
    assert len(set(ids)) == len(ids)
    text = {link.get_text(): link["href"] for link in page.select("article a")}
    assert text.pop("out") == "https://example.org/x"
    assert all(link[0] == "#" and link[1:] in ids for link in text.values())
    assert text["there"] == "#book-02_two-place" and "file" not in text
    assert text["2. Two"] == text["two"]
    assert page.select("script, details.hide, .headerlink") == []
    assert page.select_one("details").has_attr("open")
    assert str(page.select_one("#book-02_two-cell")).count("_<wbr/>") == 2
    text = page.select_one("#book-02_two").get_text()
    assert "Show code" not in text and "a_long_name" in text  # a folded output is printed
    assert "In the browser" not in text and "16 MB" not in text and "At home" in text
    assert "kind (a / b)" in text and page.select("select") == []
    assert page.img["src"] == "../html/_images/a b.svg" and not page.img.has_attr("loading")


def test_a_page_that_was_not_built_is_named(site):
    (site / "book" / "02_two.html").unlink()
    with pytest.raises(printed.CannotPrint, match="02_two.html is not there: run `make book`"):
        printed.one_page(site, TOC)


def test_every_page_of_the_book_is_printed():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = [name for _, part in printed.pages(toc) for name in part]
    assert all((ROOT / f"{name}.md").is_file() for name in listed)
    exercises = sorted(path.stem for path in (ROOT / "book" / "exercises").glob("*.md"))
    first = listed.index("book/exercises") + 1
    assert listed[first : first + len(exercises)] == [
        f"book/exercises/{name}" for name in exercises
    ]
    assert {name for name in listed if Path(name).name[:2].isdigit()} == {
        f"book/{path.stem}" for path in (ROOT / "book").glob("[0-9][0-9]_*.md")
    }


@pytest.mark.skipif(find_chromium() is None, reason="Chromium is not installed")
def test_chromium_prints_it(site, tmp_path):
    (tmp_path / "pdf").mkdir()
    page = tmp_path / "pdf" / "book.html"
    page.write_text(printed.one_page(site, TOC))
    printed.print_page(page, tmp_path / "book.pdf")
    data = (tmp_path / "book.pdf").read_bytes()
    assert data.startswith(b"%PDF") and data.count(b"/Type /Page\n") == 4
    contents = BeautifulSoup(printed.numbered(page.read_text(), data), "html.parser")
    assert [row.get_text() for row in contents.select(".contents li")] == ["The book3", "2. Two4"]


def test_without_chromium_it_says_what_to_install(site, tmp_path, monkeypatch):
    monkeypatch.setattr(printed, "CHROMIUM", ("no-such-browser",))
    with pytest.raises(printed.CannotPrint, match="install it"):
        printed.print_page(tmp_path / "a.html", tmp_path / "a.pdf")
