"""Reads JSON that carries bytes as base64, without reading those long texts as text first.

A bundle is a statement in base64 and little else, and a statement is evidence in base64: to look
for what has to be escaped in it, to copy it, and to write it again takes longer than all the rest.
"""

from aigf_dvc.attestation.fields import from_base64
from aigf_dvc.canonical import CompactDecoder, Value, read_compact


def read_lifted(
    data: bytes, key: str, decoder: CompactDecoder[Value]
) -> tuple[Value, tuple[bytes, ...]] | None:
    """Return what JSON says and the bytes under a key, or None where it has not its compact form.

    Whatever text stands under that key in the value, anywhere, is the number of its bytes.

    Args:
        data: JSON in the form that tools write it in; no other is read here.
        key: under which it has base64, and no other text.
        decoder: says what the JSON without its base64 must be.
    """
    lifted = _lift(data, b'"%b":"' % key.encode())
    value = read_compact(lifted[0], decoder) if lifted is not None else None
    # Compact, so a key has one spelling: nothing is left under it that was not lifted.
    return (value, lifted[1]) if lifted is not None and value is not None else None


def _lift(data: bytes, mark: bytes) -> tuple[bytes, tuple[bytes, ...]] | None:
    """Put "0", "1" and so on in place of the base64 that follows each mark.

    Where the result is JSON, a mark is a key and never part of a text: its first quote is no
    escaped one, and if a text ended there, then the bare name of the key would follow.
    """
    rest, contents, at, view = list[bytes](), list[bytes](), 0, memoryview(data)
    while (found := data.find(mark, at)) >= 0:
        start = found + len(mark)
        end = data.find(b'"', start)
        text = str(view[start:end], "ascii", "replace")  # what is not ASCII is no base64 either
        content = from_base64(text) if end >= 0 else None
        if content is None or data[found - 1 : found] == b"\\":
            return None
        rest.append(b"%b%d" % (data[at:start], len(contents)))
        contents.append(content)
        at = end
    return b"".join((*rest, data[at:])), tuple(contents)
