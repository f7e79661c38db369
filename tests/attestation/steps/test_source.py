"""The step about the source: what a certificate, a key and a trust file may say of it."""

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.verification import SignerFacts, Step, StepName, StepOutcome
from tests.attestation.builders import BY_KEY, REPOSITORY
from tests.attestation.judging import CERTIFIED, judged


def source(signer: SignerFacts, *demanded: str) -> Step:
    verification = judged(signer=signer, source_repositories=demanded)
    return verification.steps[StepName.SOURCE.value - 1]


@pytest.mark.parametrize("signer", [BY_KEY, CERTIFIED], ids=["key", "certificate"])
def test_a_source_that_is_not_every_demanded_one_is_refused_whoever_signed(
    signer: SignerFacts,
) -> None:
    step = source(signer, REPOSITORY, "https://github.com/evil/*")
    assert step.outcome is StepOutcome.FAILED
    assert "demanded is 'https://github.com/evil/*'" in step.detail


def test_a_key_meets_a_demand_by_the_attesters_word_only_and_that_is_said() -> None:
    step = source(BY_KEY, "https://github.com/acme/*")
    assert step.outcome is StepOutcome.PASSED
    assert "by the attester's word" in step.detail


def test_a_certificate_that_meets_a_demand_is_compared_with_the_statement_all_the_same() -> None:
    assert source(CERTIFIED, REPOSITORY).outcome is StepOutcome.PASSED
    step = source(replace(CERTIFIED, source_digest="0" * 40), REPOSITORY)
    assert step.outcome is StepOutcome.FAILED


def test_a_key_of_which_nothing_is_demanded_says_nothing_of_the_source() -> None:
    step = source(BY_KEY)
    assert step.outcome is StepOutcome.SKIPPED
    assert "a key says nothing" in step.detail
