"""The claims: what `claims.yml` may hold, what a verdict's box shows, and where it is shown."""

import ast
import copy
import json
import re
import shutil
import sys

import pytest
import yaml
from browser import chromium, find_chromium, served
from conftest import ROOT
from test_book import CHAPTERS, build, cells, tiny_book

BOOK = ROOT / "book"
sys.path.insert(0, str(BOOK))
import claims  # noqa: E402
import claims_file  # noqa: E402

VERDICT = {
    "verdict": "depends",
    "found": "Over {seeds} seeds the gap was {gap:.1%}, so `eps` < 1 matters.",
    "when": "For widths up to {width}.",
    "sources": ["IS15", "VL17"],
}
FIGURES = {"seeds": 5, "gap": 0.123, "width": 64}


@pytest.fixture
def data():
    """The claims as the file has them, the first with a verdict made up here."""
    read = yaml.safe_load((BOOK / "claims.yml").read_text(encoding="utf-8"))
    for field in claims_file.SETTLED:
        read["claims"][0].pop(field, None)
    read["claims"][0] |= copy.deepcopy(VERDICT)
    return read


# --- the file ---


def test_the_file_is_good():
    assert len(claims.load()["claims"]) == 43


def test_a_verdict_is_good(data):
    assert claims_file.check(data)["claims"][0]["verdict"] == "depends"


@pytest.mark.parametrize("word", [True, False])
def test_yaml_may_read_a_verdict_as_a_bool(data, word):
    data["claims"][0]["verdict"] = word
    assert claims_file.check(data)["claims"][0]["verdict"] == str(word).lower()


@pytest.mark.parametrize("field", sorted(claims_file.SETTLED))
def test_a_verdict_lacks_a_field(data, field):
    del data["claims"][0][field]
    with pytest.raises(ValueError, match=field):
        claims_file.check(data)


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("verdict", "misleading", "no verdict"),
        ("found", " ", "found"),
        ("when", 5, "when"),
        ("sources", [], "sources"),
        ("sources", "IS15", "sources"),
        ("sources", ["IS15", "NOBODY99"], "NOBODY99"),
        ("verdicts", "true", "field too many"),
    ],
)
def test_a_verdict_is_wrong(data, field, value, message):
    data["claims"][0][field] = value
    with pytest.raises(ValueError, match=message):
        claims_file.check(data)


def test_names_of_authors():
    known = claims_file.references()
    assert known["I17"][0] == "Ioffe (2017)"
    assert known["IS15"] == ("Ioffe and Szegedy (2015)", "https://arxiv.org/abs/1502.03167")
    assert known["S18"][0] == "Santurkar et al. (2018)"
    assert known["VL17"][0] == "van Laarhoven (2017)"
    assert known["RB18"][0].startswith("Rota Bulò et al.")
    assert known["LC98"][1] == "https://doi.org/10.1007/3-540-49430-8_2"
    labels = [label for label, _ in known.values()]
    assert len(set(labels)) == len(labels)  # two of a surname and a year have their first names
    for label, address in known.values():
        assert re.fullmatch(r"[^{}\\]+ \(\d{4}\)", label) and address.startswith("https://")


# --- the box ---


@pytest.fixture
def claim(data):
    return claims_file.check(data)["claims"][0]


def test_the_box_says_all_of_it(claim):
    box = claims.verdict_box(claim, FIGURES)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", box))
    assert "Claim 1: depends" in text and claim["claim"] in text
    assert "Over 5 seeds the gap was 12.3 %, so eps &lt; 1 matters." in text
    assert "When: For widths up to 64." in text
    assert "Ioffe and Szegedy (2015); van Laarhoven (2017)." in text
    assert '<a href="https://arxiv.org/abs/1502.03167">' in box and "<code>eps</code>" in box
    assert 'href="03_forward.html#verdict-1">chapter 3</a>' in box and 'id="verdict-1"' in box


def test_each_verdict_has_a_sign_of_its_own():
    assert set(claims.SIGNS) == set(claims_file.VERDICTS)
    assert len(set(claims.SIGNS.values())) == len(claims.SIGNS)
    style = (BOOK / "_static" / "course.css").read_text(encoding="utf-8")
    assert all(f".verdict-{verdict}" in style for verdict in claims_file.VERDICTS)


@pytest.mark.parametrize(
    "figures, message",
    [
        ({"seeds": 5, "gap": 0.1}, "missing: width"),
        (FIGURES | {"mean": 1.0}, "not used: mean"),
        (FIGURES | {"gap": float("nan")}, "not finite"),
        (FIGURES | {"width": float("inf")}, "not finite"),
    ],
)
def test_figures_must_fit(claim, figures, message):
    with pytest.raises(ValueError, match=message):
        claims.verdict_box(claim, figures)


