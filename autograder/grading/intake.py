"""What was handed in, made safe to read: hostile bytes, links, odd names and missing notebooks.

Nothing here runs a student's code. `read` gives a notebook or one line on why there is none;
`NotebookOrReason` and `tidy` do the same inside nbgrader's own commands.
"""

import ast
import fnmatch
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.utils import parse_utc

from autograder.checks import EXERCISES, Exercise, exercise
from autograder.course import IGNORED
from autograder.grading.record import reset
from autograder.kernels.provisioner import copy_files
from autograder.paths import EXERCISES as RELEASED
from autograder.release.source import version
from autograder.scratch import scratch

LARGEST = 20 << 20  # bytes of a notebook
MOST_CELLS = 2_000
MOST_OBJECTS = 500_000  # of JSON, in what a notebook's cells show too
LARGEST_FOLDER = 32 << 20  # bytes of the other files of a submission together
DEEPEST = 20  # folders in folders; a path has a longest length, and Python a deepest recursion

# In a plain file, calls of `check` between the definitions ask nothing.
NO_CHECKS = """\
import sys, types
_module = types.ModuleType("check_{name}")
_module.check = lambda *names: None
sys.modules["check_{name}"] = _module
"""
RECORD = "record.json"  # what grading writes beside the notebook
TIMESTAMP = "timestamp.txt"  # nbgrader's: when it was handed in
UNFINISHED = "its grading was stopped before it was done; grade it again"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


class CannotJudge(Exception):
    """A file that no verdict can be given on; the message says in one line why."""


def read(path: Path, this: Exercise) -> nbformat.NotebookNode:
    """Read a submission as a notebook.

    Args:
        path: a notebook, or a plain .py file with the student's definitions.
        this: what was to be done.

    Raises:
        CannotJudge: the file is missing, or is neither.
    """
    if not path.is_file() or path.is_symlink():
        what = "a folder" if path.is_dir() else "a link" if path.is_symlink() else "no such file"
        raise CannotJudge(f"{path}: {what}")
    if path.suffix not in (".py", ".ipynb"):
        raise CannotJudge(f"{path}: neither a notebook (.ipynb) nor a Python file (.py)")
    if (size := path.stat().st_size) > LARGEST:
        raise CannotJudge(f"{path}: too large, {size >> 20} MiB of at most {LARGEST >> 20}")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CannotJudge(f"{path}: not a text file in UTF-8") from None
    if path.suffix == ".py":
        return _from_python(path, text, this)
    if not text.strip():
        raise CannotJudge(f"{path}: not a notebook (the file is empty)")
    try:
        if (objects := text.count("{")) > MOST_OBJECTS:  # each takes much more than its text
            raise CannotJudge(f"{path}: {objects} braces, of at most {MOST_OBJECTS}")
        found = json.loads(text)
        if (cells := _count(found)) > MOST_CELLS:  # before anything is made of them
            raise CannotJudge(f"{path}: {cells} cells, of at most {MOST_CELLS}")
        notebook = nbformat.from_dict(_mended(found))
        nbformat.validate(notebook)
    except CannotJudge:
        raise
    except Exception as error:  # nbformat raises what it meets: JSON's errors, KeyError, its own
        said = str(error).splitlines()
        reason = _one_line(said[0] if said else type(error).__name__)
        raise CannotJudge(f"{path}: not a notebook ({reason})") from None
    return notebook


def _from_python(path, text, this):
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        where = f"line {line}: {error.msg}" if line else error  # a null byte has no line
        raise CannotJudge(f"{path}: not valid Python, {where}") from None
    cells = [NO_CHECKS.format(name=this.name), text]
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata={"kernelspec": KERNEL}
    )


def _count(found):
    """Return how many cells a notebook of any version has, as it was parsed."""
    sheets = found.get("worksheets") if isinstance(found, dict) else None
    sheets = sheets if isinstance(sheets, list) else []
    lists = [sheet.get("cells") for sheet in [found, *sheets] if isinstance(sheet, dict)]
    return len(sheets) + sum(len(cells) for cells in lists if isinstance(cells, list))


def _mended(found):
    """Keep of a notebook what grading needs: other programs write much of the rest wrong."""
    if not isinstance(found, dict):
        raise ValueError("the file is JSON of another kind")
    if found.get("nbformat") != 4:
        found = nbformat.reads(_whole(found), as_version=4)
    if not isinstance(found.get("cells"), list):
        raise ValueError("it has no list of cells")
    cells = [_mended_cell(cell, number) for number, cell in enumerate(found["cells"])]
    # What it says about the course is the student's word: `NotebookOrReason` says it instead.
    metadata = {"kernelspec": dict(KERNEL)}
    return json.loads(
        _whole({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})
    )


