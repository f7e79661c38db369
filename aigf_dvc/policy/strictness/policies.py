"""Compares two policies: what the new one lets pass that the old one denied."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.policy.model import Policy, Rule
from aigf_dvc.policy.strictness.change import Change, Comparison, Direction, Judged
from aigf_dvc.policy.strictness.registry import COMPARISONS
from aigf_dvc.policy.strictness.rules import Sides, compare_rules, is_subsequence
from aigf_dvc.policy.strictness.values import at_most, listed, shown
from aigf_dvc.policy.tiers import why_not_applicable

_NO_COMPARISON = Comparison(settings={})
_Subject = tuple[str, object]


class PolicyDifference(Struct, frozen=True, kw_only=True):
    """Every change from one policy to another."""

    old: Policy
    new: Policy
    changes: tuple[Change, ...]

    @property
    def is_safe(self) -> bool:
        """Tell whether nothing passes now that a rule of the old policy denied."""
        return all(change.direction.is_safe for change in self.changes)


def policy_difference(old: Policy, new: Policy) -> PolicyDifference:
    """Compare two policies, and tell for whom the new one is the first to have a rule."""
    changes = (*compare_policies(old, new), *_newly(old, new))
    return PolicyDifference(old=old, new=new, changes=changes)


def compare_policies(old: Policy, new: Policy) -> tuple[Change, ...]:
    """Return every difference between two policies, with its direction.

    Rules are matched by their ids. One that is gone weakens the policy, unless other rules demand
    all of it: so a policy in the short form can be compared with one in the full form.

    When all directions are safe, whatever a rule of the old policy denies, the new one denies,
    too. Consents are not compared: they name the policy that they are for, and count for no other.
    """
    sides = Sides(old=old, new=new)
    return (*_heads(old, new), *_kept(sides), *_gone(sides), *_come(sides))


def _newly(old: Policy, new: Policy) -> Iterator[Change]:
    """Yield for whom no rule was: they were denied for that, which a first rule ends."""
    for tier in old.tiers or ("",):
        for environment in _known_environments(old):
            before = _is_judged(old, tier, environment)
            if not before and _is_judged(new, tier, environment):
                whom = " ".join(filter(None, (tier and f"tier {tier}", environment)))
                yield Change(
                    key="rules",
                    direction=Direction.WEAKENS,
                    old=f"none for {whom or 'any model'}",
                    new="some",
                    means="no model passed where no rule was; now some may",
                    old_place=old.path,
                    new_place=new.path,
                )


def _known_environments(policy: Policy) -> tuple[str, ...]:
    named = {name for rule in policy.rules for name in rule.environments}
    return tuple(sorted({*policy.environments, *named})) or ("",)


def _is_judged(policy: Policy, tier: str, environment: str) -> bool:
    if tier and tier not in policy.tiers:
        return False
    return any(
        not why_not_applicable(rule, policy, tier=tier, environment=environment)
        for rule in policy.rules
    )


def _heads(old: Policy, new: Policy) -> Iterator[Change]:
    """Yield the differences in what a policy says of itself as a whole."""
    found: tuple[tuple[str, object, object, Judged], ...] = (
        ("id", old.id, new.id, _WORDING),
        ("version", old.version, new.version, _WORDING),
        ("description", old.description, new.description, _WORDING),
        ("tiers", old.tiers, new.tiers, _tiers(old.tiers, new.tiers)),
        ("environments", old.environments, new.environments, _environments(old, new)),
        ("expires", old.expires, new.expires, _expires(old, new)),
    )
    for key, before, after, judged in found:
        if before != after:
            yield _head(key, before, after, judged, (old, new))
    terms = old.waivers, new.waivers
    if terms[0].max_days != terms[1].max_days:
        judged = at_most(terms[0].max_days, terms[1].max_days)
        days = f"{terms[0].max_days}d", f"{terms[1].max_days}d"
        yield _head("waivers.max_duration", *days, judged, (old, new))
    if set(terms[0].roles) != set(terms[1].roles):
        judged = _roles(terms[0].roles, terms[1].roles)
        yield _head("waivers.roles", terms[0].roles, terms[1].roles, judged, (old, new))


_WORDING: Judged = (Direction.NEUTRAL, "wording")


def _head(
    key: str, before: object, after: object, judged: Judged, sides: tuple[Policy, Policy]
) -> Change:
    direction, means = judged
    places = [
        side.head.place(key.partition(".")[0]) if side.head is not None else side.path
        for side in sides
    ]
    return Change(
        key=key,
        direction=direction,
        old=shown(before),
        new=shown(after),
        means=means,
        old_place=places[0],
        new_place=places[1],
    )


def _tiers(old: tuple[str, ...], new: tuple[str, ...]) -> Judged:
    """Compare two orders of tiers: a card that names an unknown one is denied."""
    gone, came = set(old) - set(new), set(new) - set(old)
    if not old:
        return Direction.TIGHTENS, "a card that names another tier is denied"
    if not new:
        return Direction.WEAKENS, "every model is judged by the same rules, whatever its tier"
    if came:
        return Direction.WEAKENS, f"a model may be of the tier {listed(came)}"
    if is_subsequence(new, old):
        return Direction.TIGHTENS, f"no model may be of the tier {listed(gone)} any more"
    return Direction.UNCLEAR, "the order of the tiers differs"


def _environments(old: Policy, new: Policy) -> Judged:
    """Compare the known environments: a model for another one is denied."""
    before, after = set(old.environments), set(new.environments)
    if not after and before:
        return Direction.WEAKENS, "a model may be for any environment"
    if not before:
        return Direction.TIGHTENS, "a model for another environment is denied"
    if after - before:
        return Direction.WEAKENS, f"a model may be for {listed(after - before)}, too"
    if before - after:
        return Direction.TIGHTENS, f"no model may be for {listed(before - after)} any more"
    return Direction.NEUTRAL, "only the order differs"


def _expires(old: Policy, new: Policy) -> Judged:
    """Compare the last days on which a policy lets anything pass."""
    if new.expires is None or (old.expires is not None and new.expires > old.expires):
        return Direction.WEAKENS, "models pass for longer"
    return Direction.TIGHTENS, "nothing passes after that day"


def _roles(old: tuple[str, ...], new: tuple[str, ...]) -> Judged:
    if not new:
        return Direction.WEAKENS, "a waiver may be signed in any role"
    if not old:
        return Direction.TIGHTENS, "a waiver must be signed in one of these roles"
    came = set(new) - set(old)
    if came:
        return Direction.WEAKENS, f"a waiver may be signed as {listed(came)}, too"
    return Direction.TIGHTENS, f"no waiver as {listed(set(old) - set(new))} any more"


def _kept(sides: Sides) -> Iterator[Change]:
    """Yield the differences in rules that both policies have."""
    news = {rule.id: rule for rule in sides.new.rules}
    for rule in sides.old.rules:
        if rule != news.get(rule.id, rule):
            for change in compare_rules(rule, news[rule.id], sides):
                yield replace(
                    change,
                    rule=rule.id,
                    old_place=_place(sides.old, rule, change.key),
                    new_place=_place(sides.new, rule, change.key),
                )


def _gone(sides: Sides) -> Iterator[Change]:
    """Yield the rules that the new policy does not have."""
    ids = {rule.id for rule in sides.new.rules}
    missing = [rule for rule in sides.old.rules if rule.id not in ids]
    known = _by_subject(sides.new.rules) if missing else {}
    for rule in missing:
        heirs = _heirs(rule, known, sides)
        if heirs:
            named = ", ".join(dict.fromkeys(heir.id for heir in heirs))
            judged = Direction.NEUTRAL, f"its demands stand in {named}"
        else:
            judged = Direction.WEAKENS, "the rule is gone"
        yield Change(
            key="",
            direction=judged[0],
            old=rule.kind,
            new="",
            means=judged[1],
            rule=rule.id,
            old_place=_place(sides.old, rule),
            new_place=_place(sides.new, heirs[0]) if heirs else sides.new.path,
        )


def _come(sides: Sides) -> Iterator[Change]:
    """Yield the rules that the old policy does not have, but for those that it says otherwise."""
    ids = {rule.id for rule in sides.old.rules}
    added = [rule for rule in sides.new.rules if rule.id not in ids]
    known = _by_subject(sides.old.rules) if added else {}
    for rule in added:
        if not _heirs(rule, known, Sides(old=sides.new, new=sides.old)):
            yield Change(
                key="",
                direction=Direction.TIGHTENS,
                old="",
                new=rule.kind,
                means="a rule more",
                rule=rule.id,
                old_place=sides.old.path,
                new_place=_place(sides.new, rule),
            )


def _heirs(rule: Rule, known: Mapping[_Subject, list[Rule]], sides: Sides) -> tuple[Rule, ...]:
    """Return the rules that together demand all that one does; none when they do not."""
    split = COMPARISONS.get(rule.kind, _NO_COMPARISON).split
    found = []
    for demand in split(rule.demand):
        part = replace(rule, demand=demand)
        near = known.get(_subject(part), ())
        heir = next((other for other in near if _is_as_strict(part, other, sides)), None)
        if heir is None:
            return ()
        found.append(heir)
    return tuple(found)


def _is_as_strict(old: Rule, new: Rule, sides: Sides) -> bool:
    return all(change.direction.is_safe for change in compare_rules(old, new, sides))


def _by_subject(rules: Iterable[Rule]) -> dict[_Subject, list[Rule]]:
    found: dict[_Subject, list[Rule]] = {}
    for rule in rules:
        found.setdefault(_subject(rule), []).append(rule)
    return found


def _subject(rule: Rule) -> _Subject:
    name = COMPARISONS.get(rule.kind, _NO_COMPARISON).subject
    return rule.kind, getattr(rule.demand, name, None) if name else None


def _place(policy: Policy, rule: Rule, key: str = "") -> str:
    written = policy.written.get(rule.id)
    return written.place(key) if written is not None else policy.path
