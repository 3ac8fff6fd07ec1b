"""From solutions/exNN_topic.py to nbgrader's source notebook."""

import contextlib
import io
import linecache
import sys
from functools import cache
from pathlib import Path
from types import MappingProxyType

import jupytext
import nbformat

from autograder.checks import Exercise
from autograder.checks.deciding import worth
from autograder.paths import DATA, SOLUTIONS

# How long a student needs, in minutes: one for reading each question, and for each function or
# class four to read its text and one for each line of its solution; an estimate until a class was
# timed.
MINUTES_PER_QUESTION, MINUTES_PER_TASK, MINUTES_PER_LINE = 1, 4, 1
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def read_solution(exercise: Exercise) -> nbformat.NotebookNode:
    """Read an exercise's one source.

    Args:
        exercise: the exercise as its checks see it.

    Returns:
        A notebook whose cells have the source's metadata and no more.

    Raises:
        FileNotFoundError: there is no such source.
    """
    path = SOLUTIONS / f"{exercise.name}.py"
    return jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")


def version(exercise: Exercise) -> str:
    """Return the version that the exercise's source states in its header."""
    return str(read_solution(exercise).metadata["course"]["version"])


@cache
def solution_names(exercise: Exercise) -> MappingProxyType:
    """Run the solution's own cells and return what they define; what they print is lost.

    Args:
        exercise: the exercise.

    Returns:
        The names, as in a notebook that was run from top to bottom, checks left out.
    """
    if str(DATA) not in sys.path:
        sys.path.append(str(DATA))  # its files lie beside the notebooks that use them
    names = {"__name__": exercise.name}
    for number, cell in enumerate(read_solution(exercise).cells):
        if cell.cell_type == "code" and not _is_graded(cell, exercise):
            source = cell.source if _grade_id(cell) != "setup" else cell.source.split("\ntry:")[0]
            path = f"<{exercise.name}, cell {number}>"
            lines = source.splitlines(keepends=True)  # triton reads the source of its kernels
            linecache.cache[path] = (len(source), None, lines, path)
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(source, path, "exec"), names)
    return MappingProxyType(names)


def source_notebook(exercise: Exercise) -> nbformat.NotebookNode:
    """Make the notebook that nbgrader's generate step starts from.

    Args:
        exercise: the exercise.

    Returns:
        A notebook with complete nbgrader metadata; the same for the same source, byte for byte.

    Raises:
        ValueError: the graded cells are not exactly the exercise's checks, in their order.
    """
    read = read_solution(exercise)
    graded = [_grade_id(cell) for cell in read.cells if _is_graded(cell, exercise)]
    wanted = [check.id for check in exercise.checks]
    if graded != wanted:
        raise ValueError(f"{exercise.name}: graded cells {graded}, but the checks are {wanted}")
    notebook = nbformat.v4.new_notebook(
        metadata={
            "kernelspec": dict(read.metadata["kernelspec"]),
            "language_info": {"name": "python"},
            "course": {"exercise": exercise.name, "version": version(exercise)},
        }
    )
    notebook.nbformat_minor = 5
    fields = {
        "{{points}}": str(exercise.points),
        "{{questions}}": str(len(exercise.checks)),
        "{{minutes}}": str(_minutes(read, exercise)),
    }
    for number, cell in enumerate(read.cells):
        source = cell.source
        for field, value in fields.items():
            source = source.replace(field, value)
        if cell.cell_type == "markdown":
            new = nbformat.v4.new_markdown_cell(source)
        else:
            new = nbformat.v4.new_code_cell(source)
        grade_id = _grade_id(cell)
        new.id = grade_id or f"cell-{number}"
        if grade_id:
            new.metadata["nbgrader"] = _metadata(cell, exercise)
        if _is_graded(cell, exercise):
            check = exercise.check(grade_id)
            new.source = f'"""{check.question} ({worth(check.points)})"""\n{source}'
        notebook.cells.append(new)
    return notebook


def write_source(exercise: Exercise, folder: Path, files: dict[str, bytes]) -> None:
    """Write an exercise's source folder, as nbgrader wants it.

    Args:
        exercise: the exercise.
        folder: the folder of all sources.
        files: what else students get, by name.
    """
    target = folder / exercise.name
    target.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (target / name).write_bytes(content)
    nbformat.write(source_notebook(exercise), target / f"{exercise.name}.ipynb")


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _is_graded(cell, exercise):
    return cell.cell_type == "code" and _grade_id(cell) in {check.id for check in exercise.checks}


def _metadata(cell, exercise):
    graded, solution = _is_graded(cell, exercise), BEGIN in cell.source
    metadata = {
        "grade": graded,
        "grade_id": _grade_id(cell),
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if graded:
        metadata["points"] = exercise.check(_grade_id(cell)).points
    return metadata


def _minutes(read, exercise):
    tasks = [cell.source for cell in read.cells if BEGIN in cell.source]
    bodies = [part.split(END)[0] for task in tasks for part in task.split(BEGIN)[1:]]
    lines = sum(len(body.strip().splitlines()) for body in bodies)
    minutes = (
        MINUTES_PER_QUESTION * len(exercise.checks)
        + MINUTES_PER_TASK * len(tasks)
        + MINUTES_PER_LINE * lines
    )
    return -(-minutes // 5) * 5
