"""What a measurement found: rows of figures, and the bound that each must hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

_SECOND = 1.0
_MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The largest, or the smallest, figure that is good enough."""

    limit: float
    kind: Literal["at most", "at least"] = "at most"

    def held(self, figure: float) -> bool:
        """Tell whether a figure is within the bound."""
        return figure <= self.limit if self.kind == "at most" else figure >= self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: what was compared, and the figure that counts."""

    what: str
    ours: str
    theirs: str
    figure: float
    unit: str  # "x": a ratio of the two; else what the figure counts
    spread: tuple[float, float] | None = None  # smallest and largest ratio of one pair of runs
    runs: int = 1
    bound: Bound | None = None  # None: for information

    @property
    def held(self) -> bool | None:
        """Tell whether the bound is held; None when there is none."""
        return None if self.bound is None else self.bound.held(self.figure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one measurement found."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def compare(
    what: str,
    ours_s: Sequence[float],
    theirs_s: Sequence[float],
    *,
    bound: Bound | None = None,
    faster: bool = False,
) -> Row:
    """Return the row of two series of times that were measured in turn.

    Args:
        what: what was compared.
        ours_s: our times, in seconds.
        theirs_s: theirs, each measured beside ours of the same place.
        bound: on the ratio of the medians.
        faster: the ratio is theirs over ours, "how many times faster"; else ours over theirs.
    """
    pairs = list(zip(ours_s, theirs_s, strict=True))
    ratios = [theirs / ours if faster else ours / theirs for ours, theirs in pairs]
    ours, theirs = median(ours_s), median(theirs_s)
    return Row(
        what=what,
        ours=seconds(ours),
        theirs=seconds(theirs),
        figure=theirs / ours if faster else ours / theirs,
        unit="x",
        spread=(min(ratios), max(ratios)),
        runs=len(pairs),
        bound=bound,
    )


def seconds(value_s: float) -> str:
    """Return a time as people read it."""
    return f"{value_s:.2f} s" if value_s >= _SECOND else f"{value_s * 1000:.0f} ms"


def mebibytes(value_bytes: float) -> str:
    """Return a size as people read it."""
    return f"{value_bytes / _MEBIBYTE:.1f} MiB"
