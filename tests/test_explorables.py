"""Figures that move: their numbers are NumPy's and the reference's, at all values they draw.

The browser's part is tried on a page made from a tiny book; without Chromium it is skipped.
"""

import itertools
import json
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from browser import chromium, find_chromium, served
from conftest import ROOT
from test_book import HEAD, build, page, tiny_book

from autograder.reference.backward import backward_stages, batchnorm_backward
from autograder.reference.conv import batchnorm2d_forward, group_norm, normalize
from autograder.reference.dense import batch_statistics, batchnorm_forward
from autograder.reference.running import BatchNorm

sys.path[:0] = [str(ROOT / "book"), str(ROOT / "book" / "_ext")]
import explorables  # noqa: E402
import figures  # noqa: E402

NAMES = explorables.names()
CHAPTERS = sorted((ROOT / "book").glob("[0-9][0-9]_*.md"))


class Shown:
    """An explorable in its engine.

    Args:
        name: of the explorable.
    """

    def __init__(self, name):
        self.name, self.context = name, explorables.load(name)
        self.controls = {control["key"]: control for control in self.get("controls")}

    def get(self, field):
        code = f"JSON.stringify(Explorables.all[{json.dumps(self.name)}].{field})"
        return json.loads(self.context.eval(code))

    def compute(self, **values):
        return explorables.ask(self.context, self.name, "compute", values)

    def draw(self, **values):
        return explorables.ask(self.context, self.name, "draw", values)

    def say(self, **values):
        return explorables.ask(self.context, self.name, "say", values)


@pytest.fixture(scope="module", params=NAMES)
def shown(request):
    return Shown(request.param)


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def column(values):
    return np.asarray(values, dtype=float)[:, None]


def forward(x, gamma=1.0, beta=0.0, eps=1e-5):
    """Return y and the cache for one channel, flat."""
    y, cache = batchnorm_forward(column(x), np.array([gamma]), np.array([beta]), eps)
    return y[:, 0], cache


# --- the numbers ---


def test_batch_size():
    it = Shown("batch_size")
    batches, population = np.array(it.get("batches")), np.array(it.get("population"))
    state, drawn = 2026, []
    for _ in range(batches.size):
        state = state * 48271 % (2**31 - 1)
        drawn.append(population[state % len(population)])
    assert np.array_equal(batches.ravel(), drawn)
    for size, batch in itertools.product((1, 2, 4, 7, 32), (1, 33, 60)):
        found = it.compute(size=size, batch=batch)
        chosen = batches[batch - 1, :size]
        mean, var = batch_statistics(batches[:, :size].T)
        close(found["means"], mean)
        close(found["vars"], var)
        close([found["mean"], found["var"]], [chosen.mean(), chosen.var()])
        close([found["spread"], found["average_var"]], [mean.std(), var.mean()])
        if size == 1:
            assert found["unbiased"] is None
        else:
            close(found["unbiased"], chosen.var(ddof=1))


@pytest.mark.parametrize("log_var", (-10, -5, -2.5, 0))
@pytest.mark.parametrize("log_eps", (-8, -5, 0))
def test_eps(log_var, log_eps):
    found = Shown("eps").compute(log_var=log_var, log_eps=log_eps)
    v, eps, x = 10.0**log_var, 10.0**log_eps, np.array(found["x"])
    close(x.var() / v, 1)
    x_hat, cache = forward(x, eps=eps)
    close(found["x_hat"], x_hat)
    close(found["gain"] / cache["inv_std"][0], 1)
    close(found["var_x_hat"], x_hat.var())
    outside = (x - x.mean()) / (x.std() + eps)
    close(found["x_hat_outside"], outside)
    close(found["var_outside"], outside.var())
    close(found["gain_outside"] * (np.sqrt(v) + eps), 1)


@pytest.mark.parametrize("gamma, beta", [(1.5, 2), (-2, -3), (0, 0.5)])
@pytest.mark.parametrize("stretch, shift", [(2, -3), (0.25, 4)])
def test_gamma_beta(gamma, beta, stretch, shift):
    found = Shown("gamma_beta").compute(gamma=gamma, beta=beta, stretch=stretch, shift=shift)
    y, cache = forward(found["x"], gamma, beta)
    close(found["x_hat"], cache["x_hat"][:, 0])
    close(found["y"], y)
    close([found["mean_y"], found["sd_y"]], [y.mean(), y.std()])
    close([found["mean_x"], found["sd_x"]], [np.mean(found["x"]), np.std(found["x"])])


