"""Compares two demands of the kind `packages`: fewer, newer and pinned ones are stricter."""

from collections.abc import Mapping
from typing import Any

from aigf_dvc.policy.strictness.change import (
    Comparison,
    Direction,
    Judged,
    Setting,
    fields_of,
)
from aigf_dvc.policy.strictness.values import allowed, denied, listed, switched_on, unclear


def _values(demand: object) -> Mapping[str, object]:
    """Return the settings, with patterns as the policy writes them."""
    known = dict(fields_of(demand))
    return known | {
        "allow": _texts(known["allow"]),
        "deny": _texts(known["deny"]),
        "minimum": _Minima(known["minimum"] if isinstance(known["minimum"], tuple) else ()),
    }


def _texts(patterns: object) -> tuple[str, ...]:
    return tuple(pattern.text for pattern in patterns) if isinstance(patterns, tuple) else ()


class _Minima(tuple[object, ...]):
    """The oldest allowed versions, as people read them."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return their texts."""
        return f"[{', '.join(_texts(tuple(self)))}]" if self else ""


def _minimum(old: object, new: object) -> Judged:
    before, after = _by_name(old), _by_name(new)
    gone, came = before.keys() - after.keys(), after.keys() - before.keys()
    if gone:
        return Direction.WEAKENS, f"no longer demanded: {listed(gone)}"
    older = [
        name for name, pattern in before.items() if not pattern.has(name, _version(after[name]))
    ]
    if older:
        return Direction.WEAKENS, f"an older version will do: {listed(older)}"
    return Direction.TIGHTENS, f"demanded, too: {listed(came)}" if came else "newer versions"


def _by_name(patterns: object) -> dict[str, Any]:
    return {one.name: one for one in patterns} if isinstance(patterns, tuple) else {}


def _version(pattern: Any) -> str:  # noqa: ANN401  # a PackagePattern, which is loaded late
    """Return the version that a pattern such as `numpy>=1.2` names."""
    return str(next(iter(pattern.specifier)).version)


def _advisories(old: object, new: object) -> Judged:
    if old and new:
        return Direction.UNCLEAR, "other advisories are asked"
    if new:
        return Direction.TIGHTENS, "advisories are asked"
    return Direction.WEAKENS, "no advisories are asked"


COMPARISON = Comparison(
    settings={
        "source": Setting(key="from", compare=unclear),
        "allow": Setting(key="allow", compare=allowed),
        "deny": Setting(key="deny", compare=denied),
        "minimum": Setting(key="minimum", compare=_minimum),
        "lock_file": Setting(key="lock_file", compare=switched_on),
        "advisories": Setting(key="advisories", compare=_advisories),
    },
    values=_values,
)
