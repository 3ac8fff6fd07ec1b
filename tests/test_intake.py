"""What is done to a submission before its code runs, and to its last marks; no kernel is needed."""

import json
import os
import resource
import threading
import time
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from hostile.classroom import NAME, RIGHT, notebook
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader import handlers

from autograder.checks import exercise
from autograder.course import nbgrader_config
from autograder.grading import intake
from autograder.grading.changed import settled, stamp
from autograder.grading.execute import ALL_SHOWN, OF_A_CELL, JudgedExecute, harmless
from autograder.grading.folder import _grade_one, find
from autograder.grading.intake import (
    DEEPEST,
    MOST_CELLS,
    TIMESTAMP,
    CannotJudge,
    collect,
    files_digest,
    read,
    tidy,
)
from autograder.grading.record import _put, record_of, records, reset
from autograder.grading.replay import _plain
from autograder.judge import BadSecret, course_secret
from autograder.paths import BUILD, SAMPLE_COURSE, BadCourse, course_dir
from autograder.report import class_table
from autograder.report.feedback import LONGEST, clean, feedback

THIS = exercise(NAME)
PIXEL = "iVBORw0KGgo="
LIVE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture
def handed_in(tmp_path):
    """A right submission as a student left it."""
    folder = tmp_path / "in" / "abena" / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook(RIGHT)))
    return folder


@pytest.fixture
def submitted(tmp_path):
    """Where it goes in the course."""
    folder = tmp_path / "course" / "submitted" / "abena" / NAME
    folder.parent.mkdir(parents=True)
    return folder


# --- marks of a submission that is there no more ---


@pytest.fixture
def marked(submitted):
    """A course in which abena has full marks, one of them a person's, and a comment."""
    course = submitted.parents[2]
    nbgrader_config(course)  # lets nbgrader make a gradebook
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.add_assignment(NAME)
        gradebook.add_notebook(NAME, NAME)
        for check in THIS.checks:
            gradebook.add_grade_cell(check.id, NAME, NAME, max_score=check.points, cell_type="code")
        gradebook.add_solution_cell("batchnorm_forward", NAME, NAME)
        gradebook.add_student("abena")
        (sheet,) = gradebook.add_submission(NAME, "abena").notebooks
        for grade in sheet.grades:
            grade.auto_score = grade.max_score
        grade = gradebook.find_grade("eps", NAME, NAME, "abena")
        grade.manual_score = 1.5
        comment = gradebook.find_comment("batchnorm_forward", NAME, NAME, "abena")
        comment.manual_comment = "Nearly."
        gradebook.db.commit()
    return course


