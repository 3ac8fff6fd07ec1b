"""A class of submissions graded by the real command, in a place full of things it must not touch.

Everything lies in one short folder of the system's temporary one: the checkout, the course, the
class, and canaries. What a submission's code read shows in its outputs; what it wrote, connected to
or left running is looked for here.
"""

import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil
from conftest import copy_checkout
from nbgrader.api import Gradebook

from autograder.grading.record import records
from autograder.judge import course_secret

NAME = "ex02_forward"
# Shorter times than a class gets, in the copy: a hanging submission costs as long as it may.
SHORTER = [
    ("checks/model.py", "cell_seconds: int = 20", "cell_seconds: int = 4"),
    ("checks/model.py", "question_seconds: int = 10", "question_seconds: int = 2"),
    ("kernels/sandbox.py", "seconds: int = 300", "seconds: int = 40"),
]
LONGEST = 40 + 20  # seconds that a submission may take in all


class World:
    """The place: a checkout, a course, a class, canaries and listeners.

    Args:
        shorter: give submissions less time than usual.
    """

    def __init__(self, shorter: bool = True):
        self.top = Path(tempfile.mkdtemp(prefix="hostile-", dir="/tmp"))
        self.top.chmod(0o755)
        self.course, self.folder = self.top / "course", self.top / "class"
        self.temporary, self.outside = self.top / "tmp", self.top / "outside"
        for folder in (self.course, self.folder, self.temporary, self.outside):
            folder.mkdir()
        self.outside.chmod(0o777)
        self.checkout = copy_checkout(self.top / "copy")
        for name, old, new in SHORTER if shorter else ():
            path = self.checkout.root / "autograder" / name
            assert old in path.read_text(), f"{name} has no {old!r}"
            path.write_text(path.read_text().replace(old, new))
        self.tokens = {
            place: secrets.token_hex(8)
            for place in ("outside", "environment", "reference", "submission")
        }
        self.canary = self.outside / "canary"
        self.canary.write_text(self.tokens["outside"])
        self.canary.chmod(0o666)
        reference = self.checkout.root / "autograder" / "reference" / "dense.py"
        with reference.open("a") as file:
            file.write(f"# {self.tokens['reference']}\n")
        self.tokens["secret"] = course_secret(self.course, create=True).hex()
        self.mark = secrets.token_hex(8)
        self.places = [
            self.canary,
            self.course / "secret",
            self.course / "gradebook.db",
            self.course / "submitted" / "aa_honest" / NAME / f"{NAME}.ipynb",
            self.folder / "aa_honest" / NAME / f"{NAME}.ipynb",
            self.checkout.root / "build" / "source" / NAME / f"{NAME}.ipynb",
            reference,
        ]
        self.listeners = Listeners(self.outside / "listener")
        self.lure = Listeners(self.outside / "lure")
        self.pid = 0

    def close(self):
        """Remove everything."""
        self.listeners.close()
        self.lure.close()
        shutil.rmtree(self.top, ignore_errors=True)

    def add(self, student, notebook, files=()):
        """Hand in a notebook, or bytes in place of one, and other files: pairs of name and bytes.

        Returns:
            The folder of what was handed in.
        """
        folder = self.folder / student / NAME
        folder.mkdir(parents=True)
        path = folder / f"{NAME}.ipynb"
        if isinstance(notebook, bytes):
            path.write_bytes(notebook)
        elif notebook is not None:
            path.write_text(json.dumps(notebook))
        for name, content in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder

    def run(self, *words, cwd=None):
        """Run a command with the course, a secret in its environment and a temporary folder."""
        number = self.outside.parent / "pid"
        started = time.time()
        added = {"TMPDIR": str(self.temporary), "A_SECRET": self.tokens["environment"]}
        before = {name: os.environ.get(name) for name in added}
        os.environ.update(added)
        try:
            done = self.checkout.run(
                "sh", "-c", 'echo $$ > "$0"; exec "$@"', number, *words, course=self.course, cwd=cwd
            )
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
        self.pid, self.seconds = int(number.read_text()), time.time() - started
        number.unlink()
        return done

    def grade(self, *words):
        """Grade the class with `python -m autograder grade`."""
        return self.run(sys.executable, "-m", "autograder", "grade", *words, self.folder)

    # --- what became of it ---

    def results(self):
        """Return student to what became of the submission, as the gradebook has it."""
        return {graded.student: graded for graded in records(self.course)}

    def scores(self):
        """Return student to nbgrader's own score; None where it waits for a person."""
        with Gradebook(f"sqlite:///{self.course / 'gradebook.db'}") as gradebook:
            return {
                submission.student.id: None if submission.needs_manual_grade else submission.score
                for submission in gradebook.assignment_submissions(NAME)
            }

    def outputs(self, student):
        """Return all that a submission's cells show after grading, as text."""
        path = self.course / "autograded" / student / NAME / f"{NAME}.ipynb"
        cells = nbformat.read(path, as_version=4).cells
        shown = [output for cell in cells for output in cell.get("outputs", [])]
        return json.dumps(shown, ensure_ascii=False) if shown else ""

    def said(self, student):
        """Return the hints that a submission got, and the reason why it could not be judged."""
        result = self.results()[student]
        return "\n".join([result.problem, *(v["hint"] or "" for v in result.verdicts)])

    def durations(self):
        """Return student to the seconds between the record before and this one."""
        paths = self.course.glob(f"autograded/*/{NAME}/record.json")
        times = sorted((path.stat().st_mtime, path.parts[-3]) for path in paths)
        pairs = zip(times, times[1:], strict=False)
        return {student: after - before for (before, _), (after, student) in pairs}

    def processes(self):
        """Return the command lines of processes that the class left behind."""
        left = []
        for process in psutil.process_iter():
            try:
                line = " ".join(process.cmdline())
            except psutil.Error:
                continue
            if process.pid != os.getpid() and (str(self.top) in line or self.mark in line):
                left.append(line[:300])
        return left


