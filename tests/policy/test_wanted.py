from aigf_dvc.policy.rules.no_regression import BaselineSource
from aigf_dvc.policy.wanted import wanted_baselines, wanted_numbers, wanted_places
from tests.policy.builders import a_policy

POLICY = a_policy(
    "{id: a, kind: metric, metric: fairness_score, min: 0.8}",
    '{id: b, kind: metric, metric: "m/eval.json:auc", min: 0.8}',
    '{id: c, kind: metric, metric: rate, slices: "m/eval.json:groups", min: 0.8}',
    "{id: d, kind: metric, metric: rate, slices: groups, min: 0.8}",
    "{id: e, kind: no-regression, metric: p95, baseline: production, direction: lower-is-better}",
    '{id: f, kind: no-regression, metric: "l.yaml:ms", baseline: {tag: v1}, '
    "direction: lower-is-better}",
    "{id: g, kind: no-regression, metric: p95, baseline: {file: b.json}, "
    "direction: lower-is-better}",
    "{id: h, kind: no-regression, metric: auc, baseline: {tag: v1}, direction: higher-is-better}",
    "{id: i, kind: lineage}",
)


def test_the_places_that_rules_name_are_wanted_each_once() -> None:
    assert wanted_places(POLICY) == ("m/eval.json:auc", "m/eval.json:groups", "l.yaml:ms")


def test_the_names_of_single_numbers_are_wanted_from_aigf_yaml() -> None:
    assert wanted_numbers(POLICY) == ("fairness_score", "p95", "auc")


def test_the_baselines_are_wanted_each_once() -> None:
    assert wanted_baselines(POLICY) == (
        BaselineSource(),
        BaselineSource(tag="v1"),
        BaselineSource(file="b.json"),
    )
