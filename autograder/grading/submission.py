"""One submission: judge a file that a student handed in by itself, with no gradebook."""

import logging
import shutil
from pathlib import Path

from autograder.checks import Exercise
from autograder.course import kernel_config
from autograder.grading.cells import restored
from autograder.grading.execute import JudgedExecute
from autograder.grading.intake import CannotJudge, files_of, read
from autograder.paths import EXERCISES
from autograder.release.source import source_notebook, version
from autograder.scratch import scratch

__all__ = ["CannotJudge", "judge_file"]


def judge_file(path: Path, exercise: Exercise, sandbox: bool = True) -> list[dict]:
    """Run one submission in a kernel of its own and judge it.

    Args:
        path: a notebook or a .py file.
        exercise: what was to be done.
        sandbox: False runs it with no protection at all.

    Returns:
        One verdict for each check, in order; see `judge.PUBLIC` for what it holds.

    Raises:
        CannotJudge: the file could not be read as a submission.
        SandboxUnavailable: there is no sandbox here.
    """
    notebook = read(path, exercise)
    notebook_file = path.suffix == ".ipynb"
    if notebook_file:
        notebook.cells = restored(notebook.cells, source_notebook(exercise).cells)
    notebook.metadata["course"] = {"version": version(exercise)}
    with scratch() as folder:
        for file, content in files_of(path.parent).items() if notebook_file else ():
            (folder / file).write_bytes(content)
        released = EXERCISES / exercise.name
        if released.is_dir():
            shutil.copytree(released, folder, dirs_exist_ok=True)
        resources = {"nbgrader": {"assignment": exercise.name}, "metadata": {"path": str(folder)}}
        execute = JudgedExecute(config=kernel_config(), sandbox=sandbox)
        execute.log.setLevel(logging.CRITICAL)
        _, resources = execute.preprocess(notebook, resources)
    return resources["record"]["verdicts"]
