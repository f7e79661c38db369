"""Signatures with a certificate of one's own PKI, and a timestamp that says when.

A certificate ends; what it signed stays good when an authority saw the signature before that. So
the chain is verified at the time of the timestamp, and without one nothing is verified.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)
from msgspec import Struct

from aigf_dvc.attestation.verification import SignerFacts, SignerKind, TimeSource
from aigf_dvc.errors import AigfError, InputError, RefusedError
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import (
    Bundle,
    pae,
    write_certificate_bundle,
)
from aigf_dvc.signing.key_kinds import PublicKey
from aigf_dvc.signing.panics import pass_on_others
from aigf_dvc.signing.signature import VerifiedSignature
from aigf_dvc.signing.signed import verify_signed
from aigf_dvc.signing.subject_names import names_in
from aigf_dvc.signing.timestamps import verify_timestamp
from aigf_dvc.signing.x509_files import certificate_of_der, certificates_of_pem

_MOST_CERTIFICATES = 32


class Authorities(Struct, frozen=True, kw_only=True):
    """Whom a judge trusts to issue signers' certificates, and to tell the time."""

    signers: tuple[x509.Certificate, ...]  # roots, and intermediates between
    times: tuple[x509.Certificate, ...]


def read_certificates(pem: bytes, *, where: str) -> tuple[x509.Certificate, ...]:
    """Read one or more certificates from a PEM file.

    Raises:
        InputError: the file holds none, something else, or too many.
    """
    try:
        found = certificates_of_pem(pem)
    except ValueError:
        raise InputError("no certificate", where=where, expected="PEM certificates") from None
    if b"PRIVATE KEY" in pem:
        raise InputError("a private key", where=where, expected="certificates only")
    if len(found) > _MOST_CERTIFICATES:
        raise InputError(
            f"{len(found)} certificates", where=where, expected=f"at most {_MOST_CERTIFICATES}"
        )
    return found


def read_authorities(pem: bytes, *, where: str) -> tuple[x509.Certificate, ...]:
    """Read the certificates of authorities: one of them, at least, signs itself.

    Raises:
        InputError: the file holds no root.
    """
    found = read_certificates(pem, where=where)
    try:  # names are read on demand only
        roots = [certificate for certificate in found if certificate.subject == certificate.issuer]
    except ValueError:
        raise InputError("a damaged name", where=where, expected="PEM certificates") from None
    if not roots:
        raise InputError(
            "no root among the certificates", where=where,
            expected="the whole chain, with the certificate that signs itself",
        )  # fmt: skip
    return found


def demand_able_to_sign(certificate: x509.Certificate, *, at: datetime, where: str) -> None:
    """Refuse to sign with a certificate that nobody would accept, whatever root they trust.

    Raises:
        InputError: it has ended or not begun, is for something else, or names nobody.
    """
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise InputError(
            f"the certificate counts from {certificate.not_valid_before_utc:%Y-%m-%d} to "
            f"{certificate.not_valid_after_utc:%Y-%m-%d}", where=where,
            expected="one that is valid now", hint="ask your PKI for a new one",
        )  # fmt: skip
    try:
        _expect_usage(certificate)
        named = names_in(certificate)
    except RefusedError as error:
        raise InputError(error.found, where=where, expected=error.expected) from None
    if not named:
        raise InputError(
            "a certificate that names nobody", where=where,
            expected="a subject alternative name: a mail address, URI or DNS name",
        )  # fmt: skip


def sign_with_certificate(
    payload: bytes,
    certificate: x509.Certificate,
    *,
    sign: Callable[[bytes], bytes],
    stamp: Callable[[bytes], bytes],
) -> bytes:
    """Return a bundle with these very bytes, signed by a certificate's key and stamped.

    Args:
        payload: an in-toto statement.
        certificate: of the signer; its chain is known to whoever verifies.
        sign: returns the key's signature of a message.
        stamp: returns a timestamp of a signature.

    Raises:
        InputError: the key is not the certificate's, or signs otherwise than is known here.
    """
    signature = sign(pae(payload))
    try:
        key_kinds.verify(_key_of(certificate), signature, pae(payload))
    except InvalidSignature:
        raise InputError(
            "the key and the certificate do not belong together", where="--certificate",
            expected="the certificate of --key",
        ) from None  # fmt: skip
    der = certificate.public_bytes(Encoding.DER)
    return write_certificate_bundle(payload, signature, certificate=der, stamp=stamp(signature))


