"""Finds the public half of the key that somebody signs with, so that their own lists count."""

import os

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.cli.signer_options import SignerOptions
from aigf_dvc.signing.list_signers import NamedKey


def own_key(signing: SignerOptions) -> tuple[NamedKey, ...]:
    """Return the signer's own key; none when it is in a token, or cannot be opened unasked.

    Raises:
        InputError: the file holds no private key, or the passphrase is wrong.
    """
    path = signing.key
    if path is None or signing.certificate is not None or ":" in str(path):
        return ()
    from aigf_dvc.signing.private_keys import is_encrypted, load_private_key

    pem = read_file(path)
    given = os.environ.get("AIGF_KEY_PASSPHRASE")
    if is_encrypted(pem) and given is None:
        return ()
    passphrase = given.encode() if is_encrypted(pem) and given is not None else None
    key = load_private_key(pem, passphrase, where=str(path)).public_key()
    return (NamedKey(name=str(path), key=key),)
