"""Certificate authorities: a key, the certificate for it, and the certificates it issues."""

import datetime as dt
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.local_sigstore.keys import SigningKey

VALID_BEFORE_NOW = dt.timedelta(days=1)
VALID_AFTER_NOW = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A certificate together with the key that it is about."""

    certificate: x509.Certificate
    key: SigningKey

    @property
    def certificate_der(self) -> bytes:
        """The certificate as DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)


def root_authority(common_name: str) -> Authority:
    """Make a self-signed authority."""
    key = SigningKey.generate()
    name = _name(common_name)
    builder = _with_authority_extensions(_builder(name, name, key), path_length=1)
    return Authority(certificate=builder.sign(key.private, hashes.SHA256()), key=key)


def intermediate_authority(common_name: str, parent: Authority) -> Authority:
    """Make an authority that `parent` vouches for, and that may issue leaf certificates only."""
    key = SigningKey.generate()
    builder = _builder(_name(common_name), parent.certificate.subject, key)
    builder = _with_authority_extensions(builder, path_length=0)
    return Authority(certificate=_issued(builder, parent), key=key)


def timestamp_signer(common_name: str, parent: Authority) -> Authority:
    """Make a leaf that may sign timestamps and nothing else (RFC 3161, section 2.3)."""
    key = SigningKey.generate()
    builder = (
        _builder(_name(common_name), parent.certificate.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    )
    return Authority(certificate=_issued(builder, parent), key=key)


def key_usage(
    *, digital_signature: bool = False, certificate_signing: bool = False
) -> x509.KeyUsage:
    """Return the key usage extension with all other uses off."""
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificate_signing,
        crl_sign=certificate_signing,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "sigstore.test"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(subject: x509.Name, issuer: x509.Name, key: SigningKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    public_key = key.private.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - VALID_BEFORE_NOW)
        .not_valid_after(now + VALID_AFTER_NOW)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _with_authority_extensions(
    builder: x509.CertificateBuilder, *, path_length: int
) -> x509.CertificateBuilder:
    return builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=path_length), critical=True
    ).add_extension(key_usage(certificate_signing=True), critical=True)


def _issued(builder: x509.CertificateBuilder, parent: Authority) -> x509.Certificate:
    parent_key = parent.key.private
    parent_identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(parent_key.public_key())
    return builder.add_extension(parent_identifier, critical=False).sign(
        parent_key, hashes.SHA256()
    )
