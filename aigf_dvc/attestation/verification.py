"""The result of a verification: its numbered steps, and who signed when."""

from collections.abc import Callable
from datetime import datetime
from enum import Enum, StrEnum, unique

from msgspec import Struct

from aigf_dvc.attestation.deployment import Deployment, StatementHead
from aigf_dvc.attestation.statement import read_attestation
from aigf_dvc.attestation.trust import TrustLine
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.evidence.lineage import TrustLevel


@unique
class StepName(Enum):
    """What is checked, in this order; the value is the step's number."""

    BUNDLE = 1
    SIGNATURE = 2
    STATEMENT = 3
    SOURCE = 4
    SUBJECT = 5
    VERDICT = 6
    POLICY = 7
    WAIVERS = 8
    TRUST = 9
    FRESHNESS = 10
    REVOCATION = 11
    LINEAGE = 12
    UPSTREAM = 13
    RELEASE = 14


NEVER_SKIPPED = (StepName.BUNDLE, StepName.SIGNATURE, StepName.STATEMENT, StepName.SUBJECT)


@unique
class StepOutcome(StrEnum):
    """What came of one step."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"  # the evidence could not be read
    OVERRIDDEN = "overridden"  # undecided, and somebody takes it upon themselves to go on
    SKIPPED = "skipped"  # not asked for, or nothing to check; the detail says which
    NOT_REACHED = "not reached"  # an earlier step ended the verification


_GOING_ON = (StepOutcome.PASSED, StepOutcome.SKIPPED, StepOutcome.OVERRIDDEN)


class Step(Struct, frozen=True, kw_only=True, gc=False):
    """One step and what came of it."""

    name: StepName
    outcome: StepOutcome
    detail: str = ""

    @property
    def number(self) -> int:
        """Return the step's number, from 1."""
        return self.name.value

    @property
    def goes_on(self) -> bool:
        """Tell whether the next step is to be taken."""
        return self.outcome in _GOING_ON


@unique
class TimeSource(StrEnum):
    """Who says when the signature was made."""

    LOG = "log"  # a transparency log
    TSA = "tsa"  # a timestamp authority
    CLAIMED = "claimed"  # the statement itself, so only its signer


@unique
class SignerKind(StrEnum):
    """How the signer is known."""

    KEY = "key"
    KEYLESS = "keyless"
    CERTIFICATE = "certificate"  # of one's own PKI


class SignerFacts(Struct, frozen=True, kw_only=True):
    """What the verified signature proves about its signer."""

    kind: SignerKind
    name: str  # the key's fingerprint, or the certificate's identity
    issuer: str | None = None  # who vouches for the identity
    source_repository: str | None = None  # these four: what the certificate says of the workflow
    source_digest: str | None = None
    source_ref: str | None = None
    runner_environment: str | None = None
    time: datetime | None = None  # None: nobody but the statement says
    time_source: TimeSource = TimeSource.CLAIMED
    logged: bool = False  # a transparency log has it, and that was verified
    line: TrustLine | None = None  # of the judge's trust file, by which they count


class Verification(Struct, frozen=True, kw_only=True):
    """All steps of one verification, and where the bytes are that were verified.

    A judge may verify thousands at once and look at one of them: the statement, what it says, and
    the digests are read when somebody asks.
    """

    steps: tuple[Step, ...]
    signer: SignerFacts | None = None  # None: the signature was not verified
    read_payload: Callable[[], bytes] | None = None  # None: no statement can be trusted
    trust: TrustLevel | None = None  # of the lineage; None: that step was not reached
    bundle: bytes | memoryview | None = None  # that was verified

    @property
    def payload(self) -> bytes | None:
        """Return the statement's bytes, or None when there is none that can be trusted."""
        return self.read_payload() if self.read_payload is not None else None

    @property
    def statement(self) -> StatementHead | None:
        """Return what was signed, or None when there is no statement that can be trusted."""
        payload = self.payload
        return read_attestation(payload)[0] if payload is not None else None

    @property
    def deployment(self) -> Deployment | None:
        """Return what the statement says, or None when there is none that can be trusted."""
        payload = self.payload
        return read_attestation(payload)[1] if payload is not None else None

    @property
    def digest(self) -> Sha256 | None:
        """Return the SHA-256 of the statement's bytes."""
        payload = self.payload
        return sha256(payload) if payload is not None else None

    @property
    def bundle_digest(self) -> Sha256 | None:
        """Return the SHA-256 of the bundle."""
        return sha256(self.bundle) if self.bundle is not None else None

    @property
    def stopped_at(self) -> Step | None:
        """Return the step that ended the verification, or None."""
        return next((step for step in self.steps if not step.goes_on), None)

    @property
    def overridden(self) -> tuple[Step, ...]:
        """Return the steps that were undecided, and that the judge overrode by hand."""
        return tuple(step for step in self.steps if step.outcome is StepOutcome.OVERRIDDEN)

    @property
    def steps_taken(self) -> int:
        """Return how many steps were taken: to tell which of several refusals came closest."""
        return sum(step.outcome is not StepOutcome.NOT_REACHED for step in self.steps)

    @property
    def accepted(self) -> bool:
        """Tell whether every step was taken and none said no; nothing checked is never a yes."""
        if not self.steps or not self.steps[-1].goes_on:
            return False  # most end here: the last steps of a refused one are not reached
        if not all(step.goes_on for step in self.steps):
            return False
        if [step.name for step in self.steps] != _ALL:
            return False
        passed = {step.name for step in self.steps if step.outcome is StepOutcome.PASSED}
        return passed.issuperset(NEVER_SKIPPED)

    @property
    def exit_code(self) -> int:
        """Return 0 for accepted, 1 for refused, 3 for undecided."""
        stopped = self.stopped_at
        if stopped is not None and stopped.outcome is StepOutcome.UNDECIDED:
            return 3
        return 0 if self.accepted else 1


def complete(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps with all later ones added as not reached."""
    return steps + _NOT_REACHED[len(steps) :]


_ALL = list(StepName)
_NOT_REACHED = tuple(Step(name=name, outcome=StepOutcome.NOT_REACHED) for name in _ALL)
