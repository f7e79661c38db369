from decimal import Decimal, localcontext
from fractions import Fraction

import pytest

from aigf_dvc.policy.numbers import as_fraction, as_number, difference, fraction_text, number_text


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


@pytest.mark.parametrize(
    ("value", "fraction"),
    [
        (0.85, Fraction(17, 20)),
        (Decimal("1e-30"), Fraction(1, 10**30)),
        (3, Fraction(3)),
        (Decimal("0E-999999"), Fraction(0)),
        (True, None),
        ("1", None),
        (Decimal("NaN"), None),
        (Decimal("1e-400000000"), None),
        (Decimal("1e400000000"), None),
        (Decimal("0." + "1" * 500), None),
    ],
)
def test_a_fraction_is_exact_and_never_fills_the_memory(
    value: object, fraction: Fraction | None
) -> None:
    assert as_fraction(value) == fraction


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(1, 3), "0.333333"),
        (Fraction(2, 3), "0.666667"),
        (Fraction(17, 20), "0.85"),
        (Fraction(-7, 8), "-0.875"),
        (Fraction(123456789, 1000), "123456.789"),
        (Fraction(0), "0"),
        (Fraction(1, 3 * 10**9), "3.33333E-10"),
    ],
)
def test_a_fraction_is_shown_in_full_when_that_is_short(number: Fraction, text: str) -> None:
    assert fraction_text(number) == text
