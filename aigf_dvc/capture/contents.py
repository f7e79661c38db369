"""The bytes behind a pipeline's paths: git's blobs, or the files on disk."""

import posixpath
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from aigf_dvc.capture.dvc_cache import DvcCache
from aigf_dvc.digests import Sha256, dvc_directory, md5, md5_dos2unix, sha256, tree_digest
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.dvc_values import is_outside, place
from aigf_dvc.evidence.pipeline import LEGACY, Recorded, RecordedFile
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.hashing.file_hashing import Hashed
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.trees.git_lfs import read_pointer
from aigf_dvc.trees.snapshot import Kind, Snapshot

SAME_TEXT = "the same text (line endings)"
GIT_LOOKS_AT = 8000  # bytes in which git looks for a NUL, to tell text from other files

_MOST_LINKS = 10

SMALL_BYTES = 16 * 2**20
"""Data up to this size is read by every check: it costs less than the doubt."""


Hides = Callable[[str], bool]
"""Tells whether DVC does not see a path; `DvcIgnore.hides` reads `.dvcignore`."""


def sees_all(_path: str) -> bool:
    """Hide nothing."""
    return False


class GitContent(Struct, frozen=True, kw_only=True):
    """A file or directory as git has it, in every form that DVC may have hashed."""

    md5: str
    sha256: Sha256
    spellings: Mapping[str, str]  # other MD5s that the same text can have -> why
    pointer: tuple[Sha256, int] | None = None  # git LFS keeps the bytes: their SHA-256 and size
    file_count: int | None = None  # of a directory

    def matches(self, recorded: Recorded) -> str | None:
        """Return how the content is what was recorded, or None when it is not."""
        if recorded.value == self.md5:
            return "the same bytes"
        return self.spellings.get(recorded.value)


class NotComparableError(UndecidedError):
    """What stands at a path has no bytes in git that a record could be held to."""


def git_content(snapshot: Snapshot, path: str, hides: Hides = sees_all) -> GitContent | None:
    """Return what git has at a path, or None when it has nothing there.

    Args:
        snapshot: where to look.
        path: a file, a folder, or a link to one.
        hides: tells which files below a folder DVC does not see.

    Raises:
        NotComparableError: a submodule that is not here, or a link that leads out of git.
    """
    if path and snapshot.kind(path) is Kind.SYMLINK and not snapshot.is_in_git(path):
        return None  # DVC can check out links into its cache
    path = _followed(snapshot, path)
    kind = snapshot.kind(path) if path else Kind.DIRECTORY
    if kind is Kind.FILE:
        return _file(snapshot.read(path) or b"") if snapshot.is_in_git(path) else None
    if kind is Kind.ABSENT:
        return None
    content = _directory(snapshot, path, hides)
    if content is None and kind is Kind.SUBMODULE:
        raise NotComparableError(
            "a submodule whose files are not here: `git submodule update --init` brings them"
        )
    return content


def _followed(snapshot: Snapshot, path: str) -> str:
    """Return where a path leads when symbolic links are followed."""
    for _ in range(_MOST_LINKS):
        if not path or snapshot.kind(path) is not Kind.SYMLINK:
            return path
        path = place(posixpath.dirname(path), snapshot.target(path) or ".", path)
        if is_outside(path) and not path.startswith("../"):
            break
    raise NotComparableError("a symbolic link that leads out of git")


def _file(data: bytes) -> GitContent:
    spellings = {md5_dos2unix(data): SAME_TEXT}
    if b"\0" not in data[:GIT_LOOKS_AT]:
        lf = data.replace(b"\r\n", b"\n")
        spellings |= dict.fromkeys((md5(lf), md5(lf.replace(b"\n", b"\r\n"))), SAME_TEXT)
    return GitContent(
        md5=md5(data), sha256=sha256(data), spellings=spellings, pointer=read_pointer(data)
    )


def is_same_text(data: bytes, value: str) -> bool:
    """Tell whether some bytes have an MD5, be it with other line ends."""
    return value == md5(data) or value in _file(data).spellings


def _directory(snapshot: Snapshot, path: str, hides: Hides) -> GitContent | None:
    names = [name for name in snapshot.files(path) if not hides(name)]
    if not names:
        return None
    start = len(path) + 1 if path else 0
    contents = {
        name[start:]: _file(snapshot.read(_followed(snapshot, name)) or b"") for name in names
    }
    legacy = dvc_directory((n, next(iter(c.spellings))) for n, c in contents.items())
    return GitContent(
        md5=dvc_directory((name, content.md5) for name, content in contents.items()),
        sha256=tree_digest((name.encode(), content.sha256) for name, content in contents.items()),
        spellings={legacy: "the same texts (line endings)"},
        file_count=len(contents),
    )


