"""Values that a JSON Schema allows, for hypothesis: the part of the language that ours uses."""

import string
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import ceil, floor
from typing import Any

from hypothesis import strategies as st

LETTERS = string.ascii_letters + string.digits + " _-.:/äß"
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 10),
    st.floats(-2, 2, allow_nan=False, width=16),
    st.text(LETTERS, max_size=8),
    st.sampled_from(["2026-12-24", "90d", "warn", "deny", "observed", "metric", " deny", "0d"]),
    st.lists(st.text(LETTERS, max_size=3), max_size=3),
    st.dictionaries(st.text(LETTERS, max_size=5), st.integers(0, 3), max_size=2),
)
_NOTES = {"description", "title", "default", "examples"}


# Words for the patterns that stand everywhere: drawing from a regular expression is slow.
_WORDS = {
    r"\S": ["a", "credit model", " x ", "ä: b", "1.0"],
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": ["2026-12-24", "2027-01-31", "2026-02-30"],
    "^[1-9][0-9]{0,4}[dw]$": ["1d", "90d", "26w", "99999w"],
}


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Return values that a schema allows; fails on a word of the language that it does not know."""
    known = {word: value for word, value in schema.items() if word not in _NOTES}
    for word in ("anyOf", "oneOf"):
        if word in known:
            assert set(known) == {word}, f"{word} beside {sorted(known)}"
            return st.one_of([values(choice) for choice in known[word]])
    if "const" in known:
        return st.just(known["const"])
    if "enum" in known:
        return st.sampled_from(known["enum"])
    if isinstance(known.get("type"), list):
        return st.one_of([values({**known, "type": name}) for name in known["type"]])
    return _TYPES[known.pop("type")](known) if known else ANYTHING


def _truth(known: dict[str, Any]) -> st.SearchStrategy[Any]:
    assert not known, f"words of truth values that are not known: {sorted(known)}"
    return st.booleans()


def _number(known: dict[str, Any], *, whole: bool = False) -> st.SearchStrategy[Any]:
    low = known.pop("minimum", known.get("exclusiveMinimum", -1000))
    high = known.pop("maximum", known.get("exclusiveMaximum", 1000))
    barred = {known.pop("exclusiveMinimum", None), known.pop("exclusiveMaximum", None)}
    assert not known, f"words of numbers that are not known: {sorted(known)}"
    fractions = st.integers(ceil(low * 100), floor(high * 100)).map(lambda cents: cents / 100)
    wholes = st.integers(ceil(low), floor(high)) if ceil(low) <= high else fractions
    chosen = wholes if whole else st.one_of(wholes, fractions)
    return chosen.filter(lambda number: number not in barred)


def _text(known: dict[str, Any]) -> st.SearchStrategy[Any]:
    pattern = known.pop("pattern", None)
    least, most = known.pop("minLength", 0), known.pop("maxLength", None)
    assert not known, f"words of texts that are not known: {sorted(known)}"
    if pattern is None:
        return st.text(LETTERS, min_size=least, max_size=most or 12)
    if pattern in _WORDS:
        return st.sampled_from(_WORDS[pattern])
    anchored = pattern.startswith("^") and pattern.endswith("$")
    return st.from_regex(pattern, fullmatch=anchored, alphabet=st.sampled_from(LETTERS + "()"))


def _list(known: dict[str, Any]) -> st.SearchStrategy[Any]:
    unique = known.pop("uniqueItems", False)
    items = values(known.pop("items", {}))
    least, most = known.pop("minItems", 0), known.pop("maxItems", 3)
    assert not known, f"words of lists that are not known: {sorted(known)}"
    return st.lists(items, min_size=least, max_size=most, unique_by=repr if unique else None)


def _object(known: dict[str, Any]) -> st.SearchStrategy[Any]:
    least, most = known.pop("minProperties", 0), known.pop("maxProperties", 3)
    required: Sequence[str] = known.pop("required", ())
    named = {name: values(form) for name, form in known.pop("properties", {}).items()}
    names = values({"type": "string", **known.pop("propertyNames", {"pattern": r"\S"})})
    others = known.pop("additionalProperties", True)
    assert not known, f"words of mappings that are not known: {sorted(known)}"
    if named:
        assert others is False, "a mapping with named keys and others"
        optional = {name: form for name, form in named.items() if name not in required}
        found = st.fixed_dictionaries({name: named[name] for name in required}, optional=optional)
        return found.filter(lambda mapping: len(mapping) >= least)
    form = ANYTHING if others is True else values(others)
    return st.dictionaries(names, form, min_size=least, max_size=most)


_TYPES: dict[str, Callable[[dict[str, Any]], st.SearchStrategy[Any]]] = {
    "array": _list,
    "boolean": _truth,
    "integer": partial(_number, whole=True),
    "number": _number,
    "object": _object,
    "string": _text,
}
