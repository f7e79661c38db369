"""The kinds of key that sign: ECDSA P-256, P-384 and P-521, and Ed25519; how each does it."""

import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from msgspec import Struct

from aigf_dvc.digests import Sha2
from aigf_dvc.errors import RefusedError

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

P256, P384, P521, ED25519 = "p256", "p384", "p521", "ed25519"
DEFAULT = P256
_CURVES = {"secp256r1": P256, "secp384r1": P384, "secp521r1": P521}

# See: https://github.com/sigstore/architecture-docs/blob/main/algorithm-registry.md
HASHES = {P256: "sha256", P384: "sha384", P521: "sha512"}
"""What each kind of ECDSA key hashes with."""

# Measured with cosign 2.5 and 3, @sigstore/verify 4.1 and model-signing 1.1 (the first two hash
# with SHA-256 whatever the key, the last looks for a curve).
_WHO_CANNOT = {
    P256: "",
    P384: "cosign and @sigstore/verify (JavaScript) cannot verify P-384 signatures",
    P521: "cosign and @sigstore/verify (JavaScript) cannot verify P-521 signatures",
    ED25519: "model_signing cannot verify Ed25519 signatures",
}


_SHA2: dict[str, hashes.HashAlgorithm] = {
    Sha2.SHA256: hashes.SHA256(),
    Sha2.SHA384: hashes.SHA384(),
    Sha2.SHA512: hashes.SHA512(),
}


class _Ecdsa(ec.ECDSA):
    """ECDSA to verify with: whether signing could be deterministic is not asked.

    The library loads RSA and ciphers to answer that, which takes longer than a verification.
    """

    def __init__(self, algorithm: Prehashed) -> None:
        self._of = algorithm

    @property
    def algorithm(self) -> Prehashed:
        """Return what was hashed with."""
        return self._of


_NEW = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_VERIFY = {name: _Ecdsa(Prehashed(algorithm)) for name, algorithm in _SHA2.items()}


class KeyKind(Struct, frozen=True, kw_only=True):
    """One kind of key."""

    name: str
    who_cannot: str  # which of the usual verifiers refuses its signatures; empty: none


def kind_of(key: object) -> KeyKind | None:
    """Return the kind of a public or private key, or None for one that does not sign here."""
    name = None
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        name = _CURVES.get(key.curve.name)
    elif isinstance(key, ed25519.Ed25519PublicKey | ed25519.Ed25519PrivateKey):
        name = ED25519
    return KeyKind(name=name, who_cannot=_WHO_CANNOT[name]) if name is not None else None


def generate(kind: str) -> PrivateKey:
    """Return a new private key of a kind."""
    if kind == ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    curves = {P256: ec.SECP256R1(), P384: ec.SECP384R1(), P521: ec.SECP521R1()}
    return ec.generate_private_key(curves[kind])


def sign(key: PrivateKey, message: bytes) -> bytes:
    """Return a signature: DER for ECDSA, with the hash that goes with its curve; else raw."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    return key.sign(message, ec.ECDSA(_hash_of(key.curve)))


def verify(key: PublicKey, signature: bytes, *message: bytes) -> None:
    """Verify a signature.

    Args:
        key: that is said to have signed.
        signature: DER for ECDSA; else raw.
        message: that is said to be signed, in parts: to join them would copy a whole statement.

    Raises:
        InvalidSignature: another key signed, or something else was signed.
    """
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, b"".join(message))
        return
    algorithm = HASHES[_CURVES[key.curve.name]]
    hashed = _NEW[algorithm]()
    for part in message:
        hashed.update(part)
    key.verify(signature, hashed.digest(), _VERIFY[algorithm])


def verify_digest(key: PublicKey, signature: bytes, algorithm: Sha2, digest: bytes) -> None:
    """Verify an ECDSA signature over bytes of which only the digest is at hand.

    Raises:
        InvalidSignature: another key signed, or something else was signed.
        RefusedError: the key signs bytes, not digests of them.
    """
    if isinstance(key, ed25519.Ed25519PublicKey):
        raise RefusedError(
            "an Ed25519 key, which signs no digests", where="signature",
            expected="an ECDSA key, where bare bytes were signed",
        )  # fmt: skip
    key.verify(signature, digest, _VERIFY[algorithm])


def _hash_of(curve: ec.EllipticCurve) -> hashes.HashAlgorithm:
    return _SHA2[HASHES[_CURVES[curve.name]]]
