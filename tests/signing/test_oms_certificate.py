"""A certificate that signed a model must be valid now, or have been when an authority says."""

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from aigf_dvc.attestation.verification import SignerKind, TimeSource
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import pae
from aigf_dvc.signing.certificate import read_certificates
from aigf_dvc.signing.key_kinds import PrivateKey
from aigf_dvc.signing.oms_bundle import read_oms_bundle
from aigf_dvc.signing.open import ChainSigner, verify_oms_signature
from aigf_dvc.signing.signature import VerifiedSignature
from aigf_dvc.signing.timestamps import request_timestamp
from tests.signing.own_pki import IDENTITY, Pki, make_pki, timestamp_server

PAYLOAD = b'{"_type": "https://in-toto.io/Statement/v1"}'
NOW = datetime.now(UTC) + timedelta(hours=1)  # after the certificates were made


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


def chained(pki: Pki, *names: str, key: str = "") -> bytes:
    """Return the bundle of a chain, the signer's certificate first, as model_signing writes it."""
    private = load_pem_private_key(pki.read(f"{key or names[0]}.key"), None)
    assert isinstance(private, PrivateKey)
    (*chain,) = read_certificates(pki.read(*(f"{name}.pem" for name in names)), where="test")
    der = [{"rawBytes": b64encode(one.public_bytes(Encoding.DER)).decode()} for one in chain]
    signature = key_kinds.sign(private, pae(PAYLOAD))
    document = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"x509CertificateChain": {"certificates": der}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": b64encode(PAYLOAD).decode(),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": b64encode(signature).decode(), "keyid": ""}],
        },
    }
    return json.dumps(document).encode()


def verified(
    pki: Pki,
    bundle: bytes,
    *,
    identity: str = IDENTITY,
    signers: str = "root.pem",
    now: datetime = NOW,
    times: bytes | None = None,
) -> VerifiedSignature:
    signer = ChainSigner(identity=identity, signers=pki.read(signers), times=times, now=now)
    return verify_oms_signature(bundle, signer)


def refusal(pki: Pki, bundle: bytes, **changed: object) -> str:
    with pytest.raises(RefusedError) as refused:
        verified(pki, bundle, **changed)  # type: ignore[arg-type]  # options of `verified`
    return str(refused.value)


def test_a_chain_to_the_judges_root_is_good_while_it_is_valid(pki: Pki) -> None:
    found = verified(pki, chained(pki, "leaf", "between", "root"))
    assert (found.payload, found.signer.kind, found.signer.name) == (
        PAYLOAD,
        SignerKind.CERTIFICATE,
        IDENTITY,
    )
    assert (found.signer.time, found.signer.time_source) == (None, TimeSource.CLAIMED)


@pytest.mark.parametrize("curve", ["P-384", "P-521"])
def test_a_chain_on_another_curve_is_good(tmp_path: Path, curve: str) -> None:
    pki = make_pki(tmp_path)
    pki.issue("upper", "root", section="ca", curve=curve)
    pki.issue("signer", "upper", section="leaf", curve=curve)
    bundle = chained(pki, "signer", "upper")
    assert verified(pki, bundle).payload == PAYLOAD
    assert "changed" in refusal(pki, chained(pki, "signer", "upper", key="upper"))


def test_a_certificate_that_has_ended_or_not_begun_is_refused(pki: Pki) -> None:
    bundle = chained(pki, "leaf", "between")
    for now in (NOW + timedelta(days=40), NOW - timedelta(days=1)):
        assert "not to be trusted" in refusal(pki, bundle, now=now)


def test_a_root_that_comes_along_is_not_trusted(pki: Pki, tmp_path: Path) -> None:
    other = make_pki(tmp_path)
    bundle = chained(other, "leaf", "between", "root")
    assert "not to be trusted" in refusal(pki, bundle)
    assert verified(other, bundle).payload == PAYLOAD


def test_without_what_stands_between_there_is_no_chain(pki: Pki) -> None:
    assert "not to be trusted" in refusal(pki, chained(pki, "leaf"))


def test_another_identity_another_purpose_and_another_key_are_refused(pki: Pki) -> None:
    bundle = chained(pki, "leaf", "between")
    assert "it is for" in refusal(pki, bundle, identity="somebody@corp.example")
    assert "not for signing code" in refusal(pki, chained(pki, "web", "between"))
    assert "changed" in refusal(pki, chained(pki, "leaf", "between", key="web"))


def test_who_demands_a_timestamp_takes_no_signature_without_one(pki: Pki) -> None:
    bundle = chained(pki, "leaf", "between")
    assert "no timestamp" in refusal(pki, bundle, times=pki.read("tsa-root.pem"))


def test_a_timestamp_outlives_the_certificate(pki: Pki) -> None:
    document = json.loads(chained(pki, "leaf", "between"))
    signature = b64decode(document["dsseEnvelope"]["signatures"][0]["sig"])
    with timestamp_server(pki.stamp) as url:
        stamp = b64encode(request_timestamp(signature, url)).decode()
    stamps = {"rfc3161Timestamps": [{"signedTimestamp": stamp}]}
    document["verificationMaterial"]["timestampVerificationData"] = stamps
    stamped, late = json.dumps(document).encode(), NOW + timedelta(days=400)
    found = verified(pki, stamped, times=pki.read("tsa-root.pem"), now=late)
    assert found.signer.time_source is TimeSource.TSA
    # Nobody whom the judge trusts says when: the stamp does not count.
    assert "not to be trusted" in refusal(pki, stamped, now=late)


def test_a_chain_of_something_else_is_refused(pki: Pki) -> None:
    document = json.loads(chained(pki, "leaf", "between"))
    chain = document["verificationMaterial"]["x509CertificateChain"]["certificates"]
    chain[1]["rawBytes"] = "AAAA"
    assert "not of certificates" in refusal(pki, json.dumps(document).encode())
    assert read_oms_bundle(json.dumps(document).encode()).between == (b"\0\0\0",)
