"""Tells which files DVC does not see: `.dvcignore`, and DVC projects inside the project.

The only place that imports pathspec, and only when a `.dvcignore` says something.
"""

from collections.abc import Iterable
from typing import Protocol

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.pipeline import parents
from aigf_dvc.trees.snapshot import Kind, Snapshot

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
    """The rules of one snapshot; only the folders that a path is in are looked at."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._specs: dict[str, _Spec | None] = {}  # by folder
        self._projects: dict[str, bool] = {}  # folder -> whether it is a DVC project of its own

    def hides(self, path: str) -> bool:
        """Tell whether DVC does not see a path of the project."""
        if is_outside(path):
            return False
        folders = tuple(parents(path))
        return any(map(self._is_project, folders)) or self._is_ignored(path, (*folders, ""))

    def _is_project(self, folder: str) -> bool:
        if folder not in self._projects:
            config = f"{folder}/.dvc/config"
            self._projects[folder] = self._snapshot.kind(config) is Kind.FILE
        return self._projects[folder]

    def _is_ignored(self, path: str, folders: Iterable[str]) -> bool:
        """The nearest file with a pattern that matches decides, as in git."""
        for folder in folders:
            if folder not in self._specs:
                self._specs[folder] = self._read(f"{folder}/{FILE_NAME}" if folder else FILE_NAME)
            spec = self._specs[folder]
            answer = spec.check_file(path[len(folder) + 1 if folder else 0 :]) if spec else None
            if answer is not None and answer.include is not None:
                return answer.include
        return False

    def _read(self, file: str) -> "_Spec | None":
        if self._snapshot.kind(file) is not Kind.FILE:
            return None
        try:
            text = (self._snapshot.read(file) or b"").decode()
        except UnicodeDecodeError as error:
            raise UndecidedError(
                f"byte {error.start} is not UTF-8", where=file, expected="UTF-8 text"
            ) from None
        lines = [line.strip() for line in text.splitlines()]
        patterns = [line for line in lines if line and not line.startswith("#")]
        return _spec(patterns, file) if patterns else None


def _spec(patterns: list[str], file: str) -> _Spec:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415  # most projects have no such pattern

    try:
        return GitIgnoreSpec.from_lines(patterns)
    except ValueError as error:
        raise UndecidedError(str(error), where=file, expected="patterns as in .gitignore") from None
