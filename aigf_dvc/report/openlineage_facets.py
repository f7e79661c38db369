"""The facets of OpenLineage events: the standard ones, and ours, which begin with `aigf_`.

JSON Schema of ours: `schemas/openlineage-facets-v1.schema.json`.
See: https://openlineage.io/spec/OpenLineage.html, "Custom Facet Naming".
"""

from collections.abc import Mapping

from aigf_dvc.canonical import Json, user_data_as_json
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.lineage import Edge
from aigf_dvc.evidence.run_record import RunRecord
from aigf_dvc.redaction import redact
from aigf_dvc.report.card_fields import CardFields
from aigf_dvc.report.export_source import ExportedArtifact, ExportedStage, ExportSource
from aigf_dvc.report.export_values import HOME, location, repository_path, text_of

PRODUCER = f"{HOME}/openlineage/v1"
OUR_SCHEMA = f"{HOME}/schemas/openlineage-facets-v1.schema.json"
_STANDARD = "https://openlineage.io/spec/facets"
_VERSIONS = {
    "DatasetTypeDatasetFacet": "1-0-1",
    "DatasetVersionDatasetFacet": "1-0-1",
    "DatasourceDatasetFacet": "1-0-1",
    "DocumentationDatasetFacet": "1-1-0",
    "ExecutionParametersRunFacet": "1-0-0",
    "JobTypeJobFacet": "2-0-4",
    "OwnershipDatasetFacet": "1-0-1",
    "OwnershipJobFacet": "1-0-1",
    "SourceCodeJobFacet": "1-0-1",
    "SourceCodeLocationJobFacet": "1-1-0",
}


def _facet(kind: str, **fields: Json) -> dict[str, Json]:
    """Return a facet of the standard's."""
    url = f"{_STANDARD}/{_VERSIONS[kind]}/{kind}.json#/$defs/{kind}"
    return {"_producer": PRODUCER, "_schemaURL": url, **fields}


def _ours(kind: str, **fields: Json) -> dict[str, Json]:
    return {"_producer": PRODUCER, "_schemaURL": f"{OUR_SCHEMA}#/$defs/{kind}", **fields}


def data_source(namespace: str, uri: str) -> Json:
    """Return where the data is, or which commit speaks of it."""
    return _facet("DatasourceDatasetFacet", name=namespace, uri=uri)


def dataset_type(artifact: ExportedArtifact) -> Json:
    """Return what kind of data it is."""
    kind = "MODEL" if artifact.role == "model" else "FILE"
    return _facet("DatasetTypeDatasetFacet", datasetType=kind, subType=artifact.role.upper())


def version(digest: Sha256 | None) -> dict[str, Json]:
    """Return the facet that tells two versions apart, under its name; none when not known."""
    if digest is None:
        return {}
    return {"version": _facet("DatasetVersionDatasetFacet", datasetVersion=f"sha256:{digest}")}


def digests(artifact: ExportedArtifact) -> Json:
    """Return every digest that is known: of the file, of the directory's tree, DVC's."""
    known = {"sha256": artifact.sha256, "dirHash": artifact.tree}
    return _ours(
        "AigfDigestsDatasetFacet",
        digest={name: value for name, value in known.items() if value is not None},
        dvc=artifact.dvc,
    )


def about_model(source: ExportSource, card: CardFields) -> dict[str, Json]:
    """Return what the card, the metrics and the documents say of the model."""
    evidence = source.evidence
    metrics: dict[str, Json] = {
        name: {"source": metric.where, "value": redact(user_data_as_json(metric.value))}
        for name, metric in evidence.metrics.items()
    }
    files = [(document.type, document.path, document.sha256) for document in evidence.documents]
    if evidence.card is not None:
        files.insert(0, ("model-card", evidence.card.path, evidence.card.sha256))
    documents: list[Json] = [
        {
            "type": kind,
            "name": path,
            "uri": location(source.origin, path),
            "digest": {"sha256": digest},
        }
        for kind, path, digest in files
    ]
    return {
        **_documentation(card.text("intended_use")),
        **_ownership("OwnershipDatasetFacet", card),
        "aigf_metrics": _ours("AigfMetricsDatasetFacet", metrics=metrics),
        "aigf_documents": _ours("AigfDocumentsDatasetFacet", documents=documents),
        "aigf_card": _ours("AigfCardDatasetFacet", fields=source.card_fields),
    }


def about_training_data(card: CardFields) -> dict[str, Json]:
    """Return what the card says of the data that the model learned from."""
    return {
        **_documentation(card.text("training_data_source")),
        **_ownership("OwnershipDatasetFacet", card),
    }


def _documentation(text: str) -> dict[str, Json]:
    if not text:
        return {}
    return {"documentation": _facet("DocumentationDatasetFacet", description=text)}


def _ownership(kind: str, card: CardFields) -> dict[str, Json]:
    owner = card.text("responsible_owner")
    if not owner:
        return {}
    return {"ownership": _facet(kind, owners=[{"name": owner, "type": "OWNER"}])}


def job(source: ExportSource, stage: ExportedStage) -> dict[str, Json]:
    """Return the facets of a stage."""
    return {
        "jobType": _facet(
            "JobTypeJobFacet", processingType="BATCH", integration="DVC", jobType="STAGE"
        ),
        "sourceCode": _facet(
            "SourceCodeJobFacet", language="shell", sourceCode="\n".join(stage.commands)
        ),
        **_source_code_location(source, stage),
        **_ownership("OwnershipJobFacet", CardFields(source.card_fields)),
        "aigf_parameters": _ours("AigfParametersJobFacet", parameters=stage.parameters),
        "aigf_trust": _trust(source, stage),
    }


def _source_code_location(source: ExportSource, stage: ExportedStage) -> dict[str, Json]:
    """Return the facet where there is a remote: it must have the repository's URL."""
    if source.origin.repository is None:
        return {}
    url = source.origin.repository.removeprefix("git+")
    located = _facet(
        "SourceCodeLocationJobFacet",
        type="git",
        url=url,
        repoUrl=url,
        path=repository_path(source.origin, stage.directory),
        version=source.origin.commit,
    )
    return {"sourceCodeLocation": located}


def _trust(source: ExportSource, stage: ExportedStage) -> Json:
    problems = [
        _edge(edge)
        for edge in source.lineage.edges
        if edge.stage == stage.name and not edge.state.is_sound
    ]
    record = stage.trust.run_record
    return _ours(
        "AigfTrustJobFacet",
        trustLevel=stage.trust.level.value,
        problems=problems,
        **({"runRecord": {"sha256": record}} if record else {}),
    )


def _edge(edge: Edge) -> Json:
    return {
        "kind": edge.kind.value,
        "name": edge.name,
        "state": edge.state.value,
        "reason": edge.reason,
    }


def run(record: RunRecord) -> dict[str, Json]:
    """Return the facets of an observed run."""
    return {
        "executionParameters": _facet(
            "ExecutionParametersRunFacet", parameters=_execution_parameters(record.parameters)
        ),
        "aigf_environment": _ours("AigfEnvironmentRunFacet", environment=record.environment),
    }


def _execution_parameters(parameters: Mapping[str, Mapping[str, Json]]) -> list[Json]:
    """Return each parameter as the standard wants it: as a text."""
    return [
        {"key": f"{file}:{key}", "value": text_of(value)}
        for file, values in sorted(parameters.items())
        for key, value in sorted(values.items())
    ]
