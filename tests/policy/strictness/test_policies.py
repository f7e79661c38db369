import pytest

from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.strictness.change import Change, Direction
from aigf_dvc.policy.strictness.policies import compare_policies, policy_difference

HEAD = 'id: p\nversion: "1"\n'
SEED = """\
required_metadata: [owner, source]
required_metrics: {fairness_min: 0.8, fairness_max: 1.25}
"""
TYPED = f"""{HEAD}rules:
  - {{id: card, kind: required-fields, fields: [source, owner]}}
  - {{id: fair, kind: metric, metric: fairness, min: 0.8, max: 1.25}}
"""


def compared(old: str, new: str) -> tuple[Change, ...]:
    return compare_policies(
        read_policy(old.encode(), path="old.yaml"), read_policy(new.encode(), path="new.yaml")
    )


def differing(old: str, new: str) -> tuple[Change, ...]:
    return policy_difference(
        read_policy(old.encode(), path="old.yaml"), read_policy(new.encode(), path="new.yaml")
    ).changes


def the_change(old: str, new: str) -> Change:
    (change,) = compared(old, new)
    return change


def whole(extra: str) -> str:
    return f"{HEAD}{extra}rules:\n  - {{id: l, kind: lineage}}\n"


def rule(extra: str) -> str:
    scope = "tiers: [low, high]\nenvironments: [staging, production]\n"
    return f"{HEAD}{scope}rules:\n  - {{id: l, kind: lineage{extra}}}\n"


def test_a_policy_differs_not_from_itself() -> None:
    assert compared(TYPED, TYPED) == ()
    assert compared(TYPED, TYPED.replace("min: 0.8", "min: 0.80")) == ()


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        ("", "description: d\n", Direction.NEUTRAL),
        ("", "expires: 2027-01-01\n", Direction.TIGHTENS),
        ("expires: 2027-01-01\n", "", Direction.WEAKENS),
        ("expires: 2027-01-01\n", "expires: 2026-12-31\n", Direction.TIGHTENS),
        ("expires: 2027-01-01\n", "expires: 2027-01-02\n", Direction.WEAKENS),
        ("", "tiers: [a, b]\n", Direction.TIGHTENS),
        ("tiers: [a, b]\n", "", Direction.WEAKENS),
        ("tiers: [a, b]\n", "tiers: [a, b, c]\n", Direction.WEAKENS),
        ("tiers: [a, b, c]\n", "tiers: [a, c]\n", Direction.TIGHTENS),
        ("tiers: [a, b]\n", "tiers: [b, a]\n", Direction.UNCLEAR),
        ("", "environments: [x]\n", Direction.TIGHTENS),
        ("environments: [x]\n", "", Direction.WEAKENS),
        ("environments: [x]\n", "environments: [x, y]\n", Direction.WEAKENS),
        ("environments: [x, y]\n", "environments: [y]\n", Direction.TIGHTENS),
        ("environments: [x, y]\n", "environments: [y, x]\n", Direction.NEUTRAL),
        ("", "waivers: {max_duration: 30d}\n", Direction.TIGHTENS),
        ("waivers: {max_duration: 30d}\n", "waivers: {max_duration: 5w}\n", Direction.WEAKENS),
        ("", "waivers: {roles: [a]}\n", Direction.TIGHTENS),
        ("waivers: {roles: [a]}\n", "", Direction.WEAKENS),
        ("waivers: {roles: [a]}\n", "waivers: {roles: [a, b]}\n", Direction.WEAKENS),
        ("waivers: {roles: [a, b]}\n", "waivers: {roles: [b]}\n", Direction.TIGHTENS),
    ],
)
def test_what_a_policy_says_as_a_whole_is_compared(
    old: str, new: str, direction: Direction
) -> None:
    change = the_change(whole(old), whole(new))
    assert (change.rule, change.direction) == ("", direction)


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        ("", ", severity: warn", Direction.WEAKENS),
        (", severity: warn", "", Direction.TIGHTENS),
        ("", ", effective_from: 2027-01-01", Direction.WEAKENS),
        (", effective_from: 2027-01-01", "", Direction.TIGHTENS),
        (", effective_from: 2027-01-01", ", effective_from: 2027-01-02", Direction.WEAKENS),
        (", effective_from: 2027-01-01", ", effective_from: 2026-01-01", Direction.TIGHTENS),
        ("", ", expires: 2027-01-01", Direction.WEAKENS),
        (", expires: 2027-01-01", "", Direction.TIGHTENS),
        (", expires: 2027-01-01", ", expires: 2026-01-01", Direction.WEAKENS),
        (", expires: 2027-01-01", ", expires: 2028-01-01", Direction.TIGHTENS),
        ("", ", at: [push, attest, deploy]", Direction.WEAKENS),
        (", at: [push]", ", at: [stage]", Direction.TIGHTENS),
        (", at: [stage]", ", at: [push]", Direction.WEAKENS),
        (", at: [stage]", ", at: [stage, push]", Direction.NEUTRAL),
        ("", ", tier: high", Direction.WEAKENS),
        (", tier: high", "", Direction.TIGHTENS),
        (", tier: high", ", tier: low", Direction.TIGHTENS),
        ("", ", tier: low", Direction.NEUTRAL),
        ("", ", environments: [production]", Direction.WEAKENS),
        (", environments: [production]", "", Direction.TIGHTENS),
        (", environments: [staging]", ", environments: [production]", Direction.WEAKENS),
        ("", ", environments: [production, staging]", Direction.TIGHTENS),
        ("", ", waivable: false", Direction.TIGHTENS),
        (", waivable: false", "", Direction.WEAKENS),
        ("", ", title: t", Direction.NEUTRAL),
        ("", ", why: w", Direction.NEUTRAL),
        ("", ", remedy: r", Direction.NEUTRAL),
        ("", ", controls: {a:b: direct}", Direction.NEUTRAL),
    ],
)
def test_what_every_rule_has_is_compared(old: str, new: str, direction: Direction) -> None:
    change = the_change(rule(old), rule(new))
    assert (change.rule, change.direction) == ("l", direction)


