"""The result of verifying an OpenSSF Model Signing signature: a signer and bytes, no verdict."""

from enum import Enum, unique

from msgspec import Struct

from aigf_dvc.attestation.verification import SignerFacts, StepOutcome


@unique
class OmsStepName(Enum):
    """What is checked, in this order; the value is the step's number."""

    BUNDLE = 1
    SIGNATURE = 2
    STATEMENT = 3
    FILES = 4
    BYTES = 5


class OmsStep(Struct, frozen=True, kw_only=True):
    """One step and what came of it."""

    name: OmsStepName
    outcome: StepOutcome
    detail: str = ""


class OmsVerification(Struct, frozen=True, kw_only=True):
    """The steps of one verification, and what was read on the way."""

    steps: tuple[OmsStep, ...]
    signer: SignerFacts | None = None  # None: the signature was not verified
    not_covered: tuple[str, ...] = ()  # what lies in the model, and the signature says nothing of

    @property
    def holds(self) -> bool:
        """Tell whether the signer signed these bytes: every step was taken and said yes."""
        return [step.name for step in self.steps] == list(OmsStepName) and all(
            step.outcome is StepOutcome.PASSED for step in self.steps
        )

    @property
    def stopped_at(self) -> OmsStep | None:
        """Return the step that ended the verification, or None."""
        return next((s for s in self.steps if s.outcome is not StepOutcome.PASSED), None)

    @property
    def exit_code(self) -> int:
        """Return 0 when it holds, 3 when that could not be decided, else 1."""
        stopped = self.stopped_at
        if stopped is not None and stopped.outcome is StepOutcome.UNDECIDED:
            return 3
        return 0 if self.holds else 1
