"""Remembers which lists were seen where, so that none is hidden, nor an old one taken for the last.

What somebody forgets on purpose is kept, too: who judges later can see that it was.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from aigf_dvc.actions.list_places import is_gone
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.attestation.fields import TIME, Fields
from aigf_dvc.attestation.lists.seen import Seen, is_file
from aigf_dvc.canonical import Json, pretty
from aigf_dvc.errors import RefusedError, UndecidedError

_SCHEMA = "https://aigf-dvc.readthedocs.io/seen-lists/v1"
_MAX_BYTES = 4 * 2**20
_Key = tuple[str, str, str, str]
"""The predicate type, the list's id, who signed it, and where it was seen."""


def default_file() -> Path:
    """Return where a judge's machine keeps it, by the XDG base directories."""
    base = os.environ.get("XDG_STATE_HOME", "")
    folder = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    return folder / "aigf" / "lists.json"


class Forgotten(Struct, frozen=True, kw_only=True):
    """That lists may be gone from a place, or from all places, since when and why."""

    id: str
    place: str  # empty: all of them
    reason: str
    on: datetime  # UTC
    sequence: int = 0  # the highest that was seen


class _Kept(Struct):
    seen: dict[_Key, int] = field(default_factory=dict)
    forgotten: list[Forgotten] = field(default_factory=list)


class ListMemory(Struct, frozen=True):
    """The file in which the numbers stand."""

    path: Path

    def seen(self, predicate_type: str, knows: Callable[[str], bool]) -> tuple[Seen, ...]:
        """Return what was seen of lists of a kind, by signers who are trusted now.

        Raises:
            UndecidedError: the file is damaged, or cannot be read.
        """
        return tuple(
            Seen(id=identifier, signer=signer, place=place, sequence=sequence)
            for (kind, identifier, signer, place), sequence in self._read().seen.items()
            if kind == predicate_type and knows(signer)
        )

    def all_seen(self) -> tuple[Seen, ...]:
        """Return what was seen of lists of every kind, whoever signed them.

        Raises:
            UndecidedError: the file is damaged, or cannot be read.
        """
        return tuple(
            Seen(id=identifier, signer=signer, place=place, sequence=sequence)
            for (_, identifier, signer, place), sequence in self._read().seen.items()
        )

    def note(self, predicate_type: str, seen: Iterable[Seen]) -> None:
        """Keep what was seen, where it is higher than before.

        Raises:
            UndecidedError: the file is damaged.
            OSError: it cannot be written.
        """
        new: dict[_Key, int] = {}
        for one in seen:
            key = (predicate_type, one.id, one.signer, one.place)
            new[key] = max(one.sequence, new.get(key, 0))
        if not self._is_news(self._read().seen, new):
            return  # a machine that may only read has nothing to complain about
        with self._locked():
            kept = self._read()
            for key, sequence in new.items():
                kept.seen[key] = max(sequence, kept.seen.get(key, 0))
            kept.seen = _without_gone(kept.seen)
            write_atomically(self.path, _written(kept))

    def forget(self, what: Forgotten) -> Forgotten | None:
        """Forget a list at a place, or at all; keep that it was forgotten. None: it is unknown.

        Raises:
            UndecidedError: the file is damaged.
            OSError: it cannot be written.
        """
        with self._locked():
            kept = self._read()
            gone = {
                key: sequence
                for key, sequence in kept.seen.items()
                if key[1] == what.id and what.place in ("", key[3])
            }
            if not gone:
                return None
            what = replace(what, sequence=max(gone.values()))
            kept.seen = {key: kept.seen[key] for key in kept.seen.keys() - gone.keys()}
            kept.forgotten.append(what)
            write_atomically(self.path, _written(kept))
        return what

    def _is_news(self, known: dict[_Key, int], new: dict[_Key, int]) -> bool:
        return any(sequence > known.get(key, 0) for key, sequence in new.items())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep others out: of two that write at once, none may undo what the other has seen."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f".{self.path.name}.lock")
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _read(self) -> _Kept:
        try:
            with open(self.path, "rb", opener=_without_waiting) as file:
                data = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return _Kept()
        except OSError as error:
            raise UndecidedError(
                f"cannot be read: {error.strerror}", where=str(self.path)
            ) from None
        try:
            return _kept(Fields.read(data, "lists", max_bytes=_MAX_BYTES))
        except RefusedError as error:
            raise UndecidedError(
                f"damaged: {error}", where=str(self.path), expected="what `aigf verify` kept there",
                hint="restore it, or remove it and take the lists of today on trust",
            ) from None  # fmt: skip


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; of a named pipe nobody waits for the other end."""
    return os.open(path, flags | os.O_NONBLOCK)


def _without_gone(seen: dict[_Key, int]) -> dict[_Key, int]:
    """Leave out files that are no longer there: each run of a judge may have one of its own.

    Their numbers stay, as long as no other file is known with a number as high.
    """
    kept = dict(seen)
    for key, sequence in seen.items():
        if not is_gone(key[3]):
            continue
        same = (
            number
            for other, number in kept.items()
            if other != key and other[:3] == key[:3] and is_file(other[3])
        )
        if max(same, default=0) >= sequence:
            del kept[key]
    return kept


def _kept(top: Fields) -> _Kept:
    top.only("schema", "seen", "forgotten")
    if top.text("schema") != _SCHEMA:
        raise RefusedError(f"{top.text('schema')!r:.100}", where=top.at("schema"), expected=_SCHEMA)
    found = _Kept()
    for item in top.objects("seen"):
        item.only("list", "id", "signer", "place", "sequence")
        place = item.optional_text("place") or ""
        key = (item.text("list"), item.text("id"), item.text("signer"), place)
        found.seen[key] = item.count("sequence")
    for item in top.objects("forgotten") if "forgotten" in top.values else ():
        item.only("id", "place", "sequence", "on", "reason")
        one = Forgotten(
            id=item.text("id"),
            place=item.optional_text("place") or "",
            reason=item.text("reason"),
            on=item.time("on"),
            sequence=item.count("sequence"),
        )
        found.forgotten.append(one)
    return found


def _written(kept: _Kept) -> bytes:
    seen: list[Json] = [
        {"list": kind, "id": name, "signer": signer, "place": place or None, "sequence": sequence}
        for (kind, name, signer, place), sequence in sorted(kept.seen.items())
    ]
    document: dict[str, Json] = {"schema": _SCHEMA, "seen": seen}
    if kept.forgotten:
        document["forgotten"] = [
            {
                "id": one.id,
                "place": one.place or None,
                "sequence": one.sequence,
                "on": one.on.astimezone(UTC).strftime(TIME),
                "reason": one.reason,
            }
            for one in kept.forgotten
        ]
    return f"{pretty(document)}\n".encode()
