"""The bundled sample class: made-up students, right, wrong and strange, written out as submissions.

Most answers come from the catalogue (`mistakes`); what no catalogue has stands here. `make grade`
grades this class when it is given no other.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat

from autograder.checks import exercise
from autograder.mistakes import mistakes_of, variants_of
from autograder.release.checkfile import check_file
from autograder.release.source import BEGIN, END, source_notebook

STUB = r"\1# YOUR CODE HERE\n\1raise NotImplementedError()"  # what nbgrader makes of a region

SYNTAX_ERROR = """\
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(axis=0) / np.sqrt(x.var(axis=0) + eps) + beta, None
"""
INFINITE_LOOP = """\
def batch_statistics(x):
    total, n = np.zeros(x.shape[1]), 0
    while n < len(x):
        total = total + x[n]
    return total / n, x.var(axis=0)
"""
WARNS = """\
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    import warnings
    warnings.warn("about to normalize")
    x_hat = (x - x.mean(axis=0)) / (x.var(axis=0) + eps) ** 0.5
    print("normalized")
    return gamma * x_hat + beta, x_hat
"""
UNHEARD_OF = """\
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    spread = np.percentile(x, 84, axis=0) - np.percentile(x, 16, axis=0)
    return gamma * 2 * (x - x.mean(axis=0)) / (spread + eps) + beta, None
"""
TWO_MISTAKES = """\
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0, ddof=1) + eps)
    return gamma * (x_hat + beta), None
"""
ONE_VALUE = """\
def batch_statistics(x):
    return x.mean(axis=0)
"""

# Student: exercise: function: an id of the catalogue, a source of its own, or None for the stub.
# A function that is not named is the solution's.
ANSWERS: dict[str, dict[str, dict[str, str | None]]] = {
    "abena": {"ex01_statistics": {}, "ex02_forward": {}},
    "bilal": {
        "ex01_statistics": {"batch_statistics": "loops", "merge_statistics": "empty_first"},
        "ex02_forward": {"batchnorm_forward": "loops"},
    },
    "chiara": {
        "ex01_statistics": {"batch_statistics": "welford", "merge_statistics": "np_average"},
        "ex02_forward": {"batchnorm_forward": "folded"},
    },
    "dmitri": {
        "ex01_statistics": {"batch_statistics": None, "merge_statistics": None},
        "ex02_forward": {"batchnorm_forward": None},
    },
    "esi": {
        "ex01_statistics": {"batch_statistics": "unbiased"},
        "ex02_forward": {"batchnorm_forward": "unbiased"},
    },
    "farid": {
        "ex01_statistics": {"batch_statistics": "over_features"},
        "ex02_forward": {"batchnorm_forward": "over_features"},
    },
    "greta": {
        "ex01_statistics": {"merge_statistics": "no_between"},
        "ex02_forward": {"batchnorm_forward": "eps_outside_root"},
    },
    "hiro": {
        "ex01_statistics": {"batch_statistics": "one_pass"},
        "ex02_forward": {"batchnorm_forward": "one_pass_variance"},
    },
    "ines": {
        "ex01_statistics": {"batch_statistics": "centred_in_place"},
        "ex02_forward": {"batchnorm_forward": "centres_in_place"},
    },
    "jomo": {
        "ex01_statistics": {"merge_statistics": "plain_average"},
        "ex02_forward": {"batchnorm_forward": "shift_before_scale"},
    },
    "kaisa": {"ex02_forward": {"batchnorm_forward": SYNTAX_ERROR}},
    "luis": {"ex01_statistics": {"batch_statistics": INFINITE_LOOP}},
    "mei": {"ex02_forward": {"batchnorm_forward": "promotes"}},
    "nadia": {"ex02_forward": {"batchnorm_forward": WARNS}},
    "omar": {"ex02_forward": {"batchnorm_forward": UNHEARD_OF}},
    "priya": {"ex02_forward": {"batchnorm_forward": TWO_MISTAKES}},
    "quinn": {"ex01_statistics": {"batch_statistics": ONE_VALUE}},
    "rosa": {"ex02_forward": {"batchnorm_forward": "no_eps"}},  # and a deleted cell, see below
    "sven": {"ex01_statistics": {}},  # a file that is no notebook, see below
    "tala": {"ex01_statistics": {"batch_statistics": "keeps_dimensions"}},
}


def delete_a_graded_cell(path: Path) -> None:
    """Take the graded cell on eps out of a notebook, as a student might by accident."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") != "eps"]
    nbformat.write(notebook, path)


def break_the_json(path: Path) -> None:
    """Leave the first half of a notebook, as a full disk does."""
    text = path.read_text()
    path.write_text(text[: len(text) // 2])


ACCIDENTS: dict[tuple[str, str], Callable[[Path], None]] = {
    ("rosa", "ex02_forward"): delete_a_graded_cell,
    ("sven", "ex01_statistics"): break_the_json,
}


def write(folder: Path) -> int:
    """Write the class, laid out as nbgrader has it; what the folder held before is replaced.

    Args:
        folder: gets STUDENT/EXERCISE/EXERCISE.ipynb.

    Returns:
        The number of submissions.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for student, exercises in ANSWERS.items():
        for name, answers in exercises.items():
            target = folder / student / name
            target.mkdir(parents=True)
            path = target / f"{name}.ipynb"
            nbformat.write(submission(name, answers), path)
            (target / f"check_{name}.py").write_bytes(check_file(exercise(name)))
            if accident := ACCIDENTS.get((student, name)):
                accident(path)
    return sum(len(exercises) for exercises in ANSWERS.values())


def submission(name: str, answers: dict[str, str | None]) -> nbformat.NotebookNode:
    """Return a notebook with a student's answers in place of the solution.

    Args:
        name: the exercise's.
        answers: function to an id of the catalogue, a source, or None for the blank stub.

    Raises:
        KeyError: the catalogue has no such entry.
    """
    notebook = source_notebook(exercise(name))
    known = {entry.id: entry for entry in mistakes_of(name) + variants_of(name)}
    for cell in notebook.cells:
        function = cell.metadata.get("nbgrader", {}).get("grade_id")
        if BEGIN not in cell.source:
            continue
        if function in answers:
            answer = answers[function]
            if answer is None:
                region = re.compile(rf"( *){BEGIN}.*?{END}", re.DOTALL)
                cell.source = region.sub(STUB, cell.source)
            else:
                cell.source = answer if "\n" in answer else known[answer].source()
        cell.source = re.sub(rf"\n *({BEGIN}|{END})", "", cell.source)
    return notebook
