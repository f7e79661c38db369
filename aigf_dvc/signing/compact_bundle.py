"""The JSON of a bundle that a key alone signed, as `bundle.write_key_bundle` writes it.

Nearly every bundle that a judge has by the thousand is one; any other form is read otherwise.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from aigf_dvc.attestation.fields import from_base64
from aigf_dvc.canonical import decoder_of, read_compact

_Text = Annotated[str, Meta(min_length=1)]


class _Wire(Struct, frozen=True, gc=False, rename="camel"):
    """One JSON object; its fields stand in the order in which they are written."""


class _PublicKey(_Wire, frozen=True):
    hint: _Text


class _Material(_Wire, frozen=True):
    public_key: _PublicKey
    tlog_entries: Annotated[tuple[str, ...], Meta(max_length=0)]


class _Signature(_Wire, frozen=True):
    sig: str
    keyid: Literal[""]


class _Envelope(_Wire, frozen=True):
    payload: Literal["0"]  # in the place of the base64
    payload_type: Literal["application/vnd.in-toto+json"]
    signatures: tuple[_Signature]


class _Bundle(_Wire, frozen=True):
    media_type: Literal["application/vnd.dev.sigstore.bundle.v0.3+json"]
    verification_material: _Material
    dsse_envelope: _Envelope


class KeyBundle(Struct, frozen=True, kw_only=True):
    """What such a bundle says."""

    payload: bytes
    signature: bytes
    hint: str


_DECODER = decoder_of(_Bundle)
_MARK = b'"payload":"'
_HEAD, _TAIL = 512, 1024  # bytes that hold all but the payload, and of that the beginning and end


def read_key_bundle(data: bytes | memoryview) -> KeyBundle | None:
    """Return what a bundle of this form says, or None for any other, good or bad.

    A thousand stand in one file: only the ends of each are copied and searched. That nothing but
    base64 stands between them shows when it is decoded.
    """
    view = memoryview(data)
    head, tail = bytes(view[:_HEAD]), bytes(view[-_TAIL:])
    start, end = head.find(_MARK) + len(_MARK), tail.find(b'"')
    found = read_compact(b"%b0%b" % (head[:start], tail[end:]), _DECODER)
    if found is None:
        return None
    payload = from_base64(view[start : len(view) - len(tail) + end])
    signature = from_base64(found.dsse_envelope.signatures[0].sig)
    if not payload or not signature:
        return None
    hint = found.verification_material.public_key.hint
    return KeyBundle(payload=payload, signature=signature, hint=hint)
