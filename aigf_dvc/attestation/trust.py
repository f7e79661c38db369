"""The trust file: whom a judge lets speak, with which keys and identities, and as what.

It belongs to whoever judges and is named by them (`--trust FILE`). A repository under judgement
never brings its own.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum, unique

from msgspec import Struct, field

from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.external_verdict import VerdictType
from aigf_dvc.evidence.lineage import TrustLevel

WAIVE = "waive"
"""The role that a waiver needs, whatever other role it is signed in."""
ATTEST = "attest"
OBSERVE = "observe"
REPRODUCE = "reproduce"
REVOKE = "revoke"
SERVICE_ROLES = (ATTEST, OBSERVE, REPRODUCE, REVOKE)
"""What a machine may do; all other roles, and waivers, are for people."""


ROLES = (*SERVICE_ROLES, WAIVE)
"""What means something of its own; any other role is a name under which people approve."""


class Period(Struct, frozen=True, kw_only=True):
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

    def why_not_signed(self, proven: datetime | None, claimed: datetime, today: date) -> str:
        """Return why a signature does not count, or an empty text.

        What a log or a timestamp authority saw in time stays good. Otherwise only the signer says
        when, and whoever has an old key can say an old day: then it must be valid today, too.
        """
        if proven is not None:
            return self.why_not(proven.date())
        return self.why_not(claimed.date()) or self.why_not(today)

    def why_ended(self, proven: datetime | None, claimed: datetime, today: date) -> str:
        """Return that it has ended since a day that only the signer claims, or an empty text."""
        ended = self.last is not None and today > self.last
        if proven is not None or not ended or self.why_not(claimed.date()):
            return ""
        return self.why_not(today)


class Pinned(Struct, frozen=True, kw_only=True):
    """A file beside the trust file, and the bytes that it must have."""

    where: str  # its line in the trust file
    file: str
    sha256: Sha256


class Authority(Struct, frozen=True, kw_only=True):
    """A PKI of one's own: who issues certificates, and who tells the time."""

    where: str
    certificates: Pinned | None = None  # None: it only tells the time
    timestamps: Pinned


class TrustedKey(Struct, frozen=True, kw_only=True):
    """A public key: its PEM, or the file beside the trust file that holds it."""

    where: str  # its line in the trust file
    pem: str = ""
    file: str = ""
    fingerprint: str = ""  # what the key must have; empty: not said
    authority: str = ""  # whose timestamp must be under its signatures; empty: none
    trusted_root: str = ""  # whose logs have its signatures, by name; empty: that of the whole file
    period: Period = field(default_factory=Period)


class TrustedIdentity(Struct, frozen=True, kw_only=True):
    """An identity as a keyless certificate names it, and who vouches for it."""

    where: str
    identity: str  # exact, or a pattern
    is_pattern: bool = False
    issuer: str
    source_repository: str = ""  # exact or a pattern; these three as the certificate says
    source_ref: str = ""
    runner_environment: str = ""
    trusted_root: str = ""  # its name; empty: that of the whole file
    period: Period = field(default_factory=Period)


class TrustedCertificate(Struct, frozen=True, kw_only=True):
    """An identity as a certificate of one's own PKI names it."""

    where: str
    identity: str
    authority: str
    period: Period = field(default_factory=Period)


class Means(Struct, frozen=True, kw_only=True):
    """All that somebody may sign with."""

    keys: tuple[TrustedKey, ...] = ()
    identities: tuple[TrustedIdentity, ...] = ()
    certificates: tuple[TrustedCertificate, ...] = ()


class Scope(Struct, frozen=True, kw_only=True):
    """What somebody may speak about; empty: about everything."""

    predicate_types: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who may sign, and the addresses by which git knows them."""

    name: str
    where: str = ""
    emails: tuple[str, ...] = ()
    means: Means = field(default_factory=Means)
    scope: Scope = field(default_factory=Scope)


class Service(Struct, frozen=True, kw_only=True):
    """A machine that signs: a release workflow, a training box."""

    name: str
    where: str = ""
    means: Means = field(default_factory=Means)
    scope: Scope = field(default_factory=Scope)


class Engine(Struct, frozen=True, kw_only=True):
    """A program of somebody's that judges models, too, and signs what it found."""

    name: str
    where: str = ""
    types: tuple[VerdictType, ...]
    verifier: str = ""  # the `verifier.id` that it must name; empty: any
    means: Means = field(default_factory=Means)


Owner = Person | Service | Engine


class TrustLine(Struct, frozen=True, kw_only=True):
    """One line of a trust file that names a signer, and all that it demands of them."""

    owner: str
    where: str
    period: Period = field(default_factory=Period)
    scope: Scope = field(default_factory=Scope)
    source_repository: str = ""
    source_ref: str = ""
    runner_environment: str = ""


@unique
class LogDemand(StrEnum):
    """Whether a signature must stand in a transparency log."""

    REQUIRED = "required"
    REFUSED = "refused"
    OPTIONAL = "optional"


@unique
class Wish(StrEnum):
    """Whether something must be there."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class TrustDemands(Struct, frozen=True, kw_only=True):
    """What a judge demands of every attestation, whoever signed it."""

    policies: frozenset[Sha256] | None = None  # the accepted ones; None: not said
    attesters: int = 1  # how many different owners must attest
    log: LogDemand = LogDemand.OPTIONAL
    timestamp: Wish = Wish.OPTIONAL
    max_age: timedelta | None = None
    min_trust: TrustLevel = TrustLevel.DECLARED
    source_repositories: tuple[str, ...] = ()  # exact or patterns; all must hold
    revocations: Wish = Wish.OPTIONAL
    revocation_lists: tuple[str, ...] = ()  # ids of lists that must be there, each
    releases: Wish = Wish.OPTIONAL


class TrustFile(Struct, frozen=True, kw_only=True):
    """Everything that one judge trusts."""

    id: str
    sha256: Sha256
    where: str
    people: tuple[Person, ...] = ()
    services: tuple[Service, ...] = ()
    roles: Mapping[str, tuple[str, ...]]  # role -> the names of those who have it
    engines: tuple[Engine, ...] = ()
    expires: date | None = None  # the last day on which it counts
    trusted_root: str = ""  # the file of the Sigstore instance; empty: the public one
    trusted_roots: Mapping[str, Pinned] = field(default_factory=dict)
    authorities: Mapping[str, Authority] = field(default_factory=dict)
    demands: TrustDemands = field(default_factory=TrustDemands)
    includes: tuple[Pinned, ...] = ()
    open_roles: tuple[str, ...] = ()  # that a file which includes this one may fill
    places: Mapping[str, str] = field(default_factory=dict)  # `file:line` of keys, by dotted name

    def roles_of(self, person: str) -> tuple[str, ...]:
        """Return the roles that a person has, in the file's order."""
        return tuple(role for role, names in self.roles.items() if person in names)

    def place(self, key: str) -> str:
        """Return where a key stands, or the file."""
        return self.places.get(key, self.where)

    def owners(self) -> Iterator[Person | Service]:
        """Yield everybody who may have a role."""
        yield from self.people
        yield from self.services
