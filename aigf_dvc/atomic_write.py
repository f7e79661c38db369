"""Writes a file whole or not at all."""

import contextlib
import os
import stat
from pathlib import Path


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write beside the file, flush to the disk, then rename: a reader never sees half of it.

    Args:
        path: the file. A symbolic link is replaced by a file, never followed: what a repository
            holds must not steer a write to another place. A device or pipe is written to as it is.
        data: all of its bytes.
        mode: its permissions; by default those that it has, or 0644 for a new one.

    Raises:
        OSError: it cannot be written; the file is as it was.
    """
    if _is_special(path):  # renaming over /dev/null would take it from the whole machine
        path.write_bytes(data)
        return
    # Not tempfile.mkstemp: its imports alone would cost every gate three milliseconds.
    beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        error.filename = str(path)  # the name that the caller knows
        raise
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(_present_mode(path) if mode is None else mode)
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    _flush_folder(path.parent)


def _is_special(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode))


def _present_mode(path: Path) -> int:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return 0o644
    return stat.S_IMODE(status.st_mode) if stat.S_ISREG(status.st_mode) else 0o644


def _flush_folder(folder: Path) -> None:
    """Make the rename itself last; not every system can, and the file is whole all the same."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
