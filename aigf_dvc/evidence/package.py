"""Packages: what was installed where a model was made, or what a lock file pins."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One installed or pinned package; the name as PEP 503 normalises it."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageList:
    """The packages of one place: of a stage's environment, or of a lock file in the tree."""

    source: str  # "run-record" or "lock-file"
    where: str  # `stage train`, `requirements.lock`
    packages: tuple[Package, ...]
