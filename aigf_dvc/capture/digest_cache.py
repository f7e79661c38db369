"""Remembers the digests of unchanged files, so that an unchanged tree costs only `stat`.

A convenience for `aigf capture` and `aigf check`; attesting and verifying never use it. An entry
counts only while device, inode, size, mtime and ctime are the same: unlike DVC's own state, it
notices an edit that keeps the size and sets the mtime back.
"""

import contextlib
import os
import re
import stat
import time
from pathlib import Path

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.capture.file_hashing import (
    Hashed,
    Progress,
    as_directory,
    hash_path,
    identity,
    is_settled,
    walk,
)
from aigf_dvc.capture.snapshot import MAX_TEXT_BYTES, open_inside
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import UndecidedError

_FOLDER = ".aigf"
_FILE = "digests"
_LINE = re.compile(  # five numbers: see file_hashing.identity
    r"^(?P<key>[0-9]{1,20}(?: [0-9]{1,20}){4}) (?P<md5>[0-9a-f]{32}) (?P<sha256>[0-9a-f]{64})$",
    re.MULTILINE,
)


class DigestCache:
    """The remembered digests of one project; kept for the next time by `save`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known = self._load()
        self._used: dict[tuple[int, ...], Hashed] = {}

    def hash(self, path: str, *, progress: Progress | None = None) -> Hashed:
        """Return the digests of a file or directory, read anew only when it may have changed."""
        full = self._root / path
        if full.is_dir():
            names = walk(self._root, path)
            return as_directory([(n, self.hash(f"{path}/{n}", progress=progress)) for n in names])
        status = full.stat()
        key = identity(status)
        hashed = self._known.get(key)
        if hashed is None:
            hashed = hash_path(self._root, path, progress=progress)
        if is_settled(status, time.time_ns()):  # beside the file system's clock
            self._used[key] = hashed
        return hashed

    def save(self) -> None:
        """Keep what was used; failing to is no harm."""
        if self._used.keys() <= self._known.keys():
            return
        lines = [
            f"{' '.join(map(str, key))} {h.md5} {h.sha256}\n"
            for key, h in (self._known | self._used).items()
        ]
        folder = state_folder(self._root)
        # A link could lead to any file of the user's, a pipe would wait for ever.
        if folder is not None and _is_ours(folder / _FILE):
            with contextlib.suppress(OSError):
                write_atomically(folder / _FILE, "".join(sorted(lines)).encode())

    def _load(self) -> dict[tuple[int, ...], Hashed]:
        try:
            with open_inside(self._root, f"{_FOLDER}/{_FILE}") as file:
                text = file.read(MAX_TEXT_BYTES).decode("ascii")
        except (OSError, UnicodeDecodeError, UndecidedError):
            return {}
        found: dict[tuple[int, ...], Hashed] = {}
        for match in _LINE.finditer(text):
            key = tuple(map(int, match["key"].split(" ")))
            sha256 = Sha256(match["sha256"])
            found[key] = Hashed(md5=match["md5"], sha256=sha256, size=key[2])
        return found


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
