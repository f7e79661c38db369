"""Gathers what an attestation says: a commit read once, and the evidence of each model."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from aigf_dvc.attestation.attested_data import dataset_files_item
from aigf_dvc.attestation.attested_packages import packages_item
from aigf_dvc.attestation.baseline_item import baseline_item
from aigf_dvc.attestation.deployment import (
    AttestedDocument,
    Carried,
    Deployment,
    EvidenceItem,
    ModelKind,
    Source,
    evidence_item,
    lineage_verification,
)
from aigf_dvc.capture.manifest import capture_manifest, recorded_paths
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.policy import read_snapshot_policy
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.capture.reproductions import find_reproduction
from aigf_dvc.capture.run_records import FoundRecord
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.manifest import MEDIA_TYPE
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.evidence.reproduction import MEDIA_TYPE as REPRODUCTION_TYPE
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.verdict import Verdict
from aigf_dvc.redaction import redact_url, refuse_secrets
from aigf_dvc.report.verdict_json import verdict_as_json
from aigf_dvc.settings import ModelSettings, Settings
from aigf_dvc.shipped import version
from aigf_dvc.trees.commit_snapshot import CommitSnapshot
from aigf_dvc.trees.snapshot import Snapshot


class AttestedTree(Struct, frozen=True, kw_only=True):
    """The commit that is attested, read once for all models."""

    root: Path  # the project's folder on disk: this machine's records are there
    snapshot: Snapshot
    commit: str
    settings: Settings
    policy: Policy
    policy_bytes: bytes
    pipeline: Pipeline
    manifest: bytes
    source: Source


def read_attested_tree(project: Project, objects: GitObjects, *, revision: str) -> AttestedTree:
    """Read a commit: its settings, policy, pipeline and manifest.

    Raises:
        InputError, UndecidedError: no such commit, or a file of it cannot be read.
    """
    commit = program.resolve_commit(project.repository, revision)
    snapshot = CommitSnapshot(objects, commit, prefix=project.prefix)
    settings = load_settings(snapshot)
    policy = read_snapshot_policy(snapshot, settings.policy)
    pipeline = read_pipeline(snapshot)
    return AttestedTree(
        root=project.root,
        snapshot=snapshot,
        commit=commit,
        settings=settings,
        policy=policy,
        policy_bytes=snapshot.read(settings.policy) or b"",
        pipeline=pipeline,
        manifest=capture_manifest(snapshot, pipeline, settings),
        source=commit_source(project, commit),
    )


def commit_source(project: Project, commit: str) -> Source:
    """Return where the commit is from; a path on this machine is nobody else's business."""
    url = program.attempt(project.repository, "config", "--get", "remote.origin.url")
    text = url.stdout.decode(errors="replace").strip()
    is_remote = "://" in text and not text.startswith("file:")
    is_scp = not is_remote and "@" in text.partition(":")[0] and ":" in text
    uri = f"git+{redact_url(text)}" if is_remote else None
    if is_scp:
        host, _, path = text.partition(":")
        uri = f"git+ssh://{host}/{path.lstrip('/')}"
    ref = program.attempt(project.repository, "symbolic-ref", "--quiet", "HEAD")
    head = program.attempt(project.repository, "rev-parse", "--verify", "--quiet", "HEAD")
    on_branch = ref.returncode == 0 and head.stdout.decode().strip() == commit
    name = ref.stdout.decode(errors="replace").strip()
    return Source(uri=uri, git_commit=commit, ref=name if on_branch else None)


class Judged(Struct, frozen=True, kw_only=True):
    """A model that passed, with all that it was judged by."""

    model: ModelSettings
    evidence: ModelEvidence
    verdict: Verdict
    records: Mapping[Sha256, FoundRecord]  # the run records that counted, by evidence digest
    carried: Carried = field(default_factory=Carried)  # what people and engines signed


