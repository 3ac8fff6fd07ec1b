"""What students get: the committed bytes, complete, with nothing that gives an answer away."""

import ast
import json
import re
import runpy
import shutil
import textwrap
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pytest
from conftest import ROOT

from autograder.checks import EXERCISES, MISSING, exercise
from autograder.checks.asking import pack
from autograder.judge import Judge, seed_for
from autograder.mistakes import mistakes_of, variants_of

COMMITTED = ROOT / "exercises"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def files_of(folder):
    """Return path within the folder to content, of every file there is."""
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def same(got, expected):
    """Assert that two folders hold the same; name the files that differ, not their bytes."""
    differ = [
        str(path) for path in got.keys() | expected.keys() if got.get(path) != expected.get(path)
    ]
    assert not differ, f"run `make exercises` and commit what it changes: {', '.join(differ)}"


def notebook_of(name):
    return nbformat.read(COMMITTED / name / f"{name}.ipynb", as_version=4)


def source_cells(name):
    """Return the cells of an exercise's one source."""
    text = (ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8")
    return jupytext.reads(text, fmt="py:percent").cells


# --- the same bytes ---


@pytest.fixture(scope="module")
def released(checkout, tmp_path_factory):
    """All exercises, released by the command into a folder of its own."""
    folder = tmp_path_factory.mktemp("released")
    done = checkout.autograder("release", "--to", folder / "new", course=folder / "course")
    assert done.returncode == 0, done.stderr
    return folder


def test_exercises_are_current(released):
    new, committed = files_of(released / "new"), files_of(COMMITTED)
    committed = {
        path: content
        for path, content in committed.items()
        if not {".ipynb_checkpoints", "__pycache__", *MISSING} & {*path.parts}
    }
    same(new, committed)


def test_a_second_release_gives_the_same(released, checkout):
    """One exercise, over what is there, in the same course."""
    course, name = released / "course", EXERCISES[0]
    (released / "new" / name / "stray.txt").write_text("goes")
    done = checkout.autograder("release", name, "--to", released / "new", course=course)
    assert done.returncode == 0, done.stderr
    same(files_of(released / "new" / name), files_of(COMMITTED / name))


def test_release_leaves_the_exercises_of_the_checkout_alone(released, checkout):
    same(files_of(checkout.root / "exercises"), files_of(COMMITTED))


@pytest.mark.parametrize("name", EXERCISES)
def test_a_folder_holds_notebook_check_file_and_data_only(name):
    found = {path.name for path in (COMMITTED / name).iterdir()}
    wanted = {f"{name}.ipynb", f"check_{name}.py", *exercise(name).data}
    assert found - {".ipynb_checkpoints", "__pycache__"} == wanted


def test_there_are_no_other_folders():
    assert sorted(path.name for path in COMMITTED.iterdir()) == sorted([*EXERCISES, *MISSING])


# --- complete ---


@pytest.mark.parametrize("name", EXERCISES)
def test_graded_cells(name):
    this, notebook = exercise(name), notebook_of(name)
    graded = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert [cell.metadata.nbgrader.grade_id for cell in graded] == [
        check.id for check in this.checks
    ]
    for cell, check in zip(graded, this.checks, strict=True):
        meta = cell.metadata.nbgrader
        assert (cell.id, meta.points, meta.locked, meta.solution) == (
            check.id,
            check.points,
            True,
            False,
        )
        docstring, call = ast.parse(cell.source).body
        points = f"{check.points} point{'s' if check.points > 1 else ''}"
        assert docstring.value.value == f"{check.question} ({points})"
        assert ast.unparse(call) == f"check('{check.id}')"
    assert sum(cell.metadata.nbgrader.points for cell in graded) == this.points


@pytest.mark.parametrize("name", EXERCISES)
def test_the_text_states_points_and_questions(name):
    text = notebook_of(name).cells[0].source
    stated = re.search(r"\*\*Points\*\*: (\d+), in (\d+) questions", text)
    this = exercise(name)
    assert stated, "the first cell does not say how many points there are"
    assert tuple(map(int, stated.groups())) == (this.points, len(this.checks))
    assert re.search(r"\*\*Time\*\*: about \d+ minutes", text)
    assert "{{" not in text


@pytest.mark.parametrize("name", EXERCISES)
def test_ids_are_stable_and_outputs_empty(name):
    notebook = notebook_of(name)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    for number, cell in enumerate(notebook.cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        assert cell.id == (grade_id or f"cell-{number}")
        assert not cell.get("outputs") and cell.get("execution_count") is None
    assert notebook.metadata.course.exercise == name
    assert notebook.metadata.course.version
    nbformat.validate(notebook)


@pytest.mark.parametrize("name", EXERCISES)
def test_stubs_keep_signature_and_docstring(name):
    """Each solution cell is as in the source, with `raise NotImplementedError()` for its body."""
    cells = {cell.id: cell.source for cell in notebook_of(name).cells}
    stubs = [cell for cell in source_cells(name) if BEGIN in cell.source]
    assert stubs
    for cell in stubs:
        stub = cells[cell.metadata["nbgrader"]["grade_id"]]
        assert "# YOUR CODE HERE" in stub and "raise NotImplementedError()" in stub
        kept = re.sub(rf" *{BEGIN}.*?{END}\n?", "", cell.source, flags=re.DOTALL)
        added = {"# YOUR CODE HERE", "raise NotImplementedError()"}
        left = [line for line in stub.splitlines() if line.strip() not in added]
        assert [line for line in left if line] == [line for line in kept.splitlines() if line]


# --- nothing given away ---


def operations(node):
    kinds = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Subscript)
    return sum(isinstance(part, kinds) for part in ast.walk(node))


def formulas(code, least=1):
    """Return the expressions of a piece of code that say something, whatever their layout.

    That is those with an operation on numbers, or with two operations of any kind; `least` asks
    for more operations.
    """
    found = set()
    for node in ast.walk(ast.parse(textwrap.dedent(code))):
        if isinstance(node, ast.expr) and operations(node) >= least:
            if operations(node) > 1 or isinstance(node, ast.BinOp):
                found.add(ast.unparse(node))
    return found


def squeezed(line):
    return re.sub(r"\s+", "", line.partition(" #")[0])


def lines(code):
    """Return the lines of a piece of code that hold a formula, without blanks and comments."""
    found = set()
    for line in code.splitlines():
        try:
            says_something = formulas(line.strip())
        except SyntaxError:  # the head of a block, a part of a longer line
            says_something = len(squeezed(line)) > 20 and not line.strip().startswith(
                ("def ", "class ")
            )
        if says_something:
            found.add(squeezed(line))
    return found


def secrets_of(name):
    """Yield origin and code of the solution and of every entry of the catalogue."""
    for cell in source_cells(name):
        for body in re.findall(rf"{BEGIN}\n(.*?){END}", cell.source, flags=re.DOTALL):
            yield "the solution", "def body():\n" + textwrap.indent(textwrap.dedent(body), "    ")
    for entry in mistakes_of(name) + variants_of(name):
        yield entry.id, entry.source()


def given(name):
    """Return the code that an exercise shows on purpose: the cells that hold no solution."""
    cells = [cell.source for cell in source_cells(name) if cell.cell_type == "code"]
    return "\n".join(source for source in cells if BEGIN not in source)


def code_of(path):
    """Return the code in a released file, cell by cell."""
    if path.suffix == ".ipynb":
        cells = nbformat.read(path, as_version=4).cells
        return [cell.source for cell in cells if cell.cell_type == "code"]
    return [path.read_text(encoding="utf-8")] if path.suffix == ".py" else []


def text_of(path):
    """Return all text in a released file, what its check file has encoded included."""
    if path.suffix == ".ipynb":
        return "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    if path.suffix == ".gz":
        return ""
    text = path.read_text(encoding="utf-8")
    return text + "\n" + key_text(path) if path.name.startswith("check_") else text


def key_text(path):
    """Return the data of a check file as JSON text."""
    return pack(runpy.run_path(str(path))["KEY"])


RELEASED = sorted(
    path
    for name in EXERCISES
    for path in (COMMITTED / name).glob("*")
    if path.is_file() and path.suffix in (".py", ".ipynb", ".gz", ".csv", ".md", ".txt")
)


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.name)
def test_no_formula_of_a_solution_or_mistake_is_released(path):
    """Code that an exercise shows on purpose is no leak; nor is a small part of another's code."""
    code = code_of(path)
    released = set().union(*(formulas(piece) for piece in code))
    released_lines = {squeezed(line) for line in text_of(path).splitlines()}
    leaks = []
    for name in EXERCISES:
        own = path.parent.name == name
        shown = {name, path.parent.name}
        allowed = set().union(*(formulas(given(other)) for other in shown))
        allowed_lines = {squeezed(line) for other in shown for line in given(other).splitlines()}
        for origin, secret in secrets_of(name):
            if own or origin == "the solution":
                found = formulas(secret, least=1 if own else 3) & released - allowed
                if own:
                    found |= lines(secret) & released_lines - allowed_lines
                leaks += [(name, origin, formula) for formula in found]
    assert leaks == []


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.name)
def test_no_marker_and_no_import_of_ours(path):
    text = text_of(path)
    for marker in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "MARK SCHEME"):
        assert marker not in text
    assert not re.search(r"^\s*(import|from)\s+(autograder|solutions)\b", text, flags=re.MULTILINE)
    assert "autograder" not in "\n".join(code_of(path))
    assert str(Path.home()) not in text and str(ROOT) not in text


