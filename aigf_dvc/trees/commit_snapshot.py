"""A project as it stands in a commit: read from git objects, without a checkout."""

import hashlib
import posixpath
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TypeAlias

from aigf_dvc.digests import Sha256, tree_digest
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.git.objects import SUBMODULE, TREE, GitObjects, TreeEntry
from aigf_dvc.trees.snapshot import (
    MAX_DEPTH,
    MAX_ENTRIES,
    Kind,
    demand_one_line,
    path_text,
    sha256_of_chunks,
)

_KINDS = {
    TREE: Kind.DIRECTORY,
    "120000": Kind.SYMLINK,
    SUBMODULE: Kind.SUBMODULE,
}

Stands: TypeAlias = TreeEntry | None


class CommitSnapshot:
    """A project as it stands in a commit: read from git objects, without a checkout."""

    stands: Mapping[str, Stands]
    """What git has at any path, the project's own folder too; None: nothing."""

    def __init__(self, objects: GitObjects, commit: str, *, prefix: str = "") -> None:
        """Open a commit.

        Args:
            objects: the repository.
            commit: the commit's full id.
            prefix: the project's folder in the repository, empty for its top.
        """
        self._objects = objects
        self._commit = commit
        top = root = objects.commit_tree(commit)
        for part in _parts(prefix):
            entry = objects.child(root, part)
            if entry is None or not entry.is_tree:
                raise InputError(
                    f"no folder {prefix!r} in the commit",
                    where=commit,
                    expected="the project there",
                )
            root = entry.object_id
        self._root = root
        self.stands = _Entries(objects, root, top, prefix)

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
        below = None if entry is None else self._objects.folder(entry)
        root = below if folder else self._root
        if root is None:
            return ()
        found: list[bytes] = []
        for above, entries in self._folders(root, folder.encode()):
            found += [above + entry.name for entry in entries if entry.mode != TREE]
        return tuple(sorted(_texts(found)))

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
        if entry.mode == SUBMODULE:  # a submodule's content is the commit it names
            return Sha256(hashlib.sha256(entry.object_id.encode()).hexdigest())
        return sha256_of_chunks(self._objects.stream(entry.object_id))

    def _walk(self, tree: str, prefix: bytes) -> Iterator[tuple[bytes, TreeEntry]]:
        """Yield every file below a tree, in no order."""
        for above, entries in self._folders(tree, prefix):
            yield from ((above + entry.name, entry) for entry in entries if entry.mode != TREE)

    def _folders(self, tree: str, path: bytes) -> Iterator[tuple[bytes, tuple[TreeEntry, ...]]]:
        """Yield a tree and those below it: what stands before its names, and its entries.

        In no order. A few small trees can name billions.
        """
        waiting = [(tree, path + b"/" if path else b"")]
        seen = 0
        while waiting:
            folder, above = waiting.pop()
            entries = self._objects.tree(folder)
            seen += len(entries)
            if seen > MAX_ENTRIES:
                raise self._too_large("files and folders", MAX_ENTRIES)
            yield above, entries
            below = [(e.object_id, above + e.name + b"/") for e in entries if e.mode == TREE]
            if below and above.count(b"/") >= MAX_DEPTH:
                raise self._too_large("folders within folders", MAX_DEPTH)
            waiting += below

    def _too_large(self, what: str, most: int) -> UndecidedError:
        return UndecidedError(
            f"more than {most} {what}", where=f"commit {self._commit[:12]}", expected="a project"
        )

    def entry(self, path: str) -> TreeEntry | None:
        """Return what git has at a path, or None; `../` leads to the repository's other folders."""
        return self.stands[path] if path else None


# A history looks at the same paths in every commit: dictionaries are the fastest to ask again.
class _Entries(dict[str, TreeEntry | None]):
    """What git has at each path."""

    def __init__(self, objects: GitObjects, root: str, top: str, prefix: str) -> None:
        super().__init__({"": TreeEntry(TREE, b"", root)})
        self._objects = objects
        self._root = root
        self._top = top
        self._prefix = prefix

    def __missing__(self, path: str) -> TreeEntry | None:
        if path.startswith("../"):
            outside = posixpath.normpath(posixpath.join(self._prefix, path))
            found = self._objects.entry(self._top, _parts(outside))
        else:
            found = self._objects.entry(self._root, _parts(path))
        self[path] = found
        return found


@lru_cache(maxsize=65536)  # a history asks for the same paths in every commit
def _parts(path: str) -> tuple[bytes, ...]:
    parts = PurePosixPath(path).parts
    return tuple(part.encode(errors="surrogateescape") for part in parts)


def _texts(paths: list[bytes]) -> list[str]:
    """Return paths as text; all are read at once, as none holds a NUL."""
    try:
        return b"\0".join(paths).decode().split("\0") if paths else []
    except UnicodeDecodeError:
        return [path_text(path) for path in paths]  # says which


def _kind(entry: TreeEntry) -> Kind:
    return _KINDS.get(entry.mode, Kind.FILE)


def _demand_file(entry: TreeEntry, path: str) -> None:
    if _kind(entry) is not Kind.FILE:
        raise UndecidedError(_kind(entry).value, where=path, expected="a file")
