"""Compares two demands of the kind `metric`: limits that are closer are stricter."""

from msgspec.structs import replace

from aigf_dvc.policy.model import Demand
from aigf_dvc.policy.rules.metric import MetricLimits
from aigf_dvc.policy.strictness.change import Comparison, Setting
from aigf_dvc.policy.strictness.values import at_least, at_most, ranked, subject, unclear


def _split(demand: Demand) -> tuple[Demand, ...]:
    """Return one demand for each limit: two rules may hold what one holds."""
    if not isinstance(demand, MetricLimits) or demand.min is None or demand.max is None:
        return (demand,)
    return replace(demand, max=None), replace(demand, min=None)


COMPARISON = Comparison(
    subject="metric",
    settings={
        "metric": Setting(key="metric", compare=subject),
        "min": Setting(key="min", compare=at_least),
        "max": Setting(key="max", compare=at_most),
        # Limits for every group: a demand of another form.
        "slices": Setting(key="slices", compare=subject),
        "aggregate": Setting(key="aggregate", compare=ranked("worst", "each")),
        "min_samples": Setting(key="min_samples", compare=at_least),
        "bound": Setting(key="bound", compare=ranked("value", "confidence")),
        "confidence": Setting(key="confidence", compare=at_least),
        "statistic": Setting(key="statistic", compare=unclear),
    },
    split=_split,
)
