"""The commands on right, wrong and bad input: exit code, one clear line, nothing half-written."""

import argparse
import json
import re
import sys

import nbformat
import pytest
from conftest import NO_SANDBOX, ROOT, WARNINGS

from autograder.checks import EXERCISES, exercise
from autograder.cli import main, parser
from autograder.mistakes import mistakes_of, variants_of
from autograder.sample_class import submission

NAME = "ex02_forward"
KEYS = ["id", "points", "earned", "passed", "diagnosis", "hint"]
IMPORT = "import numpy as np\n\n\n"


@pytest.fixture
def check(checkout, tmp_path):
    """Return a function that checks one file, given as its content, and returns the verdicts."""

    def check_file(content, name="answer.py", exercise=NAME, exit_code=1):
        path = tmp_path / name
        if name.endswith(".ipynb"):
            nbformat.write(content, path)
        else:
            path.write_text(content, encoding="utf-8")
        done = checkout.autograder("check", exercise, path, "--json", course=tmp_path / "course")
        assert done.returncode == exit_code, done.stderr
        assert done.stderr.splitlines() == WARNINGS
        assert not (tmp_path / "course").exists()
        verdicts = json.loads(done.stdout)
        assert [list(verdict) for verdict in verdicts] == [KEYS] * len(verdicts)
        return verdicts

    return check_file


def failed(verdicts):
    return {verdict["id"]: verdict for verdict in verdicts if not verdict["passed"]}


