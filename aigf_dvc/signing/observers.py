"""Whom a judge trusts to observe, and the run records that they signed."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from aigf_dvc.attestation.observation import SignedRecord
from aigf_dvc.attestation.run_statement import RUN_RECORD, read_run_statement
from aigf_dvc.attestation.speaking import refuse_run
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.open import AnySigner, verify_signature
from aigf_dvc.signing.signature import VerifiedSignature
from aigf_dvc.signing.trusted import TrustedSigner, tried


class TrustedObservers(Struct, frozen=True, kw_only=True):
    """Those whom a trust file lets observe."""

    lines: tuple[TrustedSigner, ...]
    today: date


Observer = AnySigner | TrustedObservers


def verify_run(bundle_bytes: bytes, observers: Sequence[Observer]) -> SignedRecord:
    """Return the run record in a bundle that one of the observers signed.

    Raises:
        RefusedError: none of them signed it, or what was signed is no statement about a run.
        InputError: a trusted root cannot be read.
    """
    for observer in observers:
        if isinstance(observer, TrustedObservers):
            return _by_trust(bundle_bytes, observer)
        try:
            signature = verify_signature(bundle_bytes, observer)
        except RefusedError:
            continue
        record = read_run_statement(signature.payload)
        return SignedRecord(record=record, observer=signature.signer.name)
    raise RefusedError("its run record is signed by nobody who is trusted to observe")


def _by_trust(bundle_bytes: bytes, observers: TrustedObservers) -> SignedRecord:
    """Return the record of a run that somebody signed whom the trust file lets observe it."""
    reasons = []
    for trusted, found in tried(parse_bundle(bundle_bytes), observers.lines):
        if not isinstance(found, VerifiedSignature):
            continue
        record = read_run_statement(found.payload)
        line = trusted.line
        try:
            refuse_run(line, RUN_RECORD, found.signer, record.ended, observers.today)
        except RefusedError as error:
            reasons.append(str(error))
        else:
            return SignedRecord(record=record, observer=f"{line.owner} ({found.signer.name})")
    nobody = "its run record is signed by nobody whom the trust file lets observe"
    raise RefusedError("; ".join([nobody, *reasons]))
