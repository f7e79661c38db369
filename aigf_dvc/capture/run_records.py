"""Finds run records in `.aigf/runs`, by content.

A record is worth as much as its place: this machine wrote it there. One that came along with a
commit, or that DVC would fetch, is its author's word alone, so git and DVC may know nothing there.
"""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.capture.warning import warn
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.evidence.run_record import (
    MAX_BYTES,
    MEDIA_TYPE,
    RunRecord,
    key_of_lock,
    parse_run_record,
)
from aigf_dvc.git import program
from aigf_dvc.trees.snapshot import Snapshot, open_inside

STATE = ".aigf"
FOLDER = f"{STATE}/runs"
SIGNED = ".sigstore.json"


class FoundRecord(Struct, frozen=True, kw_only=True):
    """A run record, with the evidence that it was read from: its own bytes, or a signed bundle."""

    record: RunRecord
    data: bytes
    media_type: str = MEDIA_TYPE
    observer: str = ""  # who signed it; empty: nobody, or nobody that was asked about

    @property
    def sha256(self) -> Sha256:
        """Return the digest of the evidence."""
        return sha256(self.data)


Find = Callable[[Pipeline, str, Path], FoundRecord | None]
"""Finds what counts as the run record of a stage's lock entry."""


class CountedRecords:
    """Tells how far stages are trusted (a `Trust`), and keeps the records that it counted.

    A stage is observed when there is a record of a run of the same commands in the same folder,
    with the same parameters, from the same inputs to the same outputs; else it is declared.
    """

    def __init__(self, find: Find) -> None:
        """Say where records are looked for."""
        self._find = find
        self.counted: dict[Sha256, FoundRecord] = {}  # by the digest of the evidence

    def __call__(self, pipeline: Pipeline, address: str, root: Path) -> StageTrust:
        """Return how far a stage's lock entry is trusted."""
        found = self._find(pipeline, address, root)
        if found is None:
            return StageTrust(stage=address, level=TrustLevel.DECLARED)
        self.counted[found.sha256] = found
        return StageTrust(
            stage=address,
            level=TrustLevel.OBSERVED,
            run_record=found.sha256,
            observer=found.observer,
        )


def find_run_record(root: Path, key: Sha256) -> FoundRecord | None:
    """Return the run record of this content, or None.

    A file that cannot be read, or that holds the record of another content, counts as none; a
    warning says so.

    Args:
        root: the project's folder.
        key: as `record_key` computes it.
    """
    where = f"{FOLDER}/{key}.json"
    data = read_state_file(root, where, MAX_BYTES)
    if data is None:
        return None
    try:
        record = parse_run_record(data, where=where)
    except UndecidedError as error:
        warn("%s: not counted as a run record", error)
        return None
    if record.key != key:
        warn("%s: it records another run than its name says: not counted", where)
        return None
    return FoundRecord(record=record, data=data)


def stage_trust(pipeline: Pipeline, address: str, root: Path) -> StageTrust:
    """Return how far a stage's lock entry is trusted, by the records of this machine."""
    return CountedRecords(local_record)(pipeline, address, root)


def local_record(pipeline: Pipeline, address: str, root: Path) -> FoundRecord | None:
    """Return the record that this machine made of the run that a stage's lock entry speaks of."""
    if not (root / FOLDER).is_dir():  # a key costs more than this
        return None
    key = run_key(pipeline, address)
    found = find_run_record(root, key) if key is not None else None
    if found is None or found.record.directory != pipeline.stages[address].directory:
        return None
    return None if _asked.bringer(pipeline, root) else found


def run_key(pipeline: Pipeline, address: str) -> Sha256 | None:
    """Return the key of the run that a stage's lock entry speaks of; None: no record can match."""
    lock = pipeline.locks.get(address)
    return key_of_lock(lock) if lock is not None and lock.outs else None


def read_signed_run(root: Path, key: Sha256) -> bytes | None:
    """Return the bundle in which this machine last signed the record of a run, or None."""
    return read_state_file(root, f"{FOLDER}/{key}{SIGNED}", 2 * MAX_BYTES)  # it is base64


def keep_signed_run(root: Path, key: Sha256, bundle: bytes) -> None:
    """Keep the bundle in which the record of a run was signed, beside the record."""
    write_atomically(root / FOLDER / f"{key}{SIGNED}", bundle)


def may_be_foreign(pipeline: Pipeline, root: Path) -> bool:
    """Tell whether what lies in the state folder may be another's: git or DVC knows it."""
    return bool(_asked.bringer(pipeline, root))


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
                warn("%s/ is in %s: no run record is counted", STATE, self._answer)
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


def read_state_file(root: Path, path: str, most: int) -> bytes | None:
    """Return the bytes of a regular file that has at most so many, or None."""
    try:
        with open_inside(root, path) as file:
            data = file.read(most + 1)
    except (OSError, UndecidedError):
        return None
    return data if len(data) <= most else None
