"""Who may sign lists, and by what name their signatures are known."""

import pytest

from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.attestation.verification import SignerFacts, SignerKind
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.list_signers import Anybody, ListSigners, in_role, name_of
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.trusted import open_trust
from tests.actions.list_signing import PAIRS, by_keys, by_role, revoking, the_trust
from tests.attestation.list_builders import a_list

KEYLESS = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: judges
people:
  Sec: {keys: [{file: sec}], identities: [{identity: sec@corp, issuer: "https://issuer"}]}
  Ops: {keys: [{file: ops}]}
roles: {revoke: [Sec]}
"""
SEC, OPS = (
    KeySigner(public_key=load_public_key(PAIRS[name][1], where=name)) for name in ("sec", "ops")
)
SEC_NAME = fingerprint(SEC.public_key)


def test_everything_that_somebody_with_the_role_signs_with_counts() -> None:
    assert [one.name for one in in_role(the_trust(), "revoke")] == ["Sec", "Old"]
    assert [one.name for one in in_role(the_trust(), "release")] == ["Ops"]
    assert in_role(the_trust(), "waive") == in_role(None, "revoke") == ()
    assert not by_role("waive")
    assert by_role("revoke")


def test_whoever_may_is_named_by_the_trust_file_or_by_the_file_of_the_key() -> None:
    bundle = revoking(a_list())
    for signers, name in ((by_role("revoke"), "Sec"), (by_keys("ops", "sec"), "sec.pub")):
        signature, signed = signers.who(bundle)
        assert signed.name == name
        assert name_of(signature.signer) == SEC_NAME
    for signers in (by_role("release"), by_keys("ops"), ListSigners()):
        with pytest.raises(RefusedError, match="signed by nobody whom"):
            signers.who(bundle)


def test_the_name_of_a_signature_is_known_before_there_is_one() -> None:
    trust = open_trust(
        read_trust(KEYLESS.encode(), where="trust.yaml"), lambda name: PAIRS[name][1]
    )
    signers = ListSigners(lines=in_role(trust, "revoke"))
    facts = SignerFacts(kind=SignerKind.KEYLESS, name="sec@corp", issuer="https://issuer")
    assert signers.knows(name_of(facts))
    assert signers.knows(SEC_NAME)
    assert by_keys("sec").knows(SEC_NAME)
    assert not signers.knows("sec@corp, by https://elsewhere")
    assert not signers.knows("sec@corp")
    assert not by_keys("ops").knows(SEC_NAME)


def test_anybody_whom_the_judge_trusts_is_found_and_nobody_else() -> None:
    bundle = revoking(a_list())
    for anybody in (Anybody(trust=the_trust()), Anybody(trust=None, others=(OPS, SEC))):
        found = anybody.who(bundle)
        assert found is not None
        assert found.name == SEC_NAME
        assert anybody.who(revoking(a_list(), "eve")) is None
    assert Anybody(trust=None, others=(OPS,)).who(bundle) is None
