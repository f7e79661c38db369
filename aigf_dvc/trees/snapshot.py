"""One state of a project to read from: a commit, or the working tree. All capture reads through it.

Paths are relative to the project's folder (the one with `dvc.yaml`), with `/` between the parts;
`../` leads to other folders of the same repository.
"""

import hashlib
import os
import stat
from collections.abc import Iterable
from enum import Enum, unique
from pathlib import Path
from typing import BinaryIO, Protocol

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.trees.cache_folder import cached_objects

MAX_TEXT_BYTES = 256 * 2**20
MAX_ENTRIES = 1_000_000
MAX_DEPTH = 100
CHUNK = 1 << 20


@unique
class Kind(Enum):
    """What stands at a path."""

    ABSENT = "nothing"
    FILE = "a file"
    DIRECTORY = "a directory"
    SYMLINK = "a symbolic link"
    SUBMODULE = "a submodule"


class Snapshot(Protocol):
    """One state of a project."""

    @property
    def commit(self) -> str | None:
        """The commit, or None for the working tree."""

    def kind(self, path: str) -> Kind:
        """Return what stands at a path, as git knows it or would know it after `git add`."""

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None when nothing is there.

        Raises:
            UndecidedError: something else than a file is there.
        """

    def target(self, path: str) -> str:
        """Return where a symbolic link leads, as it is written in the link."""

    def files(self, folder: str = "") -> tuple[str, ...]:
        """Return every file below a folder that is, or would be, in git; sorted."""

    def is_in_git(self, path: str) -> bool:
        """Tell whether a file is one of them."""

    def tree_digest(self) -> Sha256:
        """Return the digest of all of them, as `digests.tree_digest` defines it."""


def open_inside(root: Path, path: str) -> BinaryIO:
    """Open a regular file below a folder; no link may lead out of it, but to DVC's own cache.

    Raises:
        FileNotFoundError: nothing is there.
        UndecidedError: something else than a regular file is there, or a link leads out.
    """
    full = root / path
    real = Path(os.path.realpath(full))
    top = Path(os.path.realpath(root))
    if not real.is_relative_to(top) and not cached_objects(root).match(str(real)):
        raise UndecidedError(
            "a symbolic link leads out of the project", where=path, expected="a file in the project"
        )
    try:
        # O_NONBLOCK: a named pipe must not make a gate wait for ever.
        handle = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        raise UndecidedError(
            f"cannot be read: {error.strerror}", where=path, expected="a readable file"
        ) from None
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        found = Kind.DIRECTORY.value if stat.S_ISDIR(mode) else "not a regular file"
        raise UndecidedError(found, where=path, expected="a file")
    return os.fdopen(handle, "rb")


def sha256_of_chunks(chunks: Iterable[bytes]) -> Sha256:
    """Return the SHA-256 of bytes that come in chunks."""
    whole = hashlib.sha256()
    for chunk in chunks:
        whole.update(chunk)
    return Sha256(whole.hexdigest())


def demand_one_line(path: bytes) -> bytes:
    """Return a path; one with a line break could make two trees have one digest.

    Raises:
        UndecidedError: it has a line break.
    """
    if b"\n" in path:
        raise UndecidedError(
            f"a line break in the file name {path!r}",
            expected="names of one line",
            hint="rename the file",
        )
    return path


def path_text(path: bytes) -> str:
    """Return a file name as text.

    Raises:
        UndecidedError: it is not UTF-8.
    """
    try:
        return path.decode()
    except UnicodeDecodeError:
        raise UndecidedError(
            f"the file name {path!r} is not UTF-8",
            expected="UTF-8 file names",
            hint="rename the file",
        ) from None
