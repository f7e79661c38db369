"""A model signature holds when every step was taken and said yes, and never otherwise."""

import pytest

from aigf_dvc.attestation.oms_verification import OmsStep, OmsStepName, OmsVerification
from aigf_dvc.attestation.verification import StepOutcome

ALL = tuple(OmsStep(name=name, outcome=StepOutcome.PASSED) for name in OmsStepName)


def last(outcome: StepOutcome) -> tuple[OmsStep, ...]:
    return (*ALL[:-1], OmsStep(name=ALL[-1].name, outcome=outcome))


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        (ALL, 0),
        (ALL[:-1], 1),
        (ALL[1:], 1),
        ((), 1),
        (tuple(reversed(ALL)), 1),
        (last(StepOutcome.FAILED), 1),
        (last(StepOutcome.SKIPPED), 1),
        (last(StepOutcome.UNDECIDED), 3),
    ],
)
def test_every_step_must_be_taken_in_its_order_and_say_yes(
    steps: tuple[OmsStep, ...], code: int
) -> None:
    verification = OmsVerification(steps=steps)
    assert verification.exit_code == code
    assert verification.holds is (code == 0)