def _whole(found):
    """Return JSON without half a character, which JSON can hold and no file can."""
    return json.dumps(found, ensure_ascii=False).encode(errors="replace").decode()


def _mended_cell(cell, number):
    if not isinstance(cell, dict):
        raise ValueError(f"cell {number} is none")
    source = cell.get("source") or ""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    nbgrader = metadata.get("nbgrader")
    known = isinstance(nbgrader, dict) and isinstance(nbgrader.get("grade_id"), str)
    mended = {
        "cell_type": cell.get("cell_type"),
        "id": f"cell-{number}",
        "metadata": {"nbgrader": nbgrader} if known else {},
        "source": source,
    }
    if mended["cell_type"] == "raw":  # which is HTML to some who show it
        mended["cell_type"] = "markdown"
    if mended["cell_type"] == "code":
        mended |= {"outputs": [], "execution_count": None}
    return mended


def _one_line(text):
    """Return a text that a student may have written, short and with nothing a terminal obeys."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:300])


def placeholder(this: Exercise) -> nbformat.NotebookNode:
    """Return what is graded in place of a file that is no notebook: nothing written.

    Args:
        this: what was to be done.
    """
    return nbformat.read(RELEASED / this.name / f"{this.name}.ipynb", as_version=4)


class NotebookOrReason(NotebookExporter):
    """nbconvert's exporter, with a placeholder for what is no notebook."""

    def from_filename(self, filename: str, resources=None, **kw):
        """Export a notebook.

        Args:
            filename: of a submission, or of one that is being graded.
            resources: nbconvert's; "nbgrader" names the assignment.
            **kw: nbconvert's.
        """
        about = (resources or {}).get("nbgrader", {})
        name, path = about.get("assignment"), Path(filename)
        if name not in EXERCISES:  # an instructor's own assignment: stock nbgrader
            return super().from_filename(filename, resources, **kw)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        place = self.parent.coursedir
        ours = place.format_path(place.autograded_directory, about["student"], name)
        if path.parent == Path(ours):  # the second pass: what the first one wrote
            notebook = nbformat.read(path, as_version=4)
        else:
            notebook = _to_grade(path, exercise(name))
        return self.from_notebook_node(notebook, resources=resources, **kw)


def _to_grade(path, this):
    """Return a submission with what is known about it, of which the student said nothing."""
    course = {"version": version(this)}
    try:
        notebook = read(path, this)
    except CannotJudge as error:
        notebook = placeholder(this)
        course["problem"] = str(error).removeprefix(f"{path}: ")
        if not path.stat().st_size:
            course["problem"] = _none_found(path)
    notebook.metadata["course"] = course
    return notebook


def _none_found(path):
    """Say why there is no notebook, where `tidy` left an empty file in its place."""
    others = [each for each in _candidates(path.parent) if each != path]
    found = ", ".join(each.name for each in others) or "no other notebook"
    return _one_line(f"{path.name} is missing or empty; the folder has {found}")


def collect(handed_in: Path, submitted: Path, name: str, timestamp: bool = False) -> None:
    """Copy one submission into the course: its plain files, no links, nothing huge.

    Args:
        handed_in: folder of one student's files for one exercise; it is left as it is.
        submitted: the folder to make, whatever stood there.
        name: the exercise's.
        timestamp: take the time of handing in that lies there; a student can write any.
    """
    new = submitted.with_name(f".{submitted.name}.new")  # a kill half way leaves the old one
    _remove(new)
    new.mkdir(parents=True)
    left = LARGEST_FOLDER
    for path in () if handed_in.is_symlink() else _plain_files(handed_in):
        if path == handed_in / TIMESTAMP and not timestamp:
            continue
        size, copy = path.stat().st_size, new / path.relative_to(handed_in)
        notebook = path.suffix.lower() == ".ipynb"
        left -= 0 if notebook else size
        if not notebook and left < 0:
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        if notebook and size > LARGEST:
            with copy.open("wb") as file:  # as large and empty, for `read` to say so
                file.truncate(size)
        else:
            shutil.copyfile(path, copy)
    tidy(new, name)
    _remove(submitted)
    new.rename(submitted)