def test_a_change_has_both_values_and_both_lines() -> None:
    change = the_change(TYPED, "# one line more\n" + TYPED.replace("min: 0.8", "min: 0.9"))
    assert (change.rule, change.key, change.old, change.new) == ("fair", "min", "0.8", "0.9")
    assert (change.old_place, change.new_place) == ("old.yaml:5", "new.yaml:6")


def test_a_removed_rule_weakens_and_an_added_one_tightens() -> None:
    more = TYPED + "  - {id: l, kind: lineage}\n"
    gone, come = the_change(more, TYPED), the_change(TYPED, more)
    assert (gone.rule, gone.direction, gone.old_place) == ("l", Direction.WEAKENS, "old.yaml:6")
    assert (come.rule, come.direction, come.new_place) == ("l", Direction.TIGHTENS, "new.yaml:6")


def test_a_rule_of_another_kind_is_unclear() -> None:
    change = the_change(
        TYPED, TYPED.replace("kind: required-fields, fields: [source, owner]", "kind: lineage")
    )
    assert (change.key, change.direction) == ("kind", Direction.UNCLEAR)


def test_the_short_form_is_compared_by_the_rules_that_it_means() -> None:
    for old, new in ((SEED, TYPED), (TYPED, SEED)):
        changes = compared(old, new)
        assert {change.direction for change in changes} == {Direction.NEUTRAL}
        assert {change.means for change in changes if change.rule} >= {
            "its demands stand in fair" if old is SEED else "its demands stand in required_metadata"
        }


@pytest.mark.parametrize(
    ("text", "value"), [("min: 0.8", "min: 0.7"), ("max: 1.25", "max: 2"), ("owner", "author")]
)
def test_a_weaker_rule_of_another_name_is_no_heir(text: str, value: str) -> None:
    changes = compared(SEED, TYPED.replace(text, value))
    assert Direction.WEAKENS in {change.direction for change in changes}


def test_a_renamed_rule_that_is_stricter_weakens_nothing() -> None:
    new = TYPED.replace("id: fair", "id: fairness").replace("min: 0.8", "min: 0.9")
    assert [(c.rule, c.direction) for c in compared(TYPED, new)] == [
        ("fair", Direction.NEUTRAL),
        ("fairness", Direction.TIGHTENS),
    ]


def test_a_renamed_rule_that_only_warns_is_no_heir() -> None:
    new = TYPED.replace("id: fair", "severity: warn, id: fairness")
    assert ("fair", Direction.WEAKENS) in [(c.rule, c.direction) for c in compared(TYPED, new)]


def test_a_first_rule_for_whom_none_was_ends_a_denial() -> None:
    scope = "tiers: [low, high]\nenvironments: [staging, production]\n"
    fair = "  - {id: fair, kind: metric, metric: fairness, min: 0.8, tier: high}\n"
    slow = "  - {id: slow, kind: metric, metric: latency, max: 5000}\n"
    changes = differing(f"{HEAD}{scope}rules:\n{fair}", f"{HEAD}{scope}rules:\n{fair}{slow}")
    newly = [change for change in changes if change.key == "rules"]
    assert [change.old for change in newly] == [
        "none for tier low production",
        "none for tier low staging",
    ]
    assert {change.direction for change in newly} == {Direction.WEAKENS}
    for_all = fair.replace(", tier: high", "")
    both = f"{HEAD}{scope}rules:\n{for_all}{slow}"
    changes = differing(f"{HEAD}{scope}rules:\n{for_all}", both)
    assert [change.direction for change in changes] == [Direction.TIGHTENS]
