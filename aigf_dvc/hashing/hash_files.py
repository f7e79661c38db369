"""Hashes many files, large and small, with all cores busy and in bounded memory.

A large file is read once and hashed on two threads, as hashlib lets other threads run while it
works. For small ones Python itself is the work, so other processes take a share of them.
"""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from queue import SimpleQueue
from typing import NamedTuple

from msgspec import Struct, field

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.hashing import hash_worker
from aigf_dvc.hashing.hash_wanted import Progress, Wanted, changed
from aigf_dvc.hashing.hash_worker import CHANGED, Answer, digests, identity, open_file

_LARGE = 4 << 20  # bytes: from here on, two threads pay
_BUFFER = 1 << 20
_BUFFERS = 4
_PARCEL_FILES = 256
_PARCEL_BYTES = 16 << 20
_WORTH_FILES = 1500  # fewer small files are done before another process has started
_WORTH_BYTES = 64 << 20
_MOST_HELPERS = 7


class Digests(NamedTuple):
    """The digests of one file's bytes."""

    md5: str
    sha256: Sha256


def hash_files(wanted: Sequence[Wanted], progress: Progress | None = None) -> list[Digests]:
    """Return the digests of files, in their order.

    Raises:
        UndecidedError: one cannot be read, or is no longer what it was.
    """
    step = progress or _nobody
    answers: list[Answer] = [("", "", "")] * len(wanted)
    sizes = [file.size for file in wanted]
    small = []
    for index, size in enumerate(sizes):
        if size < _LARGE:
            small.append(index)
        else:
            answers[index] = _hash_large(wanted[index].path, step)
    _hash_small(_Work(wanted, sizes, answers, deque(_parcels(sizes, small))), step)
    return [_checked(file, answer) for file, answer in zip(wanted, answers, strict=True)]


def _nobody(_count: int) -> None:
    """Be told, and say nothing."""


def _checked(file: Wanted, answer: Answer) -> Digests:
    found, md5, sha256 = answer
    if not found and md5 != CHANGED:
        raise UndecidedError(f"cannot be read: {md5}", where=file.where, expected="a readable file")
    if found != file.identity:
        raise changed(file.where)
    return Digests(md5, Sha256(sha256))


def _hash_large(path: str, progress: Progress) -> Answer:
    """Hash one file: MD5 on a thread of its own; reading and SHA-256, which is faster, on ours."""
    try:
        handle, status = open_file(path)
        with open(handle, "rb", buffering=0) as file:  # noqa: PTH123  # an open handle
            return _read_once(file, status, progress)
    except OSError as error:
        return "", error.strerror or "unknown", ""


def _read_once(file: FileIO, before: os.stat_result, progress: Progress) -> Answer:
    sha256 = hashlib.sha256()
    left = before.st_size
    with _md5_thread() as (md5, filled, empty):
        # A file that grows as fast as it is read would never end; its identity shows the growth.
        while left > 0 and (count := file.readinto(buffer := empty.get())):
            filled.put((buffer, count))
            sha256.update(memoryview(buffer)[:count])
            left -= count
            progress(count)
    if identity(os.fstat(file.fileno())) != identity(before):
        return "", CHANGED, ""
    return identity(before), md5.hexdigest(), sha256.hexdigest()


_Filled = SimpleQueue[tuple[bytearray, int] | None]
_Empty = SimpleQueue[bytearray]


@contextmanager
def _md5_thread() -> Iterator[tuple["hashlib._Hash", _Filled, _Empty]]:
    """Hash what comes as `filled`, and give each buffer back as `empty`; done at the end."""
    md5 = hashlib.md5(usedforsecurity=False)
    filled, empty = _Filled(), _Empty()
    for _ in range(_BUFFERS):
        empty.put(bytearray(_BUFFER))

    def work() -> None:
        while (item := filled.get()) is not None:
            buffer, count = item
            md5.update(memoryview(buffer)[:count])
            empty.put(buffer)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield md5, filled, empty
    finally:
        filled.put(None)
        thread.join()


