"""Those whom a trust file lets attest, and what every signature of theirs must have."""

from msgspec import Struct

from aigf_dvc.attestation.trust import ATTEST, LogDemand, TrustDemands, Wish
from aigf_dvc.attestation.verification import SignerFacts, SignerKind, TimeSource
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.open import AnySigner, verify_signature
from aigf_dvc.signing.signature import VerifiedSignature
from aigf_dvc.signing.trusted import Trust, TrustedSigner, tried


class Attesters(Struct, frozen=True, kw_only=True):
    """Anybody of these may have signed."""

    where: str  # the trust file
    lines: tuple[TrustedSigner, ...] | None  # None: the file names nobody, `also` stands alone
    demands: TrustDemands
    also: AnySigner | None = None  # whom the caller names beside the file: both must hold


AnyAttester = AnySigner | Attesters


def attesters_of(trust: Trust, *, also: AnySigner | None = None) -> Attesters:
    """Return those whom a trust file lets attest."""
    return Attesters(
        where=trust.file.where,
        lines=trust.holding(ATTEST) if ATTEST in trust.file.roles else None,
        demands=trust.file.demands,
        also=also,
    )


def signatures(bundle_bytes: bytes, attester: AnyAttester) -> tuple[VerifiedSignature, ...]:
    """Return the signature of a bundle, once for each line of the trust file that it holds by.

    Raises:
        RefusedError: somebody else signed, or not in the way that is demanded.
        InputError: a trusted root cannot be read.
    """
    if not isinstance(attester, Attesters):
        return (verify_signature(bundle_bytes, attester),)
    found = _named(bundle_bytes, attester)
    refuse_undemanded(found[0].signer, attester.demands, bundle_bytes)
    return found


def refuse_undemanded(signer: SignerFacts, demands: TrustDemands, bundle_bytes: bytes) -> None:
    """Refuse a signature without the log or the time that is demanded.

    Raises:
        RefusedError: it has another form than the trust file demands.
    """
    logged = bool(parse_bundle(bundle_bytes).log_entries)
    _refuse_log(signer, demands.log, logged=logged)
    _refuse_time(signer, demands.timestamp)


def _named(bundle_bytes: bytes, attester: Attesters) -> tuple[VerifiedSignature, ...]:
    also = verify_signature(bundle_bytes, attester.also) if attester.also is not None else None
    if attester.lines is None:
        return (also,) if also is not None else ()
    found, reasons = [], []
    for line, outcome in tried(bundle_bytes, attester.lines):
        if isinstance(outcome, VerifiedSignature):
            found.append(outcome)
        else:
            reasons.append(f"{line.name} ({line.line.where}): {outcome}")
    if not found:
        nobody = f"signed by nobody whom {attester.where} lets attest"
        raise RefusedError("\n".join([nobody, *reasons]))
    return tuple(found)


def _refuse_log(signer: SignerFacts, demand: LogDemand, *, logged: bool) -> None:
    if demand is LogDemand.REQUIRED and not signer.logged:
        how = "a key" if signer.kind is SignerKind.KEY else "a certificate of one's own PKI"
        raise RefusedError(
            f"signed with {how}: no transparency log is proven to have it",
            expected="a signature in a log, as the trust file demands",
        )
    if demand is LogDemand.REFUSED and (logged or signer.logged):
        raise RefusedError(
            "a transparency log has it",
            expected="a signature that stands in no log, as the trust file demands",
        )


def _refuse_time(signer: SignerFacts, demand: Wish) -> None:
    if demand is Wish.REQUIRED and signer.time_source is TimeSource.CLAIMED:
        raise RefusedError(
            "only the signer says when it was signed",
            expected="a timestamp, as the trust file demands",
            hint="name an `authority:` with its key in the trust file, and sign with a timestamp",
        )
