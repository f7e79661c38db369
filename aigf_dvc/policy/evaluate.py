"""Hold the evidence about one model against a policy; a pure function."""

from collections.abc import Iterator
from datetime import date

from msgspec.structs import replace

from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.consent import notes, waiver_for, waiver_text
from aigf_dvc.policy.model import (
    CLOSING_GATES,
    ENGINE_RULE,
    Case,
    Judgement,
    Policy,
    Rule,
    Severity,
)
from aigf_dvc.policy.tiers import FIELD as TIER_FIELD
from aigf_dvc.policy.tiers import tier_of, why_not_applicable
from aigf_dvc.policy.verdict import Finding, Gate, Outcome, Result, Verdict


def evaluate(
    policy: Policy, evidence: ModelEvidence, *, at: Gate, today: date, environment: str = ""
) -> Verdict:
    """Return the verdict on one model at one gate.

    A rule that denies makes the verdict denied. So does a policy of which no rule was judged:
    nothing checked is never a pass. An error inside a rule is not caught here, so it gives no
    verdict at all.

    Args:
        policy: the rules.
        evidence: everything known about the model.
        at: the gate that asks; a rule of a later gate is deferred.
        today: the day, in UTC, against which ages and dates of effect are held.
        environment: where the model is to run; empty: every environment's rules are judged.
    """
    tier, tier_fault = tier_of(policy, evidence.card)
    reference = policy.reference
    case = Case(
        evidence=evidence,
        at=at,
        today=today,
        policy=reference,
        environment=environment,
        tier=tier,
    )
    judged = [finding for rule in policy.rules for finding in _judge(rule, policy, case)]
    findings = [*judged, *_about_the_policy(policy, case, tier_fault=tier_fault, judged=judged)]
    denied = any(finding.outcome is Outcome.DENIED for finding in findings)
    return Verdict(
        model=evidence.model,
        at=at,
        result=Result.DENIED if denied else Result.PASSED,
        policy=reference,
        findings=tuple(findings),
        tier=tier,
        environment=environment,
        notes=tuple(notes(policy, case)),
    )


def _judge(rule: Rule, policy: Policy, case: Case) -> Iterator[Finding]:
    """Yield what one rule finds."""
    place = policy.places.get(rule.id, policy.path)
    reason = why_not_applicable(rule, policy, tier=case.tier, environment=case.environment)
    if reason:
        yield _found(rule, _not_applicable(rule, reason), place)
    elif _is_expired(rule, case.today):
        yield _found(rule, _expired(rule, place), place)
    elif not rule.is_judged(case.at):
        yield _found(rule, _deferred(rule, case.at), place)
    else:
        for judgement in _judgements(rule, case):
            if judgement.outcome is not Outcome.DENIED:
                yield _found(rule, judgement, place)
            else:
                yield _denied(rule, judgement, place, policy=policy, case=case)


def _scope(rule: Rule) -> str:
    parts = [f"tier {rule.tier} or higher"] if rule.tier else []
    parts += [f"the environment {' or '.join(rule.environments)}"] if rule.environments else []
    return f"a rule for {' and '.join(parts)}"


NOTHING_JUDGED = "no rule was judged"
_UNJUDGED = (Outcome.DEFERRED, Outcome.NOT_APPLICABLE)
_WITHOUT_REMEDY = (Outcome.PASSED, *_UNJUDGED)


def _about_the_policy(
    policy: Policy, case: Case, *, tier_fault: str, judged: list[Finding]
) -> Iterator[Finding]:
    """Yield what denies a model whatever its rules say."""
    at = case.at
    expired = {rule.id for rule in policy.rules if _is_expired(rule, case.today)}
    if not any(f.rule not in expired and f.outcome not in _UNJUDGED for f in judged):
        yield _denial(
            policy,
            NOTHING_JUDGED,
            f"at least one rule that is judged at {at}",
            f"give the policy a rule that is in force and judged at {at}",
        )
    if tier_fault:
        yield _denial(
            policy,
            tier_fault,
            f"one of {', '.join(policy.tiers)}",
            f"correct `{TIER_FIELD}` in the model card; it was judged as {case.tier}",
        )
    if policy.expires is not None and policy.expires < case.today:
        yield _denial(
            policy,
            f"the policy expired on {policy.expires}",
            "a policy that is in force",
            "review the policy and renew its `expires:`",
        )
    if case.environment and policy.environments and case.environment not in policy.environments:
        yield _denial(
            policy,
            f"the unknown environment {case.environment}",
            f"one of {', '.join(policy.environments)}",
            "name a known environment, or add it to `environments:` of the policy",
        )


def _denial(policy: Policy, observed: str, expected: str, remedy: str) -> Finding:
    return Finding(
        rule=ENGINE_RULE,
        kind=ENGINE_RULE,
        outcome=Outcome.DENIED,
        observed=observed,
        expected=expected,
        where=policy.path,
        rule_place=policy.path,
        remedy=remedy,
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


def _denied(rule: Rule, judgement: Judgement, place: str, *, policy: Policy, case: Case) -> Finding:
    """Return the finding of a rule that does not hold: a denial, a warning, or a waived one."""
    finding = _found(rule, replace(judgement, remedy=rule.remedy or judgement.remedy), place)
    if rule.severity is Severity.WARN:
        return replace(finding, outcome=Outcome.WARNED)
    if rule.effective_from is not None and case.today < rule.effective_from:
        expected = f"{judgement.expected} (denies from {rule.effective_from})"
        return replace(finding, outcome=Outcome.WARNED, expected=expected)
    waiver = waiver_for(rule, policy, case)
    if waiver is not None:
        return replace(finding, outcome=Outcome.WAIVED, waived_by=waiver_text(waiver))
    return finding


def _is_expired(rule: Rule, today: date) -> bool:
    return rule.expires is not None and rule.expires < today


def _found(rule: Rule, judgement: Judgement, place: str) -> Finding:
    """Return the finding that a judgement is; what holds needs no remedy."""
    outcome = judgement.outcome
    return Finding(
        rule=rule.id,
        kind=rule.kind,
        outcome=outcome,
        observed=judgement.observed,
        expected=judgement.expected,
        where=judgement.where,
        remedy="" if outcome in _WITHOUT_REMEDY else judgement.remedy,
        title=rule.title,
        why=rule.why,
        rule_place=place,
        controls=rule.controls,
    )


def _not_applicable(rule: Rule, reason: str) -> Judgement:
    return Judgement(outcome=Outcome.NOT_APPLICABLE, observed=reason, expected=_scope(rule))


def _expired(rule: Rule, place: str) -> Judgement:
    return Judgement(
        outcome=Outcome.WARNED,
        observed=f"not judged: the rule expired on {rule.expires}",
        expected="a rule that is in force",
        where=place,
        remedy="renew its `expires:`, or take the rule out of the policy",
    )


def _deferred(rule: Rule, at: Gate) -> Judgement:
    return Judgement(
        outcome=Outcome.DEFERRED,
        observed=f"not judged at the {at} gate",
        expected=f"to be judged at the {rule.next_gate(at)} gate",
    )