def tidy(folder: Path, name: str) -> None:
    """Remove what grading would stumble over, and find the notebook of a submission.

    Links go, and folders in folders without end; a folder that has the name of a file of the
    exercise's makes way; where there is not one notebook, an empty file takes its place.

    Args:
        folder: one student's files for one exercise, in the course's folder.
        name: the exercise's.
    """
    for path in _odd(folder):
        _remove(path)
    for path in sorted(folder.iterdir()):
        if (readable := _readable(path.name)) != path.name:
            path.rename(_free(folder, readable))
    for path in (folder / each for each in sorted({*_released(name), RECORD, TIMESTAMP})):
        if path.is_dir():
            path.rename(_free(folder, f"{path.stem}.folder"))
    stamp = folder / TIMESTAMP
    if stamp.exists() and (when := timestamp_of(stamp.read_bytes())) is None:
        stamp.unlink()
    elif stamp.exists():
        stamp.write_text(f"{when:%Y-%m-%d %H:%M:%S} UTC\n")
    wanted = folder / f"{name}.ipynb"
    if wanted.exists():
        return
    others = _candidates(folder)
    if len(others) == 1:
        shutil.copyfile(others[0], wanted)  # a renamed notebook, or "ex02_forward (1).ipynb"
    else:
        wanted.touch()


def timestamp_of(content: bytes):
    """Return the time of handing in, in UTC, that a file holds; None where it holds none."""
    try:
        return parse_utc(content[:100].decode().strip() or None)
    except Exception:  # dateutil raises what it meets
        return None


def files_digest(folder: Path, name: str) -> str:
    """Return a digest of the files that a submission's kernel gets beside what is released.

    Args:
        folder: of one submission.
        name: the exercise's.
    """
    digest, given = hashlib.sha256(), files_of(folder)
    for file in sorted(given.keys() - _released(name)):
        for part in (file.encode(), given[file]):
            digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def files_of(folder: Path) -> dict[str, bytes]:
    """Return what a kernel gets of a folder, by name, without what is never a student's.

    Args:
        folder: one submission, as it was handed in or as it is graded.
    """
    with scratch() as copied:
        copy_files(folder, copied)
        given = {_readable(p.name): p.read_bytes() for p in copied.iterdir()}
    others = [RECORD, TIMESTAMP, *IGNORED]
    return {
        file: content
        for file, content in given.items()
        if not any(fnmatch.fnmatch(file, pattern) for pattern in others)
    }


def _released(name):
    """Return the names of an exercise's own files, which grading puts back."""
    folder = RELEASED / name
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _candidates(folder):
    return _notebooks(folder) or [n for sub in _folders(folder) for n in _notebooks(sub)]


def _notebooks(folder):
    found = (path for path in folder.iterdir() if path.suffix.lower() == ".ipynb")
    return sorted(path for path in found if path.is_file() and not path.name.startswith("."))


def _folders(folder):
    hidden = (".", "__")  # Jupyter's checkpoints, a Mac's leavings
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(hidden))


def before_autograde(assignment: str, student: str, notebooks: list[str]) -> None:
    """Prepare a submission that nbgrader is about to grade; it is nbgrader's `pre_convert_hook`.

    Its last marks go first: whatever happens from here on, they are not this submission's.

    Args:
        assignment: nbgrader's pattern of the assignment's name.
        student: nbgrader's pattern of the student's id.
        notebooks: paths of the notebooks that it found in one submission; corrected in place.
    """
    folder = Path(notebooks[0]).parent
    if folder.name in EXERCISES:
        course, whose = folder.parents[2], folder.parent.name
        reset(course, whose, folder.name, UNFINISHED)
        tidy(folder, folder.name)
        notebooks[:] = sorted(str(path) for path in folder.glob("*.ipynb") if path.is_file())


def _walk(folder):
    """Yield what is in a folder, a level at a time, not through links and not below `DEEPEST`."""
    level = [folder]
    for depth in range(DEEPEST + 1):
        entries = sorted((e for top in level for e in _scan(top)), key=lambda e: e.path)
        yield depth, entries
        level = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]


def _scan(folder):
    try:
        return list(os.scandir(folder))
    except OSError:  # not ours to read
        return []


def _plain_files(folder):
    for _, entries in _walk(folder):
        yield from (Path(e.path) for e in entries if e.is_file(follow_symlinks=False))


def _odd(folder):
    """Yield the links, what is neither file nor folder, and the folders that are too deep."""
    for depth, entries in _walk(folder):
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if not (is_folder and depth < DEEPEST or entry.is_file(follow_symlinks=False)):
                yield Path(entry.path)


def _remove(path):
    """Remove a file, a link or a folder, whatever there is, and however deep."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        try:
            shutil.rmtree(path)
        except RecursionError:
            subprocess.run(["rm", "-rf", "--", str(path)], check=True)
    elif path.exists():  # a pipe, a socket
        path.unlink()


def _readable(name):
    """Return a file's name as text; it may be bytes that are none."""
    return os.fsencode(name).decode(errors="replace")


def _free(folder, name):
    number = 0
    while (path := folder / f"{name}{number or ''}").exists():
        number += 1
    return path
