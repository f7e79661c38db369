"""No shipped policy gets milder when evidence is taken away; every one of its rules can deny."""

import random
from pathlib import Path

import pytest
from msgspec.structs import replace

from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.verdict import Gate, Outcome, Result
from tests.policy.builders import TODAY
from tests.policy.good_evidence import Change, alterations, good_evidence, removals

FOLDER = Path(__file__).parents[2] / "policies"
PACKS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
FROM_BEST = (
    Outcome.PASSED,
    Outcome.WAIVED,
    Outcome.WARNED,
    Outcome.NOT_APPLICABLE,
    Outcome.DEFERRED,
    Outcome.DENIED,
)
_TWICE = 60  # altered evidence from which each piece is taken away, too


def the_pack(name: str) -> Policy:
    path = FOLDER / f"{name}.yaml"
    return read_policy(path.read_bytes(), path=path.name)


def outcomes(policy: Policy, evidence: ModelEvidence) -> dict[str, int]:
    """Return how bad each rule's worst finding is, and the verdict, under an empty name.

    A verdict that cannot be given says nothing of single rules; it is as bad as a no.
    """
    worst = len(FROM_BEST) - 1
    try:
        verdict = evaluate(policy, evidence, at=Gate.ATTEST, today=TODAY, environment="production")
    except AigfError:
        return {"": worst}
    found: dict[str, int] = {"": worst if verdict.result is not Result.PASSED else 0}
    for finding in verdict.findings:
        badness = FROM_BEST.index(finding.outcome)
        found[finding.rule] = max(found.get(finding.rule, 0), badness)
    return found


@pytest.mark.parametrize("name", PACKS)
def test_good_evidence_passes_every_rule(name: str) -> None:
    policy = the_pack(name)
    found = outcomes(policy, good_evidence(policy))
    assert {rule: FROM_BEST[badness] for rule, badness in found.items() if badness} == {}


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_denies_when_its_evidence_is_taken_away(name: str) -> None:
    policy = the_pack(name)
    denies = FROM_BEST.index(Outcome.DENIED)
    changes = list(removals(good_evidence(policy)))
    denied = {
        rule
        for change in changes
        for rule, badness in outcomes(policy, change.evidence).items()
        if badness == denies
    }
    assert {rule.id for rule in policy.rules} - denied == set()


def milder(policy: Policy, before: ModelEvidence, change: Change) -> list[str]:
    first, then = outcomes(policy, before), outcomes(policy, change.evidence)
    return [
        f"{rule or 'the verdict'}: {FROM_BEST[first[rule]]} -> {FROM_BEST[then[rule]]}"
        for rule in first
        if rule in then and then[rule] < first[rule]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKS)
def test_taking_evidence_away_never_makes_a_verdict_better(name: str) -> None:
    policy = the_pack(name)
    good = good_evidence(policy)
    changed = list(alterations(good))
    chosen = random.Random(name).sample(changed, min(_TWICE, len(changed)))  # noqa: S311  # a test
    better = [
        f"{base.what}, then {change.what}: {said}"
        for base in (Change(what="good", evidence=good), *chosen)
        for change in removals(base.evidence)
        for said in milder(policy, base.evidence, change)
    ]
    assert better == []


@pytest.mark.parametrize("name", PACKS)
def test_no_alteration_makes_good_evidence_pass_more_rules(name: str) -> None:
    policy = the_pack(name)
    good = good_evidence(policy)
    changes = list(alterations(good))
    assert len(changes) > 100
    assert [c.what for c in changes if milder(policy, good, c)] == []


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_without_an_applicable_rule_never_passes(name: str) -> None:
    policy = the_pack(name)
    elsewhere = replace(
        policy,
        environments=("production", "staging"),
        rules=tuple(replace(rule, environments=("staging",)) for rule in policy.rules),
    )
    verdict = evaluate(
        elsewhere, good_evidence(policy), at=Gate.ATTEST, today=TODAY, environment="production"
    )
    assert verdict.result is Result.DENIED
    assert [f.observed for f in verdict.findings if f.rule == "policy"] == ["no rule was judged"]
