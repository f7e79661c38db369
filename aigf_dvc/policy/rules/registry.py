"""Every kind of rule that a policy may use: a new kind is one file here and one name below."""

from aigf_dvc.policy.rules import (
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

KINDS = {
    kind.name: kind
    for kind in (
        required_fields.KIND,
        metric.KIND,
        no_regression.KIND,
        document.KIND,
        lineage.KIND,
        datasets.KIND,
        packages.KIND,
        parameters.KIND,
        license.KIND,
        approvals.KIND,
        external_verdict.KIND,
    )
}
