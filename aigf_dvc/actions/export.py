"""Export models in the forms of other standards: from a commit, or from attestations."""

from collections.abc import Callable, Sequence
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.actions.verify import may_be_deployment
from aigf_dvc.attestation.deployment import DEPLOYMENT, Deployment, EvidenceItem, Statement
from aigf_dvc.attestation.evidence_again import evidence_again
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.run_statement import read_run_statement
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.canonical import dumps
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import NoData
from aigf_dvc.capture.deployment import commit_source
from aigf_dvc.capture.manifest import capture_manifest, recorded_paths
from aigf_dvc.capture.model_evidence import gather
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.capture.redactions import find_redactions
from aigf_dvc.capture.run_records import CountedRecords, local_record
from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.pipeline import Recorded
from aigf_dvc.evidence.run_record import (
    MEDIA_TYPE,
    RunRecord,
    parse_run_record,
)
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.file_hashing import hash_path
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.redaction import Redaction, redact_url, refuse_secrets
from aigf_dvc.report.cyclonedx import cyclonedx_bom
from aigf_dvc.report.export_source import ExportSource, Origin, read_export_source
from aigf_dvc.report.openlineage import openlineage_events
from aigf_dvc.report.slsa import LOCAL_BUILDER, slsa_statement
from aigf_dvc.settings import ModelSettings
from aigf_dvc.signing.bundle import parse_bundle, split_bundles

_RUN_RECORD = "run-record/"  # how the evidence of a stage's run is named


@unique
class Standard(StrEnum):
    """The form of an export."""

    SLSA = "slsa"
    CYCLONEDX = "cyclonedx"
    OPENLINEAGE = "openlineage"


class Tree(Struct, frozen=True, kw_only=True):
    """The commit to export models from."""

    project: Project
    models: tuple[str, ...] = ()  # empty: all
    revision: str = "HEAD"
    progress: Progress | None = None
    told: Callable[[tuple[Redaction, ...]], None] | None = None  # is told what was redacted


def export(
    sources: Sequence[ExportSource], standard: Standard, *, builder: str = LOCAL_BUILDER
) -> bytes:
    """Return the export, one document of canonical JSON a line: the same evidence, the same bytes.

    SLSA and CycloneDX have a document for each model, OpenLineage an event for each fact.

    Args:
        sources: the models.
        standard: the form.
        builder: for SLSA, the URI of the build platform.

    Raises:
        RefusedError: SLSA: a stage was not observed; or the export would hold a secret.
    """
    lines = _lines(sources, standard, builder)
    data = b"".join(line + b"\n" for line in lines)
    refuse_secrets(data.decode(), where=f"the {standard} export")
    return data


def _lines(sources: Sequence[ExportSource], standard: Standard, builder: str) -> Sequence[bytes]:
    match standard:
        case Standard.SLSA:
            return [dumps(slsa_statement(source, builder=builder)) for source in sources]
        case Standard.CYCLONEDX:
            return [dumps(cyclonedx_bom(source)) for source in sources]
        case Standard.OPENLINEAGE:
            return openlineage_events(sources)


def tree_sources(tree: Tree) -> tuple[ExportSource, ...]:
    """Return what exports of a commit's models are made from; other files here are not looked at.

    Raises:
        InputError, UndecidedError: no such commit or model, or a file cannot be read.
    """
    with GitObjects(tree.project.repository) as objects:
        snapshot = tree.project.snapshot(objects, tree.revision)
        commit = snapshot.commit or ""  # a snapshot of a revision has one
        settings = load_settings(snapshot)
        pipeline = read_pipeline(snapshot)
        manifest = capture_manifest(snapshot, pipeline, settings)
        comparison = Consistency(snapshot, pipeline, NoData())
        origin = Origin(
            repository=commit_source(tree.project, commit).uri,
            commit=commit,
            folder=tree.project.prefix,
            at=objects.commit_time(commit),
        )
        if tree.told is not None:
            tree.told(find_redactions(snapshot, pipeline, settings))
        recorded = recorded_paths(pipeline)
        chosen = [settings.model(name) for name in tree.models] or list(settings.models)
        found = []
        for model in chosen:
            runs = CountedRecords(local_record)
            evidence = gather(model, comparison, root=tree.project.root, trust=runs)
            source = read_export_source(
                evidence,
                manifest,
                origin=origin,
                files=_directory_files(tree, model, recorded.get(model.path)),
                records={digest: run.record for digest, run in runs.counted.items()},
            )
            found.append(source)
        return tuple(found)


def _directory_files(
    tree: Tree, model: ModelSettings, recorded: Recorded | None
) -> tuple[ModelFile, ...]:
    """Return the files of a model that is a directory, when the recorded bytes are here."""
    if recorded is None or not recorded.is_directory:
        return ()
    try:
        hashed = hash_path(tree.project.root, model.path, progress=tree.progress)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    if hashed.md5 != recorded.value:
        return ()
    return tuple(ModelFile(name=f"{model.path}/{name}", sha256=d) for name, d in hashed.files)


def bundle_sources(
    data: bytes, *, where: str, models: tuple[str, ...] = ()
) -> tuple[ExportSource, ...]:
    """Return what exports of attested models are made from. Nothing is verified.

    Args:
        data: a file of bundles.
        where: its name, for messages.
        models: the models to export; empty for all.

    Raises:
        RefusedError: the bytes are no bundles of deployment attestations.
        InputError: no attestation speaks of such a model.
        UndecidedError: an attestation names evidence by digest only.
    """
    bundles = split_bundles(data)
    kept = [item for item in bundles if may_be_deployment(item)] or bundles
    statements = [read_statement(parse_bundle(item).payload) for item in kept]
    for statement in statements:
        if statement.predicate_type != DEPLOYMENT:
            raise RefusedError(
                f"the predicate {statement.predicate_type!r:.100}", where=where, expected=DEPLOYMENT
            )
    attested = [(statement, read_deployment(statement)) for statement in statements]
    for name in models:
        if all(deployment.model != name for _, deployment in attested):
            raise InputError(f"no attestation of a model {name!r}", where=where)
    return tuple(
        _attested_source(statement, deployment)
        for statement, deployment in attested
        if not models or deployment.model in models
    )


def _run_record(data: bytes, item: EvidenceItem) -> RunRecord:
    """Return an attested run record: as it stands, or in the bundle that its observer signed."""
    if item.media_type == MEDIA_TYPE:
        return parse_run_record(data, where=item.name)
    return read_run_statement(parse_bundle(data).payload)


def _attested_source(statement: Statement, deployment: Deployment) -> ExportSource:
    uri, card = deployment.source.uri, deployment.model_card
    if card is not None:
        _inline(card.content, card.name)
    records = {
        item.sha256: _run_record(_inline(item.content, item.name), item)
        for item in deployment.evidence
        if item.name.startswith(_RUN_RECORD)
    }
    return read_export_source(
        evidence_again(deployment, {}),
        _inline(deployment.lineage.content, deployment.lineage.name),
        origin=Origin(
            repository=redact_url(uri) if uri else None,
            commit=deployment.source.git_commit,
            folder="",
            at=deployment.issued_on,
        ),
        files=statement.subjects,
        records=records,
    )


def _inline(content: bytes | None, name: str) -> bytes:
    if content is None:
        raise UndecidedError(
            "the attestation names it by digest only: it was too large to travel inside",
            where=name,
            expected="evidence inside the bundle",
            hint="export from the repository: `aigf export STANDARD --rev COMMIT`",
        )
    return content
