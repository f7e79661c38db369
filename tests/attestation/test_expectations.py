from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.deployment import DEPLOYMENT, Statement, evidence_item
from aigf_dvc.attestation.expectations import judge_statement
from aigf_dvc.attestation.observed import Observation
from aigf_dvc.attestation.upheld import ConsentAgain
from aigf_dvc.attestation.upstream import LinkState, UpstreamLink
from aigf_dvc.attestation.verification import (
    SignerFacts,
    SignerKind,
    Step,
    StepName,
    StepOutcome,
    TimeSource,
    Verification,
)
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.upstream_source import Upstream, UpstreamKind
from aigf_dvc.policy.verdict import Outcome, Result, Verdict
from aigf_dvc.report.verdict_json import verdict_as_json
from tests.attestation.builders import (
    BY_KEY,
    COMMIT,
    DEPLOYED,
    ISSUED,
    POLICY,
    REPOSITORY,
    a_deployment,
    a_payload,
    a_verdict,
    an_edited_payload,
    some_demands,
)

BEFORE = (
    Step(name=StepName.BUNDLE, outcome=StepOutcome.PASSED),
    Step(name=StepName.SIGNATURE, outcome=StepOutcome.PASSED),
)
CERTIFIED = SignerFacts(
    kind=SignerKind.KEYLESS,
    name="workflow",
    issuer="issuer",
    source_repository=REPOSITORY,
    source_digest=COMMIT,
    source_ref="refs/heads/main",
    time=ISSUED,
    time_source=TimeSource.LOG,
)
Judge = Callable[[Statement], Verdict]


def judged(
    payload: bytes | None = None,
    *,
    artifact: tuple[ModelFile, ...] = DEPLOYED,
    signer: SignerFacts = BY_KEY,
    **demands: Any,  # noqa: ANN401 (the fields of Demands)
) -> Verification:
    verification = judge_statement(
        payload or a_payload(),
        artifact=artifact,
        demands=some_demands(**demands),
        signer=signer,
        before=BEFORE,
    )
    assert [step.number for step in verification.steps] == [name.value for name in StepName]
    return verification


def ending(verification: Verification) -> tuple[StepName, str]:
    """Return the step that refused, after checking that no later one was taken."""
    stopped = verification.stopped_at
    assert stopped is not None
    assert not verification.accepted
    later = verification.steps[stopped.number :]
    assert {step.outcome for step in later} <= {StepOutcome.NOT_REACHED}
    return stopped.name, stopped.detail


def step(verification: Verification, name: StepName) -> Step:
    return verification.steps[name.value - 1]


def test_a_sound_attestation_is_accepted_and_says_what_was_not_checked() -> None:
    verification = judged()
    assert verification.accepted
    assert verification.exit_code == 0
    skipped = [s.name for s in verification.steps if s.outcome is StepOutcome.SKIPPED]
    assert skipped == [
        StepName.SOURCE,
        StepName.FRESHNESS,
        StepName.REVOCATION,
        StepName.LINEAGE,
        StepName.UPSTREAM,
        StepName.RELEASE,
    ]
    assert all(s.detail for s in verification.steps[2:])


def test_a_statement_that_cannot_be_read_is_refused() -> None:
    verification = judged(b"{}")
    assert ending(verification)[0] is StepName.STATEMENT
    assert verification.exit_code == 1
    assert verification.statement is None


def test_another_predicate_type_is_refused() -> None:
    other = b"https://slsa.dev/provenance/v1"
    name, detail = ending(judged(a_payload().replace(DEPLOYMENT.encode(), other)))
    assert name is StepName.STATEMENT
    assert other.decode() in detail
    assert DEPLOYMENT in detail


def test_a_certificate_for_another_source_is_refused() -> None:
    other = replace(CERTIFIED, source_digest="0" * 40)
    name, detail = ending(judged(signer=other))
    assert name is StepName.SOURCE
    assert COMMIT in detail


def test_a_certificate_for_the_same_source_passes_and_one_without_claims_is_skipped() -> None:
    assert step(judged(signer=CERTIFIED), StepName.SOURCE).outcome is StepOutcome.PASSED
    bare = replace(CERTIFIED, source_repository=None, source_digest=None, source_ref=None)
    skipped = step(judged(signer=bare), StepName.SOURCE)
    assert skipped.outcome is StepOutcome.SKIPPED
    assert "certificate says nothing" in skipped.detail


