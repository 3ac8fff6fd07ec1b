"""The preprocessor that runs a submission and lets the judge mark its graded cells.

It takes the place of nbgrader's `Execute` (see `course.py`). Graded cells are not run: their
questions are put to the kernel with fresh inputs, and the judge's verdict becomes the cell's
output, which nbgrader then turns into points and feedback as it does with any other.
"""

import json
import logging
import re
from pathlib import Path

import nbformat
import zmq
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbgrader.preprocessors import Execute
from traitlets import Bool, Integer

from autograder.checks import EXERCISES, exercise
from autograder.checks.deciding import worth
from autograder.grading.changed import record_of, settled, stamp
from autograder.grading.intake import RECORD
from autograder.judge import LONGEST_ANSWER, Judge, course_secret, seed_for
from autograder.kernels.lean import LeanKernels
from autograder.paths import course_dir

MADE_UP_FILE = re.compile(r"\(\d+\.py, (line \d+)\)")  # what IPython calls a cell
DIED = "was not reached: the kernel died on the way"
STUCK = "was not reached: what ran before it could not be stopped"
BABBLED = "was not reached: the kernel sent what no kernel sends"
SHOWN = 100_000  # characters that one cell may show
LONGEST_MESSAGE = 64 << 20  # bytes; a kernel that sends more in one piece is cut off
LONGEST_SEND = 5_000  # milliseconds; a kernel that was cut off takes no message, for ever
NEVER = -1  # connect again: where a socket was there may be a link, to anywhere

# Where a kernel misbehaves, nbclient leaves tasks behind, whose complaints are of use to nobody.
logging.getLogger("asyncio").setLevel(logging.CRITICAL)

TOO_LONG = nbformat.v4.new_output("stream", name="stdout", text="... the rest is left out.\n")


class CautiousClient(AsyncKernelClient):
    """A client that takes no message so large that it could exhaust this process's memory."""

    def start_channels(self, *args, **kwargs):
        """Connect to the kernel; see jupyter_client."""
        self.context.setsockopt(zmq.MAXMSGSIZE, LONGEST_MESSAGE)
        self.context.setsockopt(zmq.SNDTIMEO, LONGEST_SEND)
        if self.transport == "ipc":  # in the sandbox, whose sockets are there from the start
            self.context.setsockopt(zmq.RECONNECT_IVL, NEVER)
        super().start_channels(*args, **kwargs | {"hb": False})  # its beats would connect again

    def execute(self, *args, **kwargs):
        """Send code; see jupyter_client.

        Raises:
            DeadKernelError: the kernel takes no message.
        """
        try:
            return super().execute(*args, **kwargs)
        except zmq.Again:
            raise DeadKernelError("the kernel takes no message") from None


