"""A baseline as evidence in a statement, so that another policy can compare with it again."""

from collections.abc import Iterator, Mapping

from aigf_dvc.attestation.deployment import Deployment, EvidenceItem, evidence_item
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.canonical import Json, dumps, user_data, user_data_as_json
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.evidence.metric import Metric

MEDIA_TYPE = "application/vnd.aigf-dvc.baseline.v1+json"
_MAX_BYTES = 2**20


def baseline_item(baseline: Baseline) -> EvidenceItem:
    """Return a baseline as a file of evidence; equal ones give equal bytes."""
    metrics: dict[str, Json] = {
        name: {"value": user_data_as_json(metric.value), "where": metric.where}
        for name, metric in baseline.metrics.items()
    }
    model: Json = {"sha256": baseline.model} if baseline.model else None
    document = {
        "name": baseline.name,
        "where": baseline.where,
        "model": model,
        "metrics": metrics,
        "signer": baseline.signer or None,
        "absent": baseline.absent,
        "problem": baseline.problem or None,
    }
    return evidence_item(f"baseline/{baseline.name}", MEDIA_TYPE, dumps(document))


def read_baselines(deployment: Deployment, beside: Mapping[Sha256, bytes]) -> Iterator[Baseline]:
    """Yield the baselines that a statement carries.

    One whose bytes are not at hand does not count, and says so to the rule that wants it.

    Raises:
        RefusedError: one has another form.
    """
    for item in deployment.evidence:
        if item.media_type != MEDIA_TYPE:
            continue
        content = item.content if item.content is not None else beside.get(item.sha256)
        name = item.name.removeprefix("baseline/")
        if content is None:
            reason = "its bytes are not at hand: verify with `--from STORE`, where they lie"
            yield Baseline(name=name, where=item.name, problem=reason)
        else:
            yield _read(Fields.read(content, item.name, max_bytes=_MAX_BYTES))


def _read(fields: Fields) -> Baseline:
    metrics = fields.mapping("metrics")
    items = {name: metrics.mapping(name) for name in metrics.values}
    model = fields.optional_mapping("model")
    return Baseline(
        name=fields.text("name"),
        where=fields.any_text("where"),
        metrics={
            name: Metric(value=user_data(item.values.get("value")), where=item.text("where"))
            for name, item in items.items()
        },
        model=fields.sha256("model") if model is not None else None,
        signer=fields.optional_text("signer") or "",
        absent=fields.values.get("absent") is not False,  # in doubt there is none
        problem=fields.optional_text("problem") or "",
    )
