"""Reads the tar of a layer strictly: what two programs could read differently is not read at all.

Container runtimes read layers with Go's archive/tar or with GNU tar. Every form on which these and
this reader could disagree is undecided, so what is found here is what a container will see.

See: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06
See: https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md
"""

import hashlib
from collections.abc import Iterable, Iterator
from enum import Enum, unique

from msgspec import Struct

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.lazy_pattern import lazy_pattern

_BLOCK = 512
_MOST_EXTRA = 1 << 20  # bytes of an extended header
_MOST_NAME, _MOST_PART = 4096, 255  # bytes, as Linux has it
_OCTAL = lazy_pattern(rb"[0-7]+\Z")
_RECORD = lazy_pattern(rb"([1-9][0-9]{0,7}) ")
_SUM = slice(148, 156)
_BASE_256 = 0x80  # begins GNU's form of numbers, for sizes past 8 GiB
_USTAR, _GNU, _V7 = b"ustar\x0000", b"ustar  \x00", b"\0" * 8


@unique
class EntryKind(Enum):
    """What an entry of a layer makes."""

    FILE = b"0"
    HARD_LINK = b"1"
    SYMLINK = b"2"
    CHARACTER_DEVICE = b"3"
    BLOCK_DEVICE = b"4"
    DIRECTORY = b"5"
    PIPE = b"6"


_KINDS = {kind.value: kind for kind in EntryKind} | {b"\0": EntryKind.FILE}
_PAX, _PAX_FOR_ALL, _LONG_NAME, _LONG_LINK = b"x", b"g", b"L", b"K"
_EXTRA = (_PAX, _PAX_FOR_ALL, _LONG_NAME, _LONG_LINK)
_PAX_NAMES = (b"path", b"linkpath", b"size")


class Entry(Struct, frozen=True, kw_only=True):
    """One entry of a layer."""

    path: tuple[str, ...]  # its parts, from the image's root; empty: the root itself
    kind: EntryKind
    target: str = ""  # of a link, as it is written
    sha256: Sha256 | None = None  # of a file


class _Bytes:
    """Takes bytes from chunks, as many as are asked for."""

    def __init__(self, chunks: Iterable[bytes], where: str) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")
        self.where = where

    def take(self, size: int) -> bytes:
        """Return so many bytes, fewer only at the end."""
        return b"".join(self.parts(size))

    def parts(self, size: int) -> Iterator[memoryview]:
        """Yield so many bytes in parts, fewer only at the end."""
        while size:
            if not self._rest:
                following = next(self._chunks, None)
                if following is None:
                    return
                self._rest = memoryview(following)
            part, self._rest = self._rest[:size], self._rest[size:]
            size -= len(part)
            yield part

    def exactly(self, size: int) -> bytes:
        """Return so many bytes, and pass over what fills up their last block."""
        padded = self.take(size + -size % _BLOCK)
        if len(padded) < size + -size % _BLOCK:
            raise self.broken("the tar breaks off")
        return padded[:size]

    def hashed(self, size: int) -> Sha256:
        """Return the SHA-256 of so many bytes, and pass over what fills up their last block."""
        digest, found = hashlib.sha256(), 0
        for part in self.parts(size):
            digest.update(part)
            found += len(part)
        if found < size or len(self.take(-size % _BLOCK)) < -size % _BLOCK:
            raise self.broken("the tar breaks off")
        return Sha256(digest.hexdigest())

    def drain(self) -> None:
        """Read on to the end: what is after a tar counts for the digest only."""
        self._rest = memoryview(b"")
        for _ in self._chunks:
            pass

    def broken(self, found: str) -> UndecidedError:
        """Return the error for a tar that is not read."""
        return UndecidedError(
            found, where=self.where, expected="a tar that every program reads alike"
        )


def read_entries(chunks: Iterable[bytes], where: str) -> Iterator[Entry]:
    """Yield the entries of a layer, in their order; all of its bytes are read.

    Raises:
        UndecidedError: something that programs read differently, or that breaks off.
    """
    data = _Bytes(chunks, where)
    extra: dict[bytes, bytes] = {}
    while block := data.take(_BLOCK):
        if len(block) < _BLOCK:
            raise data.broken("the tar breaks off")
        if not any(block):
            _expect_end(data)
            break
        kind, size = _kind_and_size(block, data)
        if kind in _EXTRA:
            _read_extra(kind, size, data, extra)
            continue
        yield _entry(block, size, data, extra)
        extra = {}
    if extra:
        raise data.broken("an extended header without an entry")
    data.drain()


