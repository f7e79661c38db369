"""Step: the policy is one that the judge accepts, or the evidence passes the judge's own."""

from collections.abc import Callable

from aigf_dvc.attestation.deployment import Deployment, StatementHead
from aigf_dvc.attestation.steps.case import Case, Found, listed, passed, skipped
from aigf_dvc.errors import AigfError, RefusedError, UndecidedError
from aigf_dvc.policy.verdict import Outcome, Result, Verdict


def take(case: Case) -> Found:
    """Hold the policy against the accepted ones, and judge again where that is asked."""
    demands, policy = case.demands, case.deployment.policy
    stated = f"policy {policy.id!r:.100} {policy.version!r:.100}, sha256:{policy.sha256}"
    accepted = demands.policy_digests
    if accepted is not None and policy.sha256 not in accepted:
        raise RefusedError(f"{stated}, is not an accepted one")
    if demands.judge is not None:
        return _judged_again(case, demands.judge)
    if demands.any_policy:
        return skipped(f"POLICY NOT CHECKED, as --any-policy asks; attested under {stated}")
    if accepted is None:
        raise RefusedError(
            "no policy was accepted: give --policy-digest or --policy, or name `policies:` under "
            "`demands:` of your trust file (--any-policy looks at none)"
        )
    left = case.rules_by_outcome.get(Outcome.DEFERRED, ())
    if left:
        raise UndecidedError(f"left to be judged at deployment: {listed(left)}; give --policy")
    return passed(f"accepted: {stated}")


def _judged_again(case: Case, judge: Callable[[StatementHead, Deployment], Verdict]) -> Found:
    try:
        verdict = judge(case.statement, case.deployment)
    except RefusedError:
        raise
    except AigfError as error:
        raise UndecidedError(f"your policy could not be applied: {error}") from None
    policy = f"your policy {verdict.policy.id!r}, sha256:{verdict.policy.sha256}"
    denied = [finding for finding in verdict.findings if finding.outcome is Outcome.DENIED]
    if verdict.result is Result.UNDECIDED:
        raise UndecidedError(f"{policy}, could not be applied: {verdict.problem}")
    if verdict.result is Result.DENIED or denied:
        reasons = [f"{f.rule}: {f.observed} (expected {f.expected})" for f in denied]
        raise RefusedError("\n".join([f"{policy}, denies it", *reasons]))
    if not verdict.findings:
        raise RefusedError(f"{policy}, has no rule that applies")
    warned = [f.rule for f in verdict.findings if f.outcome is Outcome.WARNED]
    aloud = f", but WARNED: {', '.join(warned)}" if warned else ""
    waived = [f"{f.rule} by {f.waived_by}" for f in verdict.findings if f.outcome is Outcome.WAIVED]
    aloud += f", WAIVED: {'; '.join(waived)}" if waived else ""
    count = len(verdict.findings)
    return passed(f"judged again under {policy}: {count} findings, none denied{aloud}")