class _Work(Struct):
    """Parcels of small files that anyone may take, and the answers so far."""

    wanted: Sequence[Wanted]
    sizes: Sequence[int]
    answers: list[Answer]
    parcels: deque[list[int]]  # indexes into `wanted`
    done: deque[list[int]] = field(default_factory=deque)

    def take(self) -> list[int] | None:
        """Return a parcel that nobody has taken, or None."""
        try:
            return self.parcels.popleft()
        except IndexError:
            return None

    def answer(self, parcel: list[int], answers: list[Answer]) -> None:
        """Note what was found."""
        for index, answer in zip(parcel, answers, strict=True):
            self.answers[index] = answer
        self.done.append(parcel)

    def report(self, progress: Progress) -> None:
        """Tell of what was done since the last time, by whomever."""
        while self.done:
            progress(sum(self.sizes[index] for index in self.done.popleft()))


def _hash_small(work: _Work, progress: Progress) -> None:
    """Hash small files together with helpers, where there is enough to do."""
    indexes = [index for parcel in work.parcels for index in parcel]
    size = sum(work.sizes[index] for index in indexes)
    worth = len(indexes) >= _WORTH_FILES or size >= _WORTH_BYTES
    with _helpers(work, min(_cores() - 1, _MOST_HELPERS) if worth else 0):
        _work_off(work, progress)
    _work_off(work, progress)  # what a helper took and could not do
    work.report(progress)


def _work_off(work: _Work, progress: Progress) -> None:
    while (parcel := work.take()) is not None:
        work.answer(parcel, [digests(work.wanted[index].path) for index in parcel])
        work.report(progress)


def _parcels(sizes: Sequence[int], small: Sequence[int]) -> Iterator[list[int]]:
    parcel: list[int] = []
    size = 0
    for index in small:
        parcel.append(index)
        size += sizes[index]
        if len(parcel) == _PARCEL_FILES or size >= _PARCEL_BYTES:
            yield parcel
            parcel, size = [], 0
    if parcel:
        yield parcel


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _helpers(work: _Work, count: int) -> Iterator[None]:
    """Let other processes take parcels meanwhile; the answers are there at the end."""
    processes = [process for _ in range(count) if (process := _start()) is not None]
    threads = [threading.Thread(target=_serve, args=(process, work)) for process in processes]
    for thread in threads:
        thread.start()
    try:
        yield
        for thread in threads:
            thread.join()
    finally:
        for process in processes:
            process.kill()  # does nothing more; after an error or Ctrl-C, in the middle of its work
        for thread in threads:
            thread.join()
        for process in processes:
            process.communicate()


def _start() -> "subprocess.Popen[str] | None":
    """Start a helper; without one, we do it all."""
    arguments = [sys.executable, "-I", "-S", hash_worker.__file__]
    pipe = subprocess.PIPE
    with contextlib.suppress(OSError):
        return subprocess.Popen(
            arguments, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, encoding="ascii"
        )
    return None


def _serve(process: "subprocess.Popen[str]", work: _Work) -> None:
    """Hand parcels to a helper until none is left; one that fails goes back."""
    while (parcel := work.take()) is not None:
        try:
            answers = _ask(process, [work.wanted[index].path for index in parcel])
            work.answer(parcel, answers)
        except (OSError, ValueError):
            work.parcels.append(parcel)
            return


def _ask(process: "subprocess.Popen[str]", paths: list[str]) -> list[Answer]:
    if process.stdin is None or process.stdout is None:
        raise ValueError
    process.stdin.write(json.dumps(paths) + "\n")
    process.stdin.flush()
    answers = json.loads(process.stdout.readline())
    if not isinstance(answers, list) or len(answers) != len(paths):
        raise ValueError
    return [(str(found), str(md5), str(sha256)) for found, md5, sha256 in answers]
