"""A layer is unpacked in bounded memory, and its bytes are those of both of its digests."""

import gzip
import struct
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.images.manifest import Layer, Packing
from aigf_dvc.images.source import Limits
from aigf_dvc.images.unpack import Unpacked
from tests.images import builder
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


PACKED = pytest.mark.parametrize("packing", [Packing.GZIP, Packing.ZSTD])
SKIPPED = struct.pack("<II", 0x184D2A50, 5) + b"index"  # as zstd:chunked ends its layers


def pack(content: bytes, packing: Packing) -> bytes:
    return builder.pack(content, packing.value)


def test_a_plain_layer_is_read() -> None:
    assert unpack(CONTENT, layer_of(CONTENT, Packing.PLAIN)) == CONTENT


@PACKED
def test_packed_layers_and_those_of_several_members_are_unpacked(packing: Packing) -> None:
    for pieces in ((CONTENT,), (CONTENT[:7000], CONTENT[7000:]), (b"", CONTENT, b""), (b"",)):
        packed = b"".join(pack(piece, packing) for piece in pieces)
        content = b"".join(pieces)
        assert unpack(packed, layer_of(packed, packing), content) == content


def test_what_zstd_has_to_skip_is_skipped() -> None:
    packed = SKIPPED + pack(CONTENT, Packing.ZSTD) + SKIPPED
    assert unpack(packed, layer_of(packed, Packing.ZSTD)) == CONTENT


def test_progress_is_told_of_every_packed_byte() -> None:
    packed, told = gzip.compress(CONTENT), list[int]()
    for _ in Unpacked(layer_of(packed), chunks(packed), limits=Limits(), progress=told.append):
        pass
    assert sum(told) == len(packed)


@PACKED
def test_what_is_not_wholly_packed_so_is_undecided(packing: Packing) -> None:
    packed = pack(CONTENT, packing)
    for data, says in (
        (b"not packed at all", "cannot be unpacked"),
        (packed[:-20], "breaks off"),
        (packed[:-1], "breaks off"),
        (packed + b"rest", "breaks off|cannot be unpacked"),
        (packed + b"and more of it", "cannot be unpacked"),
        (zlib.compress(CONTENT), "cannot be unpacked"),
        (packed[:-9] + bytes(9), "cannot be unpacked|breaks off"),
    ):
        with pytest.raises(UndecidedError, match=says):
            unpack(data, layer_of(data, packing))


def test_a_layer_packed_otherwise_than_it_says_is_undecided() -> None:
    for packing, other in ((Packing.GZIP, Packing.ZSTD), (Packing.ZSTD, Packing.GZIP)):
        packed = pack(CONTENT, packing)
        with pytest.raises(UndecidedError, match="cannot be unpacked"):
            unpack(packed, layer_of(packed, other))


def test_zstd_that_wants_much_memory_is_undecided() -> None:
    window = (31 - 10) << 3  # of 2 GiB, as `zstd --ultra --long=31` writes
    packed = bytes([0x28, 0xB5, 0x2F, 0xFD, 0, window]) + bytes(20)
    with pytest.raises(UndecidedError, match="too much memory"):
        unpack(packed, layer_of(packed, Packing.ZSTD))


@PACKED
def test_ever_more_members_that_hold_nothing_are_undecided(packing: Packing) -> None:
    packed = pack(b"", packing) * 51
    for most, is_enough in ((51, True), (50, False)):
        limits = replace(Limits(), members=most)
        unpacked = Unpacked(layer_of(packed, packing), chunks(packed), limits=limits, progress=None)
        if is_enough:
            assert b"".join(unpacked) == b""
        else:
            with pytest.raises(UndecidedError, match="more than 50 packed pieces"):
                list(unpacked)


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


@PACKED
def test_a_bomb_is_undecided_and_fills_no_memory(packing: Packing) -> None:
    bomb = pack(b"\0" * (24 << 20), packing)
    limits = replace(Limits(), free_bytes=4 << 20)
    tracemalloc.start()
    try:
        unpacked = Unpacked(layer_of(bomb, packing), chunks(bomb), limits=limits, progress=None)
        with pytest.raises(UndecidedError, match="looks like a bomb"):
            for _ in unpacked:
                pass
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    assert unpacked.size_bytes < 12 << 20
