"""Reads DVC's local cache: `files/md5/aa/rest` as DVC 3 lays it out, `aa/rest` as DVC 2 did.

An object counts only when its bytes have the MD5 that is its name, whatever it is called and
wherever a link leads. What is wrong, unreadable or no regular file is not here.
"""

import contextlib
import os
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from aigf_dvc.capture.warning import warn
from aigf_dvc.digests import md5, md5_dos2unix
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.directory_listing import read_listing
from aigf_dvc.evidence.pipeline import LEGACY, Recorded, RecordedFile
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.hashing.file_hashing import Hashed, combine, dvc_2_md5_of
from aigf_dvc.hashing.hash_files import Digests
from aigf_dvc.hashing.hash_wanted import Progress, Wanted
from aigf_dvc.hashing.hash_worker import identity, open_file
from aigf_dvc.trees.cache_folder import cache_folders
from aigf_dvc.trees.snapshot import MAX_TEXT_BYTES

_LAYOUTS = ("files/md5", "")


class DvcCache:
    """The objects of one project on this machine."""

    def __init__(self, root: Path) -> None:
        """Take the project's folder."""
        self._root = root
        self._folders: tuple[Path, ...] | None = None
        self._listings: dict[str, tuple[RecordedFile, ...] | None] = {}

    def read(self, recorded: Recorded, *, most: int = MAX_TEXT_BYTES) -> bytes | None:
        """Return the recorded bytes of a file, or None when they are not here.

        Args:
            recorded: a file, or a directory for its listing.
            most: larger ones are not read.
        """
        size = None if recorded.is_directory else recorded.size
        for file in self.objects(recorded.value, size):
            with file:
                data = file.read(most + 1)
            if len(data) <= most and _is(data, recorded):
                return data
        return None

    def directory(self, recorded: Recorded) -> tuple[RecordedFile, ...] | None:
        """Return the files of a recorded directory, or None when its listing is not here.

        Raises:
            UndecidedError: the listing has another form than DVC's, or a name that leads out.
        """
        if recorded.files:
            return recorded.files
        if not recorded.is_directory or not recorded.names_bytes:
            return None
        if recorded.value not in self._listings:
            data = self.read(recorded)
            where = f"{recorded.path}: {recorded.value}"
            listing = None if data is None else read_listing(data, where=where)
            self._listings[recorded.value] = listing
        return self._listings[recorded.value]

    def find(self, recorded: Recorded) -> list[Wanted] | None:
        """Return where the bytes of a file, or of each file of a directory, should be.

        None when some are not here. What is found can still be something else: `hash` tells.

        Raises:
            UndecidedError: as `directory` does.
        """
        if not recorded.names_bytes:
            return None
        files = self._files(recorded)
        wanted = []
        for file in files or ():
            where = f"{recorded.path}/{file.name}".rstrip("/")
            place = next(self._objects(file.md5, file.size), None) if file.md5 else None
            if place is None:
                return None
            wanted.append(Wanted(where, *place))
        return None if files is None else wanted

    def hash(
        self, recorded: Recorded, digests: DigestCache, *, progress: Progress | None = None
    ) -> Hashed | None:
        """Return the digests of the recorded bytes, or None when they are not all here.

        Args:
            recorded: a file or directory.
            digests: the remembered digests.
            progress: called with each number of bytes read.

        Raises:
            UndecidedError: as `directory` does.
        """
        now = time.time_ns()  # beside the file system's clock
        wanted = self.find(recorded)
        files = self._files(recorded)
        if wanted is None or files is None:
            return None
        try:
            found = digests.hash_files(wanted, at_ns=now, progress=progress)
        except UndecidedError as error:
            warn("DVC's cache: %s", error)
            return None
        as_text = recorded.algorithm == LEGACY
        for file, place, has in zip(files, wanted, found, strict=True):
            if not _has(place, has, file.md5, as_text=as_text):
                warn("%s: DVC's cache has other bytes as %s", place.where, file.md5)
                return None
        return _combined(recorded, files, wanted, found)

    def _files(self, recorded: Recorded) -> Sequence[RecordedFile] | None:
        if recorded.is_directory:
            return self.directory(recorded)
        return (RecordedFile(name="", md5=recorded.value, size=recorded.size),)

    def objects(self, value: str, size: int | None = None) -> Iterator[BinaryIO]:
        """Yield what stands in each place of an object, opened; its bytes can still be others.

        Args:
            value: the MD5, or a directory's with `.dir`.
            size: bytes; what has another size is passed over.
        """
        for path, _ in self._objects(value, size):
            with contextlib.suppress(OSError):
                yield open(open_file(path)[0], "rb")  # noqa: PTH123, SIM115  # the caller closes it

    def _objects(self, value: str, size: int | None) -> Iterator[tuple[str, str]]:
        """Yield path and identity of each regular file in an object's place.

        Args:
            value: the MD5, or a directory's with `.dir`.
            size: bytes; what has another size is passed over.
        """
        if self._folders is None:
            self._folders = tuple(f for f in cache_folders(self._root) if f.is_dir())
        for folder in self._folders:
            for layout in _LAYOUTS:
                path = os.path.join(folder, layout, value[:2], value[2:])  # noqa: PTH118  # fast
                try:
                    status = os.lstat(path)
                    if stat.S_ISLNK(status.st_mode):
                        path = os.path.realpath(path)
                        status = os.lstat(path)
                except (OSError, ValueError):
                    continue
                if stat.S_ISREG(status.st_mode) and size in (None, status.st_size):
                    yield path, identity(status)


def _is(data: bytes, recorded: Recorded) -> bool:
    value = recorded.value.removesuffix(".dir")
    return md5(data) == value or (recorded.algorithm == LEGACY and md5_dos2unix(data) == value)


def _has(place: Wanted, found: Digests, value: str, *, as_text: bool) -> bool:
    """Tell whether an object's bytes have the MD5 that is its name."""
    if found.md5 == value:
        return True
    try:
        has_text = as_text and dvc_2_md5_of(place.path) == value
        return has_text and identity(Path(place.path).stat()) == place.identity
    except OSError:
        return False


def _combined(
    recorded: Recorded,
    files: Sequence[RecordedFile],
    wanted: Sequence[Wanted],
    found: Sequence[Digests],
) -> Hashed | None:
    size = sum(place.size for place in wanted)
    if not recorded.is_directory:
        hashed = Hashed(md5=found[0].md5, sha256=found[0].sha256, size=size)
    else:
        hashed = combine([file.name for file in files], found, size=size)
    if hashed.md5 == recorded.value:
        return hashed
    # Each file is what the listing says, in DVC 2's way; its own bytes have another MD5.
    if recorded.algorithm == LEGACY:
        return replace(hashed, md5_as_text=recorded.value)
    return None