def test_another_model_is_refused() -> None:
    other = (ModelFile(name="fraud.pkl", sha256=sha256(b"another model")),)
    assert ending(judged(artifact=other))[0] is StepName.SUBJECT


@pytest.mark.parametrize(
    "verdict",
    [
        verdict_as_json(a_verdict(Outcome.DENIED)),
        verdict_as_json(a_verdict(result=Result.UNDECIDED)),
        verdict_as_json(a_verdict(Outcome.DENIED, result=Result.PASSED)),
        verdict_as_json(a_verdict(findings=())),
        verdict_as_json(a_verdict(model="another")),
        verdict_as_json(a_verdict(policy=replace(POLICY, sha256=sha256(b"another policy")))),
        verdict_as_json(a_verdict(policy=replace(POLICY, version="2"))),
        verdict_as_json(a_verdict(environment="staging")),
        verdict_as_json(a_verdict()) | {"findings": [{"rule": 7, "outcome": "passed"}]},
        {},
        {"result": "passed"},
        {"result": "PASSED", "findings": []},
        {"result": True},
    ],
)
def test_a_verdict_that_is_not_a_clean_pass_is_refused(verdict: dict[str, Any]) -> None:
    assert ending(judged(an_edited_payload(verdict=verdict)))[0] is StepName.VERDICT


def test_an_unknown_outcome_of_a_rule_is_no_pass() -> None:
    verdict: Any = verdict_as_json(a_verdict())
    verdict["findings"][0]["outcome"] = "excused"
    assert ending(judged(an_edited_payload(verdict=verdict)))[0] is StepName.VERDICT


def test_another_environment_is_refused() -> None:
    name, detail = ending(judged(environment="staging"))
    assert name is StepName.VERDICT
    assert "attested for 'production', not for 'staging'" in detail


def test_an_attestation_for_no_environment_does_not_serve_a_demanded_one() -> None:
    assert ending(judged(a_payload(environment=None)))[0] is StepName.VERDICT


def test_an_environment_that_was_not_demanded_is_said() -> None:
    assert "none was demanded" in step(judged(environment=None), StepName.VERDICT).detail


def test_without_an_accepted_policy_it_is_refused_and_says_how_to_accept_one() -> None:
    name, detail = ending(judged(policy_digests=None))
    assert name is StepName.POLICY
    assert detail.startswith("no policy was accepted: give --policy-digest or --policy, or name")


@pytest.mark.parametrize("digests", [frozenset(), frozenset({sha256(b"another")})])
def test_a_policy_that_is_not_accepted_is_refused(digests: frozenset[str]) -> None:
    assert ending(judged(policy_digests=digests))[0] is StepName.POLICY


def test_any_policy_says_aloud_that_the_policy_was_not_checked() -> None:
    verification = judged(policy_digests=None, any_policy=True)
    assert verification.accepted
    said = step(verification, StepName.POLICY)
    assert said.outcome is StepOutcome.SKIPPED
    assert "POLICY NOT CHECKED" in said.detail


def test_any_policy_does_not_undo_a_demanded_digest() -> None:
    digests = frozenset({sha256(b"another")})
    assert ending(judged(policy_digests=digests, any_policy=True))[0] is StepName.POLICY


def test_a_rule_left_for_deployment_is_undecided_under_a_digest_alone() -> None:
    payload = an_edited_payload(verdict=verdict_as_json(a_verdict(Outcome.DEFERRED)))
    verification = judged(payload)
    assert ending(verification)[0] is StepName.POLICY
    assert verification.exit_code == 3
    assert judged(payload, judge=lambda _: a_verdict()).accepted


def test_the_judges_own_policy_decides() -> None:
    assert judged(policy_digests=None, judge=lambda _: a_verdict()).accepted
    name, detail = ending(judged(judge=lambda _: a_verdict(Outcome.DENIED)))
    assert name is StepName.POLICY
    assert "fairness: fairness_score is 0.85 (expected at least 0.8)" in detail


