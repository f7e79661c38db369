"""The digests of all that a model was made from: what its lineage manifest and data lists name."""

import posixpath
from collections.abc import Iterator, Mapping

from aigf_dvc.attestation.attested_data import MEDIA_TYPE as FILES_TYPE
from aigf_dvc.attestation.attested_data import with_files_again
from aigf_dvc.attestation.deployment import Deployment, EvidenceItem
from aigf_dvc.attestation.evidence_again import read_manifest
from aigf_dvc.attestation.lists.at_hand import MadeFrom
from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256, as_sha256
from aigf_dvc.evidence.data_origin import datasets_of_manifest
from aigf_dvc.evidence.pipeline import parents
from aigf_dvc.evidence.ran_stage import objects, ran_stages_of, value_at


def made_from(deployment: Deployment, beside: Mapping[Sha256, bytes]) -> MadeFrom:
    """Return what an attested model was made from, file by file where that is known.

    Raises:
        RefusedError: the list of a folder's files does not make the folder's digest.
        UndecidedError: the manifest is no strict JSON.
    """
    manifest = read_manifest(deployment, beside)
    if manifest is None:
        return MadeFrom(unknown=(f"{deployment.lineage.name!r:.100} is not at hand",))
    wanted = _behind(manifest, deployment)
    digests: dict[str, str] = {}
    only_md5 = []
    for item in objects(value_at(manifest, "artifacts")):
        name = str(item.get("name"))
        if _is_among(name, wanted):
            digests |= dict.fromkeys(_digests(item), f"{name!r:.200}, which it was made from")
            if as_sha256(value_at(item.get("digest"), "sha256")) is None:
                only_md5.append(name)
    files, gap = _files(deployment, manifest, beside)
    return MadeFrom(digests={**files, **digests}, unknown=gap, only_md5=tuple(only_md5))


def _behind(manifest: Json, deployment: Deployment) -> frozenset[str]:
    """Return all that the stages behind the model and its metrics read and made."""
    stages = ran_stages_of(manifest)
    metrics = stages.outputs_at(metric.where for metric in deployment.metrics.values())
    behind = stages.behind((deployment.path, *metrics))
    return frozenset(path for stage in behind for path in (*stage.inputs, *stage.outputs))


def _is_among(name: str, wanted: frozenset[str]) -> bool:
    """Tell whether a path is one of some, or holds one, or lies in one."""
    start = f"{name}/"
    return (
        name in wanted
        or not wanted.isdisjoint(parents(name))
        or any(path.startswith(start) for path in wanted)
    )


def _digests(item: Mapping[str, Json]) -> Iterator[str]:
    sha256 = as_sha256(value_at(item.get("digest"), "sha256"))
    if sha256 is not None:
        yield f"sha256:{sha256}"
    recorded = item.get("dvc")
    if str(value_at(recorded, "hash")).startswith("md5"):
        yield f"md5:{str(value_at(recorded, 'value')).removesuffix('.dir')}"


def _files(
    deployment: Deployment, manifest: Json, beside: Mapping[Sha256, bytes]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the files in the folders of data, and what is not at hand."""
    item = next((one for one in deployment.evidence if one.media_type == FILES_TYPE), None)
    content = _at_hand(item, beside)
    gap = (f"{item.name!r:.100} is not at hand",) if item is not None and content is None else ()
    datasets = with_files_again(datasets_of_manifest(manifest, deployment.path, ()), content)
    found = {
        f"sha256:{digest}": f"{posixpath.join(data.name, name)!r:.200}, which it was made from"
        for data in datasets
        for name, digest in data.files or ()
    }
    return found, gap


def _at_hand(item: EvidenceItem | None, beside: Mapping[Sha256, bytes]) -> bytes | None:
    if item is None:
        return None
    return item.content if item.content is not None else beside.get(item.sha256)