def encoded(thing):
    """Return the arrays in nested dicts and lists, as `pack` writes their data.

    Constant and tiny ones are left out: any two sets of inputs may share them.
    """
    if isinstance(thing, dict):
        return set().union(*(encoded(value) for value in thing.values()))
    if isinstance(thing, list):
        return set().union(*(encoded(value) for value in thing))
    if isinstance(thing, np.ndarray) and thing.size > 8 and len(np.unique(thing)) > 4:
        return {json.loads(pack(thing))["data"]}
    return set()


@pytest.mark.parametrize("name", EXERCISES)
def test_no_input_or_output_of_the_judge_is_released(name):
    """A case may be the same for everybody, to be worked by hand; a probe of numbers has others."""
    path = COMMITTED / name / f"check_{name}.py"
    visible, shown = key_text(path), runpy.run_path(str(path))["KEY"]["probes"]
    this = exercise(name)
    for submission in ("one", "two", "three"):
        key = Judge(this, seed_for(b"a secret", name, "1", submission)).key
        for probe, cases in key.items():
            known = {pack(case["inputs"]) for case in shown[probe]}
            fresh = [case for case in cases if pack(case["inputs"]) not in known]
            answers = [answer for case in cases for answer in case["expected"].values()]
            facts = not any(isinstance(answer, np.ndarray) for answer in answers)
            assert len(fresh) >= 2 or facts, probe
            hidden = encoded([[case[half] for half in ("inputs", "expected")] for case in fresh])
            assert [data for data in hidden if data in visible] == [], probe
    theirs = encoded([case["inputs"] for cases in shown.values() for case in cases])
    assert theirs and all(data in visible for data in theirs)  # this test would see one