class JudgedExecute(Execute):
    """Run a notebook; put its graded questions to the kernel and let the judge answer for them."""

    later_seconds = Integer(
        2, help="seconds for a question's cases, once another question has run out of time"
    ).tag(config=True)

    sandbox = Bool(True, help="False runs the code of submissions with no protection at all").tag(
        config=True
    )

    only_changed = Bool(
        False, help="keep the verdicts of questions that are what they were at the last grading"
    ).tag(config=True)

    judge = None

    def preprocess(self, nb, resources, km=None):
        """Run a notebook from top to bottom.

        Args:
            nb: the notebook; its outputs are replaced.
            resources: nbconvert's; "nbgrader" names the assignment, "metadata" the folder.
            km: a kernel manager, or None for one of nbclient's.

        Returns:
            The notebook and the resources, where `resources["record"]` says how it was graded and
            lists one verdict for each check, in order; it is also written beside the notebook.
        """
        name, self.judge = resources["nbgrader"]["assignment"], None
        if name not in EXERCISES:  # an instructor's own assignment: stock nbgrader
            return super().preprocess(nb, resources, km)
        course = self.config.CourseDirectory.get("root")  # nbgrader's; a file by itself has none
        self.judge = make_judge(name, nb, Path(course) if course else None)
        if self.only_changed:
            about = resources["nbgrader"]
            record = record_of(about["db_url"], about["student"], name)
            self.judge.settled = settled(record, nb, self.judge.exercise)
        self.timeout = self.judge.exercise.cell_seconds
        self.kernel_name = "python3"  # whatever the notebook names; `LeanKernels` knows one kernel
        self.over, self.slow = None, False  # `over`: why the kernel can be asked nothing more
        self.shutdown_kernel = "immediate"
        self.shown, self.allowed = 0, SHOWN
        problem = nb.metadata.get("course", {}).get("problem")
        if problem:
            self.over = f"was not judged: {problem}"
        else:
            try:
                nb, resources = super().preprocess(nb, resources, km or self._kernel())
            except DeadKernelError:
                self.over = self._death()
            finally:
                if self.km is not None:  # nbclient keeps a kernel that it was given
                    self._cleanup_kernel()
        self._mark_the_rest(nb)
        resources["record"] = {
            "exercise": name,
            "version": str(nb.metadata.get("course", {}).get("version", "")),
            "sandbox": self.sandbox,
            "problem": problem or "",
            "verdicts": self.judge.verdicts(),
        } | stamp(nb, self.judge.exercise)
        folder = Path(resources["metadata"]["path"])
        (folder / RECORD).write_text(json.dumps(resources["record"], indent=1))
        return nb, resources

    def _kernel(self):
        exercise = self.judge.exercise
        specs = LeanKernels(exercise.packages, sandbox=self.sandbox, limits=exercise.limits)
        manager = AsyncKernelManager(kernel_name=self.kernel_name, kernel_spec_manager=specs)
        manager.client_factory = CautiousClient
        if self.sandbox:
            manager.context.setsockopt(zmq.RECONNECT_IVL, NEVER)
        return manager

    def _death(self):
        """Say why the kernel can be asked nothing more."""
        reason = getattr(self.km and self.km.provisioner, "reason", "")
        return f"{DIED} (it {reason})" if reason else DIED

    def process_message(self, msg, cell, cell_index):
        """Take a message of the kernel's down, unless it has said too much already."""
        if self.judge is not None and msg["msg_type"] not in ("status", "execute_input"):
            if msg["msg_type"].startswith("comm"):
                return None  # widgets: nobody looks at them here
            self.shown += len(repr(msg["content"]))
            if self.shown > self.allowed:
                return None
        return super().process_message(msg, cell, cell_index)

    def preprocess_cell(self, cell, resources, index):
        """Run one cell, or mark it; after the last one ask what no cell has asked."""
        if self.judge is None:
            return super().preprocess_cell(cell, resources, index)
        if graded_id(cell, self.judge.exercise) is None:
            if not self.over:
                self.shown, self.allowed = 0, SHOWN
                try:
                    cell, resources = super().preprocess_cell(cell, resources, index)
                except DeadKernelError:
                    self.over = self._death()
                except CellTimeoutError:  # it was interrupted, and went on
                    self.over = STUCK
                except Exception:  # a message that is none: nothing here runs code of ours
                    self.over = BABBLED
                self._note_error(cell)
                if self.shown > SHOWN:
                    cell.outputs.append(TOO_LONG)
        else:
            self._mark(cell, index)
        if index == len(self.nb.cells) - 1:
            for probe in self.judge.exercise.probes:
                self._ask(probe, index)
        return cell, resources

    def _note_error(self, cell):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                message = output.evalue.splitlines()[0] if output.evalue else ""
                message = MADE_UP_FILE.sub(r"(\1)", message)
                name = cell.metadata.get("nbgrader", {}).get("grade_id")
                self.judge.stopped[name] = f"{output.ename}: {message}"[:200]

    def _mark(self, cell, index):
        check = self.judge.exercise.check(graded_id(cell, self.judge.exercise))
        self._ask(check.probe.name, index)
        cell.outputs = [as_output(self.judge.verdict(check.id))]

    def _mark_the_rest(self, nb):
        left = [probe for probe in self.judge.exercise.probes if probe not in self.judge.answers]
        for probe in left:
            self.judge.give_up(probe, self.over or "was not asked: there are no cells")
        for cell in nb.cells if left else ():
            if (check_id := graded_id(cell, self.judge.exercise)) is not None:
                cell.outputs = [as_output(self.judge.verdict(check_id))]

    def _ask(self, probe, index):
        judge = self.judge
        if probe in judge.answers:
            return
        if self.over:
            judge.give_up(probe, self.over)
            return
        here, usual = self.nb.cells[index], self.timeout
        allowed = self.later_seconds if self.slow else judge.exercise.question_seconds
        self.timeout = allowed
        self.shown, self.allowed = 0, 2 * LONGEST_ANSWER
        request = nbformat.v4.new_code_cell(judge.request(probe))
        try:
            self.execute_cell(request, index, store_history=False)
        except DeadKernelError:
            self.over = self._death()
            reason = getattr(self.km.provisioner, "reason", "")
            judge.give_up(probe, "killed its kernel" + (f": it {reason}" if reason else ""))
            return
        except CellTimeoutError:  # it was interrupted, and went on
            self.over = STUCK
            judge.give_up(probe, f"did not finish within {allowed} seconds")
            return
        except Exception:  # a message that is none: nothing here runs code of ours
            self.over = BABBLED
            judge.give_up(probe, "sent what no kernel sends")
            return
        finally:
            self.nb.cells[index], self.timeout = here, usual  # execute_cell puts the request there
        errors = [o.ename for o in request.outputs if o.output_type == "error"]
        if "CellTimeoutError" in errors or "KeyboardInterrupt" in errors:
            self.slow = True
            judge.give_up(probe, f"did not finish within {allowed} seconds")
            return
        streams = [
            o.text for o in request.outputs if o.output_type == "stream" and o.name == "stdout"
        ]
        judge.hear(probe, "".join(streams))


def make_judge(name: str, notebook, course: Path | None = None) -> Judge:
    """Return the judge of a submission, with the inputs that belong to it.

    Args:
        name: the exercise's.
        notebook: the submission; graded cells and outputs make no difference to the inputs.
        course: the folder of the course that it is graded for, which gets a secret if it has none;
            None for no course: the usual one's secret serves, if there is one.
    """
    this = exercise(name)
    sources = [cell.source for cell in notebook.cells if graded_id(cell, this) is None]
    version = str(notebook.metadata.get("course", {}).get("version", ""))
    secret = course_secret(course or course_dir(), create=course is not None)
    return Judge(this, seed_for(secret, name, version, "\0".join(sources)))


def graded_id(cell, this) -> str | None:
    """Return the id of the check that a cell asks, or None where it asks none."""
    nbgrader = cell.metadata.get("nbgrader", {})
    grade_id = nbgrader.get("grade_id")
    if cell.cell_type == "code" and nbgrader.get("grade") and not nbgrader.get("solution"):
        return grade_id if grade_id in {check.id for check in this.checks} else None
    return None


def as_output(verdict: dict):
    """Return a verdict as a cell's output; a failure is an error, which nbgrader gives 0 points."""
    if verdict["passed"]:
        text = f"{verdict['id']}: passed ({worth(verdict['points'])})\n"
        return nbformat.v4.new_output("stream", name="stdout", text=text)
    named = f" [{verdict['diagnosis']}]" if verdict["diagnosis"] else ""
    text = f"{verdict['id']}: {verdict['hint']}{named}"
    return nbformat.v4.new_output("error", ename="CheckFailed", evalue=text, traceback=[text])
