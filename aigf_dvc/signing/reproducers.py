"""Whom a judge trusts to run pipelines again, and the records of clean runs that they signed."""

from collections.abc import Callable, Iterable
from datetime import date

from msgspec import Struct

from aigf_dvc.attestation.reproduction_statement import REPRODUCTION, read_reproduction_statement
from aigf_dvc.attestation.signed_reproduction import SignedReproduction
from aigf_dvc.attestation.speaking import refuse_run
from aigf_dvc.attestation.verification import SignerFacts
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.signature import VerifiedSignature
from aigf_dvc.signing.trusted import TrustedSigner, tried


class TrustedReproducers(Struct, frozen=True, kw_only=True):
    """Those whom a trust file lets reproduce."""

    lines: tuple[TrustedSigner, ...]
    today: date
    revoked: Callable[[SignerFacts], str] | None = None  # why somebody counts no more


def find_reproduction(
    digest: Sha256, bundles: Iterable[bytes], reproducers: TrustedReproducers
) -> SignedReproduction:
    """Return the record with a digest that one of the reproducers signed.

    Raises:
        RefusedError: none of the bundles is that.
        InputError: a trusted root cannot be read.
    """
    reasons = []
    for bundle in bundles:
        try:
            found = _read(bundle, reproducers)
        except RefusedError as error:
            reasons.append(str(error))
            continue
        if sha256(found.record.to_bytes()) == digest:
            return found
    nobody = "nobody whom the trust file lets reproduce has signed its clean run"
    raise RefusedError("; ".join([nobody, *dict.fromkeys(reasons)]))


def _read(bundle_bytes: bytes, reproducers: TrustedReproducers) -> SignedReproduction:
    reasons = ["signed by somebody else"]
    for trusted, found in tried(parse_bundle(bundle_bytes), reproducers.lines):
        if not isinstance(found, VerifiedSignature):
            continue
        record = read_reproduction_statement(found.payload)
        line = trusted.line
        try:
            refuse_run(line, REPRODUCTION, found.signer, record.ended, reproducers.today)
            _refuse_revoked(found.signer, reproducers)
        except RefusedError as error:
            reasons.append(str(error))
        else:
            who = f"{line.owner} ({found.signer.name})"
            return SignedReproduction(record=record, reproducer=who)
    raise RefusedError(reasons[-1])


def _refuse_revoked(signer: SignerFacts, reproducers: TrustedReproducers) -> None:
    why = reproducers.revoked(signer) if reproducers.revoked is not None else ""
    if why:
        raise RefusedError(why)
