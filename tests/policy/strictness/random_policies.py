"""Policies at random, and changes of them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.evidence.model_card import ModelCard
from aigf_dvc.evidence.package_versions import PackagePattern, read_minimum, read_pattern
from aigf_dvc.policy.data_cards import CardDemands
from aigf_dvc.policy.model import (
    ALL_GATES,
    Demand,
    Policy,
    Rule,
    Severity,
    WaiverTerms,
)
from aigf_dvc.policy.required_packages import SOURCES, RequiredPackages
from aigf_dvc.policy.rules import no_regression
from aigf_dvc.policy.rules.datasets import RequiredDatasets
from aigf_dvc.policy.rules.document import Binding, RequiredDocument
from aigf_dvc.policy.rules.license import AllowedLicense
from aigf_dvc.policy.rules.lineage import DataDemand, EdgeDemand, RequiredLineage
from aigf_dvc.policy.rules.metric import MetricLimits
from aigf_dvc.policy.rules.no_regression import BaselineSource, IfNone, NoRegression
from aigf_dvc.policy.rules.parameters import ParameterLimits, RequiredParameters
from aigf_dvc.policy.rules.required_fields import RequiredFields
from aigf_dvc.policy.slice_limits import Aggregate, Bound, SliceLimits, Statistic
from tests.policy.builders import a_card

DIGEST = Sha256("a" * 64)
MODEL = Sha256("b" * 64)
OTHER = Sha256("c" * 64)
DAYS = [date(2026, 11, day) for day in (1, 2, 3)]
TIERS = [(), ("low",), ("low", "high"), ("low", "mid", "high"), ("high", "low")]
ENVIRONMENTS = [(), ("staging",), ("staging", "production")]


def some_of(random: Random, *items: str, least: int = 0) -> tuple[str, ...]:
    return tuple(random.sample(items, random.randint(least, len(items))))


NUMBERS = [Decimal(1), Decimal(2), Decimal(3)]
SHARES = [Decimal("0.2"), Decimal("0.5"), Decimal("0.8")]
DEMANDS: dict[str, Callable[[Random], Demand]] = {
    "required-fields": lambda r: RequiredFields(fields=some_of(r, "a", "b", "c", least=1)),
    "metric": lambda r: a_limit(r) if r.random() < 0.5 else a_slice_limit(r),
    "no-regression": lambda r: NoRegression(
        metric=r.choice(["m", "n"]),
        baseline=BaselineSource(tag=r.choice(["v1", "v1", "v2"])),
        direction=r.choice([*no_regression.Direction]),
        tolerance=r.choice([None, Decimal(0), Decimal(1)]),
        relative_tolerance=r.choice([None, Decimal(0), Decimal("0.5"), Decimal(1)]),
        if_no_baseline=r.choice([*IfNone]),
    ),
    "datasets": lambda r: RequiredDatasets(
        allow=some_of(r, "a/**", "b/**"),
        deny=some_of(r, "a/x", "**/y"),
        allow_digests=some_digests(r),
        deny_digests=some_digests(r),
        cards=r.choice(
            [
                None,
                CardDemands(licenses=some_of(r, "mit", "gpl"), not_expired=r.random() < 0.5),
            ]
        ),
    ),
    "packages": lambda r: RequiredPackages(
        source=r.choice([*SOURCES]),
        allow=patterns(some_of(r, "p", "q", "p<2")),
        deny=patterns(some_of(r, "q", "p<2", "q>=2")),
        minimum=tuple(a_minimum(name, r) for name in some_of(r, "p", "q")),
        lock_file=r.random() < 0.5,
        advisories=r.choice(["", "", "osv.json"]),
    ),
    "parameters": lambda r: RequiredParameters(
        limits=tuple(
            ParameterLimits(
                name=name,
                min=r.choice([None, *NUMBERS]),
                max=r.choice([None, *NUMBERS]),
                values=tuple(r.sample([1, 2, True, "2"], r.randint(0, 3))),
            )
            for name in some_of(r, "f:a", "f:b", least=1)
        )
    ),
    "license": lambda r: AllowedLicense(
        allow=some_of(r, "mit", "gpl", "other"), deny=some_of(r, "mit", "gpl")
    ),
    "document": lambda r: RequiredDocument(
        document=r.choice(["d", "e"]),
        max_age_days=r.choice([None, 1, 2]),
        bound_to=r.choice([*Binding]),
    ),
    "lineage": lambda r: RequiredLineage(
        edges=r.choice([*EdgeDemand]),
        data=r.choice([*DataDemand]),
        min_trust=r.choice([None, *TrustLevel]),
        clean_tree=r.random() < 0.5,
        current_lock=r.random() < 0.5,
        protected_branch=r.random() < 0.5,
    ),
}


def a_limit(random: Random) -> MetricLimits:
    return MetricLimits(
        metric=random.choice(["m", "n"]),
        min=random.choice([None, *NUMBERS]),
        max=random.choice([None, *NUMBERS]),
    )


def a_slice_limit(random: Random) -> SliceLimits:
    return SliceLimits(
        metric="m",
        slices=random.choice(["s", "t"]),
        min=random.choice([None, *SHARES]),
        max=random.choice([None, *SHARES]),
        aggregate=random.choice([*Aggregate]),
        min_samples=random.choice([0, 10, 100]),
        bound=random.choice([*Bound]),
        confidence=random.choice([Decimal("0.9"), Decimal("0.99")]),
        statistic=random.choice([*Statistic]),
    )


def some_digests(random: Random) -> tuple[Sha256, ...]:
    return tuple(random.sample([MODEL, OTHER], random.randint(0, 2)))


def patterns(texts: tuple[str, ...]) -> tuple[PackagePattern, ...]:
    return tuple(pattern for text in texts if (pattern := read_pattern(text)) is not None)


def a_minimum(name: str, random: Random) -> PackagePattern:
    pattern = read_minimum(name, random.choice(["1", "1.5", "2"]))
    assert pattern is not None
    return pattern


def a_rule(random: Random, name: str, policy: Policy) -> Rule:
    kind = random.choice([*DEMANDS])
    return Rule(
        id=name,
        kind=kind,
        demand=DEMANDS[kind](random),
        severity=random.choice([Severity.DENY, Severity.DENY, Severity.WARN]),
        at=tuple(random.sample(ALL_GATES, random.randint(1, 4))),
        effective_from=random.choice([None, None, *DAYS]),
        expires=random.choice([None, None, *DAYS]),
        tier=random.choice(["", *policy.tiers]),
        environments=some_of(random, *policy.environments),
        waivable=random.random() < 0.5,
    )


def a_random_policy(random: Random) -> Policy:
    head = Policy(
        id="p",
        version="1",
        sha256=DIGEST,
        path="p.yaml",
        tiers=random.choice(TIERS),
        environments=random.choice(ENVIRONMENTS),
        expires=random.choice([None, None, *DAYS]),
        waivers=WaiverTerms(
            max_days=random.choice([1, 90]), roles=some_of(random, "owner", "chief")
        ),
    )
    names = some_of(random, "r", "s", "t", least=1)
    return with_known_words(
        replace(head, rules=tuple(a_rule(random, name, head) for name in names))
    )


def changed(random: Random, policy: Policy) -> Policy:
    """Return a policy with one to three settings of another one."""
    for _ in range(random.randint(1, 3)):
        other = a_random_policy(random)
        if random.random() < 0.25:
            key = random.choice(["tiers", "environments", "expires", "waivers", "rules"])
            policy = replace(policy, **{key: getattr(other, key)})
        else:
            policy = replace(policy, rules=one_rule_changed(random, policy, other))
    return with_known_words(policy)


def one_rule_changed(random: Random, policy: Policy, other: Policy) -> tuple[Rule, ...]:
    place = random.randrange(len(policy.rules))
    rule, donor = policy.rules[place], random.choice(other.rules)
    key = random.choice(["demand", *(f for f in Rule.__struct_fields__ if f != "kind")])
    if key == "demand" and random.random() < 0.9:
        given = DEMANDS[rule.kind](random)
        assert isinstance(given, Struct)
        assert isinstance(rule.demand, Struct)
        if type(given) is not type(rule.demand):
            return (*policy.rules[:place], replace(rule, demand=given), *policy.rules[place + 1 :])
        name = random.choice(list(given.__struct_fields__))
        demand = replace(rule.demand, **{name: getattr(given, name)})
        new = replace(rule, demand=demand)
    elif key == "demand":
        new = replace(rule, kind=donor.kind, demand=donor.demand)
    elif key == "id":
        return (*policy.rules[:place], *policy.rules[place + 1 :], replace(rule, id=f"{rule.id}x"))
    else:
        new = replace(rule, **{key: getattr(donor, key)})
    return (*policy.rules[:place], new, *policy.rules[place + 1 :])


def readable(demand: Demand) -> Demand:
    """Return a demand as the reader allows it: with the limits that its statistic can have."""
    if not isinstance(demand, SliceLimits):
        return demand
    if demand.statistic is Statistic.RATIO:
        return replace(demand, min=demand.min or SHARES[1], max=None)
    if demand.statistic is Statistic.DIFFERENCE:
        return replace(demand, min=None, max=demand.max or SHARES[1])
    return replace(demand, min=SHARES[0]) if demand.min is demand.max is None else demand


def with_known_words(policy: Policy) -> Policy:
    """Return a policy as the reader allows it: rules name known tiers and environments, once."""
    rules = {
        rule.id: replace(
            rule,
            demand=readable(rule.demand),
            tier=rule.tier if rule.tier in policy.tiers else "",
            environments=tuple(e for e in rule.environments if e in policy.environments),
        )
        for rule in policy.rules
    }
    return replace(policy, rules=tuple(rules.values()))


@lru_cache
def a_small_card(a: str, b: str, c: str, tier: str, name: str) -> ModelCard:
    return a_card(f"---\nlicense: {name}\ngovernance: {{a: {a}, b: {b}, c: {c}{tier}}}\n---\n")
