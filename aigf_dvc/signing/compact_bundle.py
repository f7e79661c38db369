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
    sig: _Text
    keyid: Literal[""]


class _Envelope(_Wire, frozen=True):
    payload: Literal["0"]  # the first that was lifted
    payload_type: Literal["application/vnd.in-toto+json"]
    signatures: tuple[_Signature]


class _Bundle(_Wire, frozen=True):
    media_type: Literal["application/vnd.dev.sigstore.bundle.v0.3+json"]
    verification_material: _Material
    dsse_envelope: _Envelope


_DECODER = decoder_of(_Bundle)


def hint_and_signature(lifted: bytes) -> tuple[str, bytes] | None:
    """Return what a bundle of this form says beside its payload; None for any other, good or bad.

    Args:
        lifted: the bundle, without its payload; see `attestation.lifted`.
    """
    found = read_compact(lifted, _DECODER)
    signature = from_base64(found.dsse_envelope.signatures[0].sig) if found is not None else None
    if found is None or not signature:
        return None
    return found.verification_material.public_key.hint, signature
