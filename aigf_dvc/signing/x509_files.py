"""Reads certificates strictly: what X.509 does not allow is an error, not a warning."""

import warnings
from collections.abc import Callable
from typing import TypeVar

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

_Read = TypeVar("_Read")


def certificates_of_pem(pem: bytes) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM file.

    Raises:
        ValueError: there are none, or one is damaged.
    """
    return _strictly(lambda: tuple(x509.load_pem_x509_certificates(pem)))


def certificate_of_der(der: bytes) -> x509.Certificate:
    """Return the certificate that some bytes are.

    Raises:
        ValueError: they are none.
    """
    return _strictly(lambda: x509.load_der_x509_certificate(der))


def _strictly(read: Callable[[], _Read]) -> _Read:
    try:
        with warnings.catch_warnings():
            # cryptography only warns of a serial number that RFC 5280 does not allow.
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            return read()
    except (x509.InvalidVersion, CryptographyDeprecationWarning) as error:
        raise ValueError(str(error)) from None
