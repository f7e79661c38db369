"""A certificate of one's own PKI signs, and a timestamp says when."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtensionOID

from aigf_dvc.attestation.verification import SignerKind, TimeSource
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.certificate import (
    Authorities,
    demand_able_to_sign,
    read_authorities,
    read_certificates,
    sign_with_certificate,
    verify_certificate,
)
from aigf_dvc.signing.key_kinds import PrivateKey
from aigf_dvc.signing.signature import VerifiedSignature
from aigf_dvc.signing.timestamps import request_timestamp
from tests.signing.own_pki import IDENTITY, Pki, make_pki, timestamp_server
from tests.signing.test_log_entry import an_entry

PAYLOAD = b'{"_type":"https://in-toto.io/Statement/v1"}'
Json = dict[str, Any]  # Any: a document that tests edit at will


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


def signed(pki: Pki, name: str = "leaf", *, key: str = "") -> bytes:
    (certificate, *_) = read_certificates(pki.read(f"{name}.pem"), where=name)
    private = load_pem_private_key(pki.read(f"{key or name}.key"), None)
    assert isinstance(private, PrivateKey)
    with timestamp_server(pki.stamp) as url:
        return sign_with_certificate(
            PAYLOAD,
            certificate,
            sign=lambda message: key_kinds.sign(private, message),
            stamp=lambda signature: request_timestamp(signature, url),
        )


@pytest.fixture(scope="module")
def bundle(pki: Pki) -> bytes:
    return signed(pki)


def verified(
    pki: Pki,
    bundle: bytes,
    *,
    identity: str = IDENTITY,
    signers: tuple[str, ...] = ("root.pem", "between.pem"),
    times: tuple[str, ...] = ("tsa-root.pem",),
) -> VerifiedSignature:
    authorities = Authorities(
        signers=read_authorities(pki.read(*signers), where="signers"),
        times=read_authorities(pki.read(*times), where="times"),
    )
    return verify_certificate(parse_bundle(bundle), identity=identity, authorities=authorities)


def refusal(pki: Pki, bundle: bytes, **changed: Any) -> str:  # noqa: ANN401  # options of `verified`
    with pytest.raises(RefusedError) as refused:
        verified(pki, bundle, **changed)
    return str(refused.value)


@pytest.mark.parametrize("identity", [IDENTITY, "https://corp.example/ml"])
def test_a_certificate_signs_for_every_name_that_it_holds(
    pki: Pki, bundle: bytes, identity: str
) -> None:
    found = verified(pki, bundle, identity=identity)
    assert found.payload == PAYLOAD
    assert (found.signer.kind, found.signer.name) == (SignerKind.CERTIFICATE, identity)
    assert found.signer.issuer == "CN=between,O=corp"
    assert found.signer.time_source is TimeSource.TSA
    assert found.signer.time is not None


def test_the_bundle_holds_the_leaf_alone_as_version_3_wants_it(bundle: bytes) -> None:
    material = json.loads(bundle)["verificationMaterial"]
    assert set(material) == {"certificate", "tlogEntries", "timestampVerificationData"}
    assert set(material["certificate"]) == {"rawBytes"}


def test_another_identity_is_refused(pki: Pki, bundle: bytes) -> None:
    said = refusal(pki, bundle, identity="ml-release@corp.example.evil")
    assert IDENTITY in said


def test_a_chain_that_does_not_lead_to_a_root_is_refused(pki: Pki, bundle: bytes) -> None:
    assert "not to be trusted" in refusal(pki, bundle, signers=("root.pem",))
    said = refusal(pki, bundle, signers=("tsa-root.pem", "between.pem"))
    assert "not to be trusted" in said
    assert "its issuer, 'CN=between,O=corp'" in said


def test_a_stranger_does_not_tell_the_time(pki: Pki, bundle: bytes) -> None:
    said = refusal(pki, bundle, times=("root.pem",))
    assert "leads to none of yours (expected a timestamp" in said
    assert "pk7_smime.c" not in said


def test_a_certificate_for_something_else_is_refused(pki: Pki) -> None:
    assert "not for signing code" in refusal(pki, signed(pki, "web"))


def test_a_certificate_that_had_ended_when_it_signed_is_refused(pki: Pki) -> None:
    pki.issue("old", "between", section="leaf", days=-1)
    assert "at the time of the signature" in refusal(pki, signed(pki, "old"))


@pytest.mark.parametrize(
    ("section", "days", "found"),
    [
        ("web", 30, "not for signing code"),
        ("agreement", 30, "not for signatures"),
        ("nameless", 30, "names nobody"),
        ("leaf", -1, "the certificate counts from"),
    ],
)
def test_a_certificate_that_nobody_would_accept_is_refused_before_it_signs(
    pki: Pki, section: str, days: int, found: str
) -> None:
    pki.issue("unfit", "between", section=section, days=days)
    (unfit,) = read_certificates(pki.read("unfit.pem"), where="unfit.pem")
    with pytest.raises(InputError, match=found) as refused:
        demand_able_to_sign(unfit, at=datetime.now(UTC), where="unfit.pem")
    assert refused.value.where == "unfit.pem"


def test_the_key_must_be_the_certificates(pki: Pki) -> None:
    with pytest.raises(InputError, match="do not belong together"):
        signed(pki, "leaf", key="web")


def edited(bundle: bytes, edit: Callable[[Json], object]) -> bytes:
    document: Json = json.loads(bundle)
    edit(document)
    return json.dumps(document).encode()


def material(document: Json) -> Json:
    found: Json = document["verificationMaterial"]
    return found


def stamps(document: Json) -> list[Json]:
    found: list[Json] = material(document)["timestampVerificationData"]["rfc3161Timestamps"]
    return found


def flipped(text: str) -> str:
    data = bytearray(b64decode(text))
    data[len(data) // 2] ^= 1
    return b64encode(bytes(data)).decode()


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda d: material(d).pop("timestampVerificationData"), "no timestamp"),
        (lambda d: stamps(d).clear(), "no timestamp"),
        (lambda d: stamps(d).extend(stamps(d) * 4), "5 timestamps"),
        (lambda d: stamps(d)[0].update(signedTimestamp="AAAA"), "timestamp"),
        (lambda d: stamps(d)[0].update(extra="x"), "unknown key"),
        (lambda d: stamps(d)[0].update(signedTimestamp=7), "base64"),
        (lambda d: material(d).update(tlogEntries=[an_entry()]), "an entry of a log"),
        (lambda d: material(d)["certificate"].update(rawBytes="AAAA"), "no certificate"),
        (lambda d: d["dsseEnvelope"].update(payload="e30="), "was changed"),
    ],
)
def test_an_edited_bundle_is_refused(
    pki: Pki, bundle: bytes, edit: Callable[[Json], object], said: str
) -> None:
    assert said in refusal(pki, edited(bundle, edit))


def test_a_stamp_of_another_signature_is_refused(pki: Pki, bundle: bytes) -> None:
    other = json.loads(signed(pki))
    mixed = edited(bundle, lambda d: stamps(d).__setitem__(0, stamps(other)[0]))
    assert "Mismatch between messages" in refusal(pki, mixed)


def test_every_stamp_must_hold(pki: Pki, bundle: bytes) -> None:
    other = json.loads(signed(pki))
    both = edited(bundle, lambda d: stamps(d).append(stamps(other)[0]))
    assert "Mismatch" in refusal(pki, both)


def test_a_changed_stamp_or_signature_is_refused(pki: Pki, bundle: bytes) -> None:
    def change_stamp(d: Json) -> None:
        stamps(d)[0]["signedTimestamp"] = flipped(stamps(d)[0]["signedTimestamp"])

    def change_signature(d: Json) -> None:
        signature = d["dsseEnvelope"]["signatures"][0]
        signature["sig"] = flipped(signature["sig"])

    refusal(pki, edited(bundle, change_stamp))
    refusal(pki, edited(bundle, change_signature))


def test_a_key_does_not_pass_where_a_certificate_is_demanded(pki: Pki, bundle: bytes) -> None:
    def as_key(d: Json) -> None:
        material(d).pop("certificate")
        material(d)["publicKey"] = {"hint": "x"}

    assert "signed with a key" in refusal(pki, edited(bundle, as_key))
    assert parse_bundle(bundle).certificate is not None


def test_a_file_without_a_root_or_with_a_key_is_the_callers_mistake(pki: Pki) -> None:
    with pytest.raises(InputError, match="no root"):
        read_authorities(pki.read("leaf.pem"), where="ca.pem")
    with pytest.raises(InputError, match="a private key"):
        read_authorities(pki.read("root.pem", "root.key"), where="ca.pem")
    with pytest.raises(InputError, match="no certificate"):
        read_authorities(b"", where="ca.pem")


def odd_certificate(pki: Pki, key: PrivateKey, extension: x509.Extension[Any]) -> None:
    """Issue a certificate with an extension of one's own in place of the usual one."""
    (leaf,) = read_certificates(pki.read("leaf.pem"), where="leaf")
    issuer = load_pem_private_key(pki.read("between.key"), None)
    assert isinstance(issuer, ec.EllipticCurvePrivateKey)
    kept = [one for one in leaf.extensions if one.oid != extension.oid]
    odd = x509.CertificateBuilder(
        issuer_name=leaf.issuer,
        subject_name=leaf.subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=leaf.not_valid_before_utc,
        not_valid_after=leaf.not_valid_after_utc,
        extensions=[*kept, extension],
    ).sign(issuer, hashes.SHA256())
    pki.path("odd.pem").write_bytes(odd.public_bytes(serialization.Encoding.PEM))
    pki.path("odd.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def raw(identifier: str, der: bytes, *, critical: bool = False) -> x509.Extension[Any]:
    oid = x509.ObjectIdentifier(identifier)
    return x509.Extension(oid, critical, x509.UnrecognizedExtension(oid, der))


@pytest.mark.parametrize(
    "extension",
    [
        raw("2.5.29.17", bytes.fromhex("3004a3023000")),  # an x400Address, which has no class
        raw("2.5.29.17", b"\x30\x05abc"),
        raw("2.5.29.17", b"\x30\x04\x81\x02\xff\xfe"),  # a mail address that is no text
        raw("2.5.29.15", b"garbage", critical=True),
        raw("2.5.29.37", b"garbage"),
        raw("1.2.3.4.5", b"\x05\x00", critical=True),  # nobody knows what it demands
        x509.Extension(
            ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
            critical=False,
            value=x509.SubjectAlternativeName([x509.RFC822Name(f"{IDENTITY}\0.evil")]),
        ),
    ],
)
def test_whatever_an_issuer_writes_into_a_certificate_is_a_no_and_no_error(
    pki: Pki, extension: x509.Extension[Any]
) -> None:
    odd_certificate(pki, key_kinds.generate("p256"), extension)
    assert "\n" not in refusal(pki, signed(pki, "odd"))


def test_an_extension_that_nobody_knows_and_need_not_know_does_no_harm(pki: Pki) -> None:
    odd_certificate(pki, key_kinds.generate("p256"), raw("1.2.3.4.5", b"\x05\x00"))
    assert verified(pki, signed(pki, "odd")).payload == PAYLOAD


def test_an_authority_whose_name_is_damaged_is_the_callers_mistake(pki: Pki) -> None:
    (root,) = read_certificates(pki.read("root.pem"), where="root")
    der = root.public_bytes(serialization.Encoding.DER).replace(b"corp", b"\xff\xff\xff\xff")
    pem = b"-----BEGIN CERTIFICATE-----\n" + b64encode(der) + b"\n-----END CERTIFICATE-----\n"
    with pytest.raises(InputError, match=r"ca\.pem"):
        read_authorities(pem, where="ca.pem")


def test_a_certificate_of_a_version_that_nobody_knows_is_none(pki: Pki) -> None:
    pem = pki.read("leaf.pem")
    der = x509.load_pem_x509_certificates(pem)[0].public_bytes(serialization.Encoding.DER)
    version = b"\xa0\x03\x02\x01\x02"
    assert version in der
    other = b64encode(der.replace(version, b"\xa0\x03\x02\x01\x12", 1)).decode()
    spoiled = f"-----BEGIN CERTIFICATE-----\n{other}\n-----END CERTIFICATE-----\n".encode()
    with pytest.raises(InputError, match="no certificate"):
        read_certificates(spoiled, where="ca.pem")
