"""Lists count when somebody signed them who may; what else lies in a place is told."""

from datetime import date, datetime, timedelta
from functools import partialmethod
from pathlib import Path

import pytest
from msgspec.structs import replace

from aigf_dvc.actions import signed_lists
from aigf_dvc.actions.signed_lists import RELEASING, REVOKING, gather
from aigf_dvc.attestation.lists.at_hand import AtHand
from aigf_dvc.attestation.lists.releases import RELEASES
from aigf_dvc.attestation.lists.revocations import RevocationList
from aigf_dvc.attestation.signed import Signed
from aigf_dvc.signing.bundle import join_bundles
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.list_signers import ListSigners, in_role
from aigf_dvc.signing.signature import VerifiedSignature
from tests.actions.list_signing import (
    PAIRS,
    TODAY,
    a_store,
    by_keys,
    by_role,
    releasing,
    revoking,
    sign,
    the_trust,
)
from tests.attestation.builders import a_payload
from tests.attestation.list_builders import a_list, an_index
from tests.playground import Playground


def revocations(
    *places: Path | str, today: date = TODAY, keys: tuple[str, ...] = ("sec",)
) -> AtHand[RevocationList]:
    return gather([str(p) for p in places], REVOKING, by_keys(*keys), today=today)


def test_a_list_counts_from_a_file_from_many_in_one_and_from_a_store(tmp_path: Path) -> None:
    one, two = revoking(a_list()), revoking(a_list(sequence=4))
    (tmp_path / "one.json").write_bytes(one)
    (tmp_path / "both.json").write_bytes(join_bundles([one, two]))
    store = a_store(tmp_path / "store", two)
    found = revocations(tmp_path / "one.json", tmp_path / "both.json", store)
    assert sorted(each.head.sequence for each in found.lists) == [3, 4]
    assert {each.signer for each in found.lists} == {
        fingerprint(load_public_key(PAIRS["sec"][1], where="sec"))
    }
    assert (found.unread, found.problems, found.notes) == ((), (), ())


def test_a_list_that_somebody_else_signed_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "eve.json").write_bytes(revoking(a_list(), "eve"))
    found = revocations(tmp_path / "eve.json")
    assert found.lists == ()
    assert "by anybody whom you trust" in found.problems[0]
    assert "1 that do not count: signed by nobody" in found.problems[1]
    assert found.others == 1


def test_rubbish_beside_a_good_list_is_told_and_makes_nothing_undecided(tmp_path: Path) -> None:
    bundles = (revoking(a_list()), revoking(a_list(), "eve"), b"{}", sign(a_payload()))
    found = revocations(a_store(tmp_path / "store", *bundles))
    assert len(found.lists) == 1
    assert found.problems == ()
    assert len(found.notes) == found.others == 3


def test_a_list_of_another_kind_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_bytes(releasing(an_index(), "sec"))
    assert revocations(tmp_path / "index.json").lists == ()
    swapped = a_store(tmp_path / "store", revoking(a_list(), "ops"), kind=RELEASES)
    assert gather([swapped], RELEASING, by_keys("ops"), today=TODAY).lists == ()


def test_only_people_with_the_role_may_sign(tmp_path: Path) -> None:
    (tmp_path / "sec.json").write_bytes(revoking(a_list()))
    (tmp_path / "ops.json").write_bytes(revoking(a_list(), "ops"))
    places = [str(tmp_path / "sec.json"), str(tmp_path / "ops.json")]
    found = gather(places, REVOKING, by_role("revoke"), today=TODAY)
    assert len(found.lists) == 1
    assert found.others == 1
    (tmp_path / "index.json").write_bytes(releasing(an_index()))
    places = [str(tmp_path / "index.json")]
    assert gather(places, RELEASING, by_role("release"), today=TODAY).lists
    assert not gather(places, RELEASING, by_role("revoke"), today=TODAY).lists


@pytest.mark.parametrize(("day", "speaks"), [(18, True), (19, True), (20, False)])
def test_a_list_outlives_its_key_for_what_it_revokes_alone(
    tmp_path: Path, day: int, speaks: bool
) -> None:
    (tmp_path / "old.json").write_bytes(revoking(a_list(), "old"))
    signers = by_role("revoke")
    place = str(tmp_path / "old.json")
    (found,) = gather([place], REVOKING, signers, today=date(2026, 11, day)).lists
    assert (found.silent == "") is speaks
    assert speaks or "valid only until 2026-11-19, and nobody proves" in found.silent
    later = replace(a_list().head, issued=a_list().head.next_update.replace(day=24))
    (tmp_path / "old.json").write_bytes(revoking(replace(a_list(), head=later), "old"))
    for judged in (18, 25):  # made before its day, or after the key's last one
        none = gather([place], REVOKING, signers, today=date(2026, 11, judged))
        assert not none.lists
        assert "valid only until 2026-11-19" in none.problems[1]


def test_an_index_of_releases_does_not_outlive_its_key(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_bytes(releasing(an_index(), "old"))
    signers = ListSigners(lines=in_role(the_trust(), "revoke"))
    place = str(tmp_path / "old.json")
    assert gather([place], RELEASING, signers, today=date(2026, 11, 19)).lists
    assert not gather([place], RELEASING, signers, today=date(2026, 11, 20)).lists


def test_a_list_of_after_its_own_proven_signature_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "list.json").write_bytes(revoking(a_list()))
    who = ListSigners.who

    def stamped(
        signers: ListSigners, bundle: bytes, at: datetime
    ) -> tuple[VerifiedSignature, Signed]:
        signature, signed = who(signers, bundle)
        return signature, replace(signed, facts=replace(signed.facts, time=at))

    for earlier, counts in ((timedelta(minutes=5), True), (timedelta(minutes=6), False)):
        at = a_list().head.issued - earlier
        monkeypatch.setattr(ListSigners, "who", partialmethod(stamped, at=at))
        found = revocations(tmp_path / "list.json")
        assert bool(found.lists) is counts
        assert counts or "after it was signed" in found.problems[1]


@pytest.mark.usefixtures("home")
def test_a_place_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    found = revocations(tmp_path / "none.json", "git:/nowhere", "s3:::", "oci://X")
    assert len(found.unread) == 4
    assert "no such file" in found.unread[0]


def test_a_store_without_lists_is_told(playground: Playground) -> None:
    found = revocations(f"git:{playground.root}")
    assert found.problems == (
        f"git:{playground.root} holds no revocation list by anybody whom you trust",
    )
    assert found.others == 0


def test_a_place_with_lists_without_end_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_lists, "MOST", 1)
    store = a_store(tmp_path / "store", revoking(a_list()), revoking(a_list(sequence=4)))
    assert "holds 2 lists" in revocations(store).unread[0]
