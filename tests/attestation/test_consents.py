from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.approval_statement import APPROVAL, Decision, approval_statement
from aigf_dvc.attestation.consents import Speaker, read_consent, read_verdict, speaker_of
from aigf_dvc.attestation.deployment import DEPLOYMENT
from aigf_dvc.attestation.signed import Signed
from aigf_dvc.attestation.trust import Period, Scope, TrustLine
from aigf_dvc.attestation.verification import SignerFacts, SignerKind, TimeSource
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.approval import Approval, DocumentSignature, Waiver
from aigf_dvc.evidence.external_verdict import VerdictType
from tests.attestation.consent_builders import (
    BY_KEY,
    DOCUMENT,
    ISSUED,
    MODEL,
    POLICY,
    TODAY,
    TREE,
    an_engine_statement,
    approval_payload,
    said,
    signed_by,
    the_trust,
)


def consent(
    decision: Decision = Decision.APPROVE,
    signed: Signed | None = None,
    *,
    role: str = "risk-owner",
    today: date = TODAY,
) -> Approval | Waiver | DocumentSignature:
    payload = approval_statement(said(decision, role=role))
    who = signed or signed_by("Dana")
    return read_consent(payload, who, the_trust(), where="sha256:abc", today=today)


def proven(at: datetime) -> SignerFacts:
    return SignerFacts(
        kind=SignerKind.KEYLESS, name="dana@corp", issuer="https://i", time=at,
        time_source=TimeSource.LOG,
    )  # fmt: skip


def test_an_approval_says_who_and_about_what() -> None:
    found = consent()
    assert isinstance(found, Approval)
    assert found == Approval(
        person="Dana",
        emails=("dana@corp",),
        roles=("waive", "risk-owner"),
        role="risk-owner",
        model="fraud",
        models=(MODEL,),
        tree=TREE,
        policy=POLICY,
        environment="production",
        reason="looked at it",
        issued=ISSUED,
        expires=datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
        where="sha256:abc",
    )


def test_a_waiver_names_its_rules_and_a_signature_its_document() -> None:
    waiver = consent(Decision.WAIVE)
    assert isinstance(waiver, Waiver)
    assert waiver.rules == ("fairness",)
    assert waiver.person == "Dana"
    signature = consent(Decision.SIGN, signed_by("Max"))
    assert isinstance(signature, DocumentSignature)
    assert signature.document == DOCUMENT.sha256
    assert (signature.person, signature.role) == ("Max", "risk-owner")


def test_a_role_that_is_not_the_signers_does_not_count() -> None:
    with pytest.raises(RefusedError, match="a role that they do not have"):
        consent(role="model-validator")


def test_a_waiver_by_somebody_without_the_role_waive_does_not_count() -> None:
    assert isinstance(consent(signed=signed_by("Max")), Approval)
    with pytest.raises(RefusedError, match="Max may not waive"):
        consent(Decision.WAIVE, signed_by("Max"))


@pytest.mark.parametrize(
    ("period", "today", "problem"),
    [
        (Period(last=date(2026, 11, 19)), TODAY, "valid only until 2026-11-19"),  # then
        (Period(first=date(2026, 11, 21)), TODAY, "valid only from 2026-11-21"),
        (Period(last=date(2026, 11, 22)), TODAY, "valid only until 2026-11-22"),  # now
    ],
)
@pytest.mark.parametrize("decision", Decision)
def test_a_key_outside_its_period_does_not_count(
    decision: Decision, period: Period, today: date, problem: str
) -> None:
    with pytest.raises(RefusedError, match=problem):
        consent(decision, signed_by("Dana", period=period), today=today)


def test_a_key_counts_on_the_first_and_last_day_of_its_period() -> None:
    period = Period(first=ISSUED.date(), last=TODAY)
    assert consent(signed=signed_by("Dana", period=period)).person == "Dana"


