"""The entry of a transparency log in a bundle, read strictly; its truth is verified later.

Whoever verifies it reads it again, and more leniently: so nothing passes here that has two meanings
or that nobody vouches for, such as a time without the promise that it belongs to.

See: https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_rekor.proto
See: https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md
"""

from base64 import b64encode

from msgspec import Struct

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.errors import RefusedError
from aigf_dvc.lazy_pattern import lazy_pattern

MAX_BODY_BYTES = 16 * 2**20
_HASH_BYTES = 32
_MOST_HASHES = 64  # a tree with more levels than a 64-bit index has bits
_MOST_SIGNATURES = 16
_NUMBER = lazy_pattern(r"(?:0|[1-9][0-9]{0,18})\Z")  # fits in 63 bits, and in one spelling
_SIGNATURE = lazy_pattern(r"\N{EM DASH} \S+ [A-Za-z0-9+/]+={0,2}\Z")


class LogEntry(Struct, frozen=True, kw_only=True):
    """What a bundle says of its entry in a log."""

    log: bytes  # which log: the identifier of its key
    seconds: int | None  # when, by the log's promise, since 1970; None: it promises nothing


def read_log_entry(entry: Fields) -> LogEntry:
    """Read an entry that has one meaning only, and whose parts agree with each other.

    Raises:
        RefusedError: it has another form, or contradicts itself.
    """
    entry.only(
        "logIndex", "logId", "kindVersion", "integratedTime", "inclusionPromise",
        "inclusionProof", "canonicalizedBody",
    )  # fmt: skip
    promise = entry.optional_mapping("inclusionPromise")
    if promise is not None:
        promise.only("signedEntryTimestamp")
        promise.base64("signedEntryTimestamp")
    log = entry.mapping("logId")
    log.only("keyId")
    index = _number(entry, "logIndex")
    proof = entry.mapping("inclusionProof")
    proven = _proof(proof)
    # The promise covers the index of all shards of a log; without one only the proof does.
    if promise is None and index != proven:
        raise RefusedError(
            f"entry {index}, yet the proof is of {proven}", where=entry.at("logIndex")
        )
    _expect_kind(entry)
    return LogEntry(log=_hash(log, "keyId"), seconds=_seconds(entry, promised=promise is not None))


def _seconds(entry: Fields, *, promised: bool) -> int | None:
    seconds = _number(entry, "integratedTime")
    if promised is not (seconds > 0):
        raise RefusedError(
            "a time without the log's promise, or a promise without a time",
            where=entry.at("integratedTime"), expected="both or neither",
        )  # fmt: skip
    return seconds or None


def _proof(proof: Fields) -> int:
    proof.only("logIndex", "rootHash", "treeSize", "hashes", "checkpoint")
    index, size = _number(proof, "logIndex"), _number(proof, "treeSize")
    if index >= size:
        raise RefusedError(f"entry {index} of {size}", where=proof.at("logIndex"))
    texts = proof.texts("hashes") if "hashes" in proof.values else ()
    if len(texts) > _MOST_HASHES:
        raise RefusedError(
            f"{len(texts)} hashes", where=proof.at("hashes"), expected=f"at most {_MOST_HASHES}"
        )
    for place, text in enumerate(texts):
        _hash(Fields({"hash": text}, f"{proof.at('hashes')}[{place}]"), "hash")
    checkpoint = proof.mapping("checkpoint")
    checkpoint.only("envelope")
    _expect_checkpoint(checkpoint, size, _hash(proof, "rootHash"))
    return index


def _expect_checkpoint(checkpoint: Fields, size: int, root: bytes) -> None:
    """Refuse a signed note about another tree than the proof's, or with lines that nobody reads."""
    note, _, signatures = checkpoint.text("envelope").partition("\n\n")
    lines, signed = note.split("\n"), signatures.split("\n")
    if lines[1:3] != [str(size), b64encode(root).decode()]:
        raise RefusedError(
            "about another tree", where=checkpoint.at("envelope"),
            expected="the size and the root hash of the inclusion proof",
        )  # fmt: skip
    ends_well = signed.pop() == "" and 0 < len(signed) <= _MOST_SIGNATURES
    if not ends_well or not all(_SIGNATURE.match(line) for line in signed):
        raise RefusedError(
            "no signed note", where=checkpoint.at("envelope"),
            expected=f"1 to {_MOST_SIGNATURES} lines with a name and a signature",
        )  # fmt: skip


def _expect_kind(entry: Fields) -> None:
    """Refuse an entry whose body says that it is of another kind, or has two meanings."""
    kind = entry.mapping("kindVersion")
    kind.only("kind", "version")
    place = entry.at("canonicalizedBody")
    body = Fields.read(entry.base64("canonicalizedBody"), place, max_bytes=MAX_BODY_BYTES)
    if (body.text("kind"), body.text("apiVersion")) != (kind.text("kind"), kind.text("version")):
        raise RefusedError("of another kind", where=place, expected="the one of kindVersion")


def _number(fields: Fields, key: str) -> int:
    if key not in fields.values:
        return 0  # protobuf's JSON leaves zeros out, and empty lists
    text = fields.text(key)
    if not _NUMBER.match(text):
        raise RefusedError(
            f"{text!r:.100}", where=fields.at(key), expected="the digits of a whole number"
        )
    return int(text)


def _hash(fields: Fields, key: str) -> bytes:
    value = fields.base64(key)
    if len(value) != _HASH_BYTES:
        raise RefusedError(
            f"{len(value)} bytes", where=fields.at(key), expected=f"{_HASH_BYTES} bytes"
        )
    return value
