"""Walk the lineage of an attested model again: in a repository, and in the data behind it."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from aigf_dvc.actions.verify import Artifact
from aigf_dvc.attestation.attested_runs import AttestedRun, attested_runs
from aigf_dvc.attestation.deployment import Deployment, EvidenceItem, StatementHead
from aigf_dvc.attestation.lineage_again import Walked, demand_same
from aigf_dvc.capture.data_remote import Remote
from aigf_dvc.capture.judged_clone import JudgedRepository, opened
from aigf_dvc.capture.walked_data import with_data
from aigf_dvc.capture.walked_lineage import find_tree, walk_tree
from aigf_dvc.capture.walked_records import with_records
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.file_hashing import Hashed, hash_path


class DeepWalk(Struct, frozen=True, kw_only=True):
    """Where to walk, and how far."""

    repository: JudgedRepository
    data: bool = False  # read the data too, and fetch what is not here
    remote: str = ""  # where from: a DVC remote's name, a URL or a path; empty for the default


Walk = Callable[[StatementHead, Deployment], str]
"""Walks an attested lineage again, and says what was found; it raises where that differs."""


def walk_under(
    deep: DeepWalk, place: Path, artifact: Artifact, beside: dict[Sha256, bytes]
) -> Walk:
    """Return the function that walks the lineage of an attestation again.

    Args:
        deep: where to walk.
        place: where the artifact lies.
        artifact: its digests, as they were verified.
        beside: evidence that lay beside the bundle.
    """

    def walk(_statement: StatementHead, deployment: Deployment) -> str:
        def content(item: EvidenceItem) -> bytes | None:
            return item.content if item.content is not None else beside.get(item.sha256)

        runs = tuple(attested_runs(deployment, content))
        try:
            walked = _walk(deep, deployment, _hashed(place, artifact), runs)
        except InputError as error:  # the commit's file, not the judge's
            raise UndecidedError(f"the commit cannot be walked: {error}") from None
        return demand_same(deployment, walked, content, runs)

    return walk


def _hashed(place: Path, artifact: Artifact) -> Hashed:
    """Hash the artifact as DVC does, and hold it to the digests that were verified."""
    real = place.resolve()
    hashed = hash_path(real, ".") if real.is_dir() else hash_path(real.parent, real.name)
    if hashed.sha256 != artifact.key:
        raise RefusedError("it changed while it was verified", where=str(place))
    return hashed


def _walk(
    deep: DeepWalk, deployment: Deployment, hashed: Hashed, runs: Sequence[AttestedRun]
) -> Walked:
    with (
        opened(deep.repository, deployment.source.git_commit) as repository,
        GitObjects(repository) as objects,
    ):
        tree = find_tree(objects, deployment)
        asked = bool(deployment.source.authors)
        walked = walk_tree(tree, hashed, repository=repository, with_authors=asked)
        walked = with_records(walked, tree, deployment, runs)
        if not deep.data:
            return walked
        clone = deep.repository.clone
        root = clone / tree.prefix if clone is not None else None
        remote = Remote(snapshot=tree.snapshot, root=root, wanted=deep.remote)
        with tempfile.TemporaryDirectory(prefix="aigf-data-") as scratch:
            return with_data(walked, tree, hashed, remote=remote, scratch=Path(scratch))
