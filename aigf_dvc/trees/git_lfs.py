"""What git keeps in place of a file under git LFS.

Source: git-lfs/docs/spec.md, "The Pointer".
"""

import hashlib
from typing import BinaryIO

from aigf_dvc.digests import Sha256
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.trees.snapshot import CHUNK

_LONGEST = 1024  # bytes
_POINTER = lazy_pattern(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*"
    rb"oid sha256:(?P<oid>[0-9a-f]{64})\nsize (?P<size>[0-9]{1,18})\n\Z"
)


def pointer_of(file: BinaryIO) -> bytes:
    """Return the pointer that git has of a file; a pointer in its place stays what it is."""
    whole, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        whole.update(chunk)
        size += len(chunk)
    if size <= _LONGEST:
        file.seek(0)
        data = file.read()
        if not data or _POINTER.match(data):  # empty files have no pointer
            return data
    lines = (
        "version https://git-lfs.github.com/spec/v1",
        f"oid sha256:{whole.hexdigest()}",
        f"size {size}",
        "",
    )
    return "\n".join(lines).encode()


def read_pointer(data: bytes) -> tuple[Sha256, int] | None:
    """Return the SHA-256 and the size in bytes that a pointer names; None: it is no pointer."""
    match = _POINTER.match(data) if len(data) <= _LONGEST else None
    return (Sha256(match["oid"].decode()), int(match["size"])) if match else None
