"""What a sandboxed kernel may see and do: the walls, as arguments of bubblewrap.

Inside there is a read-only Python with the exercise's packages, the files that came with the
notebook, a little scratch space, and nothing else: no network, no other process, no course.
"""

import ctypes.util
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from glob import glob
from pathlib import Path

from autograder.paths import ROOT, course_dir
from autograder.scratch import scratch

HOME = "/home/student"  # the kernel's working directory
PACKAGES = "/packages"  # what it can import beside the standard library
WRITABLE = ("/tmp", HOME)
SCRATCH = 64 << 20  # bytes of each of the two; they are memory
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")  # what Python's libraries need
TRIAL = ["/usr/bin/true"]
CONTAINER = ("/run/.containerenv", "/.dockerenv")  # Podman's mark and Docker's
INSIDE = Path(__file__).with_name("inside.py")
LAUNCH = "/launch.py"  # where a kernel finds the program it starts with

# What no exercise needs and a way out of a box has used, or what holds memory that no process has
# mapped and so no watch sees. Everything else that the kernel of the operating system offers stays:
# a list of what is allowed would break with each release of NumPy.
FORBIDDEN = """
acct add_key bpf chroot clone3 delete_module finit_module fsconfig fsmount fsopen fspick init_module
io_uring_enter io_uring_register io_uring_setup kcmp kexec_file_load kexec_load keyctl memfd_create
memfd_secret mount mount_setattr move_mount msgget name_to_handle_at open_by_handle_at open_tree
perf_event_open personality pidfd_getfd pivot_root process_vm_readv process_vm_writev ptrace
quotactl reboot request_key semget setns shmget swapoff swapon syslog umount2 unshare userfaultfd
vmsplice
""".split()
NEW_NAMESPACES = 0x7E020080  # the CLONE_NEW* flags together
SOCKETS = (1, 2, 10, 16)  # unix, inet, inet6, netlink: what Python and ZeroMQ open
SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS: pages that stay when they are let go
INT = 0xFFFFFFFF  # of an argument that is an int the system reads these bits, and a filter all 64


class SandboxUnavailable(Exception):
    """No sandbox can be had here; the message says which case it is and what to do."""


@dataclass(frozen=True)
class Limits:
    """What one kernel may use.

    Args:
        memory: of all its processes together, in bytes.
        seconds: from its start to its end, an int.
        processes: and threads, at one time, an int.
        file_size: of the largest file, in bytes.
        mapped: beyond `memory`, what it maps and does not use, libraries above all, in bytes;
            memory is watched, and what is asked of the system beyond both is refused.
    """

    memory: int = 2 << 30
    seconds: int = 300
    processes: int = 96
    file_size: int = 32 << 20
    mapped: int = 768 << 20


def start(
    argv: list[str], walls: list[str], limits: Limits, sockets: Sequence[Path] = ()
) -> subprocess.Popen:
    """Start a command inside the walls.

    Args:
        argv: the command, as it is called inside; it becomes somebody else first, with limits.
        walls: from `build`.
        limits: what it may use.
        sockets: unix sockets to be made, all in one folder, for the command to listen on. They are
            made inside, in the network that is there, by code of ours: the command itself cannot
            write where they are. Name to descriptor is in its environment, as SOCKETS.

    Returns:
        The process of bubblewrap, in a session of its own; when it ends, all inside has ended.
    """
    inside = [python(), "-I", "-S", "/inside.py", str(someone() or 0)]
    inside += [str(limits.memory + limits.mapped)]
    inside += [str(limits.processes), str(limits.file_size)]
    # In files, so that a look at the list of processes inside tells nothing about this machine.
    files = [_file(_program()), _file("\0".join(walls).encode())]
    files += [os.open(folder, os.O_PATH) for folder in {path.parent for path in sockets}]
    inside += [str(files[-1]), json.dumps([path.name for path in sockets]), *argv]
    try:
        return subprocess.Popen(
            [_bwrap(), "--seccomp", str(files[0]), "--args", str(files[1]), "--", *inside],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # what a kernel prints past ipykernel is for nobody
            stderr=subprocess.PIPE if argv == TRIAL else subprocess.DEVNULL,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath)},
            pass_fds=files,
            start_new_session=True,
        )
    finally:
        for file in files:
            os.close(file)