def describe(tree: AttestedTree, judged: Judged, *, environment: str, at: datetime) -> Deployment:
    """Return everything that is said of a model, with all evidence inline.

    Raises:
        RefusedError: the evidence holds what looks like a secret.
    """
    model, evidence = judged.model, judged.evidence
    lineage = evidence.lineage
    if lineage is None:  # not reachable: gather always captures it
        raise RefusedError("no lineage", where=model.name)
    recorded = recorded_paths(tree.pipeline)[model.path]
    manifest = evidence_item("lineage-manifest.json", MEDIA_TYPE, tree.manifest)
    policy = evidence_item(tree.settings.policy, "application/yaml", tree.policy_bytes)
    parts = tuple(
        evidence_item(part.path, "application/yaml", part.data) for part in tree.policy.parts
    )
    runs = tuple(_run_records(judged))
    reproductions = tuple(_reproductions(tree.root, evidence))
    baselines = (baseline_item(baseline) for baseline in evidence.baselines)
    lists = filter(None, (packages_item(evidence), dataset_files_item(evidence)))
    found = (*baselines, *reproductions, *lists)
    checked = [manifest, policy, *parts, *found]
    card = _file_evidence(tree.snapshot, model.card, "text/markdown")
    documents = tuple(_documents(tree.snapshot, evidence))
    checked += [document.file for document in documents] + ([card] if card else [])
    for item in checked:
        refuse_secrets((item.content or b"").decode(errors="replace"), where=item.name)
    for run in judged.records.values():  # a bundle hides its words from a search
        refuse_secrets(run.record.to_bytes().decode(), where=f"run-record/{run.record.stage}")
    return Deployment(
        model=model.name,
        path=model.path,
        kind=ModelKind.DIRECTORY if recorded.is_directory else ModelKind.FILE,
        environment=environment,
        verdict=verdict_as_json(judged.verdict),
        policy=tree.policy.reference,
        policy_evidence=policy.name,
        source=_source(tree, evidence),
        tree=tree.snapshot.tree_digest(),
        lineage=manifest,
        lineage_verification=lineage_verification(lineage),
        model_card=card,
        metrics=evidence.metrics,
        documents=documents,
        evidence=(policy, *parts, *runs, *found, *judged.carried.verdicts),
        issued_on=at,
        tool_version=version(),
        waivers=judged.carried.waivers,
        approvals=judged.carried.approvals,
    )


def _source(tree: AttestedTree, evidence: ModelEvidence) -> Source:
    known = evidence.commit
    if known is None:
        return tree.source
    return replace(tree.source, authors=known.authors, protected=known.protected)


def _run_records(judged: Judged) -> Iterator[EvidenceItem]:
    lineage = judged.evidence.lineage
    for stage in lineage.stages if lineage else ():
        found = judged.records.get(stage.run_record) if stage.run_record is not None else None
        if found is not None:
            yield evidence_item(f"run-record/{stage.stage}", found.media_type, found.data)


def _reproductions(root: Path, evidence: ModelEvidence) -> Iterator[EvidenceItem]:
    stages = evidence.lineage.stages if evidence.lineage else ()
    for digest in dict.fromkeys(stage.reproduction for stage in stages):
        found = find_reproduction(root, digest) if digest is not None else None
        if found is not None:
            name = f"reproduction/{found.record.model}"
            yield evidence_item(name, REPRODUCTION_TYPE, found.data)


def _file_evidence(snapshot: Snapshot, path: str, media_type: str) -> EvidenceItem | None:
    data = snapshot.read(path)
    return evidence_item(path, media_type, data) if data is not None else None


def _documents(snapshot: Snapshot, evidence: ModelEvidence) -> Iterator[AttestedDocument]:
    for document in evidence.documents:
        file = _file_evidence(snapshot, document.path, "text/markdown")
        if file is not None:
            yield AttestedDocument(
                type=document.type,
                date=document.date,
                models=document.models,
                digests=document.digests,
                file=file,
            )


def left_out(full: Deployment, small: Deployment) -> Iterator[bytes]:
    """Yield the evidence that the statement names by digest only; it goes beside the bundle."""
    inline: set[Sha256] = {item.sha256 for item in _items(small) if item.content is not None}
    for item in _items(full):
        if item.sha256 not in inline and item.content is not None:
            yield item.content


def _items(deployment: Deployment) -> tuple[EvidenceItem, ...]:
    card = (deployment.model_card,) if deployment.model_card else ()
    documents = (document.file for document in deployment.documents)
    signed = (*deployment.waivers, *deployment.approvals)
    return (deployment.lineage, *card, *documents, *deployment.evidence, *signed)
