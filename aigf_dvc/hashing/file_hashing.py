"""Hashes files and directories on disk: MD5, to match DVC, and SHA-256, from one read."""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from aigf_dvc.digests import DVC_2_BLOCK, Sha2, Sha256, dvc_directory, md5_dos2unix_of, tree_digest
from aigf_dvc.errors import UndecidedError
from aigf_dvc.hashing.hash_files import Digests, hash_files
from aigf_dvc.hashing.hash_wanted import Progress, changed
from aigf_dvc.hashing.hash_worker import identity, open_file
from aigf_dvc.hashing.scan import Scan, demand_unchanged, scan
from aigf_dvc.trees.snapshot import open_inside

_CHUNK = 4 << 20


class Hashed(Struct, frozen=True, kw_only=True):
    """The digests of one file, or of one directory with its files."""

    md5: str  # ends in `.dir` for a directory, as DVC writes it
    sha256: Sha256  # a directory's is the tree digest of its files
    size: int  # bytes; a directory's is the sum
    files: tuple[tuple[str, Sha256], ...] = ()  # a directory's, unless it was remembered
    md5_as_text: str | None = None  # DVC 2's MD5, where somebody needed it


def hash_path(root: Path, path: str, *, progress: Progress | None = None) -> Hashed:
    """Hash a file or a directory below a folder; no link may lead out of the folder.

    Raises:
        FileNotFoundError: nothing is there.
        UndecidedError: not a regular file or directory, or it changed while it was read.
    """
    found = scan(root, path)
    digests = [one for wanted in found.in_parts() for one in hash_files(wanted, progress)]
    if not found.is_directory:
        return as_file(digests[0], found.identities[0])
    demand_unchanged(root, found)
    return as_directory(found, digests)


def as_file(digests: Digests, identity: str) -> Hashed:
    """Return the digests of a file."""
    return Hashed(md5=digests.md5, sha256=digests.sha256, size=size_of([identity]))


def as_directory(found: Scan, digests: Sequence[Digests]) -> Hashed:
    """Return the digests of a directory from those of its files."""
    return combine(found.names, digests, size=size_of(found.identities))


def combine(names: Sequence[str], digests: Sequence[Digests], *, size: int) -> Hashed:
    """Return the digests of a directory from the names and digests of its files."""
    both = sorted(zip(names, digests, strict=True))
    return Hashed(
        md5=dvc_directory((name, file.md5) for name, file in both),
        sha256=tree_digest((name.encode(), file.sha256) for name, file in both),
        size=size,
        files=tuple((name, file.sha256) for name, file in both),
    )


def size_of(identities: Iterable[str]) -> int:
    """Return how many bytes files have together."""
    return sum(int(identity.split(":", 3)[2]) for identity in identities)


def md5_as_text(root: Path, path: str) -> str:
    """Return DVC 2's MD5 of a file or directory.

    Raises:
        FileNotFoundError: nothing is there.
        UndecidedError: not a regular file or directory, or it changed while it was read.
    """
    found = scan(root, path)
    try:
        values = [dvc_2_md5_of(found.wanted(index).path) for index in range(len(found.names))]
    except OSError as error:
        raise UndecidedError(f"cannot be read: {error.strerror}", where=path) from None
    demand_unchanged(root, found)
    if not found.is_directory:
        return values[0]
    return dvc_directory(zip(found.names, values, strict=True))


def dvc_2_md5_of(path: str) -> str:
    """Return DVC 2's MD5 of one file.

    Raises:
        OSError: it cannot be read.
    """
    with open(open_file(path)[0], "rb") as file:  # noqa: PTH123  # an open handle
        return md5_dos2unix_of(iter(lambda: file.read(DVC_2_BLOCK), b""))


def sha2_of(root: Path, path: str, *, progress: Progress | None = None) -> Mapping[Sha2, bytes]:
    """Return the digests of one file by each SHA-2 that signatures use, from one read.

    Raises:
        FileNotFoundError: nothing is there.
        UndecidedError: not a regular file, or it changed while it was read.
    """
    hashes = {algorithm: hashlib.new(algorithm) for algorithm in Sha2}
    _feed(root, path, [one.update for one in hashes.values()], progress)
    return {algorithm: one.digest() for algorithm, one in hashes.items()}


def _feed(
    root: Path,
    path: str,
    takers: Sequence[Callable[[memoryview], None]],
    progress: Progress | None,
) -> None:
    with open_inside(root, path) as file:
        before = os.fstat(file.fileno())
        left = before.st_size
        buffer = bytearray(min(_CHUNK, max(left, 1)))
        # A file that grows as fast as it is read would never end; its identity shows the growth.
        while left >= 0 and (count := file.readinto(buffer)):  # type: ignore[attr-defined]  # BinaryIO lacks it; a buffered file has it
            left -= count
            for take in takers:
                take(memoryview(buffer)[:count])
            if progress is not None:
                progress(count)
        after = os.fstat(file.fileno())
    if identity(before) != identity(after):
        raise changed(path)
