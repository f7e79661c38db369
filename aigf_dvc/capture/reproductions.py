"""Keeps reproduction records in `.aigf/reproductions`, and finds them by content.

They are distrusted as run records are: git and DVC may know nothing there (see run_records.py).
"""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.capture.model_evidence import Trust
from aigf_dvc.capture.policy import read_snapshot_policy
from aigf_dvc.capture.run_records import STATE, may_be_foreign, read_state_file, stage_trust
from aigf_dvc.capture.warning import warn
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import AigfError, RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.evidence.reproduction import (
    MAX_BYTES,
    ReproducedStage,
    Reproduction,
    parse_reproduction,
)
from aigf_dvc.evidence.run_record import key_of_lock
from aigf_dvc.hashing.digest_cache import state_folder
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.rules.lineage import tolerance_of
from aigf_dvc.settings import Settings
from aigf_dvc.trees.snapshot import Snapshot

FOLDER = f"{STATE}/reproductions"


class FoundReproduction(Struct, frozen=True, kw_only=True):
    """A reproduction record, with the bytes that it was read from: those are what is signed."""

    record: Reproduction
    sha256: Sha256
    data: bytes


_Covering = tuple[FoundReproduction, ReproducedStage]


def keep_reproduction(root: Path, record: Reproduction) -> str:
    """Write a record, in place of an earlier one of the same content; return its path.

    Raises:
        UndecidedError: the state folder cannot be used.
    """
    return keep_state_file(root, f"{FOLDER}/{record.key}.json", record.to_bytes())


def keep_state_file(root: Path, path: str, data: bytes) -> str:
    """Write a file of this machine's state; return its path.

    Raises:
        UndecidedError: the state folder cannot be used: a link or a file is in its place.
    """
    folder = (root / path).parent
    try:
        if state_folder(root) is None or folder.is_symlink():
            raise FileExistsError
        folder.mkdir(exist_ok=True)
        write_atomically(root / path, data)
    except OSError as error:
        raise UndecidedError(
            f"cannot be written: {error.strerror or 'not a folder'}", where=path,
            expected=f"a folder {STATE} of our own", hint=f"move away what is in place of {STATE}",
        ) from None  # fmt: skip
    return path


def find_reproduction(root: Path, digest: Sha256) -> FoundReproduction | None:
    """Return the reproduction record with this SHA-256, or None."""
    return next((found for found in _all(root) if found.sha256 == digest), None)


def trust_under(policy: Policy, observed: Trust = stage_trust) -> Trust:
    """Return how far stages are trusted by whoever judges under a policy.

    A stage is reproduced by a clean run of its lock entry: see `Reproduction.reproduces`.

    Args:
        policy: it names the tolerance.
        observed: how far stages are trusted without reproductions.
    """
    tolerance = tolerance_of(policy)
    known = _Known()

    def trust(pipeline: Pipeline, address: str, root: Path) -> StageTrust:
        base = observed(pipeline, address, root)
        if not (root / FOLDER).is_dir():  # a key costs more than this
            return base
        for found, stage in known.covering(pipeline, address, root):
            lifts = found.record.reproduces(stage, base.level, tolerance)
            if lifts and not may_be_foreign(pipeline, root):
                return replace(base, level=TrustLevel.REPRODUCED, reproduction=found.sha256)
            if not stage.is_identical and not may_be_foreign(pipeline, root):
                warn(
                    "stage %s: a clean run on %s made other bytes than are recorded"
                    " (`aigf repro --clean` shows them)", address, found.record.ended.date(),
                )  # fmt: skip
        return base

    return trust


def trust_in(snapshot: Snapshot, settings: Settings, root: Path) -> Trust:
    """Return how far stages are trusted under the policy that a tree has itself.

    Without a policy that can be read, no reproduction counts.
    """
    if not (root / FOLDER).is_dir():  # a policy costs more than this
        return stage_trust
    try:
        return trust_under(read_snapshot_policy(snapshot, settings.policy))
    except AigfError:
        return stage_trust


class _Known:
    """The records of one project, read once, by the lock entries that they are about."""

    def __init__(self) -> None:
        self._root: Path | None = None
        self._by_key: dict[Sha256, list[_Covering]] = {}

    def covering(self, pipeline: Pipeline, address: str, root: Path) -> Iterator[_Covering]:
        """Yield the clean runs of a stage's lock entry, in the folder that it runs in."""
        lock = pipeline.locks.get(address)
        key = key_of_lock(lock) if lock is not None and lock.outs else None
        if lock is None or key is None:
            return
        if self._root != root:
            self._root, self._by_key = root, {}
            for found in _all(root):
                for stage in found.record.stages:
                    self._by_key.setdefault(stage.key, []).append((found, stage))
        directory = pipeline.stages[address].directory
        made = {path: out.value for path, out in lock.outs.items()}
        for found, stage in self._by_key.get(key, ()):
            recorded = {output.name: output.recorded.md5 for output in stage.outputs}
            if (stage.directory, recorded) == (directory, made):
                yield found, stage


def refuse_other_bytes(root: Path, stage: StageTrust, path: str, seen: Sha256) -> None:
    """Refuse a reproduction that was compared with other bytes under the same MD5.

    Raises:
        RefusedError: what it calls recorded is not what was seen at the path.
    """
    found = find_reproduction(root, stage.reproduction) if stage.reproduction else None
    for reproduced in found.record.stages if found else ():
        for output in reproduced.outputs:
            if output.name == path and output.recorded.sha256 != seen:
                raise RefusedError(
                    "its reproduction was compared with other bytes of the same MD5",
                    where=path,
                    expected=f"sha256:{seen}",
                    hint="somebody made two files with one MD5: do not deploy this model",
                )


def _all(root: Path) -> Iterator[FoundReproduction]:
    """Yield every record that is what its name says; a warning names each other file."""
    for path in sorted((root / FOLDER).glob("*.json")):
        where = f"{FOLDER}/{path.name}"
        data = read_state_file(root, where, MAX_BYTES)
        if data is None:
            continue
        try:
            record = parse_reproduction(data, where=where)
        except UndecidedError as error:
            warn("%s: not counted as a reproduction", error)
            continue
        if path.name == f"{record.key}.json":
            yield FoundReproduction(record=record, sha256=sha256(data), data=data)
        else:
            warn("%s: it records another run than its name says: not counted", where)
