"""Sigstore bundles of version 0.3 that carry one signed in-toto statement: read and written.

See: https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto
See: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import cast

from msgspec import Struct

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.lifted import read_lifted
from aigf_dvc.canonical import Json, decoder_of, demand_bounded
from aigf_dvc.digests import Sha2
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.signing.compact_bundle import KeyBundle, read_key_bundle
from aigf_dvc.signing.log_entry import LogEntry, read_log_entry

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_OLDER_TYPES = tuple(f"application/vnd.dev.sigstore.bundle+json;version=0.{n}" for n in (1, 2))
_MEDIA_TYPES = (MEDIA_TYPE, "application/vnd.dev.sigstore.bundle+json;version=0.3")
PAYLOAD_TYPE = "application/vnd.in-toto+json"
_ALGORITHMS = {"SHA2_256": Sha2.SHA256, "SHA2_384": Sha2.SHA384, "SHA2_512": Sha2.SHA512}
MAX_BYTES = 32 * 2**20
MOST_TIMESTAMPS = 4
MOST_LOG_ENTRIES = 4
_MOST_CERTIFICATES = 8
_WHERE = "bundle"
_ANY = decoder_of(object)


class SignedBlob(Struct, frozen=True, kw_only=True):
    """Bare bytes that were signed, known by their digest only."""

    algorithm: Sha2
    digest: bytes


class Bundle(Struct, frozen=True, kw_only=True):
    """One signature, as a rule over one statement; nothing of it is verified yet."""

    payload: bytes  # the statement; empty where bare bytes were signed
    blob: SignedBlob | None  # None: a statement was signed
    signature: bytes
    key_hint: str | None  # which key signed, in the signer's own spelling; None: a certificate
    certificate: bytes | None  # DER; None: a key signed
    timestamps: tuple[bytes, ...]  # RFC 3161, DER
    log_entries: tuple[LogEntry, ...]
    media_type: str
    data: bytes | memoryview  # that it was read from

    @property
    def document(self) -> Mapping[str, Json]:
        """Return the bundle as JSON; few ask for more of it than stands here."""
        return Fields.read(bytes(self.data), _WHERE, max_bytes=MAX_BYTES).values


def pae(payload: bytes) -> bytes:
    """Return the bytes that a DSSE signature is made over (pre-authentication encoding)."""
    return b"".join(pae_parts(payload))


def pae_parts(payload: bytes) -> tuple[bytes, bytes]:
    """Return the same bytes in two parts, of which the second is the payload itself."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d " % (len(kind), kind, len(payload)), payload


def claimed_key(bundle: Bundle) -> str:
    """Return what a bundle says of its key, in the words of every command.

    It is the bundle's own claim, which its signature does not cover, and no fingerprint: who shows
    it says beside it that nobody verified it.
    """
    return f"key hint {bundle.key_hint or '':.100}"


def write_key_bundle(
    payload: bytes,
    signature: bytes,
    *,
    hint: str,
    stamp: bytes | None = None,
    entry: Mapping[str, Json] | None = None,
) -> bytes:
    """Return the bundle of a statement that a key signed.

    Args:
        payload: the statement.
        signature: of the key.
        hint: which key, in the signer's own spelling.
        stamp: an RFC 3161 timestamp of the signature, DER; None: nobody says when it was made.
        entry: a transparency log's, about the signature; None: it stands in no log.
    """
    entries = [dict(entry)] if entry is not None else []
    material: dict[str, object] = {"publicKey": {"hint": hint}, "tlogEntries": entries}
    return _write(material | (_stamped(stamp) if stamp else {}), payload, signature)


def write_certificate_bundle(
    payload: bytes, signature: bytes, *, certificate: bytes, stamp: bytes
) -> bytes:
    """Return the bundle of a statement that a certificate's key signed.

    Args:
        payload: the statement.
        signature: of the key.
        certificate: DER, without its chain, as version 0.3 wants it.
        stamp: an RFC 3161 timestamp of the signature, DER.
    """
    material: dict[str, object] = {
        "certificate": {"rawBytes": b64encode(certificate).decode()},
        "tlogEntries": [],
    }
    return _write(material | _stamped(stamp), payload, signature)


def _stamped(stamp: bytes) -> dict[str, object]:
    timestamps = [{"signedTimestamp": b64encode(stamp).decode()}]
    return {"timestampVerificationData": {"rfc3161Timestamps": timestamps}}


def _write(material: Mapping[str, object], payload: bytes, signature: bytes) -> bytes:
    document = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": material,
        "dsseEnvelope": {
            "payload": b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": b64encode(signature).decode(), "keyid": ""}],
        },
    }
    return json.dumps(document, separators=(",", ":")).encode()


