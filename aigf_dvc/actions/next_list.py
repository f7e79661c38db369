"""How the next issue of a signed list begins: one number on, and never behind the last in time."""

from datetime import datetime, timedelta

from aigf_dvc.attestation.lists.at_hand import AtHand
from aigf_dvc.attestation.lists.head import Content, ListHead
from aigf_dvc.attestation.lists.seen import highest_at, lost
from aigf_dvc.attestation.steps.freshness import CLOCK_SKEW
from aigf_dvc.errors import InputError, UndecidedError


def demand_complete(known: AtHand[Content]) -> None:
    """Refuse to sign on top of a place that had a list which is there no more.

    Raises:
        UndecidedError: a list is gone, or older than it was.
    """
    before = [one for one in known.remembered if one.place in known.read]
    for _, said in lost(before, known.seen):
        raise UndecidedError(
            said, expected="the lists that were there",
            hint="nothing was signed; `aigf pull` fetches what was pushed",
        )  # fmt: skip


def next_head(
    known: AtHand[Content], identifier: str, *, at: datetime, good_for: timedelta
) -> ListHead:
    """Return the head of the next list of an id.

    Entries are told apart by when they were changed. So a list is always of a later second than
    the one before, even when two are made within one, or by clocks that differ a little.

    Raises:
        UndecidedError: the last lists are not at hand, or this machine's clock is behind.
    """
    if known.unread:
        raise UndecidedError(
            known.unread[0], expected="the last list", hint="nothing was signed; try again"
        )
    heads = [each.head for each in known.lists if each.head.id == identifier]
    last = max((head.sequence for head in heads), default=0)
    seen = highest_at(known.remembered, identifier, known.read or {""})
    if last < seen:
        raise UndecidedError(
            f"the last list at hand is number {last}, and number {seen} was seen before",
            expected="the last one", hint="`aigf pull` fetches it",
        )  # fmt: skip
    newest = max((head.issued for head in heads), default=at - timedelta(seconds=1))
    if newest > at + CLOCK_SKEW:
        raise UndecidedError(
            f"the last list is of {newest}, and this machine's clock says {at}",
            expected="clocks that agree", hint="set the clock that is wrong",
        )  # fmt: skip
    issued = max(at, newest + timedelta(seconds=1))
    if good_for <= CLOCK_SKEW:
        raise InputError(f"{good_for}", where="--next-update", expected="an hour or more")
    return ListHead(id=identifier, sequence=last + 1, issued=issued, next_update=issued + good_for)
