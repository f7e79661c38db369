"""The bundles of other programs are read in their own forms, and in no others."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.oms_bundle import read_oms_bundle
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from tests.signing.by_key import sign_statement

Json = dict[str, Any]  # Any: a document that tests edit at will

PAYLOAD = b'{"_type": "https://in-toto.io/Statement/v1"}'
BUNDLE = sign_statement(PAYLOAD, load_private_key(generate_key(None)[0], None, where="test"))
CHAIN = [{"rawBytes": b64encode(name).decode()} for name in (b"leaf", b"between", b"root")]


def edited(edit: Callable[[Json], object]) -> bytes:
    document = json.loads(BUNDLE)
    edit(document)
    return json.dumps(document).encode()


def material(**changes: object) -> bytes:
    """The bundle with another signer; a key of None is left out."""

    def edit(document: Json) -> None:
        found = {**document["verificationMaterial"], **changes}
        document["verificationMaterial"] = {k: v for k, v in found.items() if v is not None}

    return edited(edit)


def refusal(data: bytes) -> str:
    with pytest.raises(RefusedError) as refused:
        parse_bundle(read_oms_bundle(data).strict)
    return str(refused.value)


def test_a_strict_bundle_stays_as_it_is() -> None:
    assert read_oms_bundle(BUNDLE).strict is BUNDLE


def test_a_chain_gives_the_signer_and_what_stands_between() -> None:
    found = read_oms_bundle(material(publicKey=None, x509CertificateChain={"certificates": CHAIN}))
    bundle = parse_bundle(found.strict)
    assert (bundle.certificate, bundle.payload) == (b"leaf", PAYLOAD)
    assert found.between == (b"between", b"root")


@pytest.mark.parametrize("tlog", [None, []])
def test_a_key_that_stands_there_itself_is_only_a_hint(tlog: object) -> None:
    key = {"rawBytes": "MFkw", "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
    found = parse_bundle(read_oms_bundle(material(publicKey=key, tlogEntries=tlog)).strict)
    assert (found.key_hint, found.certificate, found.payload) == ("unknown", None, PAYLOAD)


def test_a_null_keyid_is_none() -> None:
    data = edited(lambda d: d["dsseEnvelope"]["signatures"][0].update(keyid=None))
    assert parse_bundle(read_oms_bundle(data).strict).payload == PAYLOAD


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"{", "JSON"),
        (material(x509CertificateChain={"certificates": CHAIN}), "several signers"),
        (material(publicKey=None, x509CertificateChain={"certificates": []}), "0 certificates"),
        (
            material(publicKey=None, x509CertificateChain={"certificates": CHAIN * 4}),
            "12 certificates",
        ),
        (material(publicKey=None, x509CertificateChain={"certificates": CHAIN, "more": 1}), "more"),
        (
            material(
                publicKey=None,
                x509CertificateChain={"certificates": [CHAIN[0], {**CHAIN[1], "more": 1}]},
            ),
            "more",
        ),
        (
            material(publicKey=None, x509CertificateChain={"certificates": [{"rawBytes": "?"}]}),
            "base64",
        ),
        (material(publicKey={"rawBytes": "MFkw", "more": 1}), "more"),
        (material(publicKey=None), "publicKey"),
        (material(more=1), "more"),
        (edited(lambda d: d.update(more=1)), "more"),
        (edited(lambda d: d["dsseEnvelope"].update(payloadType="text/plain")), "payloadType"),
        (edited(lambda d: d["dsseEnvelope"]["signatures"].append({"sig": "AA=="})), "2 signatures"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_forms_are_refused(data: bytes, words: str) -> None:
    assert words in refusal(data)
