"""Whom a certificate names: mail addresses, URIs and DNS names, as they are spelt in it."""

from collections.abc import Sequence

from cryptography import x509

from aigf_dvc.signing.x509_files import certificate_of_der

_BROKEN = (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
Kind = type[x509.RFC822Name] | type[x509.UniformResourceIdentifier] | type[x509.DNSName]
KINDS: tuple[Kind, ...] = (x509.RFC822Name, x509.UniformResourceIdentifier, x509.DNSName)


def names_in(certificate: x509.Certificate, kinds: Sequence[Kind] = KINDS) -> tuple[str, ...]:
    """Return the subject alternative names of a certificate; none when it has no such extension."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, *_BROKEN):
        return ()
    return tuple(str(name) for kind in kinds for name in names.get_values_for_type(kind))


def names_in_der(der: bytes) -> tuple[str, ...]:
    """Return the names of a certificate whose bytes nobody has verified; none when it is none."""
    try:
        certificate = certificate_of_der(der)
    except ValueError:
        return ()
    return names_in(certificate)
