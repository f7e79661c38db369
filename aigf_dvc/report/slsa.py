"""SLSA Provenance v1 about a model: an in-toto statement of how observed runs made its files.

A digest set holds SHA-256 and the git commit only: verifiers refuse statements with any other, such
as DVC's MD5, which stands in the annotations. The text is ours, never protobuf's, which turns whole
numbers into floats.

See: https://slsa.dev/spec/v1.1/provenance
"""

from collections.abc import Iterator, Mapping

from aigf_dvc.attestation.statement import STATEMENT
from aigf_dvc.canonical import Json
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.manifest import MEDIA_TYPE, NamedDigest
from aigf_dvc.evidence.run_record import TIME_FORMAT, RunRecord
from aigf_dvc.report.export_environment import lock_files, packages
from aigf_dvc.report.export_source import ExportedArtifact, ExportedStage, ExportSource
from aigf_dvc.report.export_values import HOME, commit_location, location, package_url, uuid_of

_SHOWN = 5

PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = f"{HOME}/build-types/dvc-pipeline/v1"
LOCAL_BUILDER = f"{HOME}/builders/local-machine/v1"
"""Says that some machine ran the stages: no build platform vouches for it."""


def slsa_statement(source: ExportSource, *, builder: str = LOCAL_BUILDER) -> dict[str, Json]:
    """Return the statement about a model's files.

    Args:
        source: the model, its lineage and its evidence.
        builder: the URI of the build platform that whoever signs this vouches for.

    Raises:
        RefusedError: nobody observed a stage, or the records contradict each other.
        UndecidedError: the SHA-256 of the model is not known.
    """
    runs = _demand_observed(source)
    _demand_sound(source)
    if not source.files:
        raise UndecidedError(
            "the SHA-256 of the model is not known",
            where=source.path,
            expected="the recorded bytes here, or the digest in a run record or aigf.lock",
            hint=f"`dvc pull {source.path}` brings them",
        )
    return {
        "_type": STATEMENT,
        "subject": [
            {"name": file.name, "digest": {"sha256": file.sha256}}
            for file in sorted(source.files, key=lambda file: file.name)
        ],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": _external_parameters(source),
                "internalParameters": {
                    "stages": [_stage(stage, runs[stage.name]) for stage in source.stages]
                },
                "resolvedDependencies": list(_dependencies(source, tuple(runs.values()))),
            },
            "runDetails": {
                "builder": {"id": builder},
                "metadata": _metadata(source, tuple(runs.values())),
                "byproducts": list(_byproducts(source)),
            },
        },
    }


def _demand_observed(source: ExportSource) -> Mapping[str, RunRecord]:
    runs = {stage.name: stage.run for stage in source.stages}
    unseen = [name for name, run in runs.items() if run is None]
    if unseen or not runs:
        raise RefusedError(
            f"nobody observed {', '.join(unseen[:_SHOWN]) or 'a stage'}"
            f"{', ...' if len(unseen) > _SHOWN else ''}",
            where=f"the lineage of {source.model}",
            expected="a run record for every stage: provenance tells what was seen",
            hint="`aigf repro --force` runs the stages and observes them; then commit dvc.lock",
        )
    return {name: run for name, run in runs.items() if run is not None}


def _demand_sound(source: ExportSource) -> None:
    """Refuse provenance that would name a commit which is not what was run."""
    bad = [edge for edge in source.lineage.edges if not edge.state.is_sound]
    if bad:
        first = f"{bad[0].stage} {bad[0].name}".strip()
        raise RefusedError(
            f"{len(bad)} edges are not sound, such as {first}: {bad[0].reason}",
            where=f"the lineage of {source.model}",
            expected="what the commit has to be what was run",
            hint="`aigf capture --check` lists them; `aigf repro` and commit mend them",
        )


def _external_parameters(source: ExportSource) -> Json:
    """Return what the user of the pipeline chose; one file's values may differ between stages."""
    return {
        "source": commit_location(source.origin),
        "model": source.path,
        "parameters": {stage.name: stage.parameters for stage in source.stages if stage.parameters},
    }


def _stage(stage: ExportedStage, run: RunRecord) -> Json:
    return {
        "name": stage.name,
        "commands": list(stage.commands),
        "directory": stage.directory,
        "inputs": list(stage.inputs),
        "outputs": list(stage.outputs),
        "startedOn": run.started.strftime(TIME_FORMAT),
        "finishedOn": run.ended.strftime(TIME_FORMAT),
        "runRecord": {"sha256": stage.trust.run_record},
        "recorder": {"name": run.recorder.name, "version": run.recorder.version},
    }


def _dependencies(source: ExportSource, runs: tuple[RunRecord, ...]) -> Iterator[Json]:
    """Yield what went in from outside: the commit, its code, the data, the Python packages."""
    yield {
        "uri": commit_location(source.origin),
        "digest": {"gitCommit": source.origin.commit},
    }
    makers = source.makers()
    read = {path for stage in source.stages for path in stage.inputs if not makers.of(path)}
    for path in sorted(read & source.artifacts.keys()):
        yield _resource(source, source.artifacts[path])
    for name, digest in lock_files(runs):
        yield {
            "name": name,
            "uri": location(source.origin, name),
            "digest": {"sha256": digest},
        }
    for name, version in packages(runs):
        yield {"uri": package_url(name, version)}


def _byproducts(source: ExportSource) -> Iterator[Json]:
    """Yield what the runs made beside the model, and the documents that speak of it."""
    made = {path for stage in source.stages for path in stage.outputs} - {source.path}
    for path in sorted(made & source.artifacts.keys()):
        yield _resource(source, source.artifacts[path])
    evidence = source.evidence
    if evidence.card is not None:
        card = NamedDigest(name=evidence.card.path, sha256=evidence.card.sha256)
        yield _document(source, card, "model-card")
    for document in evidence.documents:
        file = NamedDigest(name=document.path, sha256=document.sha256)
        yield _document(source, file, document.type)
    yield {
        "name": "lineage-manifest.json",
        "digest": {"sha256": source.manifest},
        "mediaType": MEDIA_TYPE,
    }


def _resource(source: ExportSource, artifact: ExportedArtifact) -> Json:
    """Return an in-toto resource descriptor: what is no SHA-256 of a file is an annotation."""
    annotations: dict[str, Json] = {"role": artifact.role}
    if artifact.tree is not None:
        annotations["dirHash"] = artifact.tree
    if artifact.dvc:
        annotations["dvc"] = artifact.dvc
    described: dict[str, Json] = {
        "name": artifact.name,
        "uri": location(source.origin, artifact.name),
        "annotations": annotations,
    }
    if artifact.sha256 is not None:
        described["digest"] = {"sha256": artifact.sha256}
    return described


def _document(source: ExportSource, file: NamedDigest, kind: str) -> Json:
    return {
        "name": file.name,
        "uri": location(source.origin, file.name),
        "digest": {"sha256": file.sha256},
        "annotations": {"role": kind},
    }


def _metadata(source: ExportSource, runs: tuple[RunRecord, ...]) -> Json:
    """Return when the first stage began and the last one ended: DVC may skip those in between."""
    records = sorted(str(stage.trust.run_record) for stage in source.stages)
    return {
        "invocationId": f"urn:uuid:{uuid_of('invocations', ' '.join(records).encode())}",
        "startedOn": min(run.started for run in runs).strftime(TIME_FORMAT),
        "finishedOn": max(run.ended for run in runs).strftime(TIME_FORMAT),
    }
