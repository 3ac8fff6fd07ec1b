"""The sample class, graded once by the real command; grading again; nbgrader's own commands."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT, WARNINGS
from nbgrader.api import Gradebook

from autograder.checks import EXERCISES, exercise
from autograder.mistakes import mistakes_of, variants_of
from autograder.sample_class import ANSWERS, submission

GRADED = EXERCISES[:2]
PAIRS = [(who, name) for who in sorted(ANSWERS) for name in GRADED if name in ANSWERS[who]]


class Course:
    """What a course's folder holds after grading.

    Args:
        folder: the course's folder.
        done: the command's exit code and what it printed.
    """

    def __init__(self, folder, done):
        self.folder, self.done = folder, done
        self.table, _, self.losses = done.stdout.partition("\nLost points\n")

    def score(self, student, name):
        """Return what the printed table shows for a student."""
        head, _, *rows = self.table.splitlines()
        columns = [column.split()[0] for column in head.split("|")]
        cells = {row.split("|")[0].strip(): row.split("|") for row in rows if "|" in row}
        return cells[student][columns.index(name)].strip()

    def verdicts(self, student, name):
        path = self.folder / "autograded" / student / name / "record.json"
        return json.loads(path.read_text())["verdicts"]

    def cells(self, student, name):
        """Return the autograded notebook's cells by grade id: one put back has another cell id."""
        path = self.folder / "autograded" / student / name / f"{name}.ipynb"
        cells = nbformat.read(path, as_version=4).cells
        return {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in cells}

    def gradebook(self):
        return Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}")


@pytest.fixture(scope="module")
def submitted(checkout, tmp_path_factory):
    """The sample class as it was handed in."""
    folder = tmp_path_factory.mktemp("class") / "submitted"
    done = checkout.autograder("sample", folder)
    assert done.returncode == 0, done.stderr
    for path in folder.glob("*/*"):
        if path.name not in GRADED:
            shutil.rmtree(path)
    return folder


@pytest.fixture(scope="module")
def course(checkout, submitted, tmp_path_factory):
    """The course in which the sample class was graded, once."""
    folder = tmp_path_factory.mktemp("graded") / "course"
    done = checkout.autograder("grade", submitted, course=folder)
    assert done.returncode == 0, done.stderr
    return Course(folder, done)


def lost_checks(name, answers):
    """Return the checks that a sample student's answers must fail, by the catalogue."""
    known = {mistake.id: mistake.fails for mistake in mistakes_of(name)}
    lost = set()
    for function, answer in answers.items():
        if answer is None:
            lost |= {check.id for check in exercise(name).checks if check.function == function}
        else:
            lost |= set(known.get(answer, ()))
    return lost


def is_known(name, answers):
    ids = {entry.id for entry in mistakes_of(name) + variants_of(name)} | {None}
    return set(answers.values()) <= ids


KNOWN = [(who, name) for who, name in PAIRS if is_known(name, ANSWERS[who][name]) and who != "sven"]


# --- the class ---


def test_there_are_enough_students():
    assert len(ANSWERS) >= 15
    assert (
        len({answer for a in ANSWERS.values() for e in a.values() for answer in e.values()}) >= 15
    )
    assert len(KNOWN) >= 20


@pytest.mark.parametrize(("student", "name"), KNOWN)
def test_scores_are_those_of_the_catalogue(course, student, name):
    this, lost = exercise(name), lost_checks(name, ANSWERS[student][name])
    expected = this.points - sum(this.check(check).points for check in lost)
    assert course.score(student, name) == str(expected)
    assert {v["id"] for v in course.verdicts(student, name) if not v["passed"]} == lost


@pytest.mark.parametrize(("student", "name"), KNOWN)
def test_known_mistakes_are_diagnosed(course, student, name):
    mistakes = {mistake.id: mistake for mistake in mistakes_of(name)}
    for function, answer in ANSWERS[student][name].items():
        for verdict in course.verdicts(student, name):
            if verdict["passed"] or exercise(name).check(verdict["id"]).function != function:
                continue
            if answer is None:
                said = (None, f"{function} is not written yet.")
            else:
                said = (answer, mistakes[answer].hint)
            assert (verdict["diagnosis"], verdict["hint"]) == said
            named = f"[{answer}] " if answer else ""
            line = f"): {named}{said[1]}"
            assert any(
                start.startswith(f"{student}, {name}, ")
                and verdict["id"] in start
                and line in start
                for start in course.losses.splitlines()
            )


