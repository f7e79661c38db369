"""Certificate transparency: the log's promise, inside a certificate, that it has seen it."""

import datetime as dt
import struct

from asn1crypto import core
from cryptography import x509

from tests.local_sigstore.keys import SigningKey

# Constants of RFC 6962, section 3.2, and RFC 5246, section 7.4.1.4.1.
VERSION_1 = 0
CERTIFICATE_TIMESTAMP = 0
PRECERTIFICATE_ENTRY = 1
NO_EXTENSIONS = b"\x00\x00"
SHA256_WITH_ECDSA = b"\x04\x03"


def embedded_timestamps(
    certificate: x509.Certificate, *, issuer_key: SigningKey, log_key: SigningKey
) -> bytes:
    """Return the value of the extension that carries the log's signed timestamp.

    Args:
        certificate: the certificate as it is without that extension.
        issuer_key: the key that issues the certificate.
        log_key: the key of the certificate transparency log.

    Source: RFC 6962, sections 3.2 and 3.3.
    """
    time_ms = int(dt.datetime.now(dt.UTC).timestamp() * 1000)
    body = certificate.tbs_certificate_bytes
    signed = b"".join(
        (
            struct.pack("!BBQH", VERSION_1, CERTIFICATE_TIMESTAMP, time_ms, PRECERTIFICATE_ENTRY),
            issuer_key.identifier,
            len(body).to_bytes(3, "big"),
            body,
            NO_EXTENSIONS,
        )
    )
    timestamp = b"".join(
        (
            struct.pack("!B", VERSION_1),
            log_key.identifier,
            struct.pack("!Q", time_ms),
            NO_EXTENSIONS,
            SHA256_WITH_ECDSA,
            _with_length(log_key.sign(signed)),
        )
    )
    # A list of one timestamp: each has its length in front, and so has the list.
    extension: bytes = core.OctetString(_with_length(_with_length(timestamp))).dump()
    return extension


def _with_length(content: bytes) -> bytes:
    return struct.pack("!H", len(content)) + content
