"""Reads from a commit what a clean run of its models has to come to, before anything runs."""

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from msgspec import Struct

from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import NoData, WorkspaceData
from aigf_dvc.capture.model_evidence import gather, model_scope
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.policy import read_snapshot_policy
from aigf_dvc.capture.project import load_settings
from aigf_dvc.capture.run_records import refuse_foreign_records
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.digest_lock import FILE_NAME, read_digest_lock
from aigf_dvc.evidence.lineage import Edge, EdgeKind, EdgeState
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.pipeline import Makers, Pipeline, Recorded
from aigf_dvc.evidence.reproduction import Digests
from aigf_dvc.evidence.run_record import key_of_lock
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.hashing.file_hashing import hash_path
from aigf_dvc.policy.model import Policy
from aigf_dvc.settings import ModelSettings
from aigf_dvc.trees.snapshot import Snapshot

_SHOWN = 5


class CleanPlan(Struct, frozen=True, kw_only=True):
    """What a commit records of some models, and which stages make them."""

    snapshot: Snapshot
    pipeline: Pipeline
    policy: Policy
    models: tuple[ModelSettings, ...]
    scopes: Mapping[str, tuple[str, ...]]  # model -> its stages, in running order
    stages: tuple[str, ...]  # of all models, in running order
    keys: Mapping[str, Sha256]  # stage -> the key of its lock entry
    recorded: Mapping[str, Digests]  # every output of these stages, by path
    metrics: Mapping[str, Mapping[str, Metric]]  # model -> name -> the recorded value


def read_clean_plan(snapshot: Snapshot, names: Sequence[str], *, root: Path) -> CleanPlan:
    """Read a commit.

    Args:
        snapshot: the commit.
        names: of the models; empty for all.
        root: the project's folder on disk: outputs may be there whose SHA-256 nobody has noted.

    Raises:
        InputError: no such model, or a file of the commit is invalid.
        RefusedError: run records came with the commit.
        UndecidedError: the commit contradicts itself, or a digest is not known.
    """
    settings = load_settings(snapshot)
    pipeline = read_pipeline(snapshot)
    refuse_foreign_records(snapshot, pipeline, root)
    policy = read_snapshot_policy(snapshot, settings.policy)
    models = tuple(settings.model(name) for name in names) or settings.models
    comparison = Consistency(snapshot, pipeline, NoData())
    evidence = {model.name: gather(model, comparison, root=root) for model in models}
    _refuse_contradictions(
        edge for found in evidence.values() if found.lineage for edge in found.lineage.edges
    )
    scopes = {
        model.name: in_running_order(pipeline, model_scope(model, pipeline)) for model in models
    }
    stages = in_running_order(pipeline, {a for scope in scopes.values() for a in scope})
    return CleanPlan(
        snapshot=snapshot,
        pipeline=pipeline,
        policy=policy,
        models=models,
        scopes=scopes,
        stages=stages,
        keys={address: _key(pipeline, address) for address in stages},
        recorded=_recorded(comparison, stages, root),
        metrics={name: found.metrics for name, found in evidence.items()},
    )


def in_running_order(pipeline: Pipeline, scope: Iterable[str]) -> tuple[str, ...]:
    """Return stages so that each comes after those whose outputs it reads.

    Raises:
        UndecidedError: they read each other's outputs in a circle.
    """
    makers = Makers(pipeline.producers())
    wanted = set(scope)
    before = {
        address: sorted(
            {maker for dep in pipeline.stages[address].deps for maker in makers.of(dep)} & wanted
        )
        for address in sorted(wanted)
    }
    try:
        return tuple(TopologicalSorter(before).static_order())
    except CycleError as error:
        circle = " -> ".join(map(str, error.args[1]))
        raise UndecidedError(f"a circle of stages: {circle}", where="dvc.yaml") from None


def demand_recorded_inputs(plan: CleanPlan, root: Path) -> None:
    """Refuse to run stages on other raw data than was recorded, or on data nobody can look at.

    Args:
        plan: what the commit records.
        root: the folder of the clone, where the data is.

    Raises:
        UndecidedError: an input is not there, or is another one.
    """
    data = WorkspaceData(root, DigestCache(root), only=None)
    comparison = Consistency(plan.snapshot, plan.pipeline, data)
    made = Makers(plan.pipeline.producers())
    for address in plan.stages:
        for edge in comparison.edges(address):
            is_raw = edge.kind is EdgeKind.INPUT and not made.of(edge.name)
            if is_raw and edge.state is not EdgeState.VERIFIED:
                raise UndecidedError(
                    f"the input {edge.name} is {edge.state}: {edge.reason}",
                    where=f"stage {address}",
                    expected="the recorded bytes in the clean clone",
                    hint="track it with `dvc add`, or keep it in git",
                )


def _refuse_contradictions(edges: Iterable[Edge]) -> None:
    """Refuse to run what the lock does not record: its outputs could not be compared."""
    bad = [edge for edge in edges if not edge.state.is_sound]
    if bad:
        named = "; ".join(f"{e.stage}: {e.kind} {e.name} ({e.reason})" for e in bad[:_SHOWN])
        raise UndecidedError(
            f"the commit is not what its lock records: {named}",
            where="dvc.lock",
            expected="a commit whose code, parameters and data are those of the recorded run",
            hint="`aigf repro`, commit what it changed, and run that commit again",
        )


def _key(pipeline: Pipeline, address: str) -> Sha256:
    key = key_of_lock(pipeline.locks[address])
    if key is None:
        raise UndecidedError(
            "dvc.lock names an input or output by another hash than MD5",
            where=f"stage {address}",
            expected="MD5 for each: by that a run is found",
            hint="DVC 2 hashed texts in another way: `aigf repro --force`, and commit",
        )
    return key


def _recorded(comparison: Consistency, stages: Iterable[str], root: Path) -> dict[str, Digests]:
    """Return what is recorded of every output: DVC's MD5, and the SHA-256 that was seen for it."""
    found: dict[str, Digests] = {}
    missing: list[str] = []
    for address in stages:
        for path, recorded in comparison.pipeline.locks[address].outs.items():
            digest = _seen(comparison, recorded, root)
            if digest is None:
                missing.append(path)
            else:
                found[path] = Digests(md5=recorded.value, sha256=digest)
    if missing:
        raise UndecidedError(
            f"the SHA-256 of {', '.join(missing[:_SHOWN])} is not known, and MD5 proves nothing",
            where=FILE_NAME,
            expected="a line for each recorded output",
            hint="`aigf capture` where the data is, and commit aigf.lock; or `dvc pull` it here",
        )
    return found


def _seen(comparison: Consistency, recorded: Recorded, root: Path) -> Sha256 | None:
    """Return the SHA-256 of a recorded output: from aigf.lock, from git, or from its bytes here."""
    known = read_digest_lock(comparison.snapshot.read(FILE_NAME))
    digest = known.sha256(recorded.value, recorded.size)
    if digest is not None:
        return digest
    content = comparison.git_content(recorded.path)
    if content is not None and content.md5 == recorded.value:
        return content.sha256
    try:
        hashed = hash_path(root, recorded.path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return hashed.sha256 if hashed.md5 == recorded.value else None