def score(course):
    """Return what the gradebook gives abena, and the comment."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        comment = gradebook.find_comment("batchnorm_forward", NAME, NAME, "abena").comment
        return gradebook.find_submission(NAME, "abena").score, comment


@pytest.mark.parametrize("how", ["says so", "raises"])
def test_a_resubmission_that_cannot_be_graded_keeps_no_marks(marked, handed_in, how):
    def autograde(*_, **__):
        if how == "raises":
            raise MemoryError("no more")
        return {"success": False, "log": "[ERROR] no more"}

    api = SimpleNamespace(autograde=autograde)
    result = _grade_one(api, handed_in.parents[1], marked, "abena", NAME, False)
    assert "it could not be graded" in result.problem and "no more" in result.problem
    assert records(marked) == [result]
    assert score(marked) == (1.5, "Nearly.")


def test_marks_are_taken_back_before_nbgraders_own_command_grades(marked, handed_in, submitted):
    collect(handed_in, submitted, NAME)
    found = [str(submitted / f"{NAME}.ipynb")]
    intake.before_autograde("*", "*", found)
    assert score(marked) == (1.5, "Nearly.")
    assert "stopped before it was done" in records(marked)[0].problem


def test_what_was_settled_is_settled_after_a_grading_that_was_stopped(marked):
    found = nbformat.from_dict(notebook(RIGHT))
    now = stamp(found, THIS, "")
    verdict = {"id": THIS.checks[0].id, "passed": True}
    record = now | {"problem": "", "verdicts": [verdict]}
    url = f"sqlite:///{marked / 'gradebook.db'}"
    with Gradebook(url) as gradebook:
        _put(gradebook, "abena", NAME, record)
        gradebook.db.commit()
    for _ in range(2):
        reset(marked, "abena", NAME, "stopped")
    kept = record_of(url, "abena", NAME)
    assert settled(kept, now) == {THIS.checks[0].id: verdict}
    assert settled(kept, stamp(found, THIS, "another file")) == {}


def test_a_student_whom_nobody_has_heard_of_gets_a_record_too(marked):
    reset(marked, "bilal", NAME, "no")
    assert ("bilal", "no") in [(each.student, each.problem) for each in records(marked)]


# --- what a file says about itself ---


def test_a_student_states_neither_problem_nor_version(handed_in):
    path = handed_in / f"{NAME}.ipynb"
    found = notebook(RIGHT)
    found["metadata"]["course"] = {"version": "99", "problem": "the disk was full; 14 of 14 count"}
    path.write_text(json.dumps(found))
    assert "course" not in read(path, THIS).metadata
    assert intake._to_grade(path, THIS).metadata.course == {"version": intake.version(THIS)}


def test_what_is_no_notebook_says_why(handed_in):
    path = handed_in / f"{NAME}.ipynb"
    path.write_text("{")
    assert intake._to_grade(path, THIS).metadata.course.problem.startswith("not a notebook")


@pytest.mark.parametrize("others", [[], ["a.ipynb", "b.ipynb"]])
def test_a_missing_notebook_says_what_there_is(handed_in, others):
    (handed_in / f"{NAME}.ipynb").unlink()
    for name in others:
        (handed_in / name).write_text("{}")
    for _ in range(2):  # graded in the course's own folder, it is tidied each time
        tidy(handed_in, NAME)
        said = intake._to_grade(handed_in / f"{NAME}.ipynb", THIS).metadata.course.problem
        assert said.startswith(f"{NAME}.ipynb is missing or empty")
        assert all(name in said for name in others)


# --- too much of something ---


@pytest.mark.parametrize("version", [4, 3])
def test_cells_are_counted_before_anything_is_made_of_them(handed_in, version, monkeypatch):
    monkeypatch.setattr(intake, "_mended", lambda found: pytest.fail("made something of them"))
    cells = {"cells": [{}] * (MOST_CELLS + 1)}
    found = cells if version == 4 else {"worksheets": [cells, {"cells": [{}]}]}
    path = handed_in / f"{NAME}.ipynb"
    path.write_text(json.dumps(found | {"nbformat": version, "metadata": {}}))
    with pytest.raises(CannotJudge, match="cells, of at most"):
        read(path, THIS)


def test_a_large_file_of_empty_cells_costs_little(handed_in):
    path = handed_in / f"{NAME}.ipynb"
    path.write_text('{"nbformat":4,"metadata":{},"cells":[' + ",".join(["{}"] * 2_000_000) + "]}")
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(CannotJudge, match="of at most"):
        read(path, THIS)
    assert time.monotonic() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10  # KiB


def nest(folder, name, levels=2_500):
    """Make folders in folders; too many for a path, or for Python's recursion."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=here)
        inner = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def test_folders_without_end(handed_in, submitted):
    nest(handed_in, "d")
    collect(handed_in, submitted, NAME)
    nest(submitted, "e")  # put into the course's folder by hand
    tidy(submitted, NAME)
    depths = [len(path.relative_to(submitted).parts) for path in submitted.rglob("*")]
    assert max(depths) <= DEEPEST
    nest(submitted, "f")
    collect(handed_in, submitted, NAME)
    assert (submitted / f"{NAME}.ipynb").is_file()
    intake._remove(handed_in)  # pytest could not
    assert not handed_in.exists()


# --- names that mean something ---


@pytest.mark.parametrize("content", [b"tomorrow", b"\xff\xfe\x00", b"", b"9" * 5000])
def test_a_time_that_is_none_goes(handed_in, submitted, content):
    (handed_in / TIMESTAMP).write_bytes(content)
    collect(handed_in, submitted, NAME, timestamp=True)
    assert not (submitted / TIMESTAMP).exists()


@pytest.mark.parametrize("trusted", [False, True])
def test_a_time_of_handing_in_counts_where_it_is_trusted_only(handed_in, submitted, trusted):
    (handed_in / TIMESTAMP).write_text("  2020-01-01T02:00 ")
    collect(handed_in, submitted, NAME, trusted)
    assert (submitted / TIMESTAMP).exists() == trusted
    if trusted:
        assert (submitted / TIMESTAMP).read_text() == "2020-01-01 02:00:00 UTC\n"


