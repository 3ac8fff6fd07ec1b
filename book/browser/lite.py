"""Puts the exercises that need NumPy only into the site, to be worked on in the browser: `lite/`.

1. JupyterLite's builder and the packages that its kernel imports come from PyPI, each checked by
   its sha256; they stay in build/lite.
2. The builder makes its pages for the exercises' folders as students get them.
3. Its kernel is told to take Python from `_python/`, where the pages of the book take theirs.
4. `start.js` and `service-worker.js` go beside it, and the links to it into the exercises' pages.

Nothing is made again where nothing changed.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from fetch import Missing, run

from autograder.checks import EXERCISES
from autograder.paths import EXERCISES as RELEASED

HERE = Path(__file__).resolve().parent
PLACE = HERE.parents[1] / "build" / "lite"
TOOLS, WHEELS = HERE / "lite_tools.txt", HERE / "lite_wheels.txt"
SCRIPTS = ("start.js", "service-worker.js")
EXTENSION = Path("@jupyterlite") / "pyodide-kernel-extension"
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
# Of the wheels that the kernel's extension brings.
KERNEL_WHEELS = ("ipykernel", "piplite", "pyodide_kernel")
# The age of a checkpoint, which is that of the file; what leads to pages that are not there; a
# word that lies over the menus of a phone.
UNUSED = (
    "@jupyter-notebook/notebook-extension:checkpoints",
    "@jupyter-notebook/notebook-extension:open-tree-tab",
    "@jupyter-notebook/application-extension:pages",
    "@jupyter-notebook/notebook-extension:trusted",
)
EPOCH = "315532800"  # 1980, as old as a file in a zip can be: all dates are this one
MEGABYTES = 16  # that come, compressed, when a notebook is opened for the first time
# What a page has between these marks depends on whether there is a lite/.
BLOCK = re.compile(r"<!-- in the browser: (\w+) -->.*?<!-- end -->", re.DOTALL)


def add_to(html: Path) -> str:
    """Put the exercises into the built site, and the links to them into their pages.

    Args:
        html: the site's folder; `_python/` is there, or else nothing is added.

    Returns:
        What was done, in words for the user.
    """
    python, target = html / "_python", html / "lite"
    if not (python / "pyodide.mjs").is_file():
        shutil.rmtree(target, ignore_errors=True)
        link(html, None)
        return "no exercises in the browser, for want of Python there"
    names = [name for name in EXERCISES if not needs_torch(name)]
    state = state_of(python, names)
    mark = target / "made.txt"
    words = f"{len(names)} exercises in the browser"
    if mark.is_file() and mark.read_text() == state:
        words += " (unchanged)"
    else:
        PLACE.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        try:
            with tempfile.TemporaryDirectory(dir=PLACE) as place:
                shutil.move(build(Path(place), python, names, state), target)
        except Missing as error:
            link(html, None)
            return f"no exercises in the browser: {error}"
        mark.write_text(state)
    link(html, names)
    return words


def handed_out(name: str) -> list[Path]:
    """List the files of an exercise, the notebook and its checks first.

    Args:
        name: of the exercise.
    """
    first = [RELEASED / name / f"{name}.ipynb", RELEASED / name / f"check_{name}.py"]
    others = {path for path in (RELEASED / name).iterdir() if path.is_file()} - set(first)
    return [*first, *sorted(others)]


def needs_torch(name: str) -> bool:
    """Say whether an exercise needs PyTorch, which no browser has; read from its check file.

    Args:
        name: of the exercise.
    """
    checks = (RELEASED / name / f"check_{name}.py").read_text(encoding="utf-8")
    return bool(re.search(r"^import torch\b", checks, re.MULTILINE))


def state_of(python: Path, names: list[str]) -> str:
    """Return a checksum of all that the pages are made from.

    Args:
        python: the folder of Pyodide.
        names: of the exercises.
    """
    own = [HERE / name for name in (Path(__file__).name, *SCRIPTS)]
    theirs = [path for name in names for path in handed_out(name)]
    files = [TOOLS, WHEELS, *own, python / "pyodide-lock.json", *theirs]
    total = hashlib.sha256()
    for path in files:
        total.update(f"{path.parent.name}/{path.name}\n".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def build(place: Path, python: Path, names: list[str], state: str) -> Path:
    """Return the folder of a new site of JupyterLite.

    Args:
        place: an empty folder to work in.
        python: the folder of Pyodide.
        names: of the exercises.
        state: see `state_of`.

    Raises:
        Missing: something could not be loaded.
    """
    tools, wheels = get_tools(), get_wheels()
    source, site = place / "source", place / "site"
    for name in names:
        folder = source / "contents" / name
        folder.mkdir(parents=True)
        for path in handed_out(name):
            shutil.copyfile(path, folder / path.name)
    write_settings(source, tools)
    # Its own packages lie in one folder; what they need beside, the project's environment has.
    environ = os.environ | {"PYTHONPATH": str(tools), "SOURCE_DATE_EPOCH": EPOCH}
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    done = subprocess.run(command, cwd=source, env=environ, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"jupyter lite build failed:\n{(done.stdout + done.stderr)[-3000:]}")
    mend_listings(site / "api" / "contents")
    use_our_kernel_name(site)
    add_wheels(site, python, wheels)
    add_scripts(site, state)
    return site


def get_tools() -> Path:
    """Return the folder with JupyterLite's builder, installed there if need be."""
    words = ["install", "--no-deps", "--require-hashes", "--target"]
    return _pip_once("tools", TOOLS, words, "JupyterLite cannot be installed")


