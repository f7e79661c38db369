"""Whom a judge trusts to observe, and the run records that they signed."""

from collections.abc import Sequence

from aigf_dvc.attestation.observation import SignedRecord
from aigf_dvc.attestation.run_statement import read_run_statement
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.open import AnySigner, verify_signature

Observer = AnySigner


def verify_run(bundle_bytes: bytes, observers: Sequence[Observer]) -> SignedRecord:
    """Return the run record in a bundle that one of the observers signed.

    Raises:
        RefusedError: none of them signed it, or what was signed is no statement about a run.
        InputError: a trusted root cannot be read.
    """
    for observer in observers:
        try:
            signature = verify_signature(bundle_bytes, observer)
        except RefusedError:
            continue
        record = read_run_statement(signature.payload)
        return SignedRecord(record=record, observer=signature.signer.name)
    raise RefusedError("its run record is signed by nobody who is trusted to observe")
