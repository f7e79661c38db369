"""Puts a key's signature into a transparency log: Rekor's first and second API.

See: https://github.com/sigstore/rekor/blob/main/openapi.yaml
See: https://github.com/sigstore/rekor-tiles/blob/main/CLIENTS.md
"""

import hashlib
import http.client
import json
import urllib.error
import urllib.request
from base64 import b64encode

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.canonical import Json
from aigf_dvc.errors import AigfError, InputError, UndecidedError
from aigf_dvc.redaction import redact_url
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import PAYLOAD_TYPE, pae
from aigf_dvc.signing.key_kinds import PublicKey
from aigf_dvc.signing.public_form import public_der, public_pem
from aigf_dvc.signing.transparency import check_body

_MAX_BYTES = 4 * 2**20
_SECONDS = 60  # Rekor v2 answers only once the entry is in the tree
_DETAILS = {
    key_kinds.P256: "PKIX_ECDSA_P256_SHA_256",
    key_kinds.P384: "PKIX_ECDSA_P384_SHA_384",
    key_kinds.P521: "PKIX_ECDSA_P521_SHA_512",
}


def log_signature(
    payload: bytes, signature: bytes, key: PublicKey, *, url: str, version: int
) -> dict[str, Json]:
    """Put a signature into a log; return the entry as a bundle carries it.

    Args:
        payload: the statement.
        signature: of the key.
        key: the public key.
        url: of the log.
        version: of Rekor's API: 1 or 2.

    Raises:
        InputError: the URL is none, or the log takes no such key.
        UndecidedError: the log did not take it, or answers with something else.
    """
    if not url.startswith(("http://", "https://")):
        raise InputError(repr(redact_url(url)), where="--log-url", expected="an http or https URL")
    asked = (
        _about_envelope(payload, signature, key)
        if version == 1
        else _about_digest(payload, signature, key)
    )
    where = redact_url(url)
    answer = _post(f"{url.rstrip('/')}/api/v{version}/log/entries", asked, where)
    try:
        read = Fields.read(answer, "answer", max_bytes=_MAX_BYTES)
        entry = _from_v1(read) if version == 1 else dict(read.values)
        check_body(Fields.of(entry, "answer"), payload, signature, key)
    except (AigfError, ValueError) as error:
        raise UndecidedError(
            f"the log's answer is no entry about this signature: {error}", where=where
        ) from None
    return entry


def _about_envelope(payload: bytes, signature: bytes, key: PublicKey) -> Json:
    envelope = {
        "payload": _text(payload),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"sig": _text(signature), "keyid": ""}],
    }
    verifiers: Json = [_text(public_pem(key))]
    proposed: Json = {"envelope": json.dumps(envelope), "verifiers": verifiers}
    return {"apiVersion": "0.0.1", "kind": "dsse", "spec": {"proposedContent": proposed}}


def _about_digest(payload: bytes, signature: bytes, key: PublicKey) -> Json:
    kind = key_kinds.kind_of(key)
    if kind is None or kind.name not in _DETAILS:
        raise InputError(
            "a log of Rekor v2 takes no Ed25519 signature", where="--log-version",
            expected="an ECDSA key, or --log-version 1",
        )  # fmt: skip
    raw = _text(public_der(key))
    verifier: Json = {"publicKey": {"rawBytes": raw}, "keyDetails": _DETAILS[kind.name]}
    return {
        "hashedRekordRequestV002": {
            "digest": _text(hashlib.new(key_kinds.HASHES[kind.name], pae(payload)).digest()),
            "signature": {"content": _text(signature), "verifier": verifier},
        }
    }


def _from_v1(answer: Fields) -> dict[str, Json]:
    """Return the one entry of an answer of Rekor v1, in the form of a bundle."""
    (name,) = answer.values
    logged = answer.mapping(name)
    verification = logged.mapping("verification")
    proof = verification.mapping("inclusionProof")
    body = Fields.read(logged.base64("body"), "answer", max_bytes=_MAX_BYTES)
    return {
        "logIndex": str(logged.values["logIndex"]),
        "logId": {"keyId": _text(bytes.fromhex(logged.text("logID")))},
        "kindVersion": {"kind": body.text("kind"), "version": body.text("apiVersion")},
        "integratedTime": str(logged.values["integratedTime"]),
        "inclusionPromise": {"signedEntryTimestamp": verification.text("signedEntryTimestamp")},
        "inclusionProof": {
            "logIndex": str(proof.values["logIndex"]),
            "rootHash": _text(bytes.fromhex(proof.text("rootHash"))),
            "treeSize": str(proof.values["treeSize"]),
            "hashes": [_text(bytes.fromhex(item)) for item in proof.texts("hashes")],
            "checkpoint": {"envelope": proof.text("checkpoint")},
        },
        "canonicalizedBody": logged.text("body"),
    }


def _post(url: str, document: Json, where: str) -> bytes:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    asked = urllib.request.Request(url, json.dumps(document).encode(), headers)  # noqa: S310  # checked above
    try:
        with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:  # noqa: S310  # checked above
            data: bytes = answer.read(_MAX_BYTES + 1)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        words = " ".join(str(reason).split()) or type(error).__name__
        raise UndecidedError(
            f"the transparency log did not take the signature: {words}", where=where
        ) from None
    return data


def _text(data: bytes) -> str:
    return b64encode(data).decode()
