"""What every step looks at, and what it returns."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.deployment import Deployment, StatementHead
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.observed import Observation
from aigf_dvc.attestation.verification import SignerFacts, StepOutcome
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.once import once


class Case(Struct, frozen=True, kw_only=True, dict=True):
    """Everything that the steps after the statement look at."""

    statement: StatementHead
    deployment: Deployment
    artifact: tuple[ModelFile, ...]
    demands: Demands
    signer: SignerFacts
    payload: bytes  # the statement's

    @property
    def digest(self) -> Sha256:
        """Return the SHA-256 of the statement's bytes."""
        return sha256(self.payload)

    @once
    def verdict(self) -> Fields:
        """The attested verdict, to be read field by field."""
        return Fields(self.deployment.verdict, "predicate.verdict")

    @once
    def rules_by_outcome(self) -> Mapping[str, Sequence[str]]:
        """Which rules the findings of the attested verdict are of, by what came of them.

        Raises:
            RefusedError: a finding names no outcome, or no rule.
        """
        found = dict[str, list[str]]()
        for outcome, rule in self.verdict.pairs("findings", "outcome", "rule"):
            found.setdefault(outcome, []).append(rule)
        return found

    @once
    def observation(self) -> Observation:
        """How far each stage of the lineage is trusted; whoever observes is asked once.

        Raises:
            RefusedError: the evidence of it contradicts itself.
        """
        if self.demands.observe is not None:
            return self.demands.observe(self.statement, self.deployment)
        return Observation(stages=self.deployment.lineage_verification.stages)

    @once
    def level(self) -> TrustLevel:
        """How far the weakest stage of the lineage is trusted.

        Raises:
            RefusedError: as `observation` does.
        """
        return self.observation.level


Found = tuple[StepOutcome, str]
"""What came of a step, and the words for it."""


def passed(detail: str) -> Found:
    """Return a step that found what is demanded."""
    return StepOutcome.PASSED, detail


def skipped(detail: str) -> Found:
    """Return a step that had nothing to look at, or that nobody asked for."""
    return StepOutcome.SKIPPED, detail


def listed(rules: Sequence[str]) -> str:
    """Return the names of some rules, for people."""
    return ", ".join(f"{rule!r:.100}" for rule in rules)