@pytest.mark.parametrize(("student", "name"), [pair for pair in PAIRS if pair[0] != "sven"])
def test_nbgraders_record_is_the_judges(course, student, name):
    """Gradebook and notebook say what the verdicts say, and nothing waits for a person."""
    verdicts = {verdict["id"]: verdict for verdict in course.verdicts(student, name)}
    with course.gradebook() as gradebook:
        grades = gradebook.find_submission_notebook(name, name, student).grades
        assert {grade.name: grade.score for grade in grades} == {
            check: verdict["earned"] for check, verdict in verdicts.items()
        }
        assert not any(grade.needs_manual_grade for grade in grades)
        assert {grade.name: grade.max_score for grade in grades} == {
            check.id: check.points for check in exercise(name).checks
        }
    cells = course.cells(student, name)
    for check, verdict in verdicts.items():
        (output,) = cells[check].outputs
        assert output.output_type == ("stream" if verdict["passed"] else "error")
        assert verdict["passed"] or verdict["hint"] in output.evalue


def test_the_table_has_everybody_once(course):
    names = [line.split("|")[0].strip() for line in course.table.splitlines()[2:] if "|" in line]
    assert names == sorted({student for student, _ in PAIRS})
    heads = course.table.splitlines()[0]
    assert all(f"{name} (of {exercise(name).points})" in heads for name in GRADED)
    assert course.score("mei", "ex01_statistics") == "-"  # handed in nothing there


def test_it_shows_progress_and_nothing_else(course):
    lines = course.done.stderr.splitlines()
    assert lines[: len(WARNINGS)] == WARNINGS
    assert lines[-1].startswith(f"[{len(PAIRS)}/{len(PAIRS)}] ")
    assert "Traceback" not in course.done.stderr
    assert "Warning" not in course.done.stderr
    assert course.done.stdout.rstrip().endswith(str(course.folder / "gradebook.db"))


# --- what no catalogue has ---


def test_a_syntax_error(course):
    assert course.score("kaisa", "ex02_forward") == "0"
    for verdict in course.verdicts("kaisa", "ex02_forward"):
        assert (
            "batchnorm_forward is not defined: its cell stopped with SyntaxError" in verdict["hint"]
        )


def lost_by(course, student, name):
    return {v["id"]: v for v in course.verdicts(student, name) if not v["passed"]}


def about(name, function):
    return {check.id for check in exercise(name).checks if check.function == function}


def test_an_infinite_loop_costs_its_own_questions_only(course):
    lost = lost_by(course, "luis", "ex01_statistics")
    assert lost.keys() == about("ex01_statistics", "batch_statistics")
    assert all("did not finish within" in verdict["hint"] for verdict in lost.values())


def test_warnings_and_prints_cost_nothing(course):
    assert course.score("nadia", "ex02_forward") == str(exercise("ex02_forward").points)


def test_wrong_in_a_way_that_nobody_listed(course):
    lost = lost_by(course, "omar", "ex02_forward")
    assert lost
    for check, verdict in lost.items():
        assert verdict["diagnosis"] is None
        assert verdict["hint"] == exercise("ex02_forward").check(check).hint


def test_two_mistakes_are_told_apart(course):
    named = {v["diagnosis"] for v in lost_by(course, "priya", "ex02_forward").values()}
    assert {"unbiased", "shift_before_scale"} <= named <= {"unbiased", "shift_before_scale", None}


def test_one_value_instead_of_two(course):
    lost = lost_by(course, "quinn", "ex01_statistics")
    assert lost.keys() == about("ex01_statistics", "batch_statistics")
    said = "batch_statistics returned ndarray where mean, var are asked for."
    assert {verdict["hint"] for verdict in lost.values()} == {said}


def test_a_deleted_graded_cell_is_put_back_and_asked(course, submitted):
    path = submitted / "rosa" / "ex02_forward" / "ex02_forward.ipynb"
    assert "eps" not in [cell.id for cell in nbformat.read(path, as_version=4).cells]
    assert "eps" in course.cells("rosa", "ex02_forward")
    assert lost_by(course, "rosa", "ex02_forward")["eps"]["diagnosis"] == "no_eps"


def test_what_is_no_notebook_is_reported_and_the_rest_graded(course):
    assert course.score("sven", "ex01_statistics") == "not judged"
    (line,) = [line for line in course.losses.splitlines() if line.startswith("sven")]
    assert line.startswith("sven, ex01_statistics: not judged. not a notebook")
    assert course.score("tala", "ex01_statistics") not in ("-", "not judged")  # comes after him


def test_a_submission_is_kept_as_it_was_handed_in(course, submitted):
    for student, name in PAIRS:
        for path in (submitted / student / name).iterdir():
            kept = course.folder / "submitted" / student / name / path.name
            assert kept.read_bytes() == path.read_bytes()


# --- again ---


