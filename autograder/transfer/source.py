"""The files of a download, a folder or a zip, one after another and never more than is wanted."""

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

MOST_FILES = 100_000
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class NoDownload(Exception):
    """A path that is neither a folder nor a zip; the message says so in one line."""


@dataclass(frozen=True)
class Entry:
    """A file of a download.

    Args:
        name: its path there.
        size: in bytes, as it says itself.
        when: it was changed, in UTC; None where that is not known.
        why_not: why it is not to be read; "" where it is.
        open: opens it for reading.
    """

    name: str
    size: int
    when: datetime | None
    why_not: str
    open: Callable[[], BinaryIO]

    def read(self, most: int) -> bytes | None:
        """Return the content, None if it is longer than `most` bytes, whatever it says itself.

        Raises:
            OSError, RuntimeError and others of `BROKEN`: it cannot be read.
        """
        if self.size > most:
            return None
        with self.open() as file:
            content = file.read(most + 1)
        return content if len(content) <= most else None


def entries(path: Path) -> list[Entry]:
    """List the files of a download, in the order of their names.

    Args:
        path: a folder, or a zip.

    Raises:
        NoDownload: it is neither, or holds far too many files.
    """
    if path.is_dir():
        found = list(_of_folder(path))
    elif path.is_file() and zipfile.is_zipfile(path):
        try:
            found = list(_of_zip(zipfile.ZipFile(path)))
        except BROKEN as error:
            raise NoDownload(f"{path}: a broken zip ({error})") from None
    else:
        what = "neither a folder nor a zip" if path.exists() else "no such file or folder"
        raise NoDownload(f"{path}: {what}")
    if len(found) > MOST_FILES:
        raise NoDownload(f"{path}: more than {MOST_FILES} files")
    return sorted(found, key=lambda entry: entry.name)


def _of_folder(top):
    for folder, folders, files in os.walk(top):  # does not enter linked folders
        for name in [*files, *(each for each in folders if Path(folder, each).is_symlink())]:
            path = Path(folder, name)
            about = path.lstat()
            plain = stat.S_ISREG(about.st_mode)
            yield Entry(
                name=path.relative_to(top).as_posix(),
                size=about.st_size,
                when=datetime.fromtimestamp(about.st_mtime, UTC),
                why_not="" if plain else "a link, or no file",
                open=lambda path=path: path.open("rb"),
            )


def _of_zip(archive):
    for info in archive.infolist():
        if info.is_dir():
            continue
        link = stat.S_ISLNK(info.external_attr >> 16)
        locked = bool(info.flag_bits & 1)
        try:
            when = datetime(*info.date_time).astimezone(UTC)  # a zip has the local time
        except ValueError:
            when = None
        yield Entry(
            name=info.filename,
            size=info.file_size,
            when=when,
            why_not="a link" if link else "locked with a password" if locked else "",
            open=lambda info=info: io.BufferedReader(archive.open(info)),
        )