def verify_certificate(
    bundle: Bundle,
    *,
    identity: str,
    authorities: Authorities,
    between: Sequence[x509.Certificate] = (),
    now: datetime | None = None,
) -> VerifiedSignature:
    """Verify that a certificate for an identity signed a bundle; offline.

    Args:
        bundle: as it was read.
        identity: what the certificate must name, exactly: a mail address, URI or DNS name.
        authorities: who must have issued the certificate, and who must have told the time.
        between: further certificates that may stand between it and a root; none is trusted.
        now: where nobody tells the time, the certificate must be valid now; None: somebody must.

    Raises:
        RefusedError: the bundle is not what it should be.
    """
    if bundle.certificate is None:
        raise RefusedError(
            "signed with a key", where="bundle", expected=f"a certificate for {identity!r}"
        )
    try:
        chain = _Chain(authorities=authorities, between=tuple(between), now=now)
        return _verify(bundle, bundle.certificate, identity, chain)
    except AigfError:
        raise
    except BaseException as error:  # noqa: BLE001 (a certificate can hold what cryptography has no
        # word for, or panics at, such as names of unknown kinds: every one of them is a no)
        pass_on_others(error)
        raise RefusedError(_words(error), where="certificate") from None


class _Chain(Struct, frozen=True, kw_only=True):
    """What a certificate is held against."""

    authorities: Authorities
    between: tuple[x509.Certificate, ...]
    now: datetime | None


def _verify(bundle: Bundle, der: bytes, identity: str, chain: _Chain) -> VerifiedSignature:
    certificate, authorities = _load(der), chain.authorities
    stamps = _stamps(bundle) if authorities.times or chain.now is None else ()
    times = [verify_timestamp(token, bundle.signature, authorities.times) for token in stamps]
    between = (one for one in chain.between if one.subject != one.issuer)
    trusted = (*authorities.signers, *between)
    for time in times or filter(None, [chain.now]):
        _verify_chain(certificate, trusted, PolicyBuilder().time(time))
    _expect_identity(certificate, identity)
    try:
        verify_signed(bundle, _key_of(certificate))
    except InvalidSignature:
        raise RefusedError(
            "what was signed, or its signature, was changed", where="signature",
            expected=f"a signature of {identity!r}",
        ) from None  # fmt: skip
    return VerifiedSignature(
        payload=bundle.payload,
        signer=SignerFacts(
            kind=SignerKind.CERTIFICATE,
            name=identity,
            issuer=certificate.issuer.rfc4514_string(),
            time=min(times, default=None),
            time_source=TimeSource.TSA if times else TimeSource.CLAIMED,
        ),
    )


def _stamps(bundle: Bundle) -> tuple[bytes, ...]:
    if bundle.log_entries:
        raise RefusedError(
            "an entry of a log", where="bundle",
            expected="none: nobody here is trusted to keep a log",
            hint="verify keyless bundles with --identity, --issuer and --trusted-root",
        )  # fmt: skip
    if not bundle.timestamps:
        raise RefusedError(
            "no timestamp", where="bundle",
            expected="one at least: a certificate alone does not say when it signed",
        )  # fmt: skip
    return bundle.timestamps


def _load(der: bytes) -> x509.Certificate:
    try:
        return certificate_of_der(der)
    except ValueError:
        raise RefusedError("no certificate", where="bundle", expected="X.509, DER") from None


def _verify_chain(
    certificate: x509.Certificate, trusted: Sequence[x509.Certificate], builder: PolicyBuilder
) -> None:
    roots = [one for one in trusted if one.subject == one.issuer]
    between = [one for one in trusted if one.subject != one.issuer]
    # As the web's PKI has it, but for signing code.
    authority = ExtensionPolicy.webpki_defaults_ca().may_be_present(
        x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None
    )
    leaf = ExtensionPolicy.webpki_defaults_ee().may_be_present(
        x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None
    )
    policy = builder.store(Store(roots)).extension_policies(ca_policy=authority, ee_policy=leaf)
    try:
        policy.build_client_verifier().verify(certificate, between)
    except VerificationError as error:
        raise RefusedError(
            f"the certificate is not to be trusted at the time of the signature: {_words(error)}",
            where="certificate",
            expected=f"a chain from its issuer, {certificate.issuer.rfc4514_string()!r:.200}, to a "
            "root that you trust; authorities with keyUsage keyCertSign",
        ) from None
    _expect_usage(certificate)


def _expect_usage(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        may_sign = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        usage, may_sign = None, None
    if usage is None or ExtendedKeyUsageOID.CODE_SIGNING not in usage:
        raise RefusedError(
            "not for signing code", where="certificate",
            expected="extendedKeyUsage codeSigning, and keyUsage digitalSignature",
        )  # fmt: skip
    if may_sign is None or not may_sign.digital_signature:
        raise RefusedError(
            "not for signatures", where="certificate", expected="keyUsage digitalSignature"
        )


def _expect_identity(certificate: x509.Certificate, identity: str) -> None:
    found = names_in(certificate)
    if not found:
        raise RefusedError("no subject alternative name", where="certificate")
    if identity not in found:
        named = ", ".join(repr(name)[:100] for name in found)
        raise RefusedError(f"it is for {named}", where="certificate", expected=repr(identity))


def _key_of(certificate: x509.Certificate) -> PublicKey:
    key = certificate.public_key()
    if not isinstance(key, PublicKey) or key_kinds.kind_of(key) is None:
        raise RefusedError(
            "another kind of key", where="certificate",
            expected="ECDSA on P-256, P-384 or P-521, or Ed25519",
        )  # fmt: skip
    return key


def _words(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
