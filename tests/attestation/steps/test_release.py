"""The step about releases: the current version, an older one, and when it cannot tell."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.lists.at_hand import AtHand, MadeFrom, ReleaseCheck, RevocationCheck
from aigf_dvc.attestation.lists.releases import ReleaseIndex
from aigf_dvc.attestation.lists.revocations import Kind, Target
from aigf_dvc.attestation.verification import Step, StepName, StepOutcome
from aigf_dvc.digests import sha256
from tests.attestation.builders import ISSUED, a_payload
from tests.attestation.judging import judged
from tests.attestation.list_builders import (
    BY,
    MODEL,
    ON,
    OTHER,
    a_head,
    a_list,
    a_release,
    an_entry,
    an_index,
    at_hand,
    indexes_at_hand,
    seen,
)


def release(
    *indexes: ReleaseIndex,
    at_hand: AtHand[ReleaseIndex] | None = None,
    override: str = "",
    **demands: Any,  # noqa: ANN401 (fields of Demands)
) -> Step:
    check = ReleaseCheck(lists=at_hand or indexes_at_hand(*indexes), override=override)
    verification = judged(release=check, **{"release_required": True, **demands})
    return verification.steps[StepName.RELEASE.value - 1]


def test_without_an_index_it_is_skipped_unless_it_is_required() -> None:
    number = StepName.RELEASE.value - 1
    assert judged().steps[number].outcome is StepOutcome.SKIPPED
    step = judged(release_required=True).steps[number]
    assert step.outcome is StepOutcome.UNDECIDED
    assert "--releases" in step.detail


def test_the_current_release_passes() -> None:
    step = release(an_index(a_release(attestation=sha256(a_payload()))))
    assert step.outcome is StepOutcome.PASSED
    assert "the current release 1.4 of 2026-11-18" in step.detail
    assert "another attestation" not in step.detail


def test_the_current_release_by_another_attestation_passes_and_is_told() -> None:
    step = release(an_index(a_release(attestation=OTHER)))
    assert step.outcome is StepOutcome.PASSED
    assert "by another attestation than this one" in step.detail


def test_a_rollback_is_refused_though_the_index_is_stale_or_only_given() -> None:
    newer = an_index(a_release(digest=OTHER))
    for demands in ({}, {"release_required": False}, {"at": ISSUED + timedelta(days=60)}):
        step = release(newer, override="the pager rang", **demands)
        assert step.outcome is StepOutcome.FAILED
        assert f"not the current release of 'fraud': that is 1.4 sha256:{OTHER}" in step.detail


def test_an_older_one_that_the_index_allows_passes_and_is_told() -> None:
    step = release(an_index(a_release(digest=OTHER, allowed=(MODEL,))))
    assert step.outcome is StepOutcome.PASSED
    assert "AN OLDER RELEASE" in step.detail


def test_a_model_that_was_never_released_or_is_withdrawn_is_refused() -> None:
    never = release(an_index(a_release(model="churn")))
    assert (never.outcome, "never released" in never.detail) == (StepOutcome.FAILED, True)
    gone = release(an_index(a_release(digest=None, reason="retired", allowed=(MODEL,))))
    assert (gone.outcome, "withdrawn" in gone.detail) == (StepOutcome.FAILED, True)


def test_the_index_of_another_environment_says_nothing() -> None:
    staging = replace(an_index(), head=a_head("staging"))
    step = release(staging)
    assert step.outcome is StepOutcome.UNDECIDED
    assert "no list 'production'" in step.detail
    stale = replace(staging, head=a_head("staging", next_update=ON + timedelta(hours=1)))
    assert release(stale, an_index()).outcome is StepOutcome.PASSED
    newer = a_release(digest=OTHER, released_on=ON + timedelta(days=1))
    staged = replace(staging, releases=(newer,))
    assert release(staged, an_index()).outcome is StepOutcome.PASSED


def test_where_no_environment_is_demanded_the_attested_one_is_looked_up() -> None:
    newer = an_index(a_release(digest=OTHER))
    assert release(newer, environment=None).outcome is StepOutcome.FAILED


def test_an_index_by_a_revoked_signer_does_not_speak_beside_a_good_one() -> None:
    thief = "sha256:" + "9" * 64
    good = indexes_at_hand(an_index())
    newer = an_index(a_release(digest=OTHER, released_on=ON + timedelta(hours=1)), sequence=9)
    stolen = replace(indexes_at_hand(newer).lists[0], signer=thief)
    both = replace(good, lists=(*good.lists, stolen))
    entry = an_entry(Target(kind=Kind.SIGNER, signer=thief))
    revoking = RevocationCheck(
        lists=at_hand(a_list(entry)), made_from=lambda *_: MadeFrom(), signers=lambda *_: ()
    )
    assert release(at_hand=both).outcome is StepOutcome.FAILED
    assert release(at_hand=both, revocation=revoking).outcome is StepOutcome.PASSED


def test_an_index_by_a_revoked_signer_is_not_heard() -> None:
    def revoking(signer: str) -> RevocationCheck:
        entry = an_entry(Target(kind=Kind.SIGNER, signer=signer))
        return RevocationCheck(
            lists=at_hand(a_list(entry)), made_from=lambda *_: MadeFrom(), signers=lambda *_: ()
        )

    mine, newer = an_index(), an_index(a_release(digest=OTHER))
    assert release(mine, revocation=revoking("sha256:" + "9" * 64)).outcome is StepOutcome.PASSED
    step = release(mine, revocation=revoking(BY))
    assert step.outcome is StepOutcome.UNDECIDED
    assert "no list 'production' by anybody" in step.detail
    # What it forbade stays so, as long as nobody else says what is current.
    assert release(newer, revocation=revoking(BY)).outcome is StepOutcome.FAILED


def test_an_index_that_a_place_hides_decides_nothing_though_none_is_demanded() -> None:
    kept = replace(
        indexes_at_hand(an_index()),
        remembered=seen(4, "production", "s3://a"), read=frozenset({"s3://a"}),
    )  # fmt: skip
    assert release(at_hand=kept, release_required=False).outcome is StepOutcome.UNDECIDED
    other = replace(kept, remembered=seen(4, "staging", "s3://a"))
    assert release(at_hand=other, release_required=False).outcome is StepOutcome.PASSED


def test_two_versions_released_at_the_same_moment_are_undecided() -> None:
    step = release(an_index(), an_index(a_release(digest=OTHER)))
    assert (step.outcome, "same moment" in step.detail) == (StepOutcome.UNDECIDED, True)


@pytest.mark.parametrize(
    ("at_hand", "demands"),
    [
        (indexes_at_hand(an_index()), {"at": ISSUED + timedelta(days=60)}),
        (indexes_at_hand(an_index(), remembered=seen(4, "production")), {}),
        (indexes_at_hand(an_index(issued=ISSUED + timedelta(hours=1))), {}),
        (AtHand(), {}),
        (indexes_at_hand(an_index(), unread=("git: gone",)), {}),
    ],
)
def test_an_index_that_cannot_tell_is_undecided_told_or_overridden(
    at_hand: AtHand[ReleaseIndex], demands: dict[str, Any]
) -> None:
    assert release(at_hand=at_hand, **demands).outcome is StepOutcome.UNDECIDED
    told = release(at_hand=at_hand, release_required=False, **demands)
    assert (told.outcome, "NOT DEMANDED" in told.detail) == (StepOutcome.SKIPPED, True)
    by_hand = release(at_hand=at_hand, override="the pager rang", **demands)
    assert by_hand.outcome is StepOutcome.OVERRIDDEN
    assert by_hand.detail.startswith("BY HAND: the pager rang")
