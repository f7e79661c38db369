"""The schemas of the kinds that rest on signatures say what their readers accept."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from aigf_dvc.errors import InputError
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.rules.registry import KINDS

GOOD: list[tuple[str, dict[str, Any]]] = [
    ("approvals", {"role": "r"}),
    ("approvals", {"role": "r", "count": 20, "not_author": False, "max_age": "8w"}),
    ("external-verdict", {"engine": "e", "type": "test-result"}),
    ("external-verdict", {"engine": "e", "type": "vsa", "properties": ["A"], "max_age": "30d"}),
    ("document", {"document": "d"}),
    ("document", {"document": "d", "max_age": "1d", "bound_to": "nothing", "signed_by_role": "r"}),
]
BAD: list[tuple[str, dict[str, Any]]] = [
    ("approvals", {}),
    ("approvals", {"role": ""}),
    ("approvals", {"role": "r", "count": 0}),
    ("approvals", {"role": "r", "count": 21}),
    ("approvals", {"role": "r", "count": 1.5}),
    ("approvals", {"role": "r", "not_author": "no"}),
    ("approvals", {"role": "r", "max_age": "0d"}),
    ("approvals", {"role": "r", "roles": ["r"]}),
    ("external-verdict", {"engine": "e"}),
    ("external-verdict", {"type": "svr"}),
    ("external-verdict", {"engine": "e", "type": "sarif"}),
    ("external-verdict", {"engine": "e", "type": "svr", "properties": []}),
    ("external-verdict", {"engine": "e", "type": "svr", "properties": ["A", "A"]}),
    ("document", {}),
    ("document", {"document": "d", "bound_to": "name"}),
    ("document", {"document": "d", "signed_by_role": ""}),
]


def is_valid(kind: str, keys: dict[str, Any]) -> bool:
    known = KINDS[kind]
    schema = {
        "type": "object",
        "properties": dict(known.schema),
        "required": list(known.required),
        "additionalProperties": False,
    }
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema).is_valid(keys)


def read(kind: str, keys: dict[str, Any]) -> None:
    rule = {"id": "a", "kind": kind, **keys}
    text = json.dumps({"id": "test", "version": "1", "rules": [rule]})
    read_policy(text.encode(), path="policy.yaml")


@pytest.mark.parametrize(("kind", "keys"), GOOD)
def test_the_schema_and_the_reader_accept_the_same_rules(kind: str, keys: dict[str, Any]) -> None:
    assert is_valid(kind, keys)
    read(kind, keys)


@pytest.mark.parametrize(("kind", "keys"), BAD)
def test_the_schema_and_the_reader_refuse_the_same_rules(kind: str, keys: dict[str, Any]) -> None:
    assert not is_valid(kind, keys)
    with pytest.raises(InputError):
        read(kind, keys)