# --- right and wrong answers ---


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_gets_full_marks(check, name):
    solution = (ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8")
    verdicts = check(solution, exercise=name, exit_code=0)
    assert [verdict["id"] for verdict in verdicts] == [c.id for c in exercise(name).checks]
    assert sum(verdict["earned"] for verdict in verdicts) == exercise(name).points
    assert {verdict["hint"] for verdict in verdicts} == {None}


def test_the_blank_notebook_gets_nothing(check):
    released = nbformat.read(ROOT / "exercises" / NAME / f"{NAME}.ipynb", as_version=4)
    verdicts = check(released, "blank.ipynb")
    assert {verdict["earned"] for verdict in verdicts} == {0}
    assert {verdict["hint"] for verdict in verdicts} == {"batchnorm_forward is not written yet."}


@pytest.mark.parametrize("form", ["py", "ipynb"])
def test_a_known_mistake_is_diagnosed(check, form):
    mistake = next(m for m in mistakes_of(NAME) if m.id == "unbiased")
    if form == "py":
        verdicts = check(IMPORT + mistake.source())
    else:
        verdicts = check(submission(NAME, {mistake.of: mistake.id}), "answer.ipynb")
    lost = failed(verdicts)
    assert lost.keys() == set(mistake.fails)
    for verdict in lost.values():
        assert (verdict["earned"], verdict["diagnosis"]) == (0, mistake.id)
        assert verdict["hint"] == mistake.hint
    kept = [verdict for verdict in verdicts if verdict["id"] not in lost]
    assert all(verdict["earned"] == verdict["points"] for verdict in kept)


def test_verdicts_for_people(checkout, tmp_path):
    mistake = next(m for m in mistakes_of(NAME) if m.id == "no_eps")
    (tmp_path / "answer.py").write_text(IMPORT + mistake.source())
    done = checkout.autograder("check", NAME, tmp_path / "answer.py")
    assert done.returncode == 1
    points = exercise(NAME).points
    lost = sum(exercise(NAME).check(check).points for check in mistake.fails)
    assert done.stdout.splitlines()[-1] == f"{points - lost} of {points} points"
    assert re.findall(r"^FAILED  0/\d  (\w+)$", done.stdout, re.MULTILINE) == list(mistake.fails)
    assert done.stdout.count(f"{mistake.hint} [no_eps]") == len(mistake.fails)


def test_an_empty_file_defines_nothing(check):
    for verdict in check(""):
        assert verdict["hint"] == "batchnorm_forward is not defined: run the cell that defines it."


def test_a_notebook_without_cells(check):
    assert {verdict["earned"] for verdict in check(nbformat.v4.new_notebook(), "a.ipynb")} == {0}


def test_a_function_that_prints_and_warns_keeps_its_marks(check):
    variant = variants_of(NAME)[0].source().splitlines()
    noise = """\
    import logging, sys, warnings
    print("x" * 1000)
    for _ in range(200):
        print("a line", flush=True)
    warnings.warn("careful")
    logging.warning("careful")
    sys.stderr.write("careful")
"""
    verdicts = check(IMPORT + "\n".join([variant[0], noise.rstrip(), *variant[1:]]), exit_code=0)
    assert all(verdict["passed"] for verdict in verdicts)


def test_code_that_stops_at_top_level_keeps_what_is_defined(check):
    """In a .py all is one cell: what stands before the error counts, what stands after does not."""
    code = IMPORT + mistakes_of(NAME)[0].source()
    assert {v["diagnosis"] for v in failed(check(code + "\n1 / 0\n")).values()} == {"unbiased"}
    for verdict in check("1 / 0\n" + code):
        assert verdict["hint"].endswith("its cell stopped with ZeroDivisionError: division by zero")


STUBBORN = """
import time

def batch_statistics(x):
    return x.mean(axis=0), x.var(axis=0)

def merge_statistics(*arguments):
    while True:
        try:
            time.sleep(0.01)
        except KeyboardInterrupt:
            pass
"""


def test_a_loop_that_cannot_be_stopped_costs_no_other_question(check):
    """It goes on when it is interrupted; loops that do not are in the sample class."""
    this = exercise("ex01_statistics")
    lost = failed(check(STUBBORN, exercise=this.name))
    assert lost.keys() == {c.id for c in this.checks if c.function == "merge_statistics"}
    hints = {name: verdict["hint"] for name, verdict in lost.items()}
    assert hints["merge_mean"] == "merge_statistics did not finish within 10 seconds."
    assert hints["merge_empty"] == (
        "merge_statistics was not reached: what ran before it could not be stopped."
    )


def test_a_function_that_kills_its_kernel(check):
    code = "import os\n\ndef batchnorm_forward(*arguments):\n    os._exit(3)\n"
    verdicts = check(code)
    assert verdicts[0]["hint"] == "batchnorm_forward killed its kernel."
    for verdict in verdicts[1:]:
        assert "the kernel died on the way" in verdict["hint"]
    assert {verdict["earned"] for verdict in verdicts} == {0}


def test_a_file_that_kills_its_kernel(check):
    for verdict in check("import os\nos._exit(3)\n"):
        assert "the kernel died on the way" in verdict["hint"]


# --- bad input ---

NOTEBOOK = '{"cells": %s, "metadata": {}, "nbformat": %s, "nbformat_minor": 5}'
FILES = {
    "syntax.py": (b"x = 1\ndef f(:\n", "not valid Python, line 2"),
    "null.py": (b"x = 1\0", "not valid Python, source code string cannot contain null bytes"),
    "binary.py": (b"\x89PNG\xff\xfe", "not a text file in UTF-8"),
    "binary.ipynb": (b"\x89PNG\xff\xfe", "not a text file in UTF-8"),
    "answer.txt": (b"x = 1", "neither a notebook (.ipynb) nor a Python file (.py)"),
    "empty.ipynb": (b"", "not a notebook"),
    "half.ipynb": (b'{"cells": [', "not a notebook"),
    "list.ipynb": (b"[1, 2]", "not a notebook"),
    "null.ipynb": (b"null", "not a notebook"),
    "cells.ipynb": ((NOTEBOOK % (3, 4)).encode(), "not a notebook"),
    "future.ipynb": ((NOTEBOOK % ("[]", 99)).encode(), "not a notebook"),
}


def complaint(exit_code, out, err, warned):
    """Return the one line that a command that could not be done says, apart from the warning."""
    assert (exit_code, out) == (2, ""), err
    lines = err.splitlines()
    if warned:
        assert lines[: len(WARNINGS)] == WARNINGS
        lines = lines[len(WARNINGS) :]
    (line,) = lines
    assert line.startswith("autograder: ")
    assert "Traceback" not in line and len(line) < 400
    return line


@pytest.fixture
def here(monkeypatch, capsys, tmp_path):
    """Return a function that runs a command in this process, and returns what `complaint` takes.

    A real command's imports take seconds; `test_bad_input_to_the_real_command` has some of them.
    """
    monkeypatch.setenv("COURSE_DIR", str(tmp_path / "course"))

    def run(*words):
        if NO_SANDBOX and words[0] in ("check", "grade"):
            words = (*words, "--unprotected")
        try:
            exit_code = main([str(word) for word in words])
        except SystemExit as stop:  # argparse's
            exit_code = stop.code
        return exit_code, *capsys.readouterr()

    return run


def everything_in(folder):
    return sorted(str(p) for p in folder.rglob("*") if "__pycache__" not in p.parts)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_submission(here, tmp_path, name):
    content, reason = FILES[name]
    (tmp_path / name).write_bytes(content)
    before = everything_in(tmp_path)
    line = complaint(*here("check", NAME, tmp_path / name), warned=True)
    assert str(tmp_path / name) in line and reason in line
    assert everything_in(tmp_path) == before


EX02 = ("check", NAME)
BAD = {
    "check, missing file": (True, [*EX02, "{new}/a.py"], "a.py: no such file"),
    "check, a folder": (True, [*EX02, "{full}"], "full: a folder"),
    "check, unknown exercise": (
        False,
        ["check", "ex99", "{file}"],
        "no exercise 'ex99'; there are",
    ),
    "check, a path as exercise": (False, ["check", "../x", "{file}"], "no exercise '../x'"),
    "grade, missing folder": (True, ["grade", "{new}"], "new: no such folder"),
    "grade, a file": (True, ["grade", "{file}"], "a.txt: no such folder"),
    "grade, empty folder": (True, ["grade", "{empty}"], "empty: no submissions; expected STUDENT/"),
    "grade, no submissions": (True, ["grade", "{full}"], "full: no submissions; expected STUDENT/"),
    "grade, one student's folder": (True, ["grade", "{full}/mei"], "mei: no submissions; expected"),
    "release, unknown exercise": (False, ["release", NAME, "ex99"], "no exercise 'ex99'"),
    "release, to a file": (False, ["release", NAME, "--to", "{file}"], "a.txt: not a folder"),
    "prove, unknown exercise": (False, ["prove", "ex99"], "no exercise 'ex99'"),
    "prove, no seeds": (False, ["prove", "--seeds", "0"], "--seeds must be at least 1"),
    "prove, fewer": (False, ["prove", "--mutants", "-5"], "--mutants must be at least 1"),
    "prove, nowhere": (False, ["prove", "--out", "{new}/proof"], "proof: a file, or in a"),
    "prove, out is a file": (False, ["prove", "--out", "{file}"], "a.txt: a file, or in a"),
    "sample, folder in use": (False, ["sample", "{full}"], "full is not empty; name a new folder"),
    "sample, a file": (False, ["sample", "{file}"], "a.txt is not empty; name a new folder"),
    "sample, under a file": (False, ["sample", "{file}/new"], "a.txt/new"),
}
REAL = (
    "check, a folder",
    "grade, empty folder",
    "release, unknown exercise",
    "sample, under a file",
)


@pytest.fixture
def places(tmp_path):
    """A folder of a file, an empty folder, and one that holds other things than submissions."""
    folder = tmp_path / "places"
    (folder / "empty").mkdir(parents=True)
    (folder / "full" / "mei" / "ex99").mkdir(parents=True)
    (folder / "full" / "mei" / "answer.py").write_text("x = 1")
    (folder / "a.txt").write_text("x = 1")
    return {name: folder / name for name in ("empty", "full", "new")} | {"file": folder / "a.txt"}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(here, places, tmp_path, case):
    warned, words, reason = BAD[case]
    before = everything_in(tmp_path)
    said = here(*(word.format(**places) for word in words))
    assert reason in complaint(*said, warned)
    assert everything_in(tmp_path) == before


@pytest.mark.parametrize("case", REAL)
def test_bad_input_to_the_real_command(checkout, places, tmp_path, case):
    warned, words, reason = BAD[case]
    before = everything_in(tmp_path), everything_in(checkout.root)
    words = [word.format(**places) for word in words]
    done = checkout.autograder(*words, course=tmp_path / "course", cwd=tmp_path)
    assert reason in complaint(done.returncode, done.stdout, done.stderr, warned)
    assert (everything_in(tmp_path), everything_in(checkout.root)) == before


def test_a_proof_where_processes_cannot_fork(here, monkeypatch):
    monkeypatch.delattr("os.fork")  # as on Windows, which has no `resource` either
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.delitem(sys.modules, "autograder.prove.mutants", raising=False)
    assert "prove needs Linux or macOS" in complaint(*here("prove", NAME), warned=False)


def test_a_course_folder_that_is_a_file(here, tmp_path):
    (tmp_path / "course").write_text("")
    said = here("release", NAME, "--to", tmp_path / "new")
    assert "course: " in complaint(*said, warned=False)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["judge"],
        ["check", NAME],
        ["check", NAME, "a.py", "b.py"],
        ["grade"],
        ["prove", "--seeds", "many"],
        ["grade", ".", "--fast"],
    ],
)
def test_wrong_words_show_the_usage(here, words):
    exit_code, out, err = here(*words)
    assert (exit_code, out) == (2, "")
    assert err.startswith("usage: python -m autograder")
    assert "error: " in err.splitlines()[-1]


# --- help ---

COMMANDS = next(
    action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)
)


@pytest.mark.parametrize("command", [None, *COMMANDS.choices])
def test_help(checkout, command):
    done = checkout.autograder(*([command] if command else []), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    usage = f"usage: python -m autograder {command or '[-h] COMMAND'}"
    assert done.stdout.startswith(usage)
    assert max(map(len, done.stdout.splitlines())) <= 100
    this = COMMANDS.choices[command] if command else parser()
    assert len(this.description) > 30 and this.description.endswith(".")
    for action in this._actions:
        if action is not None and not isinstance(action, argparse._SubParsersAction):
            assert action.help, f"{command} {action.dest} has no help"
    if command is None:
        listed = {action.dest: action.help for action in COMMANDS._choices_actions}
        assert listed.keys() == COMMANDS.choices.keys() and all(listed.values())
        assert all(re.search(rf"^    {name} ", done.stdout, re.M) for name in listed)
    if command == "check":
        assert all(name in done.stdout for name in EXERCISES)
