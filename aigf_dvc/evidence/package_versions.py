"""Names, versions and demands of Python packages (PEP 440, PEP 508); the home of `packaging`."""

from msgspec import Struct
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from aigf_dvc.evidence.advisory import Affected, Event, EventKind
from aigf_dvc.evidence.package import normal_name

_EXACT = ("==", "===")


class PackagePattern(Struct, frozen=True, kw_only=True):
    """A package, and which of its versions are meant; no specifier means all."""

    name: str
    specifier: SpecifierSet
    text: str  # as the policy has it

    def has(self, name: str, version: str) -> bool | None:
        """Tell whether a package is meant; None when its version cannot be compared."""
        if name != self.name:
            return False
        if not self.specifier:
            return True
        known = _version(version)
        return None if known is None else self.specifier.contains(known, prereleases=True)


def read_pattern(text: str) -> PackagePattern | None:
    """Return a pattern such as `numpy` or `numpy<1.2`, or None when it is none."""
    try:
        wanted = Requirement(text)
    except InvalidRequirement:
        return None
    if wanted.url or wanted.marker or wanted.extras:
        return None
    return PackagePattern(name=normal_name(wanted.name), specifier=wanted.specifier, text=text)


def read_minimum(name: str, version: str) -> PackagePattern | None:
    """Return the pattern of a package at a version or above, or None."""
    return read_pattern(f"{name}>={version}") if _version(version) is not None else None


class Pin(Struct, frozen=True, kw_only=True):
    """One requirement; an empty version means that it is not pinned to one."""

    name: str
    version: str


def read_pin(text: str) -> Pin | None:
    """Return a requirement with its version, where it names exactly one; None: it is none."""
    try:
        wanted = Requirement(text)
    except InvalidRequirement:
        return None
    only = next(iter(wanted.specifier), None) if len(wanted.specifier) == 1 else None
    is_exact = only is not None and only.operator in _EXACT and not only.version.endswith("*")
    version = only.version if only is not None and is_exact and not wanted.url else ""
    return Pin(name=normal_name(wanted.name), version=version)


def is_same_version(left: str, right: str) -> bool:
    """Tell whether two texts name one version."""
    first, second = _version(left), _version(right)
    return left == right if first is None or second is None else first == second


def is_affected(affected: Affected, version: str) -> bool | None:
    """Tell whether an advisory is about a version; None when it cannot be compared.

    What the advisory does not say in a way that can be compared counts as about every version.

    See: https://ossf.github.io/osv-schema/#evaluation
    """
    known = _version(version)
    if version in affected.versions:
        return True
    if known is None:
        return None
    public = Version(known.public)  # 2.1.0+cu121 is 2.1.0, built otherwise
    listed = (_version(item) for item in affected.versions)
    if any(item is not None and Version(item.public) == public for item in listed):
        return True
    if not affected.ranges and not affected.versions:
        return True
    return any(_is_in_range(events, public) for events in affected.ranges)


def _is_in_range(events: tuple[Event, ...], version: Version) -> bool:
    start = Version("0.dev0")
    known = [
        (_version(event.version) or start, event)
        for event in events
        if event.kind is EventKind.INTRODUCED or _version(event.version) is not None
    ]
    inside = False
    for at, event in sorted(known, key=lambda item: (item[0], item[1].kind)):
        is_first = event.kind is EventKind.INTRODUCED and event.version == "0"
        match event.kind:
            case EventKind.INTRODUCED if is_first or version >= at:
                inside = True
            case EventKind.FIXED if version >= at:
                inside = False
            case EventKind.LAST_AFFECTED if version > at:
                inside = False
            case _:
                pass
    return inside


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
