"""What was handed in, made safe to read: hostile bytes, links, odd names and missing notebooks.

Nothing here runs a student's code. `read` gives a notebook or one line on why there is none;
`NotebookOrReason` and `tidy` do the same inside nbgrader's own commands.
"""

import ast
import json
import os
import shutil
import stat
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter

from autograder.checks import EXERCISES, Exercise, exercise
from autograder.paths import EXERCISES as RELEASED

LARGEST = 20 << 20  # bytes of a notebook
MOST_CELLS = 2_000
LARGEST_FOLDER = 32 << 20  # bytes of the other files of a submission together

# In a plain file, calls of `check` between the definitions ask nothing.
NO_CHECKS = """\
import sys, types
_module = types.ModuleType("check_{name}")
_module.check = lambda *names: None
sys.modules["check_{name}"] = _module
"""
RECORD = "record.json"  # what grading writes beside the notebook
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
        notebook = nbformat.from_dict(_mended(_parsed(text)))
        nbformat.validate(notebook)
    except Exception as error:  # nbformat raises what it meets: JSON's errors, KeyError, its own
        said = str(error).splitlines()
        reason = _one_line(said[0] if said else type(error).__name__)
        raise CannotJudge(f"{path}: not a notebook ({reason})") from None
    if len(notebook.cells) > MOST_CELLS:
        raise CannotJudge(f"{path}: {len(notebook.cells)} cells, of at most {MOST_CELLS}")
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


def _parsed(text):
    """Return a notebook of any version as plain data of version 4."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("the file is JSON of another kind")
    # Half a character, which JSON can hold and no file can.
    found = json.loads(json.dumps(found, ensure_ascii=False).encode(errors="replace"))
    if found.get("nbformat") == 4:
        return found
    return nbformat.reads(json.dumps(found), as_version=4)


def _mended(found):
    """Keep of a notebook what grading needs: other programs write much of the rest wrong."""
    if not isinstance(found.get("cells"), list):
        raise ValueError("it has no list of cells")
    metadata = found.get("metadata")
    course = metadata.get("course") if isinstance(metadata, dict) else None
    course = course if isinstance(course, dict) else {}
    texts = {name: value for name, value in course.items() if isinstance(value, str)}
    course = {name: _one_line(value) for name, value in texts.items()}
    cells = [_mended_cell(cell, number) for number, cell in enumerate(found["cells"])]
    metadata = {"kernelspec": dict(KERNEL), "course": course}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


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
    if mended["cell_type"] == "code":
        mended |= {"outputs": [], "execution_count": None}
    return mended


def _one_line(text):
    """Return a text that a student may have written, short and with nothing a terminal obeys."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:300])


def placeholder(this: Exercise, reason: str) -> nbformat.NotebookNode:
    """Return what is graded in place of a file that is no notebook: nothing written, and why.

    Args:
        this: what was to be done.
        reason: in one line.
    """
    notebook = nbformat.read(RELEASED / this.name / f"{this.name}.ipynb", as_version=4)
    notebook.metadata["course"]["problem"] = reason
    return notebook


class NotebookOrReason(NotebookExporter):
    """nbconvert's exporter, with a placeholder for what is no notebook."""

    def from_filename(self, filename: str, resources=None, **kw):
        """Export a notebook.

        Args:
            filename: of a submission, or of one that is being graded.
            resources: nbconvert's; "nbgrader" names the assignment.
            **kw: nbconvert's.
        """
        name = (resources or {}).get("nbgrader", {}).get("assignment")
        if name not in EXERCISES:  # an instructor's own assignment: stock nbgrader
            return super().from_filename(filename, resources, **kw)
        path = Path(filename)
        try:
            notebook = read(path, exercise(name))
        except CannotJudge as error:
            notebook = placeholder(exercise(name), str(error).removeprefix(f"{path}: "))
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(notebook, resources=resources, **kw)


def collect(handed_in: Path, submitted: Path, name: str) -> None:
    """Copy one submission into the course: its plain files, no links, nothing huge.

    Args:
        handed_in: folder of one student's files for one exercise; it is left as it is.
        submitted: the folder to make, whatever stood there.
        name: the exercise's.
    """
    new = submitted.with_name(f".{submitted.name}.new")  # a kill half way leaves the old one
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    left = LARGEST_FOLDER
    for path in () if handed_in.is_symlink() else _plain_files(handed_in):
        size = path.stat().st_size
        notebook = path.suffix.lower() == ".ipynb"
        left -= 0 if notebook else size
        if notebook and size > LARGEST:
            oversized = f"too large, {size >> 20} MiB of at most {LARGEST >> 20}"
            nbformat.write(placeholder(exercise(name), oversized), new / path.name)
        elif notebook or left >= 0:
            copy = new / path.relative_to(handed_in)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    tidy(new, name)
    if submitted.is_dir() and not submitted.is_symlink():
        shutil.rmtree(submitted)
    elif submitted.is_symlink() or submitted.exists():
        submitted.unlink()
    new.rename(submitted)


def tidy(folder: Path, name: str) -> None:
    """Remove links and find the notebook of a submission; write a placeholder if there is none.

    Args:
        folder: one student's files for one exercise, in the course's folder.
        name: the exercise's.
    """
    for path in list(folder.rglob("*")):  # does not enter linked folders
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            path.unlink()
    for path in sorted(folder.iterdir()):
        readable = os.fsencode(path.name).decode(errors="replace")
        if readable != path.name:  # bytes that are no text
            path.rename(_free(folder, readable))
    wanted, record = folder / f"{name}.ipynb", folder / RECORD
    for path in (wanted, record):
        if path.is_dir():
            path.rename(_free(folder, f"{path.stem}.folder"))
    if wanted.exists():
        return
    others = _notebooks(folder) or [n for sub in _folders(folder) for n in _notebooks(sub)]
    if len(others) == 1:
        shutil.copyfile(others[0], wanted)  # a renamed notebook, or "ex02_forward (1).ipynb"
        return
    found = ", ".join(path.name for path in others) or "no notebook"
    reason = f"no {name}.ipynb was handed in; the folder has {_one_line(found)}"
    nbformat.write(placeholder(exercise(name), reason), wanted)


def _notebooks(folder):
    found = (path for path in folder.iterdir() if path.suffix.lower() == ".ipynb")
    return sorted(path for path in found if path.is_file() and not path.name.startswith("."))


def _folders(folder):
    hidden = (".", "__")  # Jupyter's checkpoints, a Mac's leavings
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(hidden))


def before_autograde(assignment: str, student: str, notebooks: list[str]) -> None:
    """Tidy a submission that nbgrader is about to grade; it is nbgrader's `pre_convert_hook`.

    Args:
        assignment: nbgrader's pattern of the assignment's name.
        student: nbgrader's pattern of the student's id.
        notebooks: paths of the notebooks that it found in one submission; corrected in place.
    """
    folder = Path(notebooks[0]).parent
    if folder.name in EXERCISES:
        tidy(folder, folder.name)
        notebooks[:] = sorted(str(path) for path in folder.glob("*.ipynb") if path.is_file())


def _plain_files(folder):
    for top, _, files in os.walk(folder):  # does not enter linked folders
        for entry in sorted(files):
            path = Path(top, entry)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def _free(folder, name):
    number = 0
    while (path := folder / f"{name}{number or ''}").exists():
        number += 1
    return path