def build(packages: dict[str, Path], files: Path, connection: Path | None = None) -> list[str]:
    """Return the walls, as arguments of bubblewrap.

    Args:
        packages: top-level name to its place, of what can be imported.
        files: folder of the files that the kernel finds in its working directory, read-only.
        connection: folder of the kernel's sockets, shared with this side and read-only.
    """
    prefix = Path(sys.base_prefix).resolve()
    uid = someone()
    walls = ["--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid"]
    walls += ["--unshare-net", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "student"]
    walls += ["--cap-drop", "ALL"]
    if uid is None:
        walls += ["--unshare-user"]
    else:  # root needs no user namespace; it becomes somebody else inside
        walls += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    walls += ["--clearenv"]
    for name, value in environment().items():
        walls += ["--setenv", name, value]
    for path in SYSTEM:
        if os.path.islink(path):
            walls += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            walls += ["--ro-bind", path, path]
    walls += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    if not _under(prefix, "/usr"):
        walls += [*_way_to(prefix), "--ro-bind", str(prefix), str(prefix)]
    # What else is installed with that Python, and the course itself, may stand below all this.
    hidden = {sysconfig.get_path(name, vars=_base()) for name in ("purelib", "platlib")}
    hidden |= {*glob("/usr/lib/python3*/*-packages"), *glob("/usr/local/lib/python3*/*-packages")}
    hidden |= {str(ROOT), str(course_dir())}
    roots = ["/usr", str(prefix)]
    covered: list[str] = []
    for path in sorted(path for path in hidden if os.path.isdir(path)):
        if any(_under(path, root) for root in roots) and not _under(prefix, path):
            if not any(_under(path, other) for other in covered):
                walls += ["--tmpfs", path, "--remount-ro", path]
                covered.append(path)
    walls += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    walls += ["--dev-bind", "/dev/null", "/dev/zero"]  # to map it shared is to have such memory
    for place in WRITABLE:
        walls += [*_way_to(Path(place)), "--size", str(SCRATCH), "--perms", "1777"]
        walls += ["--tmpfs", place]
    for file in sorted(files.iterdir()):
        walls += ["--ro-bind", str(file), f"{HOME}/{file.name}"]
    walls += _way_to(Path(PACKAGES) / "any")
    for top, place in packages.items():
        walls += ["--ro-bind", str(place), f"{PACKAGES}/{top}"]
    walls += ["--ro-bind", str(INSIDE), "/inside.py"]
    walls += ["--ro-bind", str(INSIDE.with_name("launch.py")), LAUNCH]
    if connection is not None:
        walls += [*_way_to(connection), "--ro-bind", str(connection), str(connection)]
    return [*walls, "--remount-ro", "/", "--chdir", HOME]


def environment() -> dict[str, str]:
    """Return all environment variables of a sandboxed kernel."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {
        "HOME": HOME,
        "IPYTHONDIR": "/tmp/ipython",
        "LANG": "C.UTF-8",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "NBGRADER_EXECUTION": "autograde",
        "PATH": "/usr/bin:/bin",
        "TMPDIR": "/tmp",
        "USER": "student",
    } | dict.fromkeys(threads, "1")


def python() -> str:
    """Return the Python to run, outside any virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


