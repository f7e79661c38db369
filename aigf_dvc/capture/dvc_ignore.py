"""Tells which files DVC does not see: `.dvcignore`, and DVC projects inside the project.

The only place that imports pathspec, and only when a `.dvcignore` says something.
"""

import posixpath
from collections.abc import Iterable, Iterator
from typing import Protocol

from aigf_dvc.capture.snapshot import Snapshot
from aigf_dvc.errors import UndecidedError

FILE_NAME = ".dvcignore"


class _Spec(Protocol):
    """What is used of pathspec's GitIgnoreSpec."""

    def check_file(self, file: str) -> "_Answer":
        """Match one path."""


class _Answer(Protocol):
    @property
    def include(self) -> bool | None:
        """True: a pattern matches; False: one that begins with `!` does; None: none does."""


class DvcIgnore:
    """The rules of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._projects = tuple(_inner_projects(snapshot.files()))
        self._specs = dict(_read(snapshot))  # by folder

    def hides(self, path: str) -> bool:
        """Tell whether DVC does not see a path of the project."""
        if any(path == folder or path.startswith(f"{folder}/") for folder in self._projects):
            return True
        return bool(self._specs) and self._is_ignored(path)

    def _is_ignored(self, path: str) -> bool:
        """The nearest file with a pattern that matches decides, as in git."""
        folder = path
        while folder:
            folder = posixpath.dirname(folder)
            spec = self._specs.get(folder)
            answer = spec.check_file(path[len(folder) + 1 if folder else 0 :]) if spec else None
            if answer is not None and answer.include is not None:
                return answer.include
        return False


def _inner_projects(files: Iterable[str]) -> Iterator[str]:
    """Yield the folders that are DVC projects of their own."""
    for file in files:
        folder, slash, _ = file.partition("/.dvc/")
        if slash and file.endswith("/.dvc/config") and file == f"{folder}/.dvc/config":
            yield folder


def _read(snapshot: Snapshot) -> Iterator[tuple[str, _Spec]]:
    for file in snapshot.files():
        if posixpath.basename(file) != FILE_NAME:
            continue
        try:
            text = (snapshot.read(file) or b"").decode()
        except UnicodeDecodeError as error:
            raise UndecidedError(
                f"byte {error.start} is not UTF-8", where=file, expected="UTF-8 text"
            ) from None
        lines = [line.strip() for line in text.splitlines()]
        patterns = [line for line in lines if line and not line.startswith("#")]
        if patterns:
            yield posixpath.dirname(file), _spec(patterns, file)


def _spec(patterns: list[str], file: str) -> _Spec:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415  # most projects have no such pattern

    try:
        return GitIgnoreSpec.from_lines(patterns)
    except ValueError as error:
        raise UndecidedError(str(error), where=file, expected="patterns as in .gitignore") from None
