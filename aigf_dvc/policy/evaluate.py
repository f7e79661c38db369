"""Hold the evidence about one model against a policy; a pure function."""

from dataclasses import replace
from datetime import date

from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.model import (
    CLOSING_GATES,
    ENGINE_RULE,
    Case,
    Judgement,
    Policy,
    Rule,
    Severity,
)
from aigf_dvc.policy.verdict import Finding, Gate, Outcome, Result, Verdict


def evaluate(policy: Policy, evidence: ModelEvidence, *, at: Gate, today: date) -> Verdict:
    """Return the verdict on one model at one gate.

    A rule that denies makes the verdict denied. So does a policy of which no rule was judged:
    nothing checked is never a pass. An error inside a rule is not caught here, so it gives no
    verdict at all.

    Args:
        policy: the rules.
        evidence: everything known about the model.
        at: the gate that asks; a rule of a later gate is deferred.
        today: the day, in UTC, against which ages and dates of effect are held.
    """
    case = Case(evidence=evidence, at=at, today=today)
    findings: list[Finding] = []
    nothing_judged = True
    for rule in policy.rules:
        if _is_expired(rule, today):
            findings.append(_expired(rule, policy))
        elif not rule.is_judged(at):
            findings.append(_deferred(rule, at))
        else:
            judged = [_finding(rule, judgement, case) for judgement in _judgements(rule, case)]
            findings += judged
            nothing_judged &= all(finding.outcome is Outcome.DEFERRED for finding in judged)
    if nothing_judged:
        findings.append(_nothing_judged(policy, at))
    denied = any(finding.outcome is Outcome.DENIED for finding in findings)
    return Verdict(
        model=evidence.model,
        at=at,
        result=Result.DENIED if denied else Result.PASSED,
        policy=policy.reference,
        findings=tuple(findings),
    )


def undecided(policy: Policy, model: str, error: AigfError, *, at: Gate) -> Verdict:
    """Return the verdict on a model whose evidence cannot be read: never a yes."""
    return Verdict(
        model=model,
        at=at,
        result=Result.UNDECIDED,
        policy=policy.reference,
        findings=(),
        problem=str(error) + (f". {error.hint}" if error.hint else ""),
    )


def _judgements(rule: Rule, case: Case) -> tuple[Judgement, ...]:
    """Return what the rule's demand says; silence is a no, and so is a delay where none is left."""
    judgements = rule.demand.judge(case) or (
        Judgement(
            outcome=Outcome.DENIED,
            observed="the rule came to no judgement",
            expected="passed or denied",
        ),
    )
    if case.at not in CLOSING_GATES:
        return judgements
    return tuple(
        replace(judgement, outcome=Outcome.DENIED)
        if judgement.outcome is Outcome.DEFERRED
        else judgement
        for judgement in judgements
    )


def _finding(rule: Rule, judgement: Judgement, case: Case) -> Finding:
    finding = Finding(
        rule=rule.id,
        kind=rule.kind,
        outcome=judgement.outcome,
        observed=judgement.observed,
        expected=judgement.expected,
        where=judgement.where,
    )
    if judgement.outcome is not Outcome.DENIED:
        return finding
    finding = replace(finding, remedy=rule.remedy or judgement.remedy)
    if rule.severity is Severity.WARN:
        return replace(finding, outcome=Outcome.WARNED)
    if rule.effective_from is not None and case.today < rule.effective_from:
        expected = f"{judgement.expected} (denies from {rule.effective_from})"
        return replace(finding, outcome=Outcome.WARNED, expected=expected)
    return finding


def _is_expired(rule: Rule, today: date) -> bool:
    return rule.expires is not None and rule.expires < today


def _expired(rule: Rule, policy: Policy) -> Finding:
    return Finding(
        rule=rule.id,
        kind=rule.kind,
        outcome=Outcome.WARNED,
        observed=f"not judged: the rule expired on {rule.expires}",
        expected="a rule that is in force",
        where=policy.places.get(rule.id, policy.path),
        remedy="renew its `expires:`, or take the rule out of the policy",
    )


def _deferred(rule: Rule, at: Gate) -> Finding:
    return Finding(
        rule=rule.id,
        kind=rule.kind,
        outcome=Outcome.DEFERRED,
        observed=f"not judged at the {at} gate",
        expected=f"to be judged at the {rule.next_gate(at)} gate",
    )


def _nothing_judged(policy: Policy, at: Gate) -> Finding:
    return Finding(
        rule=ENGINE_RULE,
        kind=ENGINE_RULE,
        outcome=Outcome.DENIED,
        observed="no rule was judged",
        expected=f"at least one rule that is judged at {at}",
        where=policy.path,
        remedy=f"give the policy a rule that is in force and judged at {at}",
    )
