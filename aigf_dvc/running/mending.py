"""Puts right what a killed run has left, by which DVC fails, so that the next run is no failure."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.git import program
from aigf_dvc.running.left_overs import LeftOver, find_left_overs

_TEMPORARY = ".dvc/tmp"
_LOCK = f"{_TEMPORARY}/lock"
_OTHER_LOCK = b"hardlink_lock"  # a setting of DVC, by which it locks in a way that nobody sees here


def mend(root: Path) -> tuple[str, ...]:
    """Put right each file that stops DVC; return what was done, a line each.

    Nothing is done while another DVC works here, which may be writing it. What a file held, the
    last time, is kept in DVC's folder for temporary files.

    Args:
        root: the project's folder.

    Raises:
        OSError: a file cannot be moved or written.
    """
    with _alone(root) as alone:
        return tuple(_mended(root, one) for one in find_left_overs(root)) if alone else ()


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[bool]:
    """Hold DVC's own lock meanwhile, as DVC does; tell whether it could be had."""
    try:
        settings = [path.read_bytes() for path in (root / ".dvc").glob("config*")]
        file = (root / _LOCK).open("ab")
    except OSError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield not any(_OTHER_LOCK in text for text in settings)


def _mended(root: Path, one: LeftOver) -> str:
    kept = f"{_TEMPORARY}/left-over-{one.file.replace('/', '-').lstrip('.')}"
    # What git is about to commit, or has committed; a checkout would run the hooks of others.
    known = program.attempt(root, "cat-file", "blob", f":./{one.file}")
    (root / one.file).replace(root / kept)
    done = "taken away"
    if known.returncode == 0:
        write_atomically(root / one.file, known.stdout)
        done = "put back as git has it"
    return f"{one.found}: {done}; what it held is in {kept}"
