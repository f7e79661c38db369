"""The rule kind `metric`: a number that must lie within limits."""

from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from aigf_dvc.evidence.metrics import Metric
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.model import Case, Judgement, Kind
from aigf_dvc.policy.numbers import as_number, difference, number_text
from aigf_dvc.policy.section import Section, shown
from aigf_dvc.policy.verdict import Outcome

_NAMES_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricLimits:
    """The limits of one metric; both belong to the allowed range, and at least one is set."""

    metric: str
    min: Decimal | None = None
    max: Decimal | None = None

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Deny a metric that is missing, no finite number, or outside the limits."""
        metric = case.evidence.metrics.get(self.metric)
        if metric is None:
            return (self._missing(case.evidence),)
        number = as_number(metric.value)
        if number is None:
            return (self._no_number(metric),)
        return (self._compare(number, metric),)

    def _expected(self) -> str:
        low = "" if self.min is None else f"at least {number_text(self.min)}"
        high = "" if self.max is None else f"at most {number_text(self.max)}"
        return " and ".join(limit for limit in (low, high) if limit)

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
        return Judgement(
            outcome=Outcome.DENIED,
            observed=f"{self.metric} is {_no_number_text(metric.value)}",
            expected=f"a finite number, {self._expected()}",
            where=metric.where,
            remedy=f"let the pipeline write a plain number to {metric.where}",
        )

    def _missing(self, evidence: ModelEvidence) -> Judgement:
        place = evidence.metric_places.get(self.metric, "")
        names = _closest(self.metric, evidence)
        known = f"; there are: {names}" if names else "; there are no metrics at all"
        if place:
            remedy = f"let the pipeline write {place}, or correct that place in aigf.yaml"
        else:
            remedy = (
                f"let the pipeline write {self.metric}, or name its place in aigf.yaml: "
                f'`models: {{{evidence.model}: {{metrics: {{{self.metric}: "FILE:KEY"}}}}}}`'
            )
        return Judgement(
            outcome=Outcome.DENIED,
            observed=f"{self.metric} is missing{known}",
            expected=self._expected(),
            where=place,
            remedy=remedy,
        )


def _closest(name: str, evidence: ModelEvidence) -> str:
    """Return the names of the metrics that are there, those most like `name` first."""
    names = sorted(evidence.metrics)
    close = get_close_matches(name, names, n=_NAMES_SHOWN, cutoff=0.5)
    ordered = close + [other for other in names if other not in close]
    more = len(ordered) - _NAMES_SHOWN
    return ", ".join(ordered[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _no_number_text(value: object) -> str:
    if isinstance(value, str):
        return f"the text {shown(value)}"
    if isinstance(value, float | Decimal):
        return "not a number (NaN)" if Decimal(value).is_nan() else "infinite"
    return shown(value)


def demand_order(section: Section, key: str, limits: MetricLimits) -> None:
    """Refuse limits that no number can keep."""
    if limits.min is not None and limits.max is not None and limits.min > limits.max:
        low, high = number_text(limits.min), number_text(limits.max)
        section.refuse(key, f"min {low} is above max {high}", "min <= max")


def _read(section: Section) -> MetricLimits:
    limits = MetricLimits(
        metric=section.text("metric"), min=section.number("min"), max=section.number("max")
    )
    if not (section.has("min") or section.has("max")):
        section.refuse(None, "a metric rule without a limit", "`min:`, `max:` or both")
    demand_order(section, "min", limits)
    return limits


KIND = Kind(name="metric", read=_read)
