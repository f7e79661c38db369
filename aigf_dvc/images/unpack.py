"""Unpacks a layer as it comes, bounded, and holds its bytes against both of their digests."""

import hashlib
import zlib
from collections.abc import Iterator

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.images.manifest import Layer, Packing
from aigf_dvc.images.source import Limits, Progress

_CHUNK = 1 << 20  # bytes
_GZIP = 31  # zlib's word for: a gzip header, and the largest window


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
                return self._gunzip()
            case Packing.ZSTD:
                raise UndecidedError(
                    "packed with zstd, which this version does not unpack", where=self.where,
                    expected="layers packed with gzip",
                    hint="build the image with gzip layers (docker buildx build --output "
                    "type=image,compression=gzip,force-compression=true)",
                )  # fmt: skip

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

    def _gunzip(self) -> Iterator[bytes]:
        """Yield the unpacked bytes of every gzip member, one after the other."""
        member = zlib.decompressobj(_GZIP)
        begun = False
        for chunk in self._read():
            rest = chunk
            while rest:
                begun = True
                yield self._inflate(member, rest)
                rest = member.unconsumed_tail
                if member.eof:
                    rest, member, begun = member.unused_data, zlib.decompressobj(_GZIP), False
        while begun and (tail := self._inflate(member, b"")):  # what zlib still held back
            yield tail
        if begun and not member.eof:
            raise UndecidedError("its gzip breaks off", where=self.where, expected="a whole layer")

    def _inflate(self, member: "zlib._Decompress", data: bytes) -> bytes:
        try:
            return member.decompress(data, _CHUNK)
        except zlib.error as error:
            raise UndecidedError(f"no gzip: {error}", where=self.where) from None

    def _demand_bounded(self) -> None:
        most = self._limits.free_bytes + self._limits.ratio * self._packed_bytes
        if self.size_bytes > most:
            raise UndecidedError(
                f"{self._packed_bytes} bytes unpack to more than {most}", where=self.where,
                expected=f"at most {self._limits.ratio} times as much: this looks like a bomb",
            )  # fmt: skip
