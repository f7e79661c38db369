"""Write the judge's own summary of a verification that accepted a model."""

from msgspec import Struct

from aigf_dvc.actions.also import outcomes_of
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.deployment import Deployment
from aigf_dvc.attestation.summary_statement import (
    WALKED_AGAIN,
    Summary,
    named_by_digest,
    properties,
    vsa_statement,
)
from aigf_dvc.attestation.verification import StepName, StepOutcome, Verification
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.policy.verdict import PolicyReference
from aigf_dvc.report.export_source import Origin
from aigf_dvc.report.export_values import location


class Judge(Struct, frozen=True, kw_only=True):
    """Who judged, and how they call the model and the policy."""

    verifier: str
    resource: str | None = None  # the model's URI; None: where the attestation says it is from
    policy: PolicyReference | None = None  # the judge's own; None: the attested one was accepted
    policy_uri: str | None = None  # None: it is named by its digest


def judged_vsa(verification: Verification, judge: Judge, demands: Demands) -> bytes:
    """Return the judge's Verification Summary as the bytes to sign.

    Raises:
        RefusedError: the model was not accepted.
        InputError: it was accepted without any policy.
    """
    deployment, statement = verification.deployment, verification.statement
    bundle, level = verification.bundle, verification.trust
    if not verification.accepted or not (deployment and statement and bundle and level):
        raise RefusedError("not accepted", expected="an accepted model: a judge signs for no other")
    if not _passed(verification, StepName.POLICY):
        raise InputError(
            "no policy was checked", expected="--policy or --policy-digest: a summary names one"
        )
    policy = judge.policy.sha256 if judge.policy is not None else deployment.policy.sha256
    held = properties(
        outcomes_of(deployment) if judge.policy is None else None,
        environment=demands.environment or deployment.environment,
        level=level,
    )
    walked = (WALKED_AGAIN,) if _passed(verification, StepName.LINEAGE) else ()
    summary = Summary(
        verifier=judge.verifier,
        at=demands.at,
        resource=judge.resource or _resource(deployment),
        policy=policy,
        policy_uri=judge.policy_uri or named_by_digest(policy),
        attestation=bundle,
        properties=(*held, *walked),
    )
    return vsa_statement(statement.subjects, summary)


def _passed(verification: Verification, name: StepName) -> bool:
    return verification.steps[name.value - 1].outcome is StepOutcome.PASSED


def _resource(deployment: Deployment) -> str:
    source = deployment.source
    origin = Origin(
        repository=source.uri, commit=source.git_commit, folder="", at=deployment.issued_on
    )
    return location(origin, deployment.path)
