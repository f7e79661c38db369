"""Rules that contradict each other, repeat each other, or leave each other no effect."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from aigf_dvc.policy.lint.model import Draft, Level, Remark, WrittenRule
from aigf_dvc.policy.model import Policy, Severity
from aigf_dvc.policy.numbers import number_text
from aigf_dvc.policy.rules.metric import KIND as METRIC

# What names a rule or explains it, and says nothing of what it demands.
_WORDS = ("id", "title", "why", "remedy", "controls")
_SCOPE = ("severity", "at", "tier", "environments", "effective_from", "expires", "waivable")
_OPPOSITES = (("allow", "deny"), ("allow_digests", "deny_digests"))


def contradictions(draft: Draft) -> Iterator[Remark]:
    """Find limits of one metric that no number can keep together."""
    for one, other in _same_metric(draft):
        if Severity.WARN in (one.rule.severity, other.rule.severity) or not _overlap(one, other):
            continue
        for low, high in ((one, other), (other, one)):
            least, most = low.number("min"), high.number("max")
            if least is not None and most is not None and least > most:
                yield high.remark(
                    Level.ERROR, "contradiction",
                    f"max {number_text(most)} is below min {number_text(least)} of the rule "
                    f"{low.rule.id}: no {high.keys['metric']} can keep both",
                    "correct one of the two, or give them different environments", "max",
                )  # fmt: skip


def without_effect(draft: Draft) -> Iterator[Remark]:
    """Find limits that a stricter rule of the same or a wider scope holds anyway."""
    for one, other in _same_metric(draft):
        for weak, strict in ((one, other), (other, one)):
            if _is_weaker(weak, strict) and _covers(strict, weak, draft.policy):
                yield weak.remark(
                    Level.WARNING, "without-effect",
                    f"the rule {strict.rule.id} is stricter and holds wherever this one does",
                    "take this one out, or give it another scope",
                )  # fmt: skip


def duplicates(draft: Draft) -> Iterator[Remark]:
    """Find rules that demand the same of the same models."""
    seen: dict[str, str] = {}
    for written in draft.rules:
        demand = repr(sorted((k, repr(v)) for k, v in written.keys.items() if k not in _WORDS))
        first = seen.setdefault(demand, written.rule.id)
        if first != written.rule.id:
            yield written.remark(
                Level.WARNING, "duplicate",
                f"it demands what the rule {first} demands", "take one of them out",
            )  # fmt: skip


def allowed_and_denied(draft: Draft) -> Iterator[Remark]:
    """Find what one rule allows and denies."""
    for written in draft.rules:
        for allow, deny in _OPPOSITES:
            both = [text for text in written.texts(allow) if text in written.texts(deny)]
            if both:
                all_of_it = len(both) == len(written.texts(allow))
                yield written.remark(
                    Level.ERROR if all_of_it else Level.WARNING, "allowed-and-denied",
                    f"{', '.join(both)} is both in `{allow}` and in `{deny}`",
                    "take it out of one of them", deny,
                )  # fmt: skip


def _same_metric(draft: Draft) -> Iterator[tuple[WrittenRule, WrittenRule]]:
    """Yield pairs of metric rules that are about the same number and differ in limits alone."""
    groups: dict[str, list[WrittenRule]] = {}
    for written in draft.rules:
        if written.rule.kind == METRIC.name:
            own: dict[str, Any] = {
                key: value
                for key, value in written.keys.items()
                if key not in (*_WORDS, *_SCOPE, "min", "max")
            }
            groups.setdefault(repr(sorted(own.items(), key=str)), []).append(written)
    for group in groups.values():
        yield from combinations(group, 2)


def _overlap(one: WrittenRule, other: WrittenRule) -> bool:
    """Tell whether some model, environment and day has both rules; the highest tier has all."""
    places = set(one.rule.environments), set(other.rule.environments)
    if all(places) and not places[0] & places[1]:
        return False
    pairs = ((one.rule, other.rule), (other.rule, one.rule))
    return not any(
        a.expires is not None and b.effective_from is not None and a.expires < b.effective_from
        for a, b in pairs
    )


def _is_weaker(weak: WrittenRule, strict: WrittenRule) -> bool:
    """Tell whether each limit of a rule is kept, with room, when those of another are."""
    room = []
    for key, sign in (("min", 1), ("max", -1)):
        own, theirs = weak.number(key), strict.number(key)
        if own is not None:
            if theirs is None or sign * theirs < sign * own:
                return False
            room.append(theirs != own)
    return any(room)


def _covers(wide: WrittenRule, narrow: WrittenRule, policy: Policy) -> bool:
    """Tell whether a rule denies wherever and whenever another one does."""
    outer, inner = wide.rule, narrow.rule
    is_simple = outer.effective_from is None and outer.expires is None
    denies = outer.severity is Severity.DENY or inner.severity is Severity.WARN
    order = policy.tiers.index
    tier = not outer.tier or (bool(inner.tier) and order(outer.tier) <= order(inner.tier))
    places = not outer.environments or (
        bool(inner.environments) and set(inner.environments) <= set(outer.environments)
    )
    return is_simple and denies and tier and places and set(outer.at) >= set(inner.at)
