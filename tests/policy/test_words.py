import pytest

from aigf_dvc.policy.words import demanded_by
from tests.policy.builders import a_policy


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("kind: metric, metric: m, min: 1, max: 2", "m: at least 1 and at most 2"),
        ("kind: required-fields, fields: [a, b]", "a model card that fills in a, b"),
        (
            "kind: document, document: d, max_age: 9d",
            "a d document, at most 9 days old, about the model",
        ),
        (
            "kind: lineage, edges: verified, min_trust: reproduced, clean_tree: true",
            "every edge verified; every stage reproduced; a clean tree",
        ),
    ],
)
def test_a_rule_says_what_it_demands(rule: str, words: str) -> None:
    assert demanded_by(a_policy(f"{{id: r, {rule}}}").rules[0]) == words
