"""The files in folders of data, as an attestation carries them: written and read again.

The lineage manifest has one digest for a folder. Whoever looks for one bad file needs them all, and
the list is believed only when it makes that digest.
"""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from aigf_dvc.attestation.deployment import EvidenceItem, evidence_item
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.canonical import Json, dumps
from aigf_dvc.digests import Sha256, as_sha256, tree_digest
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.dataset import Dataset, Files
from aigf_dvc.evidence.model_evidence import ModelEvidence

NAME = "dataset-files.json"
MEDIA_TYPE = "application/vnd.aigf.dataset-files.v1+json"
_MOST_BYTES = 256 * 2**20


def dataset_files_item(evidence: ModelEvidence) -> EvidenceItem | None:
    """Return the files of every folder that was looked into; None when none was."""
    known: dict[str, Json] = {
        data.name: dict(data.files) for data in evidence.datasets if data.files is not None
    }
    return evidence_item(NAME, MEDIA_TYPE, dumps(known)) if known else None


def with_files_again(datasets: tuple[Dataset, ...], content: bytes | None) -> tuple[Dataset, ...]:
    """Return data sets with the files that a statement names.

    Args:
        datasets: as the lineage manifest has them.
        content: of the evidence; None: it is not at hand, or there is none.

    Raises:
        RefusedError: it has another form, or the files do not make the folder's digest.
    """
    if content is None:
        return datasets
    fields = Fields.read(content, NAME, max_bytes=_MOST_BYTES)
    return tuple(
        replace(data, files=_files(fields.mapping(data.name), data))
        if data.name in fields.values
        else data
        for data in datasets
    )


def _files(fields: Fields, data: Dataset) -> Files:
    files = tuple(_entries(fields.values, fields.where))
    made = tree_digest((name.encode(), digest) for name, digest in files)
    if made != data.sha256:
        raise RefusedError(
            f"its files make the digest {made}", where=fields.where,
            expected=f"{data.sha256}, as the lineage manifest says",
        )  # fmt: skip
    return files


def _entries(values: Mapping[str, Json], where: str) -> Iterator[tuple[str, Sha256]]:
    for name, value in values.items():
        digest = as_sha256(value)
        if digest is None:
            raise RefusedError(f"{value!r:.80}", where=f"{where}.{name}", expected="a SHA-256")
        yield name, digest
