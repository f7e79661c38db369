"""A Sigstore bundle signed with a bare key, written by hand from the specifications.

See: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
See: https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto
"""

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREDICATE_TYPE = "https://example.com/test/v1"

Json = dict[str, Any]  # Any: a document that tests edit at will


def statement_about(artifact: bytes, *, name: str) -> bytes:
    """Return an in-toto statement whose one subject is `artifact`."""
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": hashlib.sha256(artifact).hexdigest()}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {"verdict": "denied"},
    }
    return json.dumps(statement).encode()


def signed_bundle(key: ec.EllipticCurvePrivateKey, payload: bytes) -> Json:
    """Return a bundle of version 0.3 with one signature, no log entry and no timestamp."""
    signature = key.sign(_pre_authentication_encoding(payload), ec.ECDSA(hashes.SHA256()))
    hint = base64.b64encode(hashlib.sha256(_public_der(key)).digest()).decode()
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": hint}},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": base64.b64encode(signature).decode()}],
        },
    }


def public_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public key as PEM."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _public_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _pre_authentication_encoding(payload: bytes) -> bytes:
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
