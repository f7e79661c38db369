"""Readers of values that only cases have: digests with a name, moments, numbers beyond YAML."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from aigf_dvc.digests import Sha256, as_sha256, sha256
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.policy.section import Section, shown

_NAMED = "sha256-of:"
_DIGEST_FORM = "sha256: and 64 hexadecimal digits, or sha256-of: and a word that stands for them"
_MOMENT = lazy_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:]{5,8}Z)?\Z")
_NUMBER = "$number"
_BEYOND = ("NaN", "Infinity", "-Infinity")  # what a metrics file can hold and YAML's rules here not


def stand_in(word: str) -> Sha256:
    """Return the digest that a word stands for in a case."""
    return sha256(word.encode())


def digest(section: Section, key: str, default: str) -> Sha256 | None:
    """Return a digest; the one of the default word when the key is absent, None when it is null."""
    value = section.value(key)
    if not section.has(key):
        return stand_in(default)
    if value is None:
        return None
    found = as_digest(value)
    if found is None:
        section.refuse(key, f"`{key}` is {shown(value)}", _DIGEST_FORM)
    return found


def digests(section: Section, key: str, default: tuple[Sha256, ...]) -> tuple[Sha256, ...]:
    """Return a list of digests."""
    if not section.has(key):
        return default
    texts = section.texts(key)
    found = [as_digest(text) for text in texts]
    for text, one in zip(texts, found, strict=True):
        if one is None:
            section.refuse(key, f"`{key}` names {shown(text)}", _DIGEST_FORM)
    return tuple(one for one in found if one is not None)


def as_digest(value: object) -> Sha256 | None:
    """Return the digest that a text names, or None."""
    if not isinstance(value, str):
        return None
    if value.startswith(_NAMED) and len(value) > len(_NAMED):
        return stand_in(value.removeprefix(_NAMED))
    return as_sha256(value.removeprefix("sha256:"))


def moment(section: Section, key: str, default: datetime | None) -> datetime | None:
    """Return a time in UTC: a day, or a day and a time with Z."""
    value = section.value(key)
    if not section.has(key):
        return default
    if isinstance(value, str) and _MOMENT.match(value):
        try:
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        except ValueError:
            pass  # such as 2026-02-30: refused below
    section.refuse(
        key, f"`{key}` is {shown(value)}", "a day or a time, such as 2026-12-24T10:00:00Z"
    )
    return default


def some_texts(section: Section, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return a list of texts, or the default when the key is absent."""
    return section.texts(key) if section.has(key) else default


def looked_at(section: Section, key: str) -> tuple[str, ...] | None:
    """Return a list of texts that may be empty, or None when nobody looked."""
    if not section.has(key):
        return None
    return () if section.value(key) == [] else section.texts(key)


def some_sections(section: Section, key: str) -> list[Section]:
    """Return the mappings of a list, or none when the key is absent."""
    return section.sections(key) if section.has(key) else []


def measured(value: object) -> object:
    """Return a value as a metrics file may hold it: `{$number: NaN}` is what YAML cannot write."""
    if isinstance(value, Mapping) and set(value) == {_NUMBER} and value[_NUMBER] in _BEYOND:
        return Decimal(str(value[_NUMBER]))
    if isinstance(value, Mapping):
        return {key: measured(item) for key, item in value.items()}
    if isinstance(value, list):
        return [measured(item) for item in value]
    return value
