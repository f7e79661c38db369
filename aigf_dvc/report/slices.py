"""Metrics by group, as a report shows them: each group's value beside the limits of the rules."""

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import Protocol, runtime_checkable

from msgspec import Struct

from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.numbers import as_number, number_text
from aigf_dvc.policy.verdict import Outcome, Verdict

_EACH_GROUP = "rate"  # a ratio or difference of groups is no line in a picture of each
# For a rate that is worked out for a picture; rules compare exactly. What overflows is no number.
_SHORT = Context(prec=6, traps=[])


@runtime_checkable
class _GroupLimits(Protocol):
    """What a demand on the groups of a metric has, whichever kind of rule makes it."""

    @property
    def slices(self) -> str: ...  # the metric whose value is a mapping of groups
    @property
    def min(self) -> Decimal | None: ...
    @property
    def max(self) -> Decimal | None: ...
    @property
    def statistic(self) -> str: ...  # "rate": each group is held against the limits by itself


class Slice(Struct, frozen=True, kw_only=True):
    """One group: its value, and what that stands on."""

    group: str
    value: Decimal | None  # None: no finite number, so there is nothing to draw
    basis: str = ""  # "40 samples", "12 of 40"; empty: not told


class SlicedMetric(Struct, frozen=True, kw_only=True):
    """One metric by group, and the strictest limits that the applicable rules set for it."""

    name: str
    where: str
    slices: tuple[Slice, ...]
    low: Decimal | None = None
    high: Decimal | None = None

    def is_outside(self, value: Decimal | None) -> bool:
        """Tell whether a value breaks a limit; what is no number breaks every limit."""
        if value is None:
            return True
        below = self.low is not None and value < self.low
        above = self.high is not None and value > self.high
        return below or above


def sliced_metrics(
    evidence: ModelEvidence, policy: Policy, verdict: Verdict
) -> tuple[SlicedMetric, ...]:
    """Return every metric of the evidence that is a mapping of groups, by name."""
    judged = {f.rule for f in verdict.findings if f.outcome is not Outcome.NOT_APPLICABLE}
    demands = [
        rule.demand
        for rule in policy.rules
        if rule.id in judged and isinstance(rule.demand, _GroupLimits)
    ]
    return tuple(
        _sliced(name, metric, metric.value, demands)
        for name, metric in sorted(evidence.metrics.items())
        if isinstance(metric.value, Mapping) and metric.value
    )


def _sliced(
    name: str, metric: Metric, groups: Mapping[str, object], demands: Sequence[_GroupLimits]
) -> SlicedMetric:
    about = (d for d in demands if d.slices in (name, metric.where))
    limits = [demand for demand in about if demand.statistic == _EACH_GROUP]
    return SlicedMetric(
        name=name,
        where=metric.where,
        slices=tuple(_slice(str(group), value) for group, value in groups.items()),
        low=max((d.min for d in limits if d.min is not None), default=None),
        high=min((d.max for d in limits if d.max is not None), default=None),
    )


def _slice(group: str, value: object) -> Slice:
    """Read a group's number, `{value, samples}`, or `{positives, samples}`."""
    if not isinstance(value, Mapping):
        return Slice(group=group, value=as_number(value))
    samples, positives = as_number(value.get("samples")), as_number(value.get("positives"))
    if "value" in value:
        basis = "" if samples is None else f"{number_text(samples)} samples"
        return Slice(group=group, value=as_number(value["value"]), basis=basis)
    if positives is None or samples is None or not 0 <= positives <= samples or samples == 0:
        return Slice(group=group, value=None)
    rate = as_number(_SHORT.divide(positives, samples))
    basis = f"{number_text(positives)} of {number_text(samples)}"
    return Slice(group=group, value=rate, basis=basis)
