"""Copies a file while hashing it: one read, so the copy is what was hashed, whatever happens."""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.hashing.hash_wanted import Progress, changed
from aigf_dvc.hashing.hash_worker import identity
from aigf_dvc.trees.snapshot import open_inside

_CHUNK = 4 << 20
_MODE = 0o644  # whatever the source has: a model is read, and never run


def copy_hashed(root: Path, path: str, target: Path, *, progress: Progress | None = None) -> Sha256:
    """Copy one file below a folder to a new file, and return the SHA-256 of what was written.

    The digest is of the bytes that went to the target, so it says what stands there even when the
    source is exchanged meanwhile. A source that changes is refused all the same.

    Args:
        root: the folder that no link may lead out of.
        path: of the file, in the folder.
        target: the new file; nothing may stand there.
        progress: called with each number of bytes read.

    Raises:
        FileNotFoundError: nothing is there.
        UndecidedError: not a regular file, or it changed while it was read, or cannot be copied.
    """
    with open_inside(root, path) as source:
        before = os.fstat(source.fileno())
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(target, flags, 0o600), "wb") as file:
                digest = _copy(source, file, before.st_size, progress)
                file.flush()
                os.fchmod(file.fileno(), _MODE)
                os.fsync(file.fileno())
        except OSError as error:
            raise UndecidedError(
                f"cannot be copied: {error.strerror}", where=path, expected="room for a copy"
            ) from None
        after = os.fstat(source.fileno())
    if identity(before) != identity(after):
        raise changed(path)
    return digest


def _copy(source: BinaryIO, target: BinaryIO, size: int, progress: Progress | None) -> Sha256:
    sha256 = hashlib.sha256()
    left = size
    # A file that grows as fast as it is read would never end; its identity shows the growth.
    while left >= 0 and (data := source.read(min(_CHUNK, left + 1))):
        left -= len(data)
        sha256.update(data)
        target.write(data)
        if progress is not None:
            progress(len(data))
    return Sha256(sha256.hexdigest())