def test_a_proven_time_is_believed_before_a_claimed_one() -> None:
    late = signed_by("Dana", facts=proven(datetime(2026, 11, 22, tzinfo=UTC)))
    assert consent(signed=late).person == "Dana"
    with pytest.raises(RefusedError, match="valid only until 2026-11-21"):
        consent(signed=replace(late, period=Period(last=date(2026, 11, 21))), today=ISSUED.date())
    early = signed_by("Dana", facts=proven(datetime(2026, 11, 19, tzinfo=UTC)))
    with pytest.raises(RefusedError, match="after it was signed"):
        consent(signed=early)


def test_what_kind_of_statement_it_is_shows_without_knowing_its_version() -> None:
    assert speaker_of(approval_statement(said())) is Speaker.PERSON
    newer = approval_payload({}, kind="https://aigf-dvc.readthedocs.io/predicates/approval/v9")
    assert speaker_of(newer) is Speaker.PERSON
    for kind in VerdictType:
        assert speaker_of(an_engine_statement(kind)) is Speaker.ENGINE
    assert speaker_of(approval_payload({}, kind=DEPLOYMENT)) is None
    with pytest.raises(RefusedError):
        speaker_of(b"no statement")


def test_a_verdict_names_its_engine_and_the_earlier_of_its_times() -> None:
    facts = proven(datetime(2026, 11, 21, tzinfo=UTC))
    for signed, time in ((signed_by("ampel"), ISSUED), (signed_by("ampel", facts=facts), ISSUED)):
        found = read_verdict(
            an_engine_statement(), signed, the_trust(), where="sha256:abc", today=TODAY
        )
        assert (found.engine, found.type, found.time) == ("ampel", VerdictType.SVR, time)
        assert found.passed
        assert found.models == (MODEL,)


def test_the_time_of_a_test_result_is_the_proven_one_or_unknown() -> None:
    payload = an_engine_statement(VerdictType.TEST_RESULT)
    at = datetime(2026, 11, 21, tzinfo=UTC)
    known = signed_by("ampel", facts=proven(at))
    found = read_verdict(payload, known, the_trust(), where="", today=TODAY)
    assert found.time == at
    unknown = read_verdict(payload, signed_by("ampel"), the_trust(), where="", today=TODAY)
    assert unknown.time is None


@pytest.mark.parametrize(
    ("payload", "period", "problem"),
    [
        (an_engine_statement(VerdictType.VSA), Period(), "may sign svr, test-result"),
        (
            an_engine_statement(verifier={"id": "https://other", "policies": []}),
            Period(),
            "names the verifier 'https://other'",
        ),
        (an_engine_statement(), Period(last=date(2026, 11, 19)), "valid only until"),
        (
            an_engine_statement(VerdictType.TEST_RESULT),
            Period(last=date(2026, 11, 22)),
            "valid only until",
        ),
    ],
)
def test_a_verdict_that_the_engine_may_not_sign_does_not_count(
    payload: bytes, period: Period, problem: str
) -> None:
    with pytest.raises(RefusedError, match=problem):
        read_verdict(payload, signed_by("ampel", period=period), the_trust(), where="", today=TODAY)


LINE = TrustLine(owner="Dana", where="trust.yaml:4")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (replace(LINE, scope=Scope(environments=("production",))), ""),
        (replace(LINE, scope=Scope(predicate_types=(APPROVAL,))), ""),
        (replace(LINE, scope=Scope(environments=("staging",))), "Dana may not speak for 'product"),
        (replace(LINE, scope=Scope(predicate_types=("x",))), "Dana may not sign"),
        (replace(LINE, source_ref="refs/heads/main"), "the certificate names the ref None"),
    ],
)
@pytest.mark.parametrize("decision", [Decision.APPROVE, Decision.WAIVE])
def test_a_person_consents_only_as_far_as_their_line_goes(
    line: TrustLine, problem: str, decision: Decision
) -> None:
    signed = signed_by("Dana", facts=replace(BY_KEY, line=line))
    payload = approval_statement(said(decision))
    if not problem:
        assert read_consent(payload, signed, the_trust(), where="b", today=TODAY).person == "Dana"
        return
    with pytest.raises(RefusedError, match=problem):
        read_consent(payload, signed, the_trust(), where="b", today=TODAY)
