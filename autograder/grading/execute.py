"""The preprocessor that runs a submission and lets the judge mark its graded cells.

It takes the place of nbgrader's `Execute` (see `course.py`). Graded cells are not run: their
questions are put to the kernel with fresh inputs, and the judge's verdict becomes the cell's
output, which nbgrader then turns into points and feedback as it does with any other.
"""

import base64
import binascii
import json
import logging
import re
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError
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
from autograder.grading.changed import settled, stamp, unnamed
from autograder.grading.intake import RECORD, files_digest
from autograder.grading.record import record_of
from autograder.judge import LONGEST_ANSWER, Judge, course_secret, seed_for
from autograder.kernels.lean import LeanKernels
from autograder.kernels.sandbox import SandboxUnavailable
from autograder.paths import BadCourse, course_dir

MADE_UP_FILE = re.compile(r"\(\d+\.py, (line \d+)\)")  # what IPython calls a cell
DIED = "was not reached: the kernel died on the way"
NO_START = "was not reached: the kernel did not start"
STUCK = "was not reached: what ran before it could not be stopped"
BABBLED = "was not reached: the kernel sent what no kernel sends"
SHOWN = 100_000  # characters that one cell may show
ALL_SHOWN = 2_000_000  # and all cells of a notebook together
PER_MESSAGE = 500  # characters that a message counts for, beside its own: that many may come
LONGEST_MESSAGE = 2 * LONGEST_ANSWER  # bytes; a kernel that sends more in one piece is cut off
WAITING = 2  # messages of a socket that wait in this process; the others wait in the kernel's
LONGEST_SEND = 5_000  # milliseconds; a kernel that was cut off takes no message, for ever
# A socket of the sandbox is made once and never replaced: there is nothing to connect to again. But
# ZeroMQ's own "never", -1, ends the connection at once; where that comes between two parts of a
# message that is being read, ZeroMQ ends this process ("Assertion failed: !_more").
A_DAY = 24 * 60 * 60 * 1000  # milliseconds before the first try

# Where a kernel misbehaves, nbclient leaves tasks behind, whose complaints are of use to nobody.
logging.getLogger("asyncio").setLevel(logging.CRITICAL)

# What a cell may show; of the rest a page that shows the notebook could make a program.
PICTURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
OF_A_CELL = {"stream", "error", "display_data", "execute_result", "clear_output"}
OF_A_QUESTION = {"stream", "error"}
UNTAKEN = {"execution_count", "transient"}  # a count of its own, a name to change what is shown by

TOO_LONG = nbformat.v4.new_output("stream", name="stdout", text="... the rest is left out.\n")


class CautiousClient(AsyncKernelClient):
    """A client that takes no message so large that it could exhaust this process's memory."""

    def start_channels(self, *args, **kwargs):
        """Connect to the kernel; see jupyter_client."""
        limit(self.context, once=self.transport == "ipc")
        # Of the others, a heart's beats would connect again, and what comes is never read.
        unread = dict.fromkeys(("stdin", "hb", "control"), False)
        super().start_channels(*args, **kwargs | unread)

    def stop_channels(self):
        """Close what `start_channels` opened; jupyter_client would open the others for that."""
        for channel in (self._shell_channel, self._iopub_channel):
            if channel is not None:
                channel.stop()
        if self._created_context and not self.context.closed:
            self.context.destroy(linger=100)

    def execute(self, *args, **kwargs):
        """Send code; see jupyter_client.

        Raises:
            DeadKernelError: the kernel takes no message.
        """
        try:
            return super().execute(*args, **kwargs)
        except zmq.Again:
            raise DeadKernelError("the kernel takes no message") from None


class CautiousManager(AsyncKernelManager):
    """A manager that can end a kernel which takes no message."""

    async def _async_interrupt_kernel(self):
        # Also the first step of its end, which an error here would prevent.
        with suppress(zmq.Again):
            await super()._async_interrupt_kernel()

    interrupt_kernel = _async_interrupt_kernel


