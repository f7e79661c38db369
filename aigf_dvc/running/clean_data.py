"""Brings the raw data of some stages into a clean clone: what .dvc files track and they read.

What lies in the project's own cache is copied, and must have the MD5 that names it; DVC fetches
the rest. Nothing that the stages are about to make is ever brought.
"""

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from aigf_dvc.capture.dvc_cache import DvcCache
from aigf_dvc.capture.project import Project
from aigf_dvc.evidence.pipeline import MD5, Pipeline, Recorded, parents

_CHUNK = 4 << 20


def raw_data(pipeline: Pipeline, scope: Collection[str]) -> tuple[Recorded, ...]:
    """Return what .dvc files track and some stages read: the path itself, around it or in it."""
    deps = {dep for address in scope for dep in pipeline.stages[address].deps}
    around = {folder for dep in deps for folder in parents(dep)}
    return tuple(
        recorded
        for path, recorded in sorted(pipeline.tracked.items())
        if path in deps or path in around or not deps.isdisjoint(parents(path)) or "" in deps
    )


def copy_from_cache(data: Collection[Recorded], original: Project, to: Path) -> bool:
    """Copy what a project's cache holds of some data into another; tell whether that was all.

    The project's cache is only read. No link is made to it: a stage that edits its input in place
    would edit the cache.

    Raises:
        UndecidedError: the listing of a directory has another form than DVC's.
    """
    cache = DvcCache(original.root)
    copied = [_copy(value, cache, to) for recorded in data for value in _objects(recorded, cache)]
    return all(copied)


def _objects(recorded: Recorded, cache: DvcCache) -> Iterator[str]:
    """Yield the MD5 of each object of some data; an empty text for one that is not known."""
    if recorded.algorithm != MD5:
        yield ""
        return
    if not recorded.files:  # else there is no listing to copy
        yield recorded.value
    if recorded.is_directory:
        for file in cache.directory(recorded) or ():
            yield file.md5


def _copy(value: str, cache: DvcCache, to: Path) -> bool:
    """Copy one object; one that is not what its name says is left where it is."""
    target = to / "files/md5" / value[:2] / value[2:]
    if not value or target.exists():
        return bool(value)
    target.parent.mkdir(parents=True, exist_ok=True)
    return any(_copy_verified(value, source, target) for source in cache.objects(value))


def _copy_verified(value: str, source: BinaryIO, target: Path) -> bool:
    beside = target.with_name(f"{target.name}.part")
    digest = hashlib.md5(usedforsecurity=False)
    with source, beside.open("wb") as copy:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
    if digest.hexdigest() != value.removesuffix(".dir"):
        beside.unlink()
        return False
    beside.chmod(0o444)  # as DVC keeps them
    beside.replace(target)
    return True