@pytest.mark.parametrize("constant, slope", [(1, 1), (-2, 0.5), (0, -1.5), (0, 0)])
@pytest.mark.parametrize("eps", (0, 0.25, 4))
def test_projection(constant, slope, eps):
    it = Shown("projection")
    found, x = it.compute(constant=constant, slope=slope, eps=eps), np.array(it.get("x"))
    assert x.var() == pytest.approx(2)
    dy = np.array(found["dy"])
    cache = forward(x, eps=eps)[1]
    dx, dgamma, dbeta = batchnorm_backward(column(dy), cache)
    close(found["dx"], dx[:, 0])
    close([found["dgamma"], found["dbeta"]], [dgamma[0], dbeta[0]])
    left = dx[:, 0] / cache["inv_std"][0]
    close(found["left"], left)
    close(np.array(found["line"]) + left, dy)
    for lengths, vector in ((found["before"], dy), (found["after"], left)):
        line = np.polyval(np.polyfit(x, vector, 1), x)
        along = np.linalg.norm(line - vector.mean())
        expected = abs(vector.sum()) / np.sqrt(len(x)), along, np.linalg.norm(vector - line)
        close(lengths, expected)


@pytest.mark.parametrize("momentum", (0.01, 0.1, 0.5, 1))
@pytest.mark.parametrize("start", (-4, 0, 12))
def test_running(momentum, start):
    it = Shown("running")
    data = np.array(it.get("data"))
    layer = BatchNorm(1, momentum=momentum)
    layer.running_mean[:] = start
    path = [float(start)]
    for b in data:
        layer.forward(column([b - 1, b + 1]))  # a batch of this mean
        path.append(layer.running_mean[0])
    for read in (1, 24, 40):
        found = it.compute(momentum=momentum, start=start, read=read)
        close(found["path"], path)
        weights = np.array(found["weights"])
        close(weights.sum() + found["start_weight"], 1)
        close(weights @ data[:read] + found["start_weight"] * start, path[read])
        close(found["value"], path[read])
    close(found["window"], (2 - momentum) / momentum)
    if momentum < 1:
        close((1 - momentum) ** found["half_life"], 0.5)


@pytest.mark.parametrize("x3, dy3", [(5, 2), (-2, -4), (10, 0.5)])
@pytest.mark.parametrize("gamma", (6, -3, 0))
def test_backward_graph(x3, dy3, gamma):
    found = Shown("backward_graph").compute(x3=x3, dy3=dy3, gamma=gamma)
    y, cache = forward(found["x"], gamma, found["beta"], eps=1)
    close(found["y"], y)
    for name in ("mean", "var"):
        close(found[name], cache[name][0])
    close(found["x_hat"], cache["x_hat"][:, 0])
    for name, stage in backward_stages(column(found["dy"]), cache).items():
        close(found[name], stage.reshape(np.shape(found[name])))
    paths = np.array(found["straight"]) + found["by_var"] + found["by_mean"]
    close(found["dx"], paths)


def test_backward_graph_starts_with_the_case_of_the_chapter():
    chapter = (ROOT / "book" / "04_staged_backward.md").read_text(encoding="utf-8")
    case = {}
    for name in ("x", "dy"):
        rows = re.search(rf"^{name} = np.array\((\[\[.*?\]\])\)", chapter, re.MULTILINE).group(1)
        case[name] = np.array(json.loads(rows))[:, 0]
    found = Shown("backward_graph").compute()
    assert found["x"] == case["x"].tolist() and found["dy"] == case["dy"].tolist()


