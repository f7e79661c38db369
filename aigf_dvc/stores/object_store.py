"""Keeps attestations in object stores (S3, GCS, Azure, ...); the home of fsspec.

Every name says what its bytes are, so nothing is ever written twice or over: what is there stays.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import fsspec
from fsspec.utils import get_protocol

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import AigfError, InputError, UndecidedError
from aigf_dvc.redaction import redact_url
from aigf_dvc.stores.layout import (
    MAX_BYTES,
    Stored,
    Unreadable,
    demand_few,
    is_ours,
    read_stored,
)

_HINT = "its driver reads credentials as its own tools do"
_WAITS = (0.05, 0.1, 0.2, 0.4)  # seconds
_READ_ONLY = ("http", "https", "github", "git", "data", "zip", "tar")
_FORGETFUL = ("memory",)  # gone with this process: what was sent there would be lost


def open_object_store(text: str) -> "ObjectStore":
    """Open a URL that fsspec knows, such as `s3://bucket/attestations`.

    Raises:
        InputError: no such kind of store, or its driver is not installed.
        UndecidedError: the driver does not reach it.
    """
    place = redact_url(text)
    unfit = _why_unfit(text)
    if unfit:
        raise InputError(
            f"the store {place!r} {unfit}",
            expected="one URL of an object store, such as s3://BUCKET/FOLDER",
        )
    try:
        with _silent_drivers():
            system, root = fsspec.core.url_to_fs(text, skip_instance_cache=True)
    except ImportError as error:
        raise InputError(
            f"{get_protocol(text)}:// needs a driver that is not installed", where=place,
            hint=_words(error),
        ) from None  # fmt: skip
    except ValueError as error:
        raise InputError(_words(error), where=place, expected="a URL that fsspec knows") from None
    except Exception as error:  # noqa: BLE001  # some drivers connect here, and raise their own
        raise UndecidedError(
            f"the store does not answer: {_words(error)}", where=place, hint=_HINT
        ) from None
    return ObjectStore(place, system, str(root).rstrip("/"))


def _why_unfit(text: str) -> str:
    """Return why attestations cannot be kept at an address, or an empty text."""
    if "::" in text:
        return "is several addresses in one"
    if get_protocol(text) in _READ_ONLY:
        return "cannot be written to"
    return "keeps nothing when the command ends" if get_protocol(text) in _FORGETFUL else ""


class ObjectStore:
    """The attestations below one address."""

    def __init__(self, place: str, system: Any, root: str) -> None:  # noqa: ANN401  # fsspec has no types
        """Take a file system and a folder in it."""
        self._place = place
        self._system = system
        self._root = root

    @property
    def place(self) -> str:
        """What people call it."""
        return self._place

    def add(self, items: tuple[Stored, ...]) -> None:
        """Keep some files; ones that are there already stay.

        Raises:
            UndecidedError: the store refuses, or holds other bytes under a name of theirs.
        """
        for item in items:
            self._try(lambda item=item: self._add(item))

    def _add(self, item: Stored) -> None:
        path = f"{self._root}/{item.name}"
        if not self._system.exists(path):
            self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
            with suppress(FileExistsError):  # somebody else wrote it at the same time
                self._system.pipe_file(path, item.data, mode="create")
        if not self._has(item):
            raise UndecidedError(
                "it holds other bytes than its name says", where=f"{self._place}/{item.name}",
                hint="nothing here overwrites: find out who changed it, and remove it by hand",
            )  # fmt: skip

    def _has(self, item: Stored) -> bool:
        """Tell whether a file is there; somebody else may be writing it just now."""
        for wait in _WAITS:
            if self._read(item.name) == item:
                return True
            time.sleep(wait)
        return self._read(item.name) == item

    def find(self, model: Sha256) -> tuple[Stored, ...]:
        """Return every file about a model, sorted by name.

        Raises:
            UndecidedError: the store refuses or does not answer.
        """
        names = self._try(lambda: sorted(self._names(model)))
        found = [self._try(lambda name=name: self._read(name)) for name in names]
        return tuple(item for item in found if item is not None)

    def all(self) -> Iterator[Stored | Unreadable]:
        """Yield every file, model by model; one that cannot be read is said, not passed over.

        Raises:
            UndecidedError: the store refuses or does not answer, or has too many files.
        """
        names = self._try(lambda: sorted(self._names("")))
        demand_few(names, where=self._place)
        for name in names:
            read = self._try(lambda name=name: self._read(name))
            yield read or Unreadable(name=name)

    def _names(self, below: str) -> Iterator[str]:
        folder = f"{self._root}/{below}".rstrip("/")
        try:
            self._system.info(folder)  # `exists` takes whatever goes wrong for a no
        except FileNotFoundError:
            return
        start = f"{self._system._strip_protocol(self._root)}/"  # noqa: SLF001  # the names it gives
        for path in self._system.find(folder):
            name = str(path).removeprefix(start)
            if is_ours(name):
                yield name

    def _read(self, name: str) -> Stored | None:
        path = f"{self._root}/{name}"
        facts = self._system.info(path)
        # A named pipe would keep us for ever.
        if facts.get("type") != "file" or int(facts.get("size") or 0) > MAX_BYTES:
            return None
        return read_stored(name, bytes(self._system.cat_file(path)))

    def _try(self, do: Any) -> Any:  # noqa: ANN401  # whatever is asked
        try:
            with _silent_drivers():
                return do()
        except AigfError:
            raise
        except Exception as error:  # noqa: BLE001  # each driver raises errors of its own
            raise UndecidedError(
                f"the store refuses: {_words(error)}", where=self._place, hint=_HINT
            ) from None


@contextmanager
def _silent_drivers() -> Iterator[None]:
    """Keep what drivers log, tracebacks too, from a terminal: the error that we raise says it.

    Whoever has set up logging still gets it all.
    """
    before, logging.lastResort = logging.lastResort, logging.NullHandler()
    try:
        yield
    finally:
        logging.lastResort = before


def _words(error: Exception) -> str:
    return f"{' '.join(str(error).split()) or type(error).__name__:.200}"
