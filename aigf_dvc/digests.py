"""Digests: the forms that we accept, and the ones that DVC and in-toto define; pure functions."""

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum, unique
from typing import NewType

from aigf_dvc.lazy_pattern import lazy_pattern

Sha256 = NewType("Sha256", str)
"""64 lower-case hexadecimal digits."""


@unique
class Sha2(StrEnum):
    """The digests that signatures and in-toto statements use, by their in-toto names."""

    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"

    @property
    def size_bytes(self) -> int:
        """Return how long such a digest is."""
        return int(self.removeprefix("sha")) // 8


DVC_2_BLOCK = 1 << 20  # bytes
_SHA256 = lazy_pattern(r"[0-9a-f]{64}\Z")
_TEXT_BYTES = bytes(range(32, 127)) + b"\n\r\t\f\b"


def as_sha256(text: object) -> Sha256 | None:
    """Return the text as a SHA-256 digest, or None when it has another form."""
    return Sha256(text) if isinstance(text, str) and _SHA256.match(text) else None


def sha256(data: bytes | memoryview) -> Sha256:
    """Return the SHA-256 of some bytes."""
    return Sha256(hashlib.sha256(data).hexdigest())


def md5(data: bytes) -> str:
    """Return the MD5 of some bytes: DVC's name for them, never a proof."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def md5_dos2unix(data: bytes) -> str:
    """Return DVC 2's MD5: of the text with LF line ends, or of the bytes when they are not text."""
    return md5_dos2unix_of(data[at : at + DVC_2_BLOCK] for at in range(0, len(data), DVC_2_BLOCK))


def md5_dos2unix_of(blocks: Iterable[bytes]) -> str:
    """Return DVC 2's MD5 of a file.

    Args:
        blocks: the bytes, `DVC_2_BLOCK` at a time: a line end that two of them share stays.

    Source: dvc_data.hashfile.istextfile: text has no NUL and at most 30 % other control or
    8-bit bytes in its first 512 bytes; dvc_data.hashfile.hash: blocks of 1 MiB.
    """
    whole = hashlib.md5(usedforsecurity=False)
    is_text: bool | None = None
    for block in blocks:
        if is_text is None:
            head = block[:512]
            is_text = b"\0" not in head and len(head.translate(None, _TEXT_BYTES)) <= 0.30 * len(
                head
            )
        whole.update(block.replace(b"\r\n", b"\n") if is_text else block)
    return whole.hexdigest()


def dvc_directory(files: Iterable[tuple[str, str]]) -> str:
    """Return DVC's hash of a directory, ending in `.dir`.

    Args:
        files: (path relative to the directory, MD5) of each file, in any order.

    Source: dvc_data.hashfile.tree.Tree.as_bytes.
    """
    listing = [{"md5": value, "relpath": path} for path, value in sorted(files)]
    return md5(json.dumps(listing, sort_keys=True).encode()) + ".dir"


def tree_digest(files: Iterable[tuple[bytes, Sha256]]) -> Sha256:
    """Return the digest of a set of files: SHA-256 over the sorted lines `sha256  path`.

    Args:
        files: (path as raw bytes, SHA-256 of the content) of each file, in any order.

    Source: in-toto digest set, `dirHash`, as golang.org/x/mod/sumdb/dirhash Hash1 in hexadecimal.
    """
    whole = hashlib.sha256()
    for path, value in sorted(files):
        whole.update(value.encode() + b"  " + path + b"\n")
    return Sha256(whole.hexdigest())
