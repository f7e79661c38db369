"""A place that had a list must have it still, or one that joins it."""

from itertools import permutations

import pytest

from aigf_dvc.attestation.lists.seen import Seen, highest, highest_at, lost


def at(
    sequence: int, place: str = "s3://a", signer: str = "sec", identifier: str = "security"
) -> Seen:
    return Seen(id=identifier, signer=signer, place=place, sequence=sequence)


def said(remembered: list[Seen], now: list[Seen]) -> list[str]:
    return [text for _, text in lost(remembered, now)]


def test_the_highest_number_of_a_list_is_found_wherever_it_was() -> None:
    assert highest([at(3), at(5, "s3://b"), at(9, identifier="data")], "security") == 5
    assert highest([], "security") == 0


@pytest.mark.parametrize(
    ("places", "number"),
    [
        ({"s3://a"}, 8),
        ({"s3://b"}, 3),  # another project may have a list of this name
        ({"s3://a", "s3://b"}, 8),
        ({"s3://c"}, 0),
        ({"/runs/3/list.json"}, 5),  # a file is wherever somebody put it
        ({""}, 5),
        ({"/store/"}, 0),
    ],
)
def test_numbers_are_compared_within_a_store_and_among_all_files(
    places: set[str], number: int
) -> None:
    seen = [at(8), at(3, "s3://b"), at(4, "/runs/1/list.json"), at(5, ""), at(9, identifier="x")]
    assert highest_at(seen, "security", places) == number


@pytest.mark.parametrize(
    "now",
    [
        [at(3)],
        [at(4)],
        [at(2), at(3)],
        [at(4, signer="ops")],  # it joins the one before, whoever signed that
        [at(3), at(3, signer="ops")],
    ],
)
def test_the_same_list_or_a_later_one_loses_nothing(now: list[Seen]) -> None:
    for each in permutations(now):
        assert said([at(3)], list(each)) == []


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ([], "holds no list 'security' any more: number 3 was seen there"),
        ([at(3, "s3://b")], "holds no list 'security' any more"),
        ([at(9, identifier="data")], "holds no list 'security' any more"),
        ([at(2)], "holds number 2 of the list 'security', and number 3 was seen there"),
        ([at(3, signer="ops")], "by another signer alone: that of sec was seen there"),
    ],
)
def test_a_list_that_a_place_hides_is_told_once(now: list[Seen], words: str) -> None:
    (text,) = said([at(3), at(2, signer="ops")], now)
    assert text.startswith("s3://a ")
    assert words in text


def test_each_place_and_each_list_is_told_of() -> None:
    remembered = [at(3), at(3, "s3://b"), at(1, identifier="data")]
    assert sorted(name for name, _ in lost(remembered, [])) == ["data", "security", "security"]
