"""Canonical JSON (RFC 8785), lossless for numbers that JSON cannot carry, and a strict reader.

A number outside JSON's safe range is written as `{"$number": "<text>"}`, a date as
`{"$date": "<ISO 8601>"}`. In a user's own data a key that starts with `$` gets one more, so that
nothing a user writes can look like our marks.
"""

import json
import math
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias, TypeVar, cast

import msgspec

from aigf_dvc.errors import UndecidedError
from aigf_dvc.lazy_pattern import lazy_pattern

Json: TypeAlias = "bool | int | float | Decimal | str | Sequence[Json] | Mapping[str, Json] | None"

Value = TypeVar("Value")
CompactDecoder: TypeAlias = msgspec.json.Decoder[Value]

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 64
_MAX_VALUES = 5_000_000
_CONTAINERS = (dict, list)
_AS_THEY_ARE = (str, bool)
_MAPPINGS = (dict, Mapping)  # to ask for the first takes a tenth of the time
_LISTS = (list, tuple)
_SAFE_INTEGER = 2**53 - 1
_EXPONENT_FROM = 10**21  # from here on JSON's canonical numbers have an exponent
# Where Python's JSON may differ from RFC 8785: numbers such as 1.0, 1e-05 and 1e+16, and keys
# beyond the Basic Multilingual Plane, which sort by UTF-16. Found in strings too: no harm.
_NUMBER_MAY_DIFFER = lazy_pattern(r"[0-9](?:\.0(?:[,\]}]|\Z)|e[+-][0-9])")
_KEY_MAY_DIFFER = lazy_pattern(r"[\U00010000-\U0010ffff]")
_HALF_PAIR = lazy_pattern(r"[\ud800-\udfff]")

# What a mark can hold: bounded, so that a number that somebody else wrote fills no memory.
_NUMBER_TEXT = lazy_pattern(
    r"-?(?:[0-9]{1,1000}(?:\.[0-9]{1,1000})?(?:[Ee][+-]?[0-9]{1,4})?|inf|Infinity)|s?nan|s?NaN"
)


def dumps(value: object) -> bytes:
    """Return the one canonical form of a value; equal values give equal bytes anywhere.

    Raises:
        UndecidedError: the value holds something JSON has no form for, or is too large or deep.
    """
    plain = as_json(value)
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        # Python's own writer is ten times as fast, and differs in some numbers and some keys only.
        return _by_library(plain) if _may_differ(text) else text.encode()
    except (ValueError, UnicodeEncodeError) as error:
        raise UndecidedError(f"a value has no canonical JSON form: {error}") from None


def _may_differ(text: str) -> bool:
    if _NUMBER_MAY_DIFFER.search(text):
        return True
    return not text.isascii() and _KEY_MAY_DIFFER.search(text) is not None


def _by_library(plain: Any) -> bytes:  # noqa: ANN401  # rfc8785's own recursive type is invariant
    import rfc8785  # noqa: PLC0415  # few values need it

    return rfc8785.dumps(plain)


def pretty(value: object) -> str:
    """Return a value as indented JSON for people and pipes."""
    return json.dumps(as_json(value), indent=2, ensure_ascii=False)


def as_json(value: object) -> Json:
    """Return a value of ours as plain JSON types, marking the numbers that JSON cannot carry."""
    return _Walk(escape="").convert(value, 0)


def demand_bounded(value: Json) -> None:
    """Refuse a value that `as_json` would not take for its depth or size; far faster than that.

    Raises:
        UndecidedError: it is nested too deep or too large.
    """
    count, level = 1, [value] if value and isinstance(value, _CONTAINERS) else []
    for _ in range(MAX_DEPTH + 1):
        if not level:
            return
        count += sum(map(len, level))
        if count > _MAX_VALUES:
            break
        level = [
            below
            for item in level
            for below in (item.values() if isinstance(item, dict) else item)
            if below and isinstance(below, _CONTAINERS)
        ]
    raise _unbounded()


def user_data_as_json(value: object) -> Json:
    """Return a user's value as plain JSON types; their keys can not be mistaken for our marks."""
    return _Walk(escape="$").convert(value, 0)


