"""The short form of a policy: required card fields, and metric limits named `<metric>_min|_max`."""

from decimal import Decimal

from msgspec.structs import replace

from aigf_dvc.policy.model import Rule
from aigf_dvc.policy.rules import metric, required_fields
from aigf_dvc.policy.rules.metric import MetricLimits
from aigf_dvc.policy.rules.required_fields import RequiredFields
from aigf_dvc.policy.section import Section
from aigf_dvc.strict_yaml import Path

FIELDS_KEY = "required_metadata"
METRICS_KEY = "required_metrics"
KEYS = (FIELDS_KEY, METRICS_KEY)


def read_rules(top: Section) -> list[tuple[Rule, Path]]:
    """Return the rules of a policy in the short form: one for the card, one for each limit."""
    placed: list[tuple[Rule, Path]] = []
    if top.has(FIELDS_KEY):
        demand = RequiredFields(fields=top.texts(FIELDS_KEY))
        rule = Rule(id=FIELDS_KEY, kind=required_fields.KIND.name, demand=demand)
        placed.append((rule, (FIELDS_KEY,)))
    limits = top.section(METRICS_KEY)
    if limits is not None:
        placed += _limits(limits)
    return placed


def _limits(section: Section) -> list[tuple[Rule, Path]]:
    placed: list[tuple[Rule, Path]] = []
    merged: dict[str, MetricLimits] = {}
    for key in section.names():
        number = section.number(key)
        name, _, bound = key.rpartition("_")
        if bound not in ("min", "max") or not name:
            section.refuse(
                key,
                f"the key `{key}`",
                "the name of a metric with _min or _max, such as fairness_score_min",
            )
            continue
        limits = MetricLimits(metric=name)
        demand = _with_limit(limits, bound, number)
        merged[name] = _with_limit(merged.get(name, limits), bound, number)
        metric.demand_order(section, key, merged[name])
        placed.append((Rule(id=key, kind=metric.KIND.name, demand=demand), (*section.path, key)))
    return placed


def _with_limit(limits: MetricLimits, bound: str, number: Decimal | None) -> MetricLimits:
    return replace(limits, min=number) if bound == "min" else replace(limits, max=number)
