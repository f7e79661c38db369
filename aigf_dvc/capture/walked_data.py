"""Reads the data behind an attested lineage: from DVC's cache, or fetched from a remote."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from aigf_dvc.attestation.lineage_again import Walked, edge_text
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import CachedData, NoData
from aigf_dvc.capture.data_remote import Remote, fetch_records
from aigf_dvc.capture.manifest import recorded_paths
from aigf_dvc.capture.model_evidence import gather, model_scope
from aigf_dvc.capture.walked_lineage import WalkedTree
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.digest_lock import FILE_NAME, read_digest_lock
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.lineage import EdgeState
from aigf_dvc.evidence.pipeline import Recorded, RecordedFile, parents
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.hashing.file_hashing import Hashed

_SHOWN = 5


class _DataAtHand(NoData):
    """The model's bytes as they are deployed, and all other data from caches."""

    def __init__(self, model: str, hashed: Hashed, caches: Sequence[CachedData]) -> None:
        self._model = model
        self._hashed = hashed
        self._caches = caches

    def hash(self, recorded: Recorded) -> Hashed | None:
        """Return the digests of the recorded bytes, or None when they are not here."""
        if recorded.path == self._model:
            return self._hashed
        found = (cache.hash(recorded) for cache in self._caches)
        return next((hashed for hashed in found if hashed is not None), None)

    def directory(self, recorded: Recorded) -> tuple[RecordedFile, ...] | None:
        """Return the files of a recorded directory, or None when its list is not here."""
        found = (cache.directory(recorded) for cache in self._caches)
        return next((files for files in found if files is not None), None)

    def read(self, recorded: Recorded) -> bytes | None:
        """Return the bytes of a small recorded file, or None when they are not here."""
        found = (cache.read(recorded) for cache in self._caches)
        return next((data for data in found if data is not None), None)


def with_data(
    walked: Walked, tree: WalkedTree, hashed: Hashed, *, remote: Remote, scratch: Path
) -> Walked:
    """Return a walk with what the data behind the model says, all of it read.

    Args:
        walked: what the commit says without its data.
        tree: the commit's project.
        hashed: the digests of the artifact that is to be deployed.
        remote: where the data is that is not in the cache of the judge's clone.
        scratch: an empty folder for what is fetched.

    Raises:
        InputError: there is no DVC to fetch with.
        UndecidedError: some data is nowhere.
    """
    # A digest that a clone remembers is no evidence: the memory is the scratch folder's own.
    digests = DigestCache(scratch)
    places = [remote.root] if remote.root is not None else []
    here = _DataAtHand(tree.model.path, hashed, [CachedData(p, digests) for p in places])
    wanted = tuple(_wanted(tree))
    missing = [recorded for recorded in wanted if here.hash(recorded) is None]
    if missing:
        fetch_records(missing, remote, scratch)
        places = [*places, scratch]
        here = _DataAtHand(tree.model.path, hashed, [CachedData(p, digests) for p in places])
        _demand_all(missing, here)
    comparison = Consistency(tree.snapshot, tree.pipeline, here)
    known = {(e.stage, e.kind, e.name) for e in walked.lineage.edges if not e.state.is_sound}
    edges = [e for a in model_scope(tree.model, tree.pipeline) for e in comparison.edges(a)]
    faults = [
        f"the data: {edge_text(edge)}"
        for edge in edges
        if not edge.state.is_sound and (edge.stage, edge.kind, edge.name) not in known
    ]
    metrics = dict(walked.metrics)
    for place in places:
        metrics |= gather(tree.model, comparison, root=place).metrics
    return replace(
        walked,
        metrics=metrics,
        faults=(*walked.faults, *faults),
        data=_said(tree, wanted, left=sum(e.state is EdgeState.RECORDED for e in edges)),
    )


def _wanted(tree: WalkedTree) -> Iterator[Recorded]:
    """Yield what DVC keeps of all that the model and its metrics were made from."""
    pipeline = tree.pipeline
    scope = model_scope(tree.model, pipeline)
    read = {dep for address in scope for dep in pipeline.stages[address].deps}
    around = {folder for dep in read for folder in parents(dep)}
    made = {o.path for a in scope for o in pipeline.stages[a].outs if o.cached}
    for path, recorded in recorded_paths(pipeline).items():
        tracked = path in pipeline.tracked and (
            path in read or path in around or not read.isdisjoint(parents(path))
        )
        if (tracked or path in made) and recorded.names_bytes and not is_outside(path):
            yield recorded


def _demand_all(missing: Sequence[Recorded], data: _DataAtHand) -> None:
    """Refuse to decide when DVC brought less than was asked for: it only warns."""
    left = [recorded.path for recorded in missing if data.hash(recorded) is None]
    if left:
        named = ", ".join(left[:_SHOWN]) + (", ..." if len(left) > _SHOWN else "")
        raise UndecidedError(
            f"neither cache nor remote has {named}", expected="the data that the commit records",
            hint="`dvc push` where the data is; --remote names another remote",
        )  # fmt: skip


def _said(tree: WalkedTree, wanted: Sequence[Recorded], *, left: int) -> str:
    lock = read_digest_lock(tree.snapshot.read(FILE_NAME))
    unseen = [r.path for r in wanted if lock.sha256(r.value, r.size) is None]
    but = f", but for {len(unseen)} of them," if unseen else ""
    paths = "1 path" if len(wanted) == 1 else f"{len(wanted)} paths"
    said = f"{paths} of data read, each with its recorded MD5 and{but} "
    rest = f"; {left} edges rest on records alone" if left else ""
    return f"{said}the SHA-256 of {FILE_NAME}{rest}"
