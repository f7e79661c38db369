"""The plan of `aigf init`: every file that it would write, and the writing of them.

All is planned and checked before the first byte is written.
"""

import difflib
import os
from collections.abc import Iterable
from enum import Enum, unique
from pathlib import Path

from msgspec import Struct

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.lazy_pattern import lazy_pattern

_TODO = lazy_pattern(r"\s*(?:- )?(?P<field>[A-Za-z0-9_.-]+):\s*[\"']?TODO\b")


@unique
class PlannedKind(Enum):
    """What happens to a file."""

    CREATED = "created"
    CHANGED = "changed"
    KEPT = "kept"


class PlannedFile(Struct, frozen=True, kw_only=True):
    """One file, as it is and as it will be."""

    path: Path
    kind: PlannedKind
    data: bytes  # as it will be
    why: str
    before: bytes | None = None

    def diff(self, name: str) -> str:
        """Return the change as a unified diff; empty when there is none."""
        before, after = (
            (data or b"").decode(errors="replace").splitlines() for data in (self.before, self.data)
        )
        return "\n".join(difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", lineterm=""))


class Todo(Struct, frozen=True, kw_only=True):
    """A field that a person must fill in."""

    field: str
    path: Path
    line: int


class InitPlan(Struct, frozen=True, kw_only=True):
    """What `aigf init` will do."""

    files: tuple[PlannedFile, ...]
    todos: tuple[Todo, ...]
    notes: tuple[str, ...]

    @property
    def changes(self) -> tuple[PlannedFile, ...]:
        """Return the files to write."""
        return tuple(file for file in self.files if file.kind is not PlannedKind.KEPT)


def read_plain(path: Path) -> bytes | None:
    """Return what a file holds; None for all else, which `demand_writable` refuses by its name."""
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def planned(path: Path, before: bytes | None, after: bytes, why: str) -> PlannedFile:
    """Return what happens to a file."""
    kind = PlannedKind.CHANGED
    if before is None:
        kind = PlannedKind.CREATED
    elif before == after:
        kind = PlannedKind.KEPT
    return PlannedFile(path=path, kind=kind, data=after, why=why, before=before)


def open_todos(files: Iterable[PlannedFile]) -> tuple[Todo, ...]:
    """Return every field of the Markdown files' front matter that still says TODO."""
    found = []
    for file in files:
        lines = file.data.decode(errors="replace").splitlines() if file.path.suffix == ".md" else []
        for number, line in enumerate(lines, start=1):
            if number > 1 and line.rstrip() == "---":
                break
            if match := _TODO.match(line):
                found.append(Todo(field=match["field"], path=file.path, line=number))
    return tuple(found)


def demand_writable(file: PlannedFile, *, repository: Path) -> None:
    """Refuse a file that cannot be written, before anything is.

    Raises:
        InputError: a link or directory stands there, a parent is no folder, or it is read-only.
    """
    path = file.path
    if path.is_symlink() or (path.exists() and not path.is_file()):
        what = "a symbolic link" if path.is_symlink() else "a directory"
        raise InputError(
            what, where=str(path), expected="a file or nothing",
            hint="move it away, and run `aigf init` again",
        )  # fmt: skip
    parent = next(folder for folder in path.parents if os.path.lexists(folder))
    if not parent.is_dir():
        raise InputError(
            "a file", where=str(parent), expected="a folder",
            hint="move it away, and run `aigf init` again",
        )  # fmt: skip
    if not Path(os.path.realpath(parent)).is_relative_to(repository):
        raise InputError(
            "a link leads out of the repository", where=str(parent), expected="a folder inside it"
        )
    if not os.access(parent, os.W_OK | os.X_OK):
        raise InputError("a read-only folder", where=str(parent), expected="one to write to")


def apply(plan: InitPlan) -> None:
    """Write the planned files.

    Raises:
        AigfError: one cannot be written; the message says which were.
    """
    done: list[str] = []
    for file in plan.changes:
        try:
            file.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(file.path, file.data)
        except OSError as error:
            raise AigfError(
                f"cannot be written: {error.strerror}",
                where=str(file.path),
                hint=f"written before that: {', '.join(done) or 'nothing'}; "
                "run `aigf init` again when the reason is gone",
            ) from None
        done.append(str(file.path))
