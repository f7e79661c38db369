"""Owners are counted, and neither two of their keys nor one key under two names makes two."""

from msgspec.structs import replace

from aigf_dvc.attestation.expectations import judge_statement
from aigf_dvc.attestation.tally import owners_of
from aigf_dvc.attestation.trust import TrustLine
from aigf_dvc.attestation.verification import Step, StepName, StepOutcome, Verification
from tests.attestation.builders import BY_KEY, DEPLOYED, a_payload, some_demands

ACCEPTED = judge_statement(
    a_payload(),
    artifact=DEPLOYED,
    demands=some_demands(),
    signer=BY_KEY,
    before=(
        Step(name=StepName.BUNDLE, outcome=StepOutcome.PASSED),
        Step(name=StepName.SIGNATURE, outcome=StepOutcome.PASSED),
    ),
)


def by(owner: str, key: str) -> Verification:
    line = TrustLine(owner=owner, where="trust.yaml:1")
    return replace(ACCEPTED, signer=replace(BY_KEY, name=key, line=line))


def test_each_owner_counts_once_whatever_they_sign_with() -> None:
    assert owners_of((by("a", "1"), by("b", "2"))) == ("a", "b")
    assert owners_of((by("a", "1"), by("a", "2"), by("a", "1"))) == ("a",)


def test_one_key_that_two_lines_match_counts_once() -> None:
    assert len(owners_of((by("a", "1"), by("b", "1")))) == 1
    assert len(owners_of((by("a", "1"), by("b", "2"), by("a", "2")))) == 1
    assert len(owners_of((by("a", "1"), by("b", "2"), by("c", "3"), by("b", "3")))) == 2


def test_without_a_trust_file_the_signer_counts() -> None:
    assert owners_of((ACCEPTED, ACCEPTED)) == (BY_KEY.name,)


def test_what_is_not_accepted_does_not_count() -> None:
    assert owners_of((replace(by("a", "1"), steps=()), Verification(steps=()))) == ()
