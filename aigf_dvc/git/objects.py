"""Reads git objects, checking each one against its own name.

`git cat-file` does not verify what it reads, so a changed object file would be believed. Here
every object is hashed again, from the commit down to the file.
"""

import contextlib
import hashlib
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self

from aigf_dvc.errors import UndecidedError
from aigf_dvc.git import program
from aigf_dvc.lazy_pattern import lazy_pattern

_CHUNK = 1 << 20
_HEADER_WORDS = 3  # `id type size`; an unknown id gives `id missing`
_SHA1_DIGITS = 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMMITTER = lazy_pattern(rb"committer .*> ([0-9]{1,20}) [+-][0-9]{4}\Z", re.DOTALL)
TREE = "40000"  # the mode of a folder's entry
SUBMODULE = "160000"  # the mode of a submodule's entry, which names a commit
MAX_OBJECT_BYTES = 256 * 2**20
_MOST_ENTRIES = 500_000  # of the trees that are remembered
_SMALL = 2**20  # bytes: what is larger is not read ahead
_MOST_AHEAD = 64 * 2**20  # bytes of all that was read ahead
_ASKED = 192  # ids at a time: they fit into any pipe, so that git and we cannot wait for each other


# What git itself writes; what has another form is read step by step. Names are bounded, so that no
# tree makes it slow.
_PLAIN_ENTRIES = {
    width: re.compile(rb"([0-7]{5,6}) ([^\0]{1,255})\0(.{%d})" % width, re.DOTALL)
    for width in (20, 32)
}


class TreeEntry(NamedTuple):  # a history has very many, and a dataclass takes thrice as long
    """One line of a git tree."""

    mode: str  # 40000 tree, 100644 and 100755 file, 120000 symbolic link, 160000 submodule
    name: bytes
    object_id: str

    @property
    def is_tree(self) -> bool:
        """Tell whether this is a folder."""
        return self.mode == TREE