def git_listing(snapshot: Snapshot, folder: str, hides: Hides) -> Iterator[tuple[str, str]]:
    """Yield every file that git has below a folder and DVC sees: its path in it, and its MD5."""
    start = len(folder) + 1 if folder else 0
    for name in snapshot.files(folder):
        if not hides(name):
            yield name[start:], md5(snapshot.read(name) or b"")


class Data(Protocol):
    """The data that DVC keeps out of git."""

    def hash(self, recorded: Recorded) -> Hashed | None:
        """Return the digests of the bytes at a path, or None when they are not here."""

    def directory(self, recorded: Recorded) -> tuple[RecordedFile, ...] | None:
        """Return the files of a recorded directory, or None when its list is not here."""

    def read(self, recorded: Recorded) -> bytes | None:
        """Return the bytes of a small recorded file, or None when they are not here."""


class NoData:
    """Data that is not looked at."""

    def hash(self, recorded: Recorded) -> Hashed | None:  # noqa: ARG002  # the protocol's own
        """Return None."""
        return None

    def directory(self, recorded: Recorded) -> tuple[RecordedFile, ...] | None:  # noqa: ARG002
        """Return None."""
        return None

    def read(self, recorded: Recorded) -> bytes | None:  # noqa: ARG002
        """Return None."""
        return None


class CachedData:
    """The data in DVC's cache: all that there is of a commit's.

    Args:
        root: the project's folder.
        digests: the remembered digests.
        progress: called with each number of bytes read.
    """

    def __init__(
        self, root: Path, digests: DigestCache, *, progress: Progress | None = None
    ) -> None:
        self._cache = DvcCache(root)
        self._digests = digests
        self._progress = progress
        self._seen: dict[tuple[str, str], Hashed | None] = {}  # by algorithm and value

    def directory(self, recorded: Recorded) -> tuple[RecordedFile, ...] | None:
        """Return the files of a recorded directory, or None when its list is not here."""
        return self._cache.directory(recorded)

    def read(self, recorded: Recorded) -> bytes | None:
        """Return the bytes of a small recorded file, or None when they are not here."""
        return self._cache.read(recorded)

    def to_read(self, recorded: Recorded) -> int:
        """Return how many bytes `hash` will have to read."""
        places = self._cache.find(recorded) or ()
        return self._digests.unknown_bytes(place.identity for place in places)

    def hash(self, recorded: Recorded) -> Hashed | None:
        """Return the digests of the recorded bytes, or None when they are not here."""
        key = (recorded.algorithm, recorded.value)
        if key not in self._seen:
            self._seen[key] = self._cache.hash(recorded, self._digests, progress=self._progress)
        return self._seen[key]


class WorkspaceData:
    """The files in the working tree; what is not there can be in DVC's cache.

    Args:
        root: the project's folder.
        digests: the remembered digests.
        only: the paths to hash whatever their size; None hashes all. Other
            files are hashed when they are small.
        progress: called with each number of bytes read.
    """

    def __init__(
        self,
        root: Path,
        digests: DigestCache,
        *,
        only: frozenset[str] | None,
        progress: Progress | None = None,
    ) -> None:
        self._root = root
        self._digests = digests
        self._only = only
        self._progress = progress
        self._cached = CachedData(root, digests, progress=progress)
        self.seen: dict[str, Hashed] = {}  # by path

    def directory(self, recorded: Recorded) -> tuple[RecordedFile, ...] | None:
        """Return the files of a recorded directory, or None when its list is not here."""
        return self._cached.directory(recorded)

    def read(self, recorded: Recorded) -> bytes | None:
        """Return the bytes of a small recorded file, or None when they are not here."""
        return self._cached.read(recorded)

    def to_read(self, recorded: Recorded) -> int:
        """Return how many bytes `hash` will have to read."""
        if not self._is_wanted(recorded):
            return 0
        try:
            return self._digests.to_read(recorded.path)
        except (FileNotFoundError, NotADirectoryError):
            return self._cached.to_read(recorded)

    def hash(self, recorded: Recorded) -> Hashed | None:
        """Return the digests of the bytes at a path, or None when they are not here."""
        if not self._is_wanted(recorded):
            return None
        path = recorded.path
        try:
            if path not in self.seen:
                self.seen[path] = self._digests.hash(path, progress=self._progress)
            if recorded.algorithm == LEGACY and recorded.value != self.seen[path].md5:
                self.seen[path] = self._digests.hash(path, text=True)
        except (FileNotFoundError, NotADirectoryError):
            return self._cached.hash(recorded)
        return self.seen[path]

    def _is_wanted(self, recorded: Recorded) -> bool:
        if is_outside(recorded.path):
            return False
        if self._only is None or recorded.path in self._only:
            return True
        try:
            status = (self._root / recorded.path).lstat()
        except OSError:
            size = recorded.size
            return size is not None and size <= SMALL_BYTES and not recorded.is_directory
        return stat.S_ISREG(status.st_mode) and status.st_size <= SMALL_BYTES
