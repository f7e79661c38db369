"""A signature is shown with what it leaves out, and never as a verdict."""

from unicodedata import category

import pytest

from aigf_dvc.attestation.oms_verification import OmsStep, OmsStepName, OmsVerification
from aigf_dvc.attestation.verification import SignerFacts, SignerKind, StepOutcome
from aigf_dvc.canonical import dumps
from aigf_dvc.report.oms_text import oms_as_json, oms_text
from tests.report.hostile import HOSTILE

SIGNER = SignerFacts(kind=SignerKind.KEY, name="sha256:4f1d")


def steps(*, stop: StepOutcome | None = None, detail: str = "") -> tuple[OmsStep, ...]:
    taken = [OmsStep(name=name, outcome=StepOutcome.PASSED) for name in OmsStepName]
    if stop is not None:
        taken[3] = OmsStep(name=OmsStepName.FILES, outcome=stop, detail=detail)
        taken[4] = OmsStep(name=OmsStepName.BYTES, outcome=StepOutcome.NOT_REACHED)
    return tuple(taken)


def test_what_holds_is_signed_and_said_to_be_no_verdict() -> None:
    text = oms_text(
        OmsVerification(steps=steps(), signer=SIGNER, not_covered=("'.git' is not signed",)),
        model="net",
        color=False,
    )
    assert "SIGNED: net\n  by sha256:4f1d\n  '.git' is not signed\n" in text
    assert "A signature is no verdict" in text
    assert "ACCEPTED" not in text
    assert "\x1b" not in text


def test_a_refusal_names_its_step_and_what_differs() -> None:
    verification = OmsVerification(
        steps=steps(stop=StepOutcome.FAILED, detail="missing: 'a'\nnot signed: 'b'"), signer=SIGNER
    )
    text = oms_text(verification, model="net", color=False)
    assert text.endswith("\nREFUSED at step 4, files: missing: 'a'\n")
    assert "not signed: 'b'" in text
    assert "SIGNED" not in text
    undecided = OmsVerification(steps=steps(stop=StepOutcome.UNDECIDED, detail="x"), signer=SIGNER)
    assert "UNDECIDED at step 4, files: x" in oms_text(undecided, model="net", color=True)


def test_the_place_is_not_said_twice() -> None:
    refused = OmsVerification(steps=steps(stop=StepOutcome.FAILED, detail="files: x"))
    assert "files: files" not in oms_text(refused, model="net", color=False)


def test_nothing_checked_is_never_shown_as_signed() -> None:
    assert "REFUSED" in oms_text(OmsVerification(steps=()), model="net", color=False)
    assert "REFUSED" in oms_text(OmsVerification(steps=steps()), model="net", color=False)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_names_cannot_move_the_cursor(text: str) -> None:
    refused = OmsVerification(steps=steps(stop=StepOutcome.FAILED, detail=text), signer=SIGNER)
    signed = OmsVerification(steps=steps(), signer=SIGNER, not_covered=(text,))
    for verification in (refused, signed):
        shown = oms_text(verification, model=text, color=False)
        assert all(category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or c == "\n" for c in shown)


def test_json_tells_everything() -> None:
    document = oms_as_json(OmsVerification(steps=steps(), signer=SIGNER, not_covered=("x",)))
    assert isinstance(document, dict)
    assert (document["signed"], document["stoppedAt"], document["exitCode"]) == (True, None, 0)
    assert document["notCovered"] == ["x"]
    assert b'"kind":"key"' in dumps(document)
