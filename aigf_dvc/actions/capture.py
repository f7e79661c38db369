"""Capture the lineage of a project: the manifest, and beside it the state of its edges."""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import CachedData, Data, WorkspaceData
from aigf_dvc.capture.manifest import capture_manifest, recorded_paths
from aigf_dvc.capture.model_evidence import model_scope
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.capture.redactions import find_redactions
from aigf_dvc.capture.reproductions import trust_in
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.evidence.digest_lock import FILE_NAME, read_digest_lock
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.lineage import Edge, StageTrust
from aigf_dvc.evidence.pipeline import Pipeline, Recorded
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.redaction import Redaction
from aigf_dvc.settings import FILE_NAME as SETTINGS
from aigf_dvc.settings import Settings
from aigf_dvc.trees.git_lfs import read_pointer
from aigf_dvc.trees.snapshot import Kind, Snapshot


class Captured(Struct, frozen=True, kw_only=True):
    """A captured manifest, and what is true of this machine and moment only."""

    manifest: bytes  # canonical JSON
    commit: str | None  # None: the working tree
    edges: tuple[Edge, ...]  # of the stages that the governed models depend on
    stages: tuple[StageTrust, ...]
    digest_lock_changed: bool = False  # aigf.lock was written: commit it
    is_governed: bool = True  # False: there is no aigf.yaml, so every stage was looked at
    redactions: tuple[Redaction, ...] = ()  # what the manifest leaves out, and where it stood

    @property
    def digest(self) -> Sha256:
        """Return the manifest's digest."""
        return sha256(self.manifest)


def capture(
    project: Project,
    *,
    revision: str | None = None,
    progress: Progress | None = None,
    expect: Callable[[int], None] | None = None,
    keeps_digests: bool = True,
) -> Captured:
    """Capture a project's lineage from the working tree, or from a commit.

    Every byte that is here is hashed: the workspace's and, for what is not there or for a commit,
    those in DVC's cache.

    Args:
        project: where.
        revision: a commit; None for the working tree.
        progress: called with each number of bytes read.
        expect: called once, with the number of bytes that will be read.
        keeps_digests: from the working tree, bring `aigf.lock` up to date.

    Raises:
        InputError, UndecidedError: something cannot be read, or has an unsupported shape.
    """
    with GitObjects(project.repository) as objects:
        snapshot = project.snapshot(objects, revision)
        pipeline = read_pipeline(snapshot)
        is_governed = snapshot.is_in_git(SETTINGS)
        settings = load_settings(snapshot) if is_governed else Settings(models=())
        digests = DigestCache(project.root)
        data: CachedData | WorkspaceData
        if revision is None:
            data = WorkspaceData(project.root, digests, only=None, progress=progress)
        else:
            data = CachedData(project.root, digests, progress=progress)
        recorded = recorded_paths(pipeline)
        _hash(data, recorded.values(), expect)
        digests.save(was_all=revision is None)
        changed = (
            revision is None
            and keeps_digests
            and _update_digest_lock(project, snapshot, recorded, data)
        )
        scope = _scope(settings, pipeline)
        comparison = Consistency(snapshot, pipeline, data)
        trust = trust_in(snapshot, settings, project.root)
        return Captured(
            manifest=capture_manifest(snapshot, pipeline, settings),
            commit=snapshot.commit,
            edges=tuple(edge for address in scope for edge in comparison.edges(address)),
            stages=tuple(trust(pipeline, address, project.root) for address in scope),
            digest_lock_changed=changed,
            is_governed=is_governed,
            redactions=find_redactions(snapshot, pipeline, settings),
        )


def _scope(settings: Settings, pipeline: Pipeline) -> tuple[str, ...]:
    """Return the stages that the governed models depend on; all of them when none is governed."""
    if not settings.models:
        return tuple(pipeline.stages)
    scopes = (model_scope(model, pipeline) for model in settings.models)
    return tuple(dict.fromkeys(address for scope in scopes for address in scope))


def _hash(
    data: CachedData | WorkspaceData,
    recorded: Iterable[Recorded],
    expect: Callable[[int], None] | None,
) -> None:
    records = list(recorded)
    total = sum(data.to_read(record) for record in records)
    if expect is not None:
        expect(total)
    for record in records:
        data.hash(record)


def _update_digest_lock(
    project: Project, snapshot: Snapshot, recorded: Mapping[str, Recorded], data: Data
) -> bool:
    """Add what was seen to aigf.lock; only bytes that are what DVC recorded."""
    outside_git = {p: r for p, r in recorded.items() if not is_code(snapshot, p)}
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


def is_code(snapshot: Snapshot, path: str) -> bool:
    """Tell whether git has the bytes themselves; under git LFS it has a pointer to them."""
    if is_outside(path):
        return True  # nothing of it is read here, so nothing can be seen
    if snapshot.kind(path) is Kind.FILE and snapshot.is_in_git(path):
        return read_pointer(snapshot.read(path) or b"") is None
    return snapshot.is_in_git(path) or bool(snapshot.files(path))


def _seen(recorded: Iterable[Recorded], data: Data) -> Iterable[tuple[str, int, Sha256]]:
    for record in recorded:
        hashed = data.hash(record)
        if hashed is not None and hashed.md5 == record.value:
            yield (
                record.value,
                record.size if record.size is not None else hashed.size,
                hashed.sha256,
            )
