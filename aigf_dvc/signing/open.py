"""Opens the kind of signature that a judge demands; sigstore is imported for keyless ones only."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.attestation.verification import SignerFacts, SignerKind, TimeSource
from aigf_dvc.errors import RefusedError
from aigf_dvc.once import once
from aigf_dvc.signing.bundle import Bundle, parse_bundle
from aigf_dvc.signing.key_kinds import PublicKey
from aigf_dvc.signing.keys import fingerprint, verify_key_bundle
from aigf_dvc.signing.oms_bundle import read_oms_bundle
from aigf_dvc.signing.signature import VerifiedSignature


class KeySigner(Struct, frozen=True, kw_only=True, dict=True):
    """Only this key may have signed."""

    public_key: PublicKey
    times: bytes | None = None  # PEM of timestamp authorities: a bundle needs a stamp of theirs
    logs: bytes | None = None  # a TrustedRoot: a bundle needs an entry of one of its logs

    @once
    def facts(self) -> SignerFacts:
        """What any signature of the key proves about its signer."""
        return SignerFacts(kind=SignerKind.KEY, name=fingerprint(self.public_key))


class KeylessSigner(Struct, frozen=True, kw_only=True):
    """Only this identity may have signed, and only with this issuer's word for it."""

    identity: str
    issuer: str
    trusted_root: bytes | None = None  # None: the public-good root that sigstore carries


class CertificateSigner(Struct, frozen=True, kw_only=True):
    """Only a certificate for this identity may have signed, by these authorities' word."""

    identity: str
    signers: bytes  # PEM: who issues certificates
    times: bytes  # PEM: who tells the time


class ChainSigner(Struct, frozen=True, kw_only=True):
    """As `CertificateSigner`, for signatures of models: without a timestamp it must be valid."""

    identity: str
    signers: bytes  # PEM: who issues certificates
    times: bytes | None = None  # PEM: who tells the time; None: it must be valid at `now`
    now: datetime


OmsSigner = KeySigner | KeylessSigner | ChainSigner
AnySigner = KeySigner | KeylessSigner | CertificateSigner


def verify_signature(bundle_bytes: bytes, signer: AnySigner) -> VerifiedSignature:
    """Verify that the demanded signer signed the statement of a bundle.

    Raises:
        InputError: the trusted root cannot be read, or the identity is incomplete.
        RefusedError: somebody else signed, or what was signed has changed.
    """
    return verify_any_signature(parse_bundle(bundle_bytes), signer)


def verify_any_signature(bundle: Bundle, signer: AnySigner) -> VerifiedSignature:
    """Verify that the demanded signer signed what a bundle holds, a statement or bare bytes.

    Raises:
        InputError: the trusted root cannot be read, or the identity is incomplete.
        RefusedError: somebody else signed, or what was signed has changed.
    """
    match signer:
        case KeySigner():
            verify_key_bundle(bundle, signer.public_key)
            facts = signer.facts
            if signer.logs is not None:
                facts = with_log(facts, bundle, signer.public_key, signer.logs)
            if signer.times is not None:
                facts = _stamped(facts, bundle, signer.times)
            return VerifiedSignature(payload=bundle.payload, signer=facts)
        case KeylessSigner():
            from aigf_dvc.signing.keyless import verify_keyless

            return verify_keyless(
                bundle,
                identity=signer.identity,
                issuer=signer.issuer,
                trusted_root=signer.trusted_root,
            )
        case CertificateSigner():
            from aigf_dvc.signing.certificate import (
                Authorities,
                read_authorities,
                verify_certificate,
            )

            authorities = Authorities(
                signers=read_authorities(signer.signers, where="--certificate-authority"),
                times=read_authorities(signer.times, where="--timestamp-authority"),
            )
            return verify_certificate(bundle, identity=signer.identity, authorities=authorities)


def demand_authorities(pem: bytes, *, where: str) -> None:
    """Refuse a file that names no authorities, before anything is verified with it.

    Raises:
        InputError: it holds no certificates, or no root.
    """
    from aigf_dvc.signing.certificate import read_authorities

    read_authorities(pem, where=where)


def demand_root(data: bytes, *, where: str, keyless: bool) -> None:
    """Refuse a file that is no TrustedRoot, before anything is verified with it.

    Raises:
        InputError: it cannot be read, or names no logs.
    """
    from aigf_dvc.signing.trusted_root import demand_logs, read_trusted_root

    demand_logs(read_trusted_root(data, where=where), where=where)
    if keyless:
        from aigf_dvc.signing.keyless import read_whole_root

        read_whole_root(data, where=where)


def with_log(
    facts: SignerFacts, bundle: Bundle, key: PublicKey, trusted_root: bytes | None
) -> SignerFacts:
    """Return the facts with the time at which a log took the signature, if it tells one.

    Args:
        facts: of the verified signature.
        bundle: with the log's entry.
        key: whose signature it is.
        trusted_root: names the logs; None for the public-good root that sigstore carries.

    Raises:
        RefusedError: no such log has it.
    """
    from aigf_dvc.signing.transparency import verify_logged

    if trusted_root is None:
        from aigf_dvc.signing.keyless import public_root

        trusted_root = public_root()
    time = verify_logged(bundle, key, trusted_root).time
    if time is None:
        return replace(facts, logged=True)
    return replace(facts, logged=True, time=time, time_source=TimeSource.LOG)


def verify_oms_signature(data: bytes, signer: OmsSigner) -> VerifiedSignature:
    """Verify that the demanded signer signed a model by OpenSSF Model Signing.

    Raises:
        InputError: a file that says whom to trust cannot be read.
        RefusedError: somebody else signed, or what was signed has changed.
    """
    bundle = read_oms_bundle(data)
    if not isinstance(signer, ChainSigner):
        return verify_signature(bundle.strict, signer)
    from aigf_dvc.signing.oms_certificate import verify_chain

    return verify_chain(
        bundle,
        identity=signer.identity,
        signers=signer.signers,
        times=signer.times,
        now=signer.now,
    )


def _stamped(facts: SignerFacts, bundle: Bundle, authorities_pem: bytes) -> SignerFacts:
    """Return the facts with the time of the earliest timestamp; all of them must hold."""
    from aigf_dvc.signing.certificate import read_authorities
    from aigf_dvc.signing.timestamps import verify_timestamp

    authorities = read_authorities(authorities_pem, where="--timestamp-authority")
    if not bundle.timestamps:
        raise RefusedError("no timestamp", where="bundle", expected="one, as you demand")
    times = [verify_timestamp(stamp, bundle.signature, authorities) for stamp in bundle.timestamps]
    return replace(facts, time=min(times), time_source=TimeSource.TSA)
