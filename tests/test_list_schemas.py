"""The published JSON Schemas of signed lists say what the code does: a drift shows here."""

import json
from typing import Any

import pytest

from aigf_dvc.attestation.lists.releases import read_releases, release_statement
from aigf_dvc.attestation.lists.revocations import (
    Cause,
    Kind,
    read_revocations,
    revocation_statement,
)
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.errors import RefusedError
from tests.attestation.list_builders import OTHER, a_list, a_release, an_index
from tests.attestation.lists.test_revocations import BAD, ENTRIES, with_entry
from tests.test_schemas import SCHEMAS, validator

REVOCATIONS = json.loads(revocation_statement(a_list(*ENTRIES)))
RELEASES = json.loads(
    release_statement(
        an_index(
            a_release(attestation=OTHER, allowed=(OTHER,), reason="validated"),
            a_release(model="churn", digest=None, version=""),
        )
    )
)
HEADS: list[dict[str, Any]] = [
    {"id": ""},
    {"id": None},
    {"sequence": 0},
    {"sequence": 1.5},
    {"sequence": True},
    {"issued": "today"},
    {"nextUpdate": None},
    {"version": 2},
]


def test_the_schemas_accept_what_is_written() -> None:
    validator("revocations-v1").validate(REVOCATIONS)
    validator("releases-v1").validate(RELEASES)


@pytest.mark.parametrize("change", HEADS, ids=json.dumps)
def test_the_schemas_and_the_readers_refuse_the_same_beginnings(change: dict[str, Any]) -> None:
    changed = REVOCATIONS | {"predicate": REVOCATIONS["predicate"] | change}
    assert not validator("revocations-v1").is_valid(changed)
    with pytest.raises(RefusedError):
        read_revocations(read_statement(json.dumps(changed).encode()))
    changed = RELEASES | {"predicate": RELEASES["predicate"] | change}
    assert not validator("releases-v1").is_valid(changed)
    with pytest.raises(RefusedError):
        read_releases(read_statement(json.dumps(changed).encode()))


@pytest.mark.parametrize("key", ["id", "sequence", "issued", "nextUpdate", "entries"])
def test_a_list_without_one_of_its_parts_is_refused_by_both(key: str) -> None:
    less = {name: value for name, value in REVOCATIONS["predicate"].items() if name != key}
    changed = REVOCATIONS | {"predicate": less}
    assert not validator("revocations-v1").is_valid(changed)
    with pytest.raises(RefusedError):
        read_revocations(read_statement(json.dumps(changed).encode()))


@pytest.mark.parametrize("entry", BAD, ids=json.dumps)
def test_the_schema_refuses_the_entries_that_the_reader_refuses(entry: dict[str, Any]) -> None:
    assert not validator("revocations-v1").is_valid(json.loads(with_entry(entry)))


@pytest.mark.parametrize(
    "change",
    [
        {"digest": OTHER},
        {"attestation": {"md5": "0" * 32}},
        {"releasedOn": "today"},
        {"allowed": [OTHER]},
        {"allowed": None},
        {"version": 3},
        {"notes": "x"},
    ],
    ids=json.dumps,
)
def test_the_schema_and_the_reader_refuse_the_same_releases(change: dict[str, Any]) -> None:
    document = json.loads(json.dumps(RELEASES))
    document["predicate"]["models"]["fraud"] |= change
    assert not validator("releases-v1").is_valid(document)
    with pytest.raises(RefusedError):
        read_releases(read_statement(json.dumps(document).encode()))


def test_the_schema_of_revocations_knows_every_kind_and_cause() -> None:
    schema = json.loads((SCHEMAS / "revocations-v1.schema.json").read_text())
    properties = schema["$defs"]["entry"]["properties"]
    assert properties["kind"]["enum"] == list(Kind)
    assert properties["cause"]["enum"] == list(Cause)
