"""Step: the attested verdict says passed, for this model, policy and environment."""

from collections.abc import Sequence

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.steps.case import Case, Found, passed, rules
from aigf_dvc.errors import RefusedError
from aigf_dvc.policy.verdict import Outcome, Result

_HARMLESS = {outcome.value for outcome in Outcome if outcome is not Outcome.DENIED}


def take(case: Case) -> Found:
    """Refuse a verdict that is not what it says, or says no."""
    deployment, demanded = case.deployment, case.demands.environment
    verdict = case.verdict
    if verdict.text("result") != Result.PASSED:
        raise RefusedError(f"the verdict is {verdict.text('result')!r:.100}")
    findings = case.findings
    if not findings:
        raise RefusedError("no rule was applied")
    by_outcome = case.by_outcome
    bad = [f for outcome, some in by_outcome.items() if outcome not in _HARMLESS for f in some]
    if bad:
        raise RefusedError(f"said to have passed, yet denied by {rules(bad)}")
    _refuse_contradictions(case, findings)
    if demanded not in (None, deployment.environment):
        raise RefusedError(f"attested for {deployment.environment!r:.100}, not for {demanded!r}")
    where = f"for {deployment.environment!r:.100}" + ("" if demanded else ", none was demanded")
    warned = by_outcome.get(Outcome.WARNED, ())
    aloud = f", of which {len(warned)} only WARNED: {rules(warned)}" if warned else ""
    waived = by_outcome.get(Outcome.WAIVED, ())
    aloud += f", WAIVED: {rules(waived)}" if waived else ""  # judged two steps later
    return passed(f"passed, {len(findings)} findings, {where}{aloud}")


def _refuse_contradictions(case: Case, findings: Sequence[Fields]) -> None:
    """Refuse a verdict that speaks of something else than the statement around it."""
    deployment, verdict = case.deployment, case.verdict
    for finding in findings:
        finding.text("rule")  # every finding names its rule
    if verdict.text("model") != deployment.model:
        raise RefusedError(f"the verdict is about another model, {verdict.text('model')!r:.100}")
    policy = verdict.mapping("policy")
    named = (policy.any_text("id"), policy.any_text("version"), policy.sha256("digest"))
    if named != (deployment.policy.id, deployment.policy.version, deployment.policy.sha256):
        raise RefusedError("the verdict is of another policy than the statement names")
    judged = verdict.any_text("environment")  # empty: under the rules of every environment
    if judged not in ("", deployment.environment or ""):
        raise RefusedError(f"the verdict is for the environment {judged!r:.100}")
