"""The website, as a reader's browser has it: complete on its own, readable, wide and on a phone.

The pages are looked at in headless Chromium; without one these tests are skipped. The site is
$SITE_DIR, or _build/html where that is newer than its sources, or built here for the purpose.
"""

import html.parser
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser import chromium, find_chromium, served
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("_config.yml", "_toc.yml", "book", "autograder", "data", "requirements.lock")
PHONE, DESK = 360, 1200
LARGEST = 200_000  # bytes of a first visit, compressed
SMALLEST = 9  # CSS pixels of a letter in a figure, its exponents and indices too

# What is wrong with the page that is open, by kind; run at each width with every fold open.
FAULTS = r"""
(async () => {
  const labels = (e) => [...e.querySelectorAll(".collapsed, .expanded")];
  const both = (e) => labels(e).filter((label) => label.checkVisibility()).length > 1;
  const folds = () => [...document.querySelectorAll("summary")].filter(both);
  const unclear = folds();
  document.querySelectorAll("details").forEach((d) => { d.open = true; });
  document.querySelectorAll(".formula, table").forEach((e) => e.scrollIntoView());
  // Boxes are measured when the browser has time, and again after a fold was opened.
  await new Promise((done) => setTimeout(done, 150));
  const boxes = () => document.documentElement.dataset.boxes;
  for (let i = 0; i < 400 && !boxes(); i++) await new Promise((done) => setTimeout(done, 50));
  const short = (e) => e.outerHTML.slice(0, 120), all = (s) => [...document.querySelectorAll(s)];
  const faults = { wide: [], tex: [], alt: [], keyboard: [], outside: [], letters: [], moves: [] };
  faults.folds = [...unclear, ...folds()].map(short);

  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) faults.wide.push("the page scrolls sideways");
  const scrolls = (e) => /auto|scroll/.test(getComputedStyle(e).overflowX);
  for (const e of all("main :is(p, li, pre, table, img, math, mrow, figure, h1, h2, h3)")) {
    if (e.getBoundingClientRect().right <= width + 1) continue;
    let box = e;
    while (box && !scrolls(box)) box = box.parentElement;
    if (!box) faults.wide.push(short(e));
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (e.closest("code, pre, script, style, textarea")) continue;
    const found = texts.currentNode.data.match(/\\[([a-zA-Z].{0,40}|\$\$.{0,40}|\\\[.{0,40}/);
    if (found) faults.tex.push(found[0]);
  }
  for (const e of all("img")) {
    const alt = e.getAttribute("alt");
    if (!alt || /\.(svg|png|jpe?g|gif|webp)$|^_images/i.test(alt.trim())) faults.alt.push(short(e));
  }
  for (const e of all(".formula")) {
    if (e.scrollWidth <= e.clientWidth + 1) continue;
    if (e.tabIndex !== 0 || !e.hasAttribute("role") || !e.hasAttribute("aria-label"))
      faults.keyboard.push(short(e));
  }
  for (const e of all("div.highlight > pre")) {
    const place = getComputedStyle(e.parentElement).containIntrinsicHeight.replace("auto ", "");
    e.parentElement.style.contentVisibility = "visible";  // it takes the height of its place else
    const height = e.getBoundingClientRect().height;
    if (height && !(Math.abs(height - parseFloat(place)) < 1))
      faults.moves.push(`${place} are kept for ${height} px: ${short(e)}`);
  }
  // The smallest letter of each figure. Matplotlib draws letters of 100 units, and scales them.
  for (const e of all("main img[src$='.svg']")) {
    const text = await (await fetch(e.src)).text();
    const figure = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const shown = e.getBoundingClientRect().width;
    // What book/printed.py leaves of a figure: 176 mm of a page's width, 228 of its height.
    const [wide, high] = ["width", "height"].map((side) => e.getAttribute(side));
    const printed = wide * Math.min(1, 665 / wide, 861 / high);
    const sizes = [...figure.querySelectorAll("text, [id^='text_'] use")].map((letter) => {
      let size = letter.localName === "text" ? parseFloat(letter.style.fontSize) : 100;
      for (let part = letter; part !== figure; part = part.parentElement) {
        const matrix = part.transform.baseVal.consolidate()?.matrix;
        if (matrix) size *= Math.hypot(matrix.a, matrix.b);
      }
      return size;
    });
    const smallest = Math.min(...sizes) / figure.viewBox.baseVal.width;
    const place = e.closest("figure")?.id || short(e);
    faults.letters.push([smallest * shown, place], [smallest * printed, `${place}, printed`]);
  }
  // What a page may fetch later, when it is scrolled or printed.
  for (const e of all("script[src], link[href], img[src], iframe[src], source[src], video[src]")) {
    const address = new URL(e.getAttribute("src") || e.getAttribute("href"), location);
    if (!["", location.host].includes(address.host)) faults.outside.push(short(e));
  }
  return faults;
})()
"""


