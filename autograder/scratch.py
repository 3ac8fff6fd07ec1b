"""Folders that last as long as one step; those of a grader that was killed go at the next start."""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

PREFIX = "batchnorm-"
LONGEST_SOCKET = 90  # characters; the system allows 107 with the port
_outer = None  # the usual place of temporary folders, while `in_scratch` names another


def new_folder() -> Path:
    """Return a new folder, short enough in name that sockets fit in; whoever asks removes it."""
    # The process's number stands in the name, so that `sweep` knows whose it was.
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=_base()))


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a new folder, and remove it at the end."""
    folder = new_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def in_scratch() -> Iterator[None]:
    """Let libraries too make their temporary folders where `sweep` finds them."""
    global _outer
    before = tempfile.tempdir, _outer
    with scratch() as folder:
        tempfile.tempdir, _outer = str(folder), _base()
        try:
            yield
        finally:
            tempfile.tempdir, _outer = before


def sweep() -> None:
    """End what killed processes have started in such folders, and remove the folders."""
    base = _base()
    place = re.compile(re.escape(f"{base}/{PREFIX}") + r"(\d+)-")
    for process in psutil.process_iter(["cmdline"]):  # None where it is nobody's business of ours
        found = next(filter(None, map(place.search, process.info["cmdline"] or ())), None)
        if found and not psutil.pid_exists(int(found[1])):
            # bubblewrap ends with its grader, but not where that dies while bubblewrap starts.
            with suppress(psutil.Error):
                process.kill()
    for folder in Path(base).glob(PREFIX + "*"):
        owner = folder.name.removeprefix(PREFIX).split("-")[0]
        if not owner.isdigit() or psutil.pid_exists(int(owner)):
            continue
        with suppress(OSError):  # another user's may be anything, so deep even that rmtree gives up
            # On Windows each user has a place of their own.
            if not hasattr(os, "getuid") or folder.lstat().st_uid == os.getuid():
                shutil.rmtree(folder, ignore_errors=True)


def _base():
    base = _outer or tempfile.gettempdir()
    short = len(base) + len(PREFIX) + 30 <= LONGEST_SOCKET
    return base if short or sys.platform == "win32" else "/tmp"  # Windows has no such sockets
