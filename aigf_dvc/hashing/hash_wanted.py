"""A file to hash, and who is told of each piece that was read."""

from collections.abc import Callable
from typing import NamedTuple

from aigf_dvc.errors import UndecidedError

Progress = Callable[[int], None]
"""Called with the number of bytes that were just read."""


class Wanted(NamedTuple):
    """One file to hash."""

    where: str  # its name for messages
    path: str  # the path to open: absolute, no link at its end
    identity: str  # what it must still have: `hash_worker.identity`

    @property
    def size(self) -> int:
        """Return its size in bytes."""
        return int(self.identity.split(":")[2])


def changed(where: str, what: str = "file") -> UndecidedError:
    """Return the error for what was edited meanwhile."""
    return UndecidedError(
        f"the {what} changed while it was read",
        where=where,
        hint="wait for its writer, then try again",
    )
