"""What was measured of groups, as a value or as what the true value may be, beside its limits."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import IntEnum, unique
from fractions import Fraction
from itertools import combinations
from math import ceil, floor

from msgspec import Struct

from aigf_dvc.policy.intervals import (
    Counted,
    Interval,
    difference_interval,
    rate_interval,
    ratio_interval,
)
from aigf_dvc.policy.numbers import fraction_text
from aigf_dvc.policy.section import shown
from aigf_dvc.policy.slices import Slice

_SHOWN = 10**4  # limits are shown with four places, rounded outwards


@unique
class Standing(IntEnum):
    """How something stands to its limits; the worst is the lowest."""

    FAILS = 0
    UNSURE = 1  # what it may be lies on both sides of a limit
    HOLDS = 2


class Measured(Struct, frozen=True, kw_only=True):
    """One number, and from where to where the true one may be; a value by itself is exact."""

    what: str  # `of group "a"`
    text: str  # `0.79 (79 of 100)`
    low: Fraction
    high: Fraction

    def standing(self, least: Decimal | None, most: Decimal | None) -> Standing:
        """Tell how it stands to its limits, which are allowed themselves."""
        if self._slack(least, most) >= 0:
            return Standing.HOLDS
        below = least is not None and self.high < Fraction(least)
        above = most is not None and self.low > Fraction(most)
        return Standing.FAILS if below or above else Standing.UNSURE

    def order(self, least: Decimal | None, most: Decimal | None) -> tuple[Standing, Fraction]:
        """Return by what the worst of several is found."""
        return self.standing(least, most), self._slack(least, most)

    def _slack(self, least: Decimal | None, most: Decimal | None) -> Fraction:
        """Return how far it is inside its limits, at the side where it is nearest to one."""
        inside = [] if least is None else [self.low - Fraction(least)]
        inside += [] if most is None else [Fraction(most) - self.high]
        return min(inside)

    @property
    def interval_text(self) -> str:
        """Return the interval as a message names it."""
        low, high = floor(self.low * _SHOWN), ceil(self.high * _SHOWN)
        least, most = Fraction(low, _SHOWN), Fraction(high, _SHOWN)
        return f"between {fraction_text(least)} and {fraction_text(most)}"


def rate(one: Slice, z: float | None) -> Measured:
    """Return what a group's own number may be; without a quantile it is what it is."""
    limits = _exactly(one.value) if z is None else rate_interval(_counted(one), z)
    return Measured(
        what=f"of group {shown(one.name)}", text=one.text, low=limits.low, high=limits.high
    )


def compare(pair: tuple[Slice, Slice], z: float | None, *, ratio: bool) -> Measured:
    """Return how far apart two groups are: the lower over the higher one, or their difference."""
    low, high = sorted(pair, key=lambda one: one.value)
    between = ratio_interval if ratio else difference_interval
    value = _value(low, high, ratio=ratio)
    if z is not None:
        limits = between(_counted(low), _counted(high), z)
    else:
        limits = _exactly(value) if value is not None else _ANYTHING
    word = "over" if ratio else "below"
    number = "no number" if value is None else fraction_text(value)
    return Measured(
        what=f"of group {shown(low.name)} {word} group {shown(high.name)}",
        text=f"{number}: {low.text} {word} {high.text}",
        low=limits.low,
        high=limits.high,
    )


def extremes(slices: Sequence[Slice]) -> tuple[Slice, Slice]:
    """Return the lowest and the highest group."""
    ordered = sorted(slices, key=lambda one: one.value)
    return ordered[0], ordered[-1]


def pairs(slices: Sequence[Slice]) -> Iterator[tuple[Slice, Slice]]:
    """Return each pair of groups: the widest interval need not be that of the extremes.

    All pairs must hold, so that no correction for their number is due: were one of them outside
    the limit, its own interval would have to miss it (Berger 1982, Technometrics 24:295-300).
    """
    return combinations(slices, 2)


_ANYTHING = Interval(low=Fraction(0), high=Fraction(1))  # zero over zero


def _value(low: Slice, high: Slice, *, ratio: bool) -> Fraction | None:
    if not ratio:
        return high.value - low.value
    return low.value / high.value if high.value else None


def _exactly(value: Fraction) -> Interval:
    return Interval(low=value, high=value)


def _counted(one: Slice) -> Counted:
    samples = one.samples or 0  # groups without a count do not come this far
    return Counted(positives=float(one.value * samples), samples=samples)
