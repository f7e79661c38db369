"""Keeps attestations as files in a folder."""

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
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return None
        return read_stored(f"{path.parent.name}/{path.name}", path.read_bytes())
