"""Tells as whom a bundle of one's own was signed: the identity in its certificate."""

from cryptography import x509

from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.subject_names import names_in
from aigf_dvc.signing.x509_files import certificate_of_der


def signing_identity(bundle: bytes) -> str | None:
    """Return the URI of who signed, such as a CI workflow's; None when a key did.

    Nothing is verified: it is for bundles that were signed just now.

    Raises:
        RefusedError: the bytes are no bundle.
    """
    certificate = parse_bundle(bundle).certificate
    if certificate is None:
        return None
    read = certificate_of_der(certificate)
    uris = names_in(read, [x509.UniformResourceIdentifier])
    mails = names_in(read, [x509.RFC822Name])
    return next(iter((*uris, *(f"mailto:{mail}" for mail in mails))), None)
