"""Reads a bundle to show it: whatever wraps the statement, and who claims to have signed it.

What this accepts, verification may refuse: nothing here is believed.
"""

import json
from base64 import b64decode
from typing import Any

from msgspec import Struct

from aigf_dvc.errors import RefusedError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.signing.bundle import MAX_BYTES, Bundle, claimed_key, parse_bundle
from aigf_dvc.signing.identity import signing_identity

_OURS = lazy_pattern(r"[0-9a-f]{64}")


class ShownBundle(Struct, frozen=True, kw_only=True):
    """A statement, and what its wrapping says of the signer."""

    payload: bytes
    signer: str


def read_shown_bundle(data: bytes) -> ShownBundle:
    """Return what a Sigstore bundle or a DSSE envelope holds.

    Raises:
        RefusedError: it is neither.
    """
    try:
        bundle = parse_bundle(data)
    except RefusedError as error:
        payload = _payload(data)
        if payload is None:
            raise
        signer = f"in a form that `aigf verify` does not take: {error}"
        return ShownBundle(payload=payload, signer=signer)
    if bundle.certificate is None:
        return ShownBundle(payload=bundle.payload, signer=claimed_key(bundle) + _how(bundle))
    try:
        identity = signing_identity(data) or "nobody by name"
    except ValueError:  # bytes that are no certificate
        identity = "nobody: it cannot be read"
    return ShownBundle(
        payload=bundle.payload, signer=f"its certificate, not verified either, names {identity}"
    )


def _how(bundle: Bundle) -> str:
    """Return how people look up a hint in our form."""
    ours = _OURS.fullmatch(bundle.key_hint or "")
    return " (as `sha256sum` of its .pub file prints)" if ours else ""


def _payload(data: bytes) -> bytes | None:
    """Return the statement in an envelope of another form, or None."""
    if len(data) > MAX_BYTES:
        return None
    try:
        document: Any = json.loads(data)  # Any: whatever somebody wrote
        return b64decode(document.get("dsseEnvelope", document)["payload"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