def limit(context: zmq.Context, once: bool) -> None:
    """Bound what a kernel can make this process hold, and how long it takes a message.

    Args:
        context: of sockets that are still to be made.
        once: whether to connect once only: in the sandbox, whose sockets are there from the start.
    """
    if once:
        context.setsockopt(zmq.RECONNECT_IVL, A_DAY)
    context.setsockopt(zmq.MAXMSGSIZE, LONGEST_MESSAGE)
    context.setsockopt(zmq.RCVHWM, WAITING)
    context.setsockopt(zmq.SNDTIMEO, LONGEST_SEND)


class JudgedExecute(Execute):
    """Run a notebook; put its graded questions to the kernel and let the judge answer for them."""

    later_seconds = Integer(
        2, help="seconds for a question's cases, once another question has run out of time"
    ).tag(config=True)

    sandbox = Bool(True, help="False runs the code of submissions with no protection at all").tag(
        config=True
    )

    only_changed = Bool(
        False, help="keep the marks of questions that are what they were at the last grading"
    ).tag(config=True)

    judge = manager = None

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
        folder = Path(resources["metadata"]["path"])
        (folder / RECORD).unlink(missing_ok=True)  # of another grading, or the student's own
        files = files_digest(folder, name)
        self.judge = make_judge(name, nb, Path(course) if course else None, files)
        state = stamp(nb, self.judge.exercise, files)
        if self.only_changed:
            about = resources["nbgrader"]
            record = record_of(about["db_url"], about["student"], name)
            self.judge.settled = settled(record, state)
            self.judge.unnamed = unnamed(record, state)
        self.timeout = self.judge.exercise.cell_seconds
        self.kernel_name = "python3"  # whatever the notebook names; `LeanKernels` knows one kernel
        self.over, self.slow = None, False  # `over`: why the kernel can be asked nothing more
        self.shutdown_kernel = "immediate"
        self.shown, self.allowed, self.left = 0, 0, ALL_SHOWN
        self.taken = OF_A_CELL
        problem = nb.metadata.get("course", {}).get("problem")
        if problem:
            self.over = f"was not judged: {problem}"
        else:
            try:
                nb, resources = super().preprocess(nb, resources, km or self._kernel())
            except NotStarted as error:
                self.over = NO_START + (self._reason() or f" ({error})")
            except DeadKernelError:
                self.over = DIED + self._reason()
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
        } | state
        (folder / RECORD).write_text(json.dumps(resources["record"], indent=1))
        return nb, resources

    def _kernel(self):
        exercise = self.judge.exercise
        specs = LeanKernels(exercise.packages, sandbox=self.sandbox, limits=exercise.limits)
        manager = CautiousManager(kernel_name=self.kernel_name, kernel_spec_manager=specs)
        manager.client_factory = CautiousClient
        limit(manager.context, once=self.sandbox)
        self.manager = manager  # nbclient forgets it where the start fails
        return manager

    def start_new_kernel(self, **kwargs):
        """Start the kernel; see nbclient.

        Raises:
            NotStarted: it does not start, for a reason that lies in the submission.
        """
        with starting():
            return super().start_new_kernel(**kwargs)

    def start_new_kernel_client(self):
        """Connect to the kernel and wait until it answers; see nbclient.

        Raises:
            NotStarted: it does not answer.
        """
        with starting():
            return super().start_new_kernel_client()

    def _reason(self):
        """Say why the kernel was killed, where it was, in brackets."""
        reason = getattr(self.manager and self.manager.provisioner, "reason", "")
        return f" (it {reason})" if reason else ""

    def process_message(self, msg, cell, cell_index):
        """Take a message of the kernel's down, if it says what a kernel may, and not too much.

        Nothing that was shown is changed later, and nobody looks at widgets here.
        """
        if self.judge is None:
            return super().process_message(msg, cell, cell_index)
        kind, content = msg["msg_type"], msg["content"]
        if kind == "status":  # the only one that has to come through, however much was said
            content = {"execution_state": content["execution_state"]}
        elif kind not in self.taken:
            return None
        else:
            self.shown += PER_MESSAGE + len(repr(content))
            if self.shown > self.allowed:
                return None
            content = {name: content[name] for name in content if name not in UNTAKEN}
            if "data" in content:
                content |= {"data": harmless(content["data"]), "metadata": {}}
            if kind == "execute_result":
                content["execution_count"] = self.code_cells_executed
        return super().process_message(msg | {"content": content}, cell, cell_index)

    def preprocess_cell(self, cell, resources, index):
        """Run one cell, or mark it; after the last one ask what no cell has asked."""
        if self.judge is None:
            return super().preprocess_cell(cell, resources, index)
        if graded_id(cell, self.judge.exercise) is None:
            if not self.over:
                self.shown, self.allowed = 0, min(SHOWN, self.left)
                try:
                    cell, resources = super().preprocess_cell(cell, resources, index)
                except DeadKernelError:
                    self.over = DIED + self._reason()
                except CellTimeoutError:  # it was interrupted, and went on
                    self.over = STUCK
                except Exception:  # a message that is none: nothing here runs code of ours
                    self.over = BABBLED
                self._note_error(cell)
                if self.shown > self.allowed:
                    cell.outputs.append(TOO_LONG)
                self.left -= min(self.shown, self.allowed)
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
        self.shown, self.allowed, self.taken = 0, 2 * LONGEST_ANSWER, OF_A_QUESTION
        request = nbformat.v4.new_code_cell(judge.request(probe))
        try:
            self.execute_cell(request, index, store_history=False)
        except DeadKernelError:
            self.over = DIED + self._reason()
            reason = getattr(self.manager.provisioner, "reason", "")
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
            self.taken = OF_A_CELL
        errors = [o.ename for o in request.outputs if o.output_type == "error"]
        if "CellTimeoutError" in errors or "KeyboardInterrupt" in errors:
            self.slow = True
            judge.give_up(probe, f"did not finish within {allowed} seconds")
            return
        streams = [
            o.text for o in request.outputs if o.output_type == "stream" and o.name == "stdout"
        ]
        judge.hear(probe, "".join(streams))