@lru_cache(maxsize=1)  # several parts of a program ask for one bundle
def parse_bundle(data: bytes) -> Bundle:
    """Read the bundle of a statement as `read_bundle` does, and remember the last one.

    Raises:
        RefusedError: the bytes are no such bundle.
    """
    return read_bundle(data)


def read_bundle(data: bytes | memoryview) -> Bundle:
    """Read the bundle of a statement strictly: one meaning only, or none.

    Raises:
        RefusedError: the bytes are no such bundle.
    """
    bundle = parse_any_bundle(data)
    if bundle.media_type not in _MEDIA_TYPES:
        raise _other_type(bundle.media_type)
    if bundle.blob is not None:
        raise RefusedError(
            "a signature over bare bytes", where=_WHERE, expected="a signed statement: dsseEnvelope"
        )
    return bundle


def parse_any_bundle(data: bytes | memoryview) -> Bundle:
    """Read the bundle of a statement, or of bare bytes, as strictly; of older versions, too.

    Raises:
        RefusedError: the bytes are no such bundle.
    """
    common = read_key_bundle(data) if len(data) <= MAX_BYTES else None
    return _by_key_alone(data, common) if common is not None else _any_bundle(bytes(data))


def _any_bundle(data: bytes) -> Bundle:
    if not data.strip():
        raise RefusedError("an empty file", where=_WHERE, expected="a Sigstore bundle")
    compact = _compact(data) if len(data) <= MAX_BYTES else None
    if compact is None:
        compact = _bundle(data, Fields.read(data, _WHERE, max_bytes=MAX_BYTES))
    return compact


def _compact(data: bytes) -> Bundle | None:
    """Return a bundle in the form that tools write it in, in half the time; or None."""
    lifted = read_lifted(data, "payload", _ANY)
    if lifted is None or len(lifted[1]) != 1:
        return None
    value, payload = cast("Json", lifted[0]), lifted[1][0].content
    try:
        demand_bounded(value)
        return _bundle(data, Fields.of(value, _WHERE), payload)
    except (RefusedError, UndecidedError):
        return None  # the bundle as it is is read again, to say what is wrong and where


def _by_key_alone(data: bytes | memoryview, found: KeyBundle) -> Bundle:
    return Bundle(
        payload=found.payload,
        blob=None,
        signature=found.signature,
        key_hint=found.hint,
        certificate=None,
        timestamps=(),
        log_entries=(),
        media_type=MEDIA_TYPE,
        data=data,
    )


def _bundle(data: bytes, top: Fields, lifted: bytes | None = None) -> Bundle:
    """Return a bundle; a lifted payload stands in the place of the one text under that key."""
    if top.text("mediaType") not in (*_MEDIA_TYPES, *_OLDER_TYPES):
        raise _other_type(top.text("mediaType"))
    top.only("mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature")
    if ("dsseEnvelope" in top.values) == ("messageSignature" in top.values):
        raise RefusedError(
            "both or neither of dsseEnvelope and messageSignature", where=_WHERE,
            expected="one of them",
        )  # fmt: skip
    material = top.mapping("verificationMaterial")
    older = top.text("mediaType") in _OLDER_TYPES
    hint, certificate = _material(material, "x509CertificateChain" if older else "certificate")
    payload, blob = b"", None
    if "dsseEnvelope" in top.values:
        payload, signature = _envelope(top.mapping("dsseEnvelope"), lifted)
    else:
        blob, signature = _message(top.mapping("messageSignature"))
    return Bundle(
        payload=payload,
        blob=blob,
        signature=signature,
        key_hint=hint,
        certificate=certificate,
        timestamps=_timestamps(material),
        log_entries=_log_entries(material),
        media_type=top.text("mediaType"),
        data=data,
    )


def _other_type(found: str) -> RefusedError:
    return RefusedError(f"{found!r:.100}", where=f"{_WHERE}.mediaType", expected=MEDIA_TYPE)


def _material(material: Fields, signer: str) -> tuple[str | None, bytes | None]:
    material.only("publicKey", signer, "tlogEntries", "timestampVerificationData")
    if ("publicKey" in material.values) == (signer in material.values):
        raise RefusedError(
            f"both or neither of publicKey and {signer}", where=material.where,
            expected="one of them",
        )  # fmt: skip
    if "publicKey" in material.values:
        key = material.mapping("publicKey")
        key.only("hint")
        return key.text("hint"), None
    certificate = material.mapping(signer)
    if signer != "certificate":
        certificate.only("certificates")
        chain = _few(certificate, "certificates", _MOST_CERTIFICATES, "certificates")
        if not chain:
            raise RefusedError("no certificate", where=certificate.where, expected="the signer's")
        certificate = chain[0]  # the others are not trusted, and not needed
    certificate.only("rawBytes")
    return None, certificate.base64("rawBytes")


