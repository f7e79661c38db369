"""Compares two demands of the kind `required-fields`: a field more is stricter."""

from aigf_dvc.policy.model import Demand
from aigf_dvc.policy.rules.required_fields import RequiredFields
from aigf_dvc.policy.strictness.change import Comparison, Setting
from aigf_dvc.policy.strictness.values import demanded


def _split(demand: Demand) -> tuple[Demand, ...]:
    if not isinstance(demand, RequiredFields):
        return (demand,)
    return tuple(RequiredFields(fields=(field,)) for field in demand.fields)


COMPARISON = Comparison(settings={"fields": Setting(key="fields", compare=demanded)}, split=_split)
