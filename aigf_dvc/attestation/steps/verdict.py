"""Step: the attested verdict says passed, for this model, policy and environment."""

from aigf_dvc.attestation.steps.case import Case, Found, listed, passed
from aigf_dvc.errors import RefusedError
from aigf_dvc.policy.verdict import Outcome, Result

_HARMLESS = {outcome.value for outcome in Outcome if outcome is not Outcome.DENIED}


def take(case: Case) -> Found:
    """Refuse a verdict that is not what it says, or says no."""
    deployment, demanded = case.deployment, case.demands.environment
    verdict = case.verdict
    if verdict.text("result") != Result.PASSED:
        raise RefusedError(f"the verdict is {verdict.text('result')!r:.100}")
    rules = case.rules_by_outcome
    if not rules:
        raise RefusedError("no rule was applied")
    bad = [rule for outcome, some in rules.items() if outcome not in _HARMLESS for rule in some]
    if bad:
        raise RefusedError(f"said to have passed, yet denied by {listed(bad)}")
    _refuse_contradictions(case)
    if demanded not in (None, deployment.environment):
        raise RefusedError(f"attested for {deployment.environment!r:.100}, not for {demanded!r}")
    where = f"for {deployment.environment!r:.100}" + ("" if demanded else ", none was demanded")
    warned = rules.get(Outcome.WARNED, ())
    aloud = f", of which {len(warned)} only WARNED: {listed(warned)}" if warned else ""
    waived = rules.get(Outcome.WAIVED, ())
    aloud += f", WAIVED: {listed(waived)}" if waived else ""  # judged two steps later
    return passed(f"passed, {sum(map(len, rules.values()))} findings, {where}{aloud}")


def _refuse_contradictions(case: Case) -> None:
    """Refuse a verdict that speaks of something else than the statement around it."""
    deployment, verdict = case.deployment, case.verdict
    if verdict.text("model") != deployment.model:
        raise RefusedError(f"the verdict is about another model, {verdict.text('model')!r:.100}")
    policy = verdict.mapping("policy")
    named = (policy.any_text("id"), policy.any_text("version"), policy.sha256("digest"))
    if named != (deployment.policy.id, deployment.policy.version, deployment.policy.sha256):
        raise RefusedError("the verdict is of another policy than the statement names")
    judged = verdict.any_text("environment")  # empty: under the rules of every environment
    if judged not in ("", deployment.environment or ""):
        raise RefusedError(f"the verdict is for the environment {judged!r:.100}")