def get_wheels() -> list[Path]:
    """Return the packages that the kernel imports, loaded if need be."""
    words = ["download", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    words += ["--python-version", "3.14", "--implementation", "py", "--abi", "none"]
    words += ["--platform", "any", "--dest"]
    place = _pip_once("wheels", WHEELS, words, "the packages of JupyterLite's kernel cannot be had")
    return sorted(place.glob("*.whl"))


def _pip_once(name, list_file, words, failure):
    """Return a folder that pip filled by a list; it does so where it has not yet."""
    folder, wanted = PLACE / name, list_file.read_text()
    mark = folder / "made_from.txt"
    if mark.is_file() and mark.read_text() == wanted:
        return folder
    PLACE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PLACE) as place:
        new = Path(place) / name
        quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1"]
        command = [sys.executable, "-m", "pip", *words, str(new), "--requirement", str(list_file)]
        run([*command, *quiet], failure)
        (new / mark.name).write_text(wanted)
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)
    return folder


def write_settings(source: Path, tools: Path):
    """Write the files that tell the builder what to build, and the pages how to behave.

    Args:
        source: the builder's folder.
        tools: the folder of its program.
    """
    builder = {
        "contents": ["contents"],
        "output_dir": "../site",
        "cache_dir": "../cache",
        "apps": ["notebooks"],
        "ignore_sys_prefix": ["federated_extensions"],  # of the Jupyter that is installed here
        "federated_extensions": [str(tools / "share" / "jupyter" / "labextensions" / EXTENSION)],
        "no_libarchive": True,
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
    }
    kernel = {
        "pyodideUrl": "./../_python/pyodide.mjs",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "lockFileURL": "./wheels/pyodide-lock.json",
            "packages": sorted(name for name, _ in _packages(get_wheels(), KERNEL_WHEELS)),
            # What Python compiles would be kept among the student's files, and outlive its source.
            "env": {"HOME": "/home/pyodide", "PYTHONDONTWRITEBYTECODE": "1"},
        },
    }
    site = {
        "appName": "Batch Normalization from Scratch",
        "defaultKernelName": "python3",
        "exposeAppInBrowser": True,  # for start.js, and for the tests
        "disabledExtensions": list(UNUSED),
        "litePluginSettings": {KERNEL: kernel},
    }
    behaviour = {
        "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 5},
        "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    }
    files = {
        "jupyter_lite_config.json": {"LiteBuildConfig": builder},
        "jupyter-lite.json": {"jupyter-lite-schema-version": 0, "jupyter-config-data": site},
        "overrides.json": behaviour,
    }
    for name, content in files.items():
        (source / name).write_text(json.dumps(content, indent=1), encoding="utf-8")


def mend_listings(folder: Path):
    """Put what the builder listed, in the order of this machine's file system, into one order.

    A compressed file is no text, whatever is in it: as text its bytes would change.

    Args:
        folder: of the listings.
    """
    for path in folder.rglob("all.json"):
        listing = json.loads(path.read_text(encoding="utf-8"))
        listing["content"].sort(key=lambda entry: entry["name"])
        for entry in listing["content"]:
            if entry["name"].endswith(".gz"):
                entry["mimetype"] = "application/gzip"
        path.write_text(json.dumps(listing, indent=1, sort_keys=True), encoding="utf-8")


def use_our_kernel_name(site: Path):
    """Call the kernel python3, as every other Jupyter does.

    So the notebooks stay as they are handed out, and what a student downloads opens and is graded
    anywhere. The kernel's own name, python, is fixed in its script.

    Args:
        site: the folder of JupyterLite's pages.
    """
    old, new = '{spec:{name:"python",', '{spec:{name:"python3",'
    scripts = sorted((site / "extensions" / EXTENSION / "static").glob("*.js"))
    found = [path for path in scripts if old in path.read_text(encoding="utf-8")]
    if len(found) != 1:
        raise RuntimeError(f"the kernel's name stands in {len(found)} scripts of its extension")
    found[0].write_text(found[0].read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def _packages(wheels, own):
    """Yield the name of each package and its wheel: those loaded, and the kernel's own."""
    folder = PLACE / "tools" / "share" / "jupyter" / "labextensions" / EXTENSION / "static" / "pypi"
    for wheel in [*wheels, *(next(folder.glob(f"{name}-*.whl")) for name in own)]:
        yield wheel.name.split("-")[0].replace("_", "-").lower(), wheel


def add_wheels(site: Path, python: Path, wheels: list[Path]):
    """Put the packages into the pages, with the list by which Pyodide loads them and NumPy.

    Args:
        site: the folder of JupyterLite's pages.
        python: the folder of Pyodide, `_python` beside the pages' later place.
        wheels: the packages that the kernel imports.
    """
    lock = json.loads((python / "pyodide-lock.json").read_text(encoding="utf-8"))
    numpy = lock["packages"]["numpy"]
    numpy["file_name"] = f"../../{python.name}/{numpy['file_name']}"
    target = site / "wheels"
    target.mkdir()
    for name, wheel in _packages(wheels, KERNEL_WHEELS):
        shutil.copyfile(wheel, target / wheel.name)
        lock["packages"][name] = {
            "name": name,
            "version": wheel.name.split("-")[1],
            "file_name": wheel.name,
            "install_dir": "site",
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
            "package_type": "package",
            "imports": [],  # all are loaded at the start
            "depends": [],
            "unvendored_tests": False,
        }
    (target / "pyodide-lock.json").write_text(json.dumps(lock, indent=1), encoding="utf-8")


def add_scripts(site: Path, state: str):
    """Put our scripts beside the pages, and let the page of a notebook start with ours.

    Args:
        site: the folder of JupyterLite's pages.
        state: see `state_of`.
    """
    (site / "service-worker.js").rename(site / "jupyterlite-worker.js")
    version = f'const VERSION = "{state[:16]}";\n'
    for name, before in zip(SCRIPTS, ("", version), strict=True):
        script = before + (HERE / name).read_text(encoding="utf-8")
        (site / name).write_text(script, encoding="utf-8")
    path = site / "notebooks" / "index.html"
    page = path.read_text(encoding="utf-8")
    new, count = re.subn(r"'../config-utils\.js(\?[^']*)?'", "'../start.js'", page)
    if count != 1:
        raise RuntimeError("the page of a notebook starts in another way than it did")
    icon = '<link rel="icon" href="../../_static/favicon.svg">'
    new = new.replace("<html>", '<html lang="en">').replace("</title>", f"</title>\n    {icon}")
    path.write_text(new, encoding="utf-8")


def block(name: str, there: bool) -> str:
    """Return what an exercise's page says of the browser, between its two marks.

    Args:
        name: of the exercise.
        there: whether it can be opened.
    """
    text = "<p>This copy of the site was made without Python for the browser.</p>"
    if there:
        files = " ".join(path.name for path in handed_out(name))
        address = f"../../lite/notebooks/index.html?path={name}/{name}.ipynb"
        text = (
            f'<p><a class="open-exercise" href="{address}">Open the exercise in the browser</a></p>'
            f"<p>The first time about {MEGABYTES} MB are loaded. What you write stays in this"
            " browser, on this device, and is sent nowhere; what clears the browser's data clears"
            " it too. To hand it in, come back to this page and download it.</p>"
            f'<div class="exercise-work" data-exercise="{name}" data-lite="../../lite/"'
            f' data-files="{files}"><p class="exercise-saved" aria-live="polite"></p>'
            '<p class="exercise-buttons" hidden>'
            '<button type="button" class="exercise-download">Download your notebook</button> '
            '<button type="button" class="exercise-reset">Reset</button></p></div>'
        )
    return f"<!-- in the browser: {name} -->{text}<!-- end -->"


def link(html: Path, names: list[str] | None):
    """Write into each exercise's page how to open it here, or why that cannot be.

    Args:
        html: the folder of the site.
        names: of the exercises that are there; None where there are none.
    """
    for path in sorted((html / "book" / "exercises").glob("*.html")):
        old = path.read_text(encoding="utf-8")
        new = BLOCK.sub(lambda found: block(found[1], found[1] in (names or ())), old)
        if new != old:
            path.write_text(new, encoding="utf-8")
