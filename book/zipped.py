"""Puts the built website, the notebooks and the data into one file for a reader: `make zip`.

The file is _build/batchnorm-course.zip. It holds no solution and nothing of the autograder. The
same site gives the same bytes.
"""

import argparse
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
TARGET = ROOT / "_build" / "batchnorm-course.zip"
TOP = "batchnorm-course"
OLD = (1980, 1, 1, 0, 0, 0)  # the date of every file: a zip knows none before
PACKED = {".gz", ".png", ".webp", ".whl", ".woff", ".woff2", ".zip"}  # what has nothing to gain
# In serve.py, and what stands there in the zip.
HERE = 'SITE = Path(__file__).resolve().parents[1] / "_build" / "html"'
THERE = 'SITE = Path(__file__).resolve().parent / "site"'
README = """\
Batch Normalization from Scratch

The whole course. It needs no network: with Python 3.11 or newer, in this folder,

    python serve.py

shows the website at http://127.0.0.1:8000 (where `python` is not found, it is called `python3`).
Opened as a file, site/index.html can be read, but neither search nor Python works in it.

site/        the website
chapters/    its chapters as notebooks, with what their cells printed; to run them again takes the
             files of the project, from which the website is built
exercises/   the exercises: each folder has a notebook and the checks that belong beside it
data/        the digits that chapters and exercises train on, where they come from, and their loader
"""


def members(site: Path) -> dict[str, bytes | Path]:
    """Return what goes into the zip: for each name its content, or the file that has it.

    Args:
        site: the built website.
    """
    serve = (ROOT / "book" / "serve.py").read_text(encoding="utf-8")
    if serve.count(HERE) != 1:
        raise RuntimeError("book/serve.py names the site's folder in another way than it did")
    found: dict[str, bytes | Path] = {
        "README.txt": README.encode(),
        "serve.py": serve.replace(HERE, THERE).encode(),
    }
    found |= {name: ROOT / name for name in ("LICENSE", "LICENSE-text.md")}
    downloads = site / "_downloads"
    folders = {
        "site": site,
        "chapters": downloads / "chapters",
        "exercises": downloads / "exercises",
        "data": ROOT / "data",
    }
    for name, folder in folders.items():
        for path in folder.rglob("*"):
            inside = path.relative_to(folder)
            twice = name == "exercises" and path.suffix == ".zip"
            if path.is_file() and "__pycache__" not in inside.parts and not twice:
                found[f"{name}/{inside.as_posix()}"] = path
    return found


def write(site: Path, target: Path) -> int:
    """Write the zip.

    Args:
        site: the built website.
        target: the file; what stood there is replaced when the new one is whole.

    Returns:
        The number of files in it.
    """
    found = members(site)
    new = target.with_suffix(".new")
    new.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(new, "w") as archive:
        for name, content in sorted(found.items()):
            info = zipfile.ZipInfo(f"{TOP}/{name}", OLD)
            info.external_attr = 0o644 << 16
            packed = Path(name).suffix in PACKED
            info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            archive.writestr(info, content if isinstance(content, bytes) else content.read_bytes())
    new.replace(target)
    return len(found)


def main() -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python book/zipped.py", description=__doc__)
    parser.add_argument("--site", type=Path, default=SITE, help="the built website")
    parser.add_argument("--target", type=Path, default=TARGET, help="the file to write")
    arguments = parser.parse_args()
    if not (arguments.site / "index.html").is_file():
        print(f"{arguments.site} has no website: run `make book` first", file=sys.stderr)
        return 1
    count = write(arguments.site, arguments.target)
    size = arguments.target.stat().st_size / 1e6
    print(f"{arguments.target}: {count} files, {size:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
