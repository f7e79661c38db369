"""One state of a project to read from: a commit, or the working tree. All capture reads through it.

Paths are relative to the project's folder (the one with `dvc.yaml`), with `/` between the parts.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from enum import Enum, unique
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from aigf_dvc.digests import Sha256, tree_digest
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects, TreeEntry

MAX_TEXT_BYTES = 256 * 2**20
MAX_ENTRIES = 1_000_000
MAX_DEPTH = 100
_CHUNK = 1 << 20


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

    def files(self, folder: str = "") -> tuple[str, ...]:
        """Return every file below a folder that is, or would be, in git; sorted."""

    def is_in_git(self, path: str) -> bool:
        """Tell whether a file is one of them."""

    def tree_digest(self) -> Sha256:
        """Return the digest of all of them, as `digests.tree_digest` defines it."""


class CommitSnapshot:
    """A project as it stands in a commit: read from git objects, without a checkout."""

    def __init__(self, objects: GitObjects, commit: str, *, prefix: str = "") -> None:
        """Open a commit.

        Args:
            objects: the repository.
            commit: the commit's full id.
            prefix: the project's folder in the repository, empty for its top.
        """
        self._objects = objects
        self._commit = commit
        self._root = objects.commit_tree(commit)
        self._entries: dict[str, TreeEntry | None] = {}
        for part in _parts(prefix):
            entry = objects.child(self._root, part)
            if entry is None or not entry.is_tree:
                raise InputError(
                    f"no folder {prefix!r} in the commit",
                    where=commit,
                    expected="the project there",
                )
            self._root = entry.object_id

    @property
    def commit(self) -> str | None:
        """The commit."""
        return self._commit

    @property
    def tree(self) -> str:
        """The git tree of the project's folder."""
        return self._root

    def kind(self, path: str) -> Kind:
        """Return what stands at a path."""
        entry = self.entry(path)
        return Kind.ABSENT if entry is None else _KINDS.get(entry.mode, Kind.FILE)

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None when nothing is there."""
        entry = self.entry(path)
        if entry is None:
            return None
        _demand_file(_KINDS.get(entry.mode, Kind.FILE), path)
        return self._objects.read(entry.object_id)

    def files(self, folder: str = "") -> tuple[str, ...]:
        """Return every file below a folder; sorted."""
        entry = self.entry(folder) if folder else None
        if folder and (entry is None or not entry.is_tree):
            return ()
        root = self._root if entry is None else entry.object_id
        return tuple(sorted(_text(path) for path, _ in self._walk(root, folder.encode())))

    def is_in_git(self, path: str) -> bool:
        """Tell whether the commit has a file."""
        entry = self.entry(path)
        return entry is not None and not entry.is_tree

    def tree_digest(self) -> Sha256:
        """Return the digest of the project's files in this commit."""
        listed = tuple(self._walk(self._root, b""))  # too many are noticed before one is read
        return tree_digest((demand_one_line(path), self._content(entry)) for path, entry in listed)

    def _content(self, entry: TreeEntry) -> Sha256:
        if entry.mode == "160000":  # a submodule's content is the commit it names
            return Sha256(hashlib.sha256(entry.object_id.encode()).hexdigest())
        return _sha256(self._objects.stream(entry.object_id))

    def _walk(self, tree: str, prefix: bytes) -> Iterator[tuple[bytes, TreeEntry]]:
        """Yield every file below a tree, in no order; a few small trees can name billions."""
        waiting = [(tree, prefix)]
        seen = 0
        while waiting:
            folder, above = waiting.pop()
            for entry in self._objects.tree(folder):
                path = above + b"/" + entry.name if above else entry.name
                seen += 1
                if seen > MAX_ENTRIES:
                    raise self._too_large("files and folders", MAX_ENTRIES)
                if not entry.is_tree:
                    yield path, entry
                elif path.count(b"/") < MAX_DEPTH:
                    waiting.append((entry.object_id, path))
                else:
                    raise self._too_large("folders within folders", MAX_DEPTH)

    def _too_large(self, what: str, most: int) -> UndecidedError:
        return UndecidedError(
            f"more than {most} {what}", where=f"commit {self._commit[:12]}", expected="a project"
        )

    def entry(self, path: str) -> TreeEntry | None:
        """Return what git has at a path, or None."""
        if path not in self._entries:
            self._entries[path] = self._entry(path)
        return self._entries[path]

    def _entry(self, path: str) -> TreeEntry | None:
        entry: TreeEntry | None = None
        for part in _parts(path):
            if entry is not None and not entry.is_tree:
                return None
            tree = self._root if entry is None else entry.object_id
            entry = self._objects.child(tree, part)
            if entry is None:
                return None
        return entry


