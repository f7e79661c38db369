"""Write the judge's own summary of a verification that accepted a model."""

from collections.abc import Sequence

from msgspec import Struct

from aigf_dvc.actions.also import outcomes_of
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.deployment import Deployment, StatementHead
from aigf_dvc.attestation.summary_statement import (
    WALKED_AGAIN,
    Summary,
    named_by_digest,
    properties,
    vsa_statement,
)
from aigf_dvc.attestation.verification import StepName, StepOutcome, Verification
from aigf_dvc.digests import Sha256
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


def judged_vsa(
    verification: Verification,
    judge: Judge,
    demands: Demands,
    *,
    others: Sequence[Verification] = (),
) -> bytes:
    """Return the judge's Verification Summary as the bytes to sign.

    Args:
        verification: of an attestation that was accepted.
        judge: who judged, and by which policy.
        demands: what they demanded.
        others: of the other attestations that counted, where several people must attest.

    Raises:
        RefusedError: the model was not accepted.
        InputError: it was accepted without any policy, or by several attested ones.
    """
    judged = [_held(one, judge, demands) for one in (verification, *others)]
    first = judged[0]
    policies = {one.policy for one in judged}
    if len(policies) > 1:
        raise InputError(
            f"attested under {len(policies)} policies", expected="one: a summary names one",
            hint="--policy FILE judges all of them again, under your own",
        )  # fmt: skip
    summary = Summary(
        verifier=judge.verifier,
        at=demands.at,
        resource=judge.resource or _resource(first.deployment),
        policy=first.policy,
        policy_uri=judge.policy_uri or named_by_digest(first.policy),
        attestations=tuple(dict.fromkeys(one.bundle for one in judged)),
        properties=tuple(
            held for held in first.properties if all(held in one.properties for one in judged)
        ),
    )
    return vsa_statement(first.statement.subjects, summary)


class _Held(Struct, frozen=True, kw_only=True):
    """One attestation that was accepted, and what holds by it."""

    statement: StatementHead
    deployment: Deployment
    bundle: Sha256
    policy: Sha256
    properties: tuple[str, ...]


def _held(verification: Verification, judge: Judge, demands: Demands) -> _Held:
    deployment, statement = verification.deployment, verification.statement
    bundle, level = verification.bundle_digest, verification.trust
    if not verification.accepted or not (deployment and statement and bundle and level):
        raise RefusedError("not accepted", expected="an accepted model: a judge signs for no other")
    if not _passed(verification, StepName.POLICY):
        raise InputError(
            "no policy was checked", expected="--policy or --policy-digest: a summary names one"
        )
    held = properties(
        outcomes_of(deployment) if judge.policy is None else None,
        environment=demands.environment or deployment.environment,
        level=level,
    )
    walked = (WALKED_AGAIN,) if _passed(verification, StepName.LINEAGE) else ()
    return _Held(
        statement=statement,
        deployment=deployment,
        bundle=bundle,
        policy=judge.policy.sha256 if judge.policy is not None else deployment.policy.sha256,
        properties=(*held, *walked),
    )


def _passed(verification: Verification, name: StepName) -> bool:
    return verification.steps[name.value - 1].outcome is StepOutcome.PASSED


def _resource(deployment: Deployment) -> str:
    source = deployment.source
    origin = Origin(
        repository=source.uri, commit=source.git_commit, folder="", at=deployment.issued_on
    )
    return location(origin, deployment.path)
