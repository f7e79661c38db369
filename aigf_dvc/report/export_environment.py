"""The environment of observed runs, as exports name it: interpreter, packages, lock files."""

from collections.abc import Iterable, Mapping

from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256, as_sha256
from aigf_dvc.evidence.run_record import RunRecord
from aigf_dvc.report.export_values import package_name


def packages(runs: Iterable[RunRecord]) -> tuple[tuple[str, str], ...]:
    """Return (normalised name, version) of every Python package of the runs, sorted."""
    found = _pairs(_mapping(run.environment.get("python")).get("packages") for run in runs)
    return tuple(sorted({(package_name(name), version) for name, version in found}))


def interpreters(runs: Iterable[RunRecord]) -> tuple[tuple[str, str], ...]:
    """Return (implementation, version) of every Python that ran, sorted."""
    pythons = (_mapping(run.environment.get("python")) for run in runs)
    return _pairs(
        {str(python.get("implementation")): python.get("version")} for python in pythons if python
    )


def lock_files(runs: Iterable[RunRecord]) -> tuple[tuple[str, Sha256], ...]:
    """Return (path, SHA-256) of every lock file of packages that a run found, sorted."""
    known = _pairs(run.environment.get("lockFiles") for run in runs)
    return tuple((name, digest) for name, text in known if (digest := as_sha256(text)) is not None)


def _pairs(found: Iterable[Json]) -> tuple[tuple[str, str], ...]:
    pairs = {
        (name, value)
        for mapping in found
        for name, value in _mapping(mapping).items()
        if isinstance(value, str)
    }
    return tuple(sorted(pairs))


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
