"""Proofs of a transparency log: that an entry is in a tree, and that the log signed that tree.

See: RFC 9162, section 2.1; https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md
"""

import hashlib
from base64 import b64decode
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from msgspec import Struct

from aigf_dvc.errors import RefusedError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.key_kinds import PublicKey

_SIGNATURE = lazy_pattern(r"\N{EM DASH} \S+ ([A-Za-z0-9+/]+={0,2})")
_KEY_ID_BYTES = 4
_WHERE = "log entry"


class Inclusion(Struct, frozen=True, kw_only=True):
    """Where an entry stands in a tree, and the hashes that lead from it to the tree's root."""

    index: int
    tree_size: int
    root: bytes
    path: Sequence[bytes]


def verify_inclusion(entry: bytes, inclusion: Inclusion) -> None:
    """Verify that an entry is in a tree.

    Raises:
        RefusedError: the hashes lead to another root.

    Source: RFC 9162, section 2.1.3.2.
    """
    place, last = inclusion.index, inclusion.tree_size - 1
    if not 0 <= place <= last:
        raise RefusedError(f"place {place} in a tree of {last + 1}", where=_WHERE)
    found = hashlib.sha256(b"\x00" + entry).digest()
    for step in inclusion.path:
        if last == 0:
            raise RefusedError("its proof of inclusion is too long", where=_WHERE)
        if place & 1 or place == last:
            found = hashlib.sha256(b"\x01" + step + found).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + step).digest()
        place, last = place >> 1, last >> 1
    if last != 0 or found != inclusion.root:
        raise RefusedError("its proof of inclusion leads to another tree", where=_WHERE)


def verify_checkpoint(text: str, inclusion: Inclusion, *, key: PublicKey, log_id: bytes) -> None:
    """Verify that a log signed a tree: its size and its root.

    Raises:
        RefusedError: it signed another tree, or did not sign.
    """
    note, blank, signatures = text.partition("\n\n")
    lines = note.split("\n")
    tree = [str(inclusion.tree_size), inclusion.root]
    try:
        signed = [lines[1], b64decode(lines[2], validate=True)]
    except (IndexError, ValueError):
        raise RefusedError("no checkpoint", where=_WHERE, expected="a signed note") from None
    if not blank or signed != tree:
        raise RefusedError("the checkpoint is of another tree than the proof", where=_WHERE)
    for line in signatures.splitlines():
        match = _SIGNATURE.fullmatch(line)
        raw = b64decode(match[1]) if match is not None and len(match[1]) % 4 == 0 else b""
        if raw[:_KEY_ID_BYTES] == log_id[:_KEY_ID_BYTES] and is_signed(
            f"{note}\n".encode(), raw[_KEY_ID_BYTES:], key
        ):
            return
    raise RefusedError("the log did not sign the checkpoint", where=_WHERE)


def is_signed(message: bytes, signature: bytes, key: PublicKey) -> bool:
    """Tell whether a key signed a message."""
    try:
        key_kinds.verify(key, signature, message)
    except InvalidSignature:
        return False
    return True
