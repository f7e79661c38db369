from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.evidence.approval import DocumentSignature
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.policy.verdict import Finding, Outcome
from tests.policy.builders import TODAY, a_document, an_evidence, judged, the_finding

RULE = "{id: bias, kind: document, document: bias-analysis, max_age: 90d}"


def finding_of(*documents: GovernanceDocument, rule: str = RULE) -> tuple[Outcome, str, str]:
    finding = the_finding(judged(rule, an_evidence(documents=documents)))
    return finding.outcome, finding.observed, finding.remedy


def test_a_recent_document_about_the_model_passes() -> None:
    outcome, observed, remedy = finding_of(a_document(dated=date(2026, 11, 11)))
    assert (outcome, remedy) == (Outcome.PASSED, "")
    assert observed == "bias-analysis is 12 days old (dated 2026-11-11)"


def test_an_absent_document_is_denied_and_the_others_are_named() -> None:
    outcome, observed, remedy = finding_of(a_document(kind="risk-assessment"))
    assert outcome is Outcome.DENIED
    assert observed == "there is no bias-analysis document; there are: risk-assessment"
    assert "{type: bias-analysis, path: FILE}" in remedy
    assert finding_of()[1] == "there is no bias-analysis document"


@pytest.mark.parametrize(
    ("age_days", "outcome"), [(0, Outcome.PASSED), (90, Outcome.PASSED), (91, Outcome.DENIED)]
)
def test_the_age_is_counted_in_days(age_days: int, outcome: Outcome) -> None:
    assert finding_of(a_document(dated=TODAY - timedelta(days=age_days)))[0] is outcome


def test_an_old_document_says_how_old_it_is() -> None:
    finding = the_finding(
        judged(RULE, an_evidence(documents=(a_document(dated=date(2025, 11, 23)),)))
    )
    assert finding.observed == "it is 365 days old (dated 2025-11-23)"
    assert finding.expected == "a bias-analysis document, at most 90 days old, about mortgage"
    assert finding.where == "governance/documents/bias-analysis.md"


def test_a_document_from_the_future_is_denied_whatever_its_age_may_be() -> None:
    future = a_document(dated=TODAY + timedelta(days=2))
    for rule in (RULE, "{id: bias, kind: document, document: bias-analysis}"):
        outcome, observed, _ = finding_of(future, rule=rule)
        assert outcome is Outcome.DENIED
        assert observed == "its date 2026-11-25 is in the future"


def test_a_document_dated_today_east_of_greenwich_passes() -> None:
    outcome, observed, _ = finding_of(a_document(dated=TODAY + timedelta(days=1)))
    assert outcome is Outcome.PASSED
    assert observed.startswith("bias-analysis is 0 days old")


def test_an_undated_document_is_denied_only_where_its_age_counts() -> None:
    undated = a_document(dated=None)
    outcome, observed, _ = finding_of(undated)
    assert (outcome, observed) == (Outcome.DENIED, "it has no date")
    rule = "{id: bias, kind: document, document: bias-analysis}"
    outcome, observed, _ = finding_of(undated, rule=rule)
    assert (outcome, observed) == (Outcome.PASSED, "bias-analysis is there")


def test_a_document_about_another_model_is_denied() -> None:
    outcome, observed, remedy = finding_of(a_document(models=("credit", "fraud")))
    assert (outcome, observed) == (Outcome.DENIED, "it speaks of credit, fraud")
    assert "add mortgage to `models:`" in remedy


def test_a_document_about_no_model_is_denied_unless_it_may_be_bound_to_nothing() -> None:
    unbound = a_document(models=())
    outcome, observed, remedy = finding_of(unbound)
    assert (outcome, observed) == (Outcome.DENIED, "it names no model")
    assert "`models: [mortgage]`" in remedy
    rule = "{id: bias, kind: document, document: bias-analysis, bound_to: nothing}"
    assert finding_of(unbound, rule=rule)[0] is Outcome.PASSED


def test_one_good_document_of_several_is_enough() -> None:
    old = a_document(dated=date(2020, 1, 1))
    other = a_document(models=("credit",))
    assert finding_of(other, old, a_document())[0] is Outcome.PASSED
    assert finding_of(old, other)[1] == "it speaks of credit"  # the newest one's fault


MODEL_SHA256, DATA_SHA256, OTHER_SHA256 = (sha256(data) for data in (b"model", b"data", b"other"))


