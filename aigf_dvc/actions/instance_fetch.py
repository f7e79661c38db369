"""Fetch the trust material of a Sigstore instance."""

from pathlib import Path

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.signing.instance import fetch_trust_config


def fetch_instance(url: str, *, root: Path | None, output: Path) -> None:
    """Write the ClientTrustConfig of an instance: whom to trust, and where to sign.

    Args:
        url: of the instance's TUF repository.
        root: the `root.json` to begin with; None when this machine has begun before.
        output: where to write it; verifications then need no network.

    Raises:
        InputError: no URL, or no root to begin with.
        UndecidedError: the instance does not answer, or not with what TUF accepts.
    """
    write_atomically(output, fetch_trust_config(url, root))
