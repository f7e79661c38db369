"""How each kind of rule is compared; a kind that is not here is unclear in every difference."""

from aigf_dvc.policy.strictness import (
    approvals,
    datasets,
    document,
    external_verdict,
    license,  # noqa: A004  # the kind's own name
    lineage,
    metric,
    no_regression,
    packages,
    parameters,
    required_fields,
)

COMPARISONS = {
    "required-fields": required_fields.COMPARISON,
    "metric": metric.COMPARISON,
    "no-regression": no_regression.COMPARISON,
    "document": document.COMPARISON,
    "lineage": lineage.COMPARISON,
    "datasets": datasets.COMPARISON,
    "packages": packages.COMPARISON,
    "parameters": parameters.COMPARISON,
    "license": license.COMPARISON,
    "approvals": approvals.COMPARISON,
    "external-verdict": external_verdict.COMPARISON,
}
