"""Rekor: a transparency log with a real Merkle tree, in the shapes of its first and second API."""

import base64
import datetime as dt
import hashlib
import json
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

import rfc8785

from tests.local_sigstore.keys import SigningKey
from tests.local_sigstore.merkle import inclusion_proof, leaf_hash, root_hash

Json = dict[str, Any]  # Any: parsed JSON; the request's shape is the client's affair


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """Where one entry stands in the log, and the proof of it."""

    index: int
    tree_size: int
    root: bytes
    path: tuple[bytes, ...]
    checkpoint: str


@dataclass(slots=True, kw_only=True, eq=False)
class TransparencyLog:
    """An append-only log that signs a checkpoint of its tree after each entry.

    Attributes:
        name: who signs the checkpoint; sigstore-js and sigstore-go want the host of the log's
            address here, without the port.
        origin: first line of the checkpoint; sigstore-go wants it equal to `name` for Rekor v2.
    """

    name: str
    origin: str
    key: SigningKey = field(default_factory=SigningKey.generate)
    _leaves: list[bytes] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def append(self, entry: bytes) -> Inclusion:
        """Add one entry; safe from several threads."""
        with self._lock:
            self._leaves.append(leaf_hash(entry))
            leaves = tuple(self._leaves)
        index, root = len(leaves) - 1, root_hash(leaves)
        return Inclusion(
            index=index,
            tree_size=len(leaves),
            root=root,
            path=inclusion_proof(index, leaves),
            checkpoint=self._checkpoint(len(leaves), root),
        )

    def _checkpoint(self, tree_size: int, root: bytes) -> str:
        """Return a signed note. See: https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md."""
        note = f"{self.origin}\n{tree_size}\n{_base64(root)}\n"
        signature = self.key.identifier[:4] + self.key.sign(note.encode())
        return f"{note}\n\N{EM DASH} {self.name} {_base64(signature)}\n"


def answer_v1(log: TransparencyLog, body: bytes) -> bytes:
    """Answer `POST /api/v1/log/entries`, with a signed promise and the proof of inclusion."""
    proposed = json.loads(body)
    if proposed["kind"] == "dsse":
        proposed["spec"] = _logged_envelope(proposed["spec"]["proposedContent"])
    entry = rfc8785.dumps(proposed)
    inclusion = log.append(entry)
    logged: Json = {
        "body": _base64(entry),
        "integratedTime": int(dt.datetime.now(dt.UTC).timestamp()),
        "logID": log.key.identifier.hex(),
        "logIndex": inclusion.index,
    }
    promise = log.key.sign(rfc8785.dumps(logged))
    logged["verification"] = {
        "inclusionProof": {
            "checkpoint": inclusion.checkpoint,
            "hashes": [item.hex() for item in inclusion.path],
            "logIndex": inclusion.index,
            "rootHash": inclusion.root.hex(),
            "treeSize": inclusion.tree_size,
        },
        "signedEntryTimestamp": _base64(promise),
    }
    return json.dumps({secrets.token_hex(32): logged}).encode()


def answer_v2(log: TransparencyLog, body: bytes) -> bytes:
    """Answer `POST /api/v2/log/entries`; this log has no clock, so the entry holds no time."""
    request = json.loads(body)["hashedRekordRequestV002"]
    kind, version = "hashedrekord", "0.0.2"
    content = {
        "data": {"algorithm": "SHA2_256", "digest": request["digest"]},
        "signature": request["signature"],
    }
    entry = rfc8785.dumps(
        {"apiVersion": version, "kind": kind, "spec": {"hashedRekordV002": content}}
    )
    inclusion = log.append(entry)
    return json.dumps(
        {
            "logIndex": str(inclusion.index),
            "logId": {"keyId": _base64(log.key.identifier)},
            "kindVersion": {"kind": kind, "version": version},
            "inclusionProof": {
                "logIndex": str(inclusion.index),
                "rootHash": _base64(inclusion.root),
                "treeSize": str(inclusion.tree_size),
                "hashes": [_base64(item) for item in inclusion.path],
                "checkpoint": {"envelope": inclusion.checkpoint},
            },
            "canonicalizedBody": _base64(entry),
        }
    ).encode()


def _logged_envelope(proposed: Json) -> Json:
    """Return what Rekor v1 keeps of a DSSE envelope: its hashes and who signed, not its content."""
    envelope_text = proposed["envelope"]
    envelope = json.loads(envelope_text)
    signatures = zip(envelope["signatures"], proposed["verifiers"], strict=True)
    return {
        "envelopeHash": _sha256(envelope_text.encode()),
        "payloadHash": _sha256(base64.b64decode(envelope["payload"])),
        "signatures": [
            {"signature": signature["sig"], "verifier": verifier}
            for signature, verifier in signatures
        ],
    }


def _sha256(content: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
