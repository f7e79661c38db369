"""Opens what the options of `--deep` name."""

from pathlib import Path

from aigf_dvc.actions.verify import Artifact
from aigf_dvc.actions.walk_again import DeepWalk, Walk, walk_under
from aigf_dvc.capture.judged_clone import judged_repository
from aigf_dvc.cli.deep_options import DeepOptions
from aigf_dvc.digests import Sha256


def deep_walk(
    deep: DeepOptions, place: Path, artifact: Artifact, beside: dict[Sha256, bytes]
) -> Walk | None:
    """Return what walks the lineage again, or None where that is not asked for.

    Raises:
        InputError: `--repo` names no git repository.
    """
    if deep.repository is None:
        return None
    repository = judged_repository(deep.repository)
    order = DeepWalk(repository=repository, data=deep.data, remote=deep.remote)
    return walk_under(order, place, artifact, beside)
