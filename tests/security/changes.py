"""Every change of every field of a JSON document, one at a time."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Any  # a document that is changed at will
Step = str | int
Path = tuple[Step, ...]

EXTRA = "extra"


class Twice(dict[str, Json]):
    """An object whose JSON has one key twice."""

    twice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A document with one change: what was done, and where."""

    operation: str
    path: str  # such as verificationMaterial.tlogEntries[0].logId.keyId
    text: bytes


def changes(document: Json, other: Json) -> Iterator[Change]:
    """Yield a document with each change of each field.

    Args:
        document: valid JSON.
        other: another document of the same shape, for values to swap in.
    """
    for path in _paths(document):
        value = _at(document, path)
        for operation, replacement in _replacements(value):
            if _text(replacement) == _text(value):
                continue  # such as the other case of digits, or the order of one key
            yield _changed(document, path, operation, replacement)
        swapped = _at(other, path)
        if swapped is not _MISSING and swapped != value:
            yield _changed(document, path, "swapped", swapped)
        if path:
            yield Change(
                operation="removed", path=_name(path), text=_dumps(_without(document, path))
            )
            yield Change(
                operation="duplicated", path=_name(path), text=_dumps(_doubled(document, path))
            )


def changes_inside(document: Json, path: Path, other: Json) -> Iterator[Change]:
    """Yield a document with each change of each field of the JSON in the base64 of one place."""
    inner, swapped = (json.loads(b64decode(_at(one, path))) for one in (document, other))
    for change in changes(inner, swapped):
        text = b64encode(change.text).decode()
        edited = _dumps(_put(document, path, text))
        yield Change(operation=change.operation, path=f"{_name(path)}: {change.path}", text=edited)


def _replacements(value: Json) -> Iterator[tuple[str, Json]]:
    yield from _retyped(value)
    if isinstance(value, str):
        yield from _texts(value)
    elif isinstance(value, Mapping):
        yield "emptied", {}
        yield "an unknown key", {**value, EXTRA: 1}
        yield "objects re-ordered", dict(reversed(list(value.items())))
    elif isinstance(value, list):
        yield "emptied", []
        yield "grown", [*value, EXTRA]
        yield "re-ordered", list(reversed(value))


def _retyped(value: Json) -> Iterator[tuple[str, Json]]:
    """Yield values of every other type."""
    for name, other in (
        ("null", None),
        ("true", True),
        ("a number", 7),
        ("a list", [value]),
        ("an object", {"value": value}),
        ("a text", "text"),
    ):
        if type(other) is not type(value) or isinstance(value, list | Mapping):
            yield f"made {name}", other


def _texts(value: str) -> Iterator[tuple[str, Json]]:
    yield "emptied", ""
    yield "a space before", f" {value}"
    yield "a line end after", f"{value}\n"
    yield "an equals sign after", f"{value}="
    yield "other case", value.swapcase()
    yield "cut by one", value[:-1]
    yield "cut by four", value[:-4]
    yield "cut in half", value[: len(value) // 2]
    try:
        decoded = b64decode(value, validate=True)
    except ValueError:
        return
    if len(decoded) > 1:
        middle = len(decoded) // 2
        for name, place in (("first", 0), ("middle", middle), ("last", len(decoded) - 1)):
            flipped = bytes([*decoded[:place], decoded[place] ^ 1, *decoded[place + 1 :]])
            yield f"{name} byte flipped", b64encode(flipped).decode()
        yield "one byte longer", b64encode(decoded + b"\0").decode()


_MISSING = object()


def _paths(value: Json, before: Path = ()) -> Iterator[Path]:
    yield before
    steps: list[tuple[Step, Json]] = []
    if isinstance(value, Mapping):
        steps = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    for step, inner in steps:
        yield from _paths(inner, (*before, step))


def _at(document: Json, path: Path) -> Json:
    for step in path:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return document


def _replaced(document: Json, path: Path, edit: Callable[[Json], Json]) -> Json:
    if not path:
        return edit(document)
    step, *rest = path
    if isinstance(document, list):
        place = int(step)
        inner = _replaced(document[place], tuple(rest), edit)
        return [*document[:place], inner, *document[place + 1 :]]
    return document | {step: _replaced(document[step], tuple(rest), edit)}


def _put(document: Json, path: Path, new: Json) -> Json:
    return _replaced(document, path, lambda _: new)


def _without(document: Json, path: Path) -> Json:
    def remove(parent: Json) -> Json:
        if isinstance(parent, list):
            return [item for place, item in enumerate(parent) if place != path[-1]]
        return {key: item for key, item in parent.items() if key != path[-1]}

    return _replaced(document, path[:-1], remove)


def _doubled(document: Json, path: Path) -> Json:
    def double(parent: Json) -> Json:
        if isinstance(parent, list):
            place = int(path[-1])
            return [*parent[: place + 1], *parent[place:]]
        found = Twice(parent)
        found.twice = str(path[-1])
        return found

    return _replaced(document, path[:-1], double)


def _dumps(document: Json) -> bytes:
    return _text(document).encode()


def _text(value: Json) -> str:
    if isinstance(value, Mapping):
        keys = [*value, value.twice] if isinstance(value, Twice) else list(value)
        return "{" + ",".join(f"{json.dumps(key)}:{_text(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_text(item) for item in value) + "]"
    return json.dumps(value)


def _changed(document: Json, path: Path, operation: str, new: Json) -> Change:
    return Change(operation=operation, path=_name(path), text=_dumps(_put(document, path, new)))


def _name(path: Path) -> str:
    names = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return "".join(names).removeprefix(".")
