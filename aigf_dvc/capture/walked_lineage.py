"""Walks the lineage of an attested model again, in a commit that a judge has opened."""

import posixpath
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from aigf_dvc.attestation.deployment import Deployment
from aigf_dvc.attestation.lineage_again import Walked
from aigf_dvc.capture.attested_model import ModelData
from aigf_dvc.capture.consent_binding import bind
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.lock_currency import with_lock_currency
from aigf_dvc.capture.manifest import capture_manifest, recorded_paths
from aigf_dvc.capture.model_evidence import gather
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.policy import read_snapshot_policy
from aigf_dvc.capture.policy_metrics import with_policy_metrics
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.digests import sha256
from aigf_dvc.errors import AigfError, RefusedError
from aigf_dvc.evidence.digest_lock import FILE_NAME as DIGEST_LOCK
from aigf_dvc.evidence.digest_lock import read_digest_lock
from aigf_dvc.evidence.lineage import Lineage
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.file_hashing import Hashed
from aigf_dvc.policy.model import Policy
from aigf_dvc.settings import FILE_NAME, ModelSettings
from aigf_dvc.shipped import version
from aigf_dvc.trees.commit_snapshot import CommitSnapshot


class WalkedTree(Struct, frozen=True, kw_only=True):
    """The project that an attested model is of, in its commit."""

    snapshot: CommitSnapshot
    prefix: str  # of the project, in the repository
    model: ModelSettings  # with the metrics that the policy names
    pipeline: Pipeline
    policy: Policy
    manifest: bytes


def find_tree(objects: GitObjects, deployment: Deployment) -> WalkedTree:
    """Find the project in the attested commit: an attestation does not say in which folder it is.

    Raises:
        RefusedError: no project in the commit has such a model.
        InputError, UndecidedError: a file of it cannot be read.
    """
    commit = deployment.source.git_commit
    whole = CommitSnapshot(objects, commit)
    folders = [posixpath.dirname(f) for f in whole.files() if posixpath.basename(f) == FILE_NAME]
    snapshots = [(f, CommitSnapshot(objects, commit, prefix=f)) for f in folders]
    having = [(f, s) for f, s in snapshots if _has(s, deployment.model)]
    if not having:
        raise RefusedError(
            f"no {FILE_NAME} in it names the model {deployment.model!r:.100}",
            where=f"commit {commit[:12]}", expected="the project that was attested",
        )  # fmt: skip
    if len(having) > 1:
        having.sort(key=lambda item: item[1].tree_digest() != deployment.tree)
    prefix, snapshot = having[0]
    settings = load_settings(snapshot)
    pipeline = read_pipeline(snapshot)
    policy = read_snapshot_policy(snapshot, settings.policy)
    return WalkedTree(
        snapshot=snapshot,
        prefix=prefix,
        model=with_policy_metrics(settings.model(deployment.model), policy),
        pipeline=pipeline,
        policy=policy,
        manifest=capture_manifest(snapshot, pipeline, settings),
    )


def _has(snapshot: CommitSnapshot, name: str) -> bool:
    try:
        return any(model.name == name for model in load_settings(snapshot).models)
    except AigfError:  # another project's, perhaps
        return False


def walk_tree(
    tree: WalkedTree, hashed: Hashed, *, repository: Path, with_authors: bool = False
) -> Walked:
    """Return what a commit says of the model that is here.

    Args:
        tree: the commit's project.
        hashed: the digests of the artifact that is to be deployed.
        repository: where the commit is; DVC's cache may be there.
        with_authors: find out who wrote what the model is made of; that reads the whole history.

    Raises:
        InputError, UndecidedError: a file of the commit cannot be read.
    """
    snapshot, model = tree.snapshot, tree.model
    comparison = Consistency(snapshot, tree.pipeline, ModelData(model.path, hashed))
    project = Project(root=repository / tree.prefix, repository=repository, prefix=tree.prefix)
    evidence = with_lock_currency(gather(model, comparison, root=project.root), comparison)
    settings = load_settings(snapshot)
    if with_authors:
        own = settings.model(model.name)
        evidence = bind(evidence, own, comparison, project, files=())
    policy = snapshot.read(settings.policy)
    return Walked(
        commit=snapshot.commit or "",
        path=model.path,
        manifest=tree.manifest,
        tree=snapshot.tree_digest(),
        lineage=evidence.lineage or Lineage(edges=(), stages=()),
        policy=sha256(policy) if policy is not None else None,
        card=evidence.card.sha256 if evidence.card is not None else None,
        documents={(doc.type, doc.path): doc.sha256 for doc in evidence.documents},
        metrics=evidence.metrics,
        authors=evidence.commit.authors if evidence.commit is not None else (),
        faults=tuple(_other_model(tree, hashed)),
        tool_version=version(),
    )


def _other_model(tree: WalkedTree, hashed: Hashed) -> Iterator[str]:
    """Yield how the artifact is not the model that the commit records."""
    recorded = recorded_paths(tree.pipeline).get(tree.model.path)
    if recorded is None:
        yield f"{tree.model.path}: no stage of the commit recorded it"
        return
    if hashed.md5 != recorded.value:
        yield f"{tree.model.path}: dvc.lock records md5 {recorded.value}, here is md5 {hashed.md5}"
    lock = read_digest_lock(tree.snapshot.read(DIGEST_LOCK))
    known = lock.sha256(recorded.value, recorded.size)
    if known not in (None, hashed.sha256):
        yield f"{tree.model.path}: aigf.lock has sha256:{known}, here is sha256:{hashed.sha256}"
