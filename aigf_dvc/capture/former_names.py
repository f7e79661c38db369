"""Other names in git of some files: what they were called before, and what links lead to.

Who wrote a file is asked of git by its name. A rename or a link would else hide its authors.
"""

import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path

from aigf_dvc.git import program

_MOST_ROUNDS = 100
_LINK = b"120000"


def with_other_names(repository: Path, commit: str, paths: Iterable[str]) -> tuple[str, ...]:
    """Return some paths, those that their links lead to, and all former names of each; sorted.

    Every rename in the history counts, whenever it was: more authors than there were is the safe
    mistake. What was copied, rather than renamed, is not followed.

    Args:
        repository: where.
        commit: the commit whose history and links count.
        paths: files or folders, relative to the repository's top.

    Raises:
        UndecidedError: git refused.
    """
    known = set(paths)
    pairs = (*_renames(repository, commit), *_links(repository, commit))
    for _ in range(_MOST_ROUNDS):
        new = {found for path in known for found in _from(path, pairs)} - known
        if not new:
            break
        known |= new
    return tuple(sorted(known))


def _from(path: str, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield what each pair says of a path: of itself, of a folder above it, of a file below."""
    for name, other in pairs:
        if path == name or name.startswith(f"{path}/"):
            yield other
        elif path.startswith(f"{name}/"):
            yield other + path[len(name) :]


def _renames(repository: Path, commit: str) -> Iterator[tuple[str, str]]:
    """Yield each new name in the history, with the one before."""
    listed = program.git(
        repository, "log", "--full-history", "-m", "--diff-filter=R", "-M", "--name-status", "-z",
        "--format=", commit,
    )  # fmt: skip
    parts = listed.decode(errors="surrogateescape").split("\0")
    for index, part in enumerate(parts[:-2]):
        if part.lstrip("\n").startswith("R") and part.strip()[1:].isdigit():
            yield parts[index + 2], parts[index + 1]


def _links(repository: Path, commit: str) -> Iterator[tuple[str, str]]:
    """Yield each symbolic link of the commit, with where it leads inside the repository."""
    listed = program.git(repository, "ls-tree", "-r", "-z", "--full-tree", commit)
    for entry in listed.split(b"\0"):
        head, _, name = entry.partition(b"\t")
        if head.startswith(_LINK):
            blob = head.split(b" ")[2].decode()
            target = program.git(repository, "cat-file", "blob", blob)
            path = name.decode(errors="surrogateescape")
            leads = posixpath.join(posixpath.dirname(path), target.decode(errors="surrogateescape"))
            inside = posixpath.normpath(leads)
            if not inside.startswith(("../", "/")) and inside not in (".", ".."):
                yield path, inside
