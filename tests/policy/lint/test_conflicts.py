import pytest

from aigf_dvc.policy.lint.model import Level, as_draft
from aigf_dvc.policy.read import read_policy
from tests.policy.lint.builders import SCORE, a_draft, a_written_draft, remarks

LOW = "{id: low, kind: metric, metric: score, max: 0.7}"
TOP = "tiers: [minimal, high]\nenvironments: [staging, production]\n"


def put(rule: str, keys: str) -> str:
    return rule.replace("}", f", {keys}}}")


def test_limits_that_no_number_can_keep_contradict_each_other() -> None:
    for rules in ((SCORE, LOW), (LOW, SCORE)):
        (remark,) = remarks(a_draft(*rules), "contradiction")
        assert (remark.level, remark.rule) == (Level.ERROR, "low")
        assert remark.found == (
            "max 0.7 is below min 0.8 of the rule score: no score can keep both"
        )
    assert remarks(a_draft(SCORE, LOW.replace("0.7", "0.8")), "contradiction") == []
    assert remarks(a_draft(SCORE, LOW.replace("score", "other")), "contradiction") == []


def test_the_short_form_is_looked_at_too() -> None:
    data = b"required_metrics: {a_min: 1, b_max: 2}\nrequired_metadata: [x]\n"
    draft = as_draft(read_policy(data, path="p.yaml"))
    assert draft.is_short
    assert [(w.rule.id, dict(w.keys)) for w in draft.rules] == [
        ("required_metadata", {"fields": ["x"]}),
        ("a_min", {"metric": "a", "min": 1}),
        ("b_max", {"metric": "b", "max": 2}),
    ]


@pytest.mark.parametrize(
    ("first", "second", "contradict"),
    [
        ("tier: minimal", "tier: high", True),  # the highest tier has both
        ("environments: [staging]", "environments: [production]", False),
        ("environments: [staging]", "environments: [staging, production]", True),
        ("environments: [staging]", "tier: high", True),
        ("expires: 2026-12-31", "effective_from: 2027-01-01", False),
        ("expires: 2027-01-01", "effective_from: 2027-01-01", True),
        ("severity: warn", "severity: deny", False),
    ],
)
def test_only_rules_that_meet_contradict(first: str, second: str, contradict: bool) -> None:
    draft = a_draft(put(SCORE, first), put(LOW, second), top=TOP)
    assert bool(remarks(draft, "contradiction")) is contradict


def test_limits_of_different_slices_do_not_contradict() -> None:
    draft = a_written_draft(put(SCORE, "slices: by_group"), LOW)
    assert remarks(draft, "contradiction") == []
    both = a_written_draft(put(SCORE, "slices: by_group"), put(LOW, "slices: by_group"))
    assert len(remarks(both, "contradiction")) == 1


WEAK = "{id: weak, kind: metric, metric: score, min: 0.7}"


@pytest.mark.parametrize(
    ("weak", "strict", "told"),
    [
        ("title: a", "title: b", True),
        ("tier: high", "title: b", True),
        ("title: a", "tier: high", False),  # the weak one is for all tiers
        ("environments: [staging]", "title: b", True),
        ("title: a", "environments: [staging]", False),
        ("title: a", "severity: warn", False),
        ("severity: warn", "title: b", True),
        ("title: a", "effective_from: 2027-01-01", False),
        ("title: a", "at: [attest]", False),
        ("max: 2", "title: b", False),  # the strict one has no upper limit
    ],
)
def test_a_rule_that_a_stricter_one_covers_has_no_effect(
    weak: str, strict: str, told: bool
) -> None:
    for rules in ((put(WEAK, weak), put(SCORE, strict)), (put(SCORE, strict), put(WEAK, weak))):
        found = remarks(a_draft(*rules, top=TOP), "without-effect")
        assert [remark.rule for remark in found] == (["weak"] if told else [])


def test_rules_that_demand_the_same_are_duplicates() -> None:
    again = SCORE.replace("id: score", "id: again, why: because")
    (remark,) = remarks(a_draft(SCORE, again), "duplicate")
    assert (remark.level, remark.rule) == (Level.WARNING, "again")
    assert remark.where == "p.yaml:5:5"
    other = a_draft(SCORE, put(again, "tier: high"), top=TOP)
    assert remarks(other, "duplicate") == []


def test_what_is_allowed_and_denied_is_told() -> None:
    rule = "{id: l, kind: license, allow: [mit, x], deny: [x]}"
    (remark,) = remarks(a_written_draft(rule), "allowed-and-denied")
    assert (remark.level, remark.found) == (
        Level.WARNING, "x is both in `allow` and in `deny`",
    )  # fmt: skip
    (all_of_it,) = remarks(a_written_draft(rule.replace("mit, ", "")), "allowed-and-denied")
    assert all_of_it.level is Level.ERROR
    assert remarks(a_written_draft(rule.replace("[x]", "[y]")), "allowed-and-denied") == []
