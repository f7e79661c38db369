from decimal import Decimal, localcontext

import pytest

from aigf_dvc.policy.numbers import as_number, difference, number_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.75, "0.75"),
        (Decimal("0.750"), "0.75"),
        (500, "500"),
        (500.0, "500"),
        (Decimal("5E+2"), "500"),
        (0, "0"),
        (-0.0, "0"),
        (1e-7, "0.0000001"),
        (1e-8, "1E-8"),
        (-3.5, "-3.5"),
        (1e300, "1E+300"),
        (0.30000000000000004, "0.30000000000000004"),
    ],
)
def test_a_number_is_shown_as_people_write_it(value: float | Decimal, text: str) -> None:
    number = as_number(value)
    assert number is not None
    assert number_text(number) == text


@pytest.mark.parametrize("value", [True, "1", None, float("nan"), float("-inf"), [1], 1j])
def test_what_is_no_finite_number_is_none(value: object) -> None:
    assert as_number(value) is None


def test_a_difference_is_exact_whatever_the_context() -> None:
    with localcontext() as context:
        context.prec = 1
        assert difference(Decimal("0.85"), Decimal("0.05")) == Decimal("0.80")