def test_a_denied_rule_counts_whatever_the_judgement_says_as_a_whole() -> None:
    odd = a_verdict(Outcome.DENIED, result=Result.PASSED)
    assert ending(judged(judge=lambda _: odd))[0] is StepName.POLICY


def test_a_judgement_that_found_no_rule_is_no_pass() -> None:
    assert ending(judged(judge=lambda _: a_verdict(findings=())))[0] is StepName.POLICY


def raising(error: Exception) -> Judge:
    def judge(_: Statement) -> Verdict:
        raise error

    return judge


@pytest.mark.parametrize(
    ("judge", "exit_code"),
    [
        (lambda _: a_verdict(result=Result.UNDECIDED, findings=()), 3),
        (raising(UndecidedError("the card is not here")), 3),
        (raising(InputError("no such rule")), 3),
        (raising(RefusedError("the card is another one")), 1),
    ],
)
def test_a_policy_that_cannot_be_applied_is_no_pass(judge: Judge, exit_code: int) -> None:
    verification = judged(judge=judge)
    assert ending(verification)[0] is StepName.POLICY
    assert verification.exit_code == exit_code


CARRIED = (evidence_item("approval/Dana", "application/json", b"{}"),)
WAIVED: dict[str, Any] = {"verdict": verdict_as_json(a_verdict(Outcome.WAIVED))}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"waivers": CARRIED}, "it carries 'approval/Dana'"),
        ({"approvals": CARRIED}, "it carries 'approval/Dana'"),
        (WAIVED, "'fairness' was waived"),
    ],
)
def test_what_people_signed_is_refused_without_a_trust_file(
    changes: dict[str, Any], said: str
) -> None:
    name, detail = ending(judged(a_payload(**changes)))
    assert name is StepName.WAIVERS
    assert said in detail
    assert "--trust" in detail


def test_what_nobody_upholds_whom_the_judge_trusts_is_refused() -> None:
    found = ConsentAgain(held=("a",), denied=("fairness, on 2026-11-23: gone",), notes=("why",))
    verification = judged(a_payload(**WAIVED), consent=lambda _statement, _deployment: found)
    name, detail = ending(verification)
    assert name is StepName.WAIVERS
    assert "fairness, on 2026-11-23: gone" in detail
    assert "note: why" in detail


def test_what_people_uphold_is_accepted_and_said() -> None:
    found = ConsentAgain(held=("fairness is WAIVED by Dana",))
    verification = judged(a_payload(**WAIVED), consent=lambda _statement, _deployment: found)
    assert verification.accepted
    assert "WAIVED by Dana" in step(verification, StepName.WAIVERS).detail
    assert "WAIVED: 'fairness'" in step(verification, StepName.VERDICT).detail


def test_without_any_consent_there_is_nothing_to_uphold() -> None:
    nothing = judged(consent=lambda _statement, _deployment: ConsentAgain())
    assert nothing.accepted
    assert "none" in step(nothing, StepName.WAIVERS).detail


def test_a_lineage_below_the_demanded_trust_is_refused() -> None:
    name, detail = ending(judged(min_trust=TrustLevel.OBSERVED))
    assert name is StepName.TRUST
    assert "declared" in detail
    assert "observed" in detail


def lineage_of(*stages: StageTrust) -> Observation:
    weak = {s.stage: "no run record" for s in stages if s.level is TrustLevel.DECLARED}
    return Observation(stages=stages, reasons=weak)


def a_stage(name: str, observer: str = "") -> StageTrust:
    level = TrustLevel.OBSERVED if observer else TrustLevel.DECLARED
    return StageTrust(stage=name, level=level, observer=observer)


def test_whose_word_the_trust_is_is_said_aloud() -> None:
    stages = (StageTrust(stage="train", level=TrustLevel.OBSERVED),)
    attested = a_deployment().lineage_verification
    payload = a_payload(lineage_verification=replace(attested, stages=stages))
    by_attester = judged(payload, min_trust=TrustLevel.OBSERVED)
    assert by_attester.accepted
    assert "observed, by the word of the attester" in step(by_attester, StepName.TRUST).detail
    assert by_attester.trust is TrustLevel.OBSERVED
    assert "word" not in step(judged(), StepName.TRUST).detail
    observation = lineage_of(a_stage("train", "box"), a_stage("evaluate", "ci"))
    by_others = judged(min_trust=TrustLevel.OBSERVED, observe=lambda *_: observation)
    assert by_others.accepted
    assert "the lineage is observed by box, ci" in step(by_others, StepName.TRUST).detail
    assert by_others.trust is TrustLevel.OBSERVED


