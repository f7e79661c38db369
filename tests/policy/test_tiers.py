from datetime import date

import pytest
from msgspec.structs import replace

from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.verdict import Gate, Outcome, Result, Verdict
from tests.policy.builders import COMPLETE_CARD, TODAY, a_card, an_evidence, denied

POLICY = b"""\
id: test
version: "1"
tiers: [minimal, limited, high]
environments: [staging, production]
expires: 2026-12-31
rules:
  - {id: latency, kind: metric, metric: p95_latency_ms, max: 500}
  - {id: middle, kind: metric, metric: fairness_score, min: 0.8, tier: limited}
  - {id: strict, kind: metric, metric: fairness_score, min: 0.9, tier: high}
  - {id: live, kind: metric, metric: p95_latency_ms, max: 100, environments: [production]}
"""


def the_policy() -> Policy:
    return read_policy(POLICY, path="policy.yaml")


def judged(
    tier: str, *, environment: str = "staging", today: date = TODAY, score: float = 0.75
) -> Verdict:
    text = COMPLETE_CARD.replace("governance:\n", f"governance:\n  risk_tier: {tier}\n")
    evidence = an_evidence(card=a_card(text if tier else COMPLETE_CARD), fairness_score=score)
    return evaluate(the_policy(), evidence, at=Gate.ATTEST, today=today, environment=environment)


@pytest.mark.parametrize(
    ("tier", "rules"),
    [("minimal", []), ("limited", ["middle"]), ("high", ["middle", "strict"])],
)
def test_a_tier_has_its_own_rules_and_those_of_the_lower_ones(tier: str, rules: list[str]) -> None:
    verdict = judged(tier)
    assert [finding.rule for finding in denied(verdict)] == rules
    assert verdict.tier == tier


def test_a_model_without_a_tier_has_the_highest() -> None:
    verdict = judged("")
    assert verdict.tier == "high"
    assert [finding.rule for finding in denied(verdict)] == ["middle", "strict"]


def test_an_unknown_tier_is_denied_and_judged_as_the_highest() -> None:
    verdict = judged("hihg", score=0.95)
    (finding,) = denied(verdict)
    assert finding.rule == "policy"
    assert 'risk_tier is "hihg" (MODEL_CARD.md:4); did you mean `high`?' in finding.observed
    assert verdict.tier == "high"


def test_a_rule_for_another_tier_is_shown_as_not_applicable() -> None:
    (finding,) = [f for f in judged("limited").findings if f.rule == "strict"]
    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert (finding.observed, finding.expected) == (
        "the model's tier is limited",
        "a rule for tier high or higher",
    )


def test_a_rule_for_an_environment_is_judged_there() -> None:
    assert "live" not in [f.rule for f in denied(judged("minimal"))]
    assert [f.rule for f in denied(judged("minimal", environment="production"))] == ["live"]


def test_without_an_environment_every_rule_is_judged() -> None:
    assert [f.rule for f in denied(judged("minimal", environment=""))] == ["live"]


def test_an_unknown_environment_is_denied() -> None:
    verdict = judged("minimal", environment="porduction", score=0.95)
    assert "the unknown environment porduction" in [f.observed for f in denied(verdict)]


def test_an_expired_policy_lets_nothing_pass() -> None:
    assert judged("minimal", today=date(2026, 12, 31)).result is Result.PASSED
    verdict = judged("minimal", today=date(2027, 1, 1))
    assert [f.observed for f in denied(verdict)] == ["the policy expired on 2026-12-31"]


def test_a_policy_with_no_applicable_rule_never_passes() -> None:
    policy = the_policy()
    only_high = replace(policy, rules=tuple(r for r in policy.rules if r.tier == "high"))
    text = COMPLETE_CARD.replace("governance:\n", "governance:\n  risk_tier: minimal\n")
    verdict = evaluate(only_high, an_evidence(card=a_card(text)), at=Gate.ATTEST, today=TODAY)
    assert verdict.result is Result.DENIED
    assert [f.observed for f in denied(verdict)] == ["no rule was judged"]
