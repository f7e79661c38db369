"""Whose signatures an attestation rests on, as far as the judge trusts them."""

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.used_signers import used_signers
from aigf_dvc.attestation.deployment import evidence_item
from aigf_dvc.errors import UndecidedError
from aigf_dvc.signing.bundle import MEDIA_TYPE
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.list_signers import Anybody
from aigf_dvc.signing.open import KeySigner
from tests.actions.list_signing import PAIRS, sign
from tests.attestation.builders import a_deployment, a_payload

SEC, OPS = (
    KeySigner(public_key=load_public_key(PAIRS[name][1], where=name)) for name in ("sec", "ops")
)
APPROVAL = evidence_item("approval/Sec", MEDIA_TYPE, sign(a_payload()))
WAIVER = evidence_item("waiver/Ops", MEDIA_TYPE, sign(a_payload(), "ops"))
RUN = evidence_item("run/train", MEDIA_TYPE, sign(a_payload(), "ops"))
STRANGE = evidence_item("approval/Eve", MEDIA_TYPE, sign(a_payload(), "eve"))
PLAIN = evidence_item("policy.yaml", "application/yaml", b"id: x\n")
DEPLOYMENT = a_deployment(approvals=(APPROVAL, STRANGE), waivers=(WAIVER,), evidence=(RUN, PLAIN))


def test_everybody_is_named_who_is_trusted_and_signed_what_is_carried() -> None:
    found = used_signers(DEPLOYMENT, {}, Anybody(trust=None, others=[SEC, OPS]).who)
    assert [used.role for used in found] == [
        "who signed 'approval/Sec'",
        "who signed 'waiver/Ops'",
        "who signed 'run/train'",
    ]
    assert [used.facts.name for used in found] == [
        fingerprint(key.public_key) for key in (SEC, OPS, OPS)
    ]


def test_what_lies_beside_is_read_and_what_is_not_at_hand_is_undecided() -> None:
    bare = replace(DEPLOYMENT, approvals=(replace(APPROVAL, content=None),))
    beside = {APPROVAL.sha256: APPROVAL.content or b""}
    assert len(used_signers(bare, beside, Anybody(trust=None, others=[SEC]).who)) == 1
    with pytest.raises(UndecidedError, match="not at hand"):
        used_signers(bare, {}, Anybody(trust=None, others=[SEC]).who)