def test_a_minus_sign_is_one(claim):
    box = claims.verdict_box(claim, FIGURES | {"seeds": -5, "width": "-0.5 of x-2"})
    assert "\N{MINUS SIGN}5" in box and "\N{MINUS SIGN}0.5 of x-2" in box


def test_powers_of_ten_are_those_of_print_except_in_code(claim):
    text = "1e-12, 1.5e+04, -2e-1 and `1e-12`"
    box = claims.verdict_box(claim | {"when": text, "found": "So."}, {})
    assert "10⁻¹², 1.5 · 10⁴, \N{MINUS SIGN}2 · 10⁻¹ and <code>1e-12</code>" in box


def test_quotes_are_those_of_print_except_in_code(claim):
    box = claims.verdict_box(claim | {"when": "\"Any\" layer's `f('a')`, 5 %.", "found": "So."}, {})
    assert "“Any” layer’s <code>f(&#x27;a&#x27;)</code>, 5\N{NO-BREAK SPACE}%." in box


@pytest.mark.parametrize(
    "cell, shown",
    [
        ("it sets `eps`", "it sets <code>eps</code>"),
        ("torch.nn.Parameter(x)", "torch.<wbr>nn.<wbr>Parameter(<wbr>x)"),
        ("BatchNorm1d in PyTorch", "Batch<wbr>Norm1d in PyTorch"),
        ("running_mean, __init__", "running_<wbr>mean, __init__"),
        ("with eps=1e-5. So 0.5", "with eps=<wbr>1e-5. So 0.5"),
        ('<a href="a_b.html#c">d_e</a> &lt; 1', '<a href="a_b.html#c">d_<wbr>e</a> &lt; 1'),
    ],
)
def test_a_long_name_in_a_table_breaks(cell, shown):
    assert f"<td>{shown}</td>" in claims.table(["A"], [[cell]]).data


def test_a_claim_with_no_verdict_cannot_be_settled():
    with pytest.raises(ValueError, match="no verdict on claim 22"):
        claims.settle(22)


def test_a_mark_tells_two_entries_apart(claim):
    before = claims.mark(claim)
    assert claims.mark(claim | {"when": "Never."}) != before == claims.mark(dict(claim))


def test_chapter_1_shows_no_verdict():
    data = claims.load()
    shown = "".join(claims.form(data, group).data for group in data["groups"])
    assert shown.count("<fieldset") == 43 and 'class="verdict' not in shown
    assert not any(c["found"] in shown for c in data["claims"] if "found" in c)


# --- chapters and verdicts ---


