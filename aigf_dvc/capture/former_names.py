"""Other names in git of some files: what they were called before, and what links lead to.

Who wrote a file is asked of git by its name. A rename or a link would else hide its authors.
"""

import posixpath
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from aigf_dvc.errors import UndecidedError
from aigf_dvc.git import program

_MOST_NAMES = 100_000  # a link that leads into itself has no end of them
_LINK = b"120000"
_Pair = tuple[str, str]
"""A name, and another one under which the same bytes were or are to be found."""


def with_other_names(repository: Path, commit: str, paths: Iterable[str]) -> tuple[str, ...]:
    """Return some paths, those that their links lead to, and all former names of each; sorted.

    Every rename in the history counts, whenever it was: more authors than there were is the safe
    mistake. What was copied, rather than renamed, is not followed.

    Args:
        repository: where.
        commit: the commit whose history and links count.
        paths: files or folders, relative to the repository's top.

    Raises:
        UndecidedError: git refused, or the names have no end.
    """
    pairs = sorted({*_renames(repository, commit), *_links(repository, commit)})
    known = set(paths)
    waiting = list(known)
    while waiting:
        new = set(_from(waiting.pop(), pairs)) - known
        known |= new
        waiting += new
        if len(known) > _MOST_NAMES:
            raise UndecidedError(
                f"more than {_MOST_NAMES} names", where="who wrote what the model is made of",
                hint="a link that leads into its own folder has no end of them",
            )  # fmt: skip
    return tuple(sorted(known))


def _from(path: str, pairs: Sequence[_Pair]) -> Iterator[str]:
    """Yield what is said of a path: of itself, of the files below it, of each folder above it."""
    yield from (other for _, other in _named(path, pairs))
    yield from (other for _, other in _while(pairs, f"{path}/", lambda n: n.startswith(f"{path}/")))
    above = posixpath.dirname(path)
    while above:
        yield from (other + path[len(above) :] for _, other in _named(above, pairs))
        above = posixpath.dirname(above)


def _named(name: str, pairs: Sequence[_Pair]) -> Iterator[_Pair]:
    return _while(pairs, name, lambda found: found == name)


def _while(pairs: Sequence[_Pair], start: str, fits: Callable[[str], bool]) -> Iterator[_Pair]:
    """Yield the pairs from a name on, in their order, as long as their names fit."""
    at = bisect_left(pairs, (start,))
    while at < len(pairs) and fits(pairs[at][0]):
        yield pairs[at]
        at += 1


def _renames(repository: Path, commit: str) -> Iterator[_Pair]:
    """Yield each new name in the history, with the one before."""
    listed = program.git(
        repository, "log", "--full-history", "-m", "--diff-filter=R", "-M", "-l1000",
        "--name-status", "-z", "--format=", commit,
    )  # fmt: skip
    parts = listed.decode(errors="surrogateescape").split("\0")
    for index, part in enumerate(parts[:-2]):
        if part.lstrip("\n").startswith("R") and part.strip()[1:].isdigit():
            yield parts[index + 2], parts[index + 1]


def _links(repository: Path, commit: str) -> Iterator[_Pair]:
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
