"""What signs, and a signature that was verified: over which bytes, and by whom."""

from collections.abc import Callable

from msgspec import Struct

from aigf_dvc.attestation.verification import SignerFacts

Signer = Callable[[bytes], bytes]
"""Takes a statement's bytes, returns a Sigstore bundle with these very bytes, signed."""


class VerifiedSignature(Struct, frozen=True, kw_only=True):
    """The bytes that were signed, and what the signature proves about the signer."""

    payload: bytes  # empty where bare bytes were signed
    signer: SignerFacts
