from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.deployment import DEPLOYMENT, Deployment, StatementHead, evidence_item
from aigf_dvc.attestation.upheld import ConsentAgain
from aigf_dvc.attestation.verification import (
    StepName,
    StepOutcome,
)
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.verdict import Outcome, Result, Verdict
from aigf_dvc.report.verdict_json import verdict_as_json
from tests.attestation.builders import (
    COMMIT,
    POLICY,
    a_payload,
    a_verdict,
    an_edited_payload,
)
from tests.attestation.judging import CERTIFIED, ending, judged, step

Judge = Callable[[StatementHead, Deployment], Verdict]


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


def test_a_verdict_may_name_the_environment_of_its_statement() -> None:
    verdict = verdict_as_json(a_verdict(environment="production"))
    found = step(judged(an_edited_payload(verdict=verdict)), StepName.VERDICT)
    assert found.outcome is StepOutcome.PASSED


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
    assert judged(payload, judge=lambda *_: a_verdict()).accepted


def test_the_judges_own_policy_decides() -> None:
    assert judged(policy_digests=None, judge=lambda *_: a_verdict()).accepted
    name, detail = ending(judged(judge=lambda *_: a_verdict(Outcome.DENIED)))
    assert name is StepName.POLICY
    assert "fairness: fairness_score is 0.85 (expected at least 0.8)" in detail


def test_a_denied_rule_counts_whatever_the_judgement_says_as_a_whole() -> None:
    odd = a_verdict(Outcome.DENIED, result=Result.PASSED)
    assert ending(judged(judge=lambda *_: odd))[0] is StepName.POLICY


def test_a_judgement_that_found_no_rule_is_no_pass() -> None:
    assert ending(judged(judge=lambda *_: a_verdict(findings=())))[0] is StepName.POLICY


def raising(error: Exception) -> Judge:
    def judge(*_: object) -> Verdict:
        raise error

    return judge


@pytest.mark.parametrize(
    ("judge", "exit_code"),
    [
        (lambda *_: a_verdict(result=Result.UNDECIDED, findings=()), 3),
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
