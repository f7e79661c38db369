"""Keeps attestations as files in a folder."""

import os
import stat
from pathlib import Path

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError
from aigf_dvc.stores.layout import MAX_BYTES, Stored, read_stored


class FolderStore:
    """The attestations in one folder."""

    def __init__(self, folder: Path) -> None:
        """Open a folder; it is made when something is added."""
        self._folder = folder

    @property
    def place(self) -> str:
        """What people call it."""
        return str(self._folder)

    def add(self, items: tuple[Stored, ...]) -> None:
        """Keep some files; ones that are there already stay."""
        for item in items:
            path = self._folder / item.name
            if self._read(path) != item:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, item.data)

    def find(self, model: Sha256) -> tuple[Stored, ...]:
        """Return every file about a model, sorted by name.

        Raises:
            InputError: the folder is not there.
        """
        if not self._folder.is_dir():
            raise InputError("no such folder", where=str(self._folder), expected="a store")
        found = []
        for path in sorted((self._folder / model).glob("*")):
            stored = self._read(path)
            if stored is not None:
                found.append(stored)
        return tuple(found)

    def _read(self, path: Path) -> Stored | None:
        data = _regular_file(path)
        return read_stored(f"{path.parent.name}/{path.name}", data) if data is not None else None


def _regular_file(path: Path) -> bytes | None:
    """Return the bytes of a file, or None: a link or a named pipe could keep us for ever."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
    except (FileNotFoundError, NotADirectoryError):
        return None
    # What was looked at may be another thing by now.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if os.fstat(handle).st_size > MAX_BYTES:
            return None
        return file.read(MAX_BYTES + 1)
