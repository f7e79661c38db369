"""Of several lists all entries count; of two about one thing the one changed last."""

from datetime import timedelta
from itertools import permutations
from typing import Any

from aigf_dvc.attestation.lists.head import SignedList
from aigf_dvc.attestation.lists.merged import (
    all_revocations,
    merged_releases,
    merged_revocations,
    silenced,
)
from aigf_dvc.attestation.lists.revocations import Kind, Revocation, RevocationList, Target
from tests.attestation.list_builders import (
    BY,
    MODEL,
    ON,
    OTHER,
    a_list,
    a_release,
    a_target,
    an_entry,
    an_index,
    lifted,
    signed,
)

THIEF = "sha256:" + "e" * 64
HOUR = timedelta(hours=1)
DATA = an_entry(a_target(Kind.DATA))


def test_what_two_people_revoke_at_once_is_all_revoked() -> None:
    ours, theirs = a_list(an_entry()), a_list(DATA)
    assert set(merged_revocations([ours, theirs])) == {an_entry(), DATA}


def test_an_entry_does_not_vanish_because_a_later_list_leaves_it_out() -> None:
    assert an_entry() in merged_revocations([a_list(an_entry()), a_list(DATA, sequence=9)])


def test_the_last_change_counts_in_whatever_order_lists_are_read() -> None:
    first, off = an_entry(), lifted(an_entry())
    again = an_entry(revoked_on=ON + 2 * HOUR, reason="after all")
    for lists in permutations([a_list(first), a_list(off), a_list(again)]):
        assert merged_revocations(lists) == (again,)
    for lists in permutations([a_list(first), a_list(off)]):
        assert merged_revocations(lists) == (off,)


def test_at_a_tie_what_is_revoked_stays_revoked() -> None:
    off = lifted(an_entry(), after=timedelta(0))
    for lists in permutations([a_list(an_entry()), a_list(off)]):
        assert merged_revocations(lists)[0].lifted is None


def test_lists_of_two_ids_are_joined_each_on_its_own() -> None:
    off = a_list(lifted(an_entry()), identifier="data")
    both = all_revocations([signed(a_list()), signed(off)])
    assert set(both) == {an_entry(), lifted(an_entry())}  # lifted in one, it counts by the other


def a_thiefs(*entries: Revocation, **head: Any) -> SignedList[RevocationList]:  # noqa: ANN401
    return signed(a_list(*entries, sequence=9, **head), THIEF)


def test_a_revoked_signer_takes_nothing_back_and_postpones_nothing() -> None:
    stolen = an_entry(Target(kind=Kind.SIGNER, signer=THIEF))
    officers = signed(a_list(an_entry(), stolen))
    later = an_entry(revoked_on=ON + HOUR, date=ON + 9999 * HOUR)
    for entries in ((lifted(an_entry()),), (later,), (lifted(an_entry()), lifted(stolen))):
        for lists in permutations([officers, a_thiefs(*entries)]):
            assert {an_entry(), stolen} <= set(all_revocations(lists))
            assert not any(entry.lifted for entry in all_revocations(lists))


def test_a_revoked_signer_who_revokes_back_wins_nothing() -> None:
    stolen, back = (an_entry(Target(kind=Kind.SIGNER, signer=name)) for name in (THIEF, BY))
    officers = signed(a_list(an_entry(), stolen))
    found = all_revocations([officers, a_thiefs(lifted(an_entry()), back)])
    assert set(found) == {an_entry(), stolen, back}


def test_of_two_who_revoke_each_other_both_are_silent_and_it_is_said_why() -> None:
    stolen, back = (an_entry(Target(kind=Kind.SIGNER, signer=name)) for name in (THIEF, BY))
    early = an_entry(Target(kind=Kind.SIGNER, signer=BY), revoked_on=ON - 9 * HOUR)
    for word in (back, early):  # a thief may write any date
        lists = silenced([signed(a_list(DATA, stolen)), a_thiefs(word, lifted(DATA))])
        for each, other in zip(lists, (THIEF, BY), strict=True):
            assert f"revoked by {other}, who is revoked too" in each.silent
        assert DATA in all_revocations(lists)
    alone = silenced([signed(a_list(stolen)), a_thiefs(DATA)])
    assert [each.silent for each in alone] == ["", "its signer is revoked"]


