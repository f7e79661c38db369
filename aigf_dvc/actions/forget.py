"""Forget a signed list that is gone for a reason, and keep that it was forgotten."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from aigf_dvc.actions.list_memory import Forgotten, ListMemory
from aigf_dvc.actions.list_places import whole_name
from aigf_dvc.attestation.lists.seen import Seen
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.report.visible import visible

_SHOWN = 20


def forget(state: Path, identifier: str, *, place: str, reason: str, at: datetime) -> Forgotten:
    """Forget that a list was seen.

    Args:
        state: the file in which a judge's machine keeps what it saw.
        identifier: the list's id.
        place: where it may be gone, as people write it or by its whole name; empty: everywhere.
        reason: why, for whoever reads the file.
        at: the time, UTC.

    Raises:
        InputError: no such list was seen there.
        UndecidedError: the file is damaged, or cannot be written.
    """
    memory = ListMemory(state)
    for name in dict.fromkeys((_whole(place), place)):
        what = Forgotten(id=identifier, place=name, reason=reason, on=at)
        found = memory.forget(what)
        if found is not None:
            return found
    raise InputError(
        f"no list {identifier!r:.100} was seen{f' at {place:.200}' if place else ''}",
        where=str(state), expected="a list that was seen before",
        hint=_to_choose_from(memory.all_seen(), identifier),
    )  # fmt: skip


def _to_choose_from(seen: Iterable[Seen], identifier: str) -> str:
    """Return what was seen, a list a line; those of the name that was asked for come first."""
    lists = sorted(seen, key=lambda one: (one.id != identifier, one.id, one.place, one.signer))
    if not lists:
        return "no list was seen yet; name the file that `aigf verify` keeps with --state"
    lines = [
        visible(
            f"    {one.id:.100} at {one.place or 'a place that has no name'}, signed by"
            f" {one.signer}, number {one.sequence}"
        )
        for one in lists[:_SHOWN]
    ]
    more = [f"    and {len(lists) - _SHOWN} more: the file has them"] if lists[_SHOWN:] else []
    return "\n".join(("choose from what was seen:", *lines, *more))


def _whole(place: str) -> str:
    try:
        return whole_name(place) if place else ""
    except AigfError:  # a repository that is gone has only the name that was told
        return place
