"""Judges an attestation in tests as a demanding judge would."""

from typing import Any

from aigf_dvc.attestation.expectations import judge_statement
from aigf_dvc.attestation.upstream import LinkState, UpstreamLink
from aigf_dvc.attestation.verification import (
    SignerFacts,
    SignerKind,
    Step,
    StepName,
    StepOutcome,
    TimeSource,
    Verification,
)
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.upstream_source import Upstream, UpstreamKind
from tests.attestation.builders import (
    BY_KEY,
    COMMIT,
    DEPLOYED,
    ISSUED,
    REPOSITORY,
    a_payload,
    some_demands,
)

BEFORE = (
    Step(name=StepName.BUNDLE, outcome=StepOutcome.PASSED),
    Step(name=StepName.SIGNATURE, outcome=StepOutcome.PASSED),
)
CERTIFIED = SignerFacts(
    kind=SignerKind.KEYLESS,
    name="workflow",
    issuer="issuer",
    source_repository=REPOSITORY,
    source_digest=COMMIT,
    source_ref="refs/heads/main",
    time=ISSUED,
    time_source=TimeSource.LOG,
)


def judged(
    payload: bytes | None = None,
    *,
    artifact: tuple[ModelFile, ...] = DEPLOYED,
    signer: SignerFacts = BY_KEY,
    **demands: Any,  # noqa: ANN401 (the fields of Demands)
) -> Verification:
    verification = judge_statement(
        payload or a_payload(),
        artifact=artifact,
        demands=some_demands(**demands),
        signer=signer,
        before=BEFORE,
    )
    assert [step.number for step in verification.steps] == [name.value for name in StepName]
    return verification


def ending(verification: Verification) -> tuple[StepName, str]:
    """Return the step that refused, after checking that no later one was taken."""
    stopped = verification.stopped_at
    assert stopped is not None
    assert not verification.accepted
    later = verification.steps[stopped.number :]
    assert {step.outcome for step in later} <= {StepOutcome.NOT_REACHED}
    return stopped.name, stopped.detail


def step(verification: Verification, name: StepName) -> Step:
    return verification.steps[name.value - 1]


def a_link(state: LinkState) -> UpstreamLink:
    item = Upstream(kind=UpstreamKind.IMPORT, name="a.csv", uri="https://h.org/r")
    return UpstreamLink(upstream=item, depth=1, state=state, detail="so it is")
