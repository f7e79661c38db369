"""Compares two rules: what every kind has, and then the settings that are its own."""

from collections.abc import Callable, Collection, Iterator, Mapping

from msgspec import Struct

from aigf_dvc.policy.model import ALL_GATES, Demand, Policy, Rule, Severity
from aigf_dvc.policy.strictness.change import Change, Comparison, Direction, Judged, Setting
from aigf_dvc.policy.strictness.registry import COMPARISONS
from aigf_dvc.policy.strictness.values import listed, shown
from aigf_dvc.policy.verdict import Gate

_UNKNOWN_KIND = Comparison(settings={})


class Sides(Struct, frozen=True, kw_only=True):
    """The two policies that rules are compared in: they say what tiers and environments mean."""

    old: Policy
    new: Policy

    def tiers(self) -> tuple[str, ...]:
        """Return the order of tiers that holds on both sides; empty when there is none."""
        old, new = self.old.tiers, self.new.tiers
        if is_subsequence(new, old):
            return old
        return new if is_subsequence(old, new) else ()


def is_subsequence(some: Collection[str], of: Collection[str]) -> bool:
    """Tell whether words stand in another list, in the same order."""
    rest = iter(of)
    return all(word in rest for word in some)


def compare_rules(old: Rule, new: Rule, sides: Sides) -> Iterator[Change]:
    """Yield every difference between two rules, with its direction."""
    if old.kind == new.kind:
        yield from compare_demands(old.kind, old.demand, new.demand)
    else:
        yield _change(old, new, "kind", (Direction.UNCLEAR, "something else is judged"))
    yield from _common(old, new, sides)


def compare_demands(kind: str, old: Demand, new: Demand) -> Iterator[Change]:
    """Yield every difference between two demands of one kind."""
    comparison = COMPARISONS.get(kind, _UNKNOWN_KIND)
    before, after = comparison.values(old), comparison.values(new)
    if type(old) is not type(new) or (not before and old != new):
        yield Change(
            key="kind", direction=Direction.UNCLEAR, old=kind, new=kind, means="another form"
        )
        return
    for name in before:
        if before[name] != after[name]:
            yield _compare_setting(name, before[name], after[name], comparison)


def _compare_setting(name: str, old: object, new: object, comparison: Comparison) -> Change:
    setting = comparison.settings.get(name, Setting(key=name, compare=_unknown))
    direction, means = setting.compare(old, new)
    return Change(key=setting.key, direction=direction, old=shown(old), new=shown(new), means=means)


def _unknown(_old: object, _new: object) -> Judged:
    return Direction.UNCLEAR, "no comparison knows this setting"


def _common(old: Rule, new: Rule, sides: Sides) -> Iterator[Change]:
    """Yield the differences in what rules of every kind have."""
    for key, judge in _COMMON.items():
        if getattr(old, key) != getattr(new, key):
            yield _change(old, new, key, judge(old, new, sides))


def _change(old: Rule, new: Rule, key: str, judged: Judged) -> Change:
    direction, means = judged
    before, after = getattr(old, key), getattr(new, key)
    if key == "controls":
        before = {control.id: control.strength for control in old.controls}
        after = {control.id: control.strength for control in new.controls}
    return Change(key=key, direction=direction, old=shown(before), new=shown(after), means=means)


def _severity(_old: Rule, new: Rule, _sides: Sides) -> Judged:
    if new.severity is Severity.WARN:
        return Direction.WEAKENS, "what it denied it only reports"
    return Direction.TIGHTENS, "what it reported it denies"


def _at(old: Rule, new: Rule, _sides: Sides) -> Judged:
    before, after = _gates(old), _gates(new)
    gone, came = before - after, after - before
    if gone:
        return Direction.WEAKENS, f"no longer judged at {listed(gone)}"
    if came:
        return Direction.TIGHTENS, f"judged at {listed(came)}, too"
    return Direction.NEUTRAL, "the same gates judge it"


def _gates(rule: Rule) -> frozenset[Gate]:
    return frozenset(gate for gate in ALL_GATES if rule.is_judged(gate))


def _effective_from(old: Rule, new: Rule, _sides: Sides) -> Judged:
    if new.effective_from is None or (
        old.effective_from is not None and new.effective_from < old.effective_from
    ):
        return Direction.TIGHTENS, "it denies sooner"
    return Direction.WEAKENS, "it denies later"


def _expires(old: Rule, new: Rule, _sides: Sides) -> Judged:
    if new.expires is None or (old.expires is not None and new.expires > old.expires):
        return Direction.TIGHTENS, "it is judged longer"
    return Direction.WEAKENS, "it is no longer judged after that day"


def _tier(old: Rule, new: Rule, sides: Sides) -> Judged:
    order = sides.tiers()
    before = order.index(old.tier) if old.tier in order else 0 if not old.tier else None
    after = order.index(new.tier) if new.tier in order else 0 if not new.tier else None
    if before is None or after is None:
        return Direction.UNCLEAR, "the order of the tiers differs"
    if before == after:
        return Direction.NEUTRAL, "that is every tier"
    if after < before:
        return Direction.TIGHTENS, "lower tiers are judged, too"
    return Direction.WEAKENS, "lower tiers are no longer judged"


def _environments(old: Rule, new: Rule, sides: Sides) -> Judged:
    """Compare where two rules are judged; every other known environment counts as well."""
    before = set(old.environments or sides.old.environments)
    after, known = set(new.environments), set(sides.new.environments)
    if not after or (before and before <= after) or (known and known <= after):
        return Direction.TIGHTENS, "no environment is judged less"
    said = listed(before - after) if before else "those that it does not name"
    return Direction.WEAKENS, f"no longer judged for {said}"


def _waivable(_old: Rule, new: Rule, _sides: Sides) -> Judged:
    if new.waivable:
        return Direction.WEAKENS, "a waiver may except a model from it"
    return Direction.TIGHTENS, "no waiver excepts a model from it"


def _wording(_old: Rule, _new: Rule, _sides: Sides) -> Judged:
    return Direction.NEUTRAL, "wording"


_COMMON: Mapping[str, Callable[[Rule, Rule, Sides], Judged]] = {
    "severity": _severity,
    "at": _at,
    "effective_from": _effective_from,
    "expires": _expires,
    "tier": _tier,
    "environments": _environments,
    "waivable": _waivable,
    "title": _wording,
    "why": _wording,
    "remedy": _wording,
    "controls": _wording,
}
"""What rules of every kind have, and how it is compared when it differs."""