def test_what_a_revoked_signer_revoked_stays_and_another_may_lift_it() -> None:
    stolen = an_entry(Target(kind=Kind.SIGNER, signer=THIEF))
    assert DATA in all_revocations([signed(a_list(stolen)), a_thiefs(DATA)])
    restored = signed(a_list(lifted(stolen), sequence=4))
    lists = [signed(a_list(an_entry(), stolen)), restored, a_thiefs(lifted(an_entry()))]
    assert set(all_revocations(lists)) == {lifted(an_entry()), lifted(stolen)}


def test_one_list_may_revoke_who_signs_another() -> None:
    identity = Target(kind=Kind.SIGNER, signer="sec@corp", issuer="https://issuer")
    stolen = signed(a_list(an_entry(identity), identifier="people"))
    thief = signed(a_list(lifted(DATA), sequence=9), "sec@corp, by https://issuer")
    found = all_revocations([signed(a_list(DATA)), stolen, thief], only="revocations")
    assert found == (DATA,)


def test_whoever_revokes_themselves_takes_nothing_back_any_more() -> None:
    own = an_entry(Target(kind=Kind.SIGNER, signer=BY))
    mine = signed(a_list(own, lifted(DATA)))
    assert set(all_revocations([mine])) == {own}
    later = signed(a_list(lifted(own), lifted(DATA), sequence=4))
    assert DATA in all_revocations([signed(a_list(DATA)), mine, later])
    others = signed(a_list(lifted(own), sequence=5), "sha256:" + "f" * 64)
    assert lifted(DATA) in all_revocations([signed(a_list(DATA)), mine, later, others])


LAPSED = "the key has ended"


def test_what_a_key_that_ended_revoked_still_counts_and_its_liftings_do_not() -> None:
    old = [
        signed(a_list(an_entry(), DATA), silent=LAPSED),
        signed(a_list(lifted(an_entry()), DATA, sequence=4), silent=LAPSED),
    ]
    assert set(all_revocations(old)) == {an_entry(), DATA}
    postponed = an_entry(revoked_on=ON + HOUR, date=ON + 9999 * HOUR)
    current = signed(a_list(an_entry(), sequence=5), THIEF)
    assert an_entry() in all_revocations([signed(a_list(postponed), silent=LAPSED), current])


def test_whoever_counts_lifts_what_a_silent_list_revoked_before_that() -> None:
    old = signed(a_list(an_entry()), silent=LAPSED)
    lifting = signed(a_list(lifted(an_entry()), sequence=5), THIEF)
    assert all_revocations([old, lifting]) == (lifted(an_entry()),)
    elsewhere = signed(a_list(lifted(an_entry()), identifier="data"), THIEF)
    assert an_entry() in all_revocations([old, elsewhere])
    after = signed(a_list(an_entry(revoked_on=ON + 2 * HOUR)), silent=LAPSED)
    assert an_entry(revoked_on=ON + 2 * HOUR) in all_revocations([after, lifting])


def test_the_last_release_of_each_model_counts() -> None:
    old, new = a_release(digest=OTHER), a_release(released_on=ON + HOUR)
    churn = a_release(model="churn")
    for indexes in permutations([an_index(old), an_index(new), an_index(churn)]):
        assert merged_releases(indexes) == (churn, new)


def test_two_releases_of_one_moment_both_stay_so_that_nobody_guesses() -> None:
    one, two = a_release(digest=MODEL), a_release(digest=OTHER)
    for indexes in permutations([an_index(one), an_index(two), an_index(one)]):
        assert set(merged_releases(indexes)) == {one, two}
        assert len(merged_releases(indexes)) == 2
