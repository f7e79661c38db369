"""Exact numbers: which values count as numbers, and how people read them."""

from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

_EXACT = Context(prec=60)
_ROUNDED = Context(prec=6)
_FARTHEST = 400  # powers of ten, and digits: no measure needs more
_SHORT = 12  # digits of a number that is shown in full
_PLAIN_FROM, _PLAIN_TO = Decimal("1e-7"), Decimal("1e16")


def as_number(value: object) -> Decimal | None:
    """Return a finite number exactly as it is written, or None for anything else.

    A boolean or a text is no number, and neither is NaN or an infinity. A float is taken as its
    shortest decimal form: 0.85 is 0.85.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(repr(float(value))) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() else None


def as_fraction(value: object) -> Fraction | None:
    """Return a finite number exactly, or None for anything else, and for one of absurd size.

    The fraction of 1e-400000000 would fill the memory.
    """
    number = as_number(value)
    if number is None or number == 0:
        return None if number is None else Fraction(0)
    if abs(number.adjusted()) > _FARTHEST or len(number.as_tuple().digits) > _FARTHEST:
        return None
    return Fraction(number)


def difference(left: Decimal, right: Decimal) -> Decimal:
    """Return left - right, whatever the caller's own decimal context is."""
    return _EXACT.subtract(left, right)


@lru_cache(maxsize=4096)  # a policy's limits are said of every model
def number_text(number: Decimal) -> str:
    """Return a number without needless zeros; with an exponent only when it is far from 1."""
    trimmed = _EXACT.normalize(number)
    if trimmed == 0:
        return "0"
    return f"{trimmed:f}" if _PLAIN_FROM <= abs(trimmed) < _PLAIN_TO else str(trimmed)


def fraction_text(number: Fraction) -> str:
    """Return a number as people read it: in full when it is short, else rounded to six digits."""
    above, below = Decimal(number.numerator), Decimal(number.denominator)
    exact = _EXACT.divide(above, below)
    if len(_EXACT.normalize(exact).as_tuple().digits) <= _SHORT:
        return number_text(exact)
    return number_text(_ROUNDED.divide(above, below))


def limits_text(low: Decimal | None, high: Decimal | None) -> str:
    """Return what a number must be that has a least and a greatest value, or one of them."""
    least = "" if low is None else f"at least {number_text(low)}"
    most = "" if high is None else f"at most {number_text(high)}"
    return " and ".join(limit for limit in (least, most) if limit)
