"""The rule kind `metric`: a number that must lie within limits, as a whole or in every group."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.metrics import look_up
from aigf_dvc.policy.metric_findings import (
    denied,
    missing_metric,
    no_number_text,
    read_metric_name,
)
from aigf_dvc.policy.model import Case, Demand, Judgement, Kind
from aigf_dvc.policy.numbers import as_number, difference, limits_text, number_text
from aigf_dvc.policy.section import Section
from aigf_dvc.policy.slice_limits import (
    CONFIDENCE,
    OWN_KEYS,
    Aggregate,
    Bound,
    SliceLimits,
    Statistic,
)
from aigf_dvc.policy.verdict import Outcome


class MetricLimits(Struct, frozen=True, kw_only=True):
    """The limits of one metric; both belong to the allowed range, and at least one is set."""

    metric: str
    min: Decimal | None = None
    max: Decimal | None = None

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Deny a metric that is missing, no finite number, or outside the limits."""
        metric = look_up(case.evidence.metrics, self.metric)
        if metric is None:
            return (missing_metric(self.metric, case.evidence, self._expected()),)
        number = as_number(metric.value)
        if number is None:
            return (self._no_number(metric),)
        return (self._compare(number, metric),)

    def _expected(self) -> str:
        return limits_text(self.min, self.max)

    def _compare(self, number: Decimal, metric: Metric) -> Judgement:
        change = ""
        if self.min is not None and number < self.min:
            change = f"raise it by at least {number_text(difference(self.min, number))}"
        elif self.max is not None and number > self.max:
            change = f"lower it by at least {number_text(difference(number, self.max))}"
        return Judgement(
            outcome=Outcome.DENIED if change else Outcome.PASSED,
            observed=f"{self.metric} is {number_text(number)}",
            expected=self._expected(),
            where=metric.where,
            remedy=f"{change}: change the model or its training, run `aigf repro` and check again"
            if change
            else "",
        )

    def _no_number(self, metric: Metric) -> Judgement:
        return denied(
            f"{self.metric} is {no_number_text(metric.value)}",
            f"a finite number, {self._expected()}",
            where=metric.where,
            remedy=f"let the pipeline write a plain number to {metric.where}",
        )


def demand_order(section: Section, key: str, limits: MetricLimits) -> None:
    """Refuse limits that no number can keep."""
    if limits.min is not None and limits.max is not None and limits.min > limits.max:
        low, high = number_text(limits.min), number_text(limits.max)
        section.refuse(key, f"min {low} is above max {high}", "min <= max")


def _read(section: Section) -> Demand:
    limits = MetricLimits(
        metric=read_metric_name(section, "metric"),
        min=section.number("min"),
        max=section.number("max"),
    )
    if not (section.has("min") or section.has("max")):
        section.refuse(None, "a metric rule without a limit", "`min:`, `max:` or both")
    demand_order(section, "min", limits)
    if section.has("slices"):
        return _read_slices(section, limits)
    section.know(OWN_KEYS)
    for key in section.names():
        if key in OWN_KEYS:
            section.refuse(
                key, f"`{key}` without `slices`", "`slices:` with the name of the groups' metric"
            )
    return limits


def _read_slices(section: Section, limits: MetricLimits) -> SliceLimits:
    demand = SliceLimits(
        metric=limits.metric,
        slices=read_metric_name(section, "slices"),
        min=limits.min,
        max=limits.max,
        aggregate=section.choice("aggregate", Aggregate, Aggregate.WORST),
        min_samples=_read_min_samples(section),
        bound=section.choice("bound", Bound, Bound.VALUE),
        confidence=_read_confidence(section),
        statistic=section.choice("statistic", Statistic, Statistic.RATE),
    )
    if section.has("confidence") and demand.bound is not Bound.CONFIDENCE:
        section.refuse("confidence", "`confidence` without its bound", "`bound: confidence` too")
    if demand.statistic is not Statistic.RATE:
        _demand_one_side(section, demand)
    return demand


def _read_min_samples(section: Section) -> int:
    number = section.number("min_samples")
    if number is None:
        return 0
    if number != number.to_integral_value() or number < 1:
        section.refuse("min_samples", f"{number_text(number)} rows", "a whole number from 1 on")
        return 0
    return int(number)


def _read_confidence(section: Section) -> Decimal:
    number = section.number("confidence")
    if number is None:
        return CONFIDENCE
    if not _LEAST <= number <= _MOST:
        percent = number > 1 and _LEAST <= number / 100 <= _MOST
        section.refuse(
            "confidence",
            f"a confidence of {number_text(number)}",
            f"{_LEAST} to {_MOST}",
            f"write {number_text(number / 100)}" if percent else "",
        )
        return CONFIDENCE
    return number


_LEAST, _MOST = Decimal("0.5"), Decimal("0.999999")


def _demand_one_side(section: Section, demand: SliceLimits) -> None:
    """Refuse a limit that a comparison of groups keeps by itself: a ratio is never above 1."""
    key, other = ("min", "max") if demand.statistic is Statistic.RATIO else ("max", "min")
    if section.has(other) or not section.has(key):
        section.refuse(
            other if section.has(other) else None,
            f"a {demand.statistic} with `{other}`" if section.has(other) else "no such limit",
            f"`{key}:` alone: the {demand.statistic} is "
            + ("of the lowest to the highest group" if key == "min" else "how far they are apart"),
        )
    if demand.aggregate is Aggregate.EACH:
        section.refuse(
            "aggregate", f"`each` beside `statistic: {demand.statistic}`",
            "`worst`: groups are compared with each other",
        )  # fmt: skip


def _words(options: type[Aggregate | Bound | Statistic]) -> dict[str, Json]:
    return {"enum": [str(option) for option in options]}


_NAME: Mapping[str, Json] = {"type": "string", "minLength": 1}

KIND = Kind(
    name="metric",
    read=_read,
    schema={
        "metric": _NAME,
        "min": {"type": "number"},
        "max": {"type": "number"},
        "slices": _NAME,
        "aggregate": _words(Aggregate),
        "min_samples": {"type": "integer", "minimum": 1},
        "bound": _words(Bound),
        "confidence": {"type": "number", "minimum": 0.5, "maximum": 0.999999},
        "statistic": _words(Statistic),
    },
    required=("metric",),
)
