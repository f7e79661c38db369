"""How each kind of rule is compared; a kind that is not here is unclear in every difference."""

from aigf_dvc.policy.rules import document as document_rule
from aigf_dvc.policy.rules import lineage as lineage_rule
from aigf_dvc.policy.rules import metric as metric_rule
from aigf_dvc.policy.rules import required_fields as required_fields_rule
from aigf_dvc.policy.strictness import document, lineage, metric, required_fields

COMPARISONS = {
    required_fields_rule.KIND.name: required_fields.COMPARISON,
    metric_rule.KIND.name: metric.COMPARISON,
    document_rule.KIND.name: document.COMPARISON,
    lineage_rule.KIND.name: lineage.COMPARISON,
}