@pytest.mark.parametrize("name", [TIMESTAMP, "record.json", f"check_{NAME}.py", f"{NAME}.ipynb"])
def test_a_folder_makes_way_for_a_file_of_ours(handed_in, submitted, name):
    if name.endswith(".ipynb"):
        (handed_in / name).unlink()
    (handed_in / name).mkdir()
    (handed_in / name / "x").write_text("x")
    collect(handed_in, submitted, NAME, timestamp=True)
    assert not (submitted / name).is_dir()


def test_names_that_are_no_names_are_refused_in_one_line(tmp_path):
    names = ["x\nzz_honest |   14", os.fsdecode(b"caf\xe9"), "x\u2028y"]
    for name in names:
        (tmp_path / name / NAME).mkdir(parents=True)
    results = [_grade_one(None, tmp_path, tmp_path, *pair, False) for pair in find(tmp_path)]
    assert len(results) == 3 and all("rename it" in result.problem for result in results)
    table = class_table(results)
    table.encode()
    assert len(table.splitlines()) == 2 + 3 + 2 + 3
    assert not any(line.startswith("zz_honest") for line in table.splitlines())


# --- whose inputs are whose ---


def test_files_beside_the_notebook_count(handed_in):
    digests = {files_digest(handed_in, NAME)}
    for content in ("a = 1", "a = 2"):
        (handed_in / "mine.py").write_text(content)
        digests.add(files_digest(handed_in, NAME))
    assert len(digests) == 3
    for name in (f"check_{NAME}.py", "record.json", TIMESTAMP, "x.pyc", "other.ipynb"):
        (handed_in / name).write_text("x")
    (handed_in / "link.py").symlink_to("mine.py")
    assert files_digest(handed_in, NAME) in digests


# --- the secret, the course's folder ---


@pytest.mark.parametrize("content", ["", "00", "zz" * 32, "00" * 33, "\u00e9"])
def test_what_is_no_secret_is_refused(tmp_path, content):
    (tmp_path / "secret").write_text(content, encoding="utf-8")
    with pytest.raises(BadSecret) as caught:
        course_secret(tmp_path, create=True)
    assert caught.value.filename == str(tmp_path / "secret") and caught.value.strerror


