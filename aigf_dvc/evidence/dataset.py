"""Data sets: the data that a model was made from, where it came from, and what its cards say."""

from msgspec import Struct

from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.data_card import DataCard

Files = tuple[tuple[str, Sha256], ...]
"""The path in the folder and the SHA-256 of each file."""


class Dataset(Struct, frozen=True, kw_only=True):
    """One data set that a stage of the model's lineage read and no stage made."""

    name: str  # the path in the repository; the address, where a stage reads it from outside
    sha256: Sha256 | None  # None: its bytes were never seen; a folder's is its tree digest
    uris: tuple[str, ...] = ()  # where it was imported from, as DVC records it; empty: added here
    cards: tuple[DataCard, ...] = ()  # those that speak of it
    is_directory: bool = False
    files: Files | None = None  # of a folder; None: not known
