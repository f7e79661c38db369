"""Hashes files, or ranges of their bytes, by one hash and on all cores.

Reading and hashlib let other threads run, so that threads are enough: a model has large files.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from msgspec import Struct, field

from aigf_dvc.errors import AigfError, UndecidedError
from aigf_dvc.hashing.hash_wanted import Progress, Wanted, changed
from aigf_dvc.hashing.hash_worker import identity, open_file

_BUFFER = 128 << 10  # what stays in a core's own cache: half the time of 1 MiB
_MOST_THREADS = 8
_TELL_S = 0.1  # how often somebody is told

NewHash = Callable[[], Any]  # Any: hashlib's type has no public name, blake3's is another
"""Makes an empty hash, with `update` and `hexdigest`."""


class ByteRange(NamedTuple):
    """Some bytes of one file."""

    where: str  # the file's name for messages
    path: str  # to open: absolute, no link at its end
    identity: str  # what it must still have: `hash_worker.identity`
    start: int
    end: int


def whole_file(file: Wanted) -> ByteRange:
    """Return all bytes of a file."""
    return ByteRange(file.where, file.path, file.identity, 0, file.size)


def hash_ranges(
    wanted: Sequence[ByteRange],
    progress: Progress | None = None,
    *,
    new: NewHash = hashlib.sha256,
) -> list[str]:
    """Return the digests of ranges, in their order, in hexadecimal.

    Raises:
        UndecidedError: a file cannot be read, or is no longer what it was.
    """
    work = _Work(wanted, iter(range(len(wanted))), [""] * len(wanted))
    count = min(_cores(), _MOST_THREADS, len(wanted))
    threads = [threading.Thread(target=work.run, args=(new,)) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive():
                thread.join(_TELL_S)
                work.report(progress)
    finally:
        work.stopped = True  # after Ctrl-C, in the middle of the work
        for thread in threads:
            thread.join()
    work.report(progress)
    if work.errors:
        raise work.errors[0]
    return work.digests


class _Work(Struct):
    """What is to be done by whoever comes first, and what was; lists, as threads may share them."""

    wanted: Sequence[ByteRange]
    next: Iterator[int]
    digests: list[str]
    read: list[int] = field(default_factory=list)  # bytes, since the last report
    errors: list[AigfError] = field(default_factory=list)
    stopped: bool = False

    def run(self, new: NewHash) -> None:
        """Hash ranges until none is left, or something is wrong with one."""
        buffer = memoryview(bytearray(_BUFFER))
        for index in self.next:  # numbers of a range: no two threads get the same
            if self.stopped:
                return
            try:
                self.digests[index] = self._digest(self.wanted[index], new(), buffer)
            except OSError as error:
                self._fail(_unreadable(self.wanted[index], error))
            except AigfError as error:
                self._fail(error)

    def _fail(self, error: AigfError) -> None:
        self.errors.append(error)
        self.stopped = True

    def _digest(self, part: ByteRange, whole: Any, buffer: memoryview) -> str:  # noqa: ANN401  # as NewHash
        handle, status = open_file(part.path)
        try:
            at = part.start
            while at < part.end and not self.stopped:
                count = os.preadv(handle, [buffer[: part.end - at]], at)
                if not count:
                    break
                whole.update(buffer[:count])
                at += count
                self.read.append(count)
            after = identity(os.fstat(handle))
        finally:
            os.close(handle)
        if not identity(status) == after == part.identity:
            raise changed(part.where)
        return str(whole.hexdigest())

    def report(self, progress: Progress | None) -> None:
        """Tell how much was read since the last time."""
        count = len(self.read)
        if progress is not None and count:
            progress(sum(self.read[:count]))
        del self.read[:count]


def _unreadable(part: ByteRange, error: OSError) -> UndecidedError:
    return UndecidedError(
        f"cannot be read: {error.strerror}", where=part.where, expected="a readable file"
    )


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
