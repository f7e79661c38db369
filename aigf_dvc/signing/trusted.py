"""Who signed a bundle, as a judge's trust file names them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from aigf_dvc.attestation.consents import Signed
from aigf_dvc.attestation.trust import Engine, Period, Person, TrustedKey, TrustFile
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.open import KeylessSigner, KeySigner, verify_signature
from aigf_dvc.signing.signature import VerifiedSignature

Read = Callable[[str], bytes]
"""Reads a file that the trust file names, relative to its own folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedSigner:
    """One key or identity of somebody whom the trust file names."""

    name: str
    period: Period
    signer: KeySigner | KeylessSigner


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A trust file with its keys and roots opened."""

    file: TrustFile
    people: tuple[TrustedSigner, ...]
    engines: tuple[TrustedSigner, ...]


def open_trust(file: TrustFile, read: Read) -> Trust:
    """Open the keys and the root that a trust file names.

    Raises:
        InputError: one cannot be read, has another fingerprint, or stands twice.
    """
    root = read(file.trusted_root) if file.trusted_root else None
    return Trust(
        file=file,
        people=tuple(_open(file.people, read, root)),
        engines=tuple(_open(file.engines, read, root)),
    )


def _open(
    owners: Sequence[Person | Engine], read: Read, root: bytes | None
) -> Iterable[TrustedSigner]:
    seen: dict[str, str] = {}
    for owner in owners:
        for key in owner.keys:
            signer = _key(key, read)
            name = fingerprint(signer.public_key)
            if name in seen:
                raise InputError(
                    f"{owner.name} has the key of {seen[name]}", where=key.where,
                    expected="each key once",
                )  # fmt: skip
            seen[name] = owner.name
            yield TrustedSigner(name=owner.name, period=key.period, signer=signer)
        for item in owner.identities:
            yield TrustedSigner(
                name=owner.name,
                period=item.period,
                signer=KeylessSigner(identity=item.identity, issuer=item.issuer, trusted_root=root),
            )


def _key(key: TrustedKey, read: Read) -> KeySigner:
    pem = read(key.file) if key.file else key.pem.encode()
    signer = KeySigner(public_key=load_public_key(pem, where=key.file or key.where))
    found = fingerprint(signer.public_key)
    if key.fingerprint not in ("", found):
        raise InputError(
            f"the key has the fingerprint {found}", where=key.where, expected=key.fingerprint
        )
    return signer


def who_signed(
    bundle_bytes: bytes, signers: Sequence[TrustedSigner]
) -> tuple[VerifiedSignature, Signed]:
    """Return the signature of a bundle, and whose it is.

    Raises:
        RefusedError: no bundle, or nobody whom the trust file names has signed it.
        InputError: a trusted root cannot be read.
    """
    by_key = parse_bundle(bundle_bytes).certificate is None
    for trusted in signers:
        if isinstance(trusted.signer, KeySigner) is not by_key:
            continue  # cannot be theirs, and to ask would load sigstore
        try:
            signature = verify_signature(bundle_bytes, trusted.signer)
        except RefusedError:
            continue
        return signature, Signed(name=trusted.name, period=trusted.period, facts=signature.signer)
    raise RefusedError("signed by nobody whom the trust file names")