@pytest.fixture(scope="module")
def again(checkout, course, submitted, tmp_path_factory):
    """A second run: two hand in the same again, one breaks what was right, a person has marked.

    The two are esi, whose grades a person has changed, and dmitri, who is blank.
    """
    before = {who: course.verdicts(who, "ex02_forward") for who in ("esi", "dmitri", "abena")}
    place = tmp_path_factory.mktemp("regraded") / "course"
    course = Course(shutil.copytree(course.folder, place), course.done)
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("whole", "ex02_forward", "ex02_forward", "esi")
        grade.manual_score = 1.5
        comment = gradebook.find_comment("batchnorm_forward", "ex02_forward", "ex02_forward", "esi")
        comment.manual_comment = "Nearly."
        gradebook.db.commit()
    folder = tmp_path_factory.mktemp("again")
    for student in ("esi", "dmitri", "abena"):
        shutil.copytree(submitted / student / "ex02_forward", folder / student / "ex02_forward")
    broken = submission("ex02_forward", {"batchnorm_forward": "unbiased"})
    broken.cells = [cell for cell in broken.cells if cell.id != "whole"]
    nbformat.write(broken, folder / "abena" / "ex02_forward" / "ex02_forward.ipynb")
    done = checkout.autograder("grade", folder, course=course.folder)
    assert done.returncode == 0, done.stderr
    return Course(course.folder, done), before


def test_grading_again_gives_the_same(again):
    course, before = again
    for student in ("esi", "dmitri"):
        assert course.verdicts(student, "ex02_forward") == before[student]
    assert course.score("dmitri", "ex02_forward") == "0"


def test_a_persons_score_and_comment_survive(again):
    course, before = again
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("whole", "ex02_forward", "ex02_forward", "esi")
        assert (grade.auto_score, grade.manual_score, grade.score) == (0, 1.5, 1.5)
        comment = gradebook.find_comment("batchnorm_forward", "ex02_forward", "ex02_forward", "esi")
        assert comment.comment == "Nearly."


def test_no_grade_goes_stale(again):
    """Full marks before; now the code is broken, and the cell that would show it is gone."""
    course, before = again
    assert all(verdict["passed"] for verdict in before["abena"])
    lost = {v["id"] for v in course.verdicts("abena", "ex02_forward") if not v["passed"]}
    assert lost == lost_checks("ex02_forward", {"": "unbiased"})
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("whole", "ex02_forward", "ex02_forward", "abena")
        assert grade.score == 0


# --- nbgrader's own commands ---

STOCK = ("abena", "esi", "kaisa")


@pytest.fixture(scope="module")
def stock(checkout, submitted, tmp_path_factory):
    """A course of three, graded as the README says with nbgrader's own commands."""
    folder = tmp_path_factory.mktemp("stock")
    course = folder / "course"
    release = checkout.autograder("release", "ex02_forward", "--to", folder / "to", course=course)
    assert release.returncode == 0, release.stderr
    for student in STOCK:
        place = course / "submitted" / student / "ex02_forward"
        shutil.copytree(submitted / student / "ex02_forward", place)

    def nbgrader(*words):
        where = checkout.root / "autograder"
        done = checkout.run("nbgrader", *words, course=course, cwd=where)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return done

    nbgrader("autograde", "ex02_forward")
    nbgrader("generate_feedback", "ex02_forward")
    nbgrader("export", f"--to={folder / 'grades.csv'}")
    return folder


def test_nbgrader_autograde_grades_as_ours_does(stock, course):
    for student in STOCK:
        path = stock / "course" / "autograded" / student / "ex02_forward" / "record.json"
        got, expected = (
            json.loads(path.read_text())["verdicts"],
            course.verdicts(student, "ex02_forward"),
        )
        assert [(v["id"], v["earned"], v["diagnosis"]) for v in got] == [
            (v["id"], v["earned"], v["diagnosis"]) for v in expected
        ]
        with Gradebook(f"sqlite:///{stock / 'course' / 'gradebook.db'}") as gradebook:
            score = gradebook.find_submission("ex02_forward", student).score
        assert score == sum(verdict["earned"] for verdict in got)


def test_nbgrader_autograde_makes_the_courses_secret(stock):
    """Without one everybody could compute the inputs of any submission."""
    assert len(bytes.fromhex((stock / "course" / "secret").read_text())) == 32


def test_feedback_shows_the_hints(stock):
    pages = {
        student: (
            stock / "course" / "feedback" / student / "ex02_forward" / "ex02_forward.html"
        ).read_text(encoding="utf-8")
        for student in STOCK
    }
    mistake = next(m for m in mistakes_of("ex02_forward") if m.id == "unbiased")
    assert mistake.hint.split(":")[0] in pages["esi"]
    assert mistake.hint.split(":")[0] not in pages["abena"]
    points = f" of {exercise('ex02_forward').points} points."
    assert all("expected [" not in page and points in page for page in pages.values())


