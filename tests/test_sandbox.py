"""The sandbox: what a kernel sees inside it, how it ends, and what is said where there is none."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from conftest import NO_SANDBOX
from jupyter_client.manager import KernelManager

from autograder.kernels import sandbox
from autograder.kernels.lean import LeanKernels
from autograder.kernels.provisioner import BUFFER, FILES, copy_files, memory
from autograder.kernels.sandbox import Limits, SandboxUnavailable
from autograder.scratch import PREFIX, in_scratch, new_folder, sweep

needs_sandbox = pytest.mark.skipif(bool(NO_SANDBOX), reason=f"no sandbox here: {NO_SANDBOX}")


class Kernel:
    """A sandboxed kernel to try things in.

    Args:
        folder: the notebook's folder.
        limits: fields of `Limits`.
    """

    def __init__(self, folder, **limits):
        specs = LeanKernels(("numpy",), limits=limits)
        self.manager = KernelManager(kernel_name="python3", kernel_spec_manager=specs)
        self.manager.start_kernel(cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def says(self, code, timeout=60):
        """Run code; return what it printed, or the error's name."""
        said = []

        def hear(message):
            content = message["content"]
            said.append(content.get("text") or content.get("ename") or "")

        # As nbgrader asks: else a cell sent just after one that failed is sometimes dropped.
        self.client.execute_interactive(
            code, output_hook=hear, timeout=timeout, stop_on_error=False
        )
        return "".join(said).strip()

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "check_it.py").write_text("x = 1")
    (folder / "notes.ipynb").write_text("{}")
    (folder / "link.txt").symlink_to("/etc/passwd")
    kernel = Kernel(folder)
    yield kernel
    kernel.close()


