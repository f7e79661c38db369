"""Where the comparison says "safe", nothing passes that a rule of the old policy denied."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.approval import Waiver
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.evidence.lineage import EdgeKind, EdgeState, Lineage, TrustLevel
from aigf_dvc.evidence.metrics import Metric
from aigf_dvc.evidence.model_card import ModelCard
from aigf_dvc.evidence.model_evidence import ModelEvidence, ModelFile
from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.model import (
    ALL_GATES,
    Demand,
    Policy,
    Rule,
    Severity,
    WaiverTerms,
)
from aigf_dvc.policy.rules.document import Binding, RequiredDocument
from aigf_dvc.policy.rules.lineage import DataDemand, EdgeDemand, RequiredLineage
from aigf_dvc.policy.rules.metric import MetricLimits
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.policy.rules.required_fields import RequiredFields
from aigf_dvc.policy.strictness.policies import compare_policies
from aigf_dvc.policy.verdict import Outcome, Result
from tests.policy.builders import a_card, a_lineage, an_edge

DIGEST = Sha256("a" * 64)
MODEL = Sha256("b" * 64)
OTHER = Sha256("c" * 64)
DAYS = [date(2026, 11, day) for day in (1, 2, 3)]
TIERS = [(), ("low",), ("low", "high"), ("low", "mid", "high"), ("high", "low")]
ENVIRONMENTS = [(), ("staging",), ("staging", "production")]


def some_of(random: Random, *items: str, least: int = 0) -> tuple[str, ...]:
    return tuple(random.sample(items, random.randint(least, len(items))))


NUMBERS = [Decimal(1), Decimal(2), Decimal(3)]

DEMANDS: dict[str, Callable[[Random], Demand]] = {
    "required-fields": lambda r: RequiredFields(fields=some_of(r, "a", "b", "c", least=1)),
    "metric": lambda r: MetricLimits(
        metric=r.choice(["m", "n"]), min=r.choice([None, *NUMBERS]), max=r.choice([None, *NUMBERS])
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
    ),
}


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
    return replace(head, rules=tuple(a_rule(random, name, head) for name in names))


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
    key = random.choice(["demand", *(f.name for f in fields(Rule) if f.name != "kind")])
    if key == "demand" and random.random() < 0.9:
        given = DEMANDS[rule.kind](random)
        name = random.choice([field.name for field in fields(given)])  # type: ignore[arg-type]  # every demand is a dataclass
        demand = replace(rule.demand, **{name: getattr(given, name)})  # type: ignore[type-var]  # every demand is a dataclass
        new = replace(rule, demand=demand)
    elif key == "demand":
        new = replace(rule, kind=donor.kind, demand=donor.demand)
    elif key == "id":
        return (*policy.rules[:place], *policy.rules[place + 1 :], replace(rule, id=f"{rule.id}x"))
    else:
        new = replace(rule, **{key: getattr(donor, key)})
    return (*policy.rules[:place], new, *policy.rules[place + 1 :])


def with_known_words(policy: Policy) -> Policy:
    """Return a policy as the reader allows it: rules name known tiers and environments, once."""
    rules = {
        rule.id: replace(
            rule,
            tier=rule.tier if rule.tier in policy.tiers else "",
            environments=tuple(e for e in rule.environments if e in policy.environments),
        )
        for rule in policy.rules
    }
    return replace(policy, rules=tuple(rules.values()))


@lru_cache
def a_small_card(a: str, b: str, c: str, tier: str) -> ModelCard:
    return a_card(f"---\ngovernance: {{a: {a}, b: {b}, c: {c}{tier}}}\n---\n")


def an_evidence(random: Random) -> ModelEvidence:
    texts = [random.choice(["said", "TODO"]) for _ in range(3)]
    tiers = ["", ", risk_tier: low", ", risk_tier: mid", ", risk_tier: odd"]
    card = a_small_card(*texts, random.choice(tiers))
    return ModelEvidence(
        model="model",
        card=random.choice([card, card, card, None]),
        metrics={
            name: Metric(value=random.choice([0, 1, 2, 3, "2"]), where=name)
            for name in some_of(random, "m", "n")
        },
        documents=tuple(a_document(random) for _ in range(random.randint(0, 2))),
        lineage=random.choice([None, a_random_lineage(random), a_random_lineage(random)]),
        sha256=random.choice([MODEL, None]),
        data={"data": OTHER},
        files=(ModelFile(name="model", sha256=MODEL),),
        tree=OTHER,
        waivers=(a_waiver(random),) if random.random() < 0.5 else (),
    )


def a_document(random: Random) -> GovernanceDocument:
    return GovernanceDocument(
        type=random.choice(["d", "e"]),
        path="d.md",
        sha256=OTHER,
        date=random.choice([None, *DAYS]),
        models=some_of(random, "model", "other"),
        digests=tuple(random.sample([MODEL, OTHER], random.randint(0, 2))),
    )


def a_random_lineage(random: Random) -> Lineage:
    edges = [
        an_edge(random.choice([*EdgeState]), kind=random.choice([*EdgeKind]))
        for _ in range(random.randint(1, 2))
    ]
    level = random.choice([*TrustLevel])
    return a_lineage(*edges, level=level, clean_tree=random.choice([None, True, False]))


def a_waiver(random: Random) -> Waiver:
    return Waiver(
        person="dana",
        roles=("owner",),
        role=random.choice(["owner", "chief", "other"]),
        models=(MODEL,),
        tree=OTHER,
        policy=DIGEST,
        environment="production",
        reason="because",
        issued=datetime(2026, 11, 1, tzinfo=UTC),
        expires=random.choice([None, datetime(2026, 11, 2, tzinfo=UTC)]),
        where="bundle",
        rules=some_of(random, "r", "s", "t", least=1),
    )


SEEN: Counter[str] = Counter()


@settings(max_examples=3000, deadline=None, database=None)
@given(random=st.randoms(use_true_random=True))
def _what_is_safe_lets_nothing_pass(random: Random) -> None:
    old = a_random_policy(random)
    new = changed(random, old)
    changes = compare_policies(old, new)
    safe = all(change.direction.is_safe for change in changes)
    renamed = any(change.key == "" and change.new == "" for change in changes)
    SEEN["safe" if safe else "not"] += 1
    for _ in range(5 if safe else 0):
        evidence = an_evidence(random)
        if renamed:  # a waiver of the heir is consent to the heir
            evidence = replace(evidence, waivers=())
        at, today = random.choice(ALL_GATES), random.choice(DAYS)
        environment = random.choice(["", "staging", "production", "odd"])
        before, after = (
            evaluate(policy, evidence, at=at, today=today, environment=environment)
            for policy in (old, new)
        )
        denials = [f for f in before.findings if f.outcome is Outcome.DENIED]
        # A policy that judges nothing denies, too: a rule more may end that.
        if any(f.observed != "no rule was judged" for f in denials):
            SEEN["denied"] += 1
            assert after.result is Result.DENIED, (old, new, changes, denials)


def test_whatever_a_rule_denied_a_safe_change_denies_too() -> None:
    SEEN.clear()
    _what_is_safe_lets_nothing_pass()
    assert SEEN["safe"] > 500
    assert SEEN["denied"] > 500
    assert SEEN["not"] > 500


def test_every_kind_of_rule_takes_part() -> None:
    assert DEMANDS.keys() == KINDS.keys()
