import pytest
from msgspec import Struct

from aigf_dvc.policy.model import Case, Judgement
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.policy.strictness.change import Direction
from aigf_dvc.policy.strictness.policies import compare_policies
from aigf_dvc.policy.strictness.registry import COMPARISONS
from aigf_dvc.policy.strictness.rules import compare_demands, is_subsequence
from tests.policy.builders import a_policy


class Novelty(Struct, frozen=True, kw_only=True):
    """A demand that no comparison knows."""

    level: int

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        raise NotImplementedError(case)


def directions(old: str, new: str) -> list[tuple[str, Direction]]:
    changes = compare_policies(a_policy(f"{{id: r, {old}}}"), a_policy(f"{{id: r, {new}}}"))
    return [(change.key, change.direction) for change in changes]


T, N, U, W = Direction.TIGHTENS, Direction.NEUTRAL, Direction.UNCLEAR, Direction.WEAKENS
FIELDS = "kind: required-fields, fields: "
METRIC = "kind: metric, metric: m, "
DOCUMENT = "kind: document, document: d"
LINEAGE = "kind: lineage"
SLICES = "kind: metric, metric: m, slices: s, min: 0.5"
SURE = f"{SLICES}, bound: confidence, confidence: "
NO_LOSS = "kind: no-regression, metric: m, baseline: production, direction: higher-is-better"
LOSS = f"{NO_LOSS}, tolerance: "
DATA = "kind: datasets, "
PACKAGES = "kind: packages, "
SET = "kind: parameters, parameters: "
REPRODUCED = f"{LINEAGE}, min_trust: reproduced, tolerance: "


@pytest.mark.parametrize(
    ("old", "new", "key", "direction"),
    [
        (f"{FIELDS}[a]", f"{FIELDS}[a, b]", "fields", T),
        (f"{FIELDS}[a, b]", f"{FIELDS}[a]", "fields", W),
        (f"{FIELDS}[a, b]", f"{FIELDS}[b, c]", "fields", W),
        (f"{FIELDS}[a, b]", f"{FIELDS}[b, a]", "fields", N),
        (f"{METRIC}min: 1", f"{METRIC}min: 1.1", "min", T),
        (f"{METRIC}min: 1", f"{METRIC}min: 0.9", "min", W),
        (f"{METRIC}max: 1", f"{METRIC}max: 1.1", "max", W),
        (f"{METRIC}max: 1", f"{METRIC}max: 0.9", "max", T),
        (f"{METRIC}max: 1", f"{METRIC}max: 1, min: 0", "min", T),
        (f"{METRIC}max: 1, min: 0", f"{METRIC}max: 1", "min", W),
        (f"{METRIC}max: 1", "kind: metric, metric: n, max: 1", "metric", W),
        (DOCUMENT, f"{DOCUMENT}, max_age: 90d", "max_age", T),
        (f"{DOCUMENT}, max_age: 90d", f"{DOCUMENT}, max_age: 12w", "max_age", T),
        (f"{DOCUMENT}, max_age: 90d", f"{DOCUMENT}, max_age: 13w", "max_age", W),
        (f"{DOCUMENT}, max_age: 90d", DOCUMENT, "max_age", W),
        (f"{DOCUMENT}, bound_to: nothing", DOCUMENT, "bound_to", T),
        (DOCUMENT, f"{DOCUMENT}, bound_to: nothing", "bound_to", W),
        (DOCUMENT, f"{DOCUMENT}, bound_to: model-digest", "bound_to", U),
        (DOCUMENT, "kind: document, document: e", "document", W),
        (LINEAGE, f"{LINEAGE}, edges: verified", "edges", T),
        (f"{LINEAGE}, edges: verified", LINEAGE, "edges", W),
        (LINEAGE, f"{LINEAGE}, data: verified", "data", T),
        (LINEAGE, f"{LINEAGE}, min_trust: declared", "min_trust", T),
        (
            f"{LINEAGE}, min_trust: reproduced",
            f"{LINEAGE}, min_trust: observed",
            "min_trust",
            W,
        ),
        (LINEAGE, f"{LINEAGE}, clean_tree: true", "clean_tree", T),
        (f"{LINEAGE}, clean_tree: true", LINEAGE, "clean_tree", W),
        (LINEAGE, f"{LINEAGE}, current_lock: true", "current_lock", T),
        (f"{LINEAGE}, protected_branch: true", LINEAGE, "protected_branch", W),
        (f"{SLICES}, min_samples: 9", SLICES, "min_samples", W),
        (SLICES, f"{SLICES}, bound: confidence", "bound", T),
        (SLICES, f"{SLICES}, aggregate: each", "aggregate", T),
        (SLICES, f"{SLICES}, statistic: ratio", "statistic", U),
        (f"{SURE}0.99", f"{SURE}0.9", "confidence", W),
        (f"{METRIC}min: 0.5", SLICES, "kind", U),
        (f"{LOSS}0.1", f"{LOSS}0.05", "tolerance", T),
        (f"{LOSS}0.1", f"{LOSS}0.1, relative_tolerance: 0.1", "tolerance", T),
        (NO_LOSS, f"{LOSS}0", "tolerance", T),
        (NO_LOSS, f"{LOSS}0.1", "tolerance", W),
        (f"{LOSS}0.1", f"{NO_LOSS}, relative_tolerance: 0.1", "tolerance", U),
        (NO_LOSS, NO_LOSS.replace("production", "{tag: v1}"), "baseline", U),
        (NO_LOSS, NO_LOSS.replace("higher", "lower"), "direction", U),
        (NO_LOSS, f"{NO_LOSS}, if_no_baseline: warn", "if_no_baseline", W),
        (f"{DATA}allow: [a/**]", f"{DATA}allow: [a/**, b/**]", "allow", W),
        (f"{DATA}allow: [a/**, b/**]", f"{DATA}allow: [a/**]", "allow", T),
        (f"{DATA}deny: [a/**, b/**]", f"{DATA}deny: [a/**]", "deny", W),
        (f"{DATA}data_card: true, deny: [a]", f"{DATA}deny: [a]", "data_card", W),
        (f"{DATA}data_card: true", f"{DATA}licenses: [mit]", "licenses", T),
        (f"{DATA}not_expired: true", f"{DATA}data_card: true", "not_expired", W),
        (f"{PACKAGES}deny: [a]", f"{PACKAGES}deny: [a, b]", "deny", T),
        (f"{PACKAGES}deny: [a]", f"{PACKAGES}deny: ['a<2']", "deny", W),
        (f"{PACKAGES}minimum: {{a: '1.9'}}", f"{PACKAGES}minimum: {{a: '1.10'}}", "minimum", T),
        (f"{PACKAGES}minimum: {{a: '1.10'}}", f"{PACKAGES}minimum: {{a: '1.9'}}", "minimum", W),
        (f"{PACKAGES}deny: [a]", f"{PACKAGES}deny: [a], lock_file: true", "lock_file", T),
        (f"{PACKAGES}deny: [a], advisories: x", f"{PACKAGES}deny: [a]", "advisories", W),
        (f"{PACKAGES}deny: [a]", f"{PACKAGES}deny: [a], from: lock-file", "from", U),
        (f"{SET}{{'f:a': {{min: 1}}}}", f"{SET}{{'f:a': {{min: 2}}}}", "parameters", T),
        (f"{SET}{{'f:a': {{min: 1}}}}", f"{SET}{{'f:a': {{max: 2}}}}", "parameters", W),
        (f"{SET}{{'f:a': {{min: 1}}}}", f"{SET}{{'f:b': {{min: 1}}}}", "parameters", W),
        (
            f"{SET}{{'f:a': {{values: [1, 2]}}}}",
            f"{SET}{{'f:a': {{values: [1]}}}}",
            "parameters",
            T,
        ),
        (
            f"{SET}{{'f:a': {{values: ['1']}}}}",
            f"{SET}{{'f:a': {{values: [1]}}}}",
            "parameters",
            W,
        ),
        ("kind: license, allow: [a]", "kind: license, allow: [a, b]", "allow", W),
        ("kind: license, deny: [a], allow: [a]", "kind: license, deny: [a]", "allow", W),
        ("kind: license, deny: [a]", "kind: license, deny: [a], allow: [other]", "allow", W),
        ("kind: license, deny: [a]", "kind: license, deny: [a], allow: [b]", "allow", T),
        (f"{REPRODUCED}{{m: 1}}", f"{REPRODUCED}{{m: 0.5}}", "tolerance", T),
        (f"{REPRODUCED}{{m: 1}}", f"{REPRODUCED}{{m: 2}}", "tolerance", W),
        (f"{REPRODUCED}{{m: 1}}", f"{REPRODUCED}{{m: 1, n: 1}}", "tolerance", W),
        (f"{REPRODUCED}{{m: 1, n: 1}}", f"{REPRODUCED}{{m: 1}}", "tolerance", U),
        (f"{REPRODUCED}{{m: 1}}", f"{LINEAGE}, min_trust: reproduced", "tolerance", T),
        (f"{LINEAGE}, min_trust: reproduced", f"{REPRODUCED}{{m: 1}}", "tolerance", W),
    ],
)
def test_the_settings_of_each_kind_are_compared(
    old: str, new: str, key: str, direction: Direction
) -> None:
    assert directions(old, new) == [(key, direction)]


