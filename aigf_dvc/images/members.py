"""Unpacks gzip and zstd as they come, member by member; the home of Python's zstd.

A zstd frame gets the 128 MiB of memory that zstd itself grants when nobody says more.

See: https://www.rfc-editor.org/rfc/rfc1952 and https://www.rfc-editor.org/rfc/rfc8878
"""

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from aigf_dvc.errors import UndecidedError

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError
else:  # the same code
    from backports.zstd import ZstdDecompressor, ZstdError

_CHUNK = 1 << 20  # bytes
_GZIP = 31  # zlib's word for: a gzip header, and the largest window


class _Source(Protocol):
    """What unpacks one member."""

    @property
    def eof(self) -> bool:
        """Whether all of it was unpacked."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What was given and stands behind its end."""
        ...


class Member(NamedTuple):
    """One gzip member or zstd frame; a layer may have many, one after the other."""

    source: _Source
    unpack: Callable[[bytes], Iterator[bytes]]  # in chunks of bounded size; ValueError: no such


def gzip_member() -> Member:
    """Begin a gzip member."""
    source = zlib.decompressobj(_GZIP)

    def unpack(data: bytes) -> Iterator[bytes]:
        is_more = True
        while is_more:
            try:
                found = source.decompress(data, _CHUNK)
            except zlib.error as error:
                raise ValueError(str(error)) from None
            yield found
            data = source.unconsumed_tail
            is_more = not source.eof and (bool(data) or len(found) == _CHUNK)

    return Member(source, unpack)


def zstd_frame() -> Member:
    """Begin a zstd frame; one to be skipped unpacks to nothing."""
    source = ZstdDecompressor()

    def unpack(data: bytes) -> Iterator[bytes]:
        is_more = True
        while is_more:
            try:
                yield source.decompress(data, _CHUNK)
            except ZstdError as error:
                raise ValueError(str(error)) from None
            data = b""
            is_more = not (source.eof or source.needs_input)

    return Member(source, unpack)


def unpack_members(
    packed: Iterator[bytes], begin: Callable[[], Member], *, where: str, most: int
) -> Iterator[bytes]:
    """Yield the unpacked bytes of every member.

    Args:
        packed: the bytes of all.
        begin: makes a member of the kind that they are.
        where: for messages.
        most: how many there may be: even one that holds nothing costs time.

    Raises:
        UndecidedError: they are no whole members, or too many.
    """
    member: Member | None = None
    count = 0
    for chunk in packed:
        rest = chunk
        while rest:
            if member is None:
                member, count = begin(), count + 1
            if count > most:
                raise UndecidedError(f"more than {most} packed pieces", where=where)
            try:
                yield from member.unpack(rest)
            except ValueError as error:
                raise UndecidedError(f"it cannot be unpacked: {error}", where=where) from None
            rest = member.source.unused_data
            member = None if member.source.eof else member
    if member is not None:
        raise UndecidedError("what is packed breaks off", where=where, expected="a whole layer")
