"""As a student: the released folder alone, in a kernel that has no `autograder` and no torch."""

import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient

from autograder.checks import EXERCISES, exercise
from autograder.mistakes import mistakes_of
from autograder.release.source import BEGIN, END, source_notebook

# Of processor time that a notebook with right code may take, start included; with torch, whose
# import alone takes several.
SECONDS, SECONDS_WITH_TORCH = 10, 40

BLOCK = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Block())
"""


@pytest.fixture
def student(tmp_path):
    """Return a function that hands out an exercise and returns its folder."""

    def hand_out(name):
        blocked = {"autograder", "solutions", "torch"} - set(exercise(name).packages)
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "sitecustomize.py").write_text(BLOCK.format(blocked=blocked))
        return shutil.copytree(ROOT / "exercises" / name, tmp_path / name)

    return hand_out


def notebook_in(folder):
    return nbformat.read(folder / f"{folder.name}.ipynb", as_version=4)


def run(notebook, folder):
    """Run a notebook as Jupyter does, on after errors; return it with its outputs."""
    client = NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env=os.environ | {"PYTHONPATH": str(folder.parent / "site")})
    return notebook


def put_in_solution(notebook, name):
    """Replace each stub by the solution."""
    solved = {cell.id: cell.source for cell in source_notebook(exercise(name)).cells}
    for cell in notebook.cells:
        if "raise NotImplementedError" in cell.source:
            cell.source = re.sub(rf" *({BEGIN}|{END})\n?", "", solved[cell.id])


def said(cell):
    """Return what a cell shows: its "stdout", "stderr" and "error", each a text."""
    shown = {"stdout": "", "stderr": "", "error": ""}
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            shown[output.name] += output.text
        elif output.output_type == "error":
            shown["error"] += "\n".join(output.traceback)
    return shown


def graded(notebook):
    """Return the graded cells, by the id of their check."""
    return {
        cell.id: cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")
    }


@pytest.mark.parametrize("name", EXERCISES)
def test_right_code_passes_every_check(student, name):
    folder = student(name)
    notebook = notebook_in(folder)
    put_in_solution(notebook, name)
    probe = nbformat.v4.new_code_cell("import autograder")
    notebook.cells.append(probe)
    before = os.times()
    run(notebook, folder)
    after = os.times()
    children = after.children_user + after.children_system
    allowed = SECONDS_WITH_TORCH if exercise(name).uses_torch else SECONDS
    assert children - before.children_user - before.children_system < allowed
    assert "No module named 'autograder'" in said(probe)["error"]
    notebook.cells.remove(probe)
    for cell in notebook.cells:
        assert said(cell)["stderr"] == said(cell)["error"] == ""
    for check in exercise(name).checks:
        points = "1 point" if check.points == 1 else f"{check.points} points"
        assert said(graded(notebook)[check.id])["stdout"] == f"{check.id}: passed ({points})\n"


@pytest.mark.parametrize("name", EXERCISES)
def test_every_check_says_that_nothing_is_written_yet(student, name):
    folder = student(name)
    notebook = run(notebook_in(folder), folder)
    for check in exercise(name).checks:
        shown = said(graded(notebook)[check.id])
        assert shown["stdout"] == shown["stderr"] == ""
        first, *more = shown["error"].splitlines()
        assert first.startswith(f"{check.id}: {check.question} Not yet (0 of {check.points} point")
        assert len(more) == 1
        said_so = r" is not (written yet\.|defined: run the cell that defines it\.)"
        # A question may need several functions: "a, b or c is not written yet."
        assert re.fullmatch(r"  ([\w.]+(, [\w.]+)* or )?[\w.]+" + said_so, more[0])
    for cell in notebook.cells:
        if cell.id not in graded(notebook):  # it may use what is not written
            errors = {o.ename for o in cell.get("outputs", []) if o.output_type == "error"}
            assert errors <= {"NotImplementedError", "NameError"}, cell.source


def test_wrong_in_three_ways_and_then_right(student):
    """The hints of three mistakes, each in one short message with no traceback; then it passes."""
    name = "ex02_forward"
    folder = student(name)
    notebook = notebook_in(folder)
    setup = next(cell for cell in notebook.cells if cell.id == "setup")
    notebook.cells = [setup]
    mistakes = mistakes_of(name)[:3]
    for mistake in mistakes:
        notebook.cells.append(nbformat.v4.new_code_cell(mistake.source()))
        notebook.cells += [
            nbformat.v4.new_code_cell(f"check({check!r})") for check in mistake.fails
        ]
    stub = next(cell for cell in notebook_in(folder).cells if "NotImplementedError" in cell.source)
    notebook.cells.append(stub)
    put_in_solution(notebook, name)
    checks = [check.id for check in exercise(name).checks]
    notebook.cells += [nbformat.v4.new_code_cell(f"check({check!r})") for check in checks]
    outputs = [said(cell) for cell in run(notebook, folder).cells]
    at = 1
    for mistake in mistakes:
        at += 1
        for check in mistake.fails:
            lines = outputs[at]["error"].splitlines()
            assert len(lines) == 3 and max(map(len, lines)) < 500
            assert lines[0].startswith(f"{check}: ") and "Not yet" in lines[0]
            assert lines[1].startswith("  on ") and "expected" in lines[1]
            assert lines[2] == f"  {mistake.hint}"
            assert not re.search("Traceback|File |line \\d", outputs[at]["error"])
            assert outputs[at]["stderr"] == outputs[at]["stdout"] == ""
            at += 1
    assert [bool(shown["error"]) for shown in outputs[at + 1 :]] == [False] * len(checks)
    assert all("passed" in shown["stdout"] for shown in outputs[at + 1 :])


def test_what_no_check_can_ask_is_said_plainly(student):
    """A check that does not exist, a name that was deleted, code that raises."""
    folder = student("ex02_forward")
    notebook = notebook_in(folder)
    setup = next(cell for cell in notebook.cells if cell.id == "setup")
    cells = [
        "check('nope')",
        "check('whole')",
        "def batchnorm_forward(x, gamma, beta, eps=1e-5):\n    return x.no_such_thing",
        "check('whole')",
    ]
    notebook.cells = [setup, *(nbformat.v4.new_code_cell(cell) for cell in cells)]
    _, nope, undefined, _, raises = (said(cell)["error"] for cell in run(notebook, folder).cells)
    listed = ", ".join(check.id for check in exercise("ex02_forward").checks)
    assert nope.splitlines()[-1].endswith(f"no check 'nope'; there are {listed}")
    assert undefined.splitlines()[-1] == (
        "  batchnorm_forward is not defined: run the cell that defines it."
    )
    assert "raised an error: AttributeError: " in raises.splitlines()[-1]
    assert "no_such_thing" in raises and "Traceback" not in raises


@pytest.mark.parametrize("name", EXERCISES)
def test_a_missing_check_file_is_explained_in_one_line(student, name):
    folder = student(name)
    (folder / f"check_{name}.py").unlink()
    notebook = notebook_in(folder)
    notebook.cells = [cell for cell in notebook.cells if cell.id == "setup"]
    (error,) = run(notebook, folder).cells[0].outputs
    assert error.ename == "FileNotFoundError"
    assert error.evalue == (
        f"check_{name}.py must lie beside this notebook; take it from the exercise's folder"
    )
    assert "No module named" not in "\n".join(error.traceback)


@pytest.mark.parametrize(("version", "says"), [("1.26.4", True), ("2.0.2", False)])
def test_an_old_numpy_is_named_in_the_first_cell(student, version, says):
    """float64 scalars leave float32 arrays as they are before NumPy 2: "dtype" would pass."""
    folder = student("ex02_forward")
    notebook = notebook_in(folder)
    setup = next(cell for cell in notebook.cells if cell.id == "setup")
    pretend = nbformat.v4.new_code_cell(f"import numpy\nnumpy.__version__ = {version!r}")
    notebook.cells = [pretend, setup]
    shown = said(run(notebook, folder).cells[1])
    assert shown["stdout"] == shown["error"] == ""
    found = re.search(r"UserWarning: NumPy (\S+) is older than 2, .* pip install", shown["stderr"])
    assert (found and found[1]) == (version if says else None)
    assert bool(shown["stderr"]) == says


@pytest.mark.parametrize("name", EXERCISES)
def test_the_check_file_needs_its_packages_only(name):
    code = """
import sys
import numpy, numpy.random
for package in sys.argv[3:]:
    __import__(package)
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
module = __import__("check_" + sys.argv[2])
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""
    folder = ROOT / "exercises" / name
    packages = exercise(name).packages
    words = [sys.executable, "-I", "-B", "-c", code, str(folder), name, *packages]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    allowed = {f"check_{name}", *packages, *sys.stdlib_module_names}
    assert f"check_{name}" in done.stdout.split()
    assert set(done.stdout.split()) <= allowed
