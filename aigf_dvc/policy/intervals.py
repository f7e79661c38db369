"""Confidence intervals of counted rates: what the true rate may be, given this many rows.

All three are score intervals, which keep what they promise in small groups and at rates of 0 and 1:

- one rate: Wilson (1927), JASA 22:209-212; Newcombe (1998), Statistics in Medicine 17:857-872
- a ratio of two rates: Koopman (1984), Biometrics 40:513-517, in the form of Miettinen and
  Nurminen (1985), Statistics in Medicine 4:213-226. It needs no correction where a count is 0, as
  the log interval of Katz et al. (1978), Biometrics 34:469-474, does
- a difference of two rates: Newcombe (1998), Statistics in Medicine 17:873-890, method 10

They are two-sided, and take the rows for independent of each other. The arithmetic is that of
floats; each limit is then moved outwards by more than their error: it errs on the safe side.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import ceil, copysign, floor, inf, sqrt

from msgspec import Struct

_GRID = 10**9  # limits are rounded outwards to this fraction
_ERROR = 1e-11  # more than the error of the arithmetic below
_STEPS = 36  # halvings: the limits of a ratio are found to less than one part in 10**10
_FARTHEST = 2.0**60


class Counted(Struct, frozen=True, kw_only=True):
    """How many of some rows have a property."""

    positives: float  # whole, but for a rate that was rounded when it was written
    samples: int

    @property
    def rate(self) -> float:
        """Return the share, from 0 to 1."""
        return self.positives / self.samples


class Interval(Struct, frozen=True, kw_only=True):
    """Both limits, from 0 to 1."""

    low: Fraction
    high: Fraction


def quantile(confidence: Decimal) -> float:
    """Return how many standard deviations a two-sided interval reaches to either side."""
    from statistics import NormalDist  # noqa: PLC0415  # slow to load; few policies have intervals

    return NormalDist().inv_cdf((1 + float(confidence)) / 2) * (1 + _ERROR)


def rate_interval(of: Counted, z: float) -> Interval:
    """Return the Wilson score interval of a rate."""
    return _outwards(*_wilson(of, z))


def ratio_interval(one: Counted, other: Counted, z: float) -> Interval:
    """Return the score interval of the lower of two true rates over the higher one.

    Nobody knows which of the two is the lower one: an interval that reaches past 1 is folded there.
    """
    low, high = _koopman(one, other, z)
    return _outwards(min(low, 1 / high), min(1.0, high, 1 / low if low else inf))


def difference_interval(one: Counted, other: Counted, z: float) -> Interval:
    """Return the hybrid score interval of how far apart two true rates are."""
    (low_1, high_1), (low_2, high_2) = _wilson(one, z), _wilson(other, z)
    apart = one.rate - other.rate
    low = apart - sqrt((one.rate - low_1) ** 2 + (high_2 - other.rate) ** 2)
    high = apart + sqrt((high_1 - one.rate) ** 2 + (other.rate - low_2) ** 2)
    return _outwards(max(low, -high, 0.0), max(high, -low))


def _wilson(of: Counted, z: float) -> tuple[float, float]:
    n, p = of.samples, of.rate
    centre = p + z * z / (2 * n)
    reach = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    below, above = (centre - reach) / (1 + z * z / n), (centre + reach) / (1 + z * z / n)
    return (0.0 if p == 0 else below), (1.0 if p == 1 else above)


def _koopman(one: Counted, other: Counted, z: float) -> tuple[float, float]:
    """Return both limits of a ratio of rates, from 0 to infinity: where the score test gives up."""

    def score(ratio: float) -> float:
        return _score(ratio, one, other)

    low = 0.0 if one.positives == 0 else _root(lambda ratio: score(ratio) - z)[0]
    high = inf if other.positives == 0 else _root(lambda ratio: score(ratio) + z)[1]
    return low, high


def _score(ratio: float, one: Counted, other: Counted) -> float:
    """Return by how many standard errors the rates are off a ratio; it falls with the ratio.

    The error is that of the two rates which are the likeliest among those with that ratio.
    """
    n, m, x, y = one.samples, other.samples, one.positives, other.positives
    a, b, c = (n + m) * ratio, -((n + y) * ratio + x + m), x + y
    base = min(1.0, 2 * c / (-b + sqrt(max(0.0, b * b - 4 * a * c))))
    top = min(1.0, ratio * base)
    variance = top * (1 - top) / n + ratio * ratio * base * (1 - base) / m
    off = one.rate - ratio * other.rate
    if variance <= 0:
        return 0.0 if abs(off) < _ERROR else copysign(inf, off)
    return off / sqrt(variance)


def _root(falling: Callable[[float], float]) -> tuple[float, float]:
    """Return two numbers, hardly apart, between which a falling function is zero."""
    low = high = 1.0
    while falling(low) < 0 and low > 1 / _FARTHEST:
        low /= 2
    while falling(high) > 0 and high < _FARTHEST:
        high *= 2
    for _ in range(_STEPS):
        middle = sqrt(low * high)
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return low, high


def _outwards(low: float, high: float) -> Interval:
    below, above = floor((low - _ERROR) * _GRID), ceil((high + _ERROR) * _GRID)
    return Interval(low=Fraction(max(below, 0), _GRID), high=Fraction(min(above, _GRID), _GRID))
