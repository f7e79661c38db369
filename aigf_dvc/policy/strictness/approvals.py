"""Compares two demands of the kind `approvals`: more and younger ones, of others, are stricter."""

from aigf_dvc.policy.strictness.change import Comparison, Setting
from aigf_dvc.policy.strictness.values import at_least, at_most, subject, switched_on

COMPARISON = Comparison(
    subject="role",
    settings={
        "role": Setting(key="role", compare=subject),
        "count": Setting(key="count", compare=at_least),
        "not_author": Setting(key="not_author", compare=switched_on),
        "max_age_days": Setting(key="max_age", compare=at_most),
    },
)
