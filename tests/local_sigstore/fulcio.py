"""Fulcio: turns an identity token and a certificate request into a short-lived certificate."""

import base64
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.local_sigstore.authority import (
    Authority,
    intermediate_authority,
    key_usage,
    root_authority,
)
from tests.local_sigstore.certificate_transparency import embedded_timestamps
from tests.local_sigstore.keys import SigningKey
from tests.local_sigstore.tokens import is_mail_address, read_token

CERTIFICATE_LIFETIME = dt.timedelta(minutes=10)

# See: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
ISSUER_OLD = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
CLAIM_EXTENSIONS = {
    "job_workflow_ref": x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.9"),  # build signer URI
    "runner_environment": x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.11"),
    "repository_uri": x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.12"),  # source repository URI
    "sha": x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.13"),  # source repository digest
    "ref": x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.14"),  # source repository ref
}
EMBEDDED_TIMESTAMPS = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")  # RFC 6962, section 3.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fulcio:
    """A root, an intermediate that issues, and the certificate transparency log it writes to."""

    root: Authority
    issuer: Authority
    log_key: SigningKey

    def answer(self, body: bytes, authorization: str) -> bytes:
        """Answer `POST /api/v2/signingCert`.

        Args:
            body: JSON with a certificate request (sigstore-python), or with a public key and a
                signature of the identity by it (sigstore-go, sigstore-js).
            authorization: the HTTP header, `Bearer TOKEN`.
        """
        asked = json.loads(body)
        token = asked.get("credentials", {}).get("oidcIdentityToken")
        claims = read_token(token or authorization.removeprefix("Bearer "))
        leaf = self._certify(_proven_key(asked, claims), claims)
        chain = (leaf, self.issuer.certificate, self.root.certificate)
        pems = [item.public_bytes(serialization.Encoding.PEM).decode() for item in chain]
        return json.dumps(
            {"signedCertificateEmbeddedSct": {"chain": {"certificates": pems}}}
        ).encode()

    def _certify(self, key: ec.EllipticCurvePublicKey, claims: dict[str, str]) -> x509.Certificate:
        builder = self._leaf(key, claims)
        issuing_key = self.issuer.key
        # What the log signs is the certificate without the log's own signature in it.
        unlogged = builder.sign(issuing_key.private, hashes.SHA256())
        timestamps = embedded_timestamps(unlogged, issuer_key=issuing_key, log_key=self.log_key)
        extension = x509.UnrecognizedExtension(EMBEDDED_TIMESTAMPS, timestamps)
        return builder.add_extension(extension, critical=False).sign(
            issuing_key.private, hashes.SHA256()
        )

    def _leaf(
        self, key: ec.EllipticCurvePublicKey, claims: dict[str, str]
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        issuing_key = self.issuer.key.private.public_key()
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.issuer.certificate.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now)
            .not_valid_after(now + CERTIFICATE_LIFETIME)
            .add_extension(key_usage(digital_signature=True), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing_key), critical=False
            )
            .add_extension(_subject(claims), critical=True)
        )
        for extension in _claim_extensions(claims):
            builder = builder.add_extension(extension, critical=False)
        return builder


def _proven_key(asked: Any, claims: dict[str, str]) -> ec.EllipticCurvePublicKey:  # noqa: ANN401  # JSON
    """Return the key to certify, once the client has proven that it holds the private one."""
    if "certificateSigningRequest" in asked:
        request = x509.load_pem_x509_csr(base64.b64decode(asked["certificateSigningRequest"]))
        if not request.is_signature_valid:
            raise ValueError("the certificate request is not signed by the key it holds")
        return _elliptic(request.public_key())
    given = asked["publicKeyRequest"]
    key = _elliptic(serialization.load_pem_public_key(given["publicKey"]["content"].encode()))
    identity = claims.get("email", claims["sub"]).encode()
    key.verify(base64.b64decode(given["proofOfPossession"]), identity, ec.ECDSA(hashes.SHA256()))
    return key


def _elliptic(key: object) -> ec.EllipticCurvePublicKey:
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("no elliptic curve key")
    return key


def new_fulcio() -> Fulcio:
    """Make a Fulcio with keys of its own."""
    root = root_authority("fulcio root")
    return Fulcio(
        root=root,
        issuer=intermediate_authority("fulcio intermediate", root),
        log_key=SigningKey.generate(),
    )


def _subject(claims: dict[str, str]) -> x509.SubjectAlternativeName:
    identity = claims.get("email", claims["sub"])
    if is_mail_address(identity):
        return x509.SubjectAlternativeName([x509.RFC822Name(identity)])
    return x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity)])


def _claim_extensions(claims: dict[str, str]) -> list[x509.UnrecognizedExtension]:
    issuer = claims["iss"]
    # Only the oldest extensions hold bare text; from .8 on the text is a DER UTF8String.
    extensions = [
        x509.UnrecognizedExtension(ISSUER_OLD, issuer.encode()),
        x509.UnrecognizedExtension(ISSUER, _utf8_string(issuer)),
    ]
    extensions.extend(
        x509.UnrecognizedExtension(identifier, _utf8_string(claims[claim]))
        for claim, identifier in CLAIM_EXTENSIONS.items()
        if claim in claims
    )
    return extensions


def _utf8_string(text: str) -> bytes:
    encoded: bytes = core.UTF8String(text).dump()
    return encoded
