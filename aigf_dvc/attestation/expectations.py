"""The steps that hold a verified statement against what a judge demands of it, in their order."""

from collections.abc import Callable, Mapping, Sequence

from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.deployment import Deployment, StatementHead
from aigf_dvc.attestation.speaking import refuse_attester
from aigf_dvc.attestation.statement import read_attestation
from aigf_dvc.attestation.steps import (
    freshness,
    lineage,
    policy,
    release,
    revocation,
    source,
    subject,
    trust,
    upstream,
    verdict,
    waivers,
)
from aigf_dvc.attestation.steps.case import Case, Found, passed
from aigf_dvc.attestation.verification import (
    SignerFacts,
    Step,
    StepName,
    StepOutcome,
    Verification,
    complete,
)
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.model_file import ModelFile

_STEPS: Mapping[StepName, Callable[[Case], Found]] = {
    StepName.SOURCE: source.take,
    StepName.SUBJECT: subject.take,
    StepName.VERDICT: verdict.take,
    StepName.POLICY: policy.take,
    StepName.WAIVERS: waivers.take,
    StepName.TRUST: trust.take,
    StepName.FRESHNESS: freshness.take,
    StepName.REVOCATION: revocation.take,
    StepName.LINEAGE: lineage.take,
    StepName.UPSTREAM: upstream.take,
    StepName.RELEASE: release.take,
}

ReadAttestation = Callable[[bytes], tuple[StatementHead, Deployment]]
"""Reads a deployment statement; a RefusedError says why it cannot be trusted."""


def judge_statement(
    payload: bytes,
    *,
    artifact: Sequence[ModelFile],
    demands: Demands,
    signer: SignerFacts,
    before: tuple[Step, ...],
    read: ReadAttestation = read_attestation,
) -> Verification:
    """Take the steps that follow the signature; the first that says no is the last one taken.

    Args:
        payload: the bytes that the signature was verified over.
        artifact: its recomputed digests; the names of a directory's files are relative to it.
        demands: what the judge wants.
        signer: what the signature proves.
        before: the steps taken so far.
        read: reads a deployment statement.
    """
    try:
        statement, deployment = read(payload)
        who = refuse_attester(signer, statement, deployment, demands.at.date())
    except RefusedError as error:
        failed = _step(StepName.STATEMENT, (StepOutcome.FAILED, error.told))
        return Verification(steps=complete((*before, failed)), signer=signer)
    about = f"a deployment attestation about {deployment.model!r:.100}{who}"
    read_step = _step(StepName.STATEMENT, passed(about))
    case = Case(
        statement=statement,
        deployment=deployment,
        artifact=tuple(artifact),
        demands=demands,
        signer=signer,
        payload=payload,
    )
    steps = (*before, read_step, *_steps(case))
    return Verification(
        steps=complete(steps),
        signer=signer,
        read_payload=lambda: payload,
        trust=trust.level(case, steps),
    )


def _steps(case: Case) -> list[Step]:
    """Take one step after the other, up to the first that says no."""
    steps = []
    for name, take in _STEPS.items():
        try:
            outcome, detail = take(case)
        except RefusedError as error:
            outcome, detail = StepOutcome.FAILED, error.told
        except UndecidedError as error:
            outcome, detail = StepOutcome.UNDECIDED, error.told
        steps.append(Step(name=name, outcome=outcome, detail=detail))
        if not steps[-1].goes_on:
            break
    return steps


def _step(name: StepName, found: Found) -> Step:
    outcome, detail = found
    return Step(name=name, outcome=outcome, detail=detail)
