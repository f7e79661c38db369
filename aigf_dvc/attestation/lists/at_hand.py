"""The lists that a judge has at hand, and what they are held against."""

from collections.abc import Callable, Mapping, Sequence
from typing import Generic

from msgspec import Struct, field

from aigf_dvc.attestation.deployment import Deployment
from aigf_dvc.attestation.lists.head import Content, SignedList
from aigf_dvc.attestation.lists.releases import ReleaseIndex
from aigf_dvc.attestation.lists.revocations import RevocationList
from aigf_dvc.attestation.lists.seen import Seen
from aigf_dvc.attestation.verification import SignerFacts
from aigf_dvc.digests import Sha256

Beside = Mapping[Sha256, bytes]
"""Evidence that lay beside an attestation, by its digest."""


class AtHand(Struct, Generic[Content], frozen=True, kw_only=True):
    """All lists of one kind that somebody signed whom the judge lets do so."""

    lists: tuple[SignedList[Content], ...] = ()
    unread: tuple[str, ...] = ()  # places that are missing or cannot be read
    problems: tuple[str, ...] = ()  # why those that were read cannot decide
    others: int = 0  # how many lists do not count
    notes: tuple[str, ...] = ()  # what was found and does not count
    seen: tuple[Seen, ...] = ()  # which list stands in which place
    remembered: tuple[Seen, ...] = ()  # what was seen before, and still counts
    read: frozenset[str] = frozenset()  # the whole names of the places that could be read
    demanded: tuple[str, ...] = ()  # ids of lists that must be there


class MadeFrom(Struct, frozen=True, kw_only=True):
    """The digests of all that a model was made from, as its attestation says."""

    digests: Mapping[str, str] = field(default_factory=dict)  # `sha256:HEX` or `md5:HEX` -> path
    unknown: tuple[str, ...] = ()  # what could not be looked into
    only_md5: tuple[str, ...] = ()  # data whose SHA-256 nobody knows


class UsedSigner(Struct, frozen=True, kw_only=True):
    """Somebody whose signature an attestation rests on."""

    role: str  # such as `the approval/Dana`
    facts: SignerFacts


class RevocationCheck(Struct, frozen=True, kw_only=True):
    """The revocation lists, and what they are asked about beside the attestation itself."""

    lists: AtHand[RevocationList]
    made_from: Callable[[Deployment, Beside], MadeFrom]
    signers: Callable[[Deployment, Beside], Sequence[UsedSigner]]
    beside: Beside = field(default_factory=dict)
    override: str = ""  # why to go on when the lists cannot decide; empty: not to


class ReleaseCheck(Struct, frozen=True, kw_only=True):
    """The release indexes."""

    lists: AtHand[ReleaseIndex]
    override: str = ""  # as above
