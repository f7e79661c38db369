from decimal import Decimal

import pytest

from aigf_dvc.policy.lint.model import Level, ProjectFacts, Surroundings
from tests.policy.lint.builders import a_draft, a_written_draft, remarks

PROJECT = Surroundings(
    project=ProjectFacts(
        environment="production",
        metrics=("fairness_score",),
        places={"metrics.json:fairness.score": Decimal(1), "metrics.json:recall": None},
        documents=("bias-analysis",),
    ),
    card_fields=frozenset({"responsible_owner", "data.source"}),
)


def metric(name: str) -> str:
    return f"{{id: m, kind: metric, metric: '{name}', min: 1}}"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("fairnes_score", "did you mean `fairness_score`?"),
        ("recall", 'metrics.json has it: name it in aigf.yaml: `metrics: {recall: "metrics.json:'),
        ("zzz", "name it in aigf.yaml, with its file and key"),
        ("metrics.json:fairness.scores", "did you mean `metrics.json:fairness.score`?"),
    ],
)
def test_a_metric_that_nothing_has_is_told(name: str, remedy: str) -> None:
    (remark,) = remarks(a_draft(metric(name)), "unknown-metric", PROJECT)
    assert (remark.level, remark.where) == (Level.WARNING, "p.yaml:4:27")
    assert remedy in remark.remedy


@pytest.mark.parametrize(
    "name", ["fairness_score", "metrics.json:fairness.score", "unread.json:anything"]
)
def test_a_metric_that_is_there_or_cannot_be_known_is_not(name: str) -> None:
    assert remarks(a_draft(metric(name)), "unknown-metric", PROJECT) == []
    assert remarks(a_draft(metric("zzz")), "unknown-metric") == []


def test_slices_and_tolerances_name_metrics_too() -> None:
    sliced = "{id: m, kind: metric, metric: fairness_score, slices: by_gruop, min_samples: 9}"
    (remark,) = remarks(a_written_draft(sliced), "unknown-metric", PROJECT)
    assert "by_gruop" in remark.found
    rule = "{id: l, kind: lineage, min_trust: reproduced, tolerance: {fairness_score: 0, zzz: 0}}"
    (remark,) = remarks(a_draft(rule), "unknown-metric", PROJECT)
    assert "zzz" in remark.found


def test_a_document_that_is_not_listed_is_told() -> None:
    rule = "{id: d, kind: document, document: bias-anaylsis}"
    (remark,) = remarks(a_draft(rule), "unlisted-document", PROJECT)
    assert remark.remedy.startswith("did you mean `bias-analysis`?")
    right = rule.replace("anaylsis", "analysis")
    assert remarks(a_draft(right), "unlisted-document", PROJECT) == []


def test_a_field_that_no_card_has_is_told() -> None:
    rule = "{id: c, kind: required-fields, fields: [responsible_owner, responsible_onwer]}"
    (remark,) = remarks(a_draft(rule), "unknown-field", PROJECT)
    assert (remark.level, remark.where) == (Level.INFO, "p.yaml:4:36")
    assert "responsible_onwer" in remark.found
    assert remark.remedy.startswith("did you mean `responsible_owner`?")


def test_beside_slices_the_metric_is_only_a_name_and_groups_stand_below_a_place() -> None:
    project = ProjectFacts(environment="production", places={"metrics.json:rates.women": None})
    facts = Surroundings(project=project)
    rule = (
        '{id: m, kind: metric, metric: rate, slices: "metrics.json:rates", min_samples: 9, min: 1}'
    )
    assert remarks(a_written_draft(rule), "unknown-metric", facts) == []
    other = rule.replace("rates", "rate_by_age")
    (remark,) = remarks(a_written_draft(other), "unknown-metric", facts)
    assert "rate_by_age" in remark.found
