"""Starts a kernel inside the sandbox, watches what it uses, and leaves nothing of it behind.

jupyter_client finds the class by its entry point, `batchnorm-sandbox`, which the kernel specs of
`lean.py` name.
"""

import asyncio
import os
import shutil
import signal
import socket
import stat
import threading
import time
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict

from autograder.kernels import sandbox
from autograder.kernels.sandbox import Limits
from autograder.scratch import new_folder, sweep

EVERY = 0.2  # seconds between two looks at what a kernel uses
MOST_FILES = 1_000  # that come with a notebook; bubblewrap takes 9,000 arguments
FILES = 256  # that a process may open, as `inside.py` has it
BUFFER = 256 << 10  # bytes; what a socket or a pipe may hold, for those who do not read it
ENTRY = 2 << 10  # bytes; what a file in memory takes beside its content


class SandboxProvisioner(LocalProvisioner):
    """One kernel in a sandbox of its own; `reason` says why it was killed, where it was."""

    packages = Dict(help="top-level name to its place, of what the kernel can import").tag(
        config=True
    )
    limits = Dict(help="the fields of `sandbox.Limits` that differ from the default").tag(
        config=True
    )

    reason = ""
    _folder = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Make the kernel's folder, its connection file, and the walls around it.

        Args:
            **kwargs: jupyter_client's; "cwd" is the folder whose files the kernel gets.

        Raises:
            SandboxUnavailable: there is no sandbox here.
        """
        sandbox.require()
        sweep()
        self._folder = new_folder()
        connection, files = self._folder / "connection", self._folder / "files"
        connection.mkdir()
        files.mkdir()
        copy_files(Path(kwargs.get("cwd") or os.curdir), files)
        manager = self.parent
        manager.transport = "ipc"  # there is no network inside
        manager.ip = str(connection / "s")
        manager.connection_file = str(connection / "kernel.json")
        kwargs = await super().pre_launch(**kwargs)
        uid = sandbox.someone()
        if uid is not None:
            for path in [connection, *connection.iterdir()]:
                os.chown(path, uid, uid)
        self._limits = Limits(**self.limits)
        self._walls = sandbox.build(
            {top: Path(place) for top, place in self.packages.items()}, files, connection
        )
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any):
        """Start the kernel and its watch.

        Args:
            cmd: from `pre_launch`.
            **kwargs: jupyter_client's; the sandbox has an environment of its own.
        """
        ports = (value for name, value in self.connection_info.items() if name.endswith("_port"))
        sockets = [Path(f"{self.parent.ip}-{port}") for port in ports]
        self.process = sandbox.start(cmd, self._walls, self._limits, sockets)
        self.pid = self.pgid = self.process.pid
        threading.Thread(target=self._watch, args=(self.process,), daemon=True).start()
        # `inside.py` makes them before anything that was handed in runs.
        while self.process.poll() is None and not all(map(_takes_connections, sockets)):
            await asyncio.sleep(0.02)
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Kill the kernel: what it would do on a polite request is of no use to us."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove what the kernel leaves."""
        await super().cleanup(restart)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _watch(self, process):
        """Kill the kernel as soon as it uses more than it may."""
        end = time.monotonic() + self._limits.seconds
        while process.poll() is None:
            if time.monotonic() > end:
                self.reason = f"ran for more than {self._limits.seconds} seconds in all"
            elif memory(process.pid) + scratch(process.pid) > self._limits.memory:
                self.reason = f"used more than {self._limits.memory >> 20} MiB of memory"
            if self.reason:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                return
            time.sleep(EVERY)


def _takes_connections(path):
    with socket.socket(socket.AF_UNIX) as link:
        return link.connect_ex(str(path)) == 0


def memory(pid: int) -> int:
    """Return the memory of a process and all below it, in bytes; shared pages are counted once.

    What their open files may hold counts as held.

    Args:
        pid: of the process.
    """
    total = 0
    for process in _family(pid):
        try:
            total += _pages(process) + BUFFER * _open_files(process)
        except (psutil.Error, OSError):  # it is no more
            continue
    return total


def scratch(pid: int) -> int:
    """Return the memory that the files in a sandbox take, in bytes; 0 where we may not look.

    Args:
        pid: of bubblewrap.
    """
    for process in _family(pid)[1:]:
        try:
            spaces = [os.statvfs(f"/proc/{process.pid}/root{place}") for place in sandbox.WRITABLE]
        except OSError:
            continue
        return sum(
            space.f_frsize * (space.f_blocks - space.f_bfree)
            + ENTRY * (space.f_files - space.f_ffree)
            for space in spaces
            if space.f_frsize * space.f_blocks == sandbox.SCRATCH  # else the walls are not up yet
        )
    return 0


def _family(pid):
    try:
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    except psutil.Error:
        return []


def _pages(process):
    try:
        full = process.memory_full_info()
        return full.pss + full.swap
    except psutil.AccessDenied:
        return process.memory_info().rss


def _open_files(process):
    try:
        return process.num_fds()
    except psutil.AccessDenied:  # a process can see to that
        return FILES


def copy_files(source: Path, target: Path) -> None:
    """Copy the plain files of a folder; no notebook, no link, nothing large, no folder.

    Args:
        source: the notebook's folder.
        target: the kernel's.
    """
    left, files = 16 << 20, 0
    for entry in sorted(os.scandir(source), key=lambda entry: entry.name):
        details = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(details.st_mode) or entry.name.endswith(".ipynb"):
            continue
        left, files = left - details.st_size, files + 1
        if left < 0 or files > MOST_FILES:
            return
        copy = target / entry.name
        shutil.copyfile(entry.path, copy, follow_symlinks=False)
        copy.chmod(0o644)
