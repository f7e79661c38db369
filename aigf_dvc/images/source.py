"""What reading an image needs of the place where it lies, and the bounds that it is read within."""

from collections.abc import Callable, Iterator
from typing import Protocol

from msgspec import Struct

from aigf_dvc.digests import Sha256

Progress = Callable[[int], None]
"""Is told of every so many bytes that were read."""


class ImageSource(Protocol):
    """A place that has images: a repository of a registry, or an OCI layout on disk."""

    def manifest(self, digest: Sha256) -> bytes:
        """Return the bytes of a manifest or index; they have this digest."""
        ...

    def blob(self, digest: Sha256) -> Iterator[bytes]:
        """Yield the bytes of a blob; nobody has looked whether they have this digest."""
        ...


class Limits(Struct, frozen=True, kw_only=True):
    """How large an image may be; past them nothing is decided."""

    layers: int = 500
    entries: int = 1_000_000  # of all layers together
    members: int = 1_000_000  # gzip members or zstd frames, of one layer
    size_bytes: int = 512 * 2**30  # of all layers together, unpacked
    ratio: int = 250  # unpacked bytes for each packed one, once there are `free_bytes` of them
    free_bytes: int = 64 * 2**20
    config_bytes: int = 4 * 2**20
