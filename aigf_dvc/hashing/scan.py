"""Looks at a file or directory without reading it: names, and what changes when a file does."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct, field

from aigf_dvc.errors import UndecidedError
from aigf_dvc.hashing.hash_wanted import Wanted, changed
from aigf_dvc.hashing.hash_worker import identity
from aigf_dvc.trees.cache_folder import cached_objects
from aigf_dvc.trees.snapshot import MAX_ENTRIES

_PART = 20_000  # files


class Scan(Struct, kw_only=True):
    """What stood at a path, at one moment. Lists, not one value a file: there can be many."""

    path: str  # in the project
    top: str  # the same, resolved
    is_directory: bool
    names: list[str] = field(default_factory=list)  # paths in the directory; of a file, ""
    identities: list[str] = field(default_factory=list)  # of each name
    links: dict[str, str] = field(default_factory=dict)  # name -> the file that a link leads to
    newest_ns: int = 0  # the latest change time

    def wanted(self, index: int) -> Wanted:
        """Return one of the files, to be hashed."""
        name = self.names[index]
        where = f"{self.path}/{name}" if name else self.path
        path = self.links.get(name) or (f"{self.top}/{name}" if name else self.top)
        return Wanted(where, path, self.identities[index])

    def in_parts(self) -> Iterator[list[Wanted]]:
        """Yield all of the files, to be hashed some at a time: each takes memory meanwhile."""
        for start in range(0, len(self.names), _PART):
            yield [self.wanted(i) for i in range(start, min(start + _PART, len(self.names)))]

    def fingerprint(self) -> str:
        """Return what differs when a file was added, removed, renamed or changed.

        The order is the file system's own: should it differ, that costs another look, no more.
        """
        text = "\n".join(self.names) + "\0" + "\n".join(self.identities)
        return hashlib.sha256(text.encode()).hexdigest()

    def is_same(self, other: "Scan") -> bool:
        """Tell whether two scans saw the same."""
        mine = dict(zip(self.names, self.identities, strict=True))
        return mine == dict(zip(other.names, other.identities, strict=True))


def scan(root: Path, path: str) -> Scan:
    """Look at a file or directory below a folder; no link may lead out of the folder.

    Links to objects of the project's own DVC cache may: DVC can check out such.

    Raises:
        FileNotFoundError: nothing is there.
        UndecidedError: something else than files and folders is there, or a link leads out.
    """
    top = os.path.realpath(root / path)
    try:
        status = Path(top).stat()
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        raise UndecidedError(f"cannot be read: {error.strerror}", where=path) from None
    found = Scan(path=path, top=top, is_directory=stat.S_ISDIR(status.st_mode))
    look = _Look(root, found)
    look.demand_inside(top, path)
    if found.is_directory:
        look.below(top, "")
        _demand_plain_names(found)
    else:
        look.add("", demand_file(status, path))
    return found


def demand_file(status: os.stat_result, where: str) -> os.stat_result:
    """Return the status of a regular file, or refuse a pipe, socket or device."""
    if not stat.S_ISREG(status.st_mode):
        raise UndecidedError("not a regular file", where=where, expected="a file")
    return status


class _Look:
    """One look at a path, with what is asked about its links."""

    def __init__(self, root: Path, found: Scan) -> None:
        self._root = root
        self._real_root = Path(os.path.realpath(root))
        self._found = found
        self._objects: re.Pattern[str] | None = None

    def is_object(self, path: str) -> bool:
        """Tell whether a path is that of an object in the project's DVC cache."""
        if self._objects is None:
            self._objects = cached_objects(self._root)
        return self._objects.match(path) is not None

    def demand_inside(self, real: str, where: str) -> None:
        """Refuse a resolved path outside the project, unless it is an object of DVC's cache."""
        if not Path(real).is_relative_to(self._real_root) and not self.is_object(real):
            raise UndecidedError(
                "a symbolic link leads out of the project",
                where=where,
                expected="a file in the project",
            )

    def below(self, folder: str, prefix: str) -> None:
        """Add every file below a folder."""
        waiting = [(folder, prefix)]
        while waiting:
            folder, prefix = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        name = prefix + entry.name
                        if entry.is_file(follow_symlinks=False):
                            self.add(name, entry.stat(follow_symlinks=False))
                        elif entry.is_dir(follow_symlinks=False):
                            waiting.append((entry.path, f"{name}/"))
                        else:
                            self._follow(entry, name)
            except OSError as error:
                where = f"{self._found.path}/{prefix}".rstrip("/")
                raise UndecidedError(f"cannot be listed: {error.strerror}", where=where) from None
            self._demand_bearable()

    def add(self, name: str, status: os.stat_result) -> None:
        """Add one file; this runs for every file of a large data set."""
        found = self._found
        found.names.append(name)
        found.identities.append(identity(status))
        if status.st_ctime_ns > found.newest_ns:  # noqa: PLR1730  # max() takes twice the time
            found.newest_ns = status.st_ctime_ns

    def _demand_bearable(self) -> None:
        if len(self._found.names) > MAX_ENTRIES:
            raise UndecidedError(f"more than {MAX_ENTRIES} files", where=self._found.path)

    def _follow(self, entry: "os.DirEntry[str]", name: str) -> None:
        """Add what a link leads to: a file, in the project or in DVC's cache."""
        found = self._found
        where = f"{found.path}/{name}"
        real = os.readlink(entry.path) if entry.is_symlink() else entry.path  # noqa: PTH115  # may be no path
        if not self.is_object(real):  # else DVC's own link: there can be many, and this is slow
            real = os.path.realpath(entry.path)
        target = Path(real)
        if target.is_dir():
            raise UndecidedError(
                "a symbolic link to a folder",
                where=where,
                expected="files and folders",
                hint="copy what it points to in its place",
            )
        self.demand_inside(real, where)
        try:
            status = target.stat()
        except OSError:
            raise UndecidedError(
                "a symbolic link that leads nowhere",
                where=where,
                expected="a file",
                hint="`dvc checkout` mends links into DVC's cache",
            ) from None
        self.add(name, demand_file(status, where))
        found.links[name] = real


def _demand_plain_names(found: Scan) -> None:
    """Refuse names that two trees could share a digest by, or that are no text."""
    joined = "\n".join(found.names)
    if joined.count("\n") != max(len(found.names) - 1, 0):
        name = next(name for name in found.names if "\n" in name)
        raise UndecidedError(
            f"a line break in the file name {name!r}",
            where=found.path,
            expected="names of one line",
            hint="rename the file",
        )
    try:
        joined.encode()
    except UnicodeEncodeError as error:
        raise UndecidedError(
            f"a file name is not UTF-8, near {os.fsencode(joined[error.start :])[:40]!r}",
            where=found.path,
            expected="UTF-8 file names",
            hint="rename the file",
        ) from None


def demand_unchanged(root: Path, found: Scan) -> None:
    """Look again at what was read.

    Raises:
        UndecidedError: a file was added, removed, renamed or changed since.
    """
    try:
        same = found.is_same(scan(root, found.path))
    except OSError:
        same = False
    if not same:
        raise changed(found.path, "directory" if found.is_directory else "file")


def walk(root: Path, folder: str) -> Iterator[str]:
    """Yield every file below a folder, by its path in it, sorted; links to folders are refused.

    Raises:
        UndecidedError: the folder cannot be listed, or something else than files is in it.
    """
    try:
        found = scan(root, folder)
    except OSError as error:
        raise UndecidedError(f"cannot be listed: {error.strerror}", where=folder) from None
    yield from sorted(found.names)
