"""The entry of a transparency log about a key's signature: verified offline, without sigstore.

See: https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_rekor.proto
"""

import hashlib
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography.hazmat.primitives import serialization
from msgspec import Struct

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.canonical import Json, dumps
from aigf_dvc.errors import AigfError, InputError, RefusedError
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import Bundle, pae
from aigf_dvc.signing.key_kinds import PublicKey
from aigf_dvc.signing.log_proof import (
    Inclusion,
    is_signed,
    verify_checkpoint,
    verify_inclusion,
)
from aigf_dvc.signing.public_form import public_der
from aigf_dvc.signing.trusted_root import log_with, read_trusted_root

_MAX_BYTES = 1 * 2**20
_WHERE = "log entry"
_KNOWN = (
    "logIndex", "logId", "kindVersion", "integratedTime", "inclusionPromise", "inclusionProof",
    "canonicalizedBody",
)  # fmt: skip


class Logged(Struct, frozen=True, kw_only=True):
    """What a log's entry proves."""

    time: datetime | None  # None: this log tells no time (Rekor v2)


def verify_logged(bundle: Bundle, key: PublicKey, trusted_root: bytes) -> Logged:
    """Verify that a log, which a trusted root names, holds the signature of a bundle.

    Raises:
        InputError: the trusted root cannot be read.
        RefusedError: there is no such entry, or it is about something else.
    """
    root = read_trusted_root(trusted_root, where="trusted root")
    entry = _entry(bundle)
    check_body(entry, bundle.payload, bundle.signature, key)
    log_id = entry.mapping("logId").base64("keyId")
    log = log_with(root, log_id)
    log_key = _log_key(log.key)
    inclusion, checkpoint = _proof(entry.mapping("inclusionProof"))
    verify_inclusion(entry.base64("canonicalizedBody"), inclusion)
    verify_checkpoint(checkpoint, inclusion, key=log_key, log_id=log_id)
    time = _promised_time(entry, log_key, log_id)
    if not log.covers(time):
        when = "at an unproven time" if time is None else f"at {time.isoformat()}"
        raise RefusedError(f"this log was not trusted {when}", where="trusted root")
    return Logged(time=time)


def check_body(entry: Fields, payload: bytes, signature: bytes, key: PublicKey) -> None:
    """Check that a log's entry is about this signature by this key, and nothing else.

    Raises:
        RefusedError: it is about something else.
    """
    body = Fields.read(entry.base64("canonicalizedBody"), _WHERE, max_bytes=_MAX_BYTES)
    kind = (body.text("kind"), body.text("apiVersion"))
    named = entry.mapping("kindVersion")
    if kind != (named.text("kind"), named.text("version")):
        raise RefusedError(f"another kind than it says: {kind[0]!r:.50}", where=_WHERE)
    found = _BODIES.get(kind)
    if found is None:
        raise RefusedError(
            f"an entry of the kind {kind[0]!r:.50} {kind[1]!r:.50}", where=_WHERE,
            expected="dsse 0.0.1 or hashedrekord 0.0.2",
        )  # fmt: skip
    digest, signed, by = found(body.mapping("spec"))
    expected = _signed_digest(payload, key) if kind[0] == "hashedrekord" else _sha256(payload)
    if digest != expected:
        raise RefusedError("it is about another statement", where=_WHERE)
    if signed != signature:
        raise RefusedError("it is about another signature", where=_WHERE)
    if by != _der(key):
        raise RefusedError("it is about another key", where=_WHERE)


def _entry(bundle: Bundle) -> Fields:
    material = Fields.of(dict(bundle.document), "bundle").mapping("verificationMaterial")
    entries = material.objects("tlogEntries") if "tlogEntries" in material.values else ()
    if len(entries) != 1:
        raise RefusedError(
            f"{len(entries)} log entries", where="bundle",
            expected="one, as you demand a transparency log",
        )  # fmt: skip
    entries[0].only(*_KNOWN)
    return entries[0]


