from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.errors import InputError
from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.verdict import Finding, Gate, Outcome, Result
from tests.policy.builders import TODAY, a_metric, a_policy, an_evidence, judged, the_finding

HIGHER = "metric: fairness_score, baseline: production, direction: higher-is-better"
LOWER = "metric: p95_latency_ms, baseline: production, direction: lower-is-better"


def a_baseline(**changes: Any) -> Baseline:  # noqa: ANN401 (the fields of a Baseline)
    metrics = {
        "fairness_score": a_metric(Decimal("0.85")),
        "p95_latency_ms": a_metric(320, "p95_latency_ms"),
    }
    good = Baseline(
        name="production", where="attestation sha256:4f1d", metrics=metrics, signer="key SHA256:ab"
    )
    return replace(good, **changes)


def compared(
    settings: str,
    *,
    baseline: Baseline | None = None,
    at: Gate = Gate.ATTEST,
    **values: object,
) -> Finding:
    evidence = replace(
        an_evidence(**values),  # type: ignore[arg-type]  # metrics of any value
        baselines=(baseline or a_baseline(),),
    )
    return the_finding(judged(f"{{id: r, kind: no-regression, {settings}}}", evidence, at=at))


def refused(settings: str) -> str:
    with pytest.raises(InputError) as refusal:
        a_policy(f"{{id: r, kind: no-regression, {settings}}}")
    return f"{refusal.value} {refusal.value.hint}"


@pytest.mark.parametrize(
    ("value", "outcome"),
    [(0.85, Outcome.PASSED), (0.9, Outcome.PASSED), (0.849999, Outcome.DENIED)],
)
def test_without_a_tolerance_nothing_may_be_worse(value: float, outcome: Outcome) -> None:
    assert compared(HIGHER, fairness_score=value).outcome is outcome


@pytest.mark.parametrize(
    ("value", "outcome"), [(320, Outcome.PASSED), (10, Outcome.PASSED), (320.5, Outcome.DENIED)]
)
def test_lower_is_better_turns_the_comparison_round(value: float, outcome: Outcome) -> None:
    assert compared(LOWER, p95_latency_ms=value).outcome is outcome


def test_a_denial_names_both_numbers_the_distance_and_the_signer() -> None:
    finding = compared(HIGHER, fairness_score=0.8)
    assert finding.observed == (
        "fairness_score is 0.8, 0.05 worse than the 0.85 of production "
        "(attestation sha256:4f1d, signed by key SHA256:ab)"
    )
    assert finding.expected == "not worse than the baseline (production)"
    assert finding.where == "metrics.json:fairness_score"
    assert "aigf diff" in finding.remedy


@pytest.mark.parametrize(
    ("tolerances", "least"),
    [
        ("tolerance: 0.05", "0.80"),
        ("relative_tolerance: 0.1", "0.765"),
        ("tolerance: 0.05, relative_tolerance: 0.1", "0.80"),  # each is a limit of its own
        ("tolerance: 0.5, relative_tolerance: 0.1", "0.765"),
        ("tolerance: 0", "0.85"),
    ],
)
def test_a_tolerance_is_exact_and_of_two_the_stricter_one_holds(
    tolerances: str, least: str
) -> None:
    settings = f"{HIGHER}, {tolerances}"
    at_the_limit = Decimal(least)
    assert compared(settings, fairness_score=at_the_limit).outcome is Outcome.PASSED
    below = at_the_limit - Decimal("1e-20")
    assert compared(settings, fairness_score=below).outcome is Outcome.DENIED


def test_a_relative_tolerance_is_a_share_of_the_baselines_size() -> None:
    baseline = a_baseline(metrics={"p95_latency_ms": a_metric(-100)})
    settings = f"{LOWER}, relative_tolerance: 0.1"
    assert compared(settings, baseline=baseline, p95_latency_ms=-90).outcome is Outcome.PASSED
    assert compared(settings, baseline=baseline, p95_latency_ms=-89).outcome is Outcome.DENIED


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "true"),
        ("0.9", 'the text "0.9"'),
        (float("nan"), "not a number (NaN)"),
        (None, "nothing"),
        ({"value": 0.9}, "a mapping"),
        (Decimal("1e-400000000"), "1E-400000000"),
    ],
)
def test_what_is_no_number_is_denied_on_either_side(value: object, said: str) -> None:
    here = compared(HIGHER, fairness_score=value)
    assert (here.outcome, here.observed) == (Outcome.DENIED, f"fairness_score is {said}")
    there = compared(
        HIGHER, baseline=a_baseline(metrics={"fairness_score": a_metric(value)}), fairness_score=1
    )
    assert there.outcome is Outcome.DENIED
    assert there.observed == f"fairness_score of the baseline is {said}"


def test_a_metric_that_is_missing_on_either_side_is_denied() -> None:
    settings = HIGHER.replace("fairness_score", "accuracy")
    assert compared(settings).observed.startswith("accuracy is missing; there are: ")
    there = compared(HIGHER, baseline=a_baseline(metrics={}))
    assert there.outcome is Outcome.DENIED
    assert there.observed == "fairness_score of the baseline is missing"


