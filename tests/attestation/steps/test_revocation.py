"""The step about revocation: what it finds, and when it cannot tell."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.deployment import Deployment, ModelKind
from aigf_dvc.attestation.lists.at_hand import (
    AtHand,
    Beside,
    MadeFrom,
    RevocationCheck,
    UsedSigner,
)
from aigf_dvc.attestation.lists.revocations import Kind, Revocation, RevocationList, Target
from aigf_dvc.attestation.statement import build_statement
from aigf_dvc.attestation.verification import (
    SignerFacts,
    SignerKind,
    Step,
    StepName,
    StepOutcome,
    TimeSource,
)
from aigf_dvc.digests import sha256, tree_digest
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.model_file import ModelFile
from tests.attestation.builders import BY_KEY, ISSUED, a_deployment, a_payload
from tests.attestation.judging import judged
from tests.attestation.list_builders import (
    LATER,
    MODEL,
    ON,
    OTHER,
    a_list,
    a_target,
    an_entry,
    at_hand,
    lifted,
    seen,
    signed,
)

ATTESTER = replace(BY_KEY, name="sha256:" + "a" * 64)
DATA = Target(kind=Kind.DATA, sha256=sha256(b"rows"), md5="1" * 32)
MADE = MadeFrom(digests={f"sha256:{DATA.sha256}": "'data/rows.csv'", f"md5:{DATA.md5}": "rows"})
APPROVER = SignerFacts(kind=SignerKind.KEYLESS, name="dana@corp", issuer="https://issuer")
DAY = timedelta(days=1)


def a_check(
    lists: AtHand[RevocationList] | None = None,
    *,
    made: MadeFrom = MADE,
    signers: Sequence[UsedSigner] = (UsedSigner(role="who signed 'approval'", facts=APPROVER),),
    override: str = "",
) -> RevocationCheck:
    return RevocationCheck(
        lists=lists or at_hand(a_list()),
        made_from=lambda _, __: made,
        signers=lambda _, __: signers,
        override=override,
    )


def revocation(check: RevocationCheck | None, **demands: Any) -> Step:  # noqa: ANN401
    verification = judged(signer=ATTESTER, revocation=check, **demands)
    return verification.steps[StepName.REVOCATION.value - 1]


def asked(*entries: Revocation, **demands: Any) -> Step:  # noqa: ANN401
    return revocation(a_check(at_hand(a_list(*entries))), revocation_required=True, **demands)


def test_without_lists_it_is_skipped_unless_it_is_required() -> None:
    assert revocation(None).outcome is StepOutcome.SKIPPED
    step = revocation(None, revocation_required=True)
    assert step.outcome is StepOutcome.UNDECIDED
    assert "--revocations" in step.detail


def test_a_list_that_is_good_and_names_nothing_of_it_passes() -> None:
    step = asked(an_entry())
    assert step.outcome is StepOutcome.PASSED
    assert "'revocations', number 3" in step.detail


def test_the_revocation_of_the_attestation_itself_refuses() -> None:
    mine = an_entry(Target(kind=Kind.ATTESTATION, sha256=sha256(a_payload())))
    step = asked(mine)
    assert step.outcome is StepOutcome.FAILED
    assert "the attestation is revoked: it is wrong (defect, on 2026-11-18" in step.detail
    other = an_entry(Target(kind=Kind.ATTESTATION, sha256=MODEL))  # a model's digest, not its own
    assert asked(other).outcome is StepOutcome.PASSED


@pytest.mark.parametrize(
    "target",
    [
        Target(kind=Kind.MODEL, sha256=MODEL),
        Target(kind=Kind.DATA, sha256=MODEL),
        DATA,
        replace(DATA, md5=""),
        replace(DATA, sha256=""),
        Target(kind=Kind.MODEL, sha256=DATA.sha256),  # a base model among what it was made from
        Target(kind=Kind.SIGNER, signer=ATTESTER.name),
        Target(kind=Kind.SIGNER, signer="dana@corp", issuer="https://issuer"),
    ],
    ids=str,
)
def test_a_revocation_of_the_model_its_data_or_its_signers_refuses(target: Target) -> None:
    step = asked(an_entry(target, replaced_by=f"sha256:{OTHER}"))
    assert step.outcome is StepOutcome.FAILED
    assert "it is wrong (defect" in step.detail
    assert f"take sha256:{OTHER} instead" in step.detail


@pytest.mark.parametrize("revoked", [True, False])
def test_a_directory_of_one_file_is_revoked_by_the_digest_of_its_tree(*, revoked: bool) -> None:
    here = (ModelFile(name="weights", sha256=MODEL),)
    attested = (replace(here[0], name="models/fraud/weights"),)
    deployment = a_deployment(kind=ModelKind.DIRECTORY, path="models/fraud")
    tree = tree_digest([(b"weights" if revoked else b"other", MODEL)])
    verification = judged(
        build_statement(deployment, attested),
        artifact=here,
        revocation=a_check(at_hand(a_list(an_entry(Target(kind=Kind.MODEL, sha256=tree))))),
    )
    step = verification.steps[StepName.REVOCATION.value - 1]
    assert step.outcome is (StepOutcome.FAILED if revoked else StepOutcome.PASSED)


def test_another_issuer_vouches_for_somebody_else() -> None:
    step = asked(an_entry(Target(kind=Kind.SIGNER, signer="dana@corp", issuer="https://evil")))
    assert step.outcome is StepOutcome.PASSED


def test_a_revocation_refuses_though_its_list_is_stale_old_and_only_given() -> None:
    lists = at_hand(a_list(an_entry(Target(kind=Kind.MODEL, sha256=MODEL))))
    lists = replace(lists, remembered=seen(9), unread=("elsewhere: gone",))
    for override in ("", "the pager rang"):
        check = a_check(lists, override=override)
        assert revocation(check, at=ISSUED + 90 * DAY).outcome is StepOutcome.FAILED


def test_what_was_lifted_passes_and_is_told() -> None:
    step = asked(lifted(an_entry(Target(kind=Kind.MODEL, sha256=MODEL))))
    assert step.outcome is StepOutcome.PASSED
    assert "was revoked, which was lifted on 2026-11-18" in step.detail


def test_a_revocation_from_a_later_day_is_told_until_then() -> None:
    later = an_entry(Target(kind=Kind.MODEL, sha256=MODEL), date=ISSUED + DAY)
    assert asked(later).outcome is StepOutcome.PASSED
    assert "not before 2026-11-21" in asked(later).detail
    assert asked(later, at=ISSUED + DAY).outcome is StepOutcome.FAILED


OBSERVER = a_target(Kind.SIGNER)


@pytest.mark.parametrize(
    ("time", "source", "outcome"),
    [
        (ON - DAY, TimeSource.TSA, StepOutcome.PASSED),
        (ON - DAY, TimeSource.LOG, StepOutcome.PASSED),
        (ON, TimeSource.TSA, StepOutcome.FAILED),
        (ISSUED, TimeSource.TSA, StepOutcome.FAILED),
        (ON - DAY, TimeSource.CLAIMED, StepOutcome.FAILED),
        (None, TimeSource.CLAIMED, StepOutcome.FAILED),
    ],
)
def test_only_a_proven_time_saves_what_a_signer_signed_before(
    time: datetime | None,
    source: TimeSource,
    outcome: StepOutcome,
) -> None:
    facts = replace(BY_KEY, name=OBSERVER.signer, time=time, time_source=source)
    used = UsedSigner(role="who signed a run", facts=facts)
    entry = an_entry(OBSERVER, date=ON)
    check = a_check(at_hand(a_list(entry)), signers=(used,))
    assert revocation(check, revocation_required=True).outcome is outcome
    whenever = a_check(at_hand(a_list(replace(entry, date=None))), signers=(used,))
    assert revocation(whenever).outcome is StepOutcome.FAILED


STALE = ON + 7 * DAY + timedelta(minutes=5, seconds=1)
EARLY = ON - timedelta(minutes=5, seconds=1)
DOUBTFUL: dict[str, tuple[AtHand[RevocationList], dict[str, Any], str]] = {
    "stale": (at_hand(a_list()), {"at": STALE}, "is stale: the next was due on 2026-11-25"),
    "future": (at_hand(a_list(issued=ISSUED + DAY)), {}, "of the future"),
    "an older one of the future": (
        at_hand(a_list(issued=ISSUED + DAY), a_list(sequence=9)),
        {},
        "number 3, is of the future",
    ),
    "an entry of the future": (
        at_hand(a_list(lifted(an_entry(), after=30 * DAY))),
        {},
        "changed in the future, on 2026-12-18",
    ),
    "old": (at_hand(a_list(), remembered=seen(4)), {}, "number 4 was seen before"),
    "none": (AtHand(), {}, "no list by anybody"),
    "unread": (at_hand(a_list(), unread=("s3://b: refused",)), {}, "s3://b: refused"),
    "problem": (at_hand(a_list(), problems=("nobody may sign",)), {}, "nobody may sign"),
    "one of two": (
        at_hand(a_list(), a_list(identifier="data", next_update=ON + timedelta(hours=1))),
        {},
        "the list 'data', number 3, is stale",
    ),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_lists_that_cannot_tell_are_undecided_told_or_overridden(name: str) -> None:
    lists, demands, said = DOUBTFUL[name]
    step = revocation(a_check(lists), revocation_required=True, **demands)
    assert (step.outcome, said in step.detail) == (StepOutcome.UNDECIDED, True)
    step = revocation(a_check(lists), **demands)
    assert step.outcome is StepOutcome.SKIPPED
    assert "NOT DEMANDED" in step.detail
    assert said in step.detail
    by_hand = a_check(lists, override="the pager rang")
    verification = judged(revocation=by_hand, revocation_required=True, **demands)
    assert verification.accepted
    (step,) = verification.overridden
    assert step.detail.startswith("BY HAND: the pager rang\n")
    assert said in step.detail


def test_a_list_of_a_key_that_ended_refuses_and_never_passes() -> None:
    mine = an_entry(Target(kind=Kind.MODEL, sha256=MODEL))
    hit = AtHand(lists=(signed(a_list(mine), silent="it ended"),))
    assert revocation(a_check(hit)).outcome is StepOutcome.FAILED
    harmless = AtHand(lists=(signed(a_list(), silent="it ended"),))
    step = revocation(a_check(harmless), revocation_required=True)
    assert step.outcome is StepOutcome.UNDECIDED
    assert "only what it revokes counts: it ended" in step.detail
    renewed = AtHand(lists=(*harmless.lists, signed(a_list(sequence=4), "sha256:new")))
    assert revocation(a_check(renewed)).outcome is StepOutcome.PASSED
    ahead = AtHand(lists=(signed(a_list(sequence=99), silent="it ended"), *renewed.lists))
    assert revocation(a_check(ahead)).outcome is StepOutcome.PASSED  # it tells no number, either


def test_a_revoked_signer_makes_no_stale_list_fresh() -> None:
    stolen = an_entry(Target(kind=Kind.SIGNER, signer="sha256:" + "e" * 64))
    officers = signed(a_list(stolen, next_update=ON + timedelta(hours=1)))
    thiefs = signed(a_list(sequence=9), stolen.target.signer)
    step = revocation(a_check(AtHand(lists=(officers, thiefs))), revocation_required=True)
    assert step.outcome is StepOutcome.UNDECIDED
    assert "number 3, is stale" in step.detail


def test_a_list_that_a_place_hides_decides_nothing_though_none_is_demanded() -> None:
    lists = replace(
        at_hand(a_list()), remembered=seen(3, "security", "s3://a"), read=frozenset({"s3://a"})
    )
    step = revocation(a_check(lists))
    assert step.outcome is StepOutcome.UNDECIDED
    assert "s3://a holds no list 'security' any more" in step.detail
    unread = replace(lists, read=frozenset(), unread=("s3://a: refused",))
    assert revocation(a_check(unread)).outcome is StepOutcome.SKIPPED
    overridden = revocation(a_check(lists, override="it moved"))
    assert overridden.outcome is StepOutcome.OVERRIDDEN


def test_a_list_that_the_trust_file_demands_must_be_there() -> None:
    lists = at_hand(a_list(), demanded=("revocations",))
    assert revocation(a_check(lists), revocation_required=True).outcome is StepOutcome.PASSED
    step = revocation(a_check(replace(lists, demanded=("security",))), revocation_required=True)
    assert step.outcome is StepOutcome.UNDECIDED
    assert "'security', which your trust file demands, is not at hand" in step.detail


def test_a_list_may_be_good_until_the_end_of_all_days() -> None:
    forever = at_hand(a_list(next_update=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)))
    assert revocation(a_check(forever)).outcome is StepOutcome.PASSED


def test_clocks_may_differ_a_little() -> None:
    good = timedelta(minutes=5)
    at = ON + 7 * DAY + good
    assert revocation(a_check(), at=at).outcome is StepOutcome.PASSED
    early = at_hand(a_list(issued=ISSUED + good, next_update=LATER))
    assert revocation(a_check(early)).outcome is StepOutcome.PASSED


def test_the_newest_list_says_until_when_and_an_older_one_still_counts() -> None:
    old = a_list(an_entry(Target(kind=Kind.MODEL, sha256=MODEL)), issued=ON - 30 * DAY,
                 next_update=ON - 20 * DAY, sequence=2)  # fmt: skip
    assert revocation(a_check(at_hand(old, a_list()))).outcome is StepOutcome.FAILED
    harmless = replace(old, entries=(an_entry(a_target(Kind.DATA)),))
    assert revocation(a_check(at_hand(harmless, a_list()))).outcome is StepOutcome.PASSED


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (MadeFrom(unknown=("'lineage.json' is not at hand",)), "lineage.json"),
        (MadeFrom(only_md5=("data/raw.csv",)), "nobody knows that of 'data/raw.csv'"),
    ],
)
def test_data_that_cannot_be_looked_into_is_undecided(made: MadeFrom, said: str) -> None:
    lists = at_hand(a_list(an_entry(Target(kind=Kind.DATA, sha256=OTHER))))
    step = revocation(a_check(lists, made=made), revocation_required=True)
    assert (step.outcome, said in step.detail) == (StepOutcome.UNDECIDED, True)
    signers_only = at_hand(a_list(an_entry(a_target(Kind.SIGNER))))
    step = revocation(a_check(signers_only, made=made), revocation_required=True)
    assert step.outcome is StepOutcome.PASSED


def test_only_data_that_is_revoked_now_needs_the_digests_of_the_data() -> None:
    made = MadeFrom(only_md5=("data/raw.csv",))
    data = Target(kind=Kind.DATA, sha256=OTHER)
    for entry in (an_entry(a_target(Kind.MODEL)), lifted(an_entry(data))):
        check = a_check(at_hand(a_list(entry)), made=made)
        assert revocation(check, revocation_required=True).outcome is StepOutcome.PASSED


def test_a_digest_that_is_known_needs_no_other() -> None:
    made = MadeFrom(only_md5=("data/raw.csv",))
    both = at_hand(a_list(an_entry(DATA)))
    step = revocation(a_check(both, made=made), revocation_required=True)
    assert step.outcome is StepOutcome.PASSED


def test_evidence_that_is_not_at_hand_is_undecided_but_hides_no_revocation() -> None:
    def absent(_deployment: Deployment, _beside: Beside) -> MadeFrom:
        raise UndecidedError("not at hand")

    about_data = an_entry(DATA)
    check = replace(a_check(at_hand(a_list(about_data))), made_from=absent)
    assert revocation(check, revocation_required=True).outcome is StepOutcome.UNDECIDED
    mine = an_entry(Target(kind=Kind.MODEL, sha256=MODEL))
    check = replace(check, lists=at_hand(a_list(about_data, mine)))
    assert revocation(check).outcome is StepOutcome.FAILED
