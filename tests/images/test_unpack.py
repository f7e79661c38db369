"""A layer is unpacked in bounded memory, and its bytes are those of both of its digests."""

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.images.manifest import Layer, Packing
from aigf_dvc.images.source import Limits
from aigf_dvc.images.unpack import Unpacked
from tests.images.builder import digest_of

CONTENT = bytes(range(256)) * 5000


def layer_of(packed: bytes, packing: Packing = Packing.GZIP) -> Layer:
    return Layer(digest=digest_of(packed), size_bytes=len(packed), packing=packing)


def chunks(data: bytes, step: int = 999) -> Iterator[bytes]:
    return (data[at : at + step] for at in range(0, len(data), step))


def unpack(packed: bytes, layer: Layer | None = None, content: bytes = CONTENT) -> bytes:
    layer = layer or layer_of(packed)
    unpacked = Unpacked(layer, chunks(packed), limits=Limits(), progress=None)
    data = b"".join(unpacked)
    unpacked.finish(digest_of(content))
    return data


def test_plain_and_packed_layers_and_those_of_several_members_are_unpacked() -> None:
    assert unpack(CONTENT, layer_of(CONTENT, Packing.PLAIN)) == CONTENT
    assert unpack(gzip.compress(CONTENT)) == CONTENT
    assert unpack(gzip.compress(CONTENT[:7000]) + gzip.compress(CONTENT[7000:])) == CONTENT
    assert unpack(gzip.compress(b""), content=b"") == b""


def test_progress_is_told_of_every_packed_byte() -> None:
    packed, told = gzip.compress(CONTENT), list[int]()
    for _ in Unpacked(layer_of(packed), chunks(packed), limits=Limits(), progress=told.append):
        pass
    assert sum(told) == len(packed)


@pytest.mark.parametrize(
    ("packed", "says"),
    [
        (b"no gzip at all", "no gzip"),
        (gzip.compress(CONTENT)[:-20], "breaks off"),
        (gzip.compress(CONTENT)[:-9], "breaks off"),
        (gzip.compress(CONTENT) + b"rest", "no gzip"),
        (zlib.compress(CONTENT), "no gzip"),
    ],
)
def test_what_is_no_whole_gzip_is_undecided(packed: bytes, says: str) -> None:
    with pytest.raises(UndecidedError, match=says):
        unpack(packed)


def test_zstd_is_said_to_be_unknown() -> None:
    with pytest.raises(UndecidedError, match="zstd") as error:
        unpack(b"x", layer_of(b"x", Packing.ZSTD))
    assert "compression=gzip" in error.value.hint


def test_bytes_of_another_digest_or_size_are_refused() -> None:
    packed = gzip.compress(CONTENT)
    right = layer_of(packed)
    with pytest.raises(RefusedError, match="that the manifest names"):
        unpack(packed, replace(right, digest=digest_of(b"other")))
    with pytest.raises(RefusedError, match="that the manifest names"):
        unpack(packed, replace(right, size_bytes=len(packed) + 1))
    with pytest.raises(RefusedError, match="more bytes than the manifest says"):
        unpack(packed, replace(right, size_bytes=len(packed) - 1))
    with pytest.raises(RefusedError, match="configuration names"):
        unpack(packed, content=b"other")


def test_a_bomb_is_undecided_and_fills_no_memory() -> None:
    bomb = gzip.compress(b"\0" * (24 << 20))
    limits = replace(Limits(), free_bytes=4 << 20)
    tracemalloc.start()
    try:
        unpacked = Unpacked(layer_of(bomb), chunks(bomb), limits=limits, progress=None)
        with pytest.raises(UndecidedError, match="looks like a bomb"):
            for _ in unpacked:
                pass
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    assert unpacked.size_bytes < 12 << 20