def calls(text):
    """List the calls of `claims.settle` in a page: number, names of figures, last in its cell."""
    found = []
    for _, code in cells(text):
        lines = ["pass" if re.match(r"\s*[%!:]", line) else line for line in code.splitlines()]
        body = ast.parse("\n".join(lines)).body
        for node in (n for statement in body for n in ast.walk(statement)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "claims.settle":
                last = isinstance(body[-1], ast.Expr) and body[-1].value is node
                names = {word.arg for word in node.keywords}
                found.append((node.args[0].value, names, last))
    return found


def test_each_verdict_is_shown_once_in_its_chapter():
    """A claim with a verdict in the file is settled by its chapter, and no other claim is."""
    made = [
        (number, int(path.name[:2]))
        for path in CHAPTERS
        for number, _, _ in calls(path.read_text(encoding="utf-8"))
    ]
    settled = [(c["id"], c["chapter"]) for c in claims.load()["claims"] if "verdict" in c]
    assert sorted(made) == sorted(settled)
    assert settled


def test_each_box_is_what_its_cell_shows():
    for path in CHAPTERS:
        for number, _, last in calls(path.read_text(encoding="utf-8")):
            assert last, f"{path.name}: claims.settle({number}, ...) is not its cell's last line"


def test_calls_are_seen():
    cell = "```{code-cell} ipython3\n:tags: [remove-input]\nx = 1\nclaims.settle(7, a=x)\n```\n"
    later = "```{code-cell} ipython3\nbox = claims.settle(8)\nx = 2\n```\n"
    assert calls(f"# A\n\n{cell}\n{later}") == [(7, {"a"}, True), (8, set(), False)]


def test_a_chapter_of_two_pages(tmp_path, monkeypatch):
    monkeypatch.setattr(claims_file, "BOOK", tmp_path)
    (tmp_path / "12_a.md").write_text("claims.settle(8, gap=1)\nclaims.settle(\n    34)\n")
    (tmp_path / "12_b.md").write_text("claims.settle(3)\n")
    (tmp_path / "11_c.md").write_text("")
    pages = {8: "12_a", 34: "12_a", 3: "12_b", 83: "12_a"}  # the last one is not settled yet
    assert {n: claims_file.claim_page({"id": n, "chapter": 12}) for n in pages} == pages
    assert claims_file.claim_page({"id": 3, "chapter": 11}) == "11_c"
    assert claims_file.claim_page({"id": 3, "chapter": 2}) is None


# --- the page of all verdicts ---

CHAPTER = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# A chapter

```{code-cell} ipython3
:tags: [remove-input]
import claims
claims.settle(1, gap=0.25)
```

```{bibliography}
```
"""
PAGE = """\
# Verdicts

```{verdict-table}
```

```{verdicts} computes
```

```{open-claims}
```
"""


def book_of_two(folder):
    """Write a book of one chapter, which settles claim 1 alone, and the page of verdicts."""
    tiny_book(folder, "")
    (folder / "book" / "chapter.md").unlink()
    (folder / "book" / "03_chapter.md").write_text(CHAPTER, encoding="utf-8")
    (folder / "book" / "verdicts.md").write_text(PAGE, encoding="utf-8")
    toc = "format: jb-book\nroot: book/index\nchapters:\n"
    toc += "  - file: book/verdicts\n  - file: book/03_chapter\n"
    (folder / "_toc.yml").write_text(toc, encoding="utf-8")
    write_claims(folder, "The gap was {gap:.0%}.")
    return folder


def write_claims(folder, found, **more):
    read = yaml.safe_load((BOOK / "claims.yml").read_text(encoding="utf-8"))
    for claim in read["claims"]:
        for field in claims_file.SETTLED:
            claim.pop(field, None)
    verdict = {"verdict": "false", "found": found, "when": "Here.", "sources": ["IS15"]}
    read["claims"][0] |= verdict
    for claim in read["claims"]:
        if str(claim["id"]) in more:
            claim |= more[str(claim["id"])]
    (folder / "book" / "claims.yml").write_text(yaml.safe_dump(read), encoding="utf-8")


def test_the_page_pastes_the_boxes_and_sees_what_is_wrong(tmp_path):
    """Run, from the cache, with a verdict that no chapter shows, and with an outdated one."""
    folder = book_of_two(tmp_path)
    html = folder / "_build" / "html" / "book" / "verdicts.html"
    for cached in (False, True):  # the second time the chapter is read again, but not run
        done = build(folder)
        assert ("Using cached" in done.stdout + done.stderr) == cached
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        page = html.read_text(encoding="utf-8").partition("<body")[2]
        assert page.count("The gap was 25\N{NO-BREAK SPACE}%.") == page.count('id="verdict-1"') == 1
        assert page.count("03_chapter.html#verdict-1") == 2  # in the table and in the box
        assert page.count("<tr>") == 2 + 43  # two heads; 1 settled and 42 still open
        shutil.rmtree(folder / "_build" / ".doctrees")
        shutil.rmtree(folder / "_build" / "html")

    entry = {"verdict": "true", "found": "So.", "when": "Now.", "sources": ["IS15"]}
    write_claims(folder, "The gap was {gap:.0%}.", **{"3": entry})
    done = build(folder)
    assert done.returncode != 0
    assert "never calls claims.settle(3, ...)" in done.stdout + done.stderr

    write_claims(folder, "The gap is {gap:.0%}.")
    done = build(folder)
    assert done.returncode != 0
    assert "comes from the execution cache" in done.stdout + done.stderr


# --- the predictions, beside the verdicts ---


@pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium here")
def test_predictions_stand_beside_the_verdicts(tmp_path, data):
    boxes = ""
    for claim, verdict in zip(data["claims"][:4], claims_file.VERDICTS, strict=True):
        settled = claim | copy.deepcopy(VERDICT) | {"verdict": verdict, "found": "So."}
        boxes += claims.verdict_box(settled | {"when": "Here."}, {})
    ids = [claim["id"] for claim in data["claims"][:4]]  # true, depends, false, unsettled
    head = '<meta charset="utf-8"><link rel="icon" href="data:,">'  # no icon to fetch in vain
    page = f'{head}<p class="predictions-compare"></p>{boxes}'
    page += '<script src="predictions.js"></script>'
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    shutil.copy(BOOK / "_static" / "predictions.js", tmp_path)
    shown = "Array.from(document.querySelectorAll('.verdict-prediction'), p => p.textContent)"
    count = "document.querySelector('.predictions-compare').textContent"
    with served(tmp_path) as address, chromium(find_chromium()) as browser:
        assert browser.open(f"{address}/page.html").errors == []
        assert browser.run(shown) == [""] * 4 and "no prediction" in browser.run(count)
        made = {ids[0]: "true", ids[1]: "false", ids[3]: "unsure"}
        stored = {"version": 1, "claims": {str(n): {"verdict": v} for n, v in made.items()}}
        key = "batchnorm-course.predictions"
        browser.run(f"localStorage.setItem({key!r}, {json.dumps(json.dumps(stored))})")
        browser.open(f"{address}/page.html")
        wanted = ["Your prediction: true", "Your prediction: false", "", "Your prediction: unsure"]
        assert browser.run(shown) == wanted
        assert "4 claims on this page you predicted 3. 1 of 2 agree" in browser.run(count)
