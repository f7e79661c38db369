"""Advisories about packages, from an offline export in the OSV format.

See: https://ossf.github.io/osv-schema/
"""

from collections.abc import Iterator, Mapping, Set
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.canonical import Json, loads
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.package import normal_name

ECOSYSTEM = "PyPI"
_RANGES = ("ECOSYSTEM", "SEMVER")  # a range of git commits says nothing of a version
_MOST_BYTES = 256 * 2**20


@unique
class EventKind(StrEnum):
    """What a version does to a range; in the order in which events of one version count."""

    FIXED = "fixed"
    INTRODUCED = "introduced"
    LAST_AFFECTED = "last_affected"


class Event(Struct, frozen=True, kw_only=True):
    """Where a range begins or ends."""

    kind: EventKind
    version: str


class Affected(Struct, frozen=True, kw_only=True):
    """Which versions of one package an advisory is about; nothing named means all of them."""

    ranges: tuple[tuple[Event, ...], ...]
    versions: tuple[str, ...]


class Advisory(Struct, frozen=True, kw_only=True):
    """One advisory about one package."""

    id: str
    package: str  # as PEP 503 normalises it
    affected: Affected


class AdvisoryList(Struct, frozen=True, kw_only=True):
    """What one export says of some packages."""

    sha256: Sha256  # of the whole export
    advisories: tuple[Advisory, ...]


def read_advisories(data: bytes, *, where: str, packages: Set[str]) -> AdvisoryList:
    """Read an export: one advisory or a list of them; withdrawn ones are left out.

    Args:
        data: the bytes of the JSON file.
        where: its path, for messages.
        packages: the names whose advisories are wanted.

    Raises:
        UndecidedError: it is not such an export.
    """
    value = loads(data, where=where, max_bytes=_MOST_BYTES)
    found: list[Advisory] = []
    for index, item in enumerate(value if isinstance(value, list) else [value]):
        place = f"{where}[{index}]" if isinstance(value, list) else where
        entry = _mapping(item, place)
        if entry.get("withdrawn") is None:
            found += [a for a in _advisories(entry, place) if a.package in packages]
    return AdvisoryList(sha256=sha256(data), advisories=tuple(found))


def _advisories(entry: Mapping[str, Json], where: str) -> Iterator[Advisory]:
    name = _text(entry.get("id"), f"{where}.id")
    for index, item in enumerate(_list(entry.get("affected"), f"{where}.affected")):
        place = f"{where}.affected[{index}]"
        affected = _mapping(item, place)
        package = affected.get("package")
        if package is None:  # it is about commits, not about a package
            continue
        known = _mapping(package, f"{place}.package")
        if _text(known.get("ecosystem"), f"{place}.package.ecosystem") == ECOSYSTEM:
            yield Advisory(
                id=name,
                package=normal_name(_text(known.get("name"), f"{place}.package.name")),
                affected=_affected(affected, place),
            )


def _affected(value: Mapping[str, Json], where: str) -> Affected:
    ranges = [_mapping(i, f"{where}.ranges") for i in _list(value.get("ranges"), f"{where}.ranges")]
    versions = _list(value.get("versions"), f"{where}.versions")
    return Affected(
        ranges=tuple(
            tuple(_events(item, f"{where}.ranges"))
            for item in ranges
            if item.get("type") in _RANGES
        ),
        versions=tuple(_text(version, f"{where}.versions") for version in versions),
    )


def _events(value: Mapping[str, Json], where: str) -> Iterator[Event]:
    for item in _list(value.get("events"), f"{where}.events"):
        for key, version in _mapping(item, f"{where}.events").items():
            if key in list(EventKind):
                yield Event(kind=EventKind(key), version=_text(version, f"{where}.{key}"))
            elif key != "limit":  # it only narrows a range: without it more counts, never less
                raise _wrong(key, where, "introduced, fixed, last_affected or limit")


def _mapping(value: Json, where: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise _wrong(value, where, "a JSON object of the OSV format")
    return value


def _list(value: Json, where: str) -> list[Json]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong(value, where, "a list")
    return value


def _text(value: Json, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise _wrong(value, where, "a text")
    return value


def _wrong(value: object, where: str, expected: str) -> UndecidedError:
    return UndecidedError(
        f"{value!r:.80}", where=where, expected=expected,
        hint="export the advisories anew, in the OSV format: https://ossf.github.io/osv-schema/",
    )  # fmt: skip


def advisories_as_json(found: AdvisoryList) -> Json:
    """Return a list in the form that an attestation carries."""
    return {
        "digest": {"sha256": found.sha256},
        "advisories": [
            {
                "id": advisory.id,
                "package": advisory.package,
                "ranges": [
                    [{event.kind: event.version} for event in events]
                    for events in advisory.affected.ranges
                ],
                "versions": list(advisory.affected.versions),
            }
            for advisory in found.advisories
        ],
    }