def _dsse(spec: Fields) -> tuple[bytes, bytes, bytes]:
    """Return digest, signature and key of Rekor v1's entry about an envelope."""
    payload = spec.mapping("payloadHash")
    signatures = spec.objects("signatures")
    if payload.text("algorithm") != "sha256" or len(signatures) != 1:
        raise RefusedError("not one signature and SHA-256", where=_WHERE)
    pem = signatures[0].base64("verifier")
    try:
        return (
            bytes.fromhex(payload.text("value")),
            signatures[0].base64("signature"),
            _der(serialization.load_pem_public_key(pem)),
        )
    except (ValueError, TypeError):
        raise RefusedError("it is about no key, or no digest", where=_WHERE) from None


def _hashed(spec: Fields) -> tuple[bytes, bytes, bytes]:
    """Return digest, signature and key of Rekor v2's entry."""
    content = spec.mapping("hashedRekordV002")
    signature = content.mapping("signature")
    return (
        content.mapping("data").base64("digest"),
        signature.base64("content"),
        signature.mapping("verifier").mapping("publicKey").base64("rawBytes"),
    )


_BODIES = {("dsse", "0.0.1"): _dsse, ("hashedrekord", "0.0.2"): _hashed}


def _signed_digest(payload: bytes, key: PublicKey) -> bytes:
    """Return what a key of this kind signs of a statement: a digest of its envelope's encoding."""
    kind = key_kinds.kind_of(key)
    name = key_kinds.HASHES.get(kind.name, "sha256") if kind is not None else "sha256"
    return hashlib.new(name, pae(payload)).digest()


def _sha256(payload: bytes) -> bytes:
    return hashlib.sha256(payload).digest()


def _der(key: object) -> bytes:
    if not isinstance(key, PublicKey) or key_kinds.kind_of(key) is None:
        raise RefusedError("it is about another kind of key", where=_WHERE)
    return public_der(key)


def _log_key(der: bytes) -> PublicKey:
    try:
        key = serialization.load_der_public_key(der)
    except ValueError:
        key = None
    if not isinstance(key, PublicKey) or key_kinds.kind_of(key) is None:
        raise InputError("the key of the log cannot be used", where="trusted root: tlogs")
    return key


def _proof(proof: Fields) -> tuple[Inclusion, str]:
    proof.only("logIndex", "rootHash", "treeSize", "hashes", "checkpoint")
    hashes = proof.texts("hashes") if "hashes" in proof.values else ()
    try:
        path = tuple(b64decode(item, validate=True) for item in hashes)
    except ValueError:
        raise RefusedError("its hashes are no base64", where=_WHERE) from None
    inclusion = Inclusion(
        index=_number(proof, "logIndex"),
        tree_size=_number(proof, "treeSize"),
        root=proof.base64("rootHash"),
        path=path,
    )
    return inclusion, proof.mapping("checkpoint").text("envelope")


def _promised_time(entry: Fields, key: PublicKey, log_id: bytes) -> datetime | None:
    """Return when a log of Rekor v1 promised to take the entry, once its promise is verified."""
    promise = entry.optional_mapping("inclusionPromise")
    if promise is None:
        return None  # a time that nobody signed is no time
    seconds = _number(entry, "integratedTime")
    promised: Mapping[str, Json] = {
        "body": entry.text("canonicalizedBody"),
        "integratedTime": seconds,
        "logID": log_id.hex(),
        "logIndex": _number(entry, "logIndex"),
    }
    try:
        message = dumps(dict(promised))
        time = datetime.fromtimestamp(seconds, tz=UTC)
    except (AigfError, ValueError, OverflowError, OSError):
        raise RefusedError("a time or place out of all bounds", where=_WHERE) from None
    if not is_signed(message, promise.base64("signedEntryTimestamp"), key):
        raise RefusedError("the log did not promise this entry at this time", where=_WHERE)
    return time


def _number(fields: Fields, key: str) -> int:
    """Return a 64-bit number, which JSON of protobuf writes as a text; 0 is left out."""
    text = fields.any_text(key) if key in fields.values else "0"
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(2**63))):
        raise RefusedError(f"{text!r:.50}", where=fields.at(key), expected="a number")
    return int(text)