@pytest.mark.parametrize("image, channel", [(1, 2), (3, 4)])
@pytest.mark.parametrize("brighter", (0, 5))
def test_norm_axes(image, channel, brighter):
    it = Shown("norm_axes")
    plain = np.array(it.compute(brighter=0)["x"]).reshape(3, 4, 2, 2)
    for norm in (1, 2, 3, 4):
        found = it.compute(norm=norm, image=image, channel=channel, brighter=brighter)
        x = np.array(found["x"]).reshape(3, 4, 2, 2)
        close(x - plain, brighter * (np.arange(3) == 2)[:, None, None, None] * np.ones(x.shape))
        n, c = image - 1, channel - 1
        if norm == 1:
            expected, set_ = batchnorm2d_forward(x, np.ones(4), np.zeros(4))[0], x[:, c]
        elif norm == 2:
            expected, set_ = normalize(x, (1, 2, 3)), x[n]
        elif norm == 3:
            expected, set_ = normalize(x, (2, 3)), x[n, c]
        else:
            first = c // 2 * 2
            expected, set_ = group_norm(x, 2), x[n, first : first + 2]
        close(np.reshape(found["x_hat"], x.shape), expected)
        close([found["count"], found["mean"], found["var"]], [set_.size, set_.mean(), set_.var()])


@pytest.mark.parametrize("size", range(1, 9))
@pytest.mark.parametrize("shuffle", (1, 2, 8))
def test_train_eval(size, shuffle):
    it = Shown("train_eval")
    found, x = it.compute(size=size, shuffle=shuffle), np.array(it.get("data"))
    M, stride = it.get("sizes")[size - 1], it.get("strides")[shuffle - 1]
    order = np.arange(len(x)) * stride % len(x)
    assert sorted(order) == list(range(len(x)))
    train = np.empty(len(x))
    for batch in order.reshape(-1, M):
        train[batch] = forward(x[batch])[0]
    close(found["train"], train)
    layer = BatchNorm(1, momentum=1.0)  # keeps the statistics of one batch: all samples
    layer.forward(column(x))
    layer.eval()
    close(found["eval"], layer.forward(column(x))[:, 0])
    close(found["rms"], np.sqrt(np.mean((train - found["eval"]) ** 2)))
    assert found["train"][10] == found["ours"][shuffle - 1]


@pytest.mark.parametrize("angle", (-180, -35, 20, 110))
@pytest.mark.parametrize("length", (0.2, 1, 3))
def test_landscape(angle, length):
    it = Shown("landscape")
    found, u = it.compute(angle=angle, length=length), np.array(it.get("inputs"))
    target = np.array(it.get("target"))
    close([target.mean(), target.std()], [0, 1])
    w = length * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    close(found["w"], w)
    x = u @ w
    close(found["loss"], np.mean((x - target) ** 2))
    close(found["gradient"], 2 / len(x) * (x - target) @ u)
    y, cache = forward(x, eps=0)
    close(found["loss_norm"], np.mean((y - target) ** 2))
    dx = batchnorm_backward(column(2 / len(x) * (y - target)), cache)[0][:, 0]
    close(found["gradient_norm"], dx @ u)
    close(found["radial"], 0)


def test_every_explorable_is_compared():
    assert {name for name in NAMES if f"test_{name}" in globals()} == set(NAMES)


# --- the drawings ---


def test_drawings_stand_at_the_ends_of_every_range(shown):
    """All ends together, and each end with the other controls at their start."""
    ends = {key: (control["min"], control["max"]) for key, control in shown.controls.items()}
    cases = [dict(zip(ends, corner, strict=True)) for corner in itertools.product(*ends.values())]
    cases += [{key: end} for key, pair in ends.items() for end in pair] + [{}]
    box = None
    for values in cases:
        drawing, state = shown.draw(**values), shown.say(**values)
        for bad in ("NaN", "Infinity", "undefined", "null"):
            assert bad not in drawing + state, values
        root = ET.fromstring(drawing)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        box = box or root.get("viewBox")
        assert root.get("viewBox") == box and box.startswith("0 0 360 ")
        sizes = [float(e.get("font-size")) for e in root.iter() if e.get("font-size")]
        assert min(sizes) >= 13  # at 360 px a page leaves about 320 to the drawing
        assert not re.search(r" (href|style|onload|id)=", drawing)
        assert len(state.split()) >= 4 and state.endswith(".")


def test_drawings_are_the_same_each_time(shown):
    assert shown.draw() == Shown(shown.name).draw()


def test_controls_are_ranges_that_a_reader_can_set(shown):
    assert shown.controls
    for control in shown.controls.values():
        assert control["label"] and control["min"] < control["max"]
        for value in (control["start"], control["max"]):
            steps = (value - control["min"]) / control["step"]
            assert 0 <= steps and abs(steps - round(steps)) < 1e-9, control
        assert control["start"] <= control["max"]


