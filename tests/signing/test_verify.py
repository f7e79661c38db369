import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aigf_dvc.attestation.verification import SignerKind, StepName, StepOutcome, Verification
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.signing.verify import verify_bundle
from tests.attestation.builders import DEPLOYED, a_payload, some_demands
from tests.signing.by_key import sign_statement
from tests.signing.test_log_entry import an_entry

Json = dict[str, Any]  # Any: a document that tests edit at will

ROOT = Path(__file__).resolve().parents[2]
PRIVATE_PEM, PUBLIC_PEM = generate_key(None)
PRIVATE = load_private_key(PRIVATE_PEM, None, where="test")
PUBLIC = load_public_key(PUBLIC_PEM, where="test")
PAYLOAD = a_payload()
BUNDLE = sign_statement(PAYLOAD, PRIVATE)


def verified(bundle: bytes = BUNDLE, *, artifact: tuple[ModelFile, ...] = DEPLOYED) -> Verification:
    return verify_bundle(
        bundle, artifact=artifact, signer=KeySigner(public_key=PUBLIC), demands=some_demands()
    )


def refused_at(verification: Verification) -> StepName:
    assert not verification.accepted
    assert verification.exit_code == 1
    assert len(verification.steps) == len(StepName)
    assert verification.stopped_at is not None
    return verification.stopped_at.name


def edited(edit: Callable[[Json], object], bundle: bytes = BUNDLE) -> bytes:
    document = json.loads(bundle)
    edit(document)
    return json.dumps(document).encode()


def with_envelope(**changes: Any) -> bytes:  # noqa: ANN401 (parts of an envelope)
    return edited(lambda d: d["dsseEnvelope"].update(changes))


def test_an_attestation_by_the_demanded_key_is_accepted() -> None:
    verification = verified()
    assert verification.accepted
    assert verification.signer is not None
    assert verification.signer.kind is SignerKind.KEY
    signature = verification.steps[1]
    assert signature.outcome is StepOutcome.PASSED
    assert fingerprint(PUBLIC) in signature.detail


def test_a_log_entry_that_nobody_verifies_is_told() -> None:
    logged = edited(lambda d: d["verificationMaterial"].update(tlogEntries=[an_entry()]))
    verification = verified(logged)
    assert verification.accepted
    assert "log entry is not verified" in verification.steps[0].detail
    assert "log entry" not in verified().steps[0].detail


def test_another_key_is_refused() -> None:
    _, other = generate_key(None)
    verification = verify_bundle(
        BUNDLE,
        artifact=DEPLOYED,
        signer=KeySigner(public_key=load_public_key(other, where="test")),
        demands=some_demands(),
    )
    assert refused_at(verification) is StepName.SIGNATURE
    assert verification.statement is None


def test_every_byte_of_the_statement_is_covered_by_the_signature() -> None:
    for place in range(0, len(PAYLOAD), 97):
        changed = bytearray(PAYLOAD)
        changed[place] ^= 1
        bundle = with_envelope(payload=base64.b64encode(changed).decode())
        assert refused_at(verified(bundle)) is StepName.SIGNATURE


def test_every_bit_of_the_signature_counts() -> None:
    signature = base64.b64decode(json.loads(BUNDLE)["dsseEnvelope"]["signatures"][0]["sig"])
    for place in range(len(signature) * 8):
        changed = bytearray(signature)
        changed[place // 8] ^= 1 << place % 8
        bundle = with_envelope(signatures=[{"sig": base64.b64encode(changed).decode()}])
        assert refused_at(verified(bundle)) is StepName.SIGNATURE


@pytest.mark.parametrize("cut", [0, 1, 100, len(BUNDLE) - 1])
def test_a_truncated_bundle_is_refused(cut: int) -> None:
    assert refused_at(verified(BUNDLE[:cut])) is StepName.BUNDLE


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: d["dsseEnvelope"].update(payloadType="application/json"),
        lambda d: d.update(mediaType="application/vnd.dev.sigstore.bundle+json;version=0.1"),
        lambda d: d["dsseEnvelope"].update(signatures=[]),
        lambda d: d["dsseEnvelope"].update(signatures=d["dsseEnvelope"]["signatures"] * 2),
        lambda d: d["verificationMaterial"].update(certificate={"rawBytes": "eA=="}),
    ],
)
def test_an_edited_bundle_is_refused_as_malformed(edit: Callable[[Json], object]) -> None:
    assert refused_at(verified(edited(edit))) is StepName.BUNDLE


def test_a_certificate_does_not_pass_where_a_key_is_demanded() -> None:
    material = {"certificate": {"rawBytes": "eA=="}, "tlogEntries": []}
    bundle = edited(lambda d: d.update(verificationMaterial=material))
    verification = verified(bundle)
    assert refused_at(verification) is StepName.SIGNATURE
    assert "signed with a certificate" in verification.steps[1].detail


def test_a_signed_text_that_is_no_statement_is_refused() -> None:
    verification = verified(sign_statement(b"a letter", PRIVATE))
    assert refused_at(verification) is StepName.STATEMENT
    assert verification.signer is not None


def test_another_models_bundle_is_refused() -> None:
    other = (ModelFile(name="fraud.pkl", sha256=sha256(b"another model")),)
    assert refused_at(verified(artifact=other)) is StepName.SUBJECT


LIGHT_PROBE = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.verify import verify_bundle
bundle, key, digest = sys.argv[1:]
verification = verify_bundle(
    Path(bundle).read_bytes(),
    artifact=(ModelFile(name="m", sha256=Sha256(digest)),),
    signer=KeySigner(public_key=load_public_key(Path(key).read_bytes(), where=key)),
    demands=Demands(at=datetime(2026, 11, 20, 10, tzinfo=UTC), any_policy=True),
)
assert verification.accepted, verification
print(json.dumps(sorted(sys.modules)))
"""


def test_verifying_with_a_key_loads_neither_sigstore_nor_what_it_drags_in(tmp_path: Path) -> None:
    bundle, key = tmp_path / "bundle.json", tmp_path / "key.pub"
    bundle.write_bytes(BUNDLE)
    key.write_bytes(PUBLIC_PEM)
    run = subprocess.run(
        [sys.executable, "-c", LIGHT_PROBE, str(bundle), str(key), DEPLOYED[0].sha256],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    loaded = json.loads(run.stdout)
    tops = {name.partition(".")[0] for name in loaded}
    heavy = {"sigstore", "sigstore_models", "pydantic", "requests", "tuf", "dvc", "click", "jwt"}
    assert tops.isdisjoint(heavy)
    slow = ("cryptography.x509", "cryptography.hazmat.primitives.serialization",
            "cryptography.hazmat.backends")  # fmt: skip
    assert not [name for name in loaded if name.startswith(slow)]
