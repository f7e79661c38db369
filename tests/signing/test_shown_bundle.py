"""What is shown may have a wrapping that verification refuses; it says so, and believes nothing."""

import json
from base64 import b64encode

import pytest
from cryptography import x509

from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.bundle import write_key_bundle
from aigf_dvc.signing.shown_bundle import read_shown_bundle
from tests.signing.test_identity import WORKFLOW
from tests.signing.test_identity import bundle as certificate_bundle

KEY = write_key_bundle(b"{}", b"s", hint="the hint")


def test_a_bundle_says_who_claims_to_have_signed() -> None:
    shown = read_shown_bundle(KEY)
    assert shown.payload == b"{}"
    assert shown.signer == "key hint the hint"
    ours = read_shown_bundle(write_key_bundle(b"{}", b"s", hint="ab" * 32)).signer
    assert ours.endswith(f"{'ab' * 32} (as `sha256sum` of its .pub file prints)")


def test_a_certificate_is_not_verified_either() -> None:
    signer = read_shown_bundle(certificate_bundle(x509.UniformResourceIdentifier(WORKFLOW))).signer
    assert signer == f"its certificate, not verified either, names {WORKFLOW}"
    assert "nobody by name" in read_shown_bundle(certificate_bundle()).signer
    document = json.loads(certificate_bundle())
    document["verificationMaterial"]["certificate"]["rawBytes"] = b64encode(b"no").decode()
    assert "cannot be read" in read_shown_bundle(json.dumps(document).encode()).signer


def test_a_wrapping_that_verification_refuses_is_shown_with_the_reason() -> None:
    document = json.loads(KEY)
    document["verificationMaterial"]["x509CertificateChain"] = {}
    for data in (document, document["dsseEnvelope"]):
        shown = read_shown_bundle(json.dumps(data).encode())
        assert shown.payload == b"{}"
        assert shown.signer.startswith("in a form that `aigf verify` does not take: ")


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"x", b'{"payload": 5}', b'{"dsseEnvelope": 5}', b"[" * 100_000]
)
def test_what_wraps_no_statement_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedError):
        read_shown_bundle(data)
