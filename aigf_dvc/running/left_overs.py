"""What a killed run can leave behind that stops the next one, and how to get rid of it.

DVC forgives most of what a `kill -9` leaves: the locks of processes that are gone, outputs that are
half made. It takes a process for one that runs as long as the system has its number. It writes
dvc.lock and its list of locks in place, and cannot read half of one.
"""

import json
import os
import posixpath
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from aigf_dvc.capture.pipeline import MERGE_CONFLICT, load, read_pipeline
from aigf_dvc.errors import AigfError
from aigf_dvc.git import program
from aigf_dvc.programs.process_stat import STATE, ZOMBIE, stat_of
from aigf_dvc.trees.working_tree import WorkingTree

_LOCKS = ".dvc/tmp/rwlock"


class LeftOver(Struct, frozen=True, kw_only=True):
    """A file that a run has left half written, or with locks that nobody lets go."""

    file: str  # in the project
    found: str  # what is wrong with it
    way_out: str  # how to be rid of it by hand


def left_overs(root: Path) -> tuple[str, ...]:
    """Return what to tell of each file of a killed run that stops DVC.

    Args:
        root: the project's folder.
    """
    return tuple(f"{one.found}: {one.way_out}" for one in find_left_overs(root))


def find_left_overs(root: Path) -> tuple[LeftOver, ...]:
    """Return each file of a killed run that stops DVC.

    Args:
        root: the project's folder.
    """
    return (*_list_of_locks(root), *_half_a_lock(root))


def _list_of_locks(root: Path) -> Iterator[LeftOver]:
    file = root / _LOCKS
    try:
        locks = json.loads(file.read_bytes()) if file.exists() else {}
    except (OSError, ValueError):
        locks = None
    if not isinstance(locks, dict):
        found = f"{_LOCKS} is half written, as a killed run leaves it"
        yield LeftOver(file=_LOCKS, found=found, way_out="remove it when no DVC runs")
        return
    holders = set(_holders(locks))
    if holders and not any(map(_runs, holders)):
        found = f"{_LOCKS} has locks of a run that was killed"
        yield LeftOver(file=_LOCKS, found=found, way_out="remove it")


def _holders(value: object) -> Iterator[int]:
    """Yield the numbers of the processes that hold locks, wherever they stand."""
    if isinstance(value, dict):
        number = value.get("pid")
        if isinstance(number, int):
            yield number
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _holders(item)


def _runs(process: int) -> bool:
    """Tell whether a process runs; to DVC one does that is dead, until somebody asks about it.

    In a container often nobody ever does.
    """
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # somebody else's
    try:
        return stat_of(process)[STATE] != ZOMBIE
    except (OSError, IndexError):  # the system tells nothing, or not us
        return True


def _half_a_lock(root: Path) -> Iterator[LeftOver]:
    tree = WorkingTree(root)
    try:
        read_pipeline(tree)
        for file in tree.files():
            if posixpath.basename(file) == "dvc.lock" and _is_cut_off(load(tree, file)):
                found = f"{file} ends too early, as a killed run leaves it"
                yield LeftOver(file=file, found=found, way_out=_way_out(root, file))
    except AigfError as error:
        file = error.where.partition(":")[0]
        if posixpath.basename(file) == "dvc.lock" and error.found != MERGE_CONFLICT:
            found = f"{error}; a killed run can leave it so"
            yield LeftOver(file=file, found=found, way_out=_way_out(root, file))


def _is_cut_off(value: object) -> bool:
    """Tell whether something in a lock has no value, which DVC writes for parameters only."""
    if isinstance(value, list):
        return any(map(_is_cut_off, value))
    if not isinstance(value, dict):
        return value is None
    return any(
        None in held.values() if key == "params" and isinstance(held, dict) else _is_cut_off(held)
        for key, held in value.items()
    )


def _way_out(root: Path, file: str) -> str:
    if program.attempt(root, "cat-file", "-e", f"HEAD:./{file}").returncode == 0:
        return f"`git checkout HEAD -- {file}` puts it back"
    return "remove it"
