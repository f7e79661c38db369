"""OpenSSF Model Signing with a certificate: its chain comes along, and nobody need say when.

The program of reference takes a certificate at the time it began, so that one that has ended
counts for ever, and trusts the web's roots where none are named. Neither is done here.
"""

from datetime import datetime

from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.certificate import Authorities, read_authorities, verify_certificate
from aigf_dvc.signing.oms_bundle import OmsBundle
from aigf_dvc.signing.signature import VerifiedSignature
from aigf_dvc.signing.x509_files import certificate_of_der


def verify_chain(
    bundle: OmsBundle, *, identity: str, signers: bytes, times: bytes | None, now: datetime
) -> VerifiedSignature:
    """Verify that a certificate for an identity signed a model.

    Args:
        bundle: the signature, and the certificates that came with it.
        identity: what the certificate must name, exactly: a mail address, URI or DNS name.
        signers: PEM, who must have issued it.
        times: PEM, who must have told when it signed; None: the certificate must be valid now.
        now: the judge's clock.

    Raises:
        InputError: a PEM file cannot be read.
        RefusedError: the bundle is not what it should be.
    """
    try:
        between = tuple(certificate_of_der(der) for der in bundle.between)
    except ValueError:
        raise RefusedError("a chain that is not of certificates", where="bundle") from None
    return verify_certificate(
        parse_bundle(bundle.strict),
        identity=identity,
        authorities=Authorities(
            signers=read_authorities(signers, where="--certificate-authority"),
            times=read_authorities(times, where="--timestamp-authority") if times else (),
        ),
        between=between,
        now=now if times is None else None,
    )
