"""Reads many versions of a parameter file: a part that stands in a thousand of them is read once.

A YAML file whose keys begin lines, each with its value beside or indented below it, is cut at those
lines; any other is read as a whole. What begins in one part cannot end in another: the part alone
would not be YAML, and then the whole is read.
"""

from functools import lru_cache
from typing import Any

from aigf_dvc.errors import UndecidedError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.strict_yaml import read_dvc

_PART = lazy_pattern(rb"[A-Za-z_][A-Za-z0-9_]{0,99}:[^\n]*\n(?: [^\n]*\n)*+")
_MOST_BYTES = 1 << 16


def read_parts(data: bytes) -> dict[Any, Any] | None:
    """Return what a YAML file says, or None when it has another layout or is refused."""
    if len(data) > _MOST_BYTES:
        return None
    found: dict[Any, Any] = {}
    end = 0
    while match := _PART.match(data, end):
        part = _read(match[0])
        if part is None or part[0] in found:
            return None
        found[part[0]] = part[1]
        end = match.end()
    return found if found and end == len(data) else None


@lru_cache(maxsize=1024)
def _read(text: bytes) -> tuple[Any, Any] | None:
    """Return the one key of a part and its value."""
    try:
        value = read_dvc(text, where="")
    except UndecidedError:
        return None
    return next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else None