def _envelope(envelope: Fields, lifted: bytes | None) -> tuple[bytes, bytes]:
    envelope.only("payload", "payloadType", "signatures")
    kind = envelope.text("payloadType")
    if kind != PAYLOAD_TYPE:
        raise RefusedError(
            f"{kind!r:.100}", where=envelope.at("payloadType"), expected=PAYLOAD_TYPE
        )
    signatures = envelope.objects("signatures")
    if len(signatures) != 1:
        raise RefusedError(
            f"{len(signatures)} signatures", where=envelope.at("signatures"), expected="one"
        )
    signatures[0].only("sig", "keyid")
    if "keyid" in signatures[0].values:
        signatures[0].any_text("keyid")  # a hint that nobody follows
    signature = signatures[0].base64("sig")
    payload = lifted if lifted and envelope.text("payload") else envelope.base64("payload")
    if not payload or not signature:
        raise RefusedError("no payload, or no sig", where=envelope.where, expected="both")
    return payload, signature


def _message(message: Fields) -> tuple[SignedBlob, bytes]:
    message.only("messageDigest", "signature")
    digest = message.mapping("messageDigest")
    digest.only("algorithm", "digest")
    algorithm = _ALGORITHMS.get(digest.text("algorithm"))
    if algorithm is None:
        raise RefusedError(
            f"{digest.text('algorithm')!r:.100}", where=digest.at("algorithm"),
            expected=", ".join(_ALGORITHMS),
        )  # fmt: skip
    blob = SignedBlob(algorithm=algorithm, digest=digest.base64("digest"))
    signature = message.base64("signature")
    if len(blob.digest) != algorithm.size_bytes or not signature:
        raise RefusedError(
            "a digest of another length, or no signature", where=message.where, expected="both"
        )
    return blob, signature


def _timestamps(material: Fields) -> tuple[bytes, ...]:
    data = material.optional_mapping("timestampVerificationData")
    if data is None or not data.values:
        return ()
    data.only("rfc3161Timestamps")
    stamps = _few(data, "rfc3161Timestamps", MOST_TIMESTAMPS, "timestamps")
    for stamp in stamps:
        stamp.only("signedTimestamp")
    found = tuple(stamp.base64("signedTimestamp") for stamp in stamps)
    if len(set(found)) != len(found):
        raise RefusedError("a timestamp stands twice", where=data.at("rfc3161Timestamps"))
    return found


def _log_entries(material: Fields) -> tuple[LogEntry, ...]:
    if "tlogEntries" not in material.values:
        return ()
    entries = _few(material, "tlogEntries", MOST_LOG_ENTRIES, "log entries")
    return tuple(read_log_entry(entry) for entry in entries)


def _few(fields: Fields, key: str, most: int, noun: str) -> tuple[Fields, ...]:
    items = fields.objects(key)
    if len(items) > most:
        raise RefusedError(f"{len(items)} {noun}", where=fields.at(key), expected=f"at most {most}")
    return items


def split_bundles(data: bytes) -> tuple[bytes, ...]:
    """Return the bundles of a file: one alone, or one a line (JSON Lines)."""
    return tuple(map(bytes, view_bundles(data)))


def view_bundles(data: bytes) -> tuple[memoryview, ...]:
    """Return the bundles of a file without a copy of each: a thousand would fill the memory anew.

    There is one alone, or one a line (JSON Lines).
    """
    found = []
    for line in _lines(data):
        ends = bytes((line[0], line[-1]))
        if ends != b"{}":
            text = bytes(line).strip()
            if not text:
                continue
            ends = text[:1] + text[-1:]
        if ends != b"{}":
            return (memoryview(data),)
        found.append(line)
    return tuple(found) if len(found) > 1 else (memoryview(data),)


def _lines(data: bytes) -> Iterator[memoryview]:
    """Yield the lines that are not empty; where only line feeds end them, without a copy."""
    if b"\r" in data:
        yield from (memoryview(line) for line in data.splitlines() if line)
        return
    whole, at, size = memoryview(data), 0, len(data)
    while at < size:
        end = data.find(b"\n", at)
        end = size if end < 0 else end
        if end > at:
            yield whole[at:end]
        at = end + 1


def join_bundles(bundles: Iterable[bytes]) -> bytes:
    """Return several bundles as one JSON Lines file; each keeps its meaning, not its layout."""
    lines = (json.dumps(json.loads(bundle), separators=(",", ":")).encode() for bundle in bundles)
    return b"".join(line + b"\n" for line in lines)