class NotStarted(DeadKernelError):
    """A kernel that ran the submission's code, or was kept from it, before it was up."""


@contextmanager
def starting():
    """Turn whatever a kernel's start raises into `NotStarted`, unless the machine is at fault."""
    try:
        yield
    except (SandboxUnavailable, PackageNotFoundError, BadCourse):
        raise
    except Exception as error:
        raise NotStarted(f"{error}"[:200]) from None


def harmless(data: dict) -> dict[str, str]:
    """Return what of a display is text or a picture.

    Args:
        data: a message's; by MIME type.
    """
    kept = {kind: picture(kind, data) for kind in PICTURES}
    text = data.get("text/plain")
    kept["text/plain"] = text if isinstance(text, str) else None
    return {kind: value for kind, value in kept.items() if value is not None}


def picture(kind: str, data: dict) -> str | None:
    """Return a picture in base64; None for what is no picture of that kind.

    Args:
        kind: one of `PICTURES`.
        data: of a display; by MIME type.
    """
    try:
        content = base64.b64decode("".join(data[kind].split()), validate=True)
    except (KeyError, AttributeError, TypeError, binascii.Error, ValueError):
        return None
    if not content.startswith(PICTURES[kind]):
        return None
    return base64.b64encode(content).decode()


def make_judge(name: str, notebook, course: Path | None = None, files: str = "") -> Judge:
    """Return the judge of a submission, with the inputs that belong to it.

    Args:
        name: the exercise's.
        notebook: the submission; graded cells and outputs make no difference to the inputs.
        course: the folder of the course that it is graded for, which gets a secret if it has none;
            None for no course: the usual one's secret serves, if there is one.
        files: digest of the submission's other files; see `intake.files_digest`.
    """
    this = exercise(name)
    sources = [cell.source for cell in notebook.cells if graded_id(cell, this) is None]
    version = str(notebook.metadata.get("course", {}).get("version", ""))
    secret = course_secret(course or course_dir(), create=course is not None)
    return Judge(this, seed_for(secret, name, version, "\0".join([*sources, files])))


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
