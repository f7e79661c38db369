"""Names the first places in which two JSON documents differ."""

from collections.abc import Iterator, Mapping
from itertools import islice

from aigf_dvc.canonical import Json, dumps

_MOST = 10
_LONGEST = 100  # characters of a value
_NOTHING = object()


def json_differences(attested: Json, found: Json) -> Iterator[str]:
    """Yield the first differences, each by its path; lists of named things are held by name."""
    yield from islice(_differences(attested, found, ""), _MOST)


def _differences(attested: object, found: object, where: str) -> Iterator[str]:
    if isinstance(attested, Mapping) and isinstance(found, Mapping):
        for key in sorted(attested.keys() | found.keys()):
            place = f"{where}.{key}".lstrip(".")
            yield from _differences(attested.get(key, _NOTHING), found.get(key, _NOTHING), place)
    elif isinstance(attested, list) and isinstance(found, list):
        yield from _in_lists(attested, found, where)
    elif attested != found or type(attested) is not type(found):
        yield f"{where:.300}: attested {_short(attested)}, the commit has {_short(found)}"


def _in_lists(attested: list[object], found: list[object], where: str) -> Iterator[str]:
    here, there = _by_name(attested), _by_name(found)
    if here is None or there is None:
        here, there = _by_index(attested), _by_index(found)
    for key in sorted(here.keys() | there.keys()):
        place = f"{where}[{key}]"
        yield from _differences(here.get(key, _NOTHING), there.get(key, _NOTHING), place)


def _by_name(items: list[object]) -> dict[str, object] | None:
    """Return named objects by their names, or None where names do not tell them apart."""
    named: dict[str, object] = {
        item["name"]: item
        for item in items
        if isinstance(item, Mapping) and isinstance(item.get("name"), str)
    }
    return named if len(named) == len(items) else None


def _by_index(items: list[object]) -> dict[str, object]:
    return {str(index): item for index, item in enumerate(items)}


def _short(value: object) -> str:
    if value is _NOTHING:
        return "nothing"
    text = dumps(value).decode(errors="replace")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