class GitObjects(AbstractContextManager["GitObjects"]):
    """One running `git cat-file --batch`: a context manager, or close it yourself."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._process: subprocess.Popen[bytes] | None = None
        self._trees: dict[str, tuple[TreeEntry, ...]] = {}
        self._roots: dict[str, str] = {}  # of commits
        self._plain = _PlainEntries()
        self._children: dict[str, dict[bytes, TreeEntry]] = {}
        self._below: dict[tuple[str, tuple[bytes, ...]], TreeEntry | None] = {}
        self._remembered = 0
        self._ahead: dict[str, tuple[str, bytes]] = {}  # verified: kind and bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process; it starts again when something is read."""
        if self._process is not None:
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):  # git has ended already
                        stream.close()
            self._process.wait()
            self._process = None

    def read_ahead(self, object_ids: Iterable[str]) -> None:
        """Read many objects at once, so that reading one of them next does not wait for git.

        What was read ahead before is forgotten. What is missing, damaged or large is left out:
        reading it says what is wrong.
        """
        wanted = list(dict.fromkeys(object_ids))
        self._ahead = {}
        left = _MOST_AHEAD
        for start in range(0, len(wanted), _ASKED):
            asked = wanted[start : start + _ASKED]
            stdin, stdout = self._pipes()
            stdin.write("".join(f"{object_id}\n" for object_id in asked).encode())
            stdin.flush()
            for _ in asked:
                header = stdout.readline().split()
                if not header:  # git ends when it meets a damaged object
                    self.close()
                    return
                if len(header) != _HEADER_WORDS:
                    continue
                object_id, kind, size = header[0].decode(), header[1].decode(), int(header[2])
                data = _read_small(stdout, size)
                if data is not None and left > size and _is_named(object_id, kind, data):
                    self._ahead[object_id] = (kind, data)
                    left -= size

    def commit_tree(self, commit: str) -> str:
        """Return the tree of a commit."""
        if commit not in self._roots:
            first = self.read(commit, expect="commit").split(b"\n", 1)[0].split(b" ")
            if first[0] != b"tree" or not first[1:]:
                raise UndecidedError("a commit without a tree", where=commit)
            self._roots[commit] = first[1].decode()
        return self._roots[commit]

    def commit_time(self, commit: str) -> datetime:
        """Return when a commit was made, as it says itself, in UTC."""
        for line in self.read(commit, expect="commit").split(b"\n\n", 1)[0].split(b"\n"):
            match = _COMMITTER.match(line)
            if match is not None:
                with contextlib.suppress(OverflowError):  # a date past the year 9999
                    return _EPOCH + timedelta(seconds=int(match[1]))
        raise UndecidedError("a commit without a time", where=commit, expected="its committer")

    def tree(self, object_id: str) -> tuple[TreeEntry, ...]:
        """Return the entries of a tree, in git's order."""
        if object_id not in self._trees:
            data = self.read(object_id, expect="tree")
            try:
                entries = self._entries(data, len(object_id) // 2)
            except ValueError:
                raise UndecidedError(
                    f"the git tree {object_id} is cut short",
                    where=str(self._repository),
                    hint="the repository is damaged or was changed by hand: `git fsck`",
                ) from None
            self._remembered += len(entries)
            if self._remembered > _MOST_ENTRIES:  # a long history has more trees than memory
                self._trees, self._children, self._remembered = {}, {}, len(entries)
                self._plain = _PlainEntries()
            self._trees[object_id] = entries
        return self._trees[object_id]

    def _entries(self, data: bytes, width: int) -> tuple[TreeEntry, ...]:
        """Return the entries of a raw tree; one object for the same entry of many trees."""
        found = _PLAIN_ENTRIES[width].findall(data) if len(data) <= _SMALL else []
        if sum(map(len, chain.from_iterable(found))) + 2 * len(found) != len(data):
            return tuple(_entries(data, width))
        return tuple(map(self._plain.__getitem__, found))

    def child(self, tree: str, name: bytes) -> TreeEntry | None:
        """Return the entry of a tree that has a name, or None."""
        return self.children(tree).get(name)

    def children(self, tree: str) -> Mapping[bytes, TreeEntry]:
        """Return the entries of a tree by name."""
        children = self._children.get(tree)
        if children is None:
            # Of two entries with one name, which only a forged tree has, the first.
            children = {entry.name: entry for entry in reversed(self.tree(tree))}
            self._children[tree] = children
        return children

    def entry(self, tree: str, parts: tuple[bytes, ...]) -> TreeEntry | None:
        """Return what stands at a path below a tree, or None; submodules that are here count too.

        What stands below a folder is remembered: most commits share most folders.
        """
        children = self._children.get(tree) or self.children(tree)
        entry = children.get(parts[0]) if parts else None
        if entry is None or len(parts) == 1:
            return entry
        key = (entry.object_id, parts)
        if key not in self._below:
            if len(self._below) > _MOST_ENTRIES:
                self._below = {}
            self._below[key] = self._walk(entry, parts[1:])
        return self._below[key]

    def _walk(self, start: TreeEntry, parts: tuple[bytes, ...]) -> TreeEntry | None:
        entry: TreeEntry | None = start
        for part in parts:
            folder = None if entry is None else self.folder(entry)
            entry = None if folder is None else self.children(folder).get(part)
        return entry

    def folder(self, entry: TreeEntry) -> str | None:
        """Return the tree behind an entry: a folder's, or that of a submodule's commit."""
        if entry.mode == SUBMODULE:
            return self.commit_tree(entry.object_id) if self.exists(entry.object_id) else None
        return entry.object_id if entry.is_tree else None

    def read(self, object_id: str, *, expect: str = "blob") -> bytes:
        """Return the bytes of one object.

        Raises:
            UndecidedError: missing, of another type, too large, or not what its name says.
        """
        kind, data = self._ahead.get(object_id, ("", b""))
        if kind == expect:
            return data
        return b"".join(self.stream(object_id, expect=expect, limit=MAX_OBJECT_BYTES))

    def exists(self, object_id: str) -> bool:
        """Tell whether the repository holds an object."""
        stdout, header = self._ask(object_id)
        if len(header) != _HEADER_WORDS:
            return False
        self._skip(stdout, int(header[2]) + 1)
        return True

    def commit(self, revision: str) -> str | None:
        """Return the commit that a revision names, tags peeled; None: git knows no such commit."""
        if "\n" in revision:
            return None
        stdout, header = self._ask(f"{revision}^{{commit}}")
        if len(header) != _HEADER_WORDS or header[1] != b"commit":
            return None
        self._skip(stdout, int(header[2]) + 1)
        return header[0].decode()

    def stream(
        self, object_id: str, *, expect: str = "blob", limit: int | None = None
    ) -> Iterator[bytes]:
        """Yield the bytes of one object in chunks; the last step checks them against the name."""
        kind, data = self._ahead.get(object_id, ("", b""))
        if kind == expect:
            yield data
            return
        stdout, header = self._ask(object_id)
        if len(header) != _HEADER_WORDS:
            raise UndecidedError(
                f"the git object {object_id} is missing or damaged",
                where=str(self._repository),
                expected="a complete repository",
                hint="a shallow or partial clone lacks objects: `git fetch --unshallow`; "
                "`git fsck` finds damage",
            )
        kind, size = header[1].decode(), int(header[2])
        if kind != expect or (limit is not None and size > limit):
            self._skip(stdout, size + 1)
            raise UndecidedError(
                f"the git object {object_id} is a {kind} of {size} bytes",
                where=str(self._repository),
                expected=f"a {expect}" + (f" of at most {limit} bytes" if limit else ""),
            )
        name = object_hash(object_id)
        name.update(f"{kind} {size}\0".encode())
        left = size
        while left:
            chunk = stdout.read(min(left, _CHUNK))
            if not chunk:
                self.close()
                raise UndecidedError("git stopped while reading", where=str(self._repository))
            left -= len(chunk)
            name.update(chunk)
            yield chunk
        stdout.read(1)
        if name.hexdigest() != object_id:
            raise UndecidedError(
                f"the git object {object_id} holds other bytes than its name says",
                where=str(self._repository),
                hint="the repository is damaged or was changed by hand: `git fsck`",
            )

    def _ask(self, object_id: str) -> tuple[IO[bytes], list[bytes]]:
        """Ask git for an object; return where its bytes come from, and the words of its header."""
        stdin, stdout = self._pipes()
        stdin.write(object_id.encode(errors="surrogateescape") + b"\n")
        stdin.flush()
        header = stdout.readline().split()
        if not header:  # git ends when it meets a damaged object
            self.close()
        return stdout, header

    def _skip(self, stdout: IO[bytes], size: int) -> None:
        while size:
            chunk = stdout.read(min(size, _CHUNK))
            if not chunk:
                self.close()
                raise UndecidedError("git stopped while reading", where=str(self._repository))
            size -= len(chunk)

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None:
            self._process = self._start()
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:  # not reachable: both are pipes
            raise UndecidedError("git has no pipes")
        return stdin, stdout

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                program.command(self._repository, "cat-file", "--batch"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=program.environment(_submodule_objects(self._repository)),
                bufsize=_CHUNK,
            )
        except FileNotFoundError:
            raise program.missing_git() from None


def _read_small(stdout: IO[bytes], size: int) -> bytes | None:
    """Return the bytes of an object, or None when it is large or cut short; either is passed."""
    data = stdout.read(size) if size <= _SMALL else None
    left = 0 if data is not None else size
    while left and (chunk := stdout.read(min(left, _CHUNK))):
        left -= len(chunk)
    stdout.read(1)
    return data if data is not None and len(data) == size else None


def _is_named(object_id: str, kind: str, data: bytes) -> bool:
    name = object_hash(object_id, b"%b %d\0%b" % (kind.encode(), len(data), data))
    return name.hexdigest() == object_id


def _submodule_objects(repository: Path) -> dict[str, str]:
    """Let git find the objects of submodules too: each object is held to its name anyway."""
    if not (repository / ".git/modules").is_dir():
        return {}
    folders = [str(path) for path in sorted((repository / ".git/modules").rglob("objects"))]
    return {"GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(f for f in folders if '"' not in f)}


def object_hash(object_id: str, data: bytes = b"") -> "hashlib._Hash":
    """Return a new hash of the kind that an object id is of: SHA-1, or git's newer SHA-256."""
    if len(object_id) == _SHA1_DIGITS:
        return hashlib.sha1(data, usedforsecurity=False)
    return hashlib.sha256(data)


class _PlainEntries(dict[tuple[bytes, bytes, bytes], TreeEntry]):
    """Entries of trees by their mode, name and id as git has them."""

    def __missing__(self, key: tuple[bytes, bytes, bytes]) -> TreeEntry:
        mode, name, object_id = key
        self[key] = found = tuple.__new__(TreeEntry, (mode.decode(), name, object_id.hex()))
        return found


def _entries(data: bytes, width: int) -> Iterator[TreeEntry]:
    """Yield the entries of a raw tree: `mode SP name NUL id`, the id `width` bytes wide."""
    start, size = 0, len(data)
    while start < size:
        space = data.index(b" ", start)
        end = data.index(b"\0", space)
        after = end + 1 + width
        mode, object_id = data[start:space].decode(), data[end + 1 : after].hex()
        yield TreeEntry(mode, data[space + 1 : end], object_id)
        start = after
