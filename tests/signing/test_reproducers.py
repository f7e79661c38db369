"""A clean run counts when one of those signed it whom the trust file lets reproduce."""

from datetime import date

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.lists.at_hand import MadeFrom, RevocationCheck
from aigf_dvc.attestation.lists.revocations import Kind, Target
from aigf_dvc.attestation.reproduction_statement import (
    read_reproduction_statement,
    reproduction_statement,
)
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.cli.verify_trust import revoked_by
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.signing.reproducers import TrustedReproducers, find_reproduction
from aigf_dvc.signing.trusted import open_trust
from tests.attestation.builders import a_payload, some_demands
from tests.attestation.list_builders import a_list, an_entry, at_hand
from tests.evidence.test_reproduction import a_reproduction
from tests.signing.by_key import sign_statement

PAIRS = {name: generate_key(None) for name in ("lab", "release", "eve")}
TRUST = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: judges
services:
  lab: {keys: [{file: lab.pub}]}
  release: {keys: [{file: release.pub}]}
roles: {attest: [release], reproduce: [lab]}
"""
RECORD = a_reproduction()
DIGEST = sha256(RECORD.to_bytes())


def reproducers(text: str = TRUST) -> TrustedReproducers:
    trust = open_trust(
        read_trust(text.encode(), where="trust.yaml"),
        lambda name: PAIRS[name.removesuffix(".pub")][1],
    )
    return TrustedReproducers(lines=trust.holding("reproduce"), today=date(2026, 11, 26))


def signed(name: str, payload: bytes | None = None) -> bytes:
    key = load_private_key(PAIRS[name][0], None, where="test")
    return sign_statement(payload or reproduction_statement(RECORD), key)


def refusal(*bundles: bytes, text: str = TRUST) -> str:
    with pytest.raises(RefusedError) as caught:
        find_reproduction(DIGEST, bundles, reproducers(text))
    return str(caught.value)


def test_the_statement_holds_the_record_as_it_was_kept() -> None:
    assert read_reproduction_statement(reproduction_statement(RECORD)) == RECORD


def test_the_signed_record_with_the_digest_is_found_among_others() -> None:
    other = signed("lab", reproduction_statement(a_reproduction(made="b")))
    found = find_reproduction(DIGEST, (b"{}", signed("eve"), other, signed("lab")), reproducers())
    assert found.record == RECORD
    assert found.reproducer.startswith("lab (sha256:")


def test_nobody_else_and_nothing_else_counts() -> None:
    assert "nobody whom the trust file lets reproduce" in refusal()
    for name in ("eve", "release"):
        assert "signed by somebody else" in refusal(signed(name))
    assert "predicateType" in refusal(signed("lab", a_payload()))
    assert "nobody whom" in refusal(signed("lab", reproduction_statement(a_reproduction(made="b"))))


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("predicate_types: [x]", "lab may not sign"),
        ("", "is valid only until 2026-01-01"),
    ],
)
def test_a_line_for_other_statements_or_days_does_not_count(more: str, problem: str) -> None:
    text = TRUST.replace("lab: {", f"lab: {{{more}, ") if more else TRUST
    if not more:
        text = TRUST.replace("{file: lab.pub}", "{file: lab.pub, valid_until: 2026-01-01}")
    assert problem in refusal(signed("lab"), text=text)


def test_whoever_was_revoked_counts_no_more() -> None:
    name = fingerprint(load_public_key(PAIRS["lab"][1], where="lab"))
    stolen = an_entry(Target(kind=Kind.SIGNER, signer=name))
    for entry, counts in ((an_entry(), True), (stolen, False)):
        lists = at_hand(a_list(entry))
        check = RevocationCheck(
            lists=lists, made_from=lambda _, __: MadeFrom(), signers=lambda _, __: ()
        )
        able = replace(reproducers(), revoked=revoked_by(some_demands(revocation=check)))
        if counts:
            assert find_reproduction(DIGEST, (signed("lab"),), able).record == RECORD
            continue
        with pytest.raises(RefusedError, match="is revoked: it is wrong"):
            find_reproduction(DIGEST, (signed("lab"),), able)
    assert revoked_by(some_demands()) is None
