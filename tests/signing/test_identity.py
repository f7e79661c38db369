"""A certificate says as whom one signs; a key does not."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from aigf_dvc.signing.bundle import write_certificate_bundle, write_key_bundle
from aigf_dvc.signing.identity import signing_identity

WORKFLOW = "https://github.com/acme/m/.github/workflows/release.yml@refs/heads/main"
AT = datetime(2026, 11, 20, tzinfo=UTC)


def bundle(*names: x509.GeneralName) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=1))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
    der = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    return write_certificate_bundle(b"{}", b"s", certificate=der, stamp=b"t")


@pytest.mark.parametrize(
    ("names", "identity"),
    [
        ((x509.UniformResourceIdentifier(WORKFLOW),), WORKFLOW),
        ((x509.RFC822Name("jane@example.com"),), "mailto:jane@example.com"),
        (
            (x509.RFC822Name("jane@example.com"), x509.UniformResourceIdentifier(WORKFLOW)),
            WORKFLOW,
        ),
        ((x509.DNSName("host.example.com"),), None),
        ((), None),
    ],
)
def test_a_certificate_names_who_signs(
    names: tuple[x509.GeneralName, ...], identity: str | None
) -> None:
    assert signing_identity(bundle(*names)) == identity


def test_a_key_names_nobody() -> None:
    assert signing_identity(write_key_bundle(b"{}", b"s", hint="k")) is None
