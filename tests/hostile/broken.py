"""Broken and strange submissions: each made from the released notebook, with the score it deserves.

`BROKEN` maps a name to the function that writes the student's folder and the points expected: a
number, or None where no verdict on the code can be given, which a reason must explain.
"""

import copy
import json
import os
import socket

from hostile.classroom import NAME, RIGHT, WRONG, code, grade_id, notebook

FULL = 14
FILE = f"{NAME}.ipynb"
BROKEN = {}
FULL_ONLY = set()


def earns(points, full=False):
    """Register a function that writes a submission, with the points that it deserves.

    Args:
        points: a number, or None.
        full: it is graded with `--full` only.
    """

    def register(function):
        BROKEN[function.__name__] = (function, points)
        if full:
            FULL_ONLY.add(function.__name__)
        return function

    return register


def put(folder, found, name=FILE, **options):
    """Write a notebook."""
    (folder / name).write_text(json.dumps(found, **options), encoding="utf-8")


def text():
    """Return a right submission as text."""
    return json.dumps(notebook(RIGHT))


def graded(found):
    """Return the graded cells of a notebook."""
    return [cell for cell in found["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


def change(folder, function, source=RIGHT):
    """Write a submission whose cells a function has changed."""
    found = notebook(source)
    found["cells"] = function(found["cells"]) or found["cells"]
    put(folder, found)


# --- bytes ---


@earns(None)
def truncated(folder):
    """The first half of a notebook, as a full disk leaves it."""
    (folder / FILE).write_text(text()[: len(text()) // 2])


@earns(None)
def empty_file(folder):
    """A file of no bytes."""
    (folder / FILE).write_bytes(b"")


@earns(None)
def only_blanks(folder):
    """A file of blanks and line ends."""
    (folder / FILE).write_bytes(b" \n\n\t ")


@earns(None)
def null_bytes(folder):
    """As long as a notebook, all of it zeros: what a crash leaves."""
    (folder / FILE).write_bytes(bytes(20_000))


@earns(FULL)
def byte_order_mark(folder):
    """Starts with the mark that some editors of Windows write."""
    (folder / FILE).write_bytes(b"\xef\xbb\xbf" + text().encode())


@earns(FULL)
def windows_line_ends(folder):
    """Lines end with CR LF, in the file and in its cells."""
    found = notebook(RIGHT.replace("\n", "\r\n"))
    (folder / FILE).write_bytes(json.dumps(found, indent=1).replace("\n", "\r\n").encode())


@earns(None)
def latin_1(folder):
    """Written in Latin-1, with an umlaut in a comment."""
    found = json.dumps(notebook(f"# für die Übung\n{RIGHT}"), ensure_ascii=False)
    (folder / FILE).write_bytes(found.encode("latin-1"))


@earns(None)
def utf_16(folder):
    """Written in UTF-16."""
    (folder / FILE).write_bytes(text().encode("utf-16"))


@earns(FULL)
def nan_in_the_metadata(folder):
    """Holds NaN and Infinity, which JSON does not know and Python's reader takes."""
    found = notebook(RIGHT)
    found["metadata"]["mine"] = [float("nan"), float("inf")]
    put(folder, found)


@earns(None)
def a_python_file(folder):
    """A Python file under the notebook's name."""
    (folder / FILE).write_text(RIGHT)


@earns(None)
def a_web_page(folder):
    """A page that asks to log in, under the notebook's name."""
    (folder / FILE).write_text("<!DOCTYPE html><title>Log in</title>")


@earns(None)
def a_list(folder):
    """Valid JSON that is a list."""
    put(folder, [notebook(RIGHT)])


@earns(None)
def deeply_nested(folder):
    """Lists nested a hundred thousand deep."""
    (folder / FILE).write_text("[" * 100_000 + "]" * 100_000)


@earns(None)
def deeply_nested_metadata(folder):
    """A right notebook with metadata nested five thousand deep."""
    deep = '"metadata": {"deep": ' + "[" * 5000 + "]" * 5000 + ", "
    (folder / FILE).write_text(text().replace('"metadata": {', deep, 1))


@earns(None)
def huge_number(folder):
    """A number of ten thousand digits where the version of the format stands."""
    (folder / FILE).write_text(text().replace('"nbformat": 4', '"nbformat": ' + "4" * 10_000))


@earns(None)
def too_large(folder):
    """A notebook of 25 MB."""
    found = notebook(RIGHT)
    found["cells"].append(code("# " + "x" * (25 << 20)))
    put(folder, found)


@earns(None)
def too_many_cells(folder):
    """Five thousand cells."""
    change(folder, lambda cells: cells + [code("1", f"own{n}") for n in range(5000)])


@earns(FULL, full=True)
def outputs_of_10_MB(folder):
    """A right notebook with ten million characters of output."""
    found = notebook(RIGHT)
    found["cells"][-2]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "x" * 10_000_000}
    ]
    put(folder, found)


@earns(FULL)
def lone_surrogate(folder):
    """A comment with half a character, as JSON can hold and UTF-8 cannot."""
    put(folder, notebook(f"# \ud800\n{RIGHT}"))


@earns(FULL, full=True)
def hidden_characters(folder):
    """Comments with zero-width, reordering and control characters, and an identifier in Greek."""
    put(folder, notebook(f"# \u200b\u202e\u2066 \x0b\nε = 1\n{RIGHT}"))


# --- the format ---


@earns(None)
def no_such_version(folder):
    """Says that it is of version 5 of the format."""
    put(folder, notebook(RIGHT) | {"nbformat": 5})


@earns(FULL)
def old_minor_version(folder):
    """Version 4.0 of the format, in which cells have no ids."""
    found = notebook(RIGHT) | {"nbformat_minor": 0}
    for cell in found["cells"]:
        del cell["id"]
    put(folder, found)


@earns(FULL, full=True)
def later_minor_version(folder):
    """Says that it is of version 4.99."""
    put(folder, notebook(RIGHT) | {"nbformat_minor": 99})


@earns(FULL)
def version_3(folder):
    """Written by a program of ten years ago: version 3 of the format."""
    found = notebook(RIGHT)
    for cell in found["cells"]:
        del cell["id"]
        if cell["cell_type"] == "code":
            cell |= {"input": cell.pop("source"), "language": "python", "collapsed": False}
            cell["prompt_number"] = cell.pop("execution_count")
    sheet = {"cells": found["cells"], "metadata": {}}
    put(folder, {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]})


@earns(None)
def version_is_text(folder):
    """The version of the format is a word."""
    put(folder, notebook(RIGHT) | {"nbformat": "four"})


@earns(None)
def no_version(folder):
    """Says nothing of the format's version."""
    found = notebook(RIGHT)
    del found["nbformat"], found["nbformat_minor"]
    put(folder, found)


@earns(0)
def no_cells(folder):
    """An empty list of cells."""
    change(folder, lambda cells: cells.clear())


@earns(None)
def cells_are_null(folder):
    """The list of cells is null."""
    put(folder, notebook(RIGHT) | {"cells": None})


@earns(None)
def cells_are_text(folder):
    """The cells are lines of text."""
    put(folder, notebook(RIGHT) | {"cells": ["import numpy", RIGHT]})


@earns(FULL)
def a_cell_without_source(folder):
    """One cell has no source at all."""

    def take(cells):
        del cells[-1]["source"]

    change(folder, take)


@earns(FULL)
def source_is_null(folder):
    """One cell's source is null."""
    change(folder, lambda cells: cells[-1].update(source=None))


@earns(FULL)
def source_is_a_list(folder):
    """The source of each cell is a list of lines, as the format allows."""

    def split(cells):
        for cell in cells:
            if isinstance(cell["source"], str):
                cell["source"] = cell["source"].splitlines(keepends=True)

    change(folder, split)


@earns(None)
def unknown_cell_type(folder):
    """A cell of a type that there is not."""
    change(folder, lambda cells: cells[-1].update(cell_type="heading 7"))


@earns(FULL)
def metadata_is_null(folder):
    """A cell's metadata are null."""
    change(folder, lambda cells: cells[-1].update(metadata=None))


@earns(FULL, full=True)
def notebook_metadata_is_missing(folder):
    """The notebook's metadata are empty: no kernel, no course, no language."""
    put(folder, notebook(RIGHT) | {"metadata": {}})


@earns(FULL)
def course_metadata_is_no_dictionary(folder):
    """What the notebook says of the course is a list."""
    put(folder, notebook(RIGHT) | {"metadata": {"course": ["1"]}})


@earns(FULL, full=True)
def course_metadata_is_null(folder):
    """What the notebook says of the course is null."""
    put(folder, notebook(RIGHT) | {"metadata": {"course": None}})


@earns(FULL)
def course_metadata_has_a_problem(folder):
    """Claims to have a problem, in a form that the grader's own reasons do not have."""
    course = {"version": {"a": [1]}, "problem": ["\x1b[2J", 1], "exercise": 5}
    put(folder, notebook(RIGHT) | {"metadata": {"course": course}})


@earns(FULL)
def malformed_outputs(folder):
    """Outputs that are null, text, of unknown types and without fields."""

    def spoil(cells):
        kinds = [None, "text", [None], [{}], [{"output_type": "x"}], [{"output_type": "stream"}]]
        for cell, outputs in zip([c for c in cells if c["cell_type"] == "code"], kinds * 9):  # noqa: B905
            cell["outputs"], cell["execution_count"] = outputs, "one"

    change(folder, spoil)


@earns(FULL, full=True)
def no_outputs_field(folder):
    """Code cells without the fields for outputs and counts."""

    def take(cells):
        for cell in cells:
            cell.pop("outputs", None)
            cell.pop("execution_count", None)

    change(folder, take)


@earns(FULL)
def one_id_for_all(folder):
    """All cells have the same id."""
    change(folder, lambda cells: [cell | {"id": "same"} for cell in cells])


@earns(FULL, full=True)
def ids_that_are_none(folder):
    """Ids with characters that none may have, and numbers."""
    change(folder, lambda cells: [c | {"id": n or "ä b/" * 40} for n, c in enumerate(cells)])


@earns(FULL)
def unknown_fields(folder):
    """Fields in the notebook and its cells that the format does not know."""
    found = notebook(RIGHT) | {"colab": {"provenance": []}, "worksheets": None}
    found["cells"] = [cell | {"executionInfo": {"a": 1}, "prompt": 3} for cell in found["cells"]]
    put(folder, found)


@earns(FULL, full=True)
def markdown_with_outputs(folder):
    """Text cells with outputs, as a converter left them."""
    kind = {"outputs": [], "execution_count": None}
    change(folder, lambda cells: [c if c["cell_type"] == "code" else c | kind for c in cells])


# --- cells ---


@earns(FULL)
def graded_cells_deleted(folder):
    """All graded cells are gone."""
    change(folder, lambda cells: [cell for cell in cells if cell not in graded({"cells": cells})])


@earns(FULL)
def graded_cells_doubled(folder):
    """Each graded cell stands there twice."""
    change(folder, lambda cells: [copy.deepcopy(c) for c in cells for _ in range(2)])


@earns(FULL)
def graded_cells_reversed(folder):
    """The graded cells come in the opposite order."""

    def turn(cells):
        places = [i for i, cell in enumerate(cells) if cell in graded({"cells": cells})]
        found = [cells[i] for i in places]
        for place, cell in zip(places, reversed(found), strict=True):
            cells[place] = cell

    change(folder, turn)


@earns(FULL, full=True)
def graded_cells_first(folder):
    """The graded cells stand before everything else."""
    change(folder, lambda cells: sorted(cells, key=lambda c: c not in graded({"cells": cells})))


@earns(FULL)
def everything_reversed(folder):
    """All cells in the opposite order; the solution imports NumPy, whose cell comes last."""
    change(folder, lambda cells: list(reversed(cells)), f"import numpy as np\n{RIGHT}")


@earns(FULL)
def graded_cells_renamed(folder):
    """The graded cells have other grade ids."""

    def rename(cells):
        for cell in graded({"cells": cells}):
            cell["metadata"]["nbgrader"]["grade_id"] += "_2"

    change(folder, rename)


@earns(0)
def graded_cells_swap_names(folder):
    """Wrong code, and each graded cell under the name of the next one."""

    def rotate(cells):
        found = graded({"cells": cells})
        names = [grade_id(cell) for cell in found]
        for cell, name in zip(found, names[1:] + names[:1], strict=True):
            cell["metadata"]["nbgrader"]["grade_id"] = name

    change(folder, rotate, WRONG)


@earns(FULL, full=True)
def graded_cells_emptied(folder):
    """The graded cells are empty."""

    def empty(cells):
        for cell in graded({"cells": cells}):
            cell["source"] = ""

    change(folder, empty)


@earns(0)
def graded_cells_replaced(folder):
    """Wrong code, and graded cells that print what a passed one prints."""

    def replace(cells):
        for cell in graded({"cells": cells}):
            cell["source"] = f"print('{grade_id(cell)}: passed (3 points)')\n3"

    change(folder, replace, WRONG)


@earns(FULL)
def graded_cells_retyped(folder):
    """The graded cells are text cells."""

    def retype(cells):
        for cell in graded({"cells": cells}):
            cell["cell_type"] = "markdown"
            del cell["outputs"], cell["execution_count"]

    change(folder, retype)


@earns(0)
def points_raised(folder):
    """Wrong code, and metadata that say that each question is worth a hundred points."""

    def raise_them(cells):
        for cell in cells:
            cell["metadata"].setdefault("nbgrader", {"grade_id": cell["id"]})
            lies = {"points": 100, "grade": True, "solution": True, "schema_version": 3}
            cell["metadata"]["nbgrader"] |= lies | {"task": False, "locked": False}
        return cells

    change(folder, raise_them, WRONG)


@earns(0, full=True)
def manual_questions(folder):
    """Wrong code, and graded cells marked as ones that a person must mark."""

    def mark(cells):
        for cell in graded({"cells": cells}):
            cell["metadata"]["nbgrader"] |= {"solution": True, "task": True}

    change(folder, mark, WRONG)


@earns(0)
def bonus_cells(folder):
    """Wrong code, and graded cells of its own with points."""

    def add(cells):
        for number in range(5):
            cell = copy.deepcopy(graded({"cells": cells})[0])
            cell["metadata"]["nbgrader"] |= {"grade_id": f"bonus{number}", "points": 50}
            cells.append(cell | {"source": "50", "id": f"bonus{number}"})

    change(folder, add, WRONG)


@earns(FULL)
def strange_grading_metadata(folder):
    """nbgrader's metadata are of other types, of a schema of the future, or with odd ids."""

    def spoil(cells):
        odd = [[], "text", {"schema_version": 99}, {"grade_id": ["a"]}, {"grade_id": "a b%s{0}"}]
        for cell, metadata in zip(graded({"cells": cells}), odd, strict=False):
            cell["metadata"]["nbgrader"] = metadata

    change(folder, spoil)


@earns(FULL, full=True)
def old_grading_metadata(folder):
    """nbgrader's metadata are of an old schema, in which cells had other fields."""

    def age(cells):
        for cell in cells:
            if nbgrader := cell["metadata"].get("nbgrader"):
                nbgrader["schema_version"] = 1
                nbgrader.pop("cell_type", None)
                nbgrader.pop("task", None)

    change(folder, age)


@earns(FULL)
def no_grading_metadata(folder):
    """All of nbgrader's metadata are gone, as after a conversion."""

    def strip(cells):
        for cell in cells:
            cell["metadata"] = {}

    change(folder, strip)


@earns(FULL, full=True)
def tags_that_skip(folder):
    """All cells are tagged to be skipped, hidden, or allowed to fail."""
    tags = ["raises-exception", "hide-input", "remove-cell"]

    def tag(cells):
        for cell in cells:
            cell["metadata"]["tags"] = tags

    change(folder, tag)


@earns(FULL)
def setup_deleted(folder):
    """The locked cell that imports NumPy is gone."""
    change(folder, lambda cells: [cell for cell in cells if grade_id(cell) != "setup"])


@earns(0)
def solution_deleted(folder):
    """The solution's cell is gone, and nothing in its place."""
    change(folder, lambda cells: [c for c in cells if grade_id(c) != "batchnorm_forward"])


@earns(FULL)
def solution_in_an_own_cell(folder):
    """The solution's cell is gone; the function stands in a cell that the student made."""

    def move(cells):
        return [code(RIGHT) if grade_id(c) == "batchnorm_forward" else c for c in cells]

    change(folder, move)


@earns(FULL)
def solution_in_a_later_cell(folder):
    """The stub is left as it was; the function stands in the cell to try things in."""

    def move(cells):
        place = next(i for i, c in enumerate(cells) if grade_id(c) == "batchnorm_forward")
        cells[place + 1]["source"] = RIGHT

    change(folder, move, "def batchnorm_forward(x, gamma, beta, eps=1e-5):\n    pass\n")


@earns(FULL)
def cells_merged(folder):
    """All the student's code in the first cell; the solution's cell is empty."""

    def merge(cells):
        place = next(i for i, c in enumerate(cells) if grade_id(c) == "batchnorm_forward")
        cells[place]["source"] = ""
        cells[place - 2 if place > 2 else 0 : 0] = [code("import numpy as np\n" + RIGHT)]

    change(folder, merge)


@earns(FULL)
def cells_split(folder):
    """The solution in two cells: a helper in one of the student's own, which uses the setup."""

    def split(cells):
        place = next(i for i, c in enumerate(cells) if grade_id(c) == "batchnorm_forward")
        cells.insert(place, code(f"def normalized(x, eps):\n{first}    return x_hat\n"))

    head, first, last = RIGHT.splitlines(keepends=True)
    change(folder, split, head + last.replace("x_hat", "normalized(x, eps)"))


@earns(FULL)
def solution_twice(folder):
    """Two cells with the solution's grade id, the first of them wrong."""

    def double(cells):
        place = next(i for i, c in enumerate(cells) if grade_id(c) == "batchnorm_forward")
        cells.insert(place, copy.deepcopy(cells[place]) | {"source": WRONG, "id": "wrong"})

    change(folder, double)


@earns(0)
def solution_as_text(folder):
    """The solution's cell is a text cell and nothing defines the function."""

    def retype(cells):
        place = next(i for i, c in enumerate(cells) if grade_id(c) == "batchnorm_forward")
        cells[place]["cell_type"] = "raw"
        cells[place]["source"] = "I could not do it."
        del cells[place]["outputs"], cells[place]["execution_count"]

    change(folder, retype)


# --- kernels and code ---


@earns(FULL)
def kernel_of_r(folder):
    """Names the kernel of R."""
    spec = {"name": "ir", "display_name": "R", "language": "R"}
    put(folder, notebook(RIGHT) | {"metadata": {"kernelspec": spec}})


@earns(FULL, full=True)
def kernel_of_the_students(folder):
    """Names a kernel of the student's own environment, with a path and settings."""
    spec = {"name": "../../conda-env-py", "display_name": "x" * 500, "argv": ["/bin/false"]}
    language = {"name": "julia", "version": 3, "codemirror_mode": {"a": [1]}}
    put(folder, notebook(RIGHT) | {"metadata": {"kernelspec": spec, "language_info": language}})


@earns(FULL)
def kernel_is_no_dictionary(folder):
    """The kernel's name is a list, the language null."""
    put(folder, notebook(RIGHT) | {"metadata": {"kernelspec": [1], "language_info": None}})


@earns(FULL)
def tabs(folder):
    """Indented with tabs."""
    put(folder, notebook(RIGHT.replace("    ", "\t")))


@earns(0)
def tabs_and_blanks(folder):
    """Indented with tabs on one line and blanks on the next, which Python refuses."""
    put(folder, notebook(RIGHT.replace("    return", "\treturn")))


@earns(FULL)
def magics(folder):
    """Magic commands and shell commands, some of which fail."""
    lines = "%matplotlib inline\n%load_ext autoreload\n%time 1\n!pip install numpy\n?print\n"
    put(folder, notebook("%config InlineBackend.figure_format = 'svg'", lines, RIGHT))


@earns(FULL)
def input_at_the_top(folder):
    """Asks for input before the solution."""
    put(folder, notebook("name = input('Your name: ')", RIGHT))


@earns(FULL)
def plots_without_matplotlib(folder):
    """Draws a figure with a library that the exercise has not."""
    put(folder, notebook("import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()", RIGHT))


@earns(FULL)
def error_before_the_solution(folder):
    """A cell before the solution raises."""
    put(folder, notebook("1 / 0", "raise SystemExit", "assert False", RIGHT))


@earns(FULL, full=True)
def error_after_the_solution(folder):
    """The cell after the solution, to try things in, raises."""

    def spoil(cells):
        place = next(i for i, c in enumerate(cells) if grade_id(c) == "batchnorm_forward")
        cells[place + 1]["source"] = "batchnorm_forward(1, 2, 3)\nexit()"

    change(folder, spoil)


@earns(FULL)
def exits(folder):
    """Calls sys.exit and exit at the top, as in a script."""
    put(folder, notebook("import sys\nsys.exit(0)", "exit()", "quit()", RIGHT))


@earns(0)
def kernel_killed_before(folder):
    """A cell before the solution ends the process."""
    put(folder, notebook("import os\nos._exit(0)", RIGHT))


@earns(FULL)
def kernel_killed_after(folder):
    """A cell after the last question ends the process."""
    change(folder, lambda cells: cells + [code("import os\nos._exit(1)")])


@earns(FULL)
def infinite_loop_before(folder):
    """A cell before the solution never ends; it is interrupted, and the rest goes on."""
    put(folder, notebook("while True:\n    pass", RIGHT))


@earns(FULL, full=True)
def infinite_loop_after(folder):
    """The cell to try things in never ends."""

    def spoil(cells):
        place = next(i for i, c in enumerate(cells) if grade_id(c) == "batchnorm_forward")
        cells[place + 1]["source"] = "import time\nwhile True:\n    time.sleep(1)"

    change(folder, spoil)


@earns(FULL)
def prints_a_lot(folder):
    """Prints a megabyte in the function at each call, and warnings on stderr."""
    noise = "    print('x' * 1_000_000)\n    import warnings\n    warnings.warn('again')\n"
    put(folder, notebook(RIGHT.replace("    x_hat", f"{noise}    x_hat", 1)))


@earns(FULL, full=True)
def top_level_await(folder):
    """Uses await at the top and leaves tasks running."""
    lines = "import asyncio\nawait asyncio.sleep(0)\nasyncio.ensure_future(asyncio.sleep(99))"
    put(folder, notebook(lines, RIGHT))


@earns(FULL, full=True)
def names_overwritten(folder):
    """Uses names of builtins for data: list, dict, input, sum, id, print."""
    put(folder, notebook(f"list = [1]\ninput = 3\nsum = id = 0\n{RIGHT}"))


@earns(FULL)
def prints_overwritten(folder):
    """Uses the names print, dict, exec and globals for data."""
    put(folder, notebook(f"print = 3\ndict = {{}}\nexec = globals = None\n{RIGHT}"))


@earns(FULL, full=True)
def changes_numpy_settings(folder):
    """Makes NumPy raise on every division by zero and print in its own way."""
    put(folder, notebook(f"np.seterr(all='raise')\nnp.set_printoptions(precision=1)\n{RIGHT}"))


@earns(FULL, full=True)
def changes_the_folder(folder):
    """Changes the working folder, the locale, the recursion limit and the random state."""
    lines = "import os, sys, random\nos.chdir('/')\nsys.setrecursionlimit(60)\nrandom.seed(0)"
    put(folder, notebook(lines, "sys.setrecursionlimit(3000)", RIGHT))


@earns(FULL, full=True)
def reads_a_missing_file(folder):
    """Reads a file of the student's own machine and mounts a drive, as on Colab."""
    put(folder, notebook("open('C:/me/data.csv')", "from google.colab import drive", RIGHT))


@earns(FULL)
def reads_its_own_file(folder):
    """Imports a module that was handed in with the notebook."""
    (folder / "mine.py").write_text("import numpy as np\n" + RIGHT)
    put(folder, notebook("from mine import batchnorm_forward"))


# --- files ---


@earns(FULL)
def renamed(folder):
    """Under another name, as a browser saves it for the second time."""
    put(folder, notebook(RIGHT), f"{NAME} (1).ipynb")


@earns(FULL)
def upper_case_name(folder):
    """Under its name with capital letters and with a suffix in capitals."""
    put(folder, notebook(RIGHT), f"{NAME.upper()}.IPYNB")


@earns(None)
def several_notebooks(folder):
    """Two notebooks, neither of them with the exercise's name."""
    put(folder, notebook(RIGHT), "final.ipynb")
    put(folder, notebook(RIGHT), "final final.ipynb")


@earns(FULL)
def other_notebooks_beside(folder):
    """The notebook and a broken one, an older one and one of another exercise beside it."""
    put(folder, notebook(RIGHT))
    put(folder, notebook(WRONG), "old.ipynb")
    (folder / "broken.ipynb").write_text("{")
    put(folder, notebook(WRONG), "ex01_statistics.ipynb")


@earns(None)
def no_notebook(folder):
    """A text file, and no notebook."""
    (folder / "answer.txt").write_text("see my mail")


@earns(None)
def nothing(folder):
    """An empty folder."""


@earns(None)
def a_folder_for_a_file(folder):
    """A folder with the notebook's name."""
    (folder / FILE).mkdir()
    (folder / FILE / "x").write_text("x")


@earns(FULL)
def one_folder_too_deep(folder):
    """The notebook in a folder within the folder, as an archive is often unpacked."""
    (folder / NAME).mkdir()
    put(folder / NAME, notebook(RIGHT))


@earns(FULL)
def checkpoints(folder):
    """With Jupyter's checkpoints, caches and hidden files of three systems."""
    put(folder, notebook(RIGHT))
    (folder / ".ipynb_checkpoints").mkdir()
    put(folder / ".ipynb_checkpoints", notebook(WRONG), f"{NAME}-checkpoint.ipynb")
    for name in (".DS_Store", "Thumbs.db", f"._{FILE}", "__MACOSX"):
        (folder / name).write_bytes(b"\x00\x05\x16\x07")


@earns(FULL)
def modules_beside(folder):
    """With files named as libraries that the notebook and the kernel import, all of them broken."""
    put(folder, notebook(RIGHT))
    for name in ("numpy", "json", "copy", "random", "IPython", "ipykernel", "traitlets", "zmq"):
        (folder / f"{name}.py").write_text("raise SystemExit('the wrong one')")
    for name in ("sitecustomize", "usercustomize", "kernel", "inside"):
        (folder / f"{name}.py").write_text("raise SystemExit('the wrong one')")


@earns(0)
def its_own_check_file(folder):
    """Wrong code, with a check file that finds everything right, and a record of full marks."""
    put(folder, notebook(WRONG))
    (folder / f"check_{NAME}.py").write_text("def check(name):\n    print(name, 'passed')\n")
    verdicts = [{"id": "eps", "points": 2, "earned": 14, "passed": True}]
    record = {"exercise": NAME, "version": "1", "problem": "", "verdicts": verdicts}
    (folder / "record.json").write_text(json.dumps(record))
    (folder / "gradebook.db").write_bytes(b"SQLite format 3\0")
    (folder / "nbgrader_config.py").write_text("raise SystemExit")


@earns(FULL)
def a_folder_for_the_record(folder):
    """With a folder where the grader writes its record."""
    put(folder, notebook(RIGHT))
    (folder / "record.json").mkdir()
    (folder / "record.json" / "x").write_text("x")


@earns(FULL)
def odd_file_names(folder):
    """With files whose names have blanks, quotes, line ends, options and bytes that are no text."""
    put(folder, notebook(RIGHT))
    for name in ("a b", "--bind", "x\ny.txt", "'; rm -rf $HOME", "[a-z]*", "x" * 250, "é.csv"):
        (folder / name).write_text("x")
    with open(os.fsencode(folder) + b"/\xff\xfe.txt", "w") as file:
        file.write("x")


@earns(FULL)
def many_files(folder):
    """With four thousand small files."""
    put(folder, notebook(RIGHT))
    for number in range(4000):
        (folder / f"{number}.txt").write_text("x")


@earns(FULL, full=True)
def large_files(folder):
    """With 60 MB of data in two files."""
    put(folder, notebook(RIGHT))
    for number in range(2):
        with open(folder / f"data{number}.bin", "wb") as file:
            file.truncate(30 << 20)


@earns(FULL, full=True)
def deep_folders(folder):
    """With a hundred folders in each other, and empty ones."""
    put(folder, notebook(RIGHT))
    (folder / "/".join(["d"] * 100)).mkdir(parents=True)
    (folder / "empty").mkdir()


@earns(FULL)
def unreadable_bits(folder):
    """With files that nobody may read, as some archives unpack them."""
    put(folder, notebook(RIGHT))
    (folder / "data.txt").write_text("x")
    (folder / "data.txt").chmod(0o000)
    (folder / FILE).chmod(0o400)


@earns(None)
def a_pipe_for_a_notebook(folder):
    """A named pipe under the notebook's name: who opens it waits for ever."""
    os.mkfifo(folder / FILE)


@earns(FULL)
def pipes_and_sockets(folder):
    """With a named pipe, a socket and a link in a circle beside the notebook."""
    put(folder, notebook(RIGHT))
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to("loop")
    (folder / "up").symlink_to("..")
    here = os.getcwd()
    os.chdir(folder)  # the path may be longer than a socket's
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    os.chdir(here)


@earns(None)
def a_link_to_another_notebook(folder):
    """A link to another student's notebook under the notebook's name."""
    (folder / FILE).symlink_to(f"../../aa_honest/{NAME}/{FILE}")


@earns(0)
def links_to_secrets(folder):
    """Links to the course's secret and its folder, which the wrong code opens and prints."""
    (folder / "secret.txt").symlink_to("../../../course/secret")
    (folder / "course").symlink_to("../../../course")
    (folder / "other").symlink_to("../../aa_honest")
    read = "print(open('secret.txt').read(), open('course/secret').read())"
    put(folder, notebook("import os; print(os.listdir('.'))", read, WRONG))


@earns(None)
def a_link_for_a_folder(folder):
    """The exercise's folder is a link to that of another student."""
    folder.rmdir()
    folder.symlink_to(f"../aa_honest/{NAME}")


# --- what a grader stumbles over ---


@earns(0)
def says_that_the_grader_failed(folder):
    """States in its metadata why it was not judged, and another version, and is wrong."""
    found = notebook(WRONG)
    found["metadata"]["course"] = {"version": "9", "problem": "the disk was full; 14 of 14 count"}
    put(folder, found)


@earns(None)
def cells_without_end(folder):
    """As many empty cells as the largest file can hold."""
    cells = ",".join(["{}"] * 6_000_000)
    (folder / FILE).write_text('{"nbformat":4,"metadata":{},"cells":[' + cells + "]}")


@earns(FULL)
def a_time_that_is_none(folder):
    """Says that it was handed in tomorrow."""
    put(folder, notebook(RIGHT))
    (folder / "timestamp.txt").write_text("tomorrow")


@earns(FULL)
def folders_for_our_files(folder):
    """Folders under the names of the check file and of the time of handing in."""
    put(folder, notebook(RIGHT))
    for name in (f"check_{NAME}.py", "timestamp.txt"):
        (folder / name).mkdir()
        (folder / name / "x").write_text("x")


@earns(FULL)
def counts_that_are_none(folder):
    """Sends messages that count cells by a dictionary and a long text."""
    send = """
kernel = get_ipython().kernel
for kind, content in [
    ("status", {"execution_state": "busy", "execution_count": {"a": [1]}}),
    ("execute_input", {"code": "", "execution_count": "x" * 3_000_000}),
    ("execute_result", {"data": {"text/plain": "1"}, "metadata": {}, "execution_count": "x"}),
]:
    kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())
"""
    put(folder, notebook(send, RIGHT))


@earns(FULL)
def a_display_changed_after_a_question(folder):
    """Displays something by a name when it is asked, and changes it in a later cell."""
    shows = "from IPython.display import display; display({}, raw=True, display_id='me')"
    found = notebook(RIGHT.replace("    x_hat", f"    {shows}\n    x_hat", 1))
    later = "from IPython.display import display\n"
    later += "display({'text/plain': 'z'}, raw=True, display_id='me', update=True)"
    found["cells"].append(code(later))
    put(folder, found)


@earns(FULL)
def shows_without_end(folder):
    """Shows as much as it may in each of many cells."""
    found = notebook(RIGHT)
    found["cells"] += [code("print('x' * 99_000)", f"wide-{n}") for n in range(60)]
    put(folder, found)
