"""Public keys: read, named, and verified with."""

import hashlib
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from aigf_dvc.canonical import Json
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import Bundle, parse_bundle, write_key_bundle
from aigf_dvc.signing.key_files import KINDS, PUBLIC, demand_label, told_kind
from aigf_dvc.signing.key_kinds import PublicKey
from aigf_dvc.signing.public_form import public_der, public_pem, usual_key
from aigf_dvc.signing.signed import verify_signed


def load_public_key(pem: bytes, *, where: str) -> PublicKey:
    """Read a public key.

    Raises:
        InputError: the file holds none, or one of another kind.
    """
    return usual_key(pem) or _other_key(pem, where)


def _other_key(pem: bytes, where: str) -> PublicKey:
    """Read a key in any of its forms, or say what it is."""
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415  # slow to load
        load_pem_public_key,
    )

    expected = "a public key in PEM form"
    demand_label(pem, PUBLIC, where=where, expected=expected)
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise InputError("damaged PEM", where=where, expected=expected) from None
    if not isinstance(key, PublicKey) or key_kinds.kind_of(key) is None:
        raise InputError(told_kind(key), where=where, expected=KINDS)
    return key


def key_hint(key: PublicKey) -> str:
    """Return the name of a key in a bundle: SHA-256 of its PEM, as OpenSSF Model Signing has it."""
    return hashlib.sha256(public_pem(key)).hexdigest()


def fingerprint(key: PublicKey) -> str:
    """Return the name of a key for people: the SHA-256 of its DER, as OpenSSL and Sigstore say."""
    return f"sha256:{hashlib.sha256(public_der(key)).hexdigest()}"


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
