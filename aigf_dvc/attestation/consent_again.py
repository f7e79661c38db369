"""Judges again what an attestation owes to people and other engines, as a judge trusts them.

The attester may have trusted others. So every rule that it says was waived, and every rule that
only signatures can meet, is held against what the judge's own trust file lets count: on the day
of the attestation, and now.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from aigf_dvc.attestation.deployment import EXTERNAL_VERDICT, Deployment, EvidenceItem
from aigf_dvc.attestation.upheld import ConsentAgain, waived_rules
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.model import Demand, Policy
from aigf_dvc.policy.rules.approvals import RequiredApprovals
from aigf_dvc.policy.rules.document import RequiredDocument
from aigf_dvc.policy.rules.external_verdict import RequiredVerdict
from aigf_dvc.policy.verdict import Finding, Gate, Outcome


def signed_items(deployment: Deployment) -> tuple[EvidenceItem, ...]:
    """Return the bundles of people and engines that an attestation carries."""
    verdicts = [item for item in deployment.evidence if item.name.startswith(EXTERNAL_VERDICT)]
    return (*deployment.waivers, *deployment.approvals, *verdicts)


def consent_again(
    deployment: Deployment, policy: Policy, evidence: ModelEvidence, *, days: Sequence[date]
) -> ConsentAgain:
    """Return which rules people and engines uphold.

    Args:
        deployment: what the attestation says.
        policy: the attested policy.
        evidence: the attested evidence, with the consents that the judge lets count.
        days: each day on which they must hold, now being the last.

    Raises:
        RefusedError: the attestation is of another policy, or waives a rule that is not in it.
    """
    if policy.sha256 != deployment.policy.sha256:
        raise RefusedError("the policy that it carries is not the one that it names")
    waived = waived_rules(deployment)
    rules = {rule.id: rule for rule in policy.rules}
    for name in waived:
        if name not in rules:
            raise RefusedError(f"{name!r:.100} is said to be waived, and is no rule of its policy")
    chosen = {*waived, *(rule.id for rule in policy.rules if rests_on_people(rule.demand))}
    environment = deployment.environment or ""
    held: tuple[str, ...] = ()
    denied: dict[str, None] = {}
    notes: tuple[str, ...] = ()
    for day in days:
        verdict = evaluate(policy, evidence, at=Gate.DEPLOY, today=day, environment=environment)
        findings = [finding for finding in verdict.findings if finding.rule in chosen]
        denied |= dict.fromkeys(_denials(findings, day))
        held = tuple(_held(findings))
        notes = verdict.notes
    return ConsentAgain(held=held, denied=tuple(denied), notes=notes)


def rests_on_people(demand: Demand) -> bool:
    """Tell whether only a signature of somebody other than the attester meets a demand."""
    if isinstance(demand, RequiredDocument):
        return bool(demand.signed_by_role)
    return isinstance(demand, RequiredApprovals | RequiredVerdict)


def _denials(findings: Sequence[Finding], day: date) -> Iterator[str]:
    for finding in findings:
        if finding.outcome is Outcome.DENIED:
            yield f"{finding.rule}, on {day}: {finding.observed} (expected {finding.expected})"


def _held(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        if finding.outcome is Outcome.WAIVED:
            yield f"{finding.rule} is WAIVED by {finding.waived_by}"
        elif finding.outcome is Outcome.PASSED:
            yield f"{finding.rule}: {finding.observed}"