def test_export(stock):
    head, *rows = (stock / "grades.csv").read_text().splitlines()
    columns = head.split(",")
    scores = {
        row.split(",")[columns.index("student_id")]: float(row.split(",")[columns.index("score")])
        for row in rows
    }
    this, lost = exercise("ex02_forward"), lost_checks("ex02_forward", {"": "unbiased"})
    expected = this.points - sum(this.check(check).points for check in lost)
    assert scores == {"abena": this.points, "esi": expected, "kaisa": 0}


def test_nothing_is_left_in_the_package(stock, checkout):
    """State belongs in the course's folder; nbgrader writes where it is started, if it is let."""
    left = {path.name for path in (checkout.root / "autograder").iterdir() if path.is_file()}
    assert {name for name in left if not name.endswith(".py")} == set()


# --- make clean ---


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
def test_make_clean_leaves_the_course_alone(own_checkout):
    places = ["course/gradebook.db", "course/submitted/esi/a", "build/source/a", "_build/html/a"]
    for place in places:
        (own_checkout.root / place).parent.mkdir(parents=True, exist_ok=True)
        (own_checkout.root / place).write_text("kept?")
    done = own_checkout.run("make", "clean")
    assert done.returncode == 0, done.stderr
    assert "course" not in done.stdout
    assert [(own_checkout.root / place).exists() for place in places] == [True, True, False, False]
    assert (own_checkout.root / "exercises").is_dir()


@pytest.mark.parametrize("name", GRADED)
def test_the_blank_sample_is_what_students_get(name):
    blank = submission(name, dict.fromkeys(exercise(name).reference))
    released = nbformat.read(ROOT / "exercises" / name / f"{name}.ipynb", as_version=4)
    assert [cell.source for cell in blank.cells] == [cell.source for cell in released.cells]


def test_a_course_named_from_here_is_that_wherever_nbgrader_works(checkout, tmp_path):
    """As `make grade` names it; nbgrader changes the current folder on the way."""
    who, name = "aa", "ex02_forward"
    right = json.loads((checkout.root / "exercises" / name / f"{name}.ipynb").read_text())
    for cell in right["cells"]:
        if cell["id"] == "batchnorm_forward":
            cell["source"] = variants_of(name)[0].source()
    folder = tmp_path / "class" / who / name
    folder.mkdir(parents=True)
    (folder / f"{name}.ipynb").write_text(json.dumps(right))
    course = Path("build") / "sample_course"
    done = checkout.autograder("grade", tmp_path / "class", course=course)
    assert done.returncode == 0, done.stderr
    assert Course(checkout.root / course, done).score(who, name) == "14"


# --- a kernel that dies in the middle of a message ---

KERNEL = """
import sys, zmq
socket = zmq.Context().socket(zmq.DEALER)
socket.bind(sys.argv[1])
for _ in range(15):
    socket.send_multipart([b"a part that is not short" * 4] * 7)
sys.stdin.read()  # until it is told to die
"""
GRADER = """
import os, subprocess, sys, time, zmq
from autograder.grading.execute import limit
context = zmq.Context()
limit(context, once=True)
if sys.argv[2:]:
    context.setsockopt(zmq.RECONNECT_IVL, int(sys.argv[2]))
kernel = subprocess.Popen([sys.executable, "-c", {kernel!r}, sys.argv[1]], stdin=subprocess.PIPE)
while not os.path.exists(sys.argv[1].removeprefix("ipc://")):
    time.sleep(0.1)
time.sleep(0.3)  # as in the sandbox: the socket is there before anyone connects
socket = context.socket(zmq.DEALER)
socket.connect(sys.argv[1])
got, end = 0, time.monotonic() + 4
while time.monotonic() < end:
    try:
        socket.recv(zmq.NOBLOCK)
    except zmq.Again:
        time.sleep(0.001)
        continue
    got += 1
    if got == 95:  # the last two messages wait; ZeroMQ looks for news at the hundredth part
        kernel.kill()
        kernel.wait()
    time.sleep(0.005)
kernel.kill()
context.destroy(linger=0)
"""


def ends_by(folder, *never):
    script = GRADER.format(kernel=KERNEL)
    command = [sys.executable, "-c", script, f"ipc://{folder}/socket", *never]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 or "!_more" in done.stderr, done.stderr
    return done.returncode


def test_a_kernel_that_dies_within_a_message_does_not_end_the_grader(tmp_path):
    assert ends_by(tmp_path) == 0


@pytest.mark.full
def test_it_would_where_zeromq_never_connects_again(tmp_path):
    """So the test above would see it; not each time, on a busy machine."""
    folders = [tmp_path / str(number) for number in range(5)]
    for folder in folders:
        folder.mkdir()
    assert any(ends_by(folder, "-1") for folder in folders)
