"""Differences are named by the place in which they stand, and there is no end of them shown."""

from typing import Any

import pytest

from aigf_dvc.attestation.json_difference import json_differences


@pytest.mark.parametrize(
    ("attested", "found", "said"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ["a.b: attested 1, the commit has 2"]),
        ({"a": 1}, {}, ["a: attested 1, the commit has nothing"]),
        ({}, {"a": None}, ["a: attested nothing, the commit has null"]),
        (
            {"s": [{"name": "x", "v": 1}, {"name": "y"}]},
            {"s": [{"name": "y"}, {"name": "x", "v": 2}]},
            ["s[x].v: attested 1, the commit has 2"],
        ),
        ({"s": ["a", "b"]}, {"s": ["a"]}, ['s[1]: attested "b", the commit has nothing']),
        (
            {"s": [{"name": "x"}, {"name": "x"}]},
            {"s": [{"name": "x"}]},
            ['s[1]: attested {"name":"x"}, the commit has nothing'],
        ),
        ({"a": True}, {"a": 1}, ["a: attested true, the commit has 1"]),
        ({"a": [1]}, {"a": {"b": 1}}, ['a: attested [1], the commit has {"b":1}']),
        ({"a": [1]}, {"a": [1]}, []),
    ],
)
def test_a_difference_is_named_by_its_path(attested: Any, found: Any, said: list[str]) -> None:  # noqa: ANN401
    assert list(json_differences(attested, found)) == said


def test_what_others_wrote_is_bounded() -> None:
    many = {f"{index:04}": "x" * 1000 for index in range(1000)}
    lines = list(json_differences(many, {}))
    assert len(lines) == 10
    assert max(map(len, lines)) < 200
    assert len(next(json_differences({"k" * 5000: 1}, {}))) < 400