@needs_sandbox
class TestInside:
    """What a kernel finds."""

    def test_only_plain_files_came_with_the_notebook(self, kernel):
        assert kernel.says("import os; print(os.listdir('.'))") == "['check_it.py']"
        assert kernel.says("import check_it; print(check_it.x)") == "1"

    def test_the_packages_of_the_exercise_and_no_other(self, kernel):
        assert kernel.says("import numpy; print(numpy.ones(2).sum())") == "2.0"
        assert kernel.says("import torch") == "ModuleNotFoundError"
        assert kernel.says("import autograder") == "ModuleNotFoundError"
        assert kernel.says("import nbgrader") == "ModuleNotFoundError"

    def test_no_checkout_and_no_course(self, kernel):
        for path in (sandbox.ROOT, sandbox.ROOT / "autograder", sandbox.course_dir()):
            assert kernel.says(f"print(os.path.exists({str(path)!r}))") == "False"

    def test_no_network(self, kernel):
        code = "import socket\ntry:\n socket.create_connection(('{}', {}), 2)\n print('through')\nexcept OSError as e:\n print('refused')"
        assert kernel.says(code.format("127.0.0.1", 1)) == "refused"
        assert kernel.says(code.format("192.0.2.1", 80)) == "refused"

    def test_no_other_process(self, kernel):
        found = kernel.says("print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()))")
        assert len(eval(found)) <= 3  # bubblewrap's, this one

    def test_the_command_line_of_the_walls_tells_nothing(self, kernel):
        assert str(sandbox.ROOT) not in kernel.says("print(open('/proc/1/cmdline').read())")

    def test_nothing_to_write_but_scratch(self, kernel):
        places = ("/x", "/packages/x", "/dev/shm/x", "/usr/x", "/proc/sys/kernel/hostname")
        connection = kernel.manager.provisioner._folder / "connection"
        for path in (*places, f"{connection}/x", f"{connection}/kernel.json"):
            assert kernel.says(f"open({path!r}, 'w')") in ("OSError", "PermissionError"), path
        assert kernel.says("print(open('/tmp/x', 'w').write('ab'))") == "2"

    def test_its_sockets_are_made_for_it(self, kernel):
        connection = kernel.manager.provisioner._folder / "connection"
        assert len(list(connection.iterdir())) == 6  # five and the file that names them
        for call in ("os.mkdir({!r} + '/x')", "os.chmod({!r}, 0o777)", "os.unlink({!r} + '/s-1')"):
            assert kernel.says("import os; " + call.format(str(connection))) == "OSError"
        code = """
import os
for number in os.listdir("/proc/self/fd"):
    try:
        os.mkdir("x", dir_fd=int(number))
        print("a way out")
    except OSError:
        pass
print("SOCKETS" in os.environ)
"""
        assert kernel.says(code) == "False"

    def test_nobody_in_particular(self, kernel):
        assert kernel.says("print(os.getuid() != 0)") == "True"
        assert "0000000000000000" in kernel.says(
            "print(*[l for l in open('/proc/self/status') if l.startswith('CapEff')])"
        )
        assert int(kernel.says("print(os.sched_getaffinity(0).__len__())")) >= 1
        assert "COURSE_DIR" not in kernel.says("print(os.environ)")

    @pytest.mark.parametrize("call", ["unshare(0x10000000)", "ptrace(16, 1, 0, 0)", "chroot(b'/')"])
    def test_refused_system_calls(self, kernel, call):
        code = f"import ctypes; l = ctypes.CDLL(None, use_errno=True); print(l.{call}, ctypes.get_errno())"
        assert kernel.says(code) == "-1 1"

    @pytest.mark.parametrize(
        "call",
        [
            "l.memfd_create(b'x', 0)",
            "l.shmget(0, 4096, 0o1600)",
            "l.msgget(0, 0o1600)",
            "l.semget(0, 1, 0o1600)",
            "mmap.mmap(-1, 4096)",
            "mmap.mmap(os.open('/dev/zero', os.O_RDWR), 4096)",
            "socket.socket().setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)",
            "l.setsockopt(3, ctypes.c_long(1 | 1 << 32), 7, b'aaaa', 4)",
        ],
    )
    def test_memory_that_no_process_maps(self, kernel, call):
        start = "import ctypes, mmap, os, socket; l = ctypes.CDLL(None, use_errno=True); "
        said = kernel.says(f"{start}print({call}, ctypes.get_errno())")
        assert said in ("-1 1", "PermissionError", "OSError")

    def test_a_large_array_is_an_error_and_no_death(self, kernel):
        assert kernel.says("numpy.ones(2**30)") in ("MemoryError", "_ArrayMemoryError")
        assert kernel.says("print(2)") == "2"

    def test_a_limit_on_processes(self, kernel):
        code = """
import subprocess
made = []
try:
    while len(made) < 500: made.append(subprocess.Popen(["/usr/bin/sleep", "60"]))
except OSError:
    pass
for one in made: one.kill(); one.wait()
print(len(made) < 200)
"""
        assert kernel.says(code) == "True"

    def test_a_message_interrupts_it(self, kernel):
        message = kernel.client.execute("import time; time.sleep(60)", stop_on_error=False)
        time.sleep(0.5)
        kernel.manager.interrupt_kernel()
        reply = kernel.client.get_shell_msg(timeout=20)
        while reply["parent_header"].get("msg_id") != message:
            reply = kernel.client.get_shell_msg(timeout=20)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        assert kernel.says("print(3)") == "3"


def wait_until(true, seconds=20):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    assert true()


def reason_of_death(kernel, code):
    """Run code that kills its kernel; return why the watch says it died."""
    provisioner = kernel.manager.provisioner
    kernel.client.execute(code)
    wait_until(lambda: provisioner.process is None or provisioner.process.poll() is not None)
    wait_until(lambda: provisioner.reason)
    return provisioner.reason


