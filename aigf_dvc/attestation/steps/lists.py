"""What the steps about signed lists share: whether the lists at hand can decide at all."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from aigf_dvc.attestation.lists.at_hand import AtHand
from aigf_dvc.attestation.lists.head import Content, SignedList
from aigf_dvc.attestation.lists.seen import highest_at, lost
from aigf_dvc.attestation.steps.case import Found, skipped
from aigf_dvc.attestation.steps.freshness import CLOCK_SKEW
from aigf_dvc.attestation.verification import StepOutcome
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.told_time import told_time


def by_id(lists: Iterable[SignedList[Content]]) -> dict[str, list[SignedList[Content]]]:
    """Return the lists of each id, the highest sequence first."""
    found: dict[str, list[SignedList[Content]]] = {}
    for each in sorted(lists, key=lambda each: (-each.head.sequence, each.digest)):
        found.setdefault(each.head.id, []).append(each)
    return found


def doubts(at_hand: AtHand[Content], at: datetime, *, only: str | None = None) -> Iterator[str]:
    """Yield why the lists cannot tell what holds now.

    Args:
        at_hand: all of them.
        at: the judge's clock.
        only: the id that is asked about; None: every one.
    """
    yield from at_hand.unread
    yield from at_hand.problems
    found = by_id(each for each in at_hand.lists if only in (None, each.head.id))
    if not found and not (at_hand.unread or at_hand.problems):
        yield f"no list{f' {only!r:.100}' if only else ''} by anybody whom you let sign lists"
    mute = {each.signer for each in at_hand.lists if each.silent}  # their numbers tell nothing
    known = [one for one in at_hand.remembered if one.signer not in mute]
    for name, lists in found.items():
        speaking = _speaking(lists)
        if speaking:
            places = {one.place for one in at_hand.seen if one.id == name} or {""}
            yield from _list_doubts(name, speaking, highest_at(known, name, places), at)
        else:
            last = f"the list {name!r:.100}, number {lists[0].head.sequence}"
            yield f"of {last}, only what it revokes counts: {lists[0].silent}"
    yield from _missing(at_hand, only)


def _missing(at_hand: AtHand[Content], only: str | None) -> Iterator[str]:
    """Yield which lists must be there and are not: a place could hide one behind another."""
    there = {each.head.id for each in at_hand.lists}
    for name in at_hand.demanded:
        if name not in there and only in (None, name):
            yield f"the list {name!r:.100}, which your trust file demands, is not at hand"
    yield from hidden(at_hand, only)


def hidden(at_hand: AtHand[Content], only: str | None = None) -> tuple[str, ...]:
    """Return which lists places had and have no more, or have older ones of.

    Nobody who asks for lists at all can pass that over: it is how a revocation is hidden.
    """
    before = [one for one in at_hand.remembered if one.place in at_hand.read]
    return tuple(said for name, said in lost(before, at_hand.seen) if only in (None, name))


def _list_doubts(
    name: str, lists: list[SignedList[Content]], remembered: int, at: datetime
) -> Iterator[str]:
    last = lists[0].head.sequence
    until = max(each.head.next_update for each in lists if each.head.sequence == last)
    called = f"the list {name!r:.100}, number {last},"
    if at - CLOCK_SKEW > until:  # later than `until` there may be no day at all
        yield f"{called} is stale: the next was due on {told_time(until)}"
    if last < remembered:
        yield f"{called} is an old one: number {remembered} was seen before"
    for head in (each.head for each in lists):
        if head.issued > at + CLOCK_SKEW:
            yield (
                f"the list {name!r:.100}, number {head.sequence}, is of the future: "
                f"issued {told_time(head.issued)}"
            )


def read_from(lists: Iterable[SignedList[Content]]) -> str:
    """Return which lists were read and count in full, for people."""
    return "\n".join(_each(found) for found in by_id(_speaking(lists)).values())


def _speaking(lists: Iterable[SignedList[Content]]) -> list[SignedList[Content]]:
    return [each for each in lists if not each.silent]


def _each(lists: list[SignedList[Content]]) -> str:
    head = lists[0].head
    until = told_time(head.next_update)
    same = sum(each.head.sequence == head.sequence for each in lists)
    forked = f", written {same} times: all count" if same > 1 else ""
    return (
        f"list {head.id!r:.100}, number {head.sequence}{forked}, signed by {lists[0].signer:.200}, "
        f"good until {until}"
    )


def undecided(what: str, reasons: list[str], *, required: bool, override: str) -> Found:
    """Return what a step is that the lists cannot decide.

    Raises:
        UndecidedError: it must be decided, and nobody takes it upon themselves.
    """
    said = "\n".join([f"{what} CANNOT BE TOLD", *reasons])
    if override:
        return StepOutcome.OVERRIDDEN, f"BY HAND: {override:.500}\n{said}"
    if required:
        raise UndecidedError(said)
    return skipped(f"NOT DEMANDED, and {said}")
