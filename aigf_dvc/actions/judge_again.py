"""Judges a verified statement again: its evidence, consents and runs, as the judge trusts them."""

import posixpath
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from aigf_dvc.actions.consents import Consents, with_consents
from aigf_dvc.attestation.consent_again import consent_again, signed_items
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.deployment import Deployment, StatementHead
from aigf_dvc.attestation.evidence_again import content_of, evidence_again
from aigf_dvc.attestation.observation import SignedRecord, observe_again
from aigf_dvc.attestation.observed import Observation
from aigf_dvc.attestation.reproduced_again import reproduced_again
from aigf_dvc.attestation.upheld import ConsentAgain
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.verdict import Gate, Verdict
from aigf_dvc.signing.bundle import MEDIA_TYPE
from aigf_dvc.signing.observers import Observer, verify_run

Observe = Callable[[StatementHead, Deployment], Observation]
"""Tells how far an attested lineage is trusted, by others than its attester."""


def judge_under(
    policy: Policy,
    *,
    beside: dict[Sha256, bytes],
    demands_at: Demands,
    consents: Consents | None = None,
) -> Callable[[StatementHead, Deployment], Verdict]:
    """Return the function that judges a statement's evidence again, under the deployer's policy.

    Where the deployer trusts others than the attester to observe, only their word counts.
    Approvals and waivers count as far as the deployer's trust file lets them.
    """

    def judge(statement: StatementHead, deployment: Deployment) -> Verdict:
        evidence = evidence_again(deployment, beside, statement.subjects)
        if consents is not None:
            evidence = _consented(evidence, deployment, consents, beside)
        if evidence.lineage is not None:
            stages = evidence.lineage.stages
            if demands_at.observe is not None:
                stages = demands_at.observe(statement, deployment).stages
            stages = reproduced_again(stages, deployment, beside, policy)
            evidence = replace(evidence, lineage=replace(evidence.lineage, stages=stages))
        return evaluate(
            policy,
            evidence,
            at=Gate.DEPLOY,
            today=demands_at.at.date(),
            environment=demands_at.environment or deployment.environment or "",
        )

    return judge


Uphold = Callable[[StatementHead, Deployment], ConsentAgain]
"""Tells which rules people and engines uphold, whom the judge trusts."""


def uphold_under(consents: Consents, *, beside: dict[Sha256, bytes]) -> Uphold:
    """Return the function that holds an attestation against what people and engines signed."""

    def uphold(statement: StatementHead, deployment: Deployment) -> ConsentAgain:
        evidence = evidence_again(deployment, beside, statement.subjects)
        return consent_again(
            deployment,
            _attested_policy(deployment, beside),
            _consented(evidence, deployment, consents, beside),
            days=(deployment.issued_on.date(), consents.today),
        )

    return uphold


def _consented(
    evidence: ModelEvidence,
    deployment: Deployment,
    consents: Consents,
    beside: dict[Sha256, bytes],
) -> ModelEvidence:
    carried = [content_of(item, beside) for item in signed_items(deployment)]
    return with_consents(evidence, consents, carried=carried).evidence


def _attested_policy(deployment: Deployment, beside: dict[Sha256, bytes]) -> Policy:
    """Read the policy that an attestation carries, with the parts that it names by their SHA-256.

    Raises:
        UndecidedError: it is not at hand, or cannot be read by this version.
    """
    path = deployment.policy_evidence or ""
    items = {item.name: item for item in deployment.evidence}
    if path not in items:
        raise UndecidedError("it does not carry its policy", where="predicate.evidence")

    def read_part(name: str) -> bytes | None:
        item = items.get(posixpath.join(posixpath.dirname(path), name))
        return content_of(item, beside) if item is not None else None

    try:
        return read_policy(content_of(items[path], beside), path=path, read_part=read_part)
    except InputError as error:  # the attester's file, not the judge's
        raise UndecidedError(f"its policy cannot be read: {error}") from None


def observe_under(observers: Sequence[Observer], *, beside: dict[Sha256, bytes]) -> Observe:
    """Return the function that trusts a stage only by what one of the observers signed."""

    def observe(statement: StatementHead, deployment: Deployment) -> Observation:
        evidence = {item.sha256: item for item in deployment.evidence}

        def signed(digest: Sha256) -> SignedRecord:
            item = evidence.get(digest)
            if item is None:
                raise RefusedError("the attestation carries no such run record")
            if item.media_type != MEDIA_TYPE:
                raise RefusedError("its run record is not signed")
            return verify_run(content_of(item, beside), observers)

        manifest = content_of(deployment.lineage, beside)
        return observe_again(statement, deployment, manifest=manifest, signed=signed)

    return observe
