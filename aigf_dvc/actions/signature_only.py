"""Check a signature about a file, and nothing that is said of it."""

import os
from pathlib import Path

from aigf_dvc.attestation.signature_only import SignatureCheck
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.hashing.file_hashing import sha2_of
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.signing.bundle import split_bundles
from aigf_dvc.signing.open import AnySigner
from aigf_dvc.signing.signature_only import verify_signature_only


def check_signature(
    path: Path, bundles: bytes, *, signer: AnySigner, progress: Progress | None = None
) -> SignatureCheck:
    """Return the check of the first bundle that verifies, else of the one that got furthest.

    Args:
        path: a file.
        bundles: one Sigstore bundle, or several as JSON Lines.
        signer: who must have signed.
        progress: told of every byte that was read.

    Raises:
        InputError: there is no such file.
        UndecidedError: it cannot be read.
    """
    real = Path(os.path.realpath(path))  # the file that a loader would read
    if not real.is_file():
        raise InputError("no file", where=str(path), expected="the file that was signed")
    try:
        digests = sha2_of(real.parent, real.name, progress=progress)
    except OSError as error:
        raise UndecidedError(f"cannot be read: {error.strerror}", where=str(path)) from None
    checks = [
        verify_signature_only(bundle, digests=digests, signer=signer)
        for bundle in split_bundles(bundles)
    ]
    return max(checks, key=lambda check: (check.verified, len(check.steps)))