def test_every_control_changes_the_drawing(shown):
    for key, control in shown.controls.items():
        others = {control["min"], control["max"]} - {control["start"]}
        assert all(shown.draw(**{key: value}) != shown.draw() for value in others), key


def test_colours_are_those_of_the_book():
    found = json.loads(explorables.load(NAMES[0]).eval("JSON.stringify(Explorables.COLOUR)"))
    assert {k: v for k, v in found.items() if k != "ink"} == figures.COLOUR


def test_a_drawing_without_a_number_is_refused():
    context = explorables.load(NAMES[0])
    with pytest.raises(Exception, match="a drawing needs numbers, not NaN"):
        context.eval("Explorables.line(0, 0, NaN, 1, 'x')")


def test_every_explorable_is_in_a_chapter_once():
    text = "".join(path.read_text(encoding="utf-8") for path in CHAPTERS)
    found = re.findall(r"^```\{explorable\} (\w+)\n---\nname: fig-", text, re.MULTILINE)
    assert sorted(found) == NAMES


# --- the page ---

FIGURE = """
```{explorable} gamma_beta
---
name: fig-tried
alt: Three number lines with "seven" samples.
---
The caption, with $x$.
```

See {numref}`fig-tried`.
"""


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """A tiny book with one explorable; its index has none."""
    folder = tiny_book(
        tmp_path_factory.mktemp("book"), HEAD + FIGURE + "\n```{bibliography}\n```\n"
    )
    done = build(folder)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return folder


def test_the_page_has_the_drawing_without_a_script(tried):
    text = page(tried).read_text(encoding="utf-8")
    figure = re.search(
        r'<figure class="[^"]*\bexplorable\b[^"]*" id="fig-tried">.*?</figure>', text, re.DOTALL
    )[0]
    svg = ET.fromstring(re.search(r"<svg .*</svg>", figure, re.DOTALL)[0])
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == 'Three number lines with "seven" samples.'
    still = ET.fromstring(Shown("gamma_beta").draw())
    assert [e.attrib for e in svg.iter()][1:] == [e.attrib for e in still.iter()][1:]
    assert "from gamma = 1.50" in figure and "<math" in figure and "<input" not in figure
    assert re.search(r'href="#fig-tried"><span class="std std-numref">Fig. \d', text)


def test_only_pages_with_an_explorable_load_scripts(tried):
    loaded = re.findall(
        r'<script[^>]*src="[^"]*_static/explorables/(\w+)\.js\?v=\w+"',
        page(tried).read_text(encoding="utf-8"),
    )
    assert loaded == ["explorable", "gamma_beta"]
    index = page(tried).parent / "index.html"
    assert "explorables/" not in index.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text, message",
    [
        (
            FIGURE.replace("gamma_beta", "nothing"),
            "no explorable 'nothing'; there are backward_graph",
        ),
        (re.sub("alt: .*\n", "", FIGURE), "needs the options alt and name"),
        (FIGURE.replace("The caption", "One.\n\nThe caption"), "is one paragraph"),
    ],
)
def test_a_directive_that_cannot_be_followed_is_an_error(tmp_path, text, message):
    (tmp_path / "index.md").write_text("# Page\n" + text, encoding="utf-8")
    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'book' / '_ext')!r})\n"
        "extensions = ['myst_parser', 'explorables']\nnumfig = True\n"
    )
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(tmp_path)]
    done = subprocess.run([*command, str(tmp_path / "out")], capture_output=True, text=True)
    assert done.returncode != 0 and message in done.stderr


@pytest.fixture(scope="module")
def browser():
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium is installed")
    with chromium(program) as tab:
        yield tab


