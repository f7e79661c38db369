"""Finds run records in `.aigf/runs`, by content.

A record is worth as much as its place: this machine wrote it there. One that came along with a
commit, or that DVC would fetch, is its author's word alone, so git and DVC may know nothing there.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aigf_dvc.capture.snapshot import Snapshot, open_inside
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.evidence.run_record import MAX_BYTES, RunRecord, key_of_lock, parse_run_record
from aigf_dvc.git import program

STATE = ".aigf"
FOLDER = f"{STATE}/runs"

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
    where = f"{FOLDER}/{key}.json"
    data = _read(root, where)
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
    if _asked.bringer(pipeline, root):
        return declared
    return StageTrust(stage=address, level=TrustLevel.OBSERVED, run_record=found.sha256)


def refuse_foreign_records(snapshot: Snapshot, pipeline: Pipeline, root: Path) -> None:
    """Refuse to go on when run records may be another's: here, or in the snapshot.

    Raises:
        RefusedError: git or DVC has something in the folder of this machine's state.
    """
    in_snapshot = any(map(_is_state, snapshot.files()))
    bringer = "the commit" if in_snapshot else _bringer(pipeline, root)
    if bringer:
        raise RefusedError(
            f"it is in {bringer}",
            where=f"{STATE}/",
            expected="what this machine recorded, and nobody else",
            hint=f"`git rm -r {STATE}` (or `dvc remove` what puts files there), commit, then "
            "`aigf repro --force` observes the stages here",
        )


class _Asked:
    """The last answer about a pipeline: one question to git serves all its stages."""

    def __init__(self) -> None:
        self._about: tuple[Pipeline, Path] | None = None
        self._answer = ""

    def bringer(self, pipeline: Pipeline, root: Path) -> str:
        if self._about is None or self._about[0] is not pipeline or self._about[1] != root:
            self._answer = _bringer(pipeline, root)
            self._about = (pipeline, root)
            if self._answer:
                _log.warning("%s/ is in %s: no run record is counted", STATE, self._answer)
        return self._answer


_asked = _Asked()


def _bringer(pipeline: Pipeline, root: Path) -> str:
    """Return who may have brought what lies in the state folder; empty when nobody did."""
    outs = (out.path for stage in pipeline.stages.values() for out in stage.outs)
    if any(map(_is_state, (*outs, *pipeline.tracked))):
        return "DVC's files"
    # Both the index and HEAD: `git rm --cached` leaves what the commit brought where it lies.
    arguments = ("-z", "--", f":(icase){STATE}")
    listed = program.attempt(root, "ls-files", "--with-tree=HEAD", *arguments)
    if listed.returncode:  # no commit yet
        return "git" if program.git(root, "ls-files", *arguments) else ""
    return "git" if listed.stdout else ""


def _is_state(path: str) -> bool:
    return path.split("/", maxsplit=1)[0].casefold() == STATE  # some file systems know no case


def _all(root: Path) -> Iterator[bytes]:
    for path in sorted((root / FOLDER).glob("*.json")):
        data = _read(root, f"{FOLDER}/{path.name}")
        if data is not None:
            yield data


def _read(root: Path, path: str) -> bytes | None:
    """Return the bytes of a regular file of a sane size, or None."""
    try:
        with open_inside(root, path) as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, UndecidedError):
        return None
    return data if len(data) <= MAX_BYTES else None
