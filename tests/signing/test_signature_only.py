"""Any Sigstore bundle about a file tells who signed it, and nothing more is claimed."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext

from aigf_dvc.attestation.signature_only import SignatureCheck
from aigf_dvc.attestation.verification import StepName, StepOutcome
from aigf_dvc.digests import Sha2
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.bundle import MEDIA_TYPE, parse_bundle
from aigf_dvc.signing.key_kinds import generate, sign
from aigf_dvc.signing.open import AnySigner, KeylessSigner, KeySigner
from aigf_dvc.signing.signature_only import verify_signature_only
from tests.attestation.builders import a_payload
from tests.local_sigstore.server import LocalSigstore
from tests.signing.by_key import sign_statement

Json = dict[str, Any]  # Any: a document that tests edit at will

BYTES = b"the model"
PRIVATE = generate("p256")
KEY = KeySigner(public_key=PRIVATE.public_key())
PERSON, ISSUER = "dev@example.com", "https://issuer.test.example"
OLDER = "application/vnd.dev.sigstore.bundle+json;version=0.2"


def digests(data: bytes = BYTES) -> dict[Sha2, bytes]:
    return {algorithm: hashlib.new(algorithm, data).digest() for algorithm in Sha2}


def checked(
    bundle: bytes | Json, signer: AnySigner = KEY, *, data: bytes = BYTES
) -> SignatureCheck:
    text = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
    return verify_signature_only(text, digests=digests(data), signer=signer)


def refused_at(check: SignatureCheck) -> StepName:
    assert not check.verified
    assert check.exit_code == 1
    last = check.steps[-1]
    assert last.outcome is StepOutcome.FAILED
    assert "\n" not in last.detail
    return last.name


def a_blob_bundle() -> Json:
    """Return what `cosign sign-blob --key` writes."""
    digest = b64encode(hashlib.sha256(BYTES).digest()).decode()
    return {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": "x"}},
        "messageSignature": {
            "messageDigest": {"algorithm": "SHA2_256", "digest": digest},
            "signature": b64encode(sign(PRIVATE, BYTES)).decode(),
        },
    }


def a_statement(**changes: Any) -> bytes:  # noqa: ANN401  # parts of a statement
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m", "digest": {"sha256": hashlib.sha256(BYTES).hexdigest()}}],
        "predicateType": "https://example.com/anything",
        "predicate": {},
    }
    return json.dumps(statement | changes).encode()


def signed_statement(**changes: Any) -> bytes:  # noqa: ANN401  # parts of a statement
    return sign_statement(a_statement(**changes), PRIVATE)


def test_bare_bytes_that_the_key_signed_are_verified() -> None:
    check = checked(a_blob_bundle())
    assert (check.verified, check.exit_code, check.predicate_type) == (True, 0, None)
    assert "bare bytes" in check.steps[2].detail


def test_an_attestation_of_any_type_is_verified_and_not_looked_into() -> None:
    check = checked(signed_statement())
    assert (check.verified, check.predicate_type) == (True, "https://example.com/anything")
    assert [step.number for step in check.steps] == [1, 2, 3, 5]
    assert checked(signed_statement(_type="https://in-toto.io/Statement/v0.1")).verified
    assert checked(sign_statement(a_payload(), PRIVATE)).verified


@pytest.mark.parametrize("algorithm", list(Sha2))
def test_a_subject_may_be_named_by_any_sha_2(algorithm: Sha2) -> None:
    named = [{"digest": {algorithm: digests()[algorithm].hex(), "gitCommit": "ab"}}]
    assert checked(signed_statement(subject=named)).verified
    assert refused_at(checked(signed_statement(subject=named), data=b"x")) is StepName.SUBJECT


def test_other_bytes_are_refused() -> None:
    assert refused_at(checked(a_blob_bundle(), data=b"x")) is StepName.SUBJECT
    assert refused_at(checked(signed_statement(), data=b"x")) is StepName.SUBJECT


def test_another_key_is_refused() -> None:
    other = KeySigner(public_key=generate("p256").public_key())
    assert refused_at(checked(a_blob_bundle(), other)) is StepName.SIGNATURE
    assert refused_at(checked(signed_statement(), other)) is StepName.SIGNATURE


def test_a_digest_that_the_signature_is_not_over_is_refused() -> None:
    bundle = a_blob_bundle()
    other = b64encode(hashlib.sha256(b"other").digest()).decode()
    bundle["messageSignature"]["messageDigest"]["digest"] = other
    assert refused_at(checked(bundle, data=b"other")) is StepName.SIGNATURE


def test_an_ed25519_key_signs_no_digests() -> None:
    key = KeySigner(public_key=generate("ed25519").public_key())
    check = checked(a_blob_bundle(), key)
    assert refused_at(check) is StepName.SIGNATURE
    assert "signs no digests" in check.steps[-1].detail


def message(document: Json) -> Json:
    found: Json = document["messageSignature"]
    return found


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: message(d).pop("messageDigest"),
        lambda d: message(d).pop("signature"),
        lambda d: message(d).update(signature=""),
        lambda d: message(d).update(extra=1),
        lambda d: message(d)["messageDigest"].update(algorithm="SHA3_256"),
        lambda d: message(d)["messageDigest"].update(algorithm="SHA2_512"),
        lambda d: message(d)["messageDigest"].update(digest="aaaa"),
        lambda d: d.update(dsseEnvelope=json.loads(signed_statement())["dsseEnvelope"]),
        lambda d: d.pop("messageSignature"),
        lambda d: d.update(mediaType=OLDER, verificationMaterial={"certificate": {}}),
        lambda d: d.update(
            mediaType=OLDER,
            verificationMaterial={"x509CertificateChain": {"certificates": []}},
        ),
    ],
)
def test_a_bundle_of_another_form_is_refused(edit: Callable[[Json], object]) -> None:
    bundle = a_blob_bundle()
    edit(bundle)
    assert refused_at(checked(bundle)) is StepName.BUNDLE


@pytest.mark.parametrize(
    "changes",
    [
        {"_type": "https://in-toto.io/Statement/v2"},
        {"subject": []},
        {"subject": [{"digest": {}}]},
        {"subject": [{"digest": {"sha256": ""}}]},
        {"subject": [{"digest": {"sha256": "AB" * 32}}]},
        {"subject": [{"digest": {"sha512": "ab" * 32}}]},
        {"predicateType": ""},
    ],
)
def test_a_statement_of_another_form_is_refused(changes: Json) -> None:
    assert refused_at(checked(signed_statement(**changes))) is StepName.STATEMENT


def test_a_subject_that_is_two_artifacts_is_refused() -> None:
    mixed = {"sha256": digests()[Sha2.SHA256].hex(), "sha512": digests(b"x")[Sha2.SHA512].hex()}
    check = checked(signed_statement(subject=[{"digest": mixed}]))
    assert refused_at(check) is StepName.SUBJECT
    assert "another sha512" in check.steps[-1].detail


def test_bare_bytes_and_older_bundles_are_no_attestation() -> None:
    with pytest.raises(RefusedError, match="bare bytes"):
        parse_bundle(json.dumps(a_blob_bundle()).encode())
    older = json.loads(signed_statement()) | {"mediaType": OLDER}
    assert checked(older).verified
    with pytest.raises(RefusedError, match="mediaType"):
        parse_bundle(json.dumps(older).encode())


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as server:
        yield server


def signed_keylessly(sigstore: LocalSigstore, rekor: Literal[1, 2]) -> Json:
    config = ClientTrustConfig.from_json(json.dumps(sigstore.trust_config(rekor=rekor)))
    token = IdentityToken(sigstore.token(PERSON))
    with SigningContext.from_trust_config(config).signer(token) as signer:
        found: Json = json.loads(signer.sign_artifact(BYTES).to_json())
    return found


@pytest.mark.parametrize("rekor", [1, 2])
def test_bare_bytes_that_an_identity_signed_are_verified(
    sigstore: LocalSigstore, rekor: Literal[1, 2]
) -> None:
    root = json.dumps(sigstore.trusted_root()).encode()
    signer = KeylessSigner(identity=PERSON, issuer=ISSUER, trusted_root=root)
    bundle = signed_keylessly(sigstore, rekor)
    check = checked(bundle, signer)
    assert check.verified, check.steps[-1]
    assert check.signer is not None
    assert check.signer.name == PERSON
    assert refused_at(checked(bundle, signer, data=b"x")) is StepName.SUBJECT
    eve = KeylessSigner(identity="eve@example.com", issuer=ISSUER, trusted_root=root)
    assert refused_at(checked(bundle, eve)) is StepName.SIGNATURE
    assert refused_at(checked(bundle, KEY)) is StepName.SIGNATURE


def test_an_older_bundle_is_its_first_certificate_and_no_other(sigstore: LocalSigstore) -> None:
    root = json.dumps(sigstore.trusted_root()).encode()
    signer = KeylessSigner(identity=PERSON, issuer=ISSUER, trusted_root=root)
    bundle = signed_keylessly(sigstore, 1) | {"mediaType": OLDER}
    material = bundle["verificationMaterial"]
    leaf = material.pop("certificate")
    another = sigstore.trusted_root()["certificateAuthorities"][0]["certChain"]["certificates"][1]
    material["x509CertificateChain"] = {"certificates": [leaf, another]}
    assert checked(bundle, signer).verified
    material["x509CertificateChain"] = {"certificates": [another, leaf]}
    assert refused_at(checked(bundle, signer)) is StepName.SIGNATURE


def test_the_key_of_another_curve_is_verified_over_the_hash_that_the_bundle_names() -> None:
    private = generate("p384")
    bundle = a_blob_bundle()
    digest = hashlib.sha384(BYTES).digest()
    message(bundle)["messageDigest"] = {
        "algorithm": "SHA2_384",
        "digest": b64encode(digest).decode(),
    }
    message(bundle)["signature"] = b64encode(sign(private, BYTES)).decode()
    assert checked(bundle, KeySigner(public_key=private.public_key())).verified
