"""Looks at a model that somebody signed as others do: with paths left out, and links followed.

A link to a file counts as what a loader would read. What is left out is not looked into.
"""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, field

from aigf_dvc.attestation.oms_tree import SeenTree
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.hashing.hash_ranges import ByteRange
from aigf_dvc.hashing.hash_wanted import changed
from aigf_dvc.hashing.hash_worker import identity
from aigf_dvc.hashing.scan import demand_file
from aigf_dvc.trees.snapshot import MAX_ENTRIES


class SignedTree(Struct, kw_only=True):
    """The files of a model on disk, and what each was when it was looked at."""

    place: str  # for messages
    seen: SeenTree
    paths: dict[str, str] = field(default_factory=dict)  # to open, by the path in the model
    identities: dict[str, str] = field(default_factory=dict)

    def range(self, path: str, start: int, end: int | None) -> ByteRange:
        """Return bytes of a file, to be hashed; all of them when there is no end."""
        size = self.seen.sizes[path]
        where = f"{self.place}/{path}" if self.seen.is_directory else self.place
        return ByteRange(
            where, self.paths[path], self.identities[path], start, size if end is None else end
        )


def look_at(model: Path, *, unsigned: frozenset[str], signature: Path | None) -> SignedTree:
    """Look at every file of a model but those that are left out.

    Args:
        model: a file or directory.
        unsigned: paths in the directory to leave out, with all that is below them.
        signature: the file of the signature, which may lie in the directory.

    Raises:
        InputError: nothing is there.
        UndecidedError: it cannot be listed, or something else than files is in it.
    """
    try:
        status = model.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            "no such file or directory", where=str(model), expected="the model to verify"
        ) from None
    except OSError as error:
        raise UndecidedError(f"cannot be read: {error.strerror}", where=str(model)) from None
    look = _Look(model, unsigned, signature)
    if stat.S_ISDIR(status.st_mode):
        look.below(os.path.realpath(model))
    else:
        look.add(model.name, os.path.realpath(model), demand_file(status, str(model)))
    return look.tree(is_directory=stat.S_ISDIR(status.st_mode))


class _Look:
    """One look at a model."""

    def __init__(self, model: Path, unsigned: frozenset[str], signature: Path | None) -> None:
        self._model = model
        self._real = Path(os.path.realpath(model))
        self._unsigned = unsigned
        self._signature = os.path.realpath(signature) if signature is not None else None
        self._paths: dict[str, str] = {}
        self._identities: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._links: list[str] = []
        self._outside: list[str] = []
        self._passed_over: list[str] = []

    def below(self, top: str) -> None:
        """Add every file below the directory."""
        waiting = [(top, "")]
        while waiting:
            folder, prefix = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        name = prefix + entry.name
                        if name in self._unsigned or entry.path == self._signature:
                            self._passed_over.append(name)
                        elif entry.is_dir(follow_symlinks=False):
                            waiting.append((entry.path, f"{name}/"))
                        else:
                            self._entry(entry, name)
            except OSError as error:
                where = f"{self._model}/{prefix}".rstrip("/")
                raise UndecidedError(f"cannot be listed: {error.strerror}", where=where) from None

    def _entry(self, entry: "os.DirEntry[str]", name: str) -> None:
        where = f"{self._model}/{name}"
        if not entry.is_symlink():
            self.add(name, entry.path, demand_file(entry.stat(follow_symlinks=False), where))
            return
        real = Path(os.path.realpath(entry.path))
        try:
            status = real.stat()
        except OSError:
            raise UndecidedError("a symbolic link that leads nowhere", where=where) from None
        if stat.S_ISDIR(status.st_mode):
            raise UndecidedError(
                "a symbolic link to a folder", where=where, expected="files and folders",
                hint="copy what it points to in its place",
            )  # fmt: skip
        self._links.append(name)
        if not real.is_relative_to(self._real):
            self._outside.append(name)
        self.add(name, str(real), demand_file(status, where))

    def add(self, name: str, path: str, status: os.stat_result) -> None:
        """Add one file."""
        if len(self._sizes) >= MAX_ENTRIES:
            raise UndecidedError(f"more than {MAX_ENTRIES} files", where=str(self._model))
        self._paths[name] = path
        self._identities[name] = identity(status)
        self._sizes[name] = status.st_size

    def tree(self, *, is_directory: bool) -> SignedTree:
        """Return what was seen."""
        _demand_text(self._model, tuple(self._sizes))
        return SignedTree(
            place=str(self._model),
            seen=SeenTree(
                name=self._model.name,
                is_directory=is_directory,
                sizes=self._sizes,
                links=tuple(self._links),
                outside=tuple(self._outside),
                passed_over=tuple(self._passed_over),
            ),
            paths=self._paths,
            identities=self._identities,
        )


def _demand_text(model: Path, names: Sequence[str]) -> None:
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise UndecidedError(
                f"the file name {os.fsencode(name)!r:.100} is not UTF-8", where=str(model),
                expected="UTF-8 file names",
            ) from None  # fmt: skip


def demand_same(before: SignedTree, after: SignedTree) -> None:
    """Refuse a model that was changed while it was read.

    Raises:
        UndecidedError: a file was added, removed, renamed or changed since.
    """
    if (before.identities, before.paths) != (after.identities, after.paths):
        raise changed(before.place, "model")
