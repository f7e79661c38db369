"""Holds limits against every group: the worst one, each one, or how far they are apart."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.evidence.metrics import look_up
from aigf_dvc.policy.intervals import quantile
from aigf_dvc.policy.measured import (
    Measured,
    Standing,
    compare,
    extremes,
    pairs,
    rate,
)
from aigf_dvc.policy.metric_findings import denied, missing_metric, passed
from aigf_dvc.policy.model import Case, Judgement
from aigf_dvc.policy.numbers import limits_text, number_text
from aigf_dvc.policy.section import shown
from aigf_dvc.policy.slices import Fault, Slice, read_slices

CONFIDENCE = Decimal("0.95")
OWN_KEYS = ("aggregate", "min_samples", "bound", "confidence", "statistic")
MOST_COMPARED = 50  # groups of which each is compared with each by its interval
_FORM = "`{positives: COUNT, samples: COUNT}`"


_REMEDIES = {
    Standing.UNSURE: "test on more rows of these groups: the interval gets narrower",
    Standing.FAILS: "change the model or its training for this group, run `aigf repro` and check "
    "again",
}


@unique
class Aggregate(StrEnum):
    """Which groups make a finding."""

    WORST = "worst"
    EACH = "each"


@unique
class Bound(StrEnum):
    """What is held against the limits."""

    VALUE = "value"
    CONFIDENCE = "confidence"  # the limit of the confidence interval


@unique
class Statistic(StrEnum):
    """What of the groups is held against the limits."""

    RATE = "rate"  # each group's own number
    RATIO = "ratio"  # the lowest over the highest
    DIFFERENCE = "difference"  # the highest minus the lowest


class SliceLimits(Struct, frozen=True, kw_only=True):
    """The limits of a metric in every group."""

    metric: str  # what the numbers of the groups are called
    slices: str  # the metric that has one number for each group
    min: Decimal | None = None
    max: Decimal | None = None
    aggregate: Aggregate = Aggregate.WORST
    min_samples: int = 0
    bound: Bound = Bound.VALUE
    confidence: Decimal = CONFIDENCE
    statistic: Statistic = Statistic.RATE

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Deny groups that are missing, unreadable, too small to tell, or outside the limits."""
        metric = look_up(case.evidence.metrics, self.slices)
        if metric is None:
            return (missing_metric(self.slices, case.evidence, self._expected()),)
        found, faults = read_slices(metric.value)
        if faults:
            return tuple(self._faulty(fault, metric.where) for fault in faults)
        few = {one.name: reason for one in found if (reason := self._too_few(one))}
        enough = [one for one in found if one.name not in few]
        small = (self._few(one, few[one.name], metric.where) for one in found if one.name in few)
        return (*small, *(self._measure(enough, metric.where) if enough else ()))

    def _expected(self) -> str:
        limits = limits_text(self.min, self.max)
        if self.statistic is Statistic.RATE:
            what = f"{limits} in every group"
        elif self.statistic is Statistic.RATIO:
            what = f"{limits}, lowest group over highest"
        else:
            what = f"{limits} between lowest and highest group"
        rows = f", each of at least {self.min_samples} rows" if self.min_samples else ""
        sure = f", with {number_text(self.confidence * 100)} % confidence"
        return what + rows + (sure if self._by_interval else "")

    @property
    def _by_interval(self) -> bool:
        return self.bound is Bound.CONFIDENCE

    @property
    def _compares_pairs(self) -> bool:
        return self._by_interval and self.statistic is not Statistic.RATE

    def _faulty(self, fault: Fault, where: str) -> Judgement:
        group = f", group {shown(fault.group)}" if fault.group else ""
        return denied(
            f"{self.slices}{group}: {fault.found}",
            self._expected(),
            where=where,
            remedy=f"let the pipeline write one number for each group to {where}, "
            f"or {_FORM} of each",
        )

    def _too_few(self, one: Slice) -> str:
        """Return why a group has too few rows to be judged, or an empty text."""
        group = f"not enough data: group {shown(one.name)} has"
        if one.samples is None:
            needs_count = self.min_samples or self._by_interval
            return f"{group} no count of its rows" if needs_count else ""
        if one.samples < self.min_samples:
            return f"{group} {one.samples} of the {self.min_samples} rows that are needed"
        return ""

    def _few(self, one: Slice, reason: str, where: str) -> Judgement:
        more = self.min_samples - (one.samples or 0)
        add = (
            f"test on at least {more} more rows of this group, or join it with one that it is like"
        )
        return denied(
            reason,
            self._expected(),
            where=where,
            remedy=add if one.samples is not None else f"let the pipeline write {_FORM} of each",
        )

    def _measure(self, slices: Sequence[Slice], where: str) -> tuple[Judgement, ...]:
        fault = self._unfit(slices)
        if fault:
            return (denied(fault, self._expected(), where=where),)
        measured = tuple(self._measured(slices))
        if self.aggregate is Aggregate.WORST:
            measured = (min(measured, key=lambda one: one.order(self.min, self.max)),)
        return tuple(self._judged(one, len(slices), where) for one in measured)

    def _unfit(self, slices: Sequence[Slice]) -> str:
        """Return why the groups cannot be measured so, or an empty text."""
        odd = [one for one in slices if one.value < 0 or (self._by_interval and one.value > 1)]
        if self.statistic is not Statistic.RATE and len(slices) == 1:
            return f"{self.slices} has one group with enough data: there is none to compare it with"
        if odd and (self._by_interval or self.statistic is Statistic.RATIO):
            wanted = "no rate from 0 to 1" if self._by_interval else "below 0: it has no ratio"
            return f"{self.metric} of group {shown(odd[0].name)} is {odd[0].text}, {wanted}"
        if self._compares_pairs and len(slices) > MOST_COMPARED:
            return f"{len(slices)} groups, more than the {MOST_COMPARED} that are compared in pairs"
        return ""

    def _measured(self, slices: Sequence[Slice]) -> Iterator[Measured]:
        z = quantile(self.confidence) if self._by_interval else None
        if self.statistic is Statistic.RATE:
            yield from (rate(one, z) for one in slices)
        else:
            compared = pairs(slices) if self._compares_pairs else iter([extremes(slices)])
            ratio = self.statistic is Statistic.RATIO
            yield from (compare(pair, z, ratio=ratio) for pair in compared)

    def _judged(self, one: Measured, groups: int, where: str) -> Judgement:
        standing = one.standing(self.min, self.max)
        observed = f"{self.metric} {one.what} is {one.text}"
        if self._by_interval:
            percent = number_text(self.confidence * 100)
            observed += f"; with {percent} % confidence it is {one.interval_text}"
        elif groups > 1 and self.statistic is Statistic.RATE and self.aggregate is Aggregate.WORST:
            observed += f", the worst of {groups} groups"
        if standing is Standing.HOLDS:
            return passed(observed, self._expected(), where=where)
        if standing is Standing.UNSURE:
            observed = f"not enough data to tell: {observed}"
        return denied(observed, self._expected(), where=where, remedy=_REMEDIES[standing])
