"""One submission: read a file a student handed in, and judge it by itself, with no gradebook."""

import ast
import logging
import shutil
import tempfile
from pathlib import Path

import nbformat

from autograder.checks import Exercise
from autograder.course import kernel_config
from autograder.grading.preprocessors import JudgedExecute
from autograder.paths import EXERCISES
from autograder.release.source import version

WARNING = "no sandbox: only for code you trust"

# In a plain file, calls of `check` between the definitions ask nothing.
NO_CHECKS = """\
import sys, types
_module = types.ModuleType("check_{name}")
_module.check = lambda *names: None
sys.modules["check_{name}"] = _module
"""


class CannotJudge(Exception):
    """A file that no verdict can be given on; the message says in one line why."""


def read(path: Path, exercise: Exercise) -> nbformat.NotebookNode:
    """Read a submission as a notebook.

    Args:
        path: a notebook, or a plain .py file with the student's definitions.
        exercise: what was to be done.

    Raises:
        CannotJudge: the file is missing, or is neither.
    """
    if not path.is_file():
        raise CannotJudge(f"{path}: {'a folder' if path.is_dir() else 'no such file'}")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CannotJudge(f"{path}: not a text file in UTF-8") from None
    if path.suffix == ".py":
        try:
            ast.parse(text)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            where = f"line {line}: {error.msg}" if line else error  # a null byte has no line
            raise CannotJudge(f"{path}: not valid Python, {where}") from None
        cells = [NO_CHECKS.format(name=exercise.name), text]
        return nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
    if path.suffix != ".ipynb":
        raise CannotJudge(f"{path}: neither a notebook (.ipynb) nor a Python file (.py)")
    try:
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # nbformat raises what it meets: JSON's errors, KeyError, its own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CannotJudge(f"{path}: not a notebook ({reason})") from None
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return notebook


def judge_file(path: Path, exercise: Exercise) -> list[dict]:
    """Run one submission in a kernel of its own and judge it.

    Args:
        path: a notebook or a .py file.
        exercise: what was to be done.

    Returns:
        One verdict for each check, in order; see `judge.PUBLIC` for what it holds.

    Raises:
        CannotJudge: the file could not be read as a submission.
    """
    notebook = read(path, exercise)
    notebook.metadata["course"] = {"version": version(exercise)}
    with tempfile.TemporaryDirectory() as folder:
        released = EXERCISES / exercise.name
        if released.is_dir():
            shutil.copytree(released, folder, dirs_exist_ok=True)
        resources = {"nbgrader": {"assignment": exercise.name}, "metadata": {"path": folder}}
        execute = JudgedExecute(config=kernel_config())
        execute.log.setLevel(logging.CRITICAL)
        _, resources = execute.preprocess(notebook, resources)
    return resources["verdicts"]
