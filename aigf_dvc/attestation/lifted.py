"""Reads JSON that carries bytes as base64, without reading those long texts as text first.

A bundle is a statement in base64 and little else, and a statement is evidence in base64: to look
for what has to be escaped in it, to copy it, and to write it again takes longer than all the rest.
"""

from collections.abc import Sequence

from msgspec import Struct

from aigf_dvc.attestation.fields import from_base64
from aigf_dvc.canonical import CompactDecoder, Value, read_compact
from aigf_dvc.digests import Sha256, sha256

_BACKSLASH = ord("\\")


class Lifted(Struct, frozen=True, gc=False):
    """Bytes that stood in a text as base64."""

    content: bytes
    sha256: Sha256  # of these
    digits: memoryview  # the base64, and the quote that ended it, in their text


def read_lifted(
    data: bytes, key: str, decoder: CompactDecoder[Value], *, before: Sequence[Lifted] = ()
) -> tuple[Value, tuple[Lifted, ...]] | None:
    """Return what JSON says and the bytes under a key, or None where it has another form.

    Whatever text stands under that key in the value, anywhere, is the number of its bytes.

    Args:
        data: JSON in the compact form that tools write it in; no other is read here.
        key: under which it has base64, and no other text.
        decoder: says what the JSON without its base64 must be.
        before: what stood in the text before this one. All that attests one model carries much
            the same evidence: to see that takes a tenth of the time of decoding it.
    """
    lifted = _lift(data, b'"%b":"' % key.encode(), before)
    value = read_compact(lifted[0], decoder) if lifted is not None else None
    # Compact, so a key has one spelling: nothing is left under it that was not lifted.
    return (value, lifted[1]) if lifted is not None and value is not None else None


def _lift(
    data: bytes, mark: bytes, before: Sequence[Lifted]
) -> tuple[bytes, tuple[Lifted, ...]] | None:
    """Put "0", "1" and so on in place of the base64 that follows each mark.

    Where the result is JSON, a mark is a key and never part of a text: its first quote is no
    escaped one, and if a text ended there, then the bare name of the key would follow.
    """
    rest, contents, known, at = list[bytes](), list[Lifted](), iter(before), 0
    while (place := data.find(mark, at)) >= 0:
        start = place + len(mark)
        found = next(known, None)
        if found is None or not data.startswith(found.digits, start):
            found = _decoded(data, start)
        if found is None or data[place - 1] == _BACKSLASH:
            return None
        rest += (data[at:start], b"%d" % len(contents))
        contents.append(found)
        at = start + len(found.digits) - 1
    return b"".join((*rest, data[at:])), tuple(contents)


def _decoded(data: bytes, start: int) -> Lifted | None:
    """Return what base64 says that stands from a place to the next quote."""
    end = data.find(b'"', start)
    view = memoryview(data)
    content = from_base64(view[start:end]) if end >= 0 else None
    if content is None:
        return None
    return Lifted(content, sha256(content), view[start : end + 1])
