"""Compares two demands of the kind `external-verdict`: more properties, and younger is stricter."""

from aigf_dvc.policy.strictness.change import Comparison, Setting
from aigf_dvc.policy.strictness.values import at_most, demanded, subject

COMPARISON = Comparison(
    subject="engine",
    settings={
        "engine": Setting(key="engine", compare=subject),
        "type": Setting(key="type", compare=subject),
        "properties": Setting(key="properties", compare=demanded),
        "max_age_days": Setting(key="max_age", compare=at_most),
    },
)
