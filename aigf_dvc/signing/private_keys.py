"""Private keys: made and read.

ECDSA P-256, the default, is the one kind of key that all verifiers of Sigstore bundles accept.
"""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from aigf_dvc.errors import InputError
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.key_files import KINDS, PRIVATE, demand_label, told_kind
from aigf_dvc.signing.key_kinds import PrivateKey
from aigf_dvc.signing.public_form import public_pem

_EXPECTED = "a private key in PEM form"


def generate_key(passphrase: bytes | None, *, kind: str = key_kinds.DEFAULT) -> tuple[bytes, bytes]:
    """Return a new private key and its public key as PEM (PKCS #8 and SubjectPublicKeyInfo)."""
    if passphrase == b"":
        raise InputError("an empty passphrase", expected="a passphrase, or none at all")
    key = key_kinds.generate(kind)
    encryption = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
    return private, public_pem(key.public_key())


def is_encrypted(pem: bytes) -> bool:
    """Tell whether a private key needs a passphrase, by what its PEM says of itself."""
    return b"-----BEGIN ENCRYPTED" in pem or b"\nProc-Type: 4,ENCRYPTED" in pem


def load_private_key(pem: bytes, passphrase: bytes | None, *, where: str) -> PrivateKey:
    """Read a private key.

    Raises:
        InputError: the file holds none, or one of another kind, or the passphrase is wrong.
    """
    demand_label(pem, PRIVATE, where=where, expected=_EXPECTED)
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except TypeError:
        found = "the key has no passphrase, yet one was given" if passphrase else "no passphrase"
        expected = "" if passphrase else "the passphrase of the encrypted key"
        raise InputError(found, where=where, expected=expected) from None
    except (ValueError, UnsupportedAlgorithm):
        found = "the passphrase is wrong, or the file is damaged" if passphrase else "damaged PEM"
        raise InputError(found, where=where, expected=_EXPECTED) from None
    if not isinstance(key, PrivateKey) or key_kinds.kind_of(key) is None:
        raise InputError(told_kind(key), where=where, expected=KINDS)
    return key