def test_an_observer_who_says_less_than_the_attester_is_believed() -> None:
    stages = (StageTrust(stage="train", level=TrustLevel.OBSERVED),)
    attested = a_deployment().lineage_verification
    payload = a_payload(lineage_verification=replace(attested, stages=stages))
    observation = lineage_of(*(a_stage(f"s{number}") for number in range(8)))
    verification = judged(payload, min_trust=TrustLevel.OBSERVED, observe=lambda *_: observation)
    name, detail = ending(verification)
    assert name is StepName.TRUST
    assert "'s4' and 3 more: no run record" in detail
    assert verification.trust is TrustLevel.DECLARED


@pytest.mark.parametrize(
    ("error", "code"), [(UndecidedError("not at hand"), 3), (RefusedError("no manifest"), 1)]
)
def test_evidence_of_observers_that_cannot_be_judged_is_never_a_yes(
    error: Exception, code: int
) -> None:
    def fails(*_: object) -> Observation:
        raise error

    verification = judged(observe=fails)
    assert ending(verification)[0] is StepName.TRUST
    assert (verification.exit_code, verification.trust) == (code, None)


def test_a_stale_attestation_is_refused_and_the_time_is_named_as_claimed() -> None:
    limit = timedelta(days=30)
    assert judged(max_age=limit, at=ISSUED + limit).accepted
    late = ISSUED + limit + timedelta(seconds=1)
    name, detail = ending(judged(max_age=limit, at=late))
    assert name is StepName.FRESHNESS
    assert "(claimed)" in detail


def test_the_time_of_the_log_counts_rather_than_the_claimed_one() -> None:
    signer = replace(CERTIFIED, time=ISSUED + timedelta(days=40))
    at = ISSUED + timedelta(days=41)
    verification = judged(signer=signer, max_age=timedelta(days=2), at=at)
    assert verification.accepted
    assert "(log)" in step(verification, StepName.FRESHNESS).detail


def test_an_attestation_from_the_future_is_refused() -> None:
    skew = timedelta(minutes=5)
    assert judged(at=ISSUED - skew).accepted
    early = ISSUED - skew - timedelta(seconds=1)
    assert ending(judged(at=early))[0] is StepName.FRESHNESS
    ahead = replace(CERTIFIED, time=ISSUED + timedelta(hours=1))
    assert ending(judged(signer=ahead))[0] is StepName.FRESHNESS


def test_a_claimed_time_after_the_signature_is_refused() -> None:
    signer = replace(CERTIFIED, time=ISSUED - timedelta(minutes=6))
    name, detail = ending(judged(signer=signer))
    assert name is StepName.FRESHNESS
    assert "claims to be of" in detail


def a_link(state: LinkState) -> UpstreamLink:
    item = Upstream(kind=UpstreamKind.IMPORT, name="a.csv", uri="https://h.org/r")
    return UpstreamLink(upstream=item, depth=1, state=state, detail="so it is")


@pytest.mark.parametrize(
    ("states", "outcome", "code"),
    [
        ((), StepOutcome.PASSED, 0),
        ((LinkState.ATTESTED,), StepOutcome.PASSED, 0),
        ((LinkState.ATTESTED, LinkState.UNATTESTED), StepOutcome.FAILED, 1),
        ((LinkState.UNKNOWN, LinkState.REFUSED), StepOutcome.FAILED, 1),
        ((LinkState.UNKNOWN, LinkState.ATTESTED), StepOutcome.UNDECIDED, 3),
    ],
)
def test_upstream_that_is_demanded_must_be_attested_to_the_last_link(
    states: tuple[LinkState, ...], outcome: StepOutcome, code: int
) -> None:
    links = [a_link(state) for state in states]
    found = judged(upstream=lambda _: links, upstream_required=True)
    assert (step(found, StepName.UPSTREAM).outcome, found.exit_code) == (outcome, code)
    told = judged(upstream=lambda _: links)
    assert told.accepted
    assert all(link.state in step(told, StepName.UPSTREAM).detail for link in links)
