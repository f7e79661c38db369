"""A check that could not be decided, or that hostile text stands in, is told as what it is."""

from aigf_dvc.attestation.signature_only import SignatureCheck
from aigf_dvc.attestation.verification import Step, StepName, StepOutcome
from aigf_dvc.report.signature_text import signature_as_json, signature_text


def a_check(outcome: StepOutcome, detail: str = "so it is") -> SignatureCheck:
    return SignatureCheck(
        steps=(
            Step(name=StepName.BUNDLE, outcome=StepOutcome.PASSED, detail="a bundle"),
            Step(name=StepName.SIGNATURE, outcome=outcome, detail=detail),
        )
    )


def test_what_cannot_be_decided_is_no_yes_and_no_no() -> None:
    check = a_check(StepOutcome.UNDECIDED)
    assert (check.verified, check.exit_code) == (False, 3)
    assert "UNDECIDED at step 2, signature: so it is" in signature_text(
        check, artifact="m", color=False
    )


def test_the_end_fits_a_terminal_and_is_coloured_as_its_step() -> None:
    check = a_check(StepOutcome.FAILED, f"signature: another key signed {'far too long ' * 9}")
    text = signature_text(check, artifact="m", color=False)
    assert max(map(len, text.splitlines())) <= 90
    assert "REFUSED at step 2, signature: another key signed" in text
    assert "\x1b[31mREFUSED" in signature_text(check, artifact="m", color=True)


def test_a_check_that_stopped_early_is_a_no_whatever_passed() -> None:
    check = a_check(StepOutcome.PASSED)
    assert (check.verified, check.exit_code) == (False, 1)
    assert SignatureCheck(steps=()).exit_code == 1


def test_what_others_wrote_cannot_move_the_cursor() -> None:
    said = signature_text(
        a_check(StepOutcome.FAILED, "\x1b[2J\u202e"), artifact="\x1b[2J", color=False
    )
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_json_says_how_little_it_is() -> None:
    said = signature_as_json(a_check(StepOutcome.FAILED), artifact="m")
    assert isinstance(said, dict)
    assert "accepted" not in said
    assert "no verdict" in str(said["notice"])
