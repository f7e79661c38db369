from datetime import date

import pytest

from aigf_dvc import shipped
from aigf_dvc.errors import InputError
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.soften import soften

DAY = date(2026, 12, 24)
BASELINE = shipped.text("policies", "baseline.yaml")


def first_days(text: str) -> dict[str, date | None]:
    policy = read_policy(text.encode(), path="policy.yaml")
    return {rule.id: rule.effective_from for rule in policy.rules}


def test_only_the_named_rules_get_a_first_day() -> None:
    after = soften(BASELINE, ["lineage", "latency"], DAY)
    assert first_days(after) == {
        "card-complete": None,
        "fairness": None,
        "latency": DAY,
        "lineage": DAY,
    }


def test_every_line_that_was_there_is_kept() -> None:
    after = soften(BASELINE, ["lineage"], DAY).split("\n")
    after.remove("    effective_from: 2026-12-24")
    assert after == BASELINE.split("\n")


def test_a_rule_that_has_a_first_day_keeps_it() -> None:
    once = soften(BASELINE, ["lineage"], DAY)
    assert soften(once, ["lineage"], date(2030, 1, 1)) == once


def test_windows_line_ends_stay_windows_line_ends() -> None:
    after = soften(BASELINE.replace("\n", "\r\n"), ["lineage"], DAY)
    assert after.count("\r\n") == after.count("\n")
    assert first_days(after)["lineage"] == DAY


def test_the_id_need_not_be_the_first_key() -> None:
    text = (
        "id: p\nversion: '1'\nrules:\n- kind: required-fields\n  fields: [a]\n  id: card # mine\n"
    )
    assert first_days(soften(text, ["card"], DAY)) == {"card": DAY}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (BASELINE, "unheard-of"),
        ("required_metrics:\n  a_min: 1\n", "a"),
        ("rules: [{id: a, kind: metric, metric: m, min: 1}]\n", "a"),
        ("rules:\n- id:\n    a\n  kind: metric\n", "a"),
        ("- a\n", "a"),
    ],
)
def test_what_cannot_be_put_off_by_one_more_line_is_refused(text: str, rule: str) -> None:
    with pytest.raises(InputError):
        soften(text, [rule], DAY)