STATE = """(() => {
  const body = document.querySelector("[data-explorable]"), svg = body.querySelector("svg");
  return {
    svg: svg.innerHTML, label: svg.getAttribute("aria-label"),
    state: body.querySelector(".explorable-say").textContent,
    inputs: [...body.querySelectorAll("input")].map(
      (e) => [e.labels[0].textContent, e.value, e.getAttribute("aria-valuetext")]),
    focus: document.activeElement.id,
  };
})()"""
STILL = """(() => {
  const box = document.querySelector("[data-explorable] svg").getBoundingClientRect();
  return [box.width, box.height, document.querySelectorAll("input[type=range]").length];
})()"""
# Moves each control of a page to both ends, and lists what is wrong with the drawing then.
TRY_ALL = """(() => {
  const faults = [];
  const look = (svg, what) => {
    const box = svg.getBoundingClientRect(), seen = [];
    svg.querySelectorAll("text").forEach((text) => {
      const own = text.getBoundingClientRect(), beyond = (a, b) => a < b - 1;
      if (beyond(own.left, box.left) || beyond(box.right, own.right)
          || beyond(own.top, box.top) || beyond(box.bottom, own.bottom))
        faults.push(what + ": outside: " + text.textContent);
      const size = parseFloat(getComputedStyle(text).fontSize) * box.width / 360;
      if (size < 11) faults.push(what + ": small: " + text.textContent);
      seen.forEach((other) => {
        if (Math.min(own.right, other.right) - Math.max(own.left, other.left) > 1
            && Math.min(own.bottom, other.bottom) - Math.max(own.top, other.top) > 4)
          faults.push(what + ": on another text: " + text.textContent);
      });
      seen.push(own);
    });
  };
  document.querySelectorAll("[data-explorable]").forEach((body) => {
    const svg = body.querySelector("svg"), inputs = [...body.querySelectorAll("input")];
    if (inputs.length === 0) faults.push(body.dataset.explorable + " has no control");
    look(svg, body.dataset.explorable);
    inputs.forEach((input) => [input.min, input.max].forEach((end) => {
      body.querySelector("button").click();
      const before = svg.innerHTML, what = input.id + " at " + end;
      if (input.value === end) return;
      input.value = end;
      input.dispatchEvent(new Event("input"));
      if (svg.innerHTML === before) faults.push(what + ": nothing moved");
      look(svg, what);
    }));
  });
  return faults;
})()"""


def press(browser, key, code):
    for kind in ("keyDown", "keyUp"):
        browser.call(
            "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code
        )


@pytest.mark.parametrize("width, dark", [(1200, False), (360, True)])
def test_a_reader_moves_it_by_keyboard(tried, browser, width, dark):
    with served(page(tried).parents[1]) as base:
        visit = browser.open(f"{base}/book/chapter.html", width, dark)
        before = browser.run(STATE)
        assert before["inputs"][2] == ["gamma", "1.5", "1.50"]
        browser.run("document.getElementById('explorable-gamma_beta-stretch').focus()")
        press(browser, "Tab", 9)
        assert browser.run(STATE)["focus"] == "explorable-gamma_beta-gamma"
        press(browser, "Home", 36)
        moved = browser.run(STATE)
        assert moved["inputs"][2] == ["gamma", "-2", "\u22122.00"]
        assert moved["svg"] != before["svg"] and "from gamma = \u22122.00" in moved["state"]
        assert moved["label"] == before["label"]
        browser.run("document.querySelector('.explorable-controls button').click()")
        again = browser.run(STATE)
        assert {**again, "focus": ""} == {**before, "focus": ""}
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert visit.errors == []


def test_without_scripts_the_drawing_is_there(tried, browser):
    with served(page(tried).parents[1]) as base:
        browser.call("Emulation.setScriptExecutionDisabled", value=True)
        try:
            # Page.open waits for an animation frame, which no script can have now.
            browser.call("Page.navigate", url=f"{base}/book/chapter.html")
            end = time.monotonic() + 30
            while browser.run("document.readyState") != "complete":
                assert time.monotonic() < end
            seen = browser.run(STILL)
        finally:
            browser.call("Emulation.setScriptExecutionDisabled", value=False)
    assert seen[0] > 250 and seen[1] > 150 and seen[2] == 0


def test_every_explorable_answers_in_the_browser(browser, tmp_path):
    """Each control of each, at both ends: something moves, and text stays inside the drawing."""
    for file in explorables.SOURCES.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    scripts = "".join(f'<script defer src="{n}.js"></script>' for n in ("explorable", *NAMES))
    bodies = "".join(f"<main>{explorables.body(name, 'A figure.')}</main>" for name in NAMES)
    (tmp_path / "index.html").write_text(
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>All</title>'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="explorable.css">'
        f'{scripts}</head><body style="margin: 16px">{bodies}</body></html>',
        encoding="utf-8",
    )
    with served(tmp_path) as base:
        visit = browser.open(f"{base}/index.html", 360)
        assert browser.run(TRY_ALL) == [] and visit.errors == []
