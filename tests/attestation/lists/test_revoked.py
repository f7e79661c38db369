"""Whether what somebody signed still counts."""

from datetime import timedelta

from aigf_dvc.attestation.lists.revocations import Kind, Target
from aigf_dvc.attestation.lists.revoked import signer_revoked
from aigf_dvc.attestation.verification import SignerFacts, SignerKind, TimeSource
from tests.attestation.builders import ISSUED
from tests.attestation.list_builders import ON, a_target, an_entry, lifted

KEY = a_target(Kind.SIGNER)
FACTS = SignerFacts(kind=SignerKind.KEY, name=KEY.signer)


def test_a_revoked_signer_is_told_with_the_reason_and_others_are_not() -> None:
    assert "it is wrong (defect" in signer_revoked([an_entry(KEY)], FACTS, ISSUED)
    other = SignerFacts(kind=SignerKind.KEY, name="sha256:" + "d" * 64)
    assert not signer_revoked([an_entry(KEY)], other, ISSUED)
    assert not signer_revoked([lifted(an_entry(KEY))], FACTS, ISSUED)
    assert not signer_revoked([an_entry()], FACTS, ISSUED)


def test_what_was_provably_signed_before_still_counts() -> None:
    before = SignerFacts(
        kind=SignerKind.KEY, name=KEY.signer, time=ON - timedelta(days=1),
        time_source=TimeSource.TSA,
    )  # fmt: skip
    assert not signer_revoked([an_entry(KEY, date=ON)], before, ISSUED)
    assert signer_revoked([an_entry(KEY)], before, ISSUED)


def test_an_identity_is_not_a_key_of_the_same_name() -> None:
    keyless = SignerFacts(kind=SignerKind.KEYLESS, name=KEY.signer, issuer="https://issuer")
    assert not signer_revoked([an_entry(KEY)], keyless, ISSUED)
    identity = Target(kind=Kind.SIGNER, signer=KEY.signer, issuer="https://issuer")
    assert signer_revoked([an_entry(identity)], keyless, ISSUED)
    assert not signer_revoked([an_entry(identity)], FACTS, ISSUED)