@cache
def _program() -> bytes:
    """Return the seccomp filter."""
    import pyseccomp as seccomp

    refused = seccomp.ERRNO(1)  # EPERM
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in FORBIDDEN:
        # glibc asks for clone3 first, and takes clone where there is none (ENOSYS).
        rules.add_rule(seccomp.ERRNO(38) if name == "clone3" else refused, name)
    for bit in (1 << n for n in range(32) if NEW_NAMESPACES >> n & 1):
        rules.add_rule(refused, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, bit, bit))
    for family in set(range(64)) - set(SOCKETS):
        rules.add_rule(refused, "socket", seccomp.Arg(0, seccomp.EQ, family))
    rules.add_rule(refused, "socket", seccomp.Arg(0, seccomp.GE, 64))
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):  # `provisioner.memory` counts on the usual
        words = [(1, socket.SOL_SOCKET), (2, option)]
        words = [seccomp.Arg(n, seccomp.MASKED_EQ, INT, value) for n, value in words]
        rules.add_rule(refused, "setsockopt", *words)
    flags = seccomp.Arg(3, seccomp.MASKED_EQ, SHARED_ANONYMOUS, SHARED_ANONYMOUS)
    rules.add_rule(refused, "mmap", flags)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


@cache
def require() -> None:
    """Try the sandbox once.

    Raises:
        SandboxUnavailable: it does not work here.
    """
    other = "; or grade in the container of containers/README.md"
    if not sys.platform.startswith("linux"):
        raise SandboxUnavailable(f"the sandbox needs Linux, and this is {sys.platform}{other}")
    if shutil.which("bwrap") is None:
        raise SandboxUnavailable(
            "bubblewrap is not installed: install it (apt install bubblewrap, dnf install "
            f"bubblewrap){other}"
        )
    if ctypes.util.find_library("seccomp") is None and not _loads("libseccomp.so.2"):
        raise SandboxUnavailable(f"libseccomp is not installed: install libseccomp2{other}")
    try:
        _program()
    except (ImportError, OSError, RuntimeError) as error:
        raise SandboxUnavailable(f"libseccomp does not work here ({error}){other}") from None
    with scratch() as folder:
        trial = start(TRIAL, build({}, folder), Limits())
        try:
            complaint = trial.communicate(timeout=30)[1].decode(errors="replace")
        except subprocess.TimeoutExpired:
            trial.kill()
            raise SandboxUnavailable(f"bubblewrap does not answer{other}") from None
    if trial.returncode:
        raise SandboxUnavailable(f"{_case(complaint)}{other}")


def _case(complaint):
    """Say which case it is, from what bubblewrap printed."""
    lines = [line for line in complaint.splitlines() if line]
    said = lines[-1] if lines else "it said nothing"
    switch = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    # What Docker and Podman refuse, in the words of the step that it stops; RTM_NEWADDR is a root
    # with CAP_SYS_ADMIN and no CAP_NET_ADMIN, whose errno says nothing.
    refused = any(word in said for word in ("amespace", "uid map", "not permitted", "RTM_NEWADDR"))
    if refused and any(os.path.exists(mark) for mark in CONTAINER):
        return f"start this container with the options that the sandbox needs ({said})"
    if "nknown option" in said or "nrecognized" in said:
        return f"this bubblewrap is too old, 0.8 is needed ({said})"
    if switch.exists() and switch.read_text().strip() == "1" and os.getuid() != 0:
        return (
            "AppArmor keeps ordinary users from making user namespaces (Ubuntu 24.04 does): give "
            f"bwrap an AppArmor profile that allows userns ({said})"
        )
    if refused:
        return (
            "this machine lets nobody make namespaces, as in most containers: start the container "
            f"with them allowed ({said})"
        )
    return f"bubblewrap does not work here ({said})"


def someone() -> int | None:
    """Return the user that a kernel becomes: nobody's number where we are root, else None."""
    # One for each grader: the limit on processes is counted for each user.
    return 60_000 + os.getpid() % 5_000 if os.getuid() == 0 else None


def _file(content):
    """Return a descriptor of a new file in memory; the caller closes it."""
    descriptor = os.memfd_create("autograder", 0)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _bwrap():
    return shutil.which("bwrap") or "bwrap"


def _way_to(path):
    """Make the folders above a path, which bubblewrap would open to root only."""
    way = list(reversed(path.parents))[1:]
    return [word for folder in way for word in ("--perms", "0755", "--dir", str(folder))]


def _under(path, root):
    path, root = os.path.realpath(path), os.path.realpath(root)
    return path == root or path.startswith(root + os.sep)


def _base():
    return {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}


def _loads(library):
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
