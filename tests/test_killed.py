"""The grader is killed at any moment, and started again: nothing is lost or counts twice."""

import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import NO_SANDBOX
from hostile.classroom import NAME, RIGHT, WRONG, World, notebook
from nbgrader.api import Gradebook

from autograder.judge import SECRET_FILE

CLASS = {
    "aa_right": notebook(RIGHT),
    "bb_wrong": notebook(WRONG),
    "cc_late": notebook(RIGHT.replace("axis=0", "axis=1")),
    "dd_broken": b'{"cells": [',
    "ee_right": notebook(RIGHT),
}
FEW, MANY = 2, 15

pytestmark = pytest.mark.skipif(bool(NO_SANDBOX), reason=f"no sandbox: {NO_SANDBOX}")


def a_world(secret=None):
    world = World(shorter=False)
    for student, content in CLASS.items():
        world.add(student, content)
    if secret:
        (world.course / SECRET_FILE).write_text(secret)
    return world


def outcome(world):
    """Return all that a class is told: verdicts, reasons and nbgrader's scores."""
    told = {
        student: (result.earned, result.problem, str(result.verdicts))
        for student, result in world.results().items()
    }
    return told, world.scores()


def rows(world):
    """Return how many rows the gradebook has of each kind that a submission makes."""
    with Gradebook(f"sqlite:///{world.course / 'gradebook.db'}") as gradebook:
        submissions = gradebook.assignment_submissions(NAME)
        return {
            submission.student.id: [
                (notebook.name, len(notebook.grades), len(notebook.comments))
                for notebook in submission.notebooks
            ]
            for submission in submissions
        }


def killed_after(world, seconds):
    """Start grading and kill the grader, and it alone, after some time; return whether it ran."""
    environment = os.environ | {
        "COURSE_DIR": str(world.course),
        "TMPDIR": str(world.temporary),
        "PYTHONPATH": str(world.checkout.root),
    }
    words = [sys.executable, "-m", "autograder", "grade", str(world.folder)]
    grader = subprocess.Popen(
        words,
        env=environment,
        cwd=world.checkout.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        grader.wait(seconds)
    except subprocess.TimeoutExpired:
        os.kill(grader.pid, signal.SIGKILL)
    return grader.wait() == -signal.SIGKILL


@pytest.fixture(scope="module")
def undisturbed():
    """What the class gets when nobody disturbs the grader, and the seconds that it takes."""
    world = a_world()
    try:
        started = time.monotonic()
        done = world.grade()
        assert done.returncode == 0, done.stderr
        seconds = time.monotonic() - started
        yield (world.course / SECRET_FILE).read_text(), outcome(world), rows(world), seconds
    finally:
        world.close()


@pytest.mark.parametrize("times", [FEW, pytest.param(MANY, marks=pytest.mark.full)])
def test_killed_and_started_again(undisturbed, times):
    secret, wanted, wanted_rows, seconds = undisturbed
    world = a_world(secret)
    try:
        killed = [killed_after(world, seconds * (n + 0.5) / times) for n in range(times)]
        assert any(killed)
        done = world.grade()
        assert done.returncode == 0, done.stderr
        assert outcome(world) == wanted
        assert rows(world) == wanted_rows
        again = world.grade()  # and once more, with everything there
        assert again.returncode == 0 and outcome(world) == wanted and rows(world) == wanted_rows
        assert world.processes() == []
        assert list(world.temporary.iterdir()) == []
    finally:
        world.close()
