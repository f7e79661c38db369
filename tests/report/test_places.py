"""A place gets a line only when it is one; paths start at the top of the repository."""

import pytest
from msgspec.structs import replace

from aigf_dvc.policy.verdict import PolicyReference
from aigf_dvc.report.places import Place, Root, card_place, main_place, rule_place
from tests.report.verdict_builders import CARD, POLICY, a_card_finding, a_finding, a_verdict


def test_a_place_in_the_card_has_its_line() -> None:
    assert card_place(a_card_finding(), CARD) == Place(file=CARD, line=4)
    assert card_place(replace(a_card_finding(), where=CARD), CARD) == Place(file=CARD)


@pytest.mark.parametrize(
    "where",
    [
        "metrics.json:5",
        "metrics.json:fairness_score",
        "stage train, input data.csv",
        "MODEL_CARD.md.old:4",
        "MODEL_CARD.md:x",
        "MODEL_CARD.md:0",
        "MODEL_CARD.md:4 or so",
        "",
    ],
)
def test_nothing_else_gets_a_line(where: str) -> None:
    assert card_place(replace(a_card_finding(), where=where), CARD) is None
    assert main_place(replace(a_card_finding(), where=where), a_verdict(), CARD) == Place(
        file=POLICY, line=5, column=3
    )


def test_the_rule_is_where_the_policy_says() -> None:
    verdict = a_verdict()
    assert rule_place(a_finding(), verdict) == Place(file=POLICY, line=12)
    assert rule_place(a_card_finding(), verdict) == Place(file=POLICY, line=5, column=3)
    part = replace(a_finding(), rule_place="governance/common.yaml:7")
    assert rule_place(part, verdict) == Place(file="governance/common.yaml", line=7)
    assert rule_place(replace(a_finding(), rule_place=""), verdict) is None


def test_a_policy_whose_name_ends_like_a_line_has_none_invented() -> None:
    policy = PolicyReference(id="p", version="1", sha256=a_verdict().policy.sha256, path="p:7")
    verdict = replace(a_verdict(), policy=policy)
    assert rule_place(replace(a_finding(), rule_place="p:7"), verdict) == Place(file="p:7")
    assert rule_place(replace(a_finding(), rule_place="p:7:9"), verdict) == Place(
        file="p:7", line=9
    )


def test_the_line_of_the_card_comes_before_that_of_the_rule() -> None:
    assert main_place(a_card_finding(), a_verdict(), CARD) == Place(file=CARD, line=4)
    assert main_place(a_finding(), a_verdict(), CARD) == Place(file=POLICY, line=12)
    assert main_place(replace(a_card_finding(), where=CARD), a_verdict(), CARD) == Place(
        file=POLICY, line=5, column=3
    )


def test_paths_start_at_the_top_of_the_repository() -> None:
    verdict = a_verdict()
    assert Root().path_of(CARD, verdict) == CARD
    assert Root(folder="models/a").path_of(CARD, verdict) == f"models/a/{CARD}"
    other = Root(folder="models/a", policy="policies/strict.yaml")
    assert other.path_of(POLICY, verdict) == "policies/strict.yaml"
    assert other.path_of(CARD, verdict) == f"models/a/{CARD}"
    assert Root(folder="a").path_of("/elsewhere/p.yaml", verdict) == "/elsewhere/p.yaml"
