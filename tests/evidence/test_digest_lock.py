"""aigf.lock merges well, is written the same everywhere, and never says two things."""

import itertools

import pytest

from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.digest_lock import DigestLock, read_digest_lock

A, B = "a" * 32, "b" * 32 + ".dir"
ONE, TWO = sha256(b"1"), sha256(b"2")


def test_what_is_written_is_read_again() -> None:
    lock = DigestLock(known={(A, 3): ONE, (B, 10): TWO})
    assert read_digest_lock(lock.to_bytes()).known == lock.known
    assert read_digest_lock(None).known == {}
    assert read_digest_lock(lock.to_bytes().replace(b"\n", b"\r\n")).known == lock.known


def test_the_bytes_do_not_depend_on_the_order() -> None:
    items: list[tuple[tuple[str, int], Sha256]] = [((A, 3), ONE), ((A, 20), TWO), ((B, 1), ONE)]
    written = {DigestLock(known=dict(p)).to_bytes() for p in itertools.permutations(items)}
    assert len(written) == 1


def test_both_sides_of_a_merge_are_joined() -> None:
    left = DigestLock(known={(A, 3): ONE}).to_bytes()
    right = DigestLock(known={(B, 3): TWO}).to_bytes()
    assert read_digest_lock(left + right + left).known == {(A, 3): ONE, (B, 3): TWO}


def test_without_a_size_only_one_known_object_counts() -> None:
    lock = DigestLock(known={(A, 3): ONE, (A, 4): TWO, (B, 1): TWO})
    assert lock.sha256(A, None) is None
    assert lock.sha256(B, None) == TWO
    assert lock.sha256(A, 4) == TWO
    assert lock.sha256(A, 5) is None


def test_what_is_seen_is_added_and_what_nothing_names_is_dropped() -> None:
    lock = DigestLock(known={(A, 3): ONE})
    assert lock.updated([(B, 1, TWO)], referenced=frozenset({B})).known == {(B, 1): TWO}
    assert lock.updated([(A, 3, ONE)], referenced=frozenset({A})).known == lock.known


def test_other_bytes_with_a_known_md5_are_refused_not_taken_over() -> None:
    with pytest.raises(UndecidedError, match="two digests"):
        DigestLock(known={(A, 3): ONE}).updated([(A, 3, TWO)], referenced=frozenset({A}))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("<<<<<<< HEAD", "a merge conflict"),
        (f"{A} 3 {TWO}", "two digests"),
        (f"{A} 3 {ONE.upper()}", "the line"),
        (f"{A} -3 {ONE}", "the line"),
        (f"{A} {'9' * 5000} {ONE}", "the line"),
        (f"{A} 3 {ONE} x", "the line"),
        (f" {A} 3 {ONE}", "the line"),
        ("#x", "the line"),
        ("\udcff", "the line"),
    ],
)
def test_a_line_of_another_form_is_refused_with_its_number(line: str, says: str) -> None:
    data = (
        DigestLock(known={(A, 3): ONE}).to_bytes() + line.encode(errors="surrogateescape") + b"\n"
    )
    with pytest.raises(UndecidedError, match=says) as error:
        read_digest_lock(data)
    assert error.value.where == "aigf.lock:3"
