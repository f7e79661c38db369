"""What a judge demands of a verified statement, and the steps that hold it against the demands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aigf_dvc.attestation.consent_again import ConsentAgain, waived_rules
from aigf_dvc.attestation.deployment import DEPLOYMENT, Deployment, Statement
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.matching import source_differences, subject_differences
from aigf_dvc.attestation.observation import Observation
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.attestation.upstream import LinkState, UpstreamLink, links_text, worst
from aigf_dvc.attestation.verification import (
    SignerFacts,
    SignerKind,
    Step,
    StepName,
    StepOutcome,
    Verification,
    complete,
)
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import AigfError, RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.evidence.model_evidence import ModelFile
from aigf_dvc.policy.verdict import Outcome, Result, Verdict

CLOCK_SKEW = timedelta(minutes=5)
"""How far an attestation may be ahead of the judge's clock, or of the time of its signature."""

_TIME = "%Y-%m-%d %H:%M:%S UTC"
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What a judge wants of a deployment attestation."""

    at: datetime  # the judge's clock, UTC
    environment: str | None = None  # None: any
    policy_digests: frozenset[Sha256] | None = None  # the accepted policies
    judge: Callable[[Statement], Verdict] | None = None  # judges again, under a policy of its own
    any_policy: bool = False  # said aloud: the policy is not to be checked
    min_trust: TrustLevel = TrustLevel.DECLARED
    observe: Callable[[Statement, Deployment], Observation] | None = None  # None: as attested
    max_age: timedelta | None = None  # None: any age
    signature_only: bool = False  # leave out what the statement says of the model
    predicate_type: str = DEPLOYMENT
    consent: Callable[[Statement, Deployment], ConsentAgain] | None = None  # None: trusts nobody
    upstream: Callable[[Deployment], Sequence[UpstreamLink]] | None = None  # looks upstream
    upstream_required: bool = False  # every link must be attested; else they are only told


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """Everything that the steps after the statement look at."""

    statement: Statement
    deployment: Deployment
    artifact: tuple[ModelFile, ...]
    demands: Demands
    signer: SignerFacts


_Found = tuple[StepOutcome, str]


def judge_statement(
    payload: bytes,
    *,
    artifact: Sequence[ModelFile],
    demands: Demands,
    signer: SignerFacts,
    before: tuple[Step, ...],
) -> Verification:
    """Take the steps that follow the signature; the first that says no is the last one taken.

    Args:
        payload: the bytes that the signature was verified over.
        artifact: its recomputed digests; the names of a directory's files are relative to it.
        demands: what the judge wants.
        signer: what the signature proves.
        before: the steps taken so far.
    """
    try:
        statement = read_statement(payload)
        _expect_type(statement, demands.predicate_type)
        deployment = read_deployment(statement)
    except RefusedError as error:
        steps = (*before, _step(StepName.STATEMENT, (StepOutcome.FAILED, str(error))))
        return Verification(steps=complete(steps), signer=signer)
    about = f"a deployment attestation about {deployment.model!r:.100}"
    steps = (*before, _step(StepName.STATEMENT, _passed(about)))
    case = _Case(
        statement=statement,
        deployment=deployment,
        artifact=tuple(artifact),
        demands=demands,
        signer=signer,
    )
    for name in _STEPS:
        steps += (_step(name, _take(name, case)),)
        if not steps[-1].goes_on:
            break
    return Verification(
        steps=complete(steps),
        signer=signer,
        statement=statement,
        deployment=deployment,
        trust=_level(case, steps),
    )


def _expect_type(statement: Statement, expected: str) -> None:
    found = statement.predicate_type
    if found != expected:
        raise RefusedError(f"{found!r:.200}", where="statement.predicateType", expected=expected)


def _take(name: StepName, case: _Case) -> _Found:
    if case.demands.signature_only and name in _ABOUT_THE_MODEL:
        return _skipped("only the signature was asked for")
    try:
        return _STEPS[name](case)
    except RefusedError as error:
        return StepOutcome.FAILED, str(error)
    except UndecidedError as error:
        return StepOutcome.UNDECIDED, str(error)


def _source(case: _Case) -> _Found:
    signer = case.signer
    if signer.kind is SignerKind.KEY:
        return _skipped("a key says nothing about the source")
    named = [signer.source_repository, signer.source_digest, signer.source_ref]
    if not any(named):
        return _skipped("the certificate says nothing about the source")
    different = source_differences(case.deployment.source, signer)
    if different:
        raise RefusedError("the statement says " + "; ".join(different))
    return _passed("as the certificate says: " + ", ".join(filter(None, named)))


def _subject(case: _Case) -> _Found:
    different = subject_differences(case.statement, case.deployment, case.artifact)
    if different:
        raise RefusedError("\n".join(different))
    if len(case.artifact) == 1:
        return _passed(f"the artifact is sha256:{case.artifact[0].sha256}")
    return _passed(f"all {len(case.artifact)} files are the attested ones")


def _verdict(case: _Case) -> _Found:
    deployment, demanded = case.deployment, case.demands.environment
    verdict = _verdict_fields(deployment)
    if verdict.text("result") != Result.PASSED:
        raise RefusedError(f"the verdict is {verdict.text('result')!r:.100}")
    findings = verdict.objects("findings")
    if not findings:
        raise RefusedError("no rule was applied")
    harmless = tuple(outcome for outcome in Outcome if outcome is not Outcome.DENIED)
    bad = [finding for finding in findings if finding.text("outcome") not in harmless]
    if bad:
        raise RefusedError(f"said to have passed, yet denied by {_rules(bad)}")
    if verdict.text("model") != deployment.model:
        raise RefusedError(f"the verdict is about another model, {verdict.text('model')!r:.100}")
    if verdict.mapping("policy").sha256("digest") != deployment.policy.sha256:
        raise RefusedError("the verdict is of another policy than the statement names")
    if demanded not in (None, deployment.environment):
        raise RefusedError(f"attested for {deployment.environment!r:.100}, not for {demanded!r}")
    where = f"for {deployment.environment!r:.100}" + ("" if demanded else ", none was demanded")
    warned = [finding for finding in findings if finding.text("outcome") == Outcome.WARNED]
    aloud = f", of which {len(warned)} only WARNED: {_rules(warned)}" if warned else ""
    waived = [finding for finding in findings if finding.text("outcome") == Outcome.WAIVED]
    aloud += f", WAIVED: {_rules(waived)}" if waived else ""  # judged two steps later
    return _passed(f"passed, {len(findings)} findings, {where}{aloud}")


def _verdict_fields(deployment: Deployment) -> Fields:
    return Fields.of(dict(deployment.verdict), "predicate.verdict")


def _rules(findings: Sequence[Fields]) -> str:
    return ", ".join(f"{finding.text('rule')!r:.100}" for finding in findings)


def _policy(case: _Case) -> _Found:
    demands, policy = case.demands, case.deployment.policy
    stated = f"policy {policy.id!r:.100} {policy.version!r:.100}, sha256:{policy.sha256}"
    accepted = demands.policy_digests
    if accepted is not None and policy.sha256 not in accepted:
        raise RefusedError(f"{stated}, is not an accepted one")
    if demands.judge is not None:
        return _judged_again(case.statement, demands.judge)
    if demands.any_policy:
        return _skipped(f"POLICY NOT CHECKED, as --any-policy asks; attested under {stated}")
    if accepted is None:
        raise RefusedError("no policy was accepted: give --policy-digest, --policy or --any-policy")
    findings = _verdict_fields(case.deployment).objects("findings")
    left = [finding for finding in findings if finding.text("outcome") == Outcome.DEFERRED]
    if left:
        raise UndecidedError(f"left to be judged at deployment: {_rules(left)}; give --policy")
    return _passed(f"accepted: {stated}")


def _judged_again(statement: Statement, judge: Callable[[Statement], Verdict]) -> _Found:
    try:
        verdict = judge(statement)
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
    return _passed(f"judged again under {policy}: {count} findings, none denied{aloud}")


def _waivers(case: _Case) -> _Found:
    deployment, consent = case.deployment, case.demands.consent
    named = [item.name for item in (*deployment.waivers, *deployment.approvals)]
    waived = waived_rules(deployment)
    if consent is None:
        if named or waived:
            said = [f"{rule!r:.100} was waived" for rule in waived]
            said += [f"it carries {name!r:.100}" for name in named]
            raise RefusedError(f"without --trust nobody's word counts: {'; '.join(said)}")
        return _passed("none")
    found = consent(case.statement, deployment)
    notes = [f"note: {note}" for note in found.notes]
    if found.denied:
        raise RefusedError("\n".join(["nobody whom you trust upholds", *found.denied, *notes]))
    return _passed("\n".join([*found.held, *notes]) or "none, and no rule asks for any")


def _level(case: _Case, steps: Sequence[Step]) -> TrustLevel | None:
    ends = (StepOutcome.PASSED, StepOutcome.FAILED)
    if not any(step.name is StepName.TRUST and step.outcome in ends for step in steps):
        return None
    try:
        return _observation(case).level
    except RefusedError:
        return None


def _observation(case: _Case) -> Observation:
    if case.demands.observe is not None:
        return case.demands.observe(case.statement, case.deployment)
    return Observation(stages=case.deployment.lineage_verification.stages)


def _trust(case: _Case) -> _Found:
    demanded, observation = case.demands.min_trust, _observation(case)
    level = observation.level
    whose = ", by the word of the attester" if level.rank > TrustLevel.DECLARED.rank else ""
    if case.demands.observe is not None:
        whose = _observed_by(observation)
    said = f"the lineage is {level}{whose}; at least {demanded} is demanded"
    if level.rank < demanded.rank:
        raise RefusedError(said)
    return _passed(said)


def _observed_by(observation: Observation) -> str:
    if observation.reasons:
        by_reason: dict[str, list[str]] = {}
        for name, reason in observation.reasons.items():
            by_reason.setdefault(reason, []).append(f"{name!r:.100}")
        return f": {'; '.join(f'{_few(names)}: {why}' for why, names in by_reason.items())}"
    observers = dict.fromkeys(stage.observer for stage in observation.stages)
    return f" by {', '.join(observers)}"


def _few(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _freshness(case: _Case) -> _Found:
    demands, claimed = case.demands, case.deployment.issued_on
    time = case.signer.time or claimed
    said = f"signed {time.strftime(_TIME)} ({case.signer.time_source})"
    if time > demands.at + CLOCK_SKEW:
        raise RefusedError(f"issued in the future: {said}")
    if claimed > time + CLOCK_SKEW:
        raise RefusedError(f"{said}, yet claims to be of {claimed.strftime(_TIME)}")
    if demands.max_age is None:
        return _skipped(f"no --max-age; {said}")
    age = demands.at - time
    most = f"{demands.max_age.days} days" if demands.max_age.days else str(demands.max_age)
    if age > demands.max_age:
        raise RefusedError(f"{said}, {_ago(age)} ago; at most {most} is demanded")
    return _passed(f"{said}, at most {most} ago")


def _ago(age: timedelta) -> str:
    return f"{age.days} days" if age.days else str(age).partition(".")[0]


def _revocation(_case: _Case) -> _Found:
    return _skipped("this version has no revocation lists")


def _lineage(_case: _Case) -> _Found:
    return _skipped("this version does not walk the lineage again")


def _upstream(case: _Case) -> _Found:
    if case.demands.upstream is None:
        return _skipped("not asked for (--upstream)")
    links = case.demands.upstream(case.deployment)
    if not links:
        return _passed("nothing came from elsewhere")
    said, state = links_text(links), worst(links)
    if state is LinkState.ATTESTED:
        return _passed(said)
    if not case.demands.upstream_required:
        return _skipped(f"UPSTREAM NOT DEMANDED\n{said}")
    if state is LinkState.UNKNOWN:
        raise UndecidedError(said)
    raise RefusedError(said)


_STEPS: Mapping[StepName, Callable[[_Case], _Found]] = {
    StepName.SOURCE: _source,
    StepName.SUBJECT: _subject,
    StepName.VERDICT: _verdict,
    StepName.POLICY: _policy,
    StepName.WAIVERS: _waivers,
    StepName.TRUST: _trust,
    StepName.FRESHNESS: _freshness,
    StepName.REVOCATION: _revocation,
    StepName.LINEAGE: _lineage,
    StepName.UPSTREAM: _upstream,
}
_ABOUT_THE_MODEL = (
    StepName.VERDICT,
    StepName.POLICY,
    StepName.WAIVERS,
    StepName.TRUST,
    StepName.UPSTREAM,
)


def _passed(detail: str) -> _Found:
    return StepOutcome.PASSED, detail


def _skipped(detail: str) -> _Found:
    return StepOutcome.SKIPPED, detail


def _step(name: StepName, found: _Found) -> Step:
    outcome, detail = found
    return Step(name=name, outcome=outcome, detail=detail)
