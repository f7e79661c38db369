"""A project as its files stand on disk, in the form in which git would keep them."""

import hashlib
import os
import posixpath
import stat
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from pathlib import Path

from aigf_dvc.digests import Sha256, sha256, tree_digest
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.pipeline import parents
from aigf_dvc.git import program
from aigf_dvc.trees.git_lfs import pointer_of
from aigf_dvc.trees.snapshot import (
    CHUNK,
    MAX_TEXT_BYTES,
    Kind,
    demand_one_line,
    open_inside,
    path_text,
    sha256_of_chunks,
)

_OURS = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")


class WorkingTree:
    """A project as its files stand on disk."""

    def __init__(self, root: Path) -> None:
        """Open the project's folder."""
        self.root = root
        self._files: tuple[str, ...] | None = None
        self._in_git: frozenset[str] | None = None
        self._elsewhere: dict[str, tuple[str, ...]] = {}  # above the project, or in submodules
        self._rules: dict[Path, bool] = {}  # folder -> whether its .gitattributes speaks of LFS
        self._lfs: frozenset[str] | None = None
        self._top: Path | None = None

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
        """Return the bytes of a file as git has them, or None when nothing is there."""
        try:
            with open_inside(*self._place(path)) as file:
                if self._is_lfs(path):
                    return pointer_of(file)
                if os.fstat(file.fileno()).st_size > MAX_TEXT_BYTES:
                    raise UndecidedError(
                        "the file is too large",
                        where=path,
                        expected=f"at most {MAX_TEXT_BYTES} bytes",
                    )
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _place(self, path: str) -> tuple[Path, str]:
        """Return the folder that a path must stay in, and the path from there."""
        if not path.startswith("../"):
            return self.root, path
        if self._top is None:
            self._top = Path(os.path.realpath(program.work_tree(self.root)))
        full = os.path.normpath(f"{os.path.realpath(self.root)}/{path}")
        return self._top, os.path.relpath(full, self._top)

    def target(self, path: str) -> str:
        """Return where a symbolic link leads."""
        try:
            return os.fsdecode((self.root / path).readlink())
        except OSError:
            return ""

    def files(self, folder: str = "") -> tuple[str, ...]:
        """Return every file below a folder that `git add` would have in git; sorted."""
        if self._files is None:
            self._files = tuple(sorted(path_text(path) for path in self._paths()))
        if folder and self._is_elsewhere(folder):
            return self._list_elsewhere(folder)
        if not folder:
            return self._files
        # Sorted, so that those below a folder stand together; "0" comes right after "/".
        first = bisect_left(self._files, f"{folder}/")
        return self._files[first : bisect_left(self._files, f"{folder}0", lo=first)]

    def is_in_git(self, path: str) -> bool:
        """Tell whether `git add` would have a file in git."""
        if self._in_git is None:
            self._in_git = frozenset(self.files())
        if path in self._in_git:
            return True
        return self._is_elsewhere(path) and path in self._list_elsewhere(posixpath.dirname(path))

    def _is_elsewhere(self, path: str) -> bool:
        """Tell whether a path is above the project, yet in the repository, or in a submodule."""
        if path.startswith("../"):
            return not self._place(path)[1].startswith("../")
        return not is_outside(path) and bool(self._inner(path))

    def _inner(self, path: str) -> str:
        """Return the submodule, or other repository, that a path is in; empty: none."""
        for folder in (path, *parents(path)):
            if os.path.lexists(self.root / folder / ".git"):
                return folder
        return ""

    def _list_elsewhere(self, folder: str) -> tuple[str, ...]:
        """Return the files that git has below a folder above the project, or in a submodule."""
        if folder not in self._elsewhere:
            inner = self._inner(folder)
            path = posixpath.relpath(folder, inner) if inner else folder
            listed = program.git(self.root / inner, *_OURS, "--", path)
            start = f"{inner}/" if inner else ""
            names = (start + path_text(name) for name in listed.split(b"\0") if name)
            self._elsewhere[folder] = tuple(sorted(set(names)))
        return self._elsewhere[folder]

    def _is_lfs(self, path: str) -> bool:
        """Tell whether git keeps a pointer in place of a file (git LFS)."""
        if not any(map(self._has_lfs_rule, self._folders(path))):
            return False
        if self._lfs is None:
            self._lfs = frozenset(self._filtered())
        return path in self._lfs

    def _folders(self, path: str) -> Iterator[Path]:
        """Yield the folders whose `.gitattributes` speak of a path, up to the repository's top."""
        folder = (self.root / path).parent
        yield folder
        while not os.path.lexists(folder / ".git") and folder != folder.parent:
            folder = folder.parent
            yield folder

    def _has_lfs_rule(self, folder: Path) -> bool:
        if folder not in self._rules:
            try:
                with open_inside(folder, ".gitattributes") as file:
                    self._rules[folder] = b"filter=lfs" in file.read(MAX_TEXT_BYTES)
            except (OSError, UndecidedError):
                self._rules[folder] = False
        return self._rules[folder]

    def _filtered(self) -> Iterator[str]:
        names = b"".join(os.fsencode(name) + b"\0" for name in self.files())
        said = program.git(self.root, "check-attr", "-z", "--stdin", "filter", data=names)
        words = said.split(b"\0")
        for name, value in zip(words[::3], words[2::3], strict=False):
            if value == b"lfs":
                yield path_text(name)

    def tree_digest(self) -> Sha256:
        """Return the digest that the commit of these files would have."""
        gitlinks = self._gitlinks()
        return tree_digest(
            (path, gitlinks[path] if path in gitlinks else self._content(path_text(path)))
            for path in map(demand_one_line, self._paths())
        )

    def _paths(self) -> Iterable[bytes]:
        """Return the paths that are in the index or untracked and not ignored, and exist."""
        # An embedded repository is listed with a slash at its end; it is no file.
        listed = program.git(self.root, *_OURS).split(b"\0")
        paths = {path for path in listed if path and not path.endswith(b"/")}
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
            if self._is_lfs(path):
                return sha256(pointer_of(file))
            return sha256_of_chunks(iter(lambda: file.read(CHUNK), b""))
