"""Who signed some bytes, as a trust file names them."""

from dataclasses import dataclass

from aigf_dvc.attestation.trust import Period
from aigf_dvc.attestation.verification import SignerFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who signed some bytes, as the trust file names them, and what proves it."""

    name: str
    period: Period  # of the key or identity
    facts: SignerFacts
