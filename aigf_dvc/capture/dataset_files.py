"""Finds which files are in the folders of data behind a model, where DVC's cache has them."""

from msgspec.structs import replace

from aigf_dvc.capture.contents import CachedData
from aigf_dvc.evidence.dataset import Dataset
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.pipeline import Pipeline


def with_dataset_files(
    evidence: ModelEvidence, pipeline: Pipeline, cache: CachedData
) -> ModelEvidence:
    """Return the evidence with the files of each folder whose bytes are all here.

    Raises:
        UndecidedError: a folder's list of files has another form than DVC's.
    """
    return replace(
        evidence, datasets=tuple(_looked_into(d, pipeline, cache) for d in evidence.datasets)
    )


def _looked_into(data: Dataset, pipeline: Pipeline, cache: CachedData) -> Dataset:
    recorded = pipeline.tracked.get(data.name) if data.is_directory else None
    hashed = cache.hash(recorded) if recorded is not None else None
    if hashed is None or hashed.sha256 != data.sha256:
        return data
    return replace(data, files=hashed.files)
