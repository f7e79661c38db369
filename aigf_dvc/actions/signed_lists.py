"""Gathers signed lists from files and stores: those that count, and why others do not."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Generic

from msgspec import Struct, field

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.list_places import is_store, whole_name
from aigf_dvc.attestation.deployment import Statement
from aigf_dvc.attestation.lists.at_hand import AtHand
from aigf_dvc.attestation.lists.head import Content, ListHead, SignedList, store_key
from aigf_dvc.attestation.lists.releases import RELEASES, ReleaseIndex, read_releases
from aigf_dvc.attestation.lists.revocations import REVOCATIONS, RevocationList, read_revocations
from aigf_dvc.attestation.lists.seen import Seen
from aigf_dvc.attestation.speaking import (
    refuse_certified,
    refuse_environment,
    refuse_time,
    refuse_type,
    silent_since,
)
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.attestation.steps.freshness import CLOCK_SKEW
from aigf_dvc.attestation.verification import SignerFacts
from aigf_dvc.digests import sha256
from aigf_dvc.errors import AigfError, RefusedError
from aigf_dvc.signing.bundle import split_bundles
from aigf_dvc.signing.list_signers import ListSigners, name_of
from aigf_dvc.stores.layout import BUNDLE
from aigf_dvc.stores.open import open_store

MOST = 5_000  # lists in one place: a day's for more than ten years


class ListKind(Struct, Generic[Content], frozen=True, kw_only=True):
    """One kind of list: how it is read, and as what people must sign it."""

    predicate_type: str
    called: str
    role: str
    key_option: str
    by_environment: bool = False  # each list is for one, whose name is its id
    outlives_its_key: bool = False  # for what it forbids
    read: Callable[[Statement], Content]
    head: Callable[[Content], ListHead]


REVOKING: ListKind[RevocationList] = ListKind(
    predicate_type=REVOCATIONS,
    called="revocation list",
    role="revoke",
    key_option="--revocation-key",
    outlives_its_key=True,
    read=read_revocations,
    head=lambda content: content.head,
)
RELEASING: ListKind[ReleaseIndex] = ListKind(
    predicate_type=RELEASES,
    called="release index",
    role="release",
    key_option="--release-key",
    by_environment=True,
    read=read_releases,
    head=lambda content: content.head,
)


class _Gathered(Struct, Generic[Content]):
    lists: dict[str, SignedList[Content]] = field(default_factory=dict)  # by digest
    unread: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    others: int = 0
    notes: list[str] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    read: set[str] = field(default_factory=set)  # the whole names of places


def gather(
    places: Sequence[str],
    kind: ListKind[Content],
    signers: ListSigners,
    *,
    today: date,
    remembered: Sequence[Seen] = (),
) -> AtHand[Content]:
    """Return the lists in some places, each a file of bundles or a store.

    Nothing that is wrong with a place is an error here: what cannot be read is told, and whoever
    judges decides what that means.

    Args:
        places: files and stores, as people write them.
        kind: the kind of list.
        signers: who may sign them.
        today: on which day their keys must speak for them.
        remembered: what was seen before, of signers who still count.
    """
    found = _Gathered[Content]()
    for place in places:
        _look(place, kind, signers, today, found)
    if kind.by_environment:  # two projects may have one: its name tells no list from another
        remembered = [one for one in remembered if one.place in found.read]
    return AtHand(
        lists=tuple(found.lists.values()),
        unread=tuple(found.unread),
        problems=tuple(found.problems),
        others=found.others,
        notes=tuple(found.notes),
        seen=tuple(found.seen),
        remembered=tuple(remembered),
        read=frozenset(found.read),
    )


def _look(
    place: str,
    kind: ListKind[Content],
    signers: ListSigners,
    today: date,
    found: _Gathered[Content],
) -> None:
    try:
        name, bundles = whole_name(place), tuple(_bundles(place, kind))
    except AigfError as error:
        found.unread.append(f"{place:.200}: {error}")
        return
    if len(bundles) > MOST:
        found.unread.append(f"{place:.200} holds {len(bundles)} lists: at most {MOST} are read")
        return
    if name:
        found.read.add(name)
    reasons: dict[str, int] = {}
    counting = 0
    for bundle in bundles:
        try:
            read = _read(bundle, kind, signers, today)
        except RefusedError as error:
            reasons[str(error)] = reasons.get(str(error), 0) + 1
        else:
            found.lists[read.digest] = read
            found.seen.append(_seen(read, name))
            counting += 1
    found.others += sum(reasons.values())
    said = [f"{place:.200}: {count} that do not count: {why}" for why, count in reasons.items()]
    if counting:
        found.notes.extend(said[:5])
    else:  # whoever may write there could hide the lists, but must not make them undecided
        found.problems.append(f"{place:.200} holds no {kind.called} by anybody whom you trust")
        found.problems.extend(said[:5])


def _seen(one: SignedList[Content], place: str) -> Seen:
    return Seen(
        id=one.head.id,
        signer=one.signer,
        place=place,
        sequence=one.head.sequence,
        silent=bool(one.silent),
    )


def _bundles(place: str, kind: ListKind[Content]) -> Iterator[bytes]:
    if not is_store(place):
        yield from split_bundles(read_file(Path(place)))
        return
    for item in open_store(place).find(store_key(kind.predicate_type)):
        if item.ending == BUNDLE:
            yield item.data


def _read(
    bundle: bytes, kind: ListKind[Content], signers: ListSigners, today: date
) -> SignedList[Content]:
    """Read one list once its signature is verified.

    Raises:
        RefusedError: it does not count.
        InputError: a trusted root of the judge's cannot be read.
    """
    signature, signed = signers.who(bundle)
    content = kind.read(read_statement(signature.payload))
    head = kind.head(content)
    proven = signed.facts.time
    if proven is not None and head.issued > proven + CLOCK_SKEW:
        raise RefusedError(f"it claims to be of {head.issued}, after it was signed")
    return SignedList(
        silent=_held_to_line(signed.facts, head, kind, today),
        digest=sha256(signature.payload),
        signer=name_of(signed.facts),
        head=head,
        content=content,
    )


def _held_to_line(facts: SignerFacts, head: ListHead, kind: ListKind[Content], today: date) -> str:
    """Return why only what a list revokes counts, by its signer's line of the trust file.

    Raises:
        RefusedError: it does not count at all.
    """
    line = facts.line
    if line is None:
        return ""
    refuse_type(line, kind.predicate_type)
    refuse_certified(line, facts)
    silent = silent_since(line, facts, head.issued, today) if kind.outlives_its_key else ""
    if not silent:
        refuse_time(line, facts, head.issued, today)
    if kind.by_environment:
        refuse_environment(line, head.id)
    return silent