class Listeners:
    """Servers that nobody should reach: TCP, UDP, a unix socket with a path and one without.

    Args:
        path: of the unix socket.
    """

    def __init__(self, path: Path):
        self.path, self.abstract = path, secrets.token_hex(8)
        self.heard, self._open = [], []
        self.port = self._listen(socket.AF_INET, ("127.0.0.1", 0)).getsockname()[1]
        self._listen(socket.AF_UNIX, str(path))
        path.chmod(0o777)
        self._listen(socket.AF_UNIX, "\0" + self.abstract)
        packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        packets.bind(("127.0.0.1", self.port))
        self._serve(packets, lambda: packets.recv(100))

    def close(self):
        """Stop listening."""
        for server in self._open:
            server.close()

    def _listen(self, family, address):
        server = socket.socket(family)
        server.bind(address)
        server.listen()
        self._serve(server, lambda: server.accept()[0].close())
        return server

    def _serve(self, server, take):
        def loop():
            while True:
                try:
                    take()
                except OSError:
                    return
                self.heard.append(name)

        name = f"{server.type.name} {server.getsockname()}"
        self._open.append(server)
        threading.Thread(target=loop, daemon=True).start()


def notebook(*cells):
    """Return the released notebook as plain data, with the given sources for its solution.

    Args:
        *cells: sources: the last one stands in the solution's cell, the others before it.
    """
    released = Path(__file__).parents[2] / "exercises" / NAME / f"{NAME}.ipynb"
    found = json.loads(released.read_text())
    place = next(
        i for i, cell in enumerate(found["cells"]) if grade_id(cell) == "batchnorm_forward"
    )
    found["cells"][place]["source"] = cells[-1]
    found["cells"][place:place] = [code(source, f"own-{n}") for n, source in enumerate(cells[:-1])]
    return found


def code(source, name="own"):
    """Return a code cell as plain data."""
    empty = {"outputs": [], "execution_count": None}
    return {"cell_type": "code", "id": name, "metadata": {}, "source": source} | empty


def grade_id(cell):
    """Return the grade id of a cell as plain data, or None."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


RIGHT = """\
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return gamma * x_hat + beta, None
"""
WARNS = """\
import sys
import warnings

print("a warning at the top", file=sys.stderr)


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    warnings.warn("a warning that costs nothing")
    print("and a line", file=sys.stderr)
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return gamma * x_hat + beta, None
"""
# Deserves no point at all: the honest part of an attack.
WRONG = """\
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    x += 1
    return x.astype(np.float64) * 3 + gamma * gamma + 7, None
"""
