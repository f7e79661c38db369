"""The verdict before a stage runs: on its data and parameters, the only evidence that is there."""

from datetime import date

from msgspec.structs import replace

from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.evaluate import NOTHING_JUDGED, evaluate
from aigf_dvc.policy.model import ENGINE_RULE, Policy, Rule
from aigf_dvc.policy.verdict import Finding, Gate, Outcome, Verdict

KINDS = frozenset({"datasets", "parameters"})
"""The kinds of rules that are judged: what they look at is there before the run."""


def evaluate_before(
    policy: Policy, evidence: ModelEvidence, *, today: date, environment: str = ""
) -> Verdict:
    """Return the verdict on a run that has not begun; the rules about its results wait.

    A rule about data is judged here whatever its `at`, and as strictly as at the last gate: what
    is not known of the data now is not known when the hours of training are spent, either.
    """
    judged = tuple(rule for rule in policy.rules if rule.kind in KINDS)
    verdict = evaluate(
        replace(policy, rules=judged),
        evidence,
        at=Gate.ATTEST,
        today=today,
        environment=environment,
    )
    waiting = (rule for rule in policy.rules if rule.kind not in KINDS)
    judged_now = (_about_the_run(finding) for finding in verdict.findings)
    findings = (*judged_now, *(_deferred(rule, policy) for rule in waiting))
    return replace(verdict, at=Gate.STAGE, findings=findings)


def _about_the_run(finding: Finding) -> Finding:
    """Return what was found, in words about the run where no rule was judged at all."""
    if finding.rule != ENGINE_RULE or finding.observed != NOTHING_JUDGED:
        return finding
    kinds = " or ".join(sorted(KINDS))
    return replace(
        finding,
        observed="no rule is about what is there before the run: its data and parameters",
        expected=f"at least one rule in force of the kind {kinds}",
        remedy=f"give the policy a rule of the kind {kinds} (`aigf policy explain datasets` shows "
        "one), or check after the run, without --before",
    )


def _deferred(rule: Rule, policy: Policy) -> Finding:
    return Finding(
        rule=rule.id,
        kind=rule.kind,
        outcome=Outcome.DEFERRED,
        observed="not judged before the run",
        expected="to be judged on what the run makes",
        title=rule.title,
        why=rule.why,
        rule_place=policy.places.get(rule.id, policy.path),
        controls=rule.controls,
    )