@needs_sandbox
@pytest.mark.parametrize(
    ("limits", "code", "reason"),
    [
        (
            {"memory": 300 << 20},
            "import os\nfor n in range(4):\n  if os.fork() == 0:\n    x = b'1' * (120 << 20); import time; time.sleep(60)",
            "used more than 300 MiB of memory",
        ),
        ({"seconds": 5}, "while True: pass", "ran for more than 5 seconds in all"),
        (
            {"memory": 300 << 20},
            "import os\nfor n in range(200_000): os.close(os.open(f'/tmp/{n}', os.O_CREAT))",
            "used more than 300 MiB of memory",
        ),
        (
            {"memory": 300 << 20},
            "import os, socket\nfor n in range(9):\n  if os.fork() == 0:\n    held = [socket.socketpair() for _ in range(90)]; import time; time.sleep(60)",
            "used more than 300 MiB of memory",
        ),
    ],
)
def test_what_uses_too_much_is_killed_and_the_reason_kept(tmp_path, limits, code, reason):
    kernel = Kernel(tmp_path, **limits)
    try:
        assert reason_of_death(kernel, code) == reason
    finally:
        kernel.close()


@needs_sandbox
def test_nothing_is_left_of_a_kernel(tmp_path):
    kernel = Kernel(tmp_path)
    process = psutil.Process(kernel.manager.provisioner.process.pid)
    kernel.says(
        "import os\nif os.fork() == 0:\n    os.setsid()\n    import time; time.sleep(300)\n"
        "open('/tmp/left', 'w').write('x')"
    )
    family = [process, *process.children(recursive=True)]
    assert len(family) >= 4
    folder = kernel.manager.provisioner._folder
    kernel.close()
    wait_until(lambda: not any(one.is_running() for one in family))
    assert not folder.exists()


HASTY = "import builtins\nif not hasattr(builtins, 'get_ipython'): raise SystemExit"


@needs_sandbox
def test_what_was_handed_in_is_imported_when_the_kernel_is_up(tmp_path):
    for name in ("orjson", "msgpack", "argcomplete", "storemagic", "django"):
        (tmp_path / f"{name}.py").write_text(HASTY)
    (tmp_path / "numpy.py").write_text("here = True")
    kernel = Kernel(tmp_path)
    try:
        assert kernel.says("import orjson; print(orjson.__file__)").endswith("student/orjson.py")
        assert kernel.says("import numpy; print(hasattr(numpy, 'here'))") == "False"
        assert kernel.says("import sys; print(sys.path.count('.'))") == "1"
    finally:
        kernel.close()


@needs_sandbox
def test_a_killed_grader_takes_its_kernels_with_it(tmp_path):
    code = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_sandbox import Kernel
kernel = Kernel({str(tmp_path)!r})
print(kernel.manager.provisioner.process.pid, kernel.manager.provisioner._folder, flush=True)
time.sleep(60)
"""
    grader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid, folder = grader.stdout.readline().split()
    family = [psutil.Process(int(pid)), *psutil.Process(int(pid)).children(recursive=True)]
    assert Path(folder).exists()
    grader.kill()
    grader.wait()
    wait_until(lambda: not any(one.is_running() for one in family))
    sweep()  # the next kernel's start, which here may also be another test's
    assert not Path(folder).exists()


def test_the_sweep_leaves_living_graders_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.scratch._base", lambda: str(tmp_path))
    mine = tmp_path / f"{PREFIX}{os.getpid()}-abc"
    others = [tmp_path / "batchnorm-kernel-x-abc", tmp_path / "else"]
    left = tmp_path / f"{PREFIX}{2**22 + 1}-abc"  # no process has a number as high
    for folder in (mine, *others, left):
        folder.mkdir()
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    sweep()
    assert left.exists()  # another user's, and may be anything
    monkeypatch.undo()
    monkeypatch.setattr("autograder.scratch._base", lambda: str(tmp_path))
    sweep()
    assert mine.exists() and all(folder.exists() for folder in others) and not left.exists()


def test_temporary_folders_on_windows(tmp_path, monkeypatch):
    """Users there have no numbers, and no socket limits how long a folder's name is."""
    place = tmp_path / ("long" * 25)
    left = place / f"{PREFIX}{2**22 + 1}-abc"
    left.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(place))
    monkeypatch.setattr("autograder.scratch._outer", None)
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.delattr("os.getuid")
    made = new_folder()
    assert made.parent == place
    sweep()
    assert made.exists() and not left.exists()


