"""OpenLineage events of a pipeline, for a file: design-time facts, and the runs that were observed.

Every event has its own real time (the commit's, or the run's) and its identifiers come from
content, so the same evidence gives the same lines. Nothing is sent.

See: https://openlineage.io/spec/2-0-2/OpenLineage.json, https://openlineage.io/docs/spec/naming
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from aigf_dvc.canonical import Json, dumps
from aigf_dvc.evidence.run_record import TIME_FORMAT, Observed, RunRecord
from aigf_dvc.report import openlineage_facets as facets
from aigf_dvc.report.card_fields import CardFields
from aigf_dvc.report.export_source import ExportedArtifact, ExportedStage, ExportSource, Origin
from aigf_dvc.report.export_values import location, repository_path, uuid_of

_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"
UNNAMED = "git:unnamed-repository"
"""The namespace of a repository without a remote: its names are unique in it alone."""
# Stores whose names have no leading slash. Source: the naming conventions, "Data Stores".
_OBJECT_STORES = ("s3", "s3a", "gs", "gcs", "abfs", "abfss", "wasb", "wasbs", "azure")


def openlineage_events(sources: Iterable[ExportSource]) -> tuple[bytes, ...]:
    """Return the events of several models' pipelines, each as canonical JSON, each once.

    Data sets come first, then jobs, then runs in the order in which they began.
    """
    every = tuple(sources)
    runs = sorted(
        (
            (stage.run.started, position, tuple(map(dumps, _run_events(source, stage, stage.run))))
            for source in every
            for position, stage in enumerate(source.stages)
            if stage.run is not None
        ),
        key=lambda run: run[:2],  # a stage that takes no second begins with the next one
    )
    static = (
        *(dumps(event) for source in every for event in _dataset_events(source)),
        *(dumps(event) for source in every for event in _job_events(source)),
    )
    return tuple(dict.fromkeys((*static, *(event for *_, events in runs for event in events))))


def dataset_name(origin: Origin, path: str) -> tuple[str, str]:
    """Return the namespace and name of a path."""
    if "://" in path:
        scheme, _, rest = path.partition("://")
        authority, slash, name = rest.partition("/")
        lead = "" if scheme.lower() in _OBJECT_STORES else slash
        return f"{scheme}://{authority}", f"{lead}{name}" or "/"
    if path.startswith("/"):
        return "file", path
    return _namespace(origin), repository_path(origin, path)


def _namespace(origin: Origin) -> str:
    return origin.repository or UNNAMED


def _dataset_events(source: ExportSource) -> Iterator[Json]:
    """Yield what is known of each path whoever reads or makes it."""
    card = CardFields(source.card_fields)
    learned_from = source.behind(source.path)
    for path, artifact in sorted(source.artifacts.items()):
        namespace, name = dataset_name(source.origin, path)
        described = {
            "dataSource": facets.data_source(namespace, location(source.origin, path)),
            "datasetType": facets.dataset_type(artifact),
            **facets.version(artifact.sha256 or artifact.tree),
            "aigf_digests": facets.digests(artifact),
        }
        if path == source.path:
            described |= facets.about_model(source, card)
        elif path in learned_from and artifact.role == "dataset":
            described |= facets.about_training_data(card)
        yield {
            **_event("DatasetEvent", source.origin.at),
            "dataset": {"namespace": namespace, "name": name, "facets": described},
        }


def _job_events(source: ExportSource) -> Iterator[Json]:
    for stage in source.stages:
        yield {
            **_event("JobEvent", source.origin.at),
            "job": {**_job(source, stage), "facets": facets.job(source, stage)},
            "inputs": [_versioned(source, path) for path in stage.inputs],
            "outputs": [_versioned(source, path) for path in stage.outputs],
        }


def _run_events(source: ExportSource, stage: ExportedStage, run: RunRecord) -> Iterator[Json]:
    """Yield the two events that every run has: the first says what it is, the second what it made.

    See: https://openlineage.io/docs/spec/run-cycle, on events that accumulate.
    """
    identity = {"runId": uuid_of("runs", str(stage.trust.run_record).encode())}
    inputs = _seen(source, run.inputs)
    yield {
        **_event("RunEvent", run.started),
        "eventType": "START",
        "run": {**identity, "facets": facets.run(run)},
        "job": {**_job(source, stage), "facets": facets.job(source, stage)},
        "inputs": inputs,
    }
    yield {
        **_event("RunEvent", run.ended),
        "eventType": "COMPLETE",
        "run": identity,
        "job": _job(source, stage),
        "inputs": inputs,
        "outputs": _seen(source, run.outputs),
    }


def _event(kind: str, at: datetime) -> dict[str, Json]:
    return {
        "eventTime": at.strftime(TIME_FORMAT),
        "producer": facets.PRODUCER,
        "schemaURL": f"{_SCHEMA}{kind}",
    }


def _job(source: ExportSource, stage: ExportedStage) -> dict[str, Json]:
    folder = source.origin.folder
    name = f"{folder}/{stage.name}" if folder else stage.name
    return {"namespace": _namespace(source.origin), "name": name}


def _dataset(origin: Origin, path: str) -> dict[str, Json]:
    namespace, name = dataset_name(origin, path)
    return {"namespace": namespace, "name": name}


def _versioned(source: ExportSource, path: str) -> Json:
    artifact: ExportedArtifact | None = source.artifacts.get(path)
    digest = (artifact.sha256 or artifact.tree) if artifact is not None else None
    return {**_dataset(source.origin, path), "facets": facets.version(digest)}


def _seen(source: ExportSource, observed: Mapping[str, Observed]) -> list[Json]:
    return [
        {**_dataset(source.origin, path), "facets": facets.version(seen.sha256)}
        for path, seen in sorted(observed.items())
    ]
