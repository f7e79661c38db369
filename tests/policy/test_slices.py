from decimal import Decimal
from fractions import Fraction

import pytest

from aigf_dvc.policy.slices import MOST_SLICES, Slice, read_slices


def only_fault(value: object) -> tuple[str, str]:
    slices, (fault,) = read_slices(value)
    assert all(one.name != fault.group for one in slices)
    return fault.group, fault.found


def test_a_group_is_a_number_a_number_with_its_rows_or_a_count() -> None:
    slices, faults = read_slices(
        {
            "a": Decimal("0.85"),
            "b": {"value": 0.8, "samples": 12},
            "c": {"positives": 1, "samples": 3},
            "d": {"positives": 30.0, "samples": Decimal("3e1"), "approval_rate": 1},
            "e": {"value": 2},
        }
    )
    assert faults == ()
    assert slices == (
        Slice(name="a", value=Fraction(17, 20)),
        Slice(name="b", value=Fraction(4, 5), samples=12),
        Slice(name="c", value=Fraction(1, 3), samples=3, positives=1),
        Slice(name="d", value=Fraction(1), samples=30, positives=30),
        Slice(name="e", value=Fraction(2)),
    )
    assert [one.text for one in slices] == [
        "0.85", "0.8 (12 rows)", "0.333333 (1 of 3)", "1 (30 of 30)", "2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (None, "nothing, not one of numbers"),
        (True, "true, not one of"),
        ("0.9", 'the text "0.9", not one of'),
        (float("nan"), "not a number (NaN), not one of"),
        (Decimal("Infinity"), "infinite, not one of"),
        ([1], "a list, not one of"),
        ({}, "an empty mapping, not one of"),
        ({"rate": 0.5}, "a mapping, not one of"),
        (Decimal("1e-400000000"), "1E-400000000, not one of"),
        ({"value": True, "samples": 5}, "true, not one of"),
        ({"value": 0.5, "samples": 1.5}, "no count: its `samples` is 1.5"),
        ({"value": 0.5, "samples": True}, "no count: its `samples` is true"),
        ({"value": 0.5, "samples": -3}, "no count: its `samples` is -3"),
        ({"value": 0.5, "samples": "300"}, 'no count: its `samples` is the text "300"'),
        ({"value": 0.5, "samples": 0}, "not enough data: it has no rows at all"),
        ({"positives": 0, "samples": 0}, "not enough data: it has no rows at all"),
        ({"positives": 3}, "no count: its `samples` is missing"),
        ({"positives": -1, "samples": 3}, "no count: its `positives` is -1"),
        ({"positives": 0.5, "samples": 3}, "no count: its `positives` is 0.5"),
        ({"positives": True, "samples": 3}, "no count: its `positives` is true"),
        ({"positives": 4, "samples": 3}, "4 positives of only 3 samples"),
        ({"positives": 4, "samples": 10**400}, "no count: its `samples` is 1"),
        ({"positives": 4, "samples": 5, "value": 0.9}, "both a `value` and `positives`"),
    ],
    ids=str,
)
def test_what_is_no_number_of_a_group_is_a_fault_of_that_group(item: object, said: str) -> None:
    group, found = only_fault({"good": 0.9, "bad": item})
    assert group == "bad"
    assert found.startswith(said)


@pytest.mark.parametrize("value", [None, 0.9, True, "a", [0.9], {}])
def test_what_has_no_groups_is_a_fault_of_its_own(value: object) -> None:
    assert only_fault(value)[0] == ""


def test_groups_without_end_are_a_fault() -> None:
    assert read_slices(dict.fromkeys(map(str, range(MOST_SLICES)), 1))[1] == ()
    group, found = only_fault(dict.fromkeys(map(str, range(MOST_SLICES + 1)), 1))
    assert (group, found) == ("", "1001 groups, more than 1000")


def test_two_groups_that_a_statement_could_not_tell_apart_are_a_fault() -> None:
    _, faults = read_slices({1: 0.9, "1": 0.2})
    assert [(fault.group, fault.found) for fault in faults] == [("1", "the name of 2 groups")]
