"""A revocation list says the same when it is read again, and is read strictly."""

import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.lists.revocations import (
    Cause,
    Kind,
    Target,
    read_revocations,
    revocation_statement,
)
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.errors import RefusedError
from tests.attestation.list_builders import ON, OTHER, a_list, a_target, an_entry, lifted

IDENTITY = Target(kind=Kind.SIGNER, signer="ci@corp", issuer="https://issuer")
ENTRIES = (
    an_entry(a_target(Kind.ATTESTATION), replaced_by=f"sha256:{OTHER}"),
    an_entry(a_target(Kind.DATA), cause=Cause.WITHDRAWN),
    an_entry(Target(kind=Kind.DATA, md5="1" * 32)),
    an_entry(a_target(Kind.MODEL), date=ON + timedelta(days=1)),
    lifted(an_entry(a_target(Kind.SIGNER), date=ON)),
    an_entry(IDENTITY),
)


def test_what_is_written_is_read_again() -> None:
    content = a_list(*ENTRIES)
    read = read_revocations(read_statement(revocation_statement(content)))
    assert read.head == content.head
    assert set(read.entries) == set(ENTRIES)


def test_equal_lists_give_equal_bytes_in_whatever_order() -> None:
    turned = a_list(*reversed(ENTRIES))
    assert revocation_statement(turned) == revocation_statement(a_list(*ENTRIES))


def test_a_list_may_be_empty() -> None:
    empty = replace(a_list(), entries=())
    assert read_revocations(read_statement(revocation_statement(empty))).entries == ()


def test_a_target_that_stands_twice_is_refused() -> None:
    with pytest.raises(RefusedError, match="stands twice"):
        revocation_statement(a_list(an_entry(), an_entry(reason="again")))


MODEL = {"kind": "model", "digest": {"sha256": OTHER}}
SIGNER = {"kind": "signer", "signer": {"fingerprint": f"sha256:{OTHER}"}}
BAD: list[dict[str, Any]] = [
    {**MODEL, "kind": "person"},
    {**MODEL, "digest": {}},
    {**MODEL, "digest": {"sha256": OTHER, "md5": "0" * 32}},
    {**MODEL, "digest": {"sha256": OTHER[1:]}},
    {**MODEL, "signer": {"fingerprint": f"sha256:{OTHER}"}},
    {**MODEL, "kind": "data", "digest": {"md5": "0" * 31}},
    {**SIGNER, "signer": {"fingerprint": OTHER}},
    {**SIGNER, "signer": {"identity": "ci@corp"}},
    {**SIGNER, "signer": {"identity": "ci@corp", "issuer": "i", "fingerprint": f"sha256:{OTHER}"}},
    {**SIGNER, "digest": {"sha256": OTHER}},
    {**MODEL, "cause": "whim"},
    {**MODEL, "reason": ""},
    {**MODEL, "revokedOn": "today"},
    {**MODEL, "date": "2026-11-20"},
    {**MODEL, "replacedBy": OTHER},
    {**MODEL, "lifted": True},
    {**MODEL, "lifted": {"on": "2026-11-20T00:00:00Z"}},
    {**MODEL, "severity": "low"},
]


def with_entry(entry: dict[str, Any]) -> bytes:
    """A list with one entry as it stands, and all else in order."""
    document = json.loads(revocation_statement(a_list()))
    good = document["predicate"]["entries"][0]
    base = {key: good[key] for key in ("cause", "reason", "revokedOn", "date")}
    document["predicate"]["entries"] = [base | entry]
    return json.dumps(document).encode()


@pytest.mark.parametrize("entry", BAD, ids=json.dumps)
def test_an_entry_of_another_form_is_refused(entry: dict[str, Any]) -> None:
    read_revocations(read_statement(with_entry(MODEL)))
    with pytest.raises(RefusedError):
        read_revocations(read_statement(with_entry(entry)))
