"""Reads DVC's local cache: `files/md5/aa/rest` as DVC 3 lays it out, `aa/rest` as DVC 2 did.

An object counts only when its bytes have the MD5 that is its name, whatever it is called and
wherever a link leads. What is wrong, unreadable or no regular file is not here.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from aigf_dvc.capture.cache_folder import cache_folders
from aigf_dvc.capture.snapshot import MAX_TEXT_BYTES
from aigf_dvc.digests import md5, md5_dos2unix
from aigf_dvc.evidence.directory_listing import read_listing
from aigf_dvc.evidence.pipeline import LEGACY, MD5, Recorded, RecordedFile


class DvcCache:
    """The objects of one project on this machine."""

    def __init__(self, root: Path) -> None:
        """Take the project's folder."""
        self._root = root
        self._folders: tuple[Path, ...] | None = None
        self._listings: dict[str, tuple[RecordedFile, ...] | None] = {}

    def read(self, recorded: Recorded, *, most: int = MAX_TEXT_BYTES) -> bytes | None:
        """Return the recorded bytes of a file, or None when they are not here.

        Args:
            recorded: a file, or a directory for its listing.
            most: larger ones are not read.
        """
        for file in self.objects(
            recorded.value, size=None if recorded.is_directory else recorded.size
        ):
            with file:
                data = file.read(most + 1)
            if len(data) <= most and _is(data, recorded):
                return data
        return None

    def directory(self, recorded: Recorded) -> tuple[RecordedFile, ...] | None:
        """Return the files of a recorded directory, or None when its listing is not here.

        Raises:
            UndecidedError: the listing has another form than DVC's, or a name that leads out.
        """
        if recorded.files:
            return recorded.files
        if not recorded.value.endswith(".dir") or not recorded.names_bytes:
            return None
        if recorded.value not in self._listings:
            data = self.read(recorded)
            where = f"{recorded.path}: {recorded.value}"
            listing = None if data is None else read_listing(data, where=where)
            self._listings[recorded.value] = listing
        return self._listings[recorded.value]

    def objects(self, value: str, *, size: int | None = None) -> Iterator[BinaryIO]:
        """Yield what stands at each place of an object, opened; its bytes can still be others.

        Args:
            value: the MD5, or a directory's with `.dir`.
            size: bytes; what has another size is passed over.
        """
        if self._folders is None:
            self._folders = cache_folders(self._root)
        for folder in self._folders:
            for place in (folder / "files/md5", folder):
                file = _open(place / value[:2] / value[2:], size)
                if file is not None:
                    yield file


def _is(data: bytes, recorded: Recorded) -> bool:
    value = recorded.value.removesuffix(".dir")
    if recorded.algorithm == MD5:
        return md5(data) == value
    return recorded.algorithm == LEGACY and value in (md5(data), md5_dos2unix(data))


def _open(path: Path, size: int | None) -> BinaryIO | None:
    try:
        # O_NONBLOCK: a named pipe must not make us wait for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or (size is not None and status.st_size != size):
        os.close(handle)
        return None
    return os.fdopen(handle, "rb")