def test_a_kind_without_a_comparison_is_unclear_in_every_difference() -> None:
    (change,) = compare_demands("novelty", Novelty(level=1), Novelty(level=2))
    assert (change.key, change.direction) == ("level", U)
    assert list(compare_demands("novelty", Novelty(level=1), Novelty(level=1))) == []


def test_a_demand_of_another_form_is_unclear() -> None:
    rule = a_policy("{id: r, kind: lineage}").rules[0]
    (change,) = compare_demands("lineage", rule.demand, Novelty(level=1))
    assert change.direction is U


def test_every_kind_of_rule_has_a_comparison() -> None:
    assert COMPARISONS.keys() >= KINDS.keys()


def test_the_differences_of_two_unlike_rules_are_all_named() -> None:
    old = "kind: metric, metric: m, min: 1, severity: warn, waivable: false"
    new = "kind: metric, metric: m, max: 1, why: because"
    assert directions(old, new) == [
        ("min", W), ("max", T), ("severity", T), ("waivable", W), ("why", N),
    ]  # fmt: skip


def test_words_stand_in_another_list_in_order() -> None:
    assert is_subsequence((), ("a",))
    assert is_subsequence(("a", "c"), ("a", "b", "c"))
    assert not is_subsequence(("c", "a"), ("a", "b", "c"))


def test_tiers_that_were_added_do_not_hide_a_raised_one() -> None:
    old = read_policy(
        b'id: p\nversion: "1"\ntiers: [a, b]\nrules: [{id: r, kind: lineage, tier: a}]\n', path="p"
    )
    new = read_policy(
        b'id: p\nversion: "1"\ntiers: [a, b, c]\nrules: [{id: r, kind: lineage, tier: c}]\n',
        path="p",
    )
    assert [(c.key, c.direction) for c in compare_policies(old, new)] == [("tiers", W), ("tier", W)]
