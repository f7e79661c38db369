"""ECDSA P-256 keys: every service of the local Sigstore signs with one of these."""

import hashlib
from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key with the few operations that the services need."""

    private: ec.EllipticCurvePrivateKey

    @classmethod
    def generate(cls) -> Self:
        """Make a new key."""
        return cls(private=ec.generate_private_key(ec.SECP256R1()))

    @property
    def public_der(self) -> bytes:
        """The public key as DER SubjectPublicKeyInfo."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def identifier(self) -> bytes:
        """The SHA-256 of the public key: what Sigstore calls a log id (RFC 6962, section 3.2)."""
        return hashlib.sha256(self.public_der).digest()

    def sign(self, message: bytes) -> bytes:
        """Sign with ECDSA and SHA-256; the signature is DER."""
        return self.private.sign(message, ec.ECDSA(hashes.SHA256()))
