"""The next list holds all of the last ones, and what is asked; nothing leaves it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.revoke import (
    PreparedList,
    RevokeRequest,
    prepare_revocations,
    refuse_revoked_signer,
    sign_list,
)
from aigf_dvc.attestation.lists.at_hand import AtHand
from aigf_dvc.attestation.lists.head import store_key
from aigf_dvc.attestation.lists.revocations import (
    REVOCATIONS,
    Kind,
    Revocation,
    RevocationList,
    Target,
    read_revocations,
)
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.signing.bundle import parse_bundle
from tests.actions.list_signing import sign
from tests.attestation.builders import ISSUED
from tests.attestation.list_builders import (
    BY,
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

TARGET = Target(kind=Kind.MODEL, sha256=MODEL)
DATA = a_target(Kind.DATA)


def prepared(
    known: AtHand[RevocationList] | None = None,
    **changes: Any,  # noqa: ANN401 (fields of the request)
) -> PreparedList:
    request = RevokeRequest(
        at=ISSUED,
        good_for=timedelta(days=7),
        targets=(TARGET,),
        reason=" it is wrong ",
        id="revocations",
    )
    return prepare_revocations(known or AtHand(), replace(request, **changes))


def entries(found: PreparedList) -> dict[Target, Revocation]:
    read = read_revocations(read_statement(found.payload))
    assert read == found.content
    return {entry.target: entry for entry in read.entries}


def test_the_first_list_has_number_one() -> None:
    found = prepared(replaced_by=f"sha256:{OTHER}")
    assert found.content.head.sequence == 1
    assert found.content.head.next_update == ISSUED + timedelta(days=7)
    entry = entries(found)[TARGET]
    assert (entry.reason, entry.revoked_on) == ("it is wrong", ISSUED)
    assert entry.replaced_by == f"sha256:{OTHER}"


def test_the_next_list_holds_all_that_was_revoked_in_any_of_the_last() -> None:
    known = at_hand(a_list(an_entry()), a_list(an_entry(DATA)), a_list(sequence=2))
    found = prepared(known)
    assert found.content.head.sequence == 4
    assert set(entries(found)) == {TARGET, DATA, a_target()}
    assert found.joined == 2
    assert found.changed == (entries(found)[TARGET],)


def test_lists_of_another_id_are_left_alone() -> None:
    found = prepared(at_hand(a_list(an_entry(DATA), identifier="data")))
    assert found.content.head.sequence == 1
    assert set(entries(found)) == {TARGET}


def test_a_renewed_list_is_the_same_for_longer() -> None:
    known = at_hand(a_list(an_entry(), lifted(an_entry(DATA))))
    found = prepared(known, targets=(), reason="")
    assert found.content.entries == prepared(known, targets=(), reason="").content.entries
    assert set(entries(found)) == {a_target(), DATA}
    assert found.changed == ()
    assert found.content.head.sequence == 4


def test_what_is_revoked_already_is_said_and_not_revoked_twice() -> None:
    with pytest.raises(
        InputError, match=r"^revocations: .* is in the list since 2026-11-18 [0-9:]+ UTC: "
    ):
        prepared(at_hand(a_list(an_entry(TARGET))))
    only_md5 = replace(DATA, sha256="")
    with pytest.raises(InputError, match="is in the list"):
        prepared(at_hand(a_list(an_entry(DATA))), targets=(only_md5,))


def test_a_lifted_entry_stays_and_can_be_revoked_again() -> None:
    known = at_hand(a_list(an_entry(TARGET), an_entry(DATA)))
    off = entries(prepared(known, lift=True, reason="false alarm"))
    assert off[DATA].lifted is None
    entry = off[TARGET]
    assert entry.lifted is not None
    assert (entry.reason, entry.lifted.reason) == ("it is wrong", "false alarm")
    assert entry.lifted.on == ISSUED
    known = at_hand(a_list(entry))
    assert entries(prepared(known, at=ISSUED + timedelta(days=1)))[TARGET].lifted is None


def test_an_entry_with_two_digests_is_lifted_by_either() -> None:
    known = at_hand(a_list(an_entry(DATA)))
    for target in (replace(DATA, md5=""), replace(DATA, sha256="")):
        assert entries(prepared(known, targets=(target,), lift=True))[DATA].lifted is not None


def test_what_is_not_revoked_cannot_be_lifted() -> None:
    for known in (at_hand(a_list(an_entry(DATA))), at_hand(a_list(lifted(an_entry(TARGET))))):
        with pytest.raises(InputError, match="is not revoked"):
            prepared(known, lift=True)


def test_nobody_seals_by_a_joined_list_that_they_are_revoked() -> None:
    own, other = (Target(kind=Kind.SIGNER, signer=name) for name in (BY, "sha256:" + "e" * 64))
    mine, thiefs = signed(a_list(an_entry(other))), signed(a_list(an_entry(own)), other.signer)
    both, mended = AtHand(lists=(mine, thiefs)), AtHand(lists=(mine,))
    for targets in ((), (DATA,)):
        joined = prepared(both, targets=targets)
        with pytest.raises(RefusedError, match="its own signer is revoked") as refused:
            refuse_revoked_signer(joined, BY)
        assert "another key" in refused.value.hint
        refuse_revoked_signer(joined, "sha256:" + "f" * 64)
        refuse_revoked_signer(prepared(mended, targets=targets), BY)
    with pytest.raises(RefusedError, match="nobody lifts"):
        refuse_revoked_signer(prepared(both, targets=(own,), lift=True), BY)
    refuse_revoked_signer(prepared(mended, targets=(own,)), BY)  # that is meant


def test_a_change_needs_a_reason_without_secrets() -> None:
    with pytest.raises(InputError, match="no reason"):
        prepared(reason="  ")
    with pytest.raises(RefusedError):
        prepared(reason="token ghp_" + "a1B2" * 9)


def test_two_lists_within_a_second_are_still_told_apart() -> None:
    known = at_hand(a_list(an_entry(TARGET, revoked_on=ISSUED), issued=ISSUED))
    found = prepared(known, lift=True)
    assert found.content.head.issued == ISSUED + timedelta(seconds=1)
    (changed,) = found.changed
    assert changed.lifted is not None
    assert changed.latest > ISSUED


def stale_knowledge() -> Iterator[tuple[AtHand[RevocationList], str]]:
    yield at_hand(a_list(), unread=("git: gone",)), "git: gone"
    yield at_hand(a_list(), remembered=seen(4)), "number 4 was seen before"
    ahead = ISSUED + timedelta(minutes=6)
    yield at_hand(a_list(issued=ahead, next_update=ahead + timedelta(days=1))), "clock"


@pytest.mark.parametrize(("known", "said"), list(stale_knowledge()))
def test_nothing_is_signed_on_top_of_what_is_not_the_last_list(
    known: AtHand[RevocationList], said: str
) -> None:
    with pytest.raises(UndecidedError, match=said):
        prepared(known)


def test_a_list_must_count_for_longer_than_clocks_differ() -> None:
    with pytest.raises(InputError, match="0:05:00"):
        prepared(good_for=timedelta(minutes=5))


def test_a_signed_list_is_kept_under_the_key_of_its_kind() -> None:
    found = prepared()
    stored = sign_list(found.payload, sign)
    assert stored.model == store_key(REVOCATIONS)
    assert parse_bundle(stored.data).payload == found.payload
    assert found.content.head.issued > ON
