import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.verification import (
    NEVER_SKIPPED,
    Step,
    StepName,
    StepOutcome,
    Verification,
    complete,
)

ALL_PASSED = tuple(Step(name=name, outcome=StepOutcome.PASSED) for name in StepName)


def with_outcome(name: StepName, outcome: StepOutcome) -> Verification:
    return Verification(
        steps=tuple(
            replace(step, outcome=outcome) if step.name is name else step for step in ALL_PASSED
        )
    )


def test_all_steps_passed_is_accepted() -> None:
    assert Verification(steps=ALL_PASSED).accepted


def test_no_steps_are_never_accepted() -> None:
    assert not Verification(steps=()).accepted
    assert Verification(steps=()).exit_code == 1


@pytest.mark.parametrize("name", list(StepName))
def test_a_missing_step_is_never_accepted(name: StepName) -> None:
    steps = tuple(step for step in ALL_PASSED if step.name is not name)
    assert not Verification(steps=steps).accepted


@pytest.mark.parametrize("name", NEVER_SKIPPED)
def test_a_step_that_must_be_taken_cannot_be_skipped(name: StepName) -> None:
    verification = with_outcome(name, StepOutcome.SKIPPED)
    assert not verification.accepted
    assert verification.exit_code == 1


@pytest.mark.parametrize("name", list(StepName))
def test_a_failed_step_is_exit_code_1_and_an_undecided_one_3(name: StepName) -> None:
    assert with_outcome(name, StepOutcome.FAILED).exit_code == 1
    assert with_outcome(name, StepOutcome.UNDECIDED).exit_code == 3
    assert with_outcome(name, StepOutcome.NOT_REACHED).exit_code == 1


def test_what_was_overridden_by_hand_is_accepted_and_told() -> None:
    verification = with_outcome(StepName.REVOCATION, StepOutcome.OVERRIDDEN)
    assert verification.accepted
    assert [step.name for step in verification.overridden] == [StepName.REVOCATION]
    assert not Verification(steps=ALL_PASSED).overridden


@pytest.mark.parametrize("name", NEVER_SKIPPED)
def test_a_step_that_must_be_taken_cannot_be_overridden(name: StepName) -> None:
    assert not with_outcome(name, StepOutcome.OVERRIDDEN).accepted


def test_completed_steps_are_numbered_without_a_gap() -> None:
    steps = complete(ALL_PASSED[:4])
    assert [step.number for step in steps] == list(range(1, len(StepName) + 1))
    assert {step.outcome for step in steps[4:]} == {StepOutcome.NOT_REACHED}
