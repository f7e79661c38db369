import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from msgspec.structs import replace

from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.key_kinds import kind_of
from aigf_dvc.signing.keys import fingerprint, key_hint, load_public_key, verify_key_bundle
from aigf_dvc.signing.private_keys import generate_key, is_encrypted, load_private_key
from tests.signing.by_key import sign_statement

PAYLOAD = b'{"_type":"https://in-toto.io/Statement/v1"}'
PRIVATE, PUBLIC = generate_key(None)
SECRET_PRIVATE, _ = generate_key(b"correct horse")
PEM, SPKI = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
AnyPrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed448.Ed448PrivateKey
OTHER_KINDS: dict[str, AnyPrivateKey] = {
    "secp224r1": ec.generate_private_key(ec.SECP224R1()),
    "secp256k1": ec.generate_private_key(ec.SECP256K1()),
    "RSA": rsa.generate_private_key(65537, 2048),
    "Ed448": ed448.Ed448PrivateKey.generate(),
}


def pkcs8(key: AnyPrivateKey) -> bytes:
    no_encryption = serialization.NoEncryption()
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, no_encryption)


def refusal(load: Callable[[], object]) -> str:
    with pytest.raises(InputError) as refused:
        load()
    assert refused.value.where == "the.pem"
    assert refused.value.exit_code == 2
    return str(refused.value)


def test_a_generated_key_signs_and_its_public_key_verifies() -> None:
    bundle = parse_bundle(sign_statement(PAYLOAD, load_private_key(PRIVATE, None, where="k")))
    assert bundle.payload == PAYLOAD
    verify_key_bundle(bundle, load_public_key(PUBLIC, where="p"))


@pytest.mark.parametrize("kind", ["p256", "p384", "p521", "ed25519"])
def test_every_kind_signs_and_only_its_own_key_verifies(kind: str) -> None:
    private, public = generate_key(None, kind=kind)
    bundle = parse_bundle(sign_statement(PAYLOAD, load_private_key(private, None, where="k")))
    verify_key_bundle(bundle, load_public_key(public, where="p"))
    for other in ("p256", "p384", "p521", "ed25519"):
        stranger = load_public_key(generate_key(None, kind=other)[1], where="p")
        with pytest.raises(RefusedError, match="another key signed"):
            verify_key_bundle(bundle, stranger)
    changed = replace(bundle, payload=bundle.payload + b" ")
    with pytest.raises(RefusedError, match="was changed"):
        verify_key_bundle(changed, load_public_key(public, where="p"))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("p384", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
        ("p521", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]),
        ("ed25519", ["-algorithm", "ED25519"]),
    ],
)
def test_openssl_makes_keys_of_every_kind(kind: str, options: list[str], tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    subprocess.run(["openssl", "genpkey", *options, "-out", str(path)], check=True)
    found = kind_of(load_private_key(path.read_bytes(), None, where="k"))
    assert found is not None
    assert found.name == kind


def test_a_kind_says_which_verifier_cannot_verify_it() -> None:
    said = {kind: generate_key(None, kind=kind)[1] for kind in ("p256", "p384", "ed25519")}
    kinds = {name: kind_of(load_public_key(pem, where="p")) for name, pem in said.items()}
    warnings = {name: kind.who_cannot for name, kind in kinds.items() if kind is not None}
    assert warnings["p256"] == ""
    assert "@sigstore/verify" in warnings["p384"]
    assert "model_signing" in warnings["ed25519"]


def test_a_passphrase_opens_its_key_only() -> None:
    assert b"ENCRYPTED PRIVATE KEY" in SECRET_PRIVATE
    load_private_key(SECRET_PRIVATE, b"correct horse", where="k")
    wrong = refusal(lambda: load_private_key(SECRET_PRIVATE, b"battery", where="the.pem"))
    assert "passphrase is wrong" in wrong
    missing = refusal(lambda: load_private_key(SECRET_PRIVATE, None, where="the.pem"))
    assert "no passphrase" in missing
    needless = refusal(lambda: load_private_key(PRIVATE, b"battery", where="the.pem"))
    assert "has no passphrase" in needless


def test_an_empty_passphrase_protects_nothing_and_is_refused() -> None:
    with pytest.raises(InputError, match="empty passphrase"):
        generate_key(b"")


def test_a_key_from_openssl_is_read(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    command = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(path)]
    subprocess.run(command, check=True)
    assert b"EC PRIVATE KEY" in path.read_bytes()
    load_private_key(path.read_bytes(), None, where="k")


def test_a_key_says_whether_it_needs_a_passphrase(tmp_path: Path) -> None:
    assert is_encrypted(SECRET_PRIVATE)
    assert not is_encrypted(PRIVATE)
    plain, locked = tmp_path / "plain.pem", tmp_path / "locked.pem"
    plain.write_bytes(PRIVATE)
    old_style = ["openssl", "ec", "-aes256", "-passout", "pass:correct horse", "-in", str(plain)]
    subprocess.run([*old_style, "-out", str(locked)], check=True, capture_output=True)
    assert is_encrypted(locked.read_bytes())
    load_private_key(locked.read_bytes(), b"correct horse", where="k")


def test_the_hint_is_the_sha256_of_the_public_pem() -> None:
    key = load_public_key(PUBLIC, where="p")
    assert key_hint(key) == hashlib.sha256(PUBLIC).hexdigest()
    bundle = json.loads(sign_statement(PAYLOAD, load_private_key(PRIVATE, None, where="k")))
    assert bundle["verificationMaterial"]["publicKey"] == {"hint": key_hint(key)}


def test_the_fingerprint_is_what_openssl_says() -> None:
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "DER"],
        input=PUBLIC,
        capture_output=True,
        check=True,
    ).stdout
    expected = f"sha256:{hashlib.sha256(der).hexdigest()}"
    assert fingerprint(load_public_key(PUBLIC, where="p")) == expected


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_another_kind_of_key_is_refused_by_its_name(kind: str) -> None:
    private = OTHER_KINDS[kind]
    public = private.public_key().public_bytes(PEM, SPKI)
    for said in (
        refusal(lambda: load_private_key(pkcs8(private), None, where="the.pem")),
        refusal(lambda: load_public_key(public, where="the.pem")),
    ):
        assert kind in said
        assert "P-256" in said
        assert "every verifier accepts" in said


CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
DAMAGED = b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
COSIGN = b"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END X-----\n"


@pytest.mark.parametrize(
    ("pem", "said"),
    [
        (b"", "an empty file"),
        (b"\n", "an empty file"),
        (b"ssh-ed25519 AAAA", "not a PEM file"),
        (b"\xff\x00", "not a PEM file"),
        (PRIVATE, "a private key"),
        (SECRET_PRIVATE, "a private key"),
        (CERTIFICATE, "a certificate"),
        (COSIGN, "ENCRYPTED SIGSTORE PRIVATE KEY"),
        (DAMAGED, "damaged PEM"),
        (PUBLIC + PUBLIC, "2 PEM blocks"),
    ],
)
def test_a_file_that_holds_no_public_key_is_refused(pem: bytes, said: str) -> None:
    message = refusal(lambda: load_public_key(pem, where="the.pem"))
    assert said in message
    assert "expected" in message


@pytest.mark.parametrize(
    ("pem", "said"),
    [
        (b"", "an empty file"),
        (b"secret", "not a PEM file"),
        (PUBLIC, "a public key"),
        (CERTIFICATE, "a certificate"),
        (COSIGN, "ENCRYPTED SIGSTORE PRIVATE KEY"),
        (DAMAGED.replace(b"PUBLIC", b"PRIVATE"), "damaged PEM"),
        (PRIVATE + PRIVATE, "2 PEM blocks"),
    ],
)
def test_a_file_that_holds_no_private_key_is_refused(pem: bytes, said: str) -> None:
    message = refusal(lambda: load_private_key(pem, None, where="the.pem"))
    assert said in message
    assert "expected" in message


def test_a_message_never_shows_the_private_key() -> None:
    body = PRIVATE.split(b"\n")[1].decode()
    assert body not in refusal(lambda: load_public_key(PRIVATE, where="the.pem"))


def test_another_keys_signature_is_refused_as_another_keys() -> None:
    _, other = generate_key(None)
    bundle = parse_bundle(sign_statement(PAYLOAD, load_private_key(PRIVATE, None, where="k")))
    with pytest.raises(RefusedError, match="another key signed"):
        verify_key_bundle(bundle, load_public_key(other, where="p"))


def test_a_hint_that_lies_does_not_help() -> None:
    other_private, _ = generate_key(None)
    key = load_public_key(PUBLIC, where="p")
    document = json.loads(sign_statement(PAYLOAD, load_private_key(other_private, None, where="k")))
    document["verificationMaterial"]["publicKey"]["hint"] = key_hint(key)
    with pytest.raises(RefusedError, match="was changed"):
        verify_key_bundle(parse_bundle(json.dumps(document).encode()), key)
