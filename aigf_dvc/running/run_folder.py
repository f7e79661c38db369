"""The private folder of a run of DVC, and the folders that runs which were killed have left.

A run holds a lock on a file in its folder, and so does the DVC that it has started, which can
outlive it. The system lets go of a lock when the last of them is gone, however it ended. The number
of a process would tell less: it is used again, and in another container that shares the place it
means another process.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum, unique
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

_LOCK = "in-use"
_PRIVATE = 0o700


@unique
class RunFor(StrEnum):
    """Who makes such folders, by what their names begin with."""

    REPRO = "aigf-repro-"
    EXP = "aigf-exp-"


class RunFolder(Struct, frozen=True, kw_only=True):
    """A folder that is there until the run ends."""

    path: Path
    lock: int  # an open file; a program that inherits it keeps the folder


@contextmanager
def run_folder(run_for: RunFor) -> Iterator[RunFolder]:
    """Make a folder that is taken away even when we are asked to end while it is made.

    Those of runs that were killed are taken away too.
    """
    with ExitStack() as stack:
        with _undisturbed():
            made = TemporaryDirectory(prefix=run_for)
            path = Path(made.name)
            lock = _hold(path)
            stack.callback(os.close, lock)  # once the folder is gone
            stack.enter_context(made)
        remove_abandoned(path.parent)
        yield RunFolder(path=path, lock=lock)


def remove_abandoned(place: Path) -> None:
    """Take away the folders of our user's runs that were killed; what is in use or unclear stays.

    Args:
        place: where such folders are made.
    """
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            if entry.name.startswith(tuple(RunFor)):
                with contextlib.suppress(OSError):  # somebody else's, in use, or gone since
                    _remove(Path(entry.path))


def _hold(folder: Path) -> int:
    """Lock a file of a new folder; who finds it by its name finds it locked."""
    new = folder / f"{_LOCK}.new"
    handle = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with contextlib.suppress(OSError):  # no locks here: without the name the folder is nobody's
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        new.rename(folder / _LOCK)
    return handle


def _remove(path: Path) -> None:
    """Take a folder away.

    Raises:
        OSError: it is in use, or not one that we have made.
    """
    with _opened(path, os.O_RDONLY | os.O_DIRECTORY) as folder:
        status = os.fstat(folder)
        if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) != _PRIVATE:
            return
        with _opened(_LOCK, os.O_RDWR, within=folder) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)  # which follows no link


@contextmanager
def _opened(path: Path | str, flags: int, *, within: int | None = None) -> Iterator[int]:
    handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=within)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let those who ask us to end wait."""
    asking = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, asking)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