def user_data(value: Json) -> object:
    """Return a user's value again that `user_data_as_json` wrote; other marks stay as they are."""
    if isinstance(value, list):
        return [user_data(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    text = value.get("$number")
    if len(value) == 1 and isinstance(text, str) and _NUMBER_TEXT.fullmatch(text):
        return Decimal(text)
    return {
        key.removeprefix("$") if key.startswith("$$") else key: user_data(item)
        for key, item in value.items()
    }


class _Walk:
    """One walk over a value, bounded in size: YAML aliases can make a small file huge."""

    def __init__(self, *, escape: str) -> None:
        self._escape = escape
        self._count = 1

    def convert(self, value: object, depth: int) -> Json:
        if value is None or isinstance(value, _AS_THEY_ARE):
            return value
        if isinstance(value, _MAPPINGS):
            below = self._below(depth, len(value))
            return {
                # Most keys and items are plain text, and need none of the machinery.
                key if type(key) is str and key[:1] != "$" else self._key(key): (
                    item if type(item) is str else self.convert(item, below)
                )
                for key, item in value.items()
            }
        if isinstance(value, _LISTS):
            below = self._below(depth, len(value))
            return [self.convert(item, below) for item in value]
        return _scalar(value)

    def _below(self, depth: int, size: int) -> int:
        """Return the depth of a container's items, and count them."""
        self._count += size
        if (depth >= MAX_DEPTH and size) or self._count > _MAX_VALUES:
            raise _unbounded()
        return depth + 1

    def _key(self, key: object) -> str:
        if isinstance(key, str):
            return self._escape + key if key.startswith("$") else key
        # DVC parameters may have numbers or booleans as keys: their JSON text names them.
        return str(as_json(key)) if isinstance(key, int | float) else str(key)


def _unbounded() -> UndecidedError:
    return UndecidedError(
        "a value is nested too deep or too large",
        expected=f"at most {MAX_DEPTH} levels and {_MAX_VALUES} values",
    )


def _scalar(value: object) -> Json:
    match value:
        case int():
            return _integer(value)
        case float():
            return _float(value)
        case Decimal():
            return _decimal(value)
        case date():
            return {"$date": value.isoformat()}
        case _:
            raise UndecidedError(f"a value of type {type(value).__name__} has no JSON form")


def _integer(value: int) -> Json:
    return value if abs(value) <= _SAFE_INTEGER else {"$number": str(value)}


def _float(value: float) -> Json:
    if not math.isfinite(value):
        return {"$number": repr(value)}
    # RFC 8785 writes these as plain digits, which read back as an integer that JSON cannot carry.
    if value.is_integer() and _SAFE_INTEGER < abs(value) < _EXPONENT_FROM:
        return _integer(int(value))
    return value


def _decimal(value: Decimal) -> Json:
    if value.is_finite():
        if abs(value) < _EXPONENT_FROM and value == value.to_integral_value():
            return _integer(int(value))
        nearest = float(value)
        if math.isfinite(nearest) and Decimal(repr(nearest)) == value:
            return nearest
    return {"$number": str(value)}


def loads(data: bytes, *, where: str, max_bytes: int = MAX_BYTES) -> Json:
    """Read JSON strictly: UTF-8 in strings too, no duplicate keys, no NaN, bounded size and depth.

    Numbers with a fraction or an exponent are read as Decimal, so that 0.85 is exactly 0.85.

    Raises:
        UndecidedError: the bytes are not such JSON; `where` names the file in the message.
    """
    if len(data) > max_bytes:
        raise UndecidedError(
            f"{len(data)} bytes", where=where, expected=f"at most {max_bytes} bytes of JSON"
        )
    compact = _read_compact(data)
    if compact is not None:
        return compact
    try:
        text = data.removeprefix(BOM_UTF8).decode()
        value = json.loads(
            text, object_pairs_hook=unique_keys, parse_float=_finite, parse_constant=_constant
        )
        if "\\u" in text:  # nothing else makes one
            _refuse_half_pairs(value)
    except UnicodeDecodeError as error:
        raise UndecidedError(
            f"byte {error.start} is not UTF-8", where=where, expected="UTF-8 text"
        ) from None
    except json.JSONDecodeError as error:
        place = f"{where}:{error.lineno}:{error.colno}"
        raise UndecidedError(f"not JSON: {error.msg}", where=place, expected="JSON") from None
    except (ValueError, RecursionError) as error:
        raise UndecidedError(str(error), where=where, expected="strict JSON") from None
    return cast("Json", value)


def _read_compact(data: bytes) -> Json:
    """Return the value of strict JSON without a space to spare, as tools write it; or None."""
    return cast("Json", read_compact(data, _DECODER))


def read_compact(data: bytes, decoder: CompactDecoder[Value]) -> Value | None:
    """Return what JSON says that has the one form of its value, or None for any other.

    What is written again as the same bytes has one meaning: a key that stood twice would be gone.

    Args:
        data: JSON without a space to spare, as tools write it.
        decoder: of `decoder_of`; the fields of its types stand in the order of the text.
    """
    try:
        value = decoder.decode(data)
        return value if _ENCODER.encode(value) == data else None
    except (ValueError, RecursionError, TypeError):
        return None  # a slower reader says what is wrong, and where


def decoder_of(kind: type[Value]) -> CompactDecoder[Value]:
    """Return a reader of JSON of one type, for `read_compact`; numbers are read as by `loads`."""
    return msgspec.json.Decoder(kind, float_hook=_finite)


def _refuse_half_pairs(value: object) -> None:
    """Refuse half of a surrogate pair alone: no file, digest or terminal can hold such text."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str) and _HALF_PAIR.search(item):
            message = f"half of a surrogate pair in {item!r:.40}"
            raise ValueError(message)
        if isinstance(item, Mapping):
            waiting += item.keys()
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object's pairs as a mapping; for `json.loads`.

    Raises:
        ValueError: a key stands twice.
    """
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            message = f"the key {key!r} stands twice"
            raise ValueError(message)
        found[key] = value
    return found


def _finite(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:  # an exponent past Decimal's own bounds
        value = Decimal("inf")
    if math.isfinite(float(value)):
        return value
    message = f"the number {text[:40]} is out of range"
    raise ValueError(message)


def _constant(text: str) -> Json:
    message = f"{text} is not a JSON number"
    raise ValueError(message)


_DECODER = decoder_of(object)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
