"""Reads JSON that carries bytes as base64, without reading those long texts as text first.

A bundle is a statement in base64 and little else, and a statement is evidence in base64: to look
for what has to be escaped in it, to copy it, and to write it again takes longer than all the rest.
"""

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from msgspec import Struct

from aigf_dvc.attestation.fields import from_base64
from aigf_dvc.canonical import CompactDecoder, Value, read_compact
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.once import once

Content = TypeVar("Content")
Decode: TypeAlias = Callable[[bytes, int], tuple[Content, int] | None]
"""Returns what base64 in some bytes says, from a place to the next quote, and where that stands."""


def read_lifted(
    data: bytes, key: str, decoder: CompactDecoder[Value], decode: Decode[Content]
) -> tuple[Value, tuple[Content, ...]] | None:
    """Return what JSON says and the contents under a key, or None where it has another form.

    Whatever text stands under that key in the value, anywhere, is the number of its content.

    Args:
        data: JSON in the compact form that tools write it in; no other is read here.
        key: under which it has base64, and no other text.
        decoder: says what the JSON without its base64 must be.
        decode: reads the base64.
    """
    lifted = lift(data, key, decode)
    value = read_compact(lifted[0], decoder) if lifted is not None else None
    # Compact, so a key has one spelling: nothing is left under it that was not lifted.
    return (value, lifted[1]) if lifted is not None and value is not None else None


def lift(
    data: bytes, key: str, decode: Decode[Content]
) -> tuple[bytes, tuple[Content, ...]] | None:
    """Put "0", "1" and so on in place of the base64 under a key; None where that is no base64.

    Where the result is JSON, what stood before the base64 is a key and never part of a text: its
    first quote is no escaped one, and if a text ended there, then the bare name would follow.
    """
    mark = b'"%b":"' % key.encode()
    rest, contents, at = list[bytes](), list[Content](), 0
    while (found := data.find(mark, at)) >= 0:
        start = found + len(mark)
        content = decode(data, start)
        if content is None or data[found - 1 : found] == b"\\":
            return None
        rest += (data[at:start], b"%d" % len(contents))
        contents.append(content[0])
        at = content[1]
    return b"".join((*rest, data[at:])), tuple(contents)


def plainly(data: bytes, start: int) -> tuple[bytes, int] | None:
    """Decode base64 that stands in some bytes; a Decode."""
    end = data.find(b'"', start)
    content = from_base64(memoryview(data)[start:end]) if end >= 0 else None
    return (content, end) if content is not None else None


class Evidence(Struct, frozen=True, dict=True):
    """Bytes that a statement carries."""

    content: bytes
    digits: bytes  # that stood for them, and the quote that ended these

    @once
    def sha256(self) -> Sha256:
        """The SHA-256 of the bytes."""
        return sha256(self.content)


class Recalling:
    """Decodes the base64 of one text, and knows again what stood in the one before; a Decode.

    All that attests one model carries much the same evidence: to compare it takes a tenth of the
    time.

    Args:
        before: the contents of the text before, in their order.
    """

    def __init__(self, before: tuple[Evidence, ...]) -> None:
        self._before = iter(before)

    def __call__(self, data: bytes, start: int) -> tuple[Evidence, int] | None:
        """Return the content that starts there, and where it ends."""
        same = next(self._before, None)
        if same is not None and data.startswith(same.digits, start):
            return same, start + len(same.digits) - 1
        found = plainly(data, start)
        if found is None:
            return None
        content, end = found
        return Evidence(content, data[start : end + 1]), end
