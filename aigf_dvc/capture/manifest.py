"""Gathers the lineage manifest of a snapshot."""

from collections.abc import Iterator

from aigf_dvc.capture.contents import GitContent, NotComparableError, git_content
from aigf_dvc.capture.model_evidence import metric_files, read_metric_files
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.digest_lock import FILE_NAME, DigestLock, read_digest_lock
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.governance_document import read_governance_document
from aigf_dvc.evidence.manifest import (
    Artifact,
    ManifestDocument,
    ManifestModel,
    NamedDigest,
    build_manifest,
    stage_as_json,
)
from aigf_dvc.evidence.metrics import find_metric
from aigf_dvc.evidence.model_card import read_model_card
from aigf_dvc.evidence.pipeline import Pipeline, Recorded
from aigf_dvc.evidence.upstream import base_models, imported
from aigf_dvc.evidence.upstream_source import Upstream
from aigf_dvc.settings import DocumentSource, ModelSettings, Settings
from aigf_dvc.trees.snapshot import Snapshot


def capture_manifest(snapshot: Snapshot, pipeline: Pipeline, settings: Settings) -> bytes:
    """Return the canonical bytes of the manifest; a function of the snapshot's files alone.

    Raises:
        InputError, UndecidedError: a file of the tree cannot be read.
    """
    lock = read_digest_lock(snapshot.read(FILE_NAME))
    models = manifest_models(snapshot, settings)
    return build_manifest(
        tree=snapshot.tree_digest(),
        definitions=_digests(snapshot, pipeline.definitions),
        locks=_digests(snapshot, (*pipeline.lock_files, *pipeline.dvc_files)),
        stages=(
            stage_as_json(stage, pipeline.locks.get(address))
            for address, stage in sorted(pipeline.stages.items())
        ),
        artifacts=_artifacts(snapshot, pipeline, settings, lock),
        models=models,
        upstream=_upstream(snapshot, pipeline, models, lock),
    )


def manifest_models(snapshot: Snapshot, settings: Settings) -> tuple[ManifestModel, ...]:
    """Return what the manifest says of each governed model.

    Raises:
        InputError, UndecidedError: a card or a metrics file cannot be read.
    """
    return tuple(_model(snapshot, model) for model in settings.models)


def _upstream(
    snapshot: Snapshot, pipeline: Pipeline, models: tuple[ManifestModel, ...], lock: DigestLock
) -> Iterator[Upstream]:
    for path, source in pipeline.imports.items():
        record = pipeline.tracked.get(path)
        yield imported(source, _sha256(snapshot, path, record, lock, in_dvc=True))
    for model in models:
        if model.card is not None:
            yield from base_models(model.card_fields, where=model.card.name)


def _digests(snapshot: Snapshot, files: tuple[str, ...]) -> Iterator[NamedDigest]:
    for file in files:
        data = snapshot.read(file)
        if data is not None:
            yield NamedDigest(name=file, sha256=sha256(data))


def _artifacts(
    snapshot: Snapshot, pipeline: Pipeline, settings: Settings, lock: DigestLock
) -> Iterator[Artifact]:
    recorded = recorded_paths(pipeline)
    roles = _roles(pipeline, settings)
    outs = (out for stage in pipeline.stages.values() for out in stage.outs)
    in_dvc = {*pipeline.tracked, *(out.path for out in outs if out.cached)}
    for path in recorded.keys() | roles.keys():
        record = recorded.get(path)
        yield Artifact(
            name=path,
            role=roles.get(path, "intermediate"),
            sha256=_sha256(snapshot, path, record, lock, in_dvc=path in in_dvc),
            recorded=record,
        )


def capture_artifacts(
    snapshot: Snapshot, pipeline: Pipeline, settings: Settings
) -> tuple[Artifact, ...]:
    """Return what the manifest says of every path, without the rest of the manifest."""
    lock = read_digest_lock(snapshot.read(FILE_NAME))
    return tuple(_artifacts(snapshot, pipeline, settings, lock))


def recorded_paths(pipeline: Pipeline) -> dict[str, Recorded]:
    """Return the record of every path: of what makes it rather than of what reads it."""
    found: dict[str, Recorded] = {}
    made = pipeline.producers()
    for stage in pipeline.locks.values():
        found.update({path: dep for path, dep in stage.deps.items() if path not in made})
    return found | dict(pipeline.made()) | dict(pipeline.tracked)


def _roles(pipeline: Pipeline, settings: Settings) -> dict[str, str]:
    roles = {dep: "code" for stage in pipeline.stages.values() for dep in stage.deps}
    names = {"outs": "intermediate"}
    for stage in pipeline.stages.values():
        roles |= {out.path: names.get(out.kind, out.kind) for out in stage.outs}
    roles |= dict.fromkeys(pipeline.tracked, "dataset")
    return roles | {model.path: "model" for model in settings.models}


def _sha256(
    snapshot: Snapshot, path: str, record: Recorded | None, lock: DigestLock, *, in_dvc: bool
) -> Sha256 | None:
    """Return the SHA-256: git's content where git has it, else what the digest lock knows.

    A stray file in git inside a folder that DVC keeps is not the folder.
    """
    content = None if is_outside(path) else _git_content(snapshot, path)
    is_it = not in_dvc or record is None or (content is not None and content.matches(record))
    if content is not None and is_it:
        return content.sha256
    return lock.sha256(record.value, record.size) if record is not None else None


def _git_content(snapshot: Snapshot, path: str) -> GitContent | None:
    try:
        content = git_content(snapshot, path)
    except NotComparableError:
        return None
    return content


def _model(snapshot: Snapshot, model: ModelSettings) -> ManifestModel:
    card_data = snapshot.read(model.card)
    card = read_model_card(card_data, path=model.card) if card_data is not None else None
    values = read_metric_files(snapshot, metric_files(model))
    metrics = {}
    for name, source in model.metrics.items():
        in_git = snapshot.is_in_git(source.file) and source.file in values
        metric = find_metric(values[source.file], source.key, path=source.file) if in_git else None
        if metric is not None:
            metrics[name] = (metric.where, metric.value)
    return ManifestModel(
        name=model.name,
        path=model.path,
        card=NamedDigest(name=card.path, sha256=card.sha256) if card else None,
        card_fields=card.document.value if card else None,
        metrics=metrics,
        documents=tuple(
            _document(document, data)
            for document in model.documents
            if (data := snapshot.read(document.path)) is not None
        ),
    )


def _document(source: DocumentSource, data: bytes) -> ManifestDocument:
    try:
        read = read_governance_document(data, path=source.path, kind=source.type)
    except InputError:  # a lineage is captured before its documents are finished
        read = None
    file = NamedDigest(name=source.path, sha256=sha256(data))
    return ManifestDocument(type=source.type, file=file, read=read)
