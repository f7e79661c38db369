"""Typed access to what was loaded from DVC's YAML: every refusal says where and what was found."""

import posixpath
import reprlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from aigf_dvc.errors import UndecidedError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.redaction import redact_url

_LONG_NUMBER = 1024  # bits
_REPR = reprlib.Repr()  # bounded: aliases can make a small file huge
_REPR.maxlevel = 2
_REPR.maxstring = 80
_WINDOWS = lazy_pattern(r"[A-Za-z]:[\\/]|.*\\")


def mapping(value: object, where: str, expected: str) -> Mapping[Any, Any]:
    """Return a mapping, or refuse."""
    if type(value) is dict or isinstance(value, Mapping):  # the first is much faster
        return value
    raise UndecidedError(shown(value), where=where, expected=f"a mapping with {expected}")


def sequence(value: object, where: str) -> list[Any]:
    """Return a list; nothing is an empty one."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise UndecidedError(shown(value), where=where, expected="a list")


def commands(value: object, where: str) -> tuple[str, ...]:
    """Return the commands of a stage: one, or a list of them."""
    found = value if isinstance(value, list) else [value]
    if not found or not all(isinstance(c, str) and c for c in found):
        raise UndecidedError(
            f"cmd: {shown(value)}", where=where, expected="a command or a list of them"
        )
    return tuple(found)


def named(item: object, where: str) -> tuple[object, Mapping[Any, Any]]:
    """Return the path and options of `path` or `{path: options}`."""
    if not isinstance(item, Mapping):
        return item, {}
    if len(item) != 1:
        raise UndecidedError(shown(item), where=where, expected="one path with its options")
    path, options = next(iter(item.items()))
    return path, mapping(options or {}, where, "options")


def place(directory: str, path: object, where: str) -> str:
    """Return a path relative to the project; what lies outside keeps the name that DVC gives it.

    Credentials in a URL are left out.
    """
    if not isinstance(path, str) or not path:
        raise UndecidedError(f"the path {shown(path)}", where=where, expected="a path")
    if "://" in path:
        return redact_url(path)
    found = _joined(directory, path)
    if found is None:
        raise unsupported(
            where, f"the path {shown(path)}", "a relative path, `/` between the parts, or a URL"
        )
    return found


@lru_cache(maxsize=65536)  # the same paths stand in many stages, and in every commit
def _joined(directory: str, path: str) -> str | None:
    """Return a path relative to the project, or None when it is of no kind that is read here."""
    if path.startswith("~") or "\0" in path or _WINDOWS.match(path):
        return None
    if path.startswith("/"):
        return posixpath.normpath(path)
    joined = posixpath.normpath(posixpath.join(directory, path))
    return "" if joined == "." else joined


def inside(directory: str, path: object, where: str) -> str:
    """Return a path inside the project; one that leads out is refused."""
    found = place(directory, path, where)
    if is_outside(found):
        raise unsupported(where, f"the path {shown(path)} outside the project's folder")
    return found


def is_outside(path: str) -> bool:
    """Tell whether a path leads out of the project."""
    return path.startswith(("/", "../")) or path == ".." or "://" in path


def shown(value: object) -> str:
    """Return a short form of a value for a message."""
    if isinstance(value, int) and value.bit_length() > _LONG_NUMBER:
        return "a very long number"
    return _REPR.repr(value)


def unsupported(where: str, what: str, expected: str = "", hint: str = "") -> UndecidedError:
    """Return the error for a shape of DVC's files that is not read."""
    return UndecidedError(
        f"{what} is not supported",
        where=where,
        expected=expected or "a DVC pipeline",
        hint=hint
        or "nothing was skipped: write the stage without it, or wait for a version that reads it",
    )