def _expect_end(data: _Bytes) -> None:
    following = data.take(_BLOCK)
    if following.strip(b"\0"):
        raise data.broken("one empty block amid entries")


def _kind_and_size(block: bytes, data: _Bytes) -> tuple[bytes, int]:
    stated = _octal(block[_SUM], data)
    if stated != sum(block) - sum(block[_SUM]) + 8 * ord(" "):
        raise data.broken("a header with a wrong checksum")
    magic = block[257:265]
    if magic not in (_USTAR, _GNU, _V7) or block[508:512] == b"tar\0":
        raise data.broken(f"a header of the unknown format {magic!r:.40}")
    return block[156:157], _number(block[124:136], data)


def _number(field: bytes, data: _Bytes) -> int:
    if field[0] == _BASE_256:
        return int.from_bytes(field[1:])
    return _octal(field, data)


def _octal(field: bytes, data: _Bytes) -> int:
    digits = field.strip(b" \0")
    if not digits:
        return 0
    if not _OCTAL.match(digits):
        raise data.broken(f"the number {field!r:.60}")
    return int(digits, 8)


def _read_extra(kind: bytes, size: int, data: _Bytes, extra: dict[bytes, bytes]) -> None:
    """Read an extended header for the entry that follows."""
    if size > _MOST_EXTRA:
        raise data.broken(f"an extended header of {size} bytes")
    content = data.exactly(size)
    match kind:
        case b"L" | b"K":
            found = {b"path" if kind == _LONG_NAME else b"linkpath": content.rstrip(b"\0")}
        case b"x":
            found = _pax(content, data)
        case _:
            return  # Go's reader applies no header that is for all
    if extra.keys() & found.keys() or b"" in found.values():
        raise data.broken("two names or sizes for one entry")
    extra |= found


def _pax(content: bytes, data: _Bytes) -> dict[bytes, bytes]:
    """Return the records of an extended header that say where an entry is and how large."""
    found: dict[bytes, bytes] = {}
    while content:
        match = _RECORD.match(content)
        length = int(match[1]) if match else 0
        record = content[match.end() : length] if match else b""
        key, equals, value = record.partition(b"=")
        if not (equals and key and value.endswith(b"\n")) or length > len(content):
            raise data.broken("an extended header with a damaged record")
        if key.startswith(b"GNU.sparse"):
            raise data.broken("a file with holes")
        if key in _PAX_NAMES:
            if key in found:
                raise data.broken("two names or sizes for one entry")
            found[key] = value[:-1]
        content = content[length:]
    return found


def _entry(block: bytes, size: int, data: _Bytes, extra: dict[bytes, bytes]) -> Entry:
    kind = _KINDS.get(block[156:157])
    if kind is None:
        raise data.broken(f"an entry of the kind {block[156:157]!r}")
    if b"size" in extra:
        if not extra[b"size"].isdigit():
            raise data.broken(f"the size {extra[b'size']!r:.60}")
        size = int(extra[b"size"])
    name = extra.get(b"path", _header_name(block))
    target = extra.get(b"linkpath", _text(block[157:257]))
    if b"\0" in name + target or (kind is EntryKind.FILE and name.endswith(b"/")):
        raise data.broken(f"the name {name!r:.100}")
    if kind is not EntryKind.FILE and size:
        raise data.broken(f"{name!r:.100} has bytes, and is no file")
    return Entry(
        path=parts_of(name, data.where),
        kind=kind,
        target=target.decode(errors="surrogateescape"),
        sha256=data.hashed(size) if kind is EntryKind.FILE else None,
    )


def _header_name(block: bytes) -> bytes:
    name, prefix = _text(block[:100]), _text(block[345:500])
    return prefix + b"/" + name if prefix and block[257:265] == _USTAR else name


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def parts_of(name: bytes, where: str) -> tuple[str, ...]:
    """Return the parts of a path from the image's root.

    Raises:
        UndecidedError: it leads upwards, or is longer than Linux lets it be.
    """
    parts = [part for part in name.split(b"/") if part not in (b"", b".")]
    if b".." in parts:
        raise UndecidedError(
            f"the path {name!r:.100} leads upwards", where=where, expected="paths inside the image"
        )
    if len(name) > _MOST_NAME or any(len(part) > _MOST_PART for part in parts):
        raise UndecidedError(
            f"the path {name!r:.60}... of {len(name)} bytes", where=where,
            expected=f"at most {_MOST_NAME} bytes, {_MOST_PART} a part",
        )  # fmt: skip
    return tuple(part.decode(errors="surrogateescape") for part in parts)