class Ids(html.parser.HTMLParser):
    """The places in a page that a link can lead to."""

    def __init__(self, page):
        super().__init__()
        self.ids = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.ids |= {value for name, value in attrs if name in ("id", "name")}


def newest(paths) -> float:
    """Say when the newest file under these paths was changed."""
    files = [f for p in paths for f in ([p] if p.is_file() else p.rglob("*")) if f.is_file()]
    return max(f.stat().st_mtime for f in files if "__pycache__" not in f.parts)


def find_or_build_site(folder: Path) -> Path:
    """Return the folder of a site that is current, built into `folder` if there is none."""
    if "SITE_DIR" in os.environ:
        return Path(os.environ["SITE_DIR"])
    mark = ROOT / "_build" / "html" / "searchindex.js"  # a build writes it last
    if mark.exists() and mark.stat().st_mtime > newest(ROOT / name for name in SOURCES):
        return mark.parent
    site = folder / "_build" / "html"
    with FileLock(f"{folder}.lock"):  # several workers of pytest-xdist want it
        if not (site / "searchindex.js").exists():
            program = "from jupyter_book.cli.main import main; main()"  # has no python -m
            command = [sys.executable, "-c", program, "build", str(ROOT)]
            words = [*command, "--path-output", str(folder), "-W", "--keep-going"]
            done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
            assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
            assert (site / "searchindex.js").exists()
            complete = [sys.executable, ROOT / "book" / "browser" / "assemble.py", "--site", site]
            subprocess.run(complete, check=True)
    return site


@pytest.fixture(scope="session")
def browser():
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium is installed")
    with chromium(program) as page:
        yield page


@pytest.fixture(scope="session")
def site(browser, tmp_path_factory):
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    return find_or_build_site(shared / "site")


def html_files(site: Path) -> list[Path]:
    """List the pages of a site, without what its libraries bring."""
    others = {"_static", "lite"}
    files = [f for f in sorted(site.rglob("*.html")) if not others & {*f.relative_to(site).parts}]
    # The first of all leads to another page at once.
    files = [f for f in files if 'http-equiv="Refresh"' not in f.read_text(encoding="utf-8")]
    assert files
    return files


def look(browser, site: Path) -> dict[str, list[str]]:
    """Open each page of a site, wide and light, narrow and dark, and list what is wrong by kind."""
    faults = {}
    with served(site) as base:
        for file in html_files(site):
            name = file.relative_to(site).as_posix()
            for width, dark in ((DESK, False), (PHONE, True)):
                visit = browser.open(f"{base}/{name}", width, dark)
                size = visit.size  # before anything is scrolled to
                found = browser.run(FAULTS)
                found["large"] = [f"{size} bytes at the first visit"] if size > LARGEST else []
                found["small"] = [
                    f"{size:.1f} px in {figure}"
                    for size, figure in found.pop("letters")
                    if size is not None and size < SMALLEST
                ]
                found["error"] = visit.errors
                found["request"] = [
                    r for r in visit.requests if not r.startswith((base + "/", "data:", "blob:"))
                ]
                found["heavy"] = [r for r in visit.requests if "fontawesome" in r]
                for kind, lines in found.items():
                    place = f"{name} at {width} px"
                    faults.setdefault(kind, []).extend(f"{place}: {line}" for line in lines)
    return faults


@pytest.fixture(scope="session")
def faults(browser, site):
    return look(browser, site)


