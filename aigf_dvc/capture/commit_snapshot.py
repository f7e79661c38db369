"""A project as it stands in a commit: read from git objects, without a checkout."""

import hashlib
import posixpath
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from aigf_dvc.capture.snapshot import (
    MAX_DEPTH,
    MAX_ENTRIES,
    Kind,
    demand_one_line,
    path_text,
    sha256_of_chunks,
)
from aigf_dvc.digests import Sha256, tree_digest
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.git.objects import GitObjects, TreeEntry

_SUBMODULE = "160000"
_KINDS = {
    "40000": Kind.DIRECTORY,
    "120000": Kind.SYMLINK,
    _SUBMODULE: Kind.SUBMODULE,
}


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
        self._prefix = prefix
        self._entries: dict[str, TreeEntry | None] = {}  # by path
        self._top = self._root = objects.commit_tree(commit)
        for part in PurePosixPath(prefix).parts:
            entry = self._child(self._root, part)
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
        return Kind.ABSENT if entry is None else _kind(entry)

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None when nothing is there."""
        entry = self.entry(path)
        if entry is None:
            return None
        _demand_file(entry, path)
        return self._objects.read(entry.object_id)

    def files(self, folder: str = "") -> tuple[str, ...]:
        """Return every file below a folder; sorted."""
        entry = self.entry(folder) if folder else None
        root = self._root if not folder else self._folder(entry)
        if root is None:
            return ()
        return tuple(sorted(path_text(path) for path, _ in self._walk(root, folder.encode())))

    def target(self, path: str) -> str:
        """Return where a symbolic link leads."""
        entry = self.entry(path)
        return self._objects.read(entry.object_id).decode(errors="replace") if entry else ""

    def is_in_git(self, path: str) -> bool:
        """Tell whether the commit has a file."""
        entry = self.entry(path)
        return entry is not None and not entry.is_tree

    def tree_digest(self) -> Sha256:
        """Return the digest of the project's files in this commit."""
        listed = tuple(self._walk(self._root, b""))  # too many are noticed before one is read
        return tree_digest((demand_one_line(path), self._content(entry)) for path, entry in listed)

    def _content(self, entry: TreeEntry) -> Sha256:
        if entry.mode == _SUBMODULE:  # a submodule's content is the commit it names
            return Sha256(hashlib.sha256(entry.object_id.encode()).hexdigest())
        return sha256_of_chunks(self._objects.stream(entry.object_id))

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

    def _child(self, tree: str, name: str) -> TreeEntry | None:
        return self._objects.child(tree, name.encode(errors="surrogateescape"))

    def entry(self, path: str) -> TreeEntry | None:
        """Return what git has at a path, or None; `../` leads to the repository's other folders."""
        if path not in self._entries:
            self._entries[path] = self._entry(path)
        return self._entries[path]

    def _entry(self, path: str) -> TreeEntry | None:
        start: str | None = self._root
        if path.startswith("../"):
            path = posixpath.normpath(posixpath.join(self._prefix, path))
            start = self._top
        entry: TreeEntry | None = None
        for part in _parts(path):
            entry = None if start is None else self._child(start, part)
            if entry is None:
                return None
            start = self._folder(entry)
        return entry

    def _folder(self, entry: TreeEntry | None) -> str | None:
        """Return the tree behind an entry: a folder's, or that of a submodule's commit."""
        if entry is None:
            return None
        if entry.mode == _SUBMODULE:
            if self._objects.exists(entry.object_id):
                return self._objects.commit_tree(entry.object_id)
            return None
        return entry.object_id if entry.is_tree else None


@lru_cache(maxsize=65536)  # a history asks for the same paths in every commit
def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts


def _kind(entry: TreeEntry) -> Kind:
    return _KINDS.get(entry.mode, Kind.FILE)


def _demand_file(entry: TreeEntry, path: str) -> None:
    if _kind(entry) is not Kind.FILE:
        raise UndecidedError(_kind(entry).value, where=path, expected="a file")
