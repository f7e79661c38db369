"""Hashes files and directories on disk: MD5, to match DVC, and SHA-256, from one read."""

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from aigf_dvc.capture.snapshot import MAX_TEXT_BYTES, demand_one_line, open_inside
from aigf_dvc.digests import Sha256, dvc_directory, md5_dos2unix, tree_digest
from aigf_dvc.errors import UndecidedError

_CHUNK = 4 << 20
_TICK_NS = 2 * 10**9  # the coarsest clock of a file system in use (FAT): two seconds

Progress = Callable[[int], None]
"""Called with the number of bytes that were just read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashed:
    """The digests of one file, or of one directory with its files."""

    md5: str  # ends in `.dir` for a directory, as DVC writes it
    sha256: Sha256  # a directory's is the tree digest of its files
    size: int  # bytes; a directory's is the sum
    files: tuple[tuple[str, Sha256], ...] = ()  # a directory's: path in it, SHA-256
    md5_as_text: str | None = None  # DVC 2's MD5, where somebody needed it


def hash_path(root: Path, path: str, *, progress: Progress | None = None) -> Hashed:
    """Hash a file or a directory below a folder; no link may lead out of the folder.

    Raises:
        FileNotFoundError: nothing is there.
        UndecidedError: not a regular file or directory, or it changed while it was read.
    """
    if not (root / path).is_dir():
        return _hash_file(root, path, progress)
    return as_directory(
        [(name, _hash_file(root, f"{path}/{name}", progress)) for name in walk(root, path)]
    )


def as_directory(hashed: Sequence[tuple[str, Hashed]]) -> Hashed:
    """Return the digests of a directory from those of its files, each by its path in it."""
    return Hashed(
        md5=dvc_directory((name, file.md5) for name, file in hashed),
        sha256=tree_digest((name.encode(), file.sha256) for name, file in hashed),
        size=sum(file.size for _, file in hashed),
        files=tuple((name, file.sha256) for name, file in hashed),
    )


def md5_as_text(root: Path, path: str) -> str | None:
    """Return DVC 2's MD5 of a file or directory, or None when a file is too large to read at once.

    Raises:
        FileNotFoundError: nothing is there.
        UndecidedError: not a regular file or directory.
    """
    if not (root / path).is_dir():
        with open_inside(root, path) as file:
            data = file.read(MAX_TEXT_BYTES + 1)
        return md5_dos2unix(data) if len(data) <= MAX_TEXT_BYTES else None
    found = {name: md5_as_text(root, f"{path}/{name}") for name in walk(root, path)}
    known = [(name, value) for name, value in found.items() if value is not None]
    return dvc_directory(known) if len(known) == len(found) else None


def walk(root: Path, folder: str) -> Iterator[str]:
    """Yield every file below a folder, by its path in it, sorted; links to folders are refused."""
    top = root / folder
    for place, folders, names in os.walk(top, onerror=_refuse_unreadable):
        folders.sort()
        here = Path(place)
        for name in folders:
            if (here / name).is_symlink():
                raise UndecidedError(
                    "a symbolic link to a folder",
                    where=(here / name).relative_to(root).as_posix(),
                    expected="files and folders",
                    hint="copy what it points to in its place",
                )
        for name in sorted(names):
            path = (here / name).relative_to(top).as_posix()
            try:
                demand_one_line(path.encode())
            except UnicodeEncodeError:
                raise UndecidedError(
                    f"the file name {os.fsencode(path)!r} is not UTF-8",
                    where=folder,
                    expected="UTF-8 file names",
                    hint="rename the file",
                ) from None
            yield path


def _refuse_unreadable(error: OSError) -> None:
    """Stop a walk: a folder that cannot be listed could hide files."""
    raise UndecidedError(f"cannot be listed: {error.strerror}", where=str(error.filename))


def _hash_file(root: Path, path: str, progress: Progress | None) -> Hashed:
    md5 = hashlib.md5(usedforsecurity=False)
    sha256 = hashlib.sha256()
    size = 0
    for chunk in _read_whole(root, path, progress):
        _update_both(md5.update, sha256.update, chunk)
        size += len(chunk)
    return Hashed(md5=md5.hexdigest(), sha256=Sha256(sha256.hexdigest()), size=size)


def sha256_of(root: Path, path: str, *, progress: Progress | None = None) -> Sha256:
    """Return the SHA-256 of one file, in memory that does not grow with it."""
    sha256 = hashlib.sha256()
    for chunk in _read_whole(root, path, progress):
        sha256.update(chunk)
    return Sha256(sha256.hexdigest())


def _read_whole(root: Path, path: str, progress: Progress | None) -> Iterator[memoryview]:
    """Yield a file's bytes in chunks; the end is an error when the file changed meanwhile."""
    with open_inside(root, path) as file:
        before = os.fstat(file.fileno())
        yield from _chunks(file, progress)
        after = os.fstat(file.fileno())
    if identity(before) != identity(after):
        raise UndecidedError(
            "the file changed while it was read",
            where=path,
            hint="wait for its writer, then try again",
        )


def identity(status: os.stat_result) -> tuple[int, int, int, int, int]:
    """Return what changes when a file does: no program can set the change time (ctime) back."""
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def is_settled(status: os.stat_result, now_ns: int) -> bool:
    """Tell whether a file is older than the file system's clock tick, so that an edit shows."""
    return stat.S_ISREG(status.st_mode) and now_ns - status.st_ctime_ns > _TICK_NS


def _chunks(file: BinaryIO, progress: Progress | None) -> Iterator[memoryview]:
    left = os.fstat(file.fileno()).st_size
    buffer = bytearray(min(_CHUNK, max(left, 1)))
    view = memoryview(buffer)
    # A file that grows as fast as it is read would never end; the caller notices the growth.
    while left >= 0 and (count := file.readinto(buffer)):  # type: ignore[attr-defined]  # BinaryIO lacks it; a buffered file has it
        left -= count
        yield view[:count]
        if progress is not None:
            progress(count)


def _update_both(
    first: Callable[[memoryview], None], second: Callable[[memoryview], None], chunk: memoryview
) -> None:
    """Feed two digests; a large chunk on two cores, as hashlib lets other threads run."""
    if len(chunk) < _CHUNK:
        first(chunk)
        second(chunk)
        return
    other = threading.Thread(target=first, args=(chunk,))
    other.start()
    second(chunk)
    other.join()
