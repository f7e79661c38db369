"""Metrics by group are read for a report: values, what they stand on, and the limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pytest
from msgspec.structs import replace

from aigf_dvc.evidence.metric import Metric
from aigf_dvc.policy.model import Case, Judgement, Policy, Rule
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.verdict import Outcome
from aigf_dvc.report.slices import Slice, SlicedMetric, sliced_metrics
from tests.report.builders import some_evidence
from tests.report.verdict_builders import a_finding, a_verdict

POLICY = b"""
id: p
version: "1"
rules:
- {id: plain, kind: metric, metric: rate, min: 0.95}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InEachGroup:
    """A demand on groups, as far as a picture needs it."""

    slices: str
    min: Decimal | None = None
    max: Decimal | None = None
    statistic: str = "rate"

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        raise NotImplementedError(case)


def a_policy() -> Policy:
    demands = {
        "low": InEachGroup(slices="rate", min=Decimal("0.5")),
        "lower": InEachGroup(slices="m.json:rate", min=Decimal("0.2"), max=Decimal("0.9")),
        "ratio": InEachGroup(slices="rate", min=Decimal("0.8"), statistic="ratio"),
        "other": InEachGroup(slices="latency", max=Decimal("0.1")),
    }
    policy = read_policy(POLICY, path="p.yaml")
    rules = (Rule(id=name, kind="metric", demand=demand) for name, demand in demands.items())
    return replace(policy, rules=(*policy.rules, *rules))


def read(
    value: object, *, judged: tuple[str, ...] = ("plain", "low", "lower", "ratio", "other")
) -> tuple[SlicedMetric, ...]:
    evidence = some_evidence(
        metrics={
            "rate": Metric(value=value, where="m.json:rate"),
            "latency": Metric(value=1, where="m.json:latency"),
        }
    )
    verdict = a_verdict(*(a_finding(rule=rule) for rule in judged))
    return sliced_metrics(evidence, a_policy(), verdict)


def one(value: object) -> Slice:
    ((metric,),) = (read({"group": value}),)
    return metric.slices[0]


def test_a_mapping_is_a_metric_by_group_and_a_number_is_not() -> None:
    (metric,) = read({"a": 0.9, "b": 0.4})
    assert metric.name == "rate"
    assert metric.where == "m.json:rate"
    assert [(s.group, s.value) for s in metric.slices] == [
        ("a", Decimal("0.9")),
        ("b", Decimal("0.4")),
    ]
    assert read(0.7) == ()
    assert read({}) == ()


def test_the_strictest_limits_of_the_rules_about_it_are_shown() -> None:
    (metric,) = read({"a": 1})
    assert (metric.low, metric.high) == (Decimal("0.5"), Decimal("0.9"))
    (metric,) = read({"a": 1}, judged=("lower",))
    assert (metric.low, metric.high) == (Decimal("0.2"), Decimal("0.9"))


def test_a_rule_that_does_not_apply_draws_no_limit() -> None:
    evidence = some_evidence(metrics={"rate": Metric(value={"a": 1}, where="")})
    verdict = a_verdict(a_finding(Outcome.NOT_APPLICABLE, rule="low"))
    (metric,) = sliced_metrics(evidence, a_policy(), verdict)
    assert (metric.low, metric.high) == (None, None)


@pytest.mark.parametrize(
    ("value", "number", "basis"),
    [
        (0.25, Decimal("0.25"), ""),
        ({"value": 0.25, "samples": 40}, Decimal("0.25"), "40 samples"),
        ({"value": 0.25}, Decimal("0.25"), ""),
        ({"positives": 1, "samples": 3}, Decimal("0.333333"), "1 of 3"),
        ({"positives": 0, "samples": 3}, Decimal(0), "0 of 3"),
        ({"positives": 4, "samples": 3}, None, ""),
        ({"positives": -1, "samples": 3}, None, ""),
        ({"positives": 1, "samples": 0}, None, ""),
        ({"positives": 1}, None, ""),
        ({"value": "high"}, None, ""),
        (float("nan"), None, ""),
        (True, None, ""),
        ("0.9", None, ""),
        (None, None, ""),
        ({}, None, ""),
    ],
)
def test_a_group_has_a_number_or_none(value: object, number: Decimal | None, basis: str) -> None:
    found = one(value)
    assert (found.value, found.basis) == (number, basis)


def test_numbers_beyond_all_measure_are_no_reason_to_stop() -> None:
    huge: Mapping[str, object] = {"positives": Decimal("1e999999"), "samples": Decimal("9e999999")}
    assert one(huge).value == Decimal("0.111111")


def test_what_is_no_number_is_outside_every_limit() -> None:
    metric = SlicedMetric(name="m", where="", slices=(), low=Decimal(1), high=Decimal(2))
    values = (None, Decimal("0.9"), Decimal(1), Decimal(2), Decimal("2.1"))
    assert [metric.is_outside(value) for value in values] == [True, True, False, False, True]
