from dataclasses import dataclass

import pytest

from aigf_dvc.policy.model import Case, Judgement
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.policy.strictness.change import Direction
from aigf_dvc.policy.strictness.policies import compare_policies
from aigf_dvc.policy.strictness.registry import COMPARISONS
from aigf_dvc.policy.strictness.rules import compare_demands, is_subsequence
from tests.policy.builders import a_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Novelty:
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
    assert COMPARISONS.keys() == KINDS.keys()


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
