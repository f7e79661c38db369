"""Packages: what was installed where a model was made, or what a lock file pins."""

from collections.abc import Mapping
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256
from aigf_dvc.lazy_pattern import lazy_pattern

_RUNS = lazy_pattern(r"[-_.]+")


@unique
class PackageSource(StrEnum):
    """What a list of packages was read from."""

    RUN_RECORD = "run-record"  # what a stage could import when it was observed
    LOCK_FILE = "lock-file"  # what a file in the tree pins


class Package(Struct, frozen=True, kw_only=True, order=True):
    """One installed or pinned package; the name as PEP 503 normalises it."""

    name: str
    version: str


class PackageList(Struct, frozen=True, kw_only=True):
    """The packages of one place: of a stage's environment, or of a lock file in the tree."""

    source: PackageSource
    where: str  # the stage's address, or the path of the lock file
    packages: tuple[Package, ...] = ()
    sha256: Sha256 | None = None  # of the lock file
    problem: str = ""  # why the list is not to be trusted: a part of it cannot be read
    at_hand: bool = True  # False: an attestation names it by digest only


def normal_name(name: str) -> str:
    """Return a package's name as PEP 503 normalises it."""
    return _RUNS.sub("-", name).lower()


def packages_of_run(stage: str, environment: Mapping[str, Json]) -> PackageList:
    """Return what a run record says of the packages that a stage could import.

    Args:
        stage: its address.
        environment: the record's.
    """
    python = environment.get("python")
    listed = python.get("packages") if isinstance(python, Mapping) else None
    if not isinstance(listed, Mapping) or not all(isinstance(v, str) for v in listed.values()):
        return PackageList(
            source=PackageSource.RUN_RECORD, where=stage,
            problem="the run record does not say which packages there were",
        )  # fmt: skip
    found = {Package(name=normal_name(n), version=str(version)) for n, version in listed.items()}
    return PackageList(source=PackageSource.RUN_RECORD, where=stage, packages=tuple(sorted(found)))
