"""Opens the kind of signature that a judge demands; sigstore is imported for keyless ones only."""

from dataclasses import dataclass

from aigf_dvc.attestation.verification import SignerFacts, SignerKind
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.key_kinds import PublicKey
from aigf_dvc.signing.keys import fingerprint, verify_key_bundle
from aigf_dvc.signing.signature import VerifiedSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySigner:
    """Only this key may have signed."""

    public_key: PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeylessSigner:
    """Only this identity may have signed, and only with this issuer's word for it."""

    identity: str
    issuer: str
    trusted_root: bytes | None = None  # None: the public-good root that sigstore carries


def verify_signature(bundle_bytes: bytes, signer: KeySigner | KeylessSigner) -> VerifiedSignature:
    """Verify that the demanded signer signed a bundle.

    Raises:
        InputError: the trusted root cannot be read, or the identity is incomplete.
        RefusedError: somebody else signed, or what was signed has changed.
    """
    match signer:
        case KeySigner():
            bundle = parse_bundle(bundle_bytes)
            verify_key_bundle(bundle, signer.public_key)
            facts = SignerFacts(kind=SignerKind.KEY, name=fingerprint(signer.public_key))
            return VerifiedSignature(payload=bundle.payload, signer=facts)
        case KeylessSigner():
            from aigf_dvc.signing.keyless import verify_keyless

            return verify_keyless(
                bundle_bytes,
                identity=signer.identity,
                issuer=signer.issuer,
                trusted_root=signer.trusted_root,
            )
