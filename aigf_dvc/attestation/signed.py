"""Who signed some bytes, as a trust file names them."""

from msgspec import Struct

from aigf_dvc.attestation.trust import Period
from aigf_dvc.attestation.verification import SignerFacts


class Signed(Struct, frozen=True, kw_only=True):
    """Who signed some bytes, as the trust file names them, and what proves it."""

    name: str
    period: Period  # of the key or identity
    facts: SignerFacts
