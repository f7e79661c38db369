from aigf_dvc.attestation.approval_statement import Decision
from aigf_dvc.report.approval_text import approval_text
from tests.attestation.consent_builders import DOCUMENT, MODEL, POLICY, TREE, said


def test_all_that_is_signed_is_shown() -> None:
    text = approval_text(said(Decision.WAIVE))
    for part in ("waiver", "fairness", "risk-owner", "fraud", MODEL, "models/fraud.pkl",
                 "production", POLICY, TREE, "looked at it", "2026-11-20 09:30:00 UTC",
                 "2026-12-31 23:59:59 UTC"):  # fmt: skip
        assert part in text


def test_a_document_has_no_policy_and_an_approval_may_have_no_end() -> None:
    text = approval_text(said(Decision.SIGN, expires=None))
    assert DOCUMENT.sha256 in text
    assert "policy" not in text
    assert text.splitlines()[-1].split() == ["expires", "never"]


def test_a_reason_cannot_steer_a_terminal() -> None:
    assert "\x1b" not in approval_text(said(reason="fine\x1b[2J"))
