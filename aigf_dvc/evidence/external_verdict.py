"""What another engine signed about the same model: an SVR, a VSA or a test result."""

from dataclasses import dataclass
from datetime import datetime

from aigf_dvc.digests import Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalVerdict:
    """A verified statement of another engine: somebody the judge trusts for it signed it."""

    engine: str  # the verifier's id, or the name of the test
    predicate_type: str
    passed: bool
    properties: tuple[str, ...]  # levels of a VSA, properties of an SVR, tests that passed
    models: tuple[Sha256, ...]
    time: datetime | None
    signer: str  # as the trust file names it
    where: str
