"""Adds the metrics that a policy names by their place to those that aigf.yaml names."""

from msgspec.structs import replace

from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.wanted import wanted_places
from aigf_dvc.settings import MetricSource, ModelSettings, is_plain_path


def with_policy_metrics(model: ModelSettings, policy: Policy) -> ModelSettings:
    """Return a model's settings with the metrics that rules name as `file:key`.

    From here on they are metrics like the others: tied to the model's lineage, carried in the
    statement. What aigf.yaml gives the name of another place does not stand for that place.
    """
    places = ((name, *name.rpartition(":")[::2]) for name in wanted_places(policy))
    wanted = {
        name: MetricSource(file=file, key=key) for name, file, key in places if is_plain_path(file)
    }
    return replace(model, metrics={**model.metrics, **wanted})
