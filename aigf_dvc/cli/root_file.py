"""Reads the file of a Sigstore instance that a caller trusts; what is wrong with it names it."""

from pathlib import Path

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.signing.open import demand_root


def read_root(path: Path | None, *, keyless: bool = True) -> bytes | None:
    """Return a trusted root, or None: the public one is trusted.

    Args:
        path: the file.
        keyless: whether identities are held to it; a key's signature needs its logs alone.

    Raises:
        InputError: it cannot be read, or is no trusted root.
    """
    if path is None:
        return None
    data = read_file(path)
    demand_root(data, where=str(path), keyless=keyless)
    return data
