"""Give the JSON Schema of a policy, for editors and validators."""

from aigf_dvc.canonical import pretty
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.policy.schema import policy_schema


def schema_text() -> str:
    """Return the JSON Schema of a policy that may use every kind of rule there is."""
    return pretty(policy_schema(KINDS)) + "\n"