@pytest.mark.parametrize("settings", [HIGHER, f"{HIGHER}, if_no_baseline: warn"])
def test_a_baseline_that_nobody_looked_for_is_deferred_first_and_denied_in_the_end(
    settings: str,
) -> None:
    policy = a_policy(f"{{id: r, kind: no-regression, {settings}}}", "{id: l, kind: metric, "
                      "metric: p95_latency_ms, max: 500}")  # fmt: skip
    for at in Gate:
        verdict = evaluate(policy, an_evidence(), at=at, today=TODAY)
        closing = at in (Gate.ATTEST, Gate.DEPLOY)
        assert verdict.findings[0].outcome is (Outcome.DENIED if closing else Outcome.DEFERRED)
        assert verdict.result is (Result.DENIED if closing else Result.PASSED)
        assert ("--baseline" in verdict.findings[0].remedy) == closing


@pytest.mark.parametrize("source", ["{tag: v1.2}", "{file: baseline.json}"])
def test_a_file_or_tag_that_was_not_read_is_denied_at_every_gate(source: str) -> None:
    settings = HIGHER.replace("production", source)
    for at in Gate:
        assert compared(settings, at=at).outcome is Outcome.DENIED


def test_where_there_is_no_baseline_the_rule_says_what_follows() -> None:
    absent = a_baseline(absent=True, problem="git has no attestation of it")
    denied = compared(HIGHER, baseline=absent)
    assert denied.outcome is Outcome.DENIED
    assert denied.observed == "there is no baseline: git has no attestation of it"
    assert "if_no_baseline: warn" in denied.remedy
    for at in (Gate.STAGE, Gate.DEPLOY):
        warned = compared(f"{HIGHER}, if_no_baseline: warn", baseline=absent, at=at)
        assert warned.outcome is Outcome.WARNED


def test_a_baseline_that_does_not_count_is_never_taken_for_none() -> None:
    bad = a_baseline(problem="signed by somebody else")
    finding = compared(f"{HIGHER}, if_no_baseline: warn", baseline=bad)
    assert finding.outcome is Outcome.DENIED
    assert finding.observed == "the baseline does not count: signed by somebody else"


def test_an_unverified_production_model_counts_at_the_early_gates_only_and_it_is_said() -> None:
    unverified = a_baseline(signer="")
    for at in (Gate.STAGE, Gate.PUSH):
        finding = compared(HIGHER, baseline=unverified, at=at)
        assert finding.outcome is Outcome.PASSED
        assert "NOT VERIFIED" in finding.observed
    for at in (Gate.ATTEST, Gate.DEPLOY):
        finding = compared(f"{HIGHER}, if_no_baseline: warn", baseline=unverified, at=at)
        assert finding.outcome is Outcome.DENIED
        assert "--baseline-key" in finding.remedy


@pytest.mark.parametrize(
    ("source", "name"), [("{tag: v1.2}", "tag:v1.2"), ("{file: old/b.json}", "file:old/b.json")]
)
def test_a_baseline_is_found_by_its_own_name_and_needs_no_signer(source: str, name: str) -> None:
    settings = HIGHER.replace("production", source)
    baseline = a_baseline(name=name, signer="")
    finding = compared(settings, baseline=baseline)
    assert finding.outcome is Outcome.PASSED
    assert "NOT VERIFIED" not in finding.observed
    assert compared(settings, baseline=a_baseline()).outcome is Outcome.DENIED


def test_a_metric_may_be_named_by_its_place() -> None:
    place = "metrics.json:fairness_score"
    baseline = a_baseline(metrics={place: a_metric(0.85)})
    settings = HIGHER.replace("fairness_score", f'"{place}"')
    assert compared(settings, baseline=baseline).outcome is Outcome.PASSED
    assert compared(settings, baseline=baseline, fairness_score=0.8).outcome is Outcome.DENIED


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("metric: a, baseline: production", "there is no `direction`"),
        ("metric: a, baseline: production, direction: up", "higher-is-better, lower-is-better"),
        ("metric: a, direction: lower-is-better", "there is no `baseline`"),
        ("metric: a, direction: lower-is-better, baseline: staging", "`{tag: REV}`"),
        ("metric: a, direction: lower-is-better, baseline: 3", "a mapping"),
        ("metric: a, direction: lower-is-better, baseline: {}", "a mapping"),
        ("metric: a, direction: lower-is-better, baseline: {tag: a, file: b.json}", "both"),
        ("metric: a, direction: lower-is-better, baseline: {branch: a}", "unknown key `branch`"),
        ("metric: a, direction: lower-is-better, baseline: {tag: HEAD}", "the revision"),
        ('metric: a, direction: lower-is-better, baseline: {tag: "v1~1"}', "the revision"),
        ('metric: a, direction: lower-is-better, baseline: {tag: "--all"}', "the revision"),
        ("metric: a, direction: lower-is-better, baseline: {file: /etc/b.json}", "the path"),
        ("metric: a, direction: lower-is-better, baseline: {file: ../b.json}", "the path"),
        (f"{HIGHER}, tolerance: -0.1", "0 or more"),
        (f"{HIGHER}, relative_tolerance: 5", "0 to 1"),
        (f"{HIGHER}, relative_tolerance: -0.1", "0 to 1"),
        (f"{HIGHER}, if_no_baseline: pass", "one of deny, warn"),
        (f"{HIGHER}, tolerence: 1", "did you mean `tolerance`?"),
        ("baseline: production, direction: lower-is-better", "there is no `metric`"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings: str, said: str) -> None:
    assert said in refused(settings)