def test_memory_counts_the_whole_family():
    code = "import subprocess, sys; x = b'1' * (30 << 20); subprocess.run([sys.executable, '-c', 'x = b\"1\" * (30 << 20); input()'])"
    family = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    try:
        wait_until(lambda: memory(family.pid) > 60 << 20)
    finally:
        for one in psutil.Process(family.pid).children():
            one.kill()
        family.kill()
        family.wait()
    assert memory(family.pid) == 0


def test_who_hides_its_open_files_is_counted_as_having_all(monkeypatch):
    def refuse(process):
        raise psutil.AccessDenied

    seen = memory(os.getpid())
    monkeypatch.setattr(psutil.Process, "num_fds", refuse)
    assert memory(os.getpid()) - seen > (FILES - 100) * BUFFER


def test_links_pipes_and_large_files_stay_behind(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    (source / "a.txt").write_text("a")
    (source / "b.txt").symlink_to(source / "a.txt")
    (source / "folder").mkdir()
    os.mkfifo(source / "pipe")
    (source / "z.bin").write_bytes(bytes(17 << 20))
    copy_files(source, target)
    assert [path.name for path in target.iterdir()] == ["a.txt"]


# --- where there is none ---


@pytest.fixture
def fresh():
    """Let `require` try anew, before and after the test."""
    sandbox.require.cache_clear()
    yield
    sandbox.require.cache_clear()


def test_another_system(monkeypatch, fresh):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxUnavailable, match="needs Linux, and this is darwin"):
        sandbox.require()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
