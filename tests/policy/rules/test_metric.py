from decimal import Decimal

import pytest

from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.verdict import Outcome
from tests.policy.builders import a_card, a_metric, an_evidence, judged, the_finding

FAIRNESS = "{id: fairness, kind: metric, metric: fairness_score, min: 0.8}"
LATENCY = "{id: latency, kind: metric, metric: p95_latency_ms, max: 500}"


@pytest.mark.parametrize(
    "value", [0.8, Decimal("0.8"), Decimal("0.80"), 1, 10**400, Decimal("1e3")]
)
def test_a_value_at_or_above_the_minimum_passes(value: object) -> None:
    finding = the_finding(judged(FAIRNESS, an_evidence(fairness_score=value)))
    assert finding.outcome is Outcome.PASSED
    assert finding.remedy == ""


def test_a_value_below_the_minimum_is_denied_with_the_distance() -> None:
    finding = the_finding(judged(FAIRNESS, an_evidence(fairness_score=0.75)))
    assert finding.outcome is Outcome.DENIED
    assert finding.observed == "fairness_score is 0.75"
    assert finding.expected == "at least 0.8"
    assert finding.where == "metrics.json:fairness_score"
    assert finding.remedy.startswith("raise it by at least 0.05: ")


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (500, Outcome.PASSED),
        (500.0, Outcome.PASSED),
        (501, Outcome.DENIED),
        (500.001, Outcome.DENIED),
    ],
)
def test_the_maximum_itself_is_allowed_and_nothing_above_it(
    value: object, outcome: Outcome
) -> None:
    finding = the_finding(judged(LATENCY, an_evidence(p95_latency_ms=value)))
    assert finding.outcome is outcome


def test_a_value_above_the_maximum_says_by_how_much() -> None:
    finding = the_finding(judged(LATENCY, an_evidence(p95_latency_ms=501)))
    assert finding.observed == "p95_latency_ms is 501"
    assert finding.expected == "at most 500"
    assert finding.remedy.startswith("lower it by at least 1: ")


def test_numbers_are_compared_as_they_are_written_and_never_rounded() -> None:
    just_below = Decimal("0.79999999999999999999999999999999999999999999")
    assert the_finding(judged(FAIRNESS, an_evidence(fairness_score=just_below))).outcome is (
        Outcome.DENIED
    )
    # 0.85 - 0.05 is below 0.8 in binary floating point
    rule = "{id: r, kind: metric, metric: fairness_score, min: 0.85, max: 0.85}"
    finding = the_finding(judged(rule, an_evidence(fairness_score=0.8)))
    assert finding.remedy.startswith("raise it by at least 0.05:")
    assert the_finding(judged(rule, an_evidence(fairness_score=0.85))).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (float("nan"), "not a number (NaN)"),
        (Decimal("NaN"), "not a number (NaN)"),
        (Decimal("sNaN"), "not a number (NaN)"),
        (float("inf"), "infinite"),
        (Decimal("-Infinity"), "infinite"),
        (True, "true"),
        (False, "false"),
        ("0.9", 'the text "0.9"'),
        (None, "nothing"),
        ([0.9], "a list"),
        ({"value": 0.9}, "a mapping"),
    ],
)
def test_what_is_no_finite_number_is_denied(value: object, said: str) -> None:
    for rule in (FAIRNESS, "{id: f, kind: metric, metric: fairness_score, max: 2}"):
        finding = the_finding(judged(rule, an_evidence(fairness_score=value)))
        assert finding.outcome is Outcome.DENIED
        assert finding.observed == f"fairness_score is {said}"
        assert finding.expected.startswith("a finite number, at ")


def test_a_missing_metric_names_the_closest_ones_and_how_to_map_it() -> None:
    rule = "{id: l, kind: metric, metric: p95_latency, max: 500}"
    finding = the_finding(judged(rule, an_evidence()))
    assert finding.outcome is Outcome.DENIED
    assert finding.observed == "p95_latency is missing; there are: p95_latency_ms, fairness_score"
    assert '{mortgage: {metrics: {p95_latency: "FILE:KEY"}}}' in finding.remedy


def test_a_missing_metric_with_a_known_place_points_there() -> None:
    evidence = ModelEvidence(
        model="mortgage",
        card=a_card(),
        metric_places={"fairness_score": "eval.json:fairness.score"},
    )
    finding = the_finding(judged(FAIRNESS, evidence))
    assert finding.observed == "fairness_score is missing; there are no metrics at all"
    assert finding.where == "eval.json:fairness.score"
    assert "eval.json:fairness.score" in finding.remedy


def test_a_long_list_of_metrics_is_cut() -> None:
    evidence = ModelEvidence(
        model="mortgage", card=a_card(), metrics={f"m{n}": a_metric(n) for n in range(20)}
    )
    assert the_finding(judged(FAIRNESS, evidence)).observed.endswith(" and 14 more")


def test_both_limits_can_be_set() -> None:
    rule = "{id: r, kind: metric, metric: fairness_score, min: 0.8, max: 1.25}"
    finding = the_finding(judged(rule, an_evidence(fairness_score=1.3)))
    assert finding.expected == "at least 0.8 and at most 1.25"
    assert finding.remedy.startswith("lower it by at least 0.05:")


def test_a_metric_may_be_named_by_its_place() -> None:
    rule = '{id: f, kind: metric, metric: "metrics.json:fairness_score", min: 0.8}'
    assert the_finding(judged(rule, an_evidence())).outcome is Outcome.PASSED
    assert the_finding(judged(rule, an_evidence(fairness_score=0.7))).outcome is Outcome.DENIED
    missing = the_finding(judged(rule.replace("fairness", "other"), an_evidence()))
    assert missing.outcome is Outcome.DENIED
    assert missing.where == "metrics.json:other_score"
    assert missing.remedy.endswith("or correct that place in the policy")


def test_a_name_that_looks_like_a_place_does_not_stand_for_another_one() -> None:
    rule = '{id: f, kind: metric, metric: "metrics.json:fairness_score", min: 0.8}'
    elsewhere = Metric(value=0.99, where="made-up.json:fairness_score")
    evidence = ModelEvidence(
        model="mortgage", card=a_card(), metrics={"metrics.json:fairness_score": elsewhere}
    )
    assert the_finding(judged(rule, evidence)).outcome is Outcome.DENIED
