"""Typed readers for JSON that somebody else wrote: every refusal names the place."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Self

from msgspec import Struct
from pybase64 import b64decode

from aigf_dvc.canonical import Json, demand_bounded, loads
from aigf_dvc.digests import Sha256, as_sha256
from aigf_dvc.errors import RefusedError, UndecidedError

MOST = 1_000_000
TIME = "%Y-%m-%dT%H:%M:%SZ"
_PAD = ord("=")
_NO_SPARE_BITS = (b"", b"AQgw", b"AEIMQUYcgkosw048")  # last digits, by how many bytes they end


class Fields(Struct, frozen=True):
    """The values of one JSON object, and where it stands."""

    values: Mapping[str, Json]
    where: str

    @classmethod
    def of(cls, value: Json, where: str) -> Self:
        """Return an object's fields.

        Raises:
            RefusedError: the value is no JSON object.
        """
        if not isinstance(value, dict):
            raise _wrong(value, where, "a JSON object")
        return cls(value, where)

    @classmethod
    def read(cls, data: bytes, where: str, *, max_bytes: int) -> Self:
        """Return the fields of a JSON text that has one meaning only; bounded in size and depth.

        Raises:
            RefusedError: the text is no strict JSON, or no object.
        """
        try:
            value = loads(data, where=where, max_bytes=max_bytes)
            demand_bounded(value)
        except UndecidedError as error:
            place = error.where or where
            raise RefusedError(error.found, where=place, expected=error.expected) from None
        return cls.of(value, where)

    def at(self, key: str) -> str:
        """Return the place of a key, for messages."""
        return f"{self.where}.{key}"

    def only(self, *keys: str) -> None:
        """Refuse every key that is not among these."""
        for key in self.values:
            if key not in keys:
                raise RefusedError(
                    f"the unknown key {key!r:.100}", where=self.where, expected=", ".join(keys)
                )

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value:
            raise _wrong(value, self.at(key), "a text that is not empty")
        return value

    def any_text(self, key: str) -> str:
        """Return a text, which may be empty."""
        value = self.values.get(key)
        if not isinstance(value, str):
            raise _wrong(value, self.at(key), "a text")
        return value

    def optional_text(self, key: str) -> str | None:
        """Return a text, or None where the key is absent or null."""
        return None if self.values.get(key) is None else self.text(key)

    def count(self, key: str) -> int:
        """Return a whole number, so small that as many things can be made."""
        value = self.values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
            raise _wrong(value, self.at(key), f"a whole number from 0 to {MOST}")
        return value

    def sha256(self, key: str) -> Sha256:
        """Return the SHA-256 of an in-toto digest set."""
        digest = self.mapping(key)
        value = as_sha256(digest.values.get("sha256"))
        if value is None:
            raise _wrong(
                digest.values.get("sha256"),
                digest.at("sha256"),
                "64 lower-case hexadecimal digits",
            )
        return value

    def base64(self, key: str) -> bytes:
        """Return the bytes of a base64 text in its one canonical form (RFC 4648, section 4)."""
        text = self.values.get(key)
        value = from_base64(text) if isinstance(text, str) else None
        if value is None:
            raise _wrong(text, self.at(key), "standard base64")
        return value

    def time(self, key: str) -> datetime:
        """Return a time in UTC, in whole seconds, from its one form."""
        text = self.text(key)
        value = as_time(text)
        if value is None:
            raise RefusedError(
                f"{text!r:.100}", where=self.at(key), expected="a time such as 2026-11-20T09:30:00Z"
            )
        return value

    def items(self, key: str) -> list[Json]:
        """Return a list of anything."""
        value = self.values.get(key)
        if not isinstance(value, list):
            raise _wrong(value, self.at(key), "a list")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, each of which may be empty."""
        texts = [item for item in self.items(key) if isinstance(item, str)]
        if len(texts) != len(self.items(key)):
            raise RefusedError("not only texts", where=self.at(key), expected="a list of texts")
        return tuple(texts)

    def objects(self, key: str) -> tuple[Self, ...]:
        """Return a list of objects."""
        where = self.at(key)
        return tuple(
            [self.of(item, f"{where}[{index}]") for index, item in enumerate(self.items(key))]
        )

    def pairs(self, key: str, first: str, second: str) -> list[tuple[str, str]]:
        """Return two texts, neither of them empty, of each object in a list; the quickest way."""
        found = []
        for index, item in enumerate(self.items(key)):
            values = item if isinstance(item, dict) else {}
            one, other = values.get(first), values.get(second)
            if one and other and isinstance(one, str) and isinstance(other, str):
                found.append((one, other))
                continue
            fields = self.of(item, f"{self.at(key)}[{index}]")
            found.append((fields.text(first), fields.text(second)))
        return found

    def mapping(self, key: str) -> Self:
        """Return an object."""
        return self.of(self.values.get(key), self.at(key))

    def optional_mapping(self, key: str) -> Self | None:
        """Return an object, or None where the key is absent or null."""
        return None if self.values.get(key) is None else self.mapping(key)


def from_base64(text: str | memoryview) -> bytes | None:
    """Return the bytes of a base64 text in its one canonical form, or None for any other text."""
    digits = memoryview(text.encode("ascii", "replace")) if isinstance(text, str) else text
    try:
        value = b64decode(digits, validate=True)
    except ValueError:
        return None
    # Bits that no byte uses may differ in the last digit: only one text stands for the bytes.
    same = not value or digits[-1] != _PAD or _last_digit(digits) in _NO_SPARE_BITS[len(value) % 3]
    return value if same and not len(digits) % 4 else None


def _last_digit(digits: memoryview) -> int:
    return digits[-3] if digits[-2] == _PAD else digits[-2]


def as_time(text: str) -> datetime | None:
    """Return a time in UTC, in whole seconds, from its one form, or None for any other text."""
    try:
        value = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
    # ISO 8601 has many forms; only one text stands for a time. strftime is slower by far.
    same = value.isoformat() == f"{text[:-1]}+00:00" and text.endswith("Z")
    return value if same and value.year > 999 else None  # noqa: PLR2004 (the years of four digits)


def _wrong(value: Json, where: str, expected: str) -> RefusedError:
    match value:
        case None:
            found = "missing"
        case dict() | list():
            found = f"a {'list' if isinstance(value, list) else 'JSON object'}"
        case _:
            found = f"{value!r:.100}"
    return RefusedError(found, where=where, expected=expected)
