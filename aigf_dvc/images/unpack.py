"""Unpacks a layer as it comes, bounded, and holds its bytes against both of their digests."""

import hashlib
from collections.abc import Callable, Iterator

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.images.manifest import Layer, Packing
from aigf_dvc.images.members import Member, gzip_member, unpack_members, zstd_frame
from aigf_dvc.images.source import Limits, Progress


class Unpacked:
    """The unpacked bytes of one layer, one chunk at a time.

    Once all are read, `finish` tells whether they were what the manifest and the configuration
    say: a container runtime would unpack no others.
    """

    def __init__(
        self, layer: Layer, packed: Iterator[bytes], *, limits: Limits, progress: Progress | None
    ) -> None:
        """Take a layer's packed bytes; nothing is read yet."""
        self._layer = layer
        self._packed = packed
        self._limits = limits
        self._progress = progress
        self._packed_digest = hashlib.sha256()
        self._digest = hashlib.sha256()
        self._packed_bytes = 0
        self.size_bytes = 0
        self.where = f"layer sha256:{layer.digest}"

    def __iter__(self) -> Iterator[bytes]:
        """Yield the unpacked bytes.

        Raises:
            UndecidedError: they cannot be unpacked, or are too many.
            RefusedError: the packed bytes are more than the manifest says.
        """
        for chunk in self._chunks():
            self.size_bytes += len(chunk)
            self._digest.update(chunk)
            self._demand_bounded()
            yield chunk

    def finish(self, diff_id: Sha256) -> None:
        """Hold what was read against the digests.

        Raises:
            RefusedError: other bytes than the manifest or the configuration names.
        """
        packed = self._packed_digest.hexdigest()
        if packed != self._layer.digest or self._packed_bytes != self._layer.size_bytes:
            raise RefusedError(
                f"{self._packed_bytes} bytes with the SHA-256 {packed}", where=self.where,
                expected=f"the {self._layer.size_bytes} bytes that the manifest names",
            )  # fmt: skip
        if self._digest.hexdigest() != diff_id:
            raise RefusedError(
                f"unpacked it has the SHA-256 {self._digest.hexdigest()}", where=self.where,
                expected=f"the one that the image's configuration names, {diff_id}",
            )  # fmt: skip

    def _chunks(self) -> Iterator[bytes]:
        match self._layer.packing:
            case Packing.PLAIN:
                return self._read()
            case Packing.GZIP:
                return self._members(gzip_member)
            case Packing.ZSTD:
                return self._members(zstd_frame)

    def _members(self, begin: Callable[[], Member]) -> Iterator[bytes]:
        most = self._limits.members
        return unpack_members(self._read(), begin, where=self.where, most=most)

    def _read(self) -> Iterator[bytes]:
        for chunk in self._packed:
            self._packed_bytes += len(chunk)
            if self._packed_bytes > self._layer.size_bytes:
                raise RefusedError(
                    "more bytes than the manifest says", where=self.where,
                    expected=f"{self._layer.size_bytes} bytes",
                )  # fmt: skip
            self._packed_digest.update(chunk)
            if self._progress is not None:
                self._progress(len(chunk))
            yield chunk

    def _demand_bounded(self) -> None:
        most = self._limits.free_bytes + self._limits.ratio * self._packed_bytes
        if self.size_bytes > most:
            raise UndecidedError(
                f"{self._packed_bytes} bytes unpack to more than {most}", where=self.where,
                expected=f"at most {self._limits.ratio} times as much: this looks like a bomb",
            )  # fmt: skip