def bound(rule: str, *digests: Sha256, known: bool = True) -> tuple[Outcome, str, str]:
    """Judge a document that names these digests, of a model whose digests are known or not."""
    evidence = an_evidence(documents=(replace(a_document(models=()), digests=digests),))
    if known:
        evidence = replace(evidence, sha256=MODEL_SHA256, data={"raw.csv": DATA_SHA256})
    text = f"{{id: bias, kind: document, document: bias-analysis, bound_to: {rule}}}"
    finding = the_finding(judged(text, evidence))
    return finding.outcome, finding.observed, finding.remedy


@pytest.mark.parametrize(
    ("rule", "digest"), [("model-digest", MODEL_SHA256), ("data-digest", DATA_SHA256)]
)
def test_a_document_can_be_bound_to_bytes(rule: str, digest: Sha256) -> None:
    assert bound(rule, OTHER_SHA256, digest)[0] is Outcome.PASSED
    outcome, observed, remedy = bound(rule, OTHER_SHA256)
    assert (outcome, observed) == (Outcome.DENIED, "it names other bytes")
    assert f"`digests: [sha256:{digest}]`" in remedy
    assert bound(rule)[1] == "it names no digest"


@pytest.mark.parametrize("rule", ["model-digest", "data-digest"])
def test_bytes_that_are_not_known_bind_nothing(rule: str) -> None:
    outcome, observed, _ = bound(rule, MODEL_SHA256, DATA_SHA256, known=False)
    assert (outcome, observed) == (Outcome.DENIED, "the SHA-256 that it should name is not known")


def test_the_digest_of_the_data_does_not_stand_for_the_model() -> None:
    assert bound("model-digest", DATA_SHA256)[0] is Outcome.DENIED
    assert bound("data-digest", MODEL_SHA256)[0] is Outcome.DENIED


SIGNED = "{id: risk, kind: document, document: bias-analysis, signed_by_role: risk-owner}"


def a_signature(**changes: Any) -> DocumentSignature:  # noqa: ANN401 (fields)
    plain = DocumentSignature(
        person="Dana",
        role="risk-owner",
        document=a_document().sha256,
        reason="read it",
        issued=datetime(2026, 11, 20, tzinfo=UTC),
        expires=datetime(2026, 11, 23, tzinfo=UTC),
        where="sha256:abc",
    )
    return replace(plain, **changes)


def signed(*signatures: DocumentSignature) -> Finding:
    evidence = replace(an_evidence(documents=(a_document(),)), signatures=signatures)
    return the_finding(judged(SIGNED, evidence))


def test_a_document_that_somebody_in_the_role_signed_passes() -> None:
    found = signed(a_signature())
    assert found.outcome is Outcome.PASSED
    assert "signed by Dana" in found.observed


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"role": "reader"}, "no risk-owner has signed these bytes"),
        ({"document": sha256(b"an older text")}, "no risk-owner has signed these bytes"),
        ({"expires": datetime(2026, 11, 22, tzinfo=UTC)}, "expired on 2026-11-22"),
        ({"issued": datetime(2026, 12, 1, tzinfo=UTC)}, "of the future"),
    ],
)
def test_a_signature_that_does_not_count_is_none(changes: dict[str, Any], said: str) -> None:
    found = signed(a_signature(**changes))
    assert found.outcome is Outcome.DENIED
    assert said in found.observed
    assert "aigf approve --document governance/documents/bias-analysis.md" in found.remedy


def test_an_unsigned_document_is_denied_and_one_good_signature_is_enough() -> None:
    assert signed().outcome is Outcome.DENIED
    expired = a_signature(expires=datetime(2026, 11, 22, tzinfo=UTC))
    assert signed(expired, a_signature()).outcome is Outcome.PASSED


def test_a_signature_heals_no_other_fault() -> None:
    evidence = replace(
        an_evidence(documents=(a_document(models=("fraud",)),)), signatures=(a_signature(),)
    )
    found = the_finding(judged(SIGNED, evidence))
    assert found.outcome is Outcome.DENIED
    assert "it speaks of fraud" in found.observed


def test_a_document_of_yesterday_is_one_day_old() -> None:
    document = a_document(dated=TODAY - timedelta(days=1))
    rule = "{id: d, kind: document, document: bias-analysis, max_age: 365d}"
    finding = the_finding(judged(rule, an_evidence(documents=(document,))))
    assert finding.observed.startswith("bias-analysis is 1 day old")


def test_a_document_that_is_listed_and_not_there_is_named() -> None:
    evidence = replace(an_evidence(), document_places={"bias-analysis": "governance/bias.md"})
    finding = the_finding(judged("{id: d, kind: document, document: bias-analysis}", evidence))
    assert finding.observed == "there is no bias-analysis document: governance/bias.md is not there"
    assert finding.where == "governance/bias.md"
