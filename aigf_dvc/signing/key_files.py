"""What a file with a key says of itself, and what people are told when it is another one."""

import re

from cryptography.hazmat.primitives.asymmetric import ec

from aigf_dvc.errors import InputError
from aigf_dvc.lazy_pattern import lazy_pattern

KINDS = "an ECDSA key on P-256 (which every verifier accepts), P-384 or P-521, or an Ed25519 key"
PUBLIC = ("PUBLIC KEY",)
PRIVATE = ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY")
_LABEL = lazy_pattern(rb"^-----BEGIN ([A-Z0-9 ]+)-----", re.MULTILINE)


def demand_label(pem: bytes, labels: tuple[str, ...], *, where: str, expected: str) -> None:
    """Demand a file of one PEM block, with one of some labels.

    Raises:
        InputError: it is something else.
    """
    if not pem.strip():
        raise InputError("an empty file", where=where, expected=expected)
    found = _LABEL.findall(pem)
    if not found:
        raise InputError("not a PEM file", where=where, expected=expected)
    if len(found) > 1:
        raise InputError(f"{len(found)} PEM blocks", where=where, expected=f"only {expected}")
    label = str(found[0], "ascii")
    if label not in labels:
        raise InputError(_described(label), where=where, expected=expected)


def told_kind(key: object) -> str:
    """Return the words for a key of any kind."""
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return f"an elliptic curve key on {key.curve.name}"
    name = type(key).__name__.removeprefix("_")
    return f"a key of the kind {name.removesuffix('PrivateKey').removesuffix('PublicKey')}"


def _described(label: str) -> str:
    kinds = {"PUBLIC KEY": "a public key", "CERTIFICATE": "a certificate"}
    if label in PRIVATE:
        return "a private key"
    return kinds.get(label, f"a PEM block {label!r}")
