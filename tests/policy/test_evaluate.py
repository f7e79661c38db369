from dataclasses import dataclass
from datetime import date

import pytest
from msgspec.structs import replace

from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.model import ALL_GATES, Case, Demand, Judgement, Policy, Rule
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.verdict import Gate, Outcome, Result, Verdict
from tests.policy.builders import (
    COMPLETE_CARD,
    TODAY,
    a_card,
    a_policy,
    an_evidence,
    denied,
    judged,
    the_finding,
)

SEED = b"""\
required_metadata:
  [training_data_source, bias_mitigation_strategy, model_card_version, responsible_owner]
required_metrics: {fairness_score_min: 0.8, p95_latency_ms_max: 500}
"""
FAIRNESS = "id: fairness, kind: metric, metric: fairness_score, min: 0.8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """A demand that says what the test wants."""

    judgements: tuple[Judgement, ...] = ()

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        assert case.today == TODAY
        return self.judgements


@dataclass(frozen=True, slots=True, kw_only=True)
class Fails:
    """A demand with a bug."""

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        raise ZeroDivisionError(case.evidence.model)


def policy_of(*demands: Demand) -> Policy:
    rules = (Rule(id=f"r{n}", kind="test", demand=demand) for n, demand in enumerate(demands))
    return replace(a_policy("{id: x, kind: lineage}"), rules=tuple(rules))


def by_the_seed(evidence_at: Gate = Gate.STAGE, **changes: object) -> Verdict:
    policy = read_policy(SEED, path="policy.yaml")
    return evaluate(policy, an_evidence(**changes), at=evidence_at, today=TODAY)  # type: ignore[arg-type]  # a builder's keywords


@pytest.mark.parametrize("at", Gate)
def test_a_complete_card_and_good_metrics_pass_the_seed_policy(at: Gate) -> None:
    verdict = by_the_seed(at)
    assert verdict.result is Result.PASSED
    assert [finding.outcome for finding in verdict.findings] == [Outcome.PASSED] * 3


def test_a_missing_bias_mitigation_strategy_is_denied_by_name() -> None:
    text = COMPLETE_CARD.replace("bias_mitigation_strategy", "another_field")
    verdict = by_the_seed(card=a_card(text))
    assert verdict.result is Result.DENIED
    (finding,) = denied(verdict)
    assert finding.observed == "bias_mitigation_strategy is missing"


def test_a_fairness_score_below_the_limit_is_denied_with_both_numbers() -> None:
    (finding,) = denied(by_the_seed(fairness_score=0.75))
    assert "0.75" in finding.observed
    assert "0.8" in finding.expected


def test_a_latency_one_millisecond_above_the_limit_is_denied() -> None:
    (finding,) = denied(by_the_seed(p95_latency_ms=501))
    assert (finding.rule, finding.observed) == ("p95_latency_ms_max", "p95_latency_ms is 501")


def test_a_verdict_names_the_model_the_gate_and_the_policy() -> None:
    verdict = by_the_seed(Gate.DEPLOY)
    assert (verdict.model, verdict.at, verdict.problem) == ("mortgage", Gate.DEPLOY, "")
    assert verdict.policy == read_policy(SEED, path="policy.yaml").reference


def test_there_is_a_finding_for_every_rule_in_the_order_of_the_policy() -> None:
    assert [finding.rule for finding in by_the_seed(fairness_score=None).findings] == [
        "required_metadata",
        "fairness_score_min",
        "p95_latency_ms_max",
    ]


@pytest.mark.parametrize("at", Gate)
def test_an_empty_policy_never_passes(at: Gate) -> None:
    verdict = evaluate(policy_of(), an_evidence(), at=at, today=TODAY)
    assert verdict.result is Result.DENIED
    assert the_finding(verdict).rule == "policy"
    assert the_finding(verdict).observed == "no rule was judged"


def test_a_rule_of_a_later_gate_is_deferred_to_it() -> None:
    for gates, at, expected in [
        ("[push]", Gate.STAGE, "to be judged at the push gate"),
        ("[attest]", Gate.STAGE, "to be judged at the attest gate"),
        ("[deploy]", Gate.PUSH, "to be judged at the attest gate"),
        ("[stage, deploy]", Gate.PUSH, "to be judged at the attest gate"),
    ]:
        policy = a_policy(f"{{{FAIRNESS}, at: {gates}}}", "{id: b, kind: lineage}")
        finding = evaluate(policy, an_evidence(fairness_score=0), at=at, today=TODAY).findings[0]
        assert (finding.outcome, finding.expected) == (Outcome.DEFERRED, expected)


@pytest.mark.parametrize("gates", ["[stage]", "[push]", "[attest]", "[deploy]", "[stage, push]"])
@pytest.mark.parametrize("at", [Gate.ATTEST, Gate.DEPLOY])
def test_attest_and_deploy_judge_every_rule(gates: str, at: Gate) -> None:
    verdict = judged(f"{{{FAIRNESS}, at: {gates}}}", an_evidence(fairness_score=0.75), at=at)
    assert the_finding(verdict).outcome is Outcome.DENIED


def test_a_rule_of_an_earlier_gate_is_judged_again() -> None:
    verdict = judged(f"{{{FAIRNESS}, at: [stage]}}", an_evidence(fairness_score=0), at=Gate.PUSH)
    assert the_finding(verdict).outcome is Outcome.DENIED


def test_a_policy_whose_rules_are_all_deferred_does_not_pass() -> None:
    verdict = judged(f"{{{FAIRNESS}, at: [attest]}}", an_evidence(), at=Gate.STAGE)
    assert verdict.result is Result.DENIED
    assert [finding.rule for finding in verdict.findings] == ["fairness", "policy"]


def test_one_judged_rule_is_enough_to_pass_beside_deferred_ones() -> None:
    policy = a_policy(f"{{{FAIRNESS}}}", "{id: b, kind: lineage, at: [attest]}")
    verdict = evaluate(policy, an_evidence(), at=Gate.STAGE, today=TODAY)
    assert verdict.result is Result.PASSED


def test_a_rule_that_only_warns_does_not_deny() -> None:
    verdict = judged(f"{{{FAIRNESS}, severity: warn}}", an_evidence(fairness_score=0.75))
    assert verdict.result is Result.PASSED
    assert the_finding(verdict).outcome is Outcome.WARNED
    assert the_finding(verdict).remedy


@pytest.mark.parametrize(
    ("today", "outcome"),
    [
        (date(2026, 12, 23), Outcome.WARNED),
        (date(2026, 12, 24), Outcome.DENIED),
        (date(2027, 1, 1), Outcome.DENIED),
    ],
)
def test_a_rule_warns_until_the_day_it_is_effective(today: date, outcome: Outcome) -> None:
    rule = f"{{{FAIRNESS}, effective_from: 2026-12-24}}"
    finding = the_finding(judged(rule, an_evidence(fairness_score=0.75), today=today))
    assert finding.outcome is outcome
    assert ("denies from 2026-12-24" in finding.expected) is (outcome is Outcome.WARNED)


def test_a_rule_holds_through_its_last_day_and_is_reported_when_expired() -> None:
    rule = f"{{{FAIRNESS}, expires: 2026-11-23}}"
    evidence = an_evidence(fairness_score=0.75)
    assert the_finding(judged(rule, evidence, today=date(2026, 11, 23))).outcome is Outcome.DENIED
    verdict = judged(rule, evidence, today=date(2026, 11, 24))
    expired, nothing = verdict.findings
    assert expired.outcome is Outcome.WARNED
    assert expired.observed == "not judged: the rule expired on 2026-11-23"
    assert expired.where == "governance/policy.yaml:4"
    assert (nothing.rule, verdict.result) == ("policy", Result.DENIED)


def test_an_expired_rule_beside_one_in_force_does_not_deny() -> None:
    policy = a_policy("{id: old, kind: lineage, expires: 2020-01-01}", f"{{{FAIRNESS}}}")
    verdict = evaluate(policy, an_evidence(), at=Gate.ATTEST, today=TODAY)
    assert verdict.result is Result.PASSED


def test_the_authors_remedy_replaces_ours_and_stands_only_where_something_is_wrong() -> None:
    rule = f"{{{FAIRNESS}, remedy: Ask the validation team.}}"
    assert the_finding(judged(rule, an_evidence(fairness_score=0))).remedy == (
        "Ask the validation team."
    )
    assert the_finding(judged(rule, an_evidence())).remedy == ""


@pytest.mark.parametrize("at", Gate)
def test_an_error_inside_a_rule_gives_no_verdict(at: Gate) -> None:
    with pytest.raises(ZeroDivisionError):
        evaluate(policy_of(Fails()), an_evidence(), at=at, today=TODAY)


def test_a_rule_that_says_nothing_is_denied() -> None:
    verdict = evaluate(policy_of(Says()), an_evidence(), at=Gate.PUSH, today=TODAY)
    assert verdict.result is Result.DENIED
    assert the_finding(verdict).observed == "the rule came to no judgement"


@pytest.mark.parametrize("at", [Gate.ATTEST, Gate.DEPLOY])
def test_nothing_is_deferred_past_attest(at: Gate) -> None:
    later = Judgement(outcome=Outcome.DEFERRED, observed="not yet", expected="later")
    verdict = evaluate(policy_of(Says(judgements=(later,))), an_evidence(), at=at, today=TODAY)
    assert the_finding(verdict).outcome is Outcome.DENIED
    assert verdict.result is Result.DENIED


def test_the_gates_are_in_the_order_in_which_a_model_meets_them() -> None:
    assert ALL_GATES == (Gate.STAGE, Gate.PUSH, Gate.ATTEST, Gate.DEPLOY)