@pytest.mark.parametrize("name", EXERCISES)
def test_its_chapter_says_how_long_it_takes(name):
    text = notebook_of(name).cells[0].source
    chapter = ROOT / re.search(r"`(book/\w+\.md)`", text).group(1)
    minutes = re.search(r"about (\d+) minutes", text).group(1)
    assert f"and {minutes} more for the exercise" in chapter.read_text(encoding="utf-8")


# --- refused ---


def drop_cell(text, grade_id):
    cell = rf'# %% nbgrader={{"grade_id": "{grade_id}"}}\n.*?(?=# %%)'
    assert re.search(cell, text, flags=re.DOTALL)
    return re.sub(cell, "", text, flags=re.DOTALL)


def test_a_source_without_one_of_its_graded_cells_is_refused(own_checkout, tmp_path):
    source = own_checkout.root / "solutions" / "ex02_forward.py"
    source.write_text(drop_cell(source.read_text(encoding="utf-8"), "whole"), encoding="utf-8")
    before = files_of(own_checkout.root / "exercises")
    done = own_checkout.autograder("release", "ex02_forward", course=tmp_path / "course")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "graded cells" in done.stderr and "'whole'" in done.stderr
    assert files_of(own_checkout.root / "exercises") == before


def test_a_missing_source_is_refused(own_checkout, tmp_path):
    shutil.move(own_checkout.root / "solutions" / "ex02_forward.py", tmp_path)
    before = files_of(own_checkout.root / "exercises")
    done = own_checkout.autograder("release", "ex02_forward", course=tmp_path / "course")
    assert done.returncode == 2
    assert "ex02_forward.py" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert files_of(own_checkout.root / "exercises") == before
