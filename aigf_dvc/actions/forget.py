"""Forget a signed list that is gone for a reason, and keep that it was forgotten."""

from datetime import datetime
from pathlib import Path

from aigf_dvc.actions.list_memory import Forgotten, ListMemory
from aigf_dvc.actions.list_places import whole_name
from aigf_dvc.errors import AigfError, InputError


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
    )  # fmt: skip


def _whole(place: str) -> str:
    try:
        return whole_name(place) if place else ""
    except AigfError:  # a repository that is gone has only the name that was told
        return place
