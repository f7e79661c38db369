"""Materialize a model: copy it while it is hashed, and put the copy in place once it is accepted.

What is verified is the copy, not what stands at the caller's path a moment later: whoever
exchanges the model between the verification and the deployment comes too late.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.hashing.file_copying import copy_hashed
from aigf_dvc.hashing.hash_wanted import Progress


class Staging(Struct, frozen=True):
    """A new folder beside the target, which only we can read until it is put in place."""

    folder: Path
    target: Path

    def copy(self, root: Path, path: str, name: str, *, progress: Progress | None = None) -> Sha256:
        """Copy one file of the model, and return the SHA-256 of the copy.

        Args:
            root: the folder that no link may lead out of.
            path: of the file, in that folder.
            name: of the copy, below the target.
            progress: called with each number of bytes read.

        Raises:
            FileNotFoundError: nothing is there.
            UndecidedError: it cannot be copied, or changes meanwhile.
        """
        copy = self.folder / name
        if self.folder not in copy.parents or ".." in copy.parts:
            raise UndecidedError(f"the name {name!r:.200} leads out", where=str(self.target))
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return copy_hashed(root, path, copy, progress=progress)

    def put_in_place(self) -> None:
        """Give the copy its name, all at once.

        Raises:
            UndecidedError: something stands there by now, or the disk refuses.
        """
        try:
            for folder, _, _ in os.walk(self.folder):
                Path(folder).chmod(0o755)
                _flush(Path(folder))
            self.folder.rename(self.target)
            _flush(self.target.parent)
        except OSError as error:
            raise UndecidedError(
                f"the verified copy cannot be put there: {error.strerror}",
                where=str(self.target), expected="a new directory",
            ) from None  # fmt: skip


@contextmanager
def staging(target: Path) -> Iterator[Staging]:
    """Make a place for a copy; whatever was not put in place is gone at the end.

    Raises:
        InputError: something stands at the target already, or its folder is not there.
    """
    if target.is_symlink() or target.exists():
        raise InputError(
            "it is there already", where=str(target), expected="a new directory to make",
            hint="--materialize never writes over anything: remove it, or name another",
        )  # fmt: skip
    target = Path(os.path.abspath(target))  # noqa: PTH100  # its last part is not there to resolve
    folder = target.with_name(f".{target.name}.{os.urandom(8).hex()}")
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise InputError(
            f"cannot be made: {error.strerror}", where=str(target), expected="a folder to write to",
            hint=f"make {target.parent} first" if not target.parent.exists() else "",
        ) from None  # fmt: skip
    try:
        yield Staging(folder, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder)


def _flush(folder: Path) -> None:
    """Make the names in a folder last, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
