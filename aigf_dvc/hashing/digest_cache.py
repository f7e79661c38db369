"""Remembers the digests of unchanged files, so that an unchanged tree costs only `stat`.

A convenience for `aigf capture` and `aigf check`; attesting and verifying never use it. An entry
counts only while device, inode, size, mtime and ctime are the same: unlike DVC's own state, it
notices an edit that keeps the size and sets the mtime back. A directory has an entry too, for the
names and identities of all its files.
"""

import contextlib
import os
import stat
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.hashing.file_hashing import Hashed, as_directory, as_file, md5_as_text, size_of
from aigf_dvc.hashing.hash_files import Digests, hash_files
from aigf_dvc.hashing.hash_wanted import Progress, Wanted
from aigf_dvc.hashing.scan import Scan, demand_unchanged, scan
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.trees.snapshot import MAX_TEXT_BYTES, open_inside

_FOLDER = ".aigf"
_FILE = "digests"
_TICK_NS = 2 * 10**9  # the coarsest clock of a file system in use (FAT): two seconds
_SPARE = 10_000  # entries that may be kept although nothing asked for them
_ENTRY = lazy_pattern(
    r"(?P<md5>[0-9a-f]{32}(?:\.dir)?) (?P<sha256>[0-9a-f]{64}) (?P<size>[0-9]{1,18})"
    r" (?P<text>-|[0-9a-f]{32}(?:\.dir)?)\Z"
)


class _Look(Struct, frozen=True):
    """One look at a path."""

    scan: Scan
    key: str  # of what was seen
    at_ns: int  # just before it: an edit after that cannot have an older change time


class DigestCache:
    """The remembered digests of one project; kept for the next time by `save`."""

    def __init__(self, root: Path) -> None:
        """Take the project's folder."""
        self._root = root
        self._known = self._load()  # key -> entry
        self._used: set[str] = set()
        self._is_new = False
        self._looks: dict[str, _Look] = {}  # by path
        self._hashed: dict[str, Hashed] = {}  # by path; what is too new to be remembered, too

    def to_read(self, path: str) -> int:
        """Return how many bytes `hash` will have to read.

        Raises:
            As `hash` does.
        """
        look = self._look(path)
        if self._entry(look.key) is not None:
            return 0
        return self.unknown_bytes(look.scan.identities)

    def unknown_bytes(self, identities: Iterable[str]) -> int:
        """Return how many bytes the files have together whose digests are not remembered."""
        return size_of(identity for identity in identities if self._entry(identity) is None)

    def hash(self, path: str, *, progress: Progress | None = None, text: bool = False) -> Hashed:
        """Return the digests of a file or directory, read anew only when it may have changed.

        Args:
            path: in the project.
            progress: called with each number of bytes read.
            text: whether DVC 2's MD5 is wanted too.

        Raises:
            FileNotFoundError: nothing is there.
            UndecidedError: not a regular file or directory, or it changed while it was read.
        """
        look = self._look(path)
        hashed = self._hashed.get(path) or self._entry(look.key) or self._hash(look, progress)
        if text and hashed.md5_as_text is None:
            hashed = replace(hashed, md5_as_text=md5_as_text(self._root, path))
            demand_unchanged(self._root, look.scan)
        self._hashed[path] = hashed
        self._used.update(look.scan.identities)
        self._keep(look.key, hashed, newest_ns=look.scan.newest_ns, at_ns=look.at_ns)
        return hashed

    def hash_files(
        self, wanted: Sequence[Wanted], *, at_ns: int, progress: Progress | None = None
    ) -> list[Digests]:
        """Return the digests of files, each read only when it may have changed.

        Args:
            wanted: the files, in the project or not.
            at_ns: a time before they were looked at, by the file system's clock.
            progress: called with each number of bytes read.

        Raises:
            UndecidedError: one cannot be read, or is no longer what it was.
        """
        known = [self._entry(file.identity) for file in wanted]
        missing = [file for file, entry in zip(wanted, known, strict=True) if entry is None]
        fresh = iter(hash_files(missing, progress))
        found = []
        for file, entry in zip(wanted, known, strict=True):
            hashed = entry or as_file(next(fresh), file.identity)
            changed_ns = int(file.identity.rpartition(":")[2])
            self._keep(file.identity, hashed, newest_ns=changed_ns, at_ns=at_ns)
            found.append(Digests(hashed.md5, hashed.sha256))
        return found

    def save(self, *, was_all: bool = False) -> None:
        """Keep what is known, when something is new; failing to is no harm.

        Args:
            was_all: whether all data of the project was hashed: then entries that nobody asked
                for are dropped, once there are many.
        """
        if not self._is_new:
            return
        if was_all and len(self._known) > 2 * len(self._used) + _SPARE:
            self._known = {key: self._known[key] for key in self._used if key in self._known}
        data = "".join(f"{key} {entry}\n" for key, entry in self._known.items()).encode()
        folder = state_folder(self._root)
        # A link could lead to any file of the user's, a pipe would wait for ever.
        if folder is not None and _is_ours(folder / _FILE):
            with contextlib.suppress(OSError):
                write_atomically(folder / _FILE, data)

    def _look(self, path: str) -> _Look:
        """Look at a path, once."""
        if path not in self._looks:
            now = time.time_ns()  # beside the file system's clock
            found = scan(self._root, path)
            key = found.fingerprint() if found.is_directory else found.identities[0]
            self._looks[path] = _Look(found, key, now)
        return self._looks[path]

    def _hash(self, look: _Look, progress: Progress | None) -> Hashed:
        found = look.scan
        digests = [
            one
            for wanted in found.in_parts()
            for one in self.hash_files(wanted, at_ns=look.at_ns, progress=progress)
        ]
        if not found.is_directory:
            return as_file(digests[0], found.identities[0])
        demand_unchanged(self._root, found)
        return as_directory(found, digests)

    def _entry(self, key: str) -> Hashed | None:
        """Return what is remembered; what has another form is not."""
        match = _ENTRY.match(self._known.get(key, ""))
        if match is None or match["md5"].endswith(".dir") == (":" in key):
            return None
        return Hashed(
            md5=match["md5"],
            sha256=Sha256(match["sha256"]),
            size=int(match["size"]),
            md5_as_text=None if match["text"] == "-" else match["text"],
        )

    def _keep(self, key: str, hashed: Hashed, *, newest_ns: int, at_ns: int) -> None:
        """Remember digests, when what they are of is older than the clock's tick: an edit shows."""
        self._used.add(key)
        entry = f"{hashed.md5} {hashed.sha256} {hashed.size} {hashed.md5_as_text or '-'}"
        if at_ns - newest_ns > _TICK_NS and self._known.get(key) != entry:
            self._known[key] = entry
            self._is_new = True

    def _load(self) -> dict[str, str]:
        try:
            with open_inside(self._root, f"{_FOLDER}/{_FILE}") as file:
                text = file.read(MAX_TEXT_BYTES).decode("ascii")
        except (OSError, UnicodeDecodeError, UndecidedError):
            return {}
        parts = (line.partition(" ") for line in text.split("\n"))
        return {key: entry for key, _, entry in parts if entry}


def _is_ours(path: Path) -> bool:
    """Tell whether a file may be written: a plain one, or none yet."""
    return not os.path.lexists(path) or stat.S_ISREG(path.lstat().st_mode)


def state_folder(root: Path) -> Path | None:
    """Return the project's `.aigf` folder, made when needed; None when it cannot be used."""
    folder = root / _FOLDER
    if folder.is_symlink():
        return None
    try:
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
    except OSError:
        return None
    return folder
