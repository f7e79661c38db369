"""What a policy's rules want to see beside what aigf.yaml names: metrics by place, baselines."""

from collections.abc import Iterator

from aigf_dvc.evidence.metrics import is_place
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.rules.metric import MetricLimits
from aigf_dvc.policy.rules.no_regression import BaselineSource, NoRegression
from aigf_dvc.policy.slice_limits import SliceLimits


def wanted_places(policy: Policy) -> tuple[str, ...]:
    """Return the places, `file:key`, that rules name instead of a metric of aigf.yaml."""
    return tuple(dict.fromkeys(name for name in _evidence_names(policy) if is_place(name)))


def wanted_numbers(policy: Policy) -> tuple[str, ...]:
    """Return the names, not the places, of the single numbers that rules judge."""
    numbers = (MetricLimits, NoRegression)
    demands = (rule.demand for rule in policy.rules)
    names = (demand.metric for demand in demands if isinstance(demand, numbers))
    return tuple(dict.fromkeys(name for name in names if not is_place(name)))


def wanted_baselines(policy: Policy) -> tuple[BaselineSource, ...]:
    """Return the models that rules compare with."""
    demands = (rule.demand for rule in policy.rules)
    sources = (demand.baseline for demand in demands if isinstance(demand, NoRegression))
    return tuple(dict.fromkeys(sources))


def _evidence_names(policy: Policy) -> Iterator[str]:
    for rule in policy.rules:
        match rule.demand:
            case SliceLimits(slices=name) | MetricLimits(metric=name) | NoRegression(metric=name):
                yield name
            case _:
                pass
