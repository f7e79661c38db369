"""Signing keys: made, read, signed with and verified with.

ECDSA P-256, the default, is the one kind of key that all verifiers of Sigstore bundles accept.
"""

import hashlib
import re
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from aigf_dvc.canonical import Json
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import Bundle, parse_bundle, write_key_bundle
from aigf_dvc.signing.key_kinds import PrivateKey, PublicKey
from aigf_dvc.signing.signed import verify_signed

_KINDS = "an ECDSA key on P-256 (which every verifier accepts), P-384 or P-521, or an Ed25519 key"
_LABEL = lazy_pattern(rb"^-----BEGIN ([A-Z0-9 ]+)-----", re.MULTILINE)
_PRIVATE = ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY")


def generate_key(passphrase: bytes | None, *, kind: str = key_kinds.DEFAULT) -> tuple[bytes, bytes]:
    """Return a new private key and its public key as PEM (PKCS #8 and SubjectPublicKeyInfo)."""
    if passphrase == b"":
        raise InputError("an empty passphrase", expected="a passphrase, or none at all")
    key = key_kinds.generate(kind)
    encryption = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
    return private, public_pem(key.public_key())


def is_encrypted(pem: bytes) -> bool:
    """Tell whether a private key needs a passphrase, by what its PEM says of itself."""
    return b"-----BEGIN ENCRYPTED" in pem or b"\nProc-Type: 4,ENCRYPTED" in pem


def load_private_key(pem: bytes, passphrase: bytes | None, *, where: str) -> PrivateKey:
    """Read a private key.

    Raises:
        InputError: the file holds none, or one of another kind, or the passphrase is wrong.
    """
    label = _label(pem, where, expected="a private key in PEM form")
    if label not in _PRIVATE:
        raise InputError(_described(label), where=where, expected="a private key in PEM form")
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except TypeError:
        found = "the key has no passphrase, yet one was given" if passphrase else "no passphrase"
        expected = "" if passphrase else "the passphrase of the encrypted key"
        raise InputError(found, where=where, expected=expected) from None
    except (ValueError, UnsupportedAlgorithm):
        found = "the passphrase is wrong, or the file is damaged" if passphrase else "damaged PEM"
        raise InputError(found, where=where, expected="a private key in PEM form") from None
    if not isinstance(key, PrivateKey) or key_kinds.kind_of(key) is None:
        raise InputError(_kind(key), where=where, expected=_KINDS)
    return key


def load_public_key(pem: bytes, *, where: str) -> PublicKey:
    """Read a public key.

    Raises:
        InputError: the file holds none, or one of another kind.
    """
    label = _label(pem, where, expected="a public key in PEM form")
    if label != "PUBLIC KEY":
        raise InputError(_described(label), where=where, expected="a public key in PEM form")
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise InputError("damaged PEM", where=where, expected="a public key in PEM form") from None
    if not isinstance(key, PublicKey) or key_kinds.kind_of(key) is None:
        raise InputError(_kind(key), where=where, expected=_KINDS)
    return key


def public_pem(key: PublicKey) -> bytes:
    """Return a public key as PEM."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def key_hint(key: PublicKey) -> str:
    """Return the name of a key in a bundle: SHA-256 of its PEM, as OpenSSF Model Signing has it."""
    return hashlib.sha256(public_pem(key)).hexdigest()


def fingerprint(key: PublicKey) -> str:
    """Return the name of a key for people: the SHA-256 of its DER, as OpenSSL and Sigstore say."""
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"sha256:{hashlib.sha256(der).hexdigest()}"


def signed_statement(
    payload: bytes,
    signature: bytes,
    key: PublicKey,
    *,
    stamp: bytes | None = None,
    entry: Mapping[str, Json] | None = None,
) -> bytes:
    """Return the bundle of a statement that was signed elsewhere, once its signature is verified.

    Raises:
        RefusedError: the key did not make the signature.
    """
    bundle = write_key_bundle(payload, signature, hint=key_hint(key), stamp=stamp, entry=entry)
    verify_key_bundle(parse_bundle(bundle), key)
    return bundle


def verify_key_bundle(bundle: Bundle, key: PublicKey) -> None:
    """Verify that a key signed the statement of a bundle.

    Raises:
        RefusedError: it did not, or a certificate did.
    """
    if bundle.key_hint is None:
        raise RefusedError(
            "signed with a certificate", where="bundle", expected=f"the key {fingerprint(key)}"
        )
    try:
        verify_signed(bundle, key)
    except InvalidSignature:
        # The hint is not signed: it only helps to tell a wrong key from a changed statement.
        same = bundle.key_hint == key_hint(key)
        found = "what was signed, or its signature, was changed" if same else "another key signed"
        raise RefusedError(
            found, where="signature", expected=f"a signature of the key {fingerprint(key)}"
        ) from None


def _label(pem: bytes, where: str, *, expected: str) -> str:
    if not pem.strip():
        raise InputError("an empty file", where=where, expected=expected)
    labels = _LABEL.findall(pem)
    if not labels:
        raise InputError("not a PEM file", where=where, expected=expected)
    if len(labels) > 1:
        raise InputError(f"{len(labels)} PEM blocks", where=where, expected=f"only {expected}")
    return str(labels[0], "ascii")


def _described(label: str) -> str:
    kinds = {"PUBLIC KEY": "a public key", "CERTIFICATE": "a certificate"}
    if label in _PRIVATE:
        return "a private key"
    return kinds.get(label, f"a PEM block {label!r}")


def _kind(key: object) -> str:
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return f"an elliptic curve key on {key.curve.name}"
    name = type(key).__name__.removeprefix("_")
    return f"a key of the kind {name.removesuffix('PrivateKey').removesuffix('PublicKey')}"
