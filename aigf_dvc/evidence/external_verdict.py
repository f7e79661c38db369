"""What another engine signed about the same model: an SVR, a VSA or a test result."""

from datetime import datetime
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.digests import Sha256


@unique
class VerdictType(StrEnum):
    """What another engine may sign."""

    SVR = "svr"
    VSA = "vsa"
    TEST_RESULT = "test-result"


class ExternalVerdict(Struct, frozen=True, kw_only=True):
    """A verified statement of another engine: somebody the judge trusts for it signed it."""

    engine: str  # as the trust file names it
    type: VerdictType
    verifier: str  # what it calls itself; empty: a test result says nothing of it
    passed: bool
    properties: tuple[str, ...]  # levels of a VSA, properties of an SVR, tests that passed
    models: tuple[Sha256, ...]  # each file that it looked at
    time: datetime | None  # when it judged or signed, the earlier of the two; None: nobody says
    where: str
