"""The trust file: whom a judge lets speak, with which keys and identities, and as what.

It belongs to whoever judges and is named by them (`--trust FILE`). A repository under judgement
never brings its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.external_verdict import VerdictType

WAIVE = "waive"
"""The role that a waiver needs, whatever other role it is signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days on which a key or identity speaks for its owner; both ends belong to it."""

    first: date | None = None  # None: always was
    last: date | None = None  # None: no end is known

    def why_not(self, day: date) -> str:
        """Return why it does not speak on a day, or an empty text."""
        if self.first is not None and day < self.first:
            return f"valid only from {self.first}"
        if self.last is not None and day > self.last:
            return f"valid only until {self.last}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKey:
    """A public key: its PEM, or the file beside the trust file that holds it."""

    where: str  # its line in the trust file
    pem: str = ""
    file: str = ""
    fingerprint: str = ""  # what the key must have; empty: not said
    period: Period = field(default_factory=Period)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedIdentity:
    """An identity, exactly as a certificate names it, and who vouches for it."""

    identity: str
    issuer: str
    period: Period = field(default_factory=Period)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign, and the addresses by which git knows them."""

    name: str
    emails: tuple[str, ...] = ()
    keys: tuple[TrustedKey, ...] = ()
    identities: tuple[TrustedIdentity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A program of somebody's that judges models, too, and signs what it found."""

    name: str
    types: tuple[VerdictType, ...]
    verifier: str = ""  # the `verifier.id` that it must name; empty: any
    keys: tuple[TrustedKey, ...] = ()
    identities: tuple[TrustedIdentity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustFile:
    """Everything that one judge trusts."""

    id: str
    sha256: Sha256
    where: str
    people: tuple[Person, ...]
    roles: Mapping[str, tuple[str, ...]]  # role -> the names of those who have it
    engines: tuple[Engine, ...] = ()
    expires: date | None = None  # the last day on which it counts
    trusted_root: str = ""  # the file of the Sigstore instance; empty: the public one

    def roles_of(self, person: str) -> tuple[str, ...]:
        """Return the roles that a person has, in the file's order."""
        return tuple(role for role, names in self.roles.items() if person in names)
