"""Who signed a bundle, as a judge's trust file names them."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.attestation.name_pattern import matches
from aigf_dvc.attestation.signed import Signed
from aigf_dvc.attestation.trust import (
    Authority,
    Engine,
    Owner,
    Period,
    Pinned,
    Scope,
    TrustedCertificate,
    TrustedIdentity,
    TrustedKey,
    TrustFile,
    TrustLine,
)
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.signing.bundle import Bundle, parse_bundle
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.open import (
    AnySigner,
    CertificateSigner,
    KeylessSigner,
    KeySigner,
    demand_authorities,
    verify_any_signature,
)
from aigf_dvc.signing.signature import VerifiedSignature
from aigf_dvc.signing.trusted_root import read_trusted_root

Read = Callable[[str], bytes]
"""Reads a file that the trust file names, relative to its own folder."""


class NamedIdentity(Struct, frozen=True, kw_only=True):
    """An identity of the trust file, and the root of the instance that vouches for it."""

    named: TrustedIdentity
    root: bytes | None


class TrustedSigner(Struct, frozen=True, kw_only=True):
    """One line of a trust file: a key, identity or certificate of somebody whom it names."""

    line: TrustLine
    means: KeySigner | NamedIdentity | CertificateSigner
    root: bytes | None = None  # whose logs may have a key's signature; None: the public one

    @property
    def name(self) -> str:
        """Return whose it is."""
        return self.line.owner

    @property
    def period(self) -> Period:
        """Return when it speaks for them."""
        return self.line.period

    def signer_of(self, bundle: Bundle) -> AnySigner | None:
        """Return who must have signed a bundle by this line, or None: it cannot be theirs."""
        certificate = bundle.certificate
        match self.means:
            case KeySigner():
                return self.means if certificate is None else None
            case CertificateSigner():
                names = _names(certificate)
                return self.means if self.means.identity in names else None
            case NamedIdentity():
                names = _names(certificate)
                return _keyless(self.means, names)


def _names(certificate: bytes | None) -> tuple[str, ...]:
    if certificate is None:
        return ()
    # It takes longer to load than the signature of a key to verify.
    from aigf_dvc.signing.subject_names import names_in_der  # noqa: PLC0415

    return names_in_der(certificate)


def _keyless(means: NamedIdentity, names: tuple[str, ...]) -> KeylessSigner | None:
    named = means.named
    if named.is_pattern and len(names) > 1:  # nothing that Fulcio issues
        return None
    found = [
        name
        for name in names
        if (matches(named.identity, name) if named.is_pattern else name == named.identity)
    ]
    if not found:
        return None
    return KeylessSigner(identity=found[0], issuer=named.issuer, trusted_root=means.root)


class Trust(Struct, frozen=True, kw_only=True):
    """A trust file with its keys, roots and authorities opened."""

    file: TrustFile
    people: tuple[TrustedSigner, ...]
    engines: tuple[TrustedSigner, ...]
    services: tuple[TrustedSigner, ...] = ()
    root: bytes | None = None  # of the Sigstore instance; None: the public one

    def holding(self, role: str) -> tuple[TrustedSigner, ...]:
        """Return the lines of those who have a role."""
        names = self.file.roles.get(role, ())
        return tuple(one for one in (*self.people, *self.services) if one.name in names)


def open_trust(file: TrustFile, read: Read) -> Trust:
    """Open the keys, roots and authorities that a trust file names.

    Raises:
        InputError: one cannot be read, has another fingerprint or digest, or stands twice.
    """
    opened = _Opened(file, read)
    signers = tuple(opened.lines(file.owners()))
    people = {person.name for person in file.people}
    return Trust(
        file=file,
        people=tuple(one for one in signers if one.name in people),
        services=tuple(one for one in signers if one.name not in people),
        engines=tuple(opened.lines(file.engines)),
        root=opened.root,
    )


class _Opened:
    """The files beside a trust file, each read once."""

    def __init__(self, file: TrustFile, read: Read) -> None:
        self._file = file
        self._read = read
        self.root = read(file.trusted_root) if file.trusted_root else None
        if self.root is not None:
            read_trusted_root(self.root, where=file.trusted_root)
        self._roots = {name: self._pinned_root(one) for name, one in file.trusted_roots.items()}
        self._authorities = {name: self._chains(one) for name, one in file.authorities.items()}

    def lines(self, owners: Iterable[Owner]) -> Iterator[TrustedSigner]:
        """Yield the lines of some owners; no two have one key."""
        seen: dict[str, str] = {}
        for owner in owners:
            scope = Scope() if isinstance(owner, Engine) else owner.scope
            for key in owner.means.keys:
                signer = self._key(key)
                name = fingerprint(signer.public_key)
                if name in seen:
                    raise InputError(
                        f"{owner.name} has the key of {seen[name]}", where=key.where,
                        expected="each key once",
                    )  # fmt: skip
                seen[name] = owner.name
                root = self._roots[key.trusted_root] if key.trusted_root else self.root
                yield TrustedSigner(line=_line(owner, key, scope), means=signer, root=root)
            for identity in owner.means.identities:
                named = identity.trusted_root
                root = self._roots[named] if named else self.root
                yield TrustedSigner(
                    line=replace(
                        _line(owner, identity, scope),
                        source_repository=identity.source_repository,
                        source_ref=identity.source_ref,
                        runner_environment=identity.runner_environment,
                    ),
                    means=NamedIdentity(named=identity, root=root),
                )
            for one in owner.means.certificates:
                signers, times = self._authorities[one.authority]
                yield TrustedSigner(
                    line=_line(owner, one, scope),
                    means=CertificateSigner(identity=one.identity, signers=signers, times=times),
                )

    def _key(self, key: TrustedKey) -> KeySigner:
        pem = self._read(key.file) if key.file else key.pem.encode()
        public = load_public_key(pem, where=key.file or key.where)
        found = fingerprint(public)
        if key.fingerprint not in ("", found):
            raise InputError(
                f"the key has the fingerprint {found}", where=key.where, expected=key.fingerprint
            )
        times = self._authorities[key.authority][1] if key.authority else None
        return KeySigner(public_key=public, times=times)

    def _pinned(self, one: Pinned) -> bytes:
        return read_pinned(one, self._read(one.file))

    def _pinned_root(self, one: Pinned) -> bytes:
        data = self._pinned(one)
        read_trusted_root(data, where=one.where)
        return data

    def _chains(self, authority: Authority) -> tuple[bytes, bytes]:
        certificates = authority.certificates
        return (
            self._chain(certificates) if certificates is not None else b"",
            self._chain(authority.timestamps),
        )

    def _chain(self, one: Pinned) -> bytes:
        data = self._pinned(one)
        demand_authorities(data, where=one.where)
        return data


def read_pinned(one: Pinned, data: bytes) -> bytes:
    """Return the bytes of a pinned file.

    Raises:
        InputError: they are others than it is pinned to.
    """
    found = sha256(data)
    if found != one.sha256:
        raise InputError(
            f"{one.file} has the digest sha256:{found}", where=one.where,
            expected=f"sha256:{one.sha256}", hint="look at what has changed before you pin it",
        )  # fmt: skip
    return data


def _line(
    owner: Owner, means: TrustedKey | TrustedIdentity | TrustedCertificate, scope: Scope
) -> TrustLine:
    return TrustLine(owner=owner.name, where=means.where, period=means.period, scope=scope)


def who_signed(
    bundle_bytes: bytes, signers: Sequence[TrustedSigner]
) -> tuple[VerifiedSignature, Signed]:
    """Return the signature of a bundle, and whose it is.

    Raises:
        RefusedError: no bundle, or nobody whom the trust file names has signed it.
        InputError: a trusted root cannot be read.
    """
    for trusted, found in tried(parse_bundle(bundle_bytes), signers):
        if isinstance(found, VerifiedSignature):
            signed = Signed(name=trusted.name, period=trusted.period, facts=found.signer)
            return found, signed
    raise RefusedError("signed by nobody whom the trust file names")


def tried(
    bundle: Bundle, signers: Sequence[TrustedSigner]
) -> Iterator[tuple[TrustedSigner, VerifiedSignature | RefusedError]]:
    """Yield each line that may have signed a bundle: with the signature, or why it is not theirs.

    Raises:
        InputError: a trusted root cannot be read.
    """
    for trusted in signers:
        signer = trusted.signer_of(bundle)
        if signer is None:
            continue  # cannot be theirs, and to ask would load sigstore
        try:
            found = verify_any_signature(bundle, signer)
        except RefusedError as error:
            yield trusted, error
        else:
            yield trusted, replace(found, signer=replace(found.signer, line=trusted.line))
