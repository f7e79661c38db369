"""A signature that was verified: over which bytes, and by whom."""

from dataclasses import dataclass

from aigf_dvc.attestation.verification import SignerFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedSignature:
    """The bytes that were signed, and what the signature proves about the signer."""

    payload: bytes
    signer: SignerFacts
