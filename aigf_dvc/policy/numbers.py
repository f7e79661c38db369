"""Exact numbers: which values count as numbers, and how people read them."""

from decimal import Context, Decimal

_EXACT = Context(prec=60)
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


def difference(left: Decimal, right: Decimal) -> Decimal:
    """Return left - right, whatever the caller's own decimal context is."""
    return _EXACT.subtract(left, right)


def number_text(number: Decimal) -> str:
    """Return a number without needless zeros; with an exponent only when it is far from 1."""
    trimmed = _EXACT.normalize(number)
    if trimmed == 0:
        return "0"
    return f"{trimmed:f}" if _PLAIN_FROM <= abs(trimmed) < _PLAIN_TO else str(trimmed)