KINDS = {
    "request": "asks another host for something",
    "outside": "names something of another host that a reader would fetch later",
    "error": "has an error in the console",
    "wide": "is wider than the window",
    "tex": "shows TeX that was not turned into a formula",
    "alt": "has an image without a text for who cannot see it",
    "keyboard": "has a formula that scrolls but not by the keyboard",
    "moves": "keeps a place for code that waits which is not of the code's height",
    "folds": "has a fold that says both what it does open and what it does closed",
    "small": f"has a figure with letters of less than {SMALLEST} px",
    "heavy": "loads the theme's icons whole",
    "large": f"needs more than {LARGEST} bytes before it is read",
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_page(faults, kind):
    assert faults[kind] == [], f"a page {KINDS[kind]}"


def test_a_bad_page_is_seen(browser, tmp_path):
    """Every kind of fault is found where it is, so no test above passes for nothing."""
    letter = '<g transform="rotate(-90) scale(0.11 -0.11)"><use transform="scale(0.7)"/></g>'
    (tmp_path / "small.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="30" viewBox="0 0 300 30">'
        f'<g id="text_1">{letter}</g></svg>'
    )
    (tmp_path / "bad.html").write_text(
        """<!DOCTYPE html><html><head><meta name="viewport" content="width=device-width">
        <script src="http://elsewhere.invalid/script.js"></script>
        <link rel="preload" as="script" href="fontawesome.js">
        </head><body><main>
        <p>The mean \\(\\mu\\).</p> <img src="data:," alt="figure.png">
        <img src="small.svg" alt="A figure with a small exponent.">
        <div class="formula" style="overflow-x: auto; width: 9px"><b>A formula</b></div>
        <div class="highlight" style="contain-intrinsic-height: auto 99px"><pre>x = 1</pre></div>
        <details open><summary><b class="collapsed">Show</b> <b class="expanded">Hide</b></summary>
        </details>
        <p style="width: 2000px">A line that is too long.</p></main>"""
        + f"<!-- {secrets.token_hex(LARGEST)} --></body></html>"
    )
    found = look(browser, tmp_path)
    assert {kind for kind, lines in found.items() if lines} == set(KINDS)


def test_a_formula_too_wide_is_seen(browser, site, tmp_path):
    """On a real page: a formula scrolls in its box, and without the box it would be seen."""
    page = next(f for f in html_files(site) if 'class="formula"' in f.read_text(encoding="utf-8"))
    with served(site) as base:
        browser.open(f"{base}/{page.relative_to(site).as_posix()}", PHONE)
        browser.run(
            "document.querySelector('.formula math').insertAdjacentHTML('beforeend',"
            " '<mrow>' + '<mi>x</mi><mo>+</mo>'.repeat(99) + '</mrow>');"
            " window.dispatchEvent(new Event('resize'))"
        )
        found = browser.run(FAULTS)
        assert found["wide"] == found["keyboard"] == []
        browser.run("document.querySelectorAll('.formula').forEach((e) => e.className = '')")
        assert browser.run(FAULTS)["wide"]


def test_no_dead_internal_link(site):
    pages = {f.resolve(): f.read_text(encoding="utf-8") for f in html_files(site)}
    ids = {path: Ids(page).ids for path, page in pages.items()}
    dead, count = [], 0
    for path, page in pages.items():
        for link in re.findall(r'<a\b[^>]*\bhref="([^"]*)"', page):
            parts = urlsplit(html.unescape(link))
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            fragment = unquote(parts.fragment)
            count += 1
            if not target.is_file() or (fragment and fragment not in ids.get(target, {fragment})):
                dead.append(f"{path.name}: {link}")
    assert dead == []
    assert count > 0


def test_pasted_numbers_are_written_for_readers(site):
    """Not as a library shows them, such as np.int64(18)."""
    for path in html_files(site):
        pasted = re.findall(r'class="pasted-text">([^<]*)', path.read_text(encoding="utf-8"))
        assert not [text for text in pasted if re.search(r"\w\(|array|tensor", text)], path.name


def test_references_to_formulas_have_their_numbers(site):
    """What {eq} shows is the number that stands beside the formula it leads to."""
    pages = {f.resolve(): f.read_text(encoding="utf-8") for f in html_files(site)}
    numbers = {
        (path, key): number
        for path, page in pages.items()
        for key, number in re.findall(
            r'id="(equation-[^"]*)">(?:(?!id="equation-).)*?class="eqno">(\([\d.]+\))',
            page,
            re.DOTALL,
        )
    }
    assert len(set(numbers.values())) == len(numbers) > 0
    references = [
        ((path, number), numbers.get(((path.parent / file).resolve() if file else path, key)))
        for path, page in pages.items()
        for file, key, number in re.findall(
            r'href="([^"#]*)#(equation-[^"]*)">(?:<span[^>]*>)?(\([\d.]+\))', page
        )
    ]
    assert references
    assert [pair for pair in references if pair[0][1] != pair[1]] == []


def test_formulas_are_drawn_in_the_font_that_the_site_brings(browser, site):
    """Each symbol is in the subset of STIX Two Math: none comes from a font of this machine."""
    others, count = set(), 0
    with served(site) as base:
        for file in html_files(site):
            if "<math" not in file.read_text(encoding="utf-8"):
                continue
            browser.open(f"{base}/{file.relative_to(site).as_posix()}")
            browser.run(
                """(() => {
                  const near = "<style>.math { content-visibility: visible !important }</style>";
                  document.head.insertAdjacentHTML("beforeend", near);
                  const seen = new Set();
                  document.querySelectorAll("main math :is(mi, mo, mn, mtext)").forEach((e) => {
                    const key = e.localName + e.textContent + e.getAttribute("mathvariant");
                    if (!seen.has(key) && e.checkVisibility()) e.dataset.probe = seen.add(key).size;
                  });
                })()"""
            )
            browser.call("CSS.enable")
            top = browser.call("DOM.getDocument", depth=0)["root"]["nodeId"]
            found = browser.call("DOM.querySelectorAll", nodeId=top, selector="[data-probe]")
            for node in found["nodeIds"]:
                for font in browser.call("CSS.getPlatformFontsForNode", nodeId=node)["fonts"]:
                    count += 1
                    if not font["isCustomFont"]:
                        text = browser.call("DOM.getOuterHTML", nodeId=node)["outerHTML"]
                        others.add(f"{file.name}: {font['familyName']} in {text}")
    assert count > 0
    assert others == set()


def build_page(folder: Path, text: str) -> subprocess.CompletedProcess:
    """Build one page with the extension that renders formulas, and nothing else of the book's."""
    (folder / "index.md").write_text(text, encoding="utf-8")
    (folder / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'book' / '_ext')!r})\n"
        "extensions = ['myst_parser', 'build_time_math']\n"
        "myst_enable_extensions = ['dollarmath']\nmyst_update_mathjax = False\n"
        "html_math_renderer = 'build_time'\n"
        r"math_macros = {'xhat': '\\hat{x}'}"
    )
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(folder), str(folder / "out")]
    return subprocess.run(command, capture_output=True, text=True)


