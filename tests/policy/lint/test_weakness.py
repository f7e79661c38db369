from decimal import Decimal

import pytest

from aigf_dvc.policy.lint.model import Level, ProjectFacts, Surroundings
from tests.policy.lint.builders import SCORE, a_draft, a_written_draft, remarks


@pytest.mark.parametrize(
    ("rule", "check", "better"),
    [
        ("{id: d, kind: datasets, allow: ['**']}", "allows-everything", ("'**'", "'s3://b/**'")),
        ("{id: m, kind: metric, slices: s}", "slices-of-any-size", ("}", ", min_samples: 9}")),
        ("{id: d, kind: document, max_age: 367d}", "long-max-age", ("367", "366")),
        ("{id: a, kind: approvals, max_age: 53w}", "long-max-age", ("53", "52")),
        ("{id: d, kind: document, bound_to: nothing}", "unbound-document", ("nothing", "x")),
        (
            "{id: n, kind: no-regression, metric: f, relative_tolerance: 1}",
            "wide-tolerance",
            ("1}", "0.99}"),
        ),
    ],
)
def test_a_weak_rule_is_told_and_a_better_one_is_not(
    rule: str, check: str, better: tuple[str, str]
) -> None:
    (remark,) = remarks(a_written_draft(rule), check)
    assert remark.level is Level.WARNING
    assert remarks(a_written_draft(rule.replace(*better)), check) == []


def test_a_data_card_need_not_name_a_model() -> None:
    rule = "{id: d, kind: document, document: data-card, bound_to: nothing}"
    assert remarks(a_draft(rule), "unbound-document") == []


def test_a_waiver_of_a_year_is_told() -> None:
    (remark,) = remarks(a_draft(SCORE, top="waivers: {max_duration: 366d}\n"), "long-waivers")
    assert remark.where == "p.yaml:3:1"
    assert remarks(a_draft(SCORE, top="waivers: {max_duration: 90d}\n"), "long-waivers") == []
    assert remarks(a_draft(SCORE), "long-waivers") == []


def test_the_highest_tier_should_not_take_a_lock_file_for_proof() -> None:
    top = "tiers: [minimal, high]\n"
    declared = "{id: l, kind: lineage, min_trust: declared}"
    observed = "{id: o, kind: lineage, min_trust: observed, tier: high}"
    (remark,) = remarks(a_draft(declared, top=top), "weak-trust")
    assert (remark.level, remark.rule) == (Level.WARNING, "l")
    assert remarks(a_draft(declared, observed, top=top), "weak-trust") == []
    assert remarks(a_draft(declared), "weak-trust") == []


def of(**values: str) -> Surroundings:
    numbers = {name: Decimal(value) for name, value in values.items()}
    return Surroundings(project=ProjectFacts(environment="production", values=numbers))


def test_a_tolerance_as_large_as_the_metric_is_told() -> None:
    rule = "{id: n, kind: no-regression, metric: score, tolerance: 0.9}"
    draft = a_written_draft(rule)
    assert remarks(draft, "wide-tolerance") == []  # nothing says how large the metric is
    (by_value,) = remarks(draft, "wide-tolerance", of(score="0.85"))
    assert by_value.found == "a tolerance of 0.9 for score, which is about 0.85"
    assert remarks(draft, "wide-tolerance", of(score="85")) == []
    (by_limit,) = remarks(a_written_draft(rule, SCORE), "wide-tolerance")
    assert by_limit.found.endswith("which is about 0.8")


def test_a_tolerance_of_a_reproduction_is_looked_at_too() -> None:
    rule = "{id: l, kind: lineage, min_trust: reproduced, tolerance: {score: 0.9, other: 0.1}}"
    (remark,) = remarks(a_draft(rule), "wide-tolerance", of(score="0.85", other="0.5"))
    assert (remark.rule, remark.where) == ("l", "p.yaml:4:51")


def test_rules_that_do_not_explain_themselves_are_named_once() -> None:
    explained = SCORE.replace("}", ", why: because, controls: {soc:a: direct}}")
    draft = a_draft(explained, "{id: l, kind: lineage}", "{id: m, kind: lineage, why: x}")
    (why,) = remarks(draft, "no-why")
    assert (why.level, why.found, why.where) == (
        Level.INFO, "l does not say why the rule exists", "p.yaml:5:5",
    )  # fmt: skip
    (controls,) = remarks(draft, "no-controls")
    assert controls.found == "l, m do not say which control it evidences"


def test_a_framework_without_a_catalogue_is_told() -> None:
    draft = a_draft(SCORE.replace("}", ", controls: {nist-ai-rmf:map-1-1: partial}}"))
    known = Surroundings(frameworks=frozenset({"eu-ai-act"}))
    (remark,) = remarks(draft, "unknown-framework", known)
    assert (remark.level, remark.where) == (Level.WARNING, "p.yaml:4:56")
    assert remarks(draft, "unknown-framework") == []
    known = Surroundings(frameworks=frozenset({"nist-ai-rmf"}))
    assert remarks(draft, "unknown-framework", known) == []
