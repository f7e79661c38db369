"""Compares two demands of the kind `no-regression`: a smaller tolerance is stricter."""

from collections.abc import Mapping
from decimal import Decimal

from aigf_dvc.policy.strictness.change import (
    Comparison,
    Direction,
    Judged,
    Setting,
    fields_of,
)
from aigf_dvc.policy.strictness.values import ranked, subject, unclear

_Tolerances = tuple[Decimal | None, Decimal | None]


def _values(demand: object) -> Mapping[str, object]:
    """Return the settings, with the two tolerances in one: each of them means little alone."""
    known = dict(fields_of(demand))
    known["baseline"] = getattr(known["baseline"], "name", known["baseline"])
    both = known.pop("tolerance"), known.pop("relative_tolerance")
    return known | {"tolerance": _Allowed(both) if both != (None, None) else None}


class _Allowed(tuple[object, object]):
    """An absolute and a relative tolerance, as people read them."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return both, those that are there."""
        names = ("", " of the baseline's value")
        return " and ".join(f"{one}{name}" for one, name in zip(self, names, strict=True) if one)


def _tolerance(old: object, new: object) -> Judged:
    """Compare how much worse is allowed: the smaller of the limits that are there, or nothing."""
    if _is_within(_limits(new), _limits(old)):
        return Direction.TIGHTENS, "less of a loss is allowed"
    if _is_within(_limits(old), _limits(new)):
        return Direction.WEAKENS, "more of a loss is allowed"
    return Direction.UNCLEAR, "which of them allows more depends on the baseline"


def _limits(value: object) -> _Tolerances:
    absolute, relative = value if isinstance(value, tuple) else (Decimal(0), None)
    return absolute, relative


def _is_within(some: _Tolerances, others: _Tolerances) -> bool:
    """Tell whether `some` never allow more than `others`: each of those has a closer one."""
    if Decimal(0) in some:  # nothing is allowed
        return True
    pairs = zip(some, others, strict=True)
    return all(other is None or (limit is not None and limit <= other) for limit, other in pairs)


COMPARISON = Comparison(
    subject="metric",
    settings={
        "metric": Setting(key="metric", compare=subject),
        "baseline": Setting(key="baseline", compare=unclear),
        "direction": Setting(key="direction", compare=unclear),
        "tolerance": Setting(key="tolerance", compare=_tolerance),
        "if_no_baseline": Setting(key="if_no_baseline", compare=ranked("warn", "deny")),
    },
    values=_values,
)
