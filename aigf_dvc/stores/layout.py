"""How attestations lie in a store: `<model sha256>/<sha256 of the bytes><ending>`.

A name says what the bytes are, so two stores can be joined without a question, and a file that is
not what its name says is never read.
"""

from collections.abc import Iterator, Mapping, Sized
from typing import Protocol

from msgspec import Struct

from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.lazy_pattern import lazy_pattern

BUNDLE = ".sigstore.json"
EVIDENCE = ".evidence"
MAX_BYTES = 32 * 2**20
_NAME = lazy_pattern(r"([0-9a-f]{64})/([0-9a-f]{64})(\.sigstore\.json|\.evidence)\Z")


class Stored(Struct, frozen=True, kw_only=True):
    """One file of a store."""

    model: Sha256  # SHA-256 of the model file; of a directory, its tree digest
    ending: str
    data: bytes

    @property
    def name(self) -> str:
        """Return its path in the store."""
        return f"{self.model}/{sha256(self.data)}{self.ending}"


class Unreadable(Struct, frozen=True, kw_only=True):
    """A file that has the name of one of ours, and cannot be read or holds other bytes."""

    name: str


MOST_FILES = 100_000


class Store(Protocol):
    """A place that keeps attestations."""

    @property
    def place(self) -> str:
        """What people call it."""
        ...

    def add(self, items: tuple[Stored, ...]) -> None:
        """Keep some files; ones that are there already stay."""
        ...

    def find(self, model: Sha256) -> tuple[Stored, ...]:
        """Return every file about a model, sorted by name."""
        ...

    def all(self) -> Iterator[Stored | Unreadable]:
        """Yield every file, model by model; one that cannot be read is said, not passed over."""
        ...


def read_stored(name: str, data: bytes) -> Stored | None:
    """Return a file of a store, or None when it has another name than ours, or other bytes."""
    match = _NAME.match(name)
    if match is None or len(data) > MAX_BYTES or sha256(data) != match[2]:
        return None
    return Stored(model=Sha256(match[1]), ending=match[3], data=data)


def demand_few(names: Sized, *, where: str) -> None:
    """Refuse a store of more files than anyone asks about at once.

    Raises:
        UndecidedError: it has too many.
    """
    if len(names) > MOST_FILES:
        raise UndecidedError(
            f"{len(names)} files", where=where, expected=f"a store of at most {MOST_FILES}"
        )


def is_ours(name: str) -> bool:
    """Tell whether a path has the form of a file of a store."""
    return _NAME.match(name) is not None


def by_name(items: tuple[Stored, ...]) -> Mapping[str, Stored]:
    """Return some files by their names."""
    return {item.name: item for item in items}
