"""Whether a key made the signature of a bundle, over its statement or over bare bytes."""

from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import Bundle, pae_parts
from aigf_dvc.signing.key_kinds import PublicKey


def verify_signed(bundle: Bundle, key: PublicKey) -> None:
    """Verify a bundle's signature; of bare bytes, over the digest that the bundle names.

    Raises:
        InvalidSignature: another key signed, or something else was signed.
        RefusedError: the key signs bytes, not digests of them.
    """
    if bundle.blob is None:
        key_kinds.verify(key, bundle.signature, *pae_parts(bundle.payload))
    else:
        blob = bundle.blob
        key_kinds.verify_digest(key, bundle.signature, blob.algorithm, blob.digest)
