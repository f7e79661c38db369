"""Capture the lineage of a project: the manifest, and beside it the state of its edges."""

from collections.abc import Iterable
from dataclasses import dataclass

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import Data, NoData, WorkspaceData
from aigf_dvc.capture.digest_cache import DigestCache
from aigf_dvc.capture.file_hashing import Progress
from aigf_dvc.capture.manifest import capture_manifest, recorded_paths
from aigf_dvc.capture.model_evidence import model_scope
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.capture.run_records import stage_trust
from aigf_dvc.capture.snapshot import Snapshot
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.evidence.digest_lock import FILE_NAME, read_digest_lock
from aigf_dvc.evidence.lineage import Edge, StageTrust
from aigf_dvc.evidence.pipeline import Pipeline, Recorded
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.settings import FILE_NAME as SETTINGS
from aigf_dvc.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """A captured manifest, and what is true of this machine and moment only."""

    manifest: bytes  # canonical JSON
    commit: str | None  # None: the working tree
    edges: tuple[Edge, ...]  # of the stages that the governed models depend on
    stages: tuple[StageTrust, ...]
    digest_lock_changed: bool = False  # aigf.lock was written: commit it
    is_governed: bool = True  # False: there is no aigf.yaml, so every stage was looked at

    @property
    def digest(self) -> Sha256:
        """Return the manifest's digest."""
        return sha256(self.manifest)


def capture(
    project: Project, *, revision: str | None = None, progress: Progress | None = None
) -> Captured:
    """Capture a project's lineage from the working tree, or from a commit.

    From the working tree every byte that is here is hashed, and `aigf.lock` is brought up to date.

    Args:
        project: where.
        revision: a commit; None for the working tree.
        progress: called with each number of bytes read.

    Raises:
        InputError, UndecidedError: something cannot be read, or has an unsupported shape.
    """
    with GitObjects(project.repository) as objects:
        snapshot = project.snapshot(objects, revision)
        pipeline = read_pipeline(snapshot)
        is_governed = snapshot.is_in_git(SETTINGS)
        settings = load_settings(snapshot) if is_governed else Settings(models=())
        data: Data = NoData()
        changed = False
        if revision is None:
            workspace = _hash_workspace(project, pipeline, progress)
            changed = _update_digest_lock(project, snapshot, pipeline, workspace)
            data = workspace
        scope = _scope(settings, pipeline)
        comparison = Consistency(snapshot, pipeline, data)
        return Captured(
            manifest=capture_manifest(snapshot, pipeline, settings),
            commit=snapshot.commit,
            edges=tuple(edge for address in scope for edge in comparison.edges(address)),
            stages=tuple(stage_trust(pipeline, address, project.root) for address in scope),
            digest_lock_changed=changed,
            is_governed=is_governed,
        )


def _scope(settings: Settings, pipeline: Pipeline) -> tuple[str, ...]:
    """Return the stages that the governed models depend on; all of them when none is governed."""
    if not settings.models:
        return tuple(pipeline.stages)
    scopes = (model_scope(model, pipeline) for model in settings.models)
    return tuple(dict.fromkeys(address for scope in scopes for address in scope))


def _hash_workspace(
    project: Project, pipeline: Pipeline, progress: Progress | None
) -> WorkspaceData:
    cache = DigestCache(project.root)
    data = WorkspaceData(project.root, cache, only=None, progress=progress)
    for recorded in recorded_paths(pipeline).values():
        data.hash(recorded)
    cache.save()
    return data


def _update_digest_lock(
    project: Project, snapshot: Snapshot, pipeline: Pipeline, data: WorkspaceData
) -> bool:
    """Add what was seen to aigf.lock; only bytes that are what DVC recorded."""
    recorded = recorded_paths(pipeline)
    outside_git = {p: r for p, r in recorded.items() if not _is_code(snapshot, p)}
    before = snapshot.read(FILE_NAME)
    lock = read_digest_lock(before).updated(
        _seen(outside_git.values(), data),
        referenced=frozenset(record.value for record in outside_git.values()),
    )
    after = lock.to_bytes()
    if after == before or (before is None and not lock.known):
        return False
    write_atomically(project.root / FILE_NAME, after)
    return True


def _is_code(snapshot: Snapshot, path: str) -> bool:
    return snapshot.is_in_git(path) or bool(snapshot.files(path))


def _seen(recorded: Iterable[Recorded], data: WorkspaceData) -> Iterable[tuple[str, int, Sha256]]:
    for record in recorded:
        hashed = data.hash(record)
        if hashed is not None and hashed.md5 == record.value:
            yield (
                record.value,
                record.size if record.size is not None else hashed.size,
                hashed.sha256,
            )
