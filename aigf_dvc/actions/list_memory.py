"""Remembers the highest number seen of each list, so that an old one is not taken for the last."""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.lists.head import Content, SignedList
from aigf_dvc.canonical import Json, pretty
from aigf_dvc.errors import RefusedError, UndecidedError

_SCHEMA = "https://aigf-dvc.readthedocs.io/seen-lists/v1"
_MAX_BYTES = 4 * 2**20
_Key = tuple[str, str, str]
"""The predicate type, the list's id, and who signed it."""


def default_file() -> Path:
    """Return where a judge's machine keeps it, by the XDG base directories."""
    base = os.environ.get("XDG_STATE_HOME", "")
    folder = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    return folder / "aigf" / "lists.json"


class ListMemory(Struct, frozen=True):
    """The file in which the numbers stand."""

    path: Path

    def highest(self, predicate_type: str, knows: Callable[[str], bool]) -> Mapping[str, int]:
        """Return the highest sequence seen of each id, from signers who are trusted now.

        Raises:
            UndecidedError: the file is damaged, or cannot be read.
        """
        found: dict[str, int] = {}
        for (kind, identifier, signer), sequence in self._read().items():
            if kind == predicate_type and knows(signer):
                found[identifier] = max(sequence, found.get(identifier, 0))
        return found

    def note(self, predicate_type: str, lists: Iterable[SignedList[Content]]) -> None:
        """Keep what was seen, where it is higher than before.

        Raises:
            UndecidedError: the file is damaged.
            OSError: it cannot be written.
        """
        new: dict[_Key, int] = {}
        for each in lists:
            key = (predicate_type, each.head.id, each.signer)
            new[key] = max(each.head.sequence, new.get(key, 0))
        if not self._is_news(self._read(), new):
            return  # a machine that may only read has nothing to complain about
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            known = self._read()
            for key, sequence in new.items():
                known[key] = max(sequence, known.get(key, 0))
            write_atomically(self.path, _written(known))

    def _is_news(self, known: Mapping[_Key, int], new: Mapping[_Key, int]) -> bool:
        return any(sequence > known.get(key, 0) for key, sequence in new.items())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep others out: of two that write at once, none may undo what the other has seen."""
        beside = self.path.with_name(f".{self.path.name}.lock")
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _read(self) -> dict[_Key, int]:
        try:
            with self.path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise UndecidedError(
                f"cannot be read: {error.strerror}", where=str(self.path)
            ) from None
        try:
            return _numbers(Fields.read(data, "lists", max_bytes=_MAX_BYTES))
        except RefusedError as error:
            raise UndecidedError(
                f"damaged: {error}", where=str(self.path), expected="what `aigf verify` kept there",
                hint="restore it, or remove it and take the lists of today on trust",
            ) from None  # fmt: skip


def _numbers(top: Fields) -> dict[_Key, int]:
    top.only("schema", "seen")
    if top.text("schema") != _SCHEMA:
        raise RefusedError(f"{top.text('schema')!r:.100}", where=top.at("schema"), expected=_SCHEMA)
    found: dict[_Key, int] = {}
    for item in top.objects("seen"):
        item.only("list", "id", "signer", "sequence")
        key = (item.text("list"), item.text("id"), item.text("signer"))
        found[key] = item.count("sequence")
    return found


def _written(known: Mapping[_Key, int]) -> bytes:
    seen: list[Json] = [
        {"list": kind, "id": identifier, "signer": signer, "sequence": sequence}
        for (kind, identifier, signer), sequence in sorted(known.items())
    ]
    return f"{pretty({'schema': _SCHEMA, 'seen': seen})}\n".encode()
