"""Which data sets a model was made from: those that its stages read and no stage makes."""

import posixpath
from collections.abc import Callable, Iterable, Mapping

from aigf_dvc.digests import Sha256, as_sha256
from aigf_dvc.evidence.data_card import DataCard
from aigf_dvc.evidence.dataset import Dataset
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.pipeline import parents
from aigf_dvc.evidence.ran_stage import RanStages, objects, ran_stages_of, value_at

# git keeps code, and no record says which of its files are data: these names say it.
_DATA_NAMES = frozenset(
    {
        ".arff", ".arrow", ".avro", ".csv", ".db", ".feather", ".h5", ".hdf5", ".jsonl", ".mat",
        ".ndjson", ".npy", ".npz", ".orc", ".parquet", ".pickle", ".pkl", ".sqlite", ".tar",
        ".tfrecord", ".tgz", ".tsv", ".xls", ".xlsx", ".zip",
    }
)  # fmt: skip
_PACKED = frozenset({".bz2", ".gz", ".xz", ".zst"})


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


def data_sets_behind(
    stages: RanStages, paths: Iterable[str], tracked: Iterable[str]
) -> tuple[str, ...]:
    """Return the name of every data set behind some paths, such as a model's; sorted.

    That is: what DVC tracks, what lies outside the project, and what git keeps under a name that
    data has.

    Args:
        stages: all stages of the project.
        paths: what stages make.
        tracked: the paths that .dvc files track.
    """
    reads = {path for stage in stages.behind(paths) for path in stage.inputs}
    known = data_read(reads, tracked)
    others = {
        path
        for path in reads - known
        if not stages.makes(path)
        and (is_outside(path) or (_is_called_data(path) and known.isdisjoint(parents(path))))
    }
    return tuple(sorted(known | others))


def _is_called_data(path: str) -> bool:
    stem, suffix = posixpath.splitext(path.lower())
    return suffix in _PACKED or suffix in _DATA_NAMES or posixpath.splitext(stem)[1] in _DATA_NAMES


def origin_address(repository: str, path: str) -> str:
    """Return one address for what DVC imported: the repository's and the path in it, or a URL.

    The spellings of a repository that git takes for the same become one.
    """
    if not path:
        return repository
    place = repository
    host, colon, rest = repository.partition(":")
    if "://" not in repository and colon and "/" not in host:  # git@host:path
        place = f"ssh://{host.rpartition('@')[2]}/{rest.lstrip('/')}"
    return f"{place.removesuffix('/').removesuffix('.git')}/{path}"


def described(
    names: Iterable[str],
    *,
    sha256: Callable[[str], Sha256 | None],
    is_directory: Callable[[str], bool],
    origins: Mapping[str, tuple[str, ...]],
    cards: Iterable[DataCard],
) -> tuple[Dataset, ...]:
    """Return the data sets of some names with what is known of each.

    Args:
        names: as `data_sets_behind` returns them.
        sha256: tells the digest of one, where its bytes were seen.
        is_directory: tells whether one is a folder.
        origins: where each imported one came from.
        cards: every data card; each data set gets those that speak of it.
    """
    known = tuple(cards)
    found = []
    for name in names:
        digest = sha256(name)
        found.append(
            Dataset(
                name=name,
                sha256=digest,
                uris=origins.get(name, (name,) if "://" in name else ()),
                cards=tuple(card for card in known if card.speaks_of(name, digest)),
                is_directory=is_directory(name),
            )
        )
    return tuple(found)


def datasets_of_manifest(
    manifest: object, model: str, cards: Iterable[DataCard]
) -> tuple[Dataset, ...]:
    """Return the data sets behind a model, as a lineage manifest says.

    Args:
        manifest: the loaded manifest; whatever has another form says nothing.
        model: the model's path.
        cards: every data card.
    """
    artifacts = {str(a.get("name")): a for a in objects(value_at(manifest, "artifacts"))}
    tracked = [name for name, item in artifacts.items() if item.get("role") == "dataset"]
    origins = {
        str(item.get("name")): (
            origin_address(str(item.get("uri")), str(item.get("path", ""))),
        )
        for item in objects(value_at(manifest, "upstream"))
        if item.get("kind") != "base-model"
    }  # fmt: skip
    return described(
        data_sets_behind(ran_stages_of(manifest), [model], tracked),
        sha256=lambda name: as_sha256(value_at(value_at(artifacts.get(name), "digest"), "sha256")),
        is_directory=lambda name: _is_directory(value_at(artifacts.get(name), "dvc")),
        origins=origins,
        cards=cards,
    )


def _is_directory(recorded: object) -> bool:
    value = value_at(recorded, "value")
    return value_at(recorded, "nfiles") is not None or str(value).endswith(".dir")


def data_of_manifest(manifest: object, model: str) -> Mapping[str, Sha256]:
    """Return the SHA-256 of each data set behind a model that DVC tracks; by path.

    Args:
        manifest: the loaded manifest; whatever has another form says nothing.
        model: the model's path.
    """
    known = {
        str(item.get("name")): as_sha256(value_at(item.get("digest"), "sha256"))
        for item in objects(value_at(manifest, "artifacts"))
        if item.get("role") == "dataset"
    }
    stages = ran_stages_of(manifest).behind([model])
    wanted = data_read((path for stage in stages for path in stage.inputs), known)
    return {path: digest for path in wanted if (digest := known[path]) is not None}
