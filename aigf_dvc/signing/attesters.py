"""Those whom a trust file lets attest, and what every signature of theirs must have."""

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.attestation.trust import ATTEST, LogDemand, TrustDemands, Wish
from aigf_dvc.attestation.verification import SignerFacts, TimeSource
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.bundle import Bundle
from aigf_dvc.signing.key_kinds import PublicKey
from aigf_dvc.signing.open import AnySigner, KeySigner, verify_any_signature, with_log
from aigf_dvc.signing.signature import VerifiedSignature
from aigf_dvc.signing.trusted import Trust, TrustedSigner, tried


class KeyOfLog(Struct, frozen=True):
    """A key whose signature may stand in a log, and the TrustedRoot that names such logs."""

    key: PublicKey
    root: bytes | None  # None: the public one


class Attesters(Struct, frozen=True, kw_only=True):
    """Anybody of these may have signed."""

    where: str  # the trust file
    lines: tuple[TrustedSigner, ...] | None  # None: the file names nobody, `also` stands alone
    demands: TrustDemands
    also: AnySigner | None = None  # whom the caller names beside the file: both must hold
    root: bytes | None = None  # of the file, for a key of the caller's; None: the public one


AnyAttester = AnySigner | Attesters


def attesters_of(trust: Trust, *, also: AnySigner | None = None) -> Attesters:
    """Return those whom a trust file lets attest."""
    return Attesters(
        where=trust.file.where,
        lines=trust.holding(ATTEST) if ATTEST in trust.file.roles else None,
        demands=trust.file.demands,
        also=also,
        root=trust.root,
    )


def signatures(bundle: Bundle, attester: AnyAttester) -> tuple[VerifiedSignature, ...]:
    """Return the signature of a bundle, once for each line of the trust file that it holds by.

    Raises:
        RefusedError: somebody else signed, or not in the way that is demanded.
        InputError: a trusted root cannot be read.
    """
    if not isinstance(attester, Attesters):
        return (verify_any_signature(bundle, attester),)
    return tuple(
        as_demanded(found, by, attester.demands, bundle) for found, by in _named(bundle, attester)
    )


def as_demanded(
    found: VerifiedSignature, by: KeyOfLog | None, demands: TrustDemands, bundle: Bundle
) -> VerifiedSignature:
    """Return a signature with what its log proves, where a log is demanded.

    Args:
        found: the signature.
        by: the key that made it, and whose logs may have it; None: no key did.
        demands: of the trust file.
        bundle: that it stands in.

    Raises:
        RefusedError: it has another form than the trust file demands.
    """
    if demands.log is LogDemand.REQUIRED and not found.signer.logged:
        found = replace(found, signer=_in_log(found.signer, by, bundle))
    if demands.log is LogDemand.REFUSED and (bundle.log_entries or found.signer.logged):
        raise RefusedError(
            "a transparency log has it",
            expected="a signature that stands in no log, as the trust file demands",
        )
    _refuse_time(found.signer, demands.timestamp)
    return found


def key_of(line: TrustedSigner) -> KeyOfLog | None:
    """Return the key of a line, and whose logs may have its signatures; None: it has no key."""
    if not isinstance(line.means, KeySigner):
        return None
    return KeyOfLog(key=line.means.public_key, root=line.root)


def _named(
    bundle: Bundle, attester: Attesters
) -> tuple[tuple[VerifiedSignature, KeyOfLog | None], ...]:
    also = attester.also
    by_caller = verify_any_signature(bundle, also) if also is not None else None
    if attester.lines is None:
        key = KeyOfLog(also.public_key, attester.root) if isinstance(also, KeySigner) else None
        return ((by_caller, key),) if by_caller is not None else ()
    found, reasons = [], []
    for line, outcome in tried(bundle, attester.lines):
        if isinstance(outcome, VerifiedSignature):
            found.append((outcome, key_of(line)))
        else:
            reasons.append(f"{line.name} ({line.line.where}): {outcome}")
    if not found:
        nobody = f"signed by nobody whom {attester.where} lets attest"
        raise RefusedError("\n".join([nobody, *reasons]))
    return tuple(found)


def _in_log(signer: SignerFacts, by: KeyOfLog | None, bundle: Bundle) -> SignerFacts:
    how = "a key" if by is not None else "a certificate of one's own PKI"
    why = ""
    try:
        if by is not None and bundle.log_entries:
            return with_log(signer, bundle, by.key, by.root)
    except RefusedError as error:
        why = f": {error}"
    raise RefusedError(
        f"signed with {how}: no transparency log is proven to have it{why}",
        expected="a signature in a log of the trusted root, as the trust file demands",
        hint="`aigf attest --key FILE --log-url URL` puts it there" if by is not None else "",
    )


def _refuse_time(signer: SignerFacts, demand: Wish) -> None:
    if demand is Wish.REQUIRED and signer.time_source is TimeSource.CLAIMED:
        raise RefusedError(
            "only the signer says when it was signed",
            expected="a timestamp, as the trust file demands",
            hint="name an `authority:` with its key in the trust file, and sign with a timestamp",
        )
