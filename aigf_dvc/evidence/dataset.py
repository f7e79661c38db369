"""Data sets: the data that a model was made from, where it came from, and what its card says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aigf_dvc.digests import Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCard:
    """What a data card says of one or more data sets in its front matter."""

    path: str
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One data set that a stage of the model's lineage read and no stage made."""

    name: str  # the path in the repository
    sha256: Sha256 | None  # None: its bytes were never seen
    uris: tuple[str, ...] = ()  # where it was imported from, as DVC records it; empty: added here
    card: DataCard | None = None  # None: no data card speaks of it
