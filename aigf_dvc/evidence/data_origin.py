"""Which data sets a model was made from: those that its stages read and no stage makes."""

from collections.abc import Iterable, Mapping

from aigf_dvc.digests import Sha256, as_sha256
from aigf_dvc.evidence.pipeline import Makers, parents


def data_read(reads: Iterable[str], datasets: Iterable[str]) -> frozenset[str]:
    """Return the data sets that some paths are, hold, or lie in.

    Args:
        reads: the inputs of stages.
        datasets: the paths that DVC tracks and no stage makes.
    """
    read = set(reads)
    around = {folder for path in read for folder in parents(path)}
    return frozenset(
        path
        for path in datasets
        if path in read or path in around or not read.isdisjoint(parents(path))
    )


def data_of_manifest(manifest: object, model: str) -> Mapping[str, Sha256]:
    """Return the SHA-256 of each data set behind a model, as a lineage manifest says; by path.

    Args:
        manifest: the loaded manifest; whatever has another form says nothing.
        model: the model's path.
    """
    stages = _dicts(_get(_get(manifest, "pipeline"), "stages"))
    inputs = {str(stage.get("name")): _texts(stage.get("inputs")) for stage in stages}
    made = {out: str(stage.get("name")) for stage in stages for out in _texts(stage.get("outputs"))}
    makers = Makers(made)
    seen: dict[str, None] = {}
    waiting = list(makers.of(model))
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen[name] = None
            waiting.extend(maker for path in inputs[name] for maker in makers.of(path))
    known = {
        str(item.get("name")): as_sha256(_get(item.get("digest"), "sha256"))
        for item in _dicts(_get(manifest, "artifacts"))
        if item.get("role") == "dataset"
    }
    wanted = data_read((path for name in seen for path in inputs[name]), known)
    return {path: digest for path in wanted if (digest := known[path]) is not None}


def _get(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, Mapping) else None


def _dicts(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
