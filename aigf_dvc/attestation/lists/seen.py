"""Which issue of a list was seen where: so that no place hides a list, or serves an old one."""

from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct


class Seen(Struct, frozen=True, kw_only=True):
    """The highest number of a list that one signer signed, as one place had it."""

    id: str
    signer: str
    place: str  # its whole name; empty: that was not kept
    sequence: int
    silent: bool = False  # its signer counts no more: the number is none to keep


def highest(seen: Iterable[Seen], identifier: str) -> int:
    """Return the highest number of a list that was seen anywhere, or 0."""
    return max((one.sequence for one in seen if one.id == identifier), default=0)


def highest_at(seen: Iterable[Seen], identifier: str, places: Collection[str]) -> int:
    """Return the highest number that was seen of a list in some places, or 0.

    Two stores may have a list of one name each. Files are one place: they have no fixed one.
    """
    among_files = any(is_file(place) for place in places)
    same = (one for one in seen if one.place in places or (among_files and is_file(one.place)))
    return highest(same, identifier)


def is_file(place: str) -> bool:
    """Tell whether a place's whole name is that of a file, or none at all."""
    return not place or (place.startswith("/") and not place.endswith("/"))


def lost(remembered: Iterable[Seen], now: Iterable[Seen]) -> Iterator[tuple[str, str]]:
    """Yield the id of each list that a place had and has no more, and what is to be told.

    A list of a higher number joins those before it, whoever signed them: then nothing is lost.

    Args:
        remembered: what was seen before, in places that could be read now.
        now: what is there now.
    """
    there = tuple(now)
    told = set[tuple[str, str]]()
    for one in sorted(remembered, key=lambda one: (one.place, one.id, -one.sequence)):
        same = [each for each in there if (each.place, each.id) == (one.place, one.id)]
        top = highest(same, one.id)
        own = highest((each for each in same if each.signer == one.signer), one.id)
        if max(top - 1, own) < one.sequence and (one.place, one.id) not in told:
            told.add((one.place, one.id))
            yield one.id, _words(one, top)


def _words(one: Seen, top: int) -> str:
    if top == one.sequence:
        return (
            f"{one.place} holds number {top} of the list {one.id!r:.100} by another signer alone: "
            f"that of {one.signer:.200} was seen there"
        )
    if top:
        return (
            f"{one.place} holds number {top} of the list {one.id!r:.100}, and number "
            f"{one.sequence} was seen there"
        )
    return (
        f"{one.place} holds no list {one.id!r:.100} any more: number {one.sequence} was seen there "
        f"(`aigf forget {one.id:.100} --place {one.place}` if it may be gone)"
    )