class TestRefusals:
    """Linux with something missing."""

    def test_no_bubblewrap(self, monkeypatch, fresh):
        monkeypatch.setattr(shutil, "which", lambda name: None)
        with pytest.raises(SandboxUnavailable, match="bubblewrap is not installed: .*apt install"):
            sandbox.require()

    @pytest.mark.parametrize(
        ("complaint", "case"),
        [
            ("bwrap: Creating new namespace failed: Operation not permitted", "lets nobody make"),
            ("bwrap: setting up uid map: Permission denied", "namespaces|AppArmor"),
            ("bwrap: Unknown option --size", "too old"),
            ("bwrap: something nobody thought of", "does not work here .*nobody thought of"),
        ],
    )
    def test_a_bubblewrap_that_fails(self, monkeypatch, fresh, tmp_path, complaint, case):
        false = tmp_path / "bwrap"
        false.write_text(f"#!/bin/sh\necho '{complaint}' >&2\nexit 1\n")
        false.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        monkeypatch.setattr(sandbox, "CONTAINER", ())
        with pytest.raises(SandboxUnavailable, match=case):
            sandbox.require()

    @pytest.mark.parametrize(
        "complaint",  # as Docker and Podman made bubblewrap say it
        [
            "No permissions to create new namespace, likely because the kernel does not allow",
            "Creating new namespace failed: Operation not permitted",
            "Can't set hostname to student: Operation not permitted",
            "Can't mount proc on /newroot/proc: Operation not permitted",
            "pivot_root: Operation not permitted",
            "loopback: Failed RTM_NEWADDR: No child processes",
        ],
    )
    def test_a_container_without_its_options(self, monkeypatch, complaint):
        monkeypatch.setattr(sandbox, "CONTAINER", (os.devnull,))
        assert sandbox._case(f"bwrap: {complaint}\n").startswith("start this container with")
        assert complaint in sandbox._case(f"bwrap: {complaint}")
        monkeypatch.setattr(sandbox, "CONTAINER", ())
        assert re.search("with them allowed|AppArmor", sandbox._case(f"bwrap: {complaint}"))

    def test_the_command_refuses_in_one_line(self, checkout, tmp_path, monkeypatch):
        (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'Operation not permitted' >&2\nexit 1\n")
        (tmp_path / "bwrap").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        monkeypatch.setattr("conftest.NO_SANDBOX", "")
        answer = tmp_path / "answer.py"
        answer.write_text("x = 1\n")
        env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(checkout.root)}
        words = [sys.executable, "-m", "autograder", "check", "ex02_forward", str(answer)]
        done = subprocess.run(
            words, cwd=checkout.root, env=os.environ | env, capture_output=True, text=True
        )
        (line,) = done.stderr.splitlines()
        assert done.returncode == 2 and done.stdout == ""
        assert line.startswith("autograder: no sandbox: ") and "--unprotected" in line
        done = subprocess.run(
            [*words, "--unprotected"],
            cwd=checkout.root,
            env=os.environ | env,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1 and "0 of 14 points" in done.stdout
        assert done.stderr.startswith("unprotected: ")


@needs_sandbox
@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to become somebody else")
def test_an_ordinary_user_gets_the_same_walls():
    """The walls as somebody who is not root builds them, with that user's own Python."""
    if not os.path.exists("/usr/bin/python3"):
        pytest.skip("no Python that every user may run")
    code = f"""
import os, socket, sys, tempfile, time
from pathlib import Path
os.setgroups([]); os.setresgid(12345, 12345, 12345); os.setresuid(12345, 12345, 12345)
source = {(Path(sandbox.__file__).read_text())!r}.replace(
    "from autograder.paths import ROOT, course_dir",
    "ROOT = Path('/nowhere')\\ncourse_dir = lambda: ROOT").replace(
    "from autograder.scratch import scratch\\n", "")
space = {{"__name__": "sandbox", "__file__": "/tmp/sandbox.py"}}
sys.modules["sandbox"] = type(sys)("sandbox"); sys.modules["sandbox"].__dict__.update(space)
exec(source, sys.modules["sandbox"].__dict__)
box = sys.modules["sandbox"]
folder = Path(tempfile.mkdtemp()); box.INSIDE = folder / "inside.py"
box.INSIDE.write_text({sandbox.INSIDE.read_text()!r})
(folder / "launch.py").touch()
box._program = lambda: {sandbox._program()!r}
(folder / "files").mkdir(); (folder / "connection").mkdir()
walls = box.build({{}}, folder / "files", folder / "connection")
inside = "import json, os, socket; there = socket.socket(fileno=json.loads(os.environ['SOCKETS'])['s'])"
inside += "; said = str((os.getuid(), sorted(os.listdir('/')))).encode(); there.accept()[0].send(said)"
way = folder / "connection" / "s"
box.start([box.python(), "-c", inside], walls, box.Limits(), [way])
end = time.monotonic() + 20
here = socket.socket(socket.AF_UNIX)
while here.connect_ex(str(way)) and time.monotonic() < end:
    time.sleep(0.05)
print(here.recv(10_000).decode())
"""
    done = subprocess.run(
        ["/usr/bin/python3", "-I", "-"], input=code, capture_output=True, text=True, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    uid, top = eval(done.stdout)
    assert uid == 12345
    assert not {"root", "work", "srv", "opt", "var", "mnt"} & set(top)


def test_the_limits_are_numbers_of_bytes_and_seconds():
    assert Limits().memory >= 1 << 30 and Limits().seconds <= 600


@pytest.fixture
def short():
    """A folder with a name so short that sockets fit in, in place of the temporary one."""
    usual = tempfile.tempdir
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        tempfile.tempdir = folder
        yield Path(folder)
        tempfile.tempdir = usual


def test_what_libraries_make_is_swept_too(short):
    with in_scratch():
        (mine,) = short.iterdir()
        assert Path(tempfile.mkdtemp()).parent == mine
        other = new_folder()
        assert other.parent == short
        other.rmdir()
        sweep()
        assert mine.exists()
    assert Path(tempfile.gettempdir()) == short and list(short.iterdir()) == []


def test_what_a_killed_grader_had_just_started_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.scratch._base", lambda: str(tmp_path))
    gone = 2**22 + 1  # no process has a number as high
    waits = [sys.executable, "-c", "import time; time.sleep(60)"]
    left, own = (
        subprocess.Popen([*waits, f"{tmp_path}/{PREFIX}{owner}-abc/connection"])
        for owner in (gone, os.getpid())
    )
    try:
        wait_until(
            lambda: all("time.sleep" in str(psutil.Process(p.pid).cmdline()) for p in (left, own))
        )
        sweep()
        assert left.wait(10) == -signal.SIGKILL
        assert own.poll() is None
    finally:
        left.kill(), own.kill()