def test_two_graders_make_one_secret(tmp_path):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(course_secret(tmp_path, create=True)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1 and [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_course_is_not_kept_where_make_clean_removes_it(monkeypatch):
    for place in (BUILD, BUILD / "course", BUILD.parent / "_build" / "x"):
        with pytest.raises(BadCourse):
            course_dir(place)
    monkeypatch.setenv("COURSE_DIR", str(BUILD / "course"))
    with pytest.raises(BadCourse):
        course_dir()
    assert course_dir(SAMPLE_COURSE) == SAMPLE_COURSE


# --- what a page shows ---


def test_of_a_display_text_and_pictures_are_kept():
    data = {"text/html": LIVE, "image/svg+xml": LIVE, "text/plain": LIVE, "text/latex": "x"}
    data |= {"image/png": PIXEL, "image/jpeg": '"><script>', "application/javascript": "alert(3)"}
    assert harmless(data) == {"text/plain": LIVE, "image/png": PIXEL}
    assert harmless({"text/plain": {"a": 1}, "image/png": ["x"]}) == {}


class Grader:
    """A judge that only has to be there."""

    exercise = THIS


@pytest.fixture
def execute():
    """The preprocessor in the middle of a cell."""
    found = JudgedExecute()
    found.reset_execution_trackers()
    found.nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    found.judge, found.shown, found.allowed = Grader, 0, ALL_SHOWN
    found.taken, found.record_timing = OF_A_CELL, False
    found.clear_before_next_output = False
    return found


def say(execute, kind, content):
    """Let a kernel say something; return the cell."""
    cell = execute.nb.cells[0]
    message = {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {}}
    execute.process_message(message | {"content": content}, cell, 0)
    return cell


def test_a_kernel_counts_no_cells(execute):
    for kind in ("status", "execute_input", "stream"):
        content = {"execution_count": {"a": 1}, "execution_state": "busy"}
        cell = say(execute, kind, content | {"name": "stdout", "text": "x"})
    data = {"data": {"text/plain": "1"}, "metadata": {"a": 1}, "execution_count": "x" * 9}
    cell = say(execute, "execute_result", data)
    assert cell.execution_count in (None, 0) and cell.outputs[-1].execution_count == 0
    assert cell.outputs[-1].metadata == {}
    nbformat.validate(execute.nb)


def test_what_was_shown_is_not_changed_later(execute):
    shown = {"data": {"text/plain": "1"}, "metadata": {}, "transient": {"display_id": "me"}}
    say(execute, "display_data", shown)
    cell = say(execute, "update_display_data", shown | {"data": {"text/html": LIVE}})
    assert [output.data for output in cell.outputs] == [{"text/plain": "1"}]
    cell.outputs = []
    say(execute, "update_display_data", shown)
    assert execute._display_id_map == {}


def test_a_cell_shows_only_so_many_things(execute):
    execute.allowed = 100_000
    for _ in range(1_000):
        cell = say(execute, "display_data", {"data": {"text/plain": ""}, "metadata": {}})
    assert 0 < len(cell.outputs) <= 200


def test_formgraders_page_runs_nothing_of_a_students(tmp_path, handed_in):
    config = nbgrader_config(tmp_path / "course")
    config.HTMLExporter.template_name = "formgrade"  # as nbgrader's extension sets it
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    markdown = nbformat.v4.new_markdown_cell(
        f"{LIVE}\n\n[x](javascript:alert(5))\n\n<svg onload=y>"
    )
    code = nbformat.v4.new_code_cell(f"'{LIVE}'")
    code.outputs = [
        nbformat.v4.new_output("stream", text=LIVE),
        nbformat.v4.new_output("error", ename=LIVE, evalue=LIVE, traceback=[LIVE]),
        nbformat.v4.new_output("display_data", harmless({"text/html": LIVE, "text/plain": LIVE})),
    ]
    raw = intake._mended_cell({"cell_type": "raw", "source": LIVE}, 2)
    found = nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": {}})
    found.cells = [markdown, code, nbformat.from_dict(raw)]
    resources = {"metadata": {}, "base_url": "/", "mathjax_url": "", "index": 0, "total": 1}
    resources |= {"assignment_id": NAME, "notebook_id": NAME, "submission_id": "1", "resources": ""}
    page, _ = HTMLExporter(config=config).from_notebook_node(found, resources=resources)
    soup = BeautifulSoup(page, "html.parser")
    assert page.count("alert(1)") >= 3  # as text
    assert not [tag for tag in soup.find_all(True) if {"onerror", "onload"} & tag.attrs.keys()]
    assert not [tag for tag in soup.find_all("script") if "alert(" in tag.get_text()]
    assert not [tag for tag in soup.find_all("a") if "javascript" in tag.get("href", "")]


def test_feedback_shows_no_output_from_the_first_question_on():
    found = nbformat.reads(json.dumps(notebook("print('before')", RIGHT)), as_version=4)
    found.cells.append(nbformat.v4.new_code_cell("print('after')" + "#" * 2 * LONGEST))
    for cell in found.cells:
        if cell.cell_type == "code" and "print" in cell.source:
            text = "SHOWN" if "before" in cell.source else "INPUTS"
            cell.outputs = [nbformat.v4.new_output("stream", text=text)]
    grading = {"assignment": NAME, "score": 0, "max_score": 14, "late_penalty": 0}
    page = feedback(found, grading, {"verdicts": [], "problem": ""})
    assert "SHOWN" in page and "INPUTS" not in page
    assert "#" * (LONGEST - 100) in page and "#" * (LONGEST + 1) not in page


def test_no_letter_turns_the_page_around():
    assert clean("a\u2066b\u2069c\u200ed\u200fe\u202ef\u061cg") == "abcdefg"


# --- what a replay says ---


def test_wide_numbers_become_json():
    wide = {"a": np.ones(2, np.longdouble), "b": np.longdouble(0.5), "c": np.clongdouble(1j)}
    assert json.loads(json.dumps(_plain(wide))) == {"a": [1, 1], "b": 0.5, "c": "1j"}
    assert _plain([np.float32(0.1)]) == [float(np.float32(0.1))]
