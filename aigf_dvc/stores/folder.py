"""Keeps attestations as files in a folder."""

import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.digests import Sha256, as_sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.stores.layout import (
    MAX_BYTES,
    MOST_FILES,
    Stored,
    Unreadable,
    demand_few,
    is_ours,
    read_stored,
)


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

    def all(self) -> Iterator[Stored | Unreadable]:
        """Yield every file, model by model; one that cannot be read is said, not passed over.

        Raises:
            InputError: the folder is not there.
            UndecidedError: it holds too many files, or cannot be listed.
        """
        if not self._folder.is_dir():
            raise InputError("no such folder", where=str(self._folder), expected="a store")
        names = list(islice(self._names(), MOST_FILES + 1))
        demand_few(names, where=str(self._folder))
        for name in sorted(names):
            try:
                stored = self._read(self._folder / name)
            except OSError:
                stored = None
            yield stored or Unreadable(name=name)

    def _names(self) -> Iterator[str]:
        """Yield the names that have the form of ours."""
        try:
            for folder in self._folder.iterdir():
                if as_sha256(folder.name) and folder.is_dir() and not folder.is_symlink():
                    names = (f"{folder.name}/{path.name}" for path in folder.iterdir())
                    yield from filter(is_ours, names)
        except OSError as error:
            raise UndecidedError(
                f"cannot be listed: {error.strerror}", where=str(error.filename)
            ) from None

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
