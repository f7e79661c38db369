"""Tells as whom a bundle of one's own was signed: the identity in its certificate."""

from cryptography import x509

from aigf_dvc.signing.bundle import parse_bundle


def signing_identity(bundle: bytes) -> str | None:
    """Return the URI of who signed, such as a CI workflow's; None when a key did.

    Nothing is verified: it is for bundles that were signed just now.

    Raises:
        RefusedError: the bytes are no bundle.
    """
    certificate = parse_bundle(bundle).certificate
    if certificate is None:
        return None
    extensions = x509.load_der_x509_certificate(certificate).extensions
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    mails = names.get_values_for_type(x509.RFC822Name)
    return next(iter((*uris, *(f"mailto:{mail}" for mail in mails))), None)