@lru_cache(maxsize=65536)
def _parts(path: str) -> tuple[bytes, ...]:
    return tuple(part.encode(errors="surrogateescape") for part in PurePosixPath(path).parts)


_KINDS = {
    "40000": Kind.DIRECTORY,
    "120000": Kind.SYMLINK,
    "160000": Kind.SUBMODULE,
}


class WorkingTree:
    """A project as its files stand on disk."""

    def __init__(self, root: Path) -> None:
        """Open the project's folder."""
        self.root = root
        self._files: tuple[str, ...] | None = None
        self._in_git: frozenset[str] | None = None

    @property
    def commit(self) -> str | None:
        """None: the working tree is no commit."""
        return None

    def kind(self, path: str) -> Kind:
        """Return what stands at a path; data that git ignores counts too."""
        try:
            mode = os.lstat(self.root / path).st_mode
        except OSError:
            return Kind.ABSENT
        if stat.S_ISLNK(mode):
            return Kind.SYMLINK
        return Kind.DIRECTORY if stat.S_ISDIR(mode) else Kind.FILE

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None when nothing is there."""
        try:
            with open_inside(self.root, path) as file:
                if os.fstat(file.fileno()).st_size > MAX_TEXT_BYTES:
                    raise UndecidedError(
                        "the file is too large",
                        where=path,
                        expected=f"at most {MAX_TEXT_BYTES} bytes",
                    )
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def files(self, folder: str = "") -> tuple[str, ...]:
        """Return every file below a folder that `git add` would have in git; sorted."""
        if self._files is None:
            self._files = tuple(sorted(_text(path) for path in self._paths()))
        prefix = folder + "/" if folder else ""
        return tuple(path for path in self._files if path.startswith(prefix))

    def is_in_git(self, path: str) -> bool:
        """Tell whether `git add` would have a file in git."""
        if self._in_git is None:
            self._in_git = frozenset(self.files())
        return path in self._in_git

    def tree_digest(self) -> Sha256:
        """Return the digest that the commit of these files would have."""
        gitlinks = self._gitlinks()
        return tree_digest(
            (path, gitlinks[path] if path in gitlinks else self._content(_text(path)))
            for path in map(demand_one_line, self._paths())
        )

    def _paths(self) -> Iterable[bytes]:
        """Return the paths that are in the index or untracked and not ignored, and exist."""
        listed = program.git(
            self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"
        )
        # An embedded repository is listed with a slash at its end; it is no file.
        paths = {path for path in listed.split(b"\0") if path and not path.endswith(b"/")}
        return sorted(
            path for path in paths if os.path.lexists(os.fsencode(self.root) + b"/" + path)
        )

    def _gitlinks(self) -> dict[bytes, Sha256]:
        """Return each submodule of the index, by the commit it names."""
        found = {}
        for line in program.git(self.root, "ls-files", "-z", "--stage").split(b"\0"):
            if line.startswith(b"160000 "):
                details, path = line.split(b"\t", 1)
                found[path] = Sha256(hashlib.sha256(details.split(b" ")[1]).hexdigest())
        return found

    def _content(self, path: str) -> Sha256:
        full = self.root / path
        if full.is_symlink():  # git's blob of a link is its target
            return Sha256(hashlib.sha256(os.fsencode(full.readlink())).hexdigest())
        with open_inside(self.root, path) as file:
            return _sha256(iter(lambda: file.read(_CHUNK), b""))


def open_inside(root: Path, path: str) -> BinaryIO:
    """Open a regular file below a folder; no link may lead out of it.

    Raises:
        FileNotFoundError: nothing is there.
        UndecidedError: something else than a regular file is there, or a link leads out.
    """
    full = root / path
    real = Path(os.path.realpath(full))
    top = Path(os.path.realpath(root))
    if not real.is_relative_to(top):
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


def _demand_file(kind: Kind, path: str) -> None:
    if kind is not Kind.FILE:
        raise UndecidedError(kind.value, where=path, expected="a file")


def _sha256(chunks: Iterable[bytes]) -> Sha256:
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


def _text(path: bytes) -> str:
    try:
        return path.decode()
    except UnicodeDecodeError:
        raise UndecidedError(
            f"the file name {path!r} is not UTF-8",
            expected="UTF-8 file names",
            hint="rename the file",
        ) from None
