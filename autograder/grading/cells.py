"""The graded cells of a submission, put back as they were released, wherever they went."""

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.checks import EXERCISES
from autograder.paths import EXERCISES as RELEASED

GONE = "# This cell was missing from the submission."


class RestoreCells(NbGraderPreprocessor):
    """Give every cell of the exercise its type and marks back; remove copies of graded cells.

    What a student wrote stays where it stands and runs. A graded cell is the released one; it
    stands where the student had it, but not before the cell that it is about.
    """

    def preprocess(self, nb, resources):
        """Restore a notebook's cells.

        Args:
            nb: the submission.
            resources: nbconvert's; "nbgrader" names the assignment.

        Returns:
            The notebook, with each cell of the exercise once, and the resources.
        """
        name = resources["nbgrader"]["assignment"]
        if name in EXERCISES:
            path = RELEASED / name / f"{name}.ipynb"
            nb.cells = restored(nb.cells, nbformat.read(path, as_version=4).cells)
        return nb, resources


def restored(cells: list, released: list) -> list:
    """Return a submission's cells with those of the exercise put back.

    Args:
        cells: of the submission.
        released: of the notebook that the student was given.

    Returns:
        A new list; the cells that stay are the same objects, changed in place.
    """
    known = {_id(cell): cell for cell in released if _id(cell)}
    graded = {name for name, cell in known.items() if cell.metadata.nbgrader.grade}
    kept, places, last = [], {}, {}
    for cell in cells:
        name = _id(cell)
        if name in graded:
            places.setdefault(name, len(kept))
            continue
        if name in known:
            last[name] = len(kept)  # of several the last one counts, as in nbgrader
        kept.append(cell)
    for place, cell in enumerate(kept):
        name = _id(cell)
        if name in known and last[name] == place:
            _retype(cell, known[name])
        else:
            cell.metadata.pop("nbgrader", None)

    before, after = [], [[] for _ in kept]  # the cells that go to the start, and after each cell
    where = -1  # the cell after which the next missing one goes
    floor = -1  # the solution that the next graded cells are about
    lost = False  # that solution is gone; what it defines may stand in any cell
    for name, template in known.items():
        if name in last:
            where = last[name]
        if name in graded:
            usual = len(kept) if lost else where + 1
            place = max(places.get(name, usual) - 1, floor)
            where = max(where, place)
            copy = nbformat.from_dict(template)
        elif name not in last:
            place, copy = where, nbformat.from_dict(template)
            if template.metadata.nbgrader.solution:
                copy.source, lost = GONE, True
        else:
            if template.metadata.nbgrader.solution:
                floor, lost = last[name], False
            continue
        (before if place < 0 else after[place]).append(copy)
    return before + [one for cell, extra in zip(kept, after, strict=True) for one in (cell, *extra)]


def _id(cell):
    nbgrader = cell.metadata.get("nbgrader")
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return name if isinstance(name, str) else None


def _retype(cell, template):
    """Make a cell one of the type of its template, with the template's marks."""
    cell.metadata["nbgrader"] = dict(template.metadata.nbgrader)
    if cell.cell_type != template.cell_type:
        cell.cell_type = template.cell_type
        for field in ("outputs", "execution_count", "attachments"):
            cell.pop(field, None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
