"""Finds run records in `.aigf/runs`, by content."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.evidence.run_record import MAX_BYTES, RunRecord, key_of_lock, parse_run_record

FOLDER = ".aigf/runs"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRecord:
    """A run record, with the bytes that it was read from: those are what is signed."""

    record: RunRecord
    sha256: Sha256
    data: bytes


def find_run_record(root: Path, key: Sha256) -> FoundRecord | None:
    """Return the run record of this content, or None.

    A file that cannot be read, or that holds the record of another content, counts as none; a
    warning says so.

    Args:
        root: the project's folder.
        key: as `record_key` computes it.
    """
    path = root / FOLDER / f"{key}.json"
    where = f"{FOLDER}/{path.name}"
    data = _read(path)
    if data is None:
        return None
    try:
        record = parse_run_record(data, where=where)
    except UndecidedError as error:
        _log.warning("%s: not counted as a run record", error)
        return None
    if record.key != key:
        _log.warning("%s: it records another run than its name says: not counted", where)
        return None
    return FoundRecord(record=record, sha256=sha256(data), data=data)


def read_run_record(root: Path, digest: Sha256) -> bytes | None:
    """Return the bytes of the run record with this SHA-256, or None."""
    return next((data for data in _all(root) if sha256(data) == digest), None)


def stage_trust(pipeline: Pipeline, address: str, root: Path) -> StageTrust:
    """Return how far a stage's lock entry is trusted.

    It is observed when there is a record of a run of the same commands in the same folder, with
    the same parameters, from the same inputs to the same outputs; else it is declared.
    """
    declared = StageTrust(stage=address, level=TrustLevel.DECLARED)
    lock = pipeline.locks.get(address)
    if lock is None or not lock.outs or not (root / FOLDER).is_dir():  # a key costs more than this
        return declared
    key = key_of_lock(lock)
    found = find_run_record(root, key) if key is not None else None
    if found is None or found.record.directory != pipeline.stages[address].directory:
        return declared
    return StageTrust(stage=address, level=TrustLevel.OBSERVED, run_record=found.sha256)


def _all(root: Path) -> Iterator[bytes]:
    for path in sorted((root / FOLDER).glob("*.json")):
        data = _read(path)
        if data is not None:
            yield data


def _read(path: Path) -> bytes | None:
    """Return the bytes of a file of a sane size, or None."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError:
        return None
    return data if len(data) <= MAX_BYTES else None
