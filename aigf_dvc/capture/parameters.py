"""Reads parameter files, and looks a parameter up as DVC does."""

import json
import posixpath
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from aigf_dvc.canonical import unique_keys
from aigf_dvc.capture.parameter_parts import read_parts
from aigf_dvc.errors import UndecidedError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.strict_yaml import read_dvc

_INDEX = lazy_pattern(r"[0-9]{1,9}\Z")
ABSENT = object()
"""What `look_up` returns when there is no such parameter."""


@lru_cache(maxsize=4)  # a history asks for the same file once for each stage
def read_parameters(data: bytes, *, path: str) -> Mapping[str, Any]:  # Any: whatever it holds
    """Read a parameter file: Python, JSON, TOML; what is called anything else is YAML.

    Raises:
        UndecidedError: it cannot be read, or is of another form.
    """
    suffix = posixpath.splitext(path)[1].lower()
    try:
        if suffix == ".py":
            from aigf_dvc.evidence.python_parameters import (  # noqa: PLC0415  # as below
                read_python_parameters,
            )

            value: object = read_python_parameters(data, where=path)
        elif suffix == ".json":
            value = json.loads(data.decode("utf-8-sig"), object_pairs_hook=unique_keys)
        elif suffix == ".toml":
            import tomllib  # noqa: PLC0415  # few projects have one, and every gate would pay for it

            value = tomllib.loads(data.decode())
        else:
            parts = read_parts(data)
            value = read_dvc(data, where=path) if parts is None else parts
    except (ValueError, RecursionError) as error:
        raise UndecidedError(f"not readable: {error}", where=path, expected="parameters") from None
    if not value:  # DVC takes `[]`, `0` and `""` for an empty file too
        return {}
    if not isinstance(value, Mapping):
        raise UndecidedError("no named parameters", where=path, expected="a mapping")
    return value


def look_up(values: Mapping[str, Any], key: str) -> object:
    """Return a parameter by its name, dots for nesting; a key that holds the dots itself wins."""
    if key in values:
        return values[key]
    value: Any = values
    for step in key.split("."):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list | tuple) and _INDEX.match(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return ABSENT
    return value