def test_formulas_become_mathml(tmp_path):
    done = build_page(
        tmp_path,
        "# Page\n\nInline $\\xhat_i$.\n\n$$\na &= b \\\\ &= c\n$$ (eq-a)\n\nSee {eq}`eq-a`.\n",
    )
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert page.count("<math") == 2 and "mtable" in page and "\\" not in page
    assert '<span class="eqno">(1)' in page and 'href="#equation-eq-a">(1)</a>' in page
    assert not re.search("mathjax", page, re.IGNORECASE)


@pytest.mark.parametrize(
    "formula, line, message",
    [
        ("Some $\\mu$ and\nthen $\\nosuch{x}$.", 3, "nosuch"),
        ("One line.\n\n$$\n\\frac{1}{2\n$$", 5, "\\frac{1}{2"),
        ("$$\n\\begin{align} a &= b \\end{align}\n$$", 3, "would number itself"),
    ],
)
def test_a_bad_formula_ends_the_build_each_time(tmp_path, formula, line, message):
    """Without -W too, and not only on the first try: a page that was read once is read again."""
    for _ in range(2):
        done = build_page(tmp_path, f"# Page\n\n{formula}\n")
        assert done.returncode != 0
        assert f"index.md:{line}: " in done.stderr
        assert message in done.stderr
