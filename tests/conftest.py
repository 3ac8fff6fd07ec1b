"""What the tests share: `--full`, a checkout of their own, and the commands run in it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.kernels.sandbox import SandboxUnavailable, require

ROOT = Path(__file__).resolve().parents[1]
UNPROTECTED = "unprotected: the code runs with no sandbox, with all your rights"
try:
    require()
    NO_SANDBOX = ""
except SandboxUnavailable as error:  # the tests' own code may run without one, and says so
    NO_SANDBOX = str(error)
WARNINGS = [UNPROTECTED] if NO_SANDBOX else []
PARTS = ("autograder", "solutions", "exercises", "data")


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="run the tests that take long too")


def pytest_configure(config):
    config.addinivalue_line("markers", "full: takes long; runs with --full only")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--full"):
        skip = pytest.mark.skip(reason="takes long: make test-full runs it")
        for item in items:
            if "full" in item.keywords:
                item.add_marker(skip)


@dataclass(frozen=True)
class Checkout:
    """A copy of what the autograder needs, so that a test writes nothing where others work.

    Args:
        root: the copy's top folder.
    """

    root: Path

    def run(self, *command, course=None, cwd=None, **options):
        """Run a command of the copy's, with its own course folder.

        Args:
            command: the words.
            course: the course's folder; None for one that no command should make.
            cwd: the folder to run in; None for the copy's top.
            options: for `subprocess.run`.
        """
        env = os.environ | {
            "COURSE_DIR": str(course or self.root / "no_course"),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(self.root),  # goes before an installed autograder
        }
        words = [str(word) for word in command]
        cwd = cwd or self.root
        return subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, **options)

    def autograder(self, *words, **options):
        """Run `python -m autograder` with these words; see `run`."""
        if NO_SANDBOX and words[0] in ("check", "grade"):
            words = (*words, "--unprotected")
        return self.run(sys.executable, "-m", "autograder", *words, **options)


def copy_checkout(root: Path) -> Checkout:
    """Copy what the autograder needs to a new folder."""
    for part in PARTS:
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", root)
    return Checkout(root)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory):
    """A checkout of the autograder; tests run its commands and leave its files as they are."""
    return copy_checkout(tmp_path_factory.mktemp("checkout") / "copy")


@pytest.fixture
def own_checkout(tmp_path):
    """A checkout that a test may change."""
    return copy_checkout(tmp_path / "copy")
