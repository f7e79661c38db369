"""Signs statements with a key in memory as `--key` does with one in a file."""

from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import pae
from aigf_dvc.signing.key_kinds import PrivateKey
from aigf_dvc.signing.keys import signed_statement


def sign_statement(payload: bytes, key: PrivateKey) -> bytes:
    """Return a bundle with these very bytes, signed."""
    return signed_statement(payload, key_kinds.sign(key, pae(payload)), key.public_key())
