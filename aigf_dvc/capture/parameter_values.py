"""The values of parameters over many commits, in a form to compare."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from aigf_dvc.capture.parameters import look_up, read_parameters
from aigf_dvc.errors import AigfError
from aigf_dvc.trees.commit_snapshot import CommitSnapshot, Stands

_MOST_KNOWN = 100_000
_PLAIN = (bool, int, float, str)

Key: TypeAlias = tuple[object, ...]


class ParameterValues:
    """The values of parameters, read once from each version of a file."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[tuple[Stands, str, tuple[str, ...]], Key] = {}
        self._file: tuple[Stands, str] | None = None  # the one that was read last
        self._values: Mapping[str, Any] | None = None

    def of(self, snapshot: CommitSnapshot, path: str, keys: tuple[str, ...]) -> Key:
        """Return the values of some keys of a file; the file itself when that cannot be."""
        stands = snapshot.stands[path]
        key = stands, path, keys
        found = self._known.get(key)
        if found is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            if self._file != (stands, path):
                self._values = None
                self._file = stands, path
                with suppress(AigfError):  # whoever compares it says what is wrong
                    self._values = _read(snapshot, path)
            values = self._values
            found = self._known[key] = (values and _form(values, keys)) or (stands,)
        return found


def _read(snapshot: CommitSnapshot, path: str) -> Mapping[str, Any] | None:
    data = snapshot.read(path)
    return None if data is None else read_parameters(data, path=path)


def _form(values: Mapping[str, Any], keys: tuple[str, ...]) -> Key | None:
    """Return the values of some keys in a form to compare; None: they have none."""
    found = [look_up(values, key) for key in keys]
    # The types too: for Python, 1, 1.0 and true are one.
    return (*found, *map(type, found)) if all(type(v) in _PLAIN for v in found) else None
