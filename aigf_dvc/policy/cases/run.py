"""Hold cases against a policy: what is not as expected, and which rules were shown at all."""

from collections.abc import Iterable, Mapping

from aigf_dvc.close_names import close_names
from aigf_dvc.errors import InputError
from aigf_dvc.policy.cases.consent import under_policy
from aigf_dvc.policy.cases.model import CaseFile, CaseResult, Mismatch, PolicyCase, RuleCoverage
from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.model import ENGINE_RULE, Policy
from aigf_dvc.policy.verdict import Outcome, Result, Verdict, worst

_REFUSED = (Outcome.DENIED, Outcome.WAIVED, Outcome.WARNED)
_ABSENT = "no finding"


def demand_known_rules(file: CaseFile, policy: Policy) -> None:
    """Refuse cases that expect something of a rule that the policy does not have.

    Raises:
        InputError: the message names every such rule.
    """
    known = [*(rule.id for rule in policy.rules), ENGINE_RULE]
    wrong = []
    for case in file.cases:
        for name, place in case.expect.places.items():
            if name not in known:
                close = close_names(name, known)
                hint = f"; did you mean `{close[0]}`?" if close else ""
                wrong.append(f"{place}: {policy.path} has no rule `{name}`{hint}")
    if wrong:
        first, *others = wrong
        place, _, found = first.partition(": ")
        raise InputError(
            "\n  ".join([found, *others]), where=place, expected=f"one of {', '.join(known)}"
        )


def run_case(case: PolicyCase, policy: Policy) -> CaseResult:
    """Return what a policy says of a case, and what of it was not expected."""
    verdict = evaluate(
        policy,
        under_policy(case.evidence, policy.sha256),
        at=case.at,
        today=case.today,
        environment=case.environment,
    )
    return CaseResult(case=case, verdict=verdict, mismatches=tuple(_mismatches(case, verdict)))


def outcomes(verdict: Verdict) -> Mapping[str, Outcome]:
    """Return the outcome of each rule; of several findings the one that says most."""
    found: dict[str, Outcome] = {}
    for finding in verdict.findings:
        both = (finding.outcome, found.get(finding.rule, finding.outcome))
        found[finding.rule] = worst(both)
    return found


def _mismatches(case: PolicyCase, verdict: Verdict) -> Iterable[Mismatch]:
    if verdict.result is not case.expect.result:
        denied = verdict.result is Result.DENIED
        yield Mismatch(
            about="result",
            expected=case.expect.result,
            found=verdict.result,
            findings=tuple(f for f in verdict.findings if denied and f.outcome is Outcome.DENIED),
        )
    found = outcomes(verdict)
    for rule, expected in case.expect.findings.items():
        if found.get(rule) is not expected:
            yield Mismatch(
                about=rule,
                expected=expected,
                found=found.get(rule, _ABSENT),
                findings=tuple(f for f in verdict.findings if f.rule == rule),
            )


def coverage(policy: Policy, results: Iterable[CaseResult]) -> tuple[RuleCoverage, ...]:
    """Return for each rule whether cases showed it passing, and refusing.

    A rule refuses when it denies, or would but for a waiver, `severity: warn` or a later day. One
    that has expired on the day of a case was not shown by it.
    """
    passed: set[str] = set()
    refused: set[str] = set()
    for result in results:
        expired = {
            rule.id
            for rule in policy.rules
            if rule.expires is not None and rule.expires < result.case.today
        }
        for rule, outcome in outcomes(result.verdict).items():
            if rule not in expired and outcome in _REFUSED:
                refused.add(rule)
            elif outcome is Outcome.PASSED:
                passed.add(rule)
    return tuple(
        RuleCoverage(rule=rule.id, passed=rule.id in passed, refused=rule.id in refused)
        for rule in policy.rules
    )
