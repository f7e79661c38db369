"""Who may sign lists: people of the trust file by their role, or keys that the judge names."""

from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct

from aigf_dvc.attestation.lists.head import signer_name
from aigf_dvc.attestation.name_pattern import matches
from aigf_dvc.attestation.signed import Signed
from aigf_dvc.attestation.trust import Period
from aigf_dvc.attestation.verification import SignerFacts
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.key_kinds import PublicKey
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.observers import Observer, TrustedObservers
from aigf_dvc.signing.open import CertificateSigner, KeySigner, verify_signature
from aigf_dvc.signing.signature import VerifiedSignature
from aigf_dvc.signing.trusted import NamedIdentity, Trust, TrustedSigner, who_signed


class NamedKey(Struct, frozen=True, kw_only=True):
    """A public key that the judge named; its owner has no other name than its file's."""

    name: str
    key: PublicKey


class ListSigners(Struct, frozen=True, kw_only=True):
    """All who may sign lists of a kind."""

    lines: tuple[TrustedSigner, ...] = ()  # of the trust file
    keys: tuple[NamedKey, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is anybody."""
        return bool(self.lines or self.keys)

    def who(self, bundle: bytes) -> tuple[VerifiedSignature, Signed]:
        """Return the signature of a list, and whose it is.

        Raises:
            RefusedError: no bundle, or nobody who may has signed it.
            InputError: a trusted root of the judge's cannot be read.
        """
        parse_bundle(bundle)  # what is no bundle is told as such
        for named in self.keys:
            try:
                signature = verify_signature(bundle, KeySigner(public_key=named.key))
            except RefusedError:
                continue
            facts = signature.signer
            return signature, Signed(name=named.name, period=Period(), facts=facts)
        if self.lines:
            return who_signed(bundle, self.lines)
        raise RefusedError("signed by nobody whom you trust")

    def name_in(self, bundle: bytes) -> str:
        """Return by what name lists know who signed a bundle; empty: it is nobody of these.

        Raises:
            InputError: a trusted root of the judge's cannot be read.
        """
        try:
            return name_of(self.who(bundle)[1].facts)
        except RefusedError:
            return ""

    def knows(self, name: str) -> bool:
        """Tell whether a name, as `name_of` gives it, is of one of them."""
        own = {fingerprint(named.key) for named in self.keys}
        return name in own or any(_is_called(line, name) for line in self.lines)


def in_role(trust: Trust | None, role: str) -> tuple[TrustedSigner, ...]:
    """Return the keys and identities of everybody who has a role."""
    return trust.holding(role) if trust is not None else ()


def named_key(pem: bytes, *, where: str) -> NamedKey:
    """Return a public key under the name of its file.

    Raises:
        InputError: the file holds no public key.
    """
    return NamedKey(name=where, key=load_public_key(pem, where=where))


def name_of(facts: SignerFacts) -> str:
    """Return by what name a verified signer is known: a fingerprint, or an identity and issuer."""
    return signer_name(facts.name, facts.issuer)


class Anybody(Struct, frozen=True, kw_only=True):
    """All whom a judge trusts for anything at all."""

    trust: Trust | None
    others: Sequence[Observer] = ()

    def _lines(self) -> tuple[TrustedSigner, ...]:
        trust = self.trust
        return (*trust.people, *trust.services, *trust.engines) if trust is not None else ()

    def who(self, bundle: bytes) -> SignerFacts | None:
        """Return who signed a bundle, or None: nobody of them.

        Raises:
            RefusedError: it is no bundle.
        """
        by_key = parse_bundle(bundle).certificate is None
        with suppress(RefusedError):
            return who_signed(bundle, self._lines())[0].signer
        for signer in self.others:
            if isinstance(signer, TrustedObservers):
                continue  # lines of the trust file
            if isinstance(signer, KeySigner) is by_key:  # else it cannot be theirs
                with suppress(RefusedError):
                    return verify_signature(bundle, signer).signer
        return None


def _is_called(line: TrustedSigner, name: str) -> bool:
    """Tell whether a name may be that of a line of the trust file; a pattern has many."""
    match line.means:
        case KeySigner():
            return fingerprint(line.means.public_key) == name
        case CertificateSigner():
            return name.startswith(signer_name(line.means.identity, ""))
        case NamedIdentity():
            named = line.means.named
            identity = name.removesuffix(signer_name("", named.issuer))
            if identity == name:
                return False
            return (
                matches(named.identity, identity)
                if named.is_pattern
                else (named.identity == identity)
            )
